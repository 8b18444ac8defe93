//! The states of a page that are not its full one: opening, failed, and a picture gone stale.

use crate::session::Session;
use crate::state::{Fault, Phase, Why, use_state};
use crate::ui::{Link, say};
use crate::words::t;
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::quantity;

/// Shows its children once the cluster was read; before that, or when it cannot be, says what is the matter.
#[component]
pub fn Ready(children: ChildrenFn) -> impl IntoView {
    let state = use_state();
    let what = Memo::new(move |_| match state.phase.get() {
        _ if state.died.with(Option::is_some) => Some(Phase::Lost),
        Phase::Broken(fault) if !fault.full => Some(Phase::Broken(fault)),
        Phase::NoSharedWorker => Some(Phase::NoSharedWorker),
        _ if state.has_read() => None,
        phase => Some(phase),
    });
    move || match what.get() {
        None => children().into_any(),
        Some(Phase::Lost) if state.died.with(Option::is_some) => view! { <DiedNotice /> }.into_any(),
        Some(Phase::Broken(fault)) => view! { <BrokenNotice fault /> }.into_any(),
        Some(Phase::NoSharedWorker) => view! {
            <div class="lede"><h1 class="bad">{t("no-shared-worker")}</h1></div>
            <p class="narr lead">{t("no-shared-worker-way")}</p>
        }
        .into_any(),
        Some(_) => view! { <Opening /> }.into_any(),
    }
}

/// Opening: said only after 200 ms, so that a quick start does not flicker.
#[component]
fn Opening() -> impl IntoView {
    let patient = RwSignal::new(false);
    set_timeout(move || patient.set(true), std::time::Duration::from_millis(200));
    move || {
        patient.get().then(|| {
            view! {
                <div class="lede"><h1>{t("opening")}</h1></div>
                <p class="narr lead">{t("opening-what")}</p>
            }
        })
    }
}

#[component]
fn BrokenNotice(fault: Fault) -> impl IntoView {
    let state = use_state();
    view! {
        <Explained fault />
        <div class="acts">
            <button class="btn main" on:click=move |_| Session::try_again(state)>{t("try-again")}</button>
            <Link href="/storage" class="btn">{t("broken-more-ways")}</Link>
        </div>
    }
}

/// What happened to the store, and what became of what was acknowledged.
#[component]
pub fn Explained(fault: Fault) -> impl IntoView {
    let (head, what, way) = match fault.why {
        Why::Unknown => ("broken-head", "broken-what", "broken-safe"),
        Why::NotAllowed => ("broken-head", "not-allowed-what", "not-allowed-way"),
        Why::NewerFormat => ("broken-head", "newer-format-what", "newer-format-way"),
        Why::Busy => ("broken-head", "busy-what", "busy-way"),
        Why::Deleted => ("deleted-head", "deleted-what", "deleted-way"),
        Why::Damaged => ("damaged-head", "damaged-what", "damaged-way"),
    };
    view! {
        <div class="lede"><h1 class="bad">{t(head)}</h1></div>
        <div class="fault" role="alert">
            <p>{say(&Message::new(what).text("detail", fault.detail))}</p>
            <p>{t(way)}</p>
        </div>
    }
}

/// The tab's worker ended: nothing is read any more, though the broker may well go on.
#[component]
fn DiedNotice() -> impl IntoView {
    let state = use_state();
    let detail = move || state.died.get().unwrap_or_default();
    view! {
        <div class="lede"><h1 class="bad">{t("died-head")}</h1></div>
        <div class="fault" role="alert">
            <p>{move || say(&Message::new("died-what").text("detail", detail()))}</p>
        </div>
        <div class="acts">
            <button class="btn main" on:click=move |_| Session::try_again(state)>{t("try-again")}</button>
        </div>
    }
}

/// "as of 09:40:12", above a picture that stands still.
#[component]
pub fn AsOf() -> impl IntoView {
    let state = use_state();
    move || {
        state.stale.get().then(|| {
            let at = state.with(|v| quantity::clock(v.snapshot.at_ms, crate::browser::zone_minutes()));
            view! { <p class="asof bad" role="status">{say(&Message::new("as-of").text("time", at))}</p> }
        })
    }
}
