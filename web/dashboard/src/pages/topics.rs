//! The topics: a table with what each holds and who reads it; panels to make one, to add partitions, to delete one.

mod create;

use crate::components::load_button::{LoadButton, LoadNote};
use crate::components::states::Ready;
use crate::session::Session;
use crate::state::{State, use_state};
use crate::ui::{Confirm, Link, Question, say};
use crate::words::{t, words};
use create::CreatePanel;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tablog_dashboard::model::address;
use tablog_dashboard::model::limits::{LAG_WORTH_SAYING, ROWS_SHOWN};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::narrator;
use tablog_dashboard::model::quantity;
use tablog_dashboard::model::snapshot::Snapshot;

#[component]
pub fn TopicsPage() -> impl IntoView {
    view! { <Ready><Topics /></Ready> }
}

/// A row of the table: made anew only when something in it changed.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    internal: bool,
    counts: Vec<i64>,
    first_place: usize,
    records: i64,
    bytes: u64,
    kept: Message,
    cleanup: String,
    /// Group and lag.
    readers: Vec<(String, i64)>,
}

#[component]
fn Topics() -> impl IntoView {
    let state = use_state();
    let asked = use_query_map().with_untracked(|q| q.get("new").is_some());
    let creating = RwSignal::new(asked);
    let headline = Memo::new(move |_| state.with(|v| narrator::topics(&v.snapshot)));
    let rows = Memo::new(move |_| state.with(|v| rows(&v.snapshot)));
    let doomed = RwSignal::new(None::<String>);
    let question = RwSignal::new(None::<Question>);
    let growing = RwSignal::new(None::<(String, i32)>);
    let trouble = RwSignal::new(None::<Message>);
    let delete = move || {
        let Some(name) = doomed.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            trouble.set(Session::delete_topic(name).await.err());
        });
    };
    let no_topics = move || rows.with(|rows| rows.iter().all(|r| r.internal));
    view! {
        <div class="lede">
            <h1>{move || say(&headline.get())}</h1>
            <div class="acts">
                <LoadButton />
                <button class="btn" class:main=move || !creating.get() aria-expanded=move || creating.get().to_string()
                    on:click=move |_| creating.update(|c| *c = !*c)>{t("create-a-topic")}</button>
            </div>
        </div>
        <LoadNote />
        {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
        {move || creating.get().then(|| view! { <CreatePanel on_close=move || creating.set(false) /> })}
        {move || growing.get().map(|(name, partitions)| view! {
            <GrowPanel name partitions on_close=move || growing.set(None) />
        })}
        <section class="sec" aria-labelledby="topics-head">
            <div class="sech"><h2 id="topics-head">{t("nav-topics")}</h2></div>
            <div class="scrollx"><table class="topics" aria-label="Topics">
                <caption class="vh">{t("nav-topics")}</caption>
                <thead><tr>
                    <th scope="col">{t("col-name")}</th><th scope="col">{t("col-partitions")}</th>
                    <th scope="col" class="num">{t("col-records")}</th><th scope="col" class="num">{t("col-size")}</th>
                    <th scope="col">{t("col-retention")}</th><th scope="col">{t("col-cleanup")}</th>
                    <th scope="col">{t("col-read-by")}</th><th scope="col"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody>
                    <For each=move || rows.get().into_iter().take(ROWS_SHOWN) key=|r| r.name.clone() let:row>
                        <TopicRow name=row.name rows
                            on_delete=move |row: Row| {
                                doomed.set(Some(row.name.clone()));
                                question.set(Some(delete_question(&state, &row)));
                            }
                            on_grow=move |row: Row| growing.set(Some((row.name, row.counts.len() as i32))) />
                    </For>
                </tbody>
            </table></div>
            {move || (rows.with(Vec::len) > ROWS_SHOWN).then(|| {
                let m = Message::new("rows-shown").number("shown", ROWS_SHOWN as f64).number("all", rows.with(Vec::len) as f64);
                view! { <p class="cap">{say(&m)}</p> }
            })}
            <p class="cap after">{move || say(&Message::new(if no_topics() { "topics-empty" } else { "topics-how" }))}</p>
        </section>
        <Confirm question on_yes=delete />
    }
}

