//! The overview: the sentence, the totals, the living picture, the feed. Empty, it is the same picture dashed.

use crate::browser;
use crate::components::feed::FeedList;
use crate::components::load_button::{LoadButton, LoadNote};
use crate::components::states::{AsOf, Ready};
use crate::components::totals::Totals;
use crate::state::{State, use_state};
use crate::tab_clients;
use crate::ui::{Link, Picture, say};
use crate::words::t;
use leptos::prelude::*;
use tablog_dashboard::model::client_control::KeyStrategy;
use tablog_dashboard::model::drawing::Drawing;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::overview_picture::{self, Scene, Writer};
use tablog_dashboard::model::{drawing::Room, narrator};

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! { <Ready><Overview /></Ready> }
}

#[component]
fn Overview() -> impl IntoView {
    let state = use_state();
    let empty = Memo::new(move |_| state.with(|v| v.snapshot.user_topics().next().is_none()));
    move || if empty.get() { view! { <Empty /> }.into_any() } else { view! { <Full /> }.into_any() }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="lede"><h1>{t("empty-head")}</h1></div>
        <p class="narr lead">{t("empty-what")}</p>
        <div class="acts">
            <LoadButton main=true />
            <Link href="/topics?new=1" class="btn plain">{t("empty-or")}</Link>
        </div>
        <LoadNote />
        <div class="sec skeleton-room"><Picture draw=overview_picture::skeleton /></div>
    }
}

#[component]
fn Full() -> impl IntoView {
    let state = use_state();
    let headline = Memo::new(move |_| state.with(|v| narrator::overview(&v.snapshot, &v.rates, &v.feed)));
    let replayable = Memo::new(move |_| tab_clients::can_replay(state));
    view! {
        <div class="lede">
            <h1>{move || say(&headline.get())}</h1>
            <div class="acts">
                <LoadButton />
                {move || replayable.get().then(|| view! {
                    <button class="btn" on:click=move |_| tab_clients::replay_flights(state)>{t("replay-the-flights")}</button>
                })}
                <button class="btn" on:click=move |_| tab_clients::add_producer(state)>{t("add-producer")}</button>
                <button class="btn" on:click=move |_| tab_clients::add_consumer(state, None)>{t("add-consumer")}</button>
            </div>
        </div>
        <LoadNote />
        <Totals view=state.view />
        <div class="ovgrid">
            <section class="sec" aria-labelledby="flowing">
                <h2 id="flowing" class="vh">{t("flowing-now")}</h2>
                <AsOf />
                <Picture draw=move |room| picture(&state, room) stale=state.stale />
                <p class="cap how">{move || say(&Message::new("overview-how"))}</p>
            </section>
            <section class="sec" aria-labelledby="happened">
                <div class="sech">
                    <h2 id="happened">{t("what-happened")}</h2>
                    <div class="acts">
                        {move || state.with(|v| v.has_events).then(|| view! {
                            <Link href="/topics/__tablog_events" class="small"><code>"__tablog_events"</code></Link>
                        })}
                    </div>
                </div>
                <FeedList view=state.view />
            </section>
        </div>
    }
}

fn picture(state: &State, room: Room) -> Drawing {
    let writers: Vec<Writer> = state.tab.with(|tab| {
        let live = tab.producers.iter().filter(|p| !p.settings.paused);
        live.map(|p| Writer {
            client_id: p.settings.client_id.clone(),
            topic: p.settings.topic.clone(),
            rate: p.rate.last(),
            key: Message::new(match p.settings.key {
                KeyStrategy::Origin => "key-origin",
                KeyStrategy::Random => "key-random",
                KeyStrategy::One => "key-one",
                KeyStrategy::None => "key-none",
            }),
        })
        .collect()
    });
    state.with(|v| {
        overview_picture::draw(&Scene {
            snapshot: &v.snapshot,
            rates: &v.rates,
            histories: &v.histories,
            writers: &writers,
            // A picture that stands still does not count on.
            now_ms: if state.stale.get_untracked() { v.snapshot.at_ms } else { browser::now_ms() },
            room,
        })
    })
}
