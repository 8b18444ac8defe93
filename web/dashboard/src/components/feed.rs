//! What happened, newest first: the margin of the book.

use crate::browser;
use crate::state::View;
use crate::ui::say;
use crate::words::words;
use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::model::limits::FEED_ENTRIES_SHOWN;
use tablog_dashboard::model::quantity;

#[component]
pub fn FeedList(#[prop(into)] view: Signal<Arc<View>>) -> impl IntoView {
    let now_ms = crate::state::use_state().now_ms;
    let zone = browser::zone_minutes();
    // The sentences, not the view: the list is made anew only when one of them is new.
    let lines = Memo::new(move |_| {
        view.with(|v| {
            let line =
                |e: &tablog_dashboard::model::feed::Entry| (e.at_ms, e.major, e.say.message(&v.snapshot));
            v.feed.entries().take(FEED_ENTRIES_SHOWN).map(line).collect::<Vec<_>>()
        })
    });
    let items = move || {
        let item = |(at_ms, major, message)| {
            view! {
                <li class:major=major>
                    <time>{quantity::clock(at_ms, zone)}</time>
                    <p>{say(&message)}</p>
                </li>
            }
        };
        lines.get().into_iter().map(item).collect_view()
    };
    let empty = move || {
        lines.with(Vec::is_empty).then(|| view! { <p class="cap quiet">{crate::words::t("feed-empty")}</p> })
    };
    // Said aloud: the newest, at most one in five seconds.
    let tick = Memo::new(move |_| now_ms.get() / 5_000);
    let said = move || {
        tick.track();
        lines.with_untracked(|lines| lines.first().map(|(.., message)| words(message)))
    };
    view! { <ol class="feed">{items}</ol><p class="vh" aria-live="polite">{said}</p>{empty} }
}