fn rows(s: &Snapshot) -> Vec<Row> {
    let mut rows: Vec<Row> = s
        .topics
        .iter()
        .map(|(name, topic)| {
            let reads = |g: &tablog_dashboard::model::snapshot::Group| -> i64 {
                g.partitions().iter().filter(|p| p.topic == *name).filter_map(|p| s.lag(g, p)).sum()
            };
            let groups = s.groups.iter().filter(|(_, g)| g.topics().contains(name));
            Row {
                name: name.clone(),
                internal: topic.internal,
                counts: topic.partitions.iter().map(|p| p.records()).collect(),
                first_place: s.first_place(name),
                records: topic.records(),
                bytes: topic.bytes(),
                kept: narrator::kept(topic),
                cleanup: topic.setting("cleanup.policy").unwrap_or("").to_owned(),
                readers: groups.map(|(id, g)| (id.clone(), reads(g))).collect(),
            }
        })
        .collect();
    rows.sort_by(|a, b| a.internal.cmp(&b.internal).then(a.name.cmp(&b.name)));
    rows
}

#[component]
fn TopicRow(
    name: String,
    rows: Memo<Vec<Row>>,
    on_delete: impl Fn(Row) + Clone + Send + 'static,
    on_grow: impl Fn(Row) + Clone + Send + 'static,
) -> impl IntoView {
    let row = Memo::new(move |before: Option<&Option<Row>>| {
        let found = rows.with(|rows| rows.iter().find(|r| r.name == name).cloned());
        found.or_else(|| before.cloned().flatten())
    });
    move || {
        let row = row.get()?;
        let (grow, delete) = (row.clone(), row.clone());
        let (on_grow, on_delete) = (on_grow.clone(), on_delete.clone());
        let head = format!("topic-{}", row.name);
        let acts = (!row.internal).then(|| {
            view! {
                <button class="btn small" aria-describedby=head.clone() on:click=move |_| on_grow(grow.clone())>
                    {t("add-partitions")}
                </button>
                " "
                <button class="btn small danger" aria-describedby=head.clone() on:click=move |_| on_delete(delete.clone())>
                    {t("delete")}
                </button>
            }
        });
        let read_by = match (row.internal, row.readers.is_empty()) {
            (true, _) => {
                let key = match row.name.as_str() {
                    "__consumer_offsets" => "own-offsets",
                    "__cluster_metadata" => "own-metadata",
                    "__tablog_events" => "own-events",
                    _ => "own-other",
                };
                view! { <span class="quiet">{say(&Message::new(key))}</span> }.into_any()
            }
            (false, true) => view! { <span class="quiet">{t("read-by-nobody")}</span> }.into_any(),
            (false, false) => row.readers.iter().take(3).map(reader).collect_view().into_any(),
        };
        let (columns, count, href, name) =
            (bars(&row), row.counts.len(), address::topic(&row.name), row.name.clone());
        Some(view! {
            <tr class:int=row.internal>
                <th scope="row" id=head><Link href=href>{name}</Link></th>
                <td><span class="pp">{columns}{count}</span></td>
                <td class="num" data-label=t("col-records")>{words(&Message::new("number").number("n", row.records as f64))}</td>
                <td class="num" data-label=t("col-size")>{words(&quantity::bytes(row.bytes))}</td>
                <td data-label=t("col-retention")>{words(&row.kept)}</td>
                <td data-label=t("col-cleanup")>{row.cleanup.clone()}</td>
                <td>{read_by}</td>
                <td class="num">{acts}</td>
            </tr>
        })
    }
}

