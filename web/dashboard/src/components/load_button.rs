//! "Load the flights": the first thing a newcomer presses.

use crate::session::Session;
use crate::state::{Load, use_state};
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn LoadButton(#[prop(optional)] main: bool) -> impl IntoView {
    let state = use_state();
    let running = move || state.load.get() == Load::Running;
    view! {
        <button class="btn" class:main=main disabled=running on:click=move |_| Session::load_flights(state)>
            {t("load-the-flights")}
        </button>
    }
}

/// How it went, once.
#[component]
pub fn LoadNote() -> impl IntoView {
    use crate::ui::say;
    use tablog_dashboard::model::message::Message;
    use tablog_dashboard::model::quantity;
    let state = use_state();
    move || match state.load.get() {
        Load::Idle => None,
        Load::Running => {
            Some(view! { <p class="cap" role="status">{say(&Message::new("load-running"))}</p> }.into_any())
        }
        Load::Done { records, elapsed_ms } => {
            let took = quantity::duration(elapsed_ms as i64);
            let message = Message::new("load-done").number("n", records as f64).message("duration", took);
            Some(view! { <p class="cap" role="status">{say(&message)}</p> }.into_any())
        }
        Load::Failed(detail) => {
            let message = Message::new("load-failed").text("detail", detail);
            Some(view! { <p class="cap bad" role="alert">{say(&message)}</p> }.into_any())
        }
    }
}
