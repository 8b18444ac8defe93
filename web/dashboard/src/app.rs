//! The app: the running head, the routes, and the state that all pages share. The base path is found at run time, so
//! the same files work under any sub-path of any static host.

use crate::browser;
use crate::components::hatches::Hatches;
use crate::components::header::Header;
use crate::pages::clients::ClientsPage;
use crate::pages::consumer::ConsumerPage;
use crate::pages::group::GroupPage;
use crate::pages::groups::GroupsPage;
use crate::pages::lab::LabPage;
use crate::pages::overview::OverviewPage;
use crate::pages::storage::StoragePage;
use crate::pages::topic::TopicPage;
use crate::pages::topics::TopicsPage;
use crate::session::Session;
use crate::state::State;
use crate::words::{self, t};
use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;
use tablog_dashboard::model::consumer_address;

#[component]
pub fn App() -> impl IntoView {
    let state = State::new();
    provide_context(state);
    Session::begin(state);
    let base = browser::base_path();
    view! {
        <Router base=base>
            // Another language is another page: everything is drawn anew.
            <For each=move || [words::language().get()] key=|language| language.code() let:_language>
                <SkipLink />
                <Head />
                <Hatches />
                <main id="main" tabindex="-1">
                    <Routes fallback=NotFound>
                        <Route path=path!("/") view=OverviewPage />
                        <Route path=path!("/topics") view=TopicsPage />
                        <Route path=path!("/topics/:name") view=TopicPage />
                        <Route path=path!("/groups") view=GroupsPage />
                        <Route path=path!("/groups/:id") view=GroupPage />
                        <Route path=path!("/clients") view=ClientsPage />
                        <Route path=path!("/storage") view=StoragePage />
                        <Route path=path!("/consumer") view=ConsumerPage />
                        <Route path=path!("/lab") view=LabPage />
                    </Routes>
                </main>
            </For>
        </Router>
    }
}

/// A tab that is one member is a small page, without the running head.
#[component]
fn Head() -> impl IntoView {
    let path = leptos_router::hooks::use_location().pathname;
    let small = browser::within_page(consumer_address::PATH);
    let is_small = Memo::new(move |_| path.with(|path| path.trim_end_matches('/') == small));
    Effect::new(move || {
        if let Some(body) = document().body() {
            let _ = body.class_list().toggle_with_force("one", is_small.get());
        }
    });
    move || (!is_small.get()).then(|| view! { <Header /> })
}

/// The document has a base, so that `#main` alone would lead to the overview.
#[component]
fn SkipLink() -> impl IntoView {
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        use wasm_bindgen::JsCast;
        if let Some(main) = document().get_element_by_id("main") {
            let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    view! { <a class="skip" href="#main" rel="external" on:click=skip>{t("skip")}</a> }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <div class="lede"><h1>{t("not-found")}</h1></div>
        <p class="narr lead">{t("not-found-way")}</p>
    }
}
