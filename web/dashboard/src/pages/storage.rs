//! The storage: how much is used and allowed, what takes the room, what an acknowledgement means, how long commits
//! take, delete everything; and when the store failed, the three ways on.

use crate::components::partition_tile::PartitionTile;
use crate::components::states::Explained;
use crate::session::Session;
use crate::state::{Fault, Phase, use_state};
use crate::ui::{Confirm, Picture, Question, Sparkline, say};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::limits::ROWS_SHOWN;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_dashboard::model::{quantity, storage_picture};

#[component]
pub fn StoragePage() -> impl IntoView {
    let state = use_state();
    Session::measure_storage(state);
    let fault = Memo::new(move |_| match state.phase.get() {
        Phase::Broken(fault) => Some(fault),
        _ => None,
    });
    let question = RwSignal::new(None::<Question>);
    let trouble = RwSignal::new(None::<Message>);
    let delete = move || {
        leptos::task::spawn_local(async move { trouble.set(Session::delete_store(state).await.err()) });
    };
    view! {
        {move || match fault.get() {
            Some(fault) if !fault.full => view! { <Broken fault question /> }.into_any(),
            fault => view! { <Full fault question /> }.into_any(),
        }}
        {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
        <Confirm question on_yes=delete />
    }
}

fn delete_question(records: i64, topics: usize) -> Question {
    let fill = |m: Message| m.number("records", records as f64).number("topics", topics as f64);
    Question {
        head: Message::new("delete-all-head"),
        sentence: fill(Message::new("delete-all-what")),
        button: fill(Message::new("delete-all-button")),
    }
}

#[component]
fn Full(fault: Option<Fault>, question: RwSignal<Option<Question>>) -> impl IntoView {
    let state = use_state();
    let full = fault.is_some();
    let headline = move || {
        if full {
            return Message::new("store-full-head");
        }
        let figures = state.storage.get();
        let key = match (figures.usage, figures.persisted) {
            (None, _) => "headline-storage-unknown",
            (Some(_), Some(true)) => "headline-storage-kept",
            (Some(_), _) => "headline-storage-evictable",
        };
        let (used, quota) = figures.usage.unwrap_or_default();
        Message { key, arguments: Vec::new() }
            .message("used", quantity::bytes(used))
            .message("quota", quantity::bytes(quota))
            .message("size", state.with(|v| quantity::bytes(v.snapshot.bytes())))
    };
    let ask = move |_| Session::persist(state);
    let evictable = move || state.storage.get().persisted == Some(false);
    view! {
        <div class="lede">
            <h1 class:bad=full>{move || say(&headline())}</h1>
            <div class="acts">
                {move || evictable().then(|| view! { <button class="btn main" on:click=ask>{t("ask-to-keep")}</button> })}
            </div>
        </div>
        {fault.map(|fault| view! {
            <div class="fault" role="alert">
                <p>{say(&Message::new("store-full-what").text("detail", fault.detail))}</p>
                <p>{t("store-full-ways")}</p>
            </div>
        })}
        <div class="stgrid">
            <Room />
            <section class="sec" aria-labelledby="ack-head">
                <Acknowledgements />
                <Commits />
                <div class="del">
                    <div>
                        <h3 class="figh">{t("delete-everything")}</h3>
                        <p class="narr">{t("delete-everything-what")}</p>
                    </div>
                    <button class="btn danger" on:click=move |_| {
                        let (records, topics) = state.with(|v| (v.snapshot.records(), v.snapshot.user_topics().count()));
                        question.set(Some(delete_question(records, topics)));
                    }>
                        {move || words(&Message::new("delete-records-ask").number("n", state.with(|v| v.snapshot.records()) as f64))}
                    </button>
                </div>
            </section>
        </div>
    }
}

/// A partition with its tile if it is the user's, its records, segments as far as they were told, and bytes.
type RoomRow = (TopicPartition, Option<Tile>, i64, Option<u64>, u64);

#[component]
fn Room() -> impl IntoView {
    let state = use_state();
    let rows = Memo::new(move |_| {
        state.with(|v| {
            let s = &v.snapshot;
            let mut rows = Vec::new();
            for (name, topic) in &s.topics {
                for (i, p) in topic.partitions.iter().enumerate() {
                    let at = TopicPartition::new(name.clone(), i as i32);
                    let tile = (!topic.internal).then(|| s.tile(&at));
                    let segments = v.feed.segments(&at);
                    rows.push((at, tile, p.records(), segments, p.bytes));
                }
            }
            rows.sort_unstable_by(|a: &RoomRow, b| b.1.is_some().cmp(&a.1.is_some()).then(a.0.cmp(&b.0)));
            rows
        })
    });
    let number = |n: f64| words(&Message::new("number").number("n", n));
    let hidden = move || rows.with(Vec::len).saturating_sub(ROWS_SHOWN);
    let empty = move || rows.with(Vec::is_empty);
    view! {
        <section class="sec" aria-labelledby="room-head">
            <div class="sech"><h2 id="room-head">{t("room-head")}</h2></div>
            <Picture draw=move |room| {
                let usage = state.storage.get().usage;
                state.with(|v| storage_picture::draw(&v.snapshot, usage, room))
            } stale=state.stale />
            {move || empty().then(|| view! { <p class="cap">{t("room-empty")}</p> })}
            <div class="scrollx"><table class="segments" aria-label="Segments">
                <caption class="vh">{t("room-head")}</caption>
                <thead><tr>
                    <th scope="col">{t("col-topic")}</th><th scope="col">{t("col-partition")}</th>
                    <th scope="col" class="num">{t("col-records")}</th><th scope="col" class="num">{t("col-segments")}</th><th scope="col" class="num">{t("col-size")}</th>
                </tr></thead>
                <tbody>{move || rows.get().into_iter().take(ROWS_SHOWN).map(|(at, tile, records, segments, bytes)| {
                    let own = tile.is_none();
                    let place = match tile {
                        Some(tile) => view! { <PartitionTile tile small=true /> }.into_any(),
                        None => view! { <span class="quiet">{at.partition}</span> }.into_any(),
                    };
                    let name = if own { view! { <code>{at.topic}</code> }.into_any() } else { at.topic.into_any() };
                    view! {
                        <tr>
                            <td>{name}</td><td>{place}</td>
                            <td class="num">{number(records as f64)}</td>
                            <td class="num">{segments.map_or("–".to_owned(), |n| number(n as f64))}</td>
                            <td class="num">{words(&quantity::bytes(bytes))}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table></div>
            {move || (hidden() > 0).then(|| say(&Message::new("and-more").number("n", hidden() as f64)))}
        </section>
    }
}

#[component]
fn Acknowledgements() -> impl IntoView {
    let row = |acks: &'static str, when: &'static str, survives: &'static str| {
        view! {
            <tr>
                <th scope="row">{acks}</th>
                <td>{move || words(&Message { key: when, arguments: Vec::new() })}</td>
                <td>{move || words(&Message { key: survives, arguments: Vec::new() })}</td>
            </tr>
        }
    };
    view! {
        <div class="sech"><h2 id="ack-head">{t("ack-head")}</h2></div>
        <table class="durability" aria-label="Durability">
            <caption class="vh">{t("ack-head")}</caption>
            <thead><tr><th scope="col">"acks"</th><th scope="col">{t("col-when")}</th><th scope="col">{t("col-survives")}</th></tr></thead>
            <tbody>
                {row("0", "acks-0-when", "acks-0-survives")}
                {row("1", "acks-1-when", "acks-1-survives")}
                {row("all", "acks-all-when", "acks-all-survives")}
            </tbody>
        </table>
    }
}

#[component]
fn Commits() -> impl IntoView {
    let state = use_state();
    let commits = Memo::new(move |_| state.with(|v| v.commits));
    let samples = Memo::new(move |_| state.with(|v| v.rates.commit_series.samples().collect::<Vec<_>>()));
    let sentence = move || match commits.get() {
        Some(c) => Message::new("commits-what")
            .decimal("rate", c.per_second, quantity::rate_decimals(c.per_second))
            .decimal("p50", c.p50_ms, 1)
            .decimal("p99", c.p99_ms, 1),
        None => Message::new("commits-none"),
    };
    view! {
        <h3 class="figh after">{t("commits-head")}</h3>
        <p class="narr">{move || say(&sentence())}</p>
        <div class="wide-spark"><Sparkline samples /></div>
    }
}

#[component]
fn Broken(fault: Fault, question: RwSignal<Option<Question>>) -> impl IntoView {
    let state = use_state();
    let since = Message::new("ago")
        .message("duration", quantity::duration((state.now_ms.get_untracked() - fault.at_ms).max(0)));
    let tries = Message::new("times").number("n", f64::from(fault.tries));
    let trouble = RwSignal::new(None::<Message>);
    let download = move |_| {
        leptos::task::spawn_local(async move { trouble.set(Session::download_store().await.err()) });
    };
    view! {
        <Explained fault />
        <div class="ways">
            <section class="sec">
                <h2>{t("try-again")}</h2><p>{t("try-again-what")}</p>
                <button class="btn main" on:click=move |_| Session::try_again(state)>{t("try-again")}</button>
                <dl>
                    <div><dt>{t("last-tried")}</dt><dd>{words(&since)}</dd></div>
                    <div><dt>{t("tried")}</dt><dd>{words(&tries)}</dd></div>
                </dl>
            </section>
            <section class="sec">
                <h2>{t("download-store")}</h2><p>{t("download-store-what")}</p>
                <button class="btn" on:click=download>{t("download-store")}</button>
                {move || trouble.get().map(|m| view! { <p class="bad">{say(&m)}</p> })}
            </section>
            <section class="sec">
                <h2>{t("delete-store")}</h2><p>{t("delete-everything-what")}</p>
                <button class="btn danger" on:click=move |_| question.set(Some(delete_question(0, 0)))>{t("delete-store-ask")}</button>
            </section>
        </div>
    }
}
