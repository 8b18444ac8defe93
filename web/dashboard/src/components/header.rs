//! The running head: where one is, and in one sentence where the broker runs and how it fares.

use crate::components::theme::ThemeSwitch;
use crate::state::{Phase, State, use_state};
use crate::ui::Link;
use crate::words::{self, t};
use leptos::prelude::*;
use tablog_dashboard::i18n::Language;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::quantity;

#[component]
pub fn Header() -> impl IntoView {
    let pages = [
        ("/", "nav-overview"),
        ("/topics", "nav-topics"),
        ("/groups", "nav-groups"),
        ("/clients", "nav-clients"),
        ("/storage", "nav-storage"),
        ("/lab", "nav-lab"),
    ];
    let path = leptos_router::hooks::use_location().pathname;
    Effect::new(move || {
        let path = path.get();
        let page =
            pages.iter().rev().find(|(href, _)| path.contains(href)).map_or("nav-overview", |(_, key)| key);
        let page = words::words(&Message { key: page, arguments: Vec::new() });
        document().set_title(&format!("{page} · Tablog"));
    });
    let links = pages
        .into_iter()
        .map(|(href, key)| {
            let message = Message { key, arguments: Vec::new() };
            let here = crate::browser::within_page(href);
            let current = {
                let here = here.clone();
                move || {
                    let at = path.get();
                    let is_here = if href == "/" {
                        at.trim_end_matches('/') == here.trim_end_matches('/')
                    } else {
                        at.starts_with(&here)
                    };
                    is_here.then_some("page")
                }
            };
            view! { <li><a href=here aria-current=current>{words::words(&message)}</a></li> }
        })
        .collect_view();
    view! {
        <header class="head">
            <Link href="/" class="brand">
                <Mark />
                "Tablog"
            </Link>
            <nav class="nav" aria-label=t("nav")><ul>{links}</ul></nav>
            <Where />
            <div class="switches">
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
        </header>
    }
}

/// A tape and where it ends.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 26 20" aria-hidden="true">
            <path d="M1 6h18v8H1zM7 6v8M13 6v8" fill="none" stroke="currentColor" stroke-width="1.6" />
            <path d="M22.5 1v18" stroke="currentColor" stroke-width="3" />
        </svg>
    }
}

#[component]
pub fn Where() -> impl IntoView {
    let state = use_state();
    let lost = move || match state.phase.get() {
        Phase::Up if !state.stale.get() => "up",
        Phase::Starting => "starting",
        _ => "lost",
    };
    let facts = move || {
        let facts = facts(&state);
        facts.into_iter().map(|m| view! { <span>{words::words(&m)}</span> }).collect_view()
    };
    view! { <p class="where" role="status" data-state=lost><i class="lamp" aria-hidden="true"></i>{facts}</p> }
}

fn facts(state: &State) -> Vec<Message> {
    match state.phase.get() {
        Phase::Starting => vec![Message::new("where-starting")],
        Phase::Lost => vec![Message::new("where-lost")],
        Phase::NoSharedWorker => vec![Message::new("where-no-shared-worker")],
        Phase::Broken(fault) if fault.full => vec![Message::new("where-full")],
        Phase::Broken(_) => vec![Message::new("where-broken")],
        Phase::Up if state.stale.get() => {
            let at = state.with(|v| quantity::clock(v.snapshot.at_ms, crate::browser::zone_minutes()));
            vec![Message::new("where-stale").text("time", at)]
        }
        Phase::Up => {
            let tabs = state.tabs.get();
            let mut facts = vec![Message::new("where-worker")];
            if tabs > 0 {
                facts.push(Message::new("where-tabs").number("n", f64::from(tabs)));
            }
            if let Some(commits) = state.with(|v| v.commits).filter(|c| c.p50_ms > 0.0) {
                facts.push(Message::new("where-commit").decimal("ms", commits.p50_ms, 1));
            }
            facts
        }
    }
}

#[component]
fn LanguageSwitch() -> impl IntoView {
    let button = |language: Language, word: &'static str, name: &'static str| {
        let current = move || (words::language().get() == language).then_some("true");
        view! {
            <button type="button" lang=language.code() title=name aria-current=current on:click=move |_| words::choose(language)>
                {word}
            </button>
        }
    };
    view! {
        <div class="seg" role="group" aria-label=t("language")>
            {button(Language::English, "EN", "English")}
            {button(Language::Korean, "한", "한국어")}
        </div>
    }
}
