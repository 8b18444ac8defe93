//! Samples of the real marks, in a line under their picture.

use crate::words::words;
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    LogStart,
    Committed,
    CommittedByOthers,
    Lag,
    HighWatermark,
    Keys,
    Stripes,
    Stopped,
    Member,
    Gone,
    Kept,
    Target,
    Now,
    Skipped,
    /// From sent to answered.
    Request,
    Beat,
    Nobody,
}

#[component]
pub fn Legend(#[prop(into)] marks: Signal<Vec<(Mark, Message)>>) -> impl IntoView {
    let items = move || {
        let one = |(mark, message): (Mark, Message)| {
            view! { <li><svg viewBox="0 0 28 18" aria-hidden="true">{sample(mark)}</svg>{words(&message)}</li> }
        };
        marks.get().into_iter().map(one).collect_view()
    };
    view! { <ul class="legend">{items}</ul> }
}

fn sample(mark: Mark) -> AnyView {
    match mark {
        Mark::LogStart => view! { <path class="start" d="M18 2H12V16H18" /> }.into_any(),
        Mark::Committed => view! {
            <path class="commit" d="M18 2V17" />
            <path class="pennant" d="M18 2h-11l3.5 4-3.5 4h11z" />
        }
        .into_any(),
        Mark::CommittedByOthers => view! {
            <path class="commit" d="M10 2V17" />
            <path class="commit" fill="none" d="M10 2h9l-3 3.5 3 3.5h-9" stroke-width="1.5" />
        }
        .into_any(),
        Mark::Lag => view! { <rect x="2" y="6" width="24" height="7" fill="url(#hlag)" /> }.into_any(),
        Mark::HighWatermark => view! { <path class="hw" d="M14 1V17" /> }.into_any(),
        Mark::Keys => view! {
            <g class="p0"><rect class="c" x="2" y="3" width="7" height="12" /></g>
            <g class="p1"><rect class="c" x="10" y="3" width="7" height="12" /></g>
            <g class="p2"><rect class="c" x="18" y="3" width="7" height="12" /></g>
        }
        .into_any(),
        Mark::Stripes => view! {
            <g class="p0"><rect class="c" y="3" width="28" height="6" /></g>
            <g class="p1"><rect class="c" y="10" width="28" height="6" /></g>
        }
        .into_any(),
        Mark::Stopped => view! { <rect x="1" y="2" width="26" height="14" fill="url(#hpause)" /> }.into_any(),
        Mark::Member => view! {
            <path d="M2 2.5h24" stroke="var(--ink-2)" stroke-width="2" />
            <g class="p0"><rect class="c" x="2" y="6" width="11" height="11" rx="2" /></g>
            <g class="p1"><rect class="c" x="15" y="6" width="11" height="11" rx="2" /></g>
        }
        .into_any(),
        Mark::Gone => view! {
            <g class="p5"><rect class="ed" x="8" y="3" width="12" height="12" rx="2" fill="none" stroke-width="1.5" stroke-dasharray="3 2" /></g>
        }
        .into_any(),
        Mark::Target => view! {
            <path d="M5 7V3h5M18 3h5v4M23 12v4h-5M10 16H5v-4" fill="none" stroke="var(--ink-2)" stroke-width="2" />
        }
        .into_any(),
        Mark::Now => view! { <path class="commit" d="M14 1V17" stroke-dasharray="3 2.5" /> }.into_any(),
        Mark::Skipped => view! { <path d="M2 9h24" stroke="var(--ink)" stroke-width="2" /> }.into_any(),
        Mark::Request => view! {
            <path d="M4 4v10M4 9h18M22 5v8" stroke="var(--ink)" stroke-width="2" fill="none" />
        }
        .into_any(),
        Mark::Beat => view! { <path d="M14 6v6" stroke="var(--ink-3)" stroke-width="1.5" /> }.into_any(),
        Mark::Nobody => view! {
            <g class="p2"><rect x="1" y="4" width="26" height="10" fill="none" stroke="var(--e)" stroke-width="1.5" stroke-dasharray="3 3" /></g>
        }
        .into_any(),
        Mark::Kept => view! {
            <rect x="2" y="5" width="24" height="9" fill="none" stroke="var(--ink-3)" stroke-dasharray="3 2" />
            <path d="M2 3v12" stroke="var(--committed)" stroke-width="2" />
        }
        .into_any(),
    }
}