fn reader((id, lag): &(String, i64)) -> AnyView {
    let (id, href) = (id.clone(), address::group(id));
    let key = if *lag == 0 { "nothing-behind" } else { "behind" };
    let behind = words(&Message::new(key).number("n", *lag as f64));
    let class = if *lag > LAG_WORTH_SAYING { "warn" } else { "quiet" };
    view! { <span class="reader"><Link href=href>{id}</Link>" "<span class=class>{behind}</span></span> }
        .into_any()
}

/// Small columns: records by partition.
fn bars(row: &Row) -> impl IntoView + use<> {
    let most = row.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let width = (64.0 / row.counts.len().max(1) as f64).min(9.0);
    let (internal, first) = (row.internal, row.first_place);
    let columns = row.counts.iter().take(64).enumerate().map(|(i, count)| {
        let height = (*count as f64 / most * 24.0).max(0.5);
        let class = if internal { "own".to_owned() } else { format!("c p{}", (first + i) % 12) };
        view! {
            <rect x=format!("{:.1}", i as f64 * width) y=format!("{:.1}", 25.0 - height)
                width=format!("{:.1}", (width - 1.5).max(0.5)) height=format!("{height:.1}") class=class />
        }
    });
    let columns = columns.collect_view();
    let end = format!("{:.1}", width * row.counts.len().min(64) as f64);
    view! { <svg viewBox="0 0 64 26" aria-hidden="true">{columns}<line x1="0" x2=end y1="25.5" y2="25.5" class="axis" /></svg> }
}

fn delete_question(state: &State, row: &Row) -> Question {
    let running = state.with(|v| {
        let reads = |g: &&tablog_dashboard::model::snapshot::Group| g.topics().contains(&row.name);
        v.snapshot.groups.values().filter(reads).map(|g| g.members.len()).sum::<usize>()
    });
    let fill = |m: Message| {
        m.text("topic", &row.name)
            .number("records", row.records as f64)
            .number("partitions", row.counts.len() as f64)
            .number("groups", row.readers.len() as f64)
            .number("running", running as f64)
    };
    Question {
        head: fill(Message::new("delete-topic-head")),
        sentence: fill(Message::new("delete-topic-what")),
        button: fill(Message::new("delete-topic-button")),
    }
}

#[component]
fn GrowPanel(name: String, partitions: i32, on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let wanted = RwSignal::new(partitions + 1);
    let trouble = RwSignal::new(None::<Message>);
    let topic = name.clone();
    let close = on_close.clone();
    let grow = move |_| {
        let (name, close) = (topic.clone(), close.clone());
        leptos::task::spawn_local(async move {
            match Session::add_partitions(name, wanted.get_untracked()).await {
                Ok(()) => close(),
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    let possible =
        move || wanted.get() > partitions && wanted.get() <= tablog_dashboard::model::limits::PARTITIONS_MAX;
    let head = Message::new("grow-head").text("topic", &name);
    let sentence = move || {
        let m = Message::new(if possible() { "grow-what" } else { "grow-wrong" });
        m.text("topic", &name).number("now", f64::from(partitions)).number("wanted", f64::from(wanted.get()))
    };
    view! {
        <section class="sec crsec">
            <div class="sech"><h2>{say(&head)}</h2></div>
            <form class="crf" on:submit=|e| e.prevent_default()>
                <div class="fr">
                    <label for="grow-n">{t("col-partitions")}</label>
                    <div class="inline"><input id="grow-n" class="in" type="number" min=partitions + 1 prop:value=move || wanted.get()
                        on:input:target=move |e| if let Ok(n) = e.target().value().parse() { wanted.set(n) } /></div>
                    <code></code>
                </div>
            </form>
            <aside class="crsum">
                <p class="narr">{move || say(&sentence())}</p>
                {move || trouble.get().map(|m| view! { <p class="bad" role="alert">{say(&m)}</p> })}
                <div class="acts">
                    <button class="btn main" disabled=move || !possible() on:click=grow>{t("add-partitions")}</button>
                    <button class="btn" on:click=move |_| on_close()>{t("cancel")}</button>
                </div>
            </aside>
        </section>
    }
}
