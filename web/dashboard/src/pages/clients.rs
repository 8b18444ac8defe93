//! The clients of this tab: producers and consumers as real as any other, to be added, paused, slowed, frozen, removed.

mod settings;

use crate::components::partition_tile::tiles;
use crate::state::{State, use_state};
use crate::tab_clients;
use crate::ui::{Link, Sparkline, say};
use crate::words::{t, words};
use leptos::prelude::*;
use settings::{ConsumerPanel, ProducerPanel};
use tablog_dashboard::model::address;
use tablog_dashboard::model::client_control::{ConsumerRow, ConsumerState, KeyStrategy, ProducerRow};
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::limits::LAG_WORTH_SAYING;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_dashboard::model::{narrator, quantity};

/// Which panel is open, and for which client.
#[derive(Clone, Debug, PartialEq)]
enum Panel {
    Producer(Option<String>),
    Consumer(Option<String>),
}

#[component]
pub fn ClientsPage() -> impl IntoView {
    let state = use_state();
    let headline = Memo::new(move |_| state.tab.with(narrator::clients));
    let panel = RwSignal::new(None::<Panel>);
    let producers =
        Memo::new(move |_| state.tab.with(|t| ids(t.producers.iter().map(|p| &p.settings.client_id))));
    let consumers =
        Memo::new(move |_| state.tab.with(|t| ids(t.consumers.iter().map(|c| &c.settings.client_id))));
    let close = move || panel.set(None);
    view! {
        <div class="lede">
            <h1>{move || say(&headline.get())}</h1>
            <div class="acts">
                <button class="btn" disabled=move || !state.has_read() on:click=move |_| panel.set(Some(Panel::Producer(None)))>{t("add-producer")}</button>
                <button class="btn main" on:click=move |_| tab_clients::add_consumer(state, None)>{t("add-consumer")}</button>
            </div>
        </div>
        {move || panel.get().map(|panel| match panel {
            Panel::Producer(id) => view! { <ProducerPanel id on_close=close /> }.into_any(),
            Panel::Consumer(id) => view! { <ConsumerPanel id on_close=close /> }.into_any(),
        })}
        <section class="sec" aria-labelledby="producers-head">
            <div class="sech"><h2 id="producers-head">{t("column-producers")}</h2></div>
            <div class="scrollx"><table class="clients" aria-label="Producers">
                <caption class="vh">{t("column-producers")}</caption>
                <thead><tr>
                    <th scope="col">{t("col-client-id")}</th><th scope="col">{t("col-writes-to")}</th><th scope="col">{t("col-rate")}</th>
                    <th scope="col">{t("col-key")}</th><th scope="col" class="num">{t("col-linger")}</th><th scope="col" class="num">{t("col-batch")}</th>
                    <th scope="col">{t("col-compression")}</th><th scope="col">"acks"</th><th scope="col"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody><For each=move || producers.get() key=|id| id.clone() let:id><Producer id panel /></For></tbody>
            </table></div>
            {move || producers.with(Vec::is_empty).then(|| view! { <p class="cap">{t("producers-empty")}</p> })}
        </section>
        <section class="sec after" aria-labelledby="consumers-head">
            <div class="sech"><h2 id="consumers-head">{t("consumers")}</h2></div>
            <div class="scrollx"><table class="clients consumers" aria-label="Consumers">
                <caption class="vh">{t("consumers")}</caption>
                <thead><tr>
                    <th scope="col">{t("col-client-id")}</th><th scope="col">{t("col-group")}</th><th scope="col">{t("col-rate")}</th>
                    <th scope="col">{t("col-partitions")}</th><th scope="col" class="num">{t("col-behind")}</th>
                    <th scope="col">{t("col-processing")}</th><th scope="col">{t("col-session")}</th>
                    <th scope="col"><span class="vh">{t("col-actions")}</span></th>
                </tr></thead>
                <tbody><For each=move || consumers.get() key=|id| id.clone() let:id><Consumer id panel /></For></tbody>
            </table></div>
            {move || consumers.with(Vec::is_empty).then(|| view! { <p class="cap">{t("consumers-empty")}</p> })}
            <p class="cap after">{t("frozen-how")}</p>
        </section>
    }
}

fn ids<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    ids.cloned().collect()
}

#[component]
fn Producer(id: String, panel: RwSignal<Option<Panel>>) -> impl IntoView {
    let state = use_state();
    let name = id.clone();
    let row = Memo::new(move |_| {
        state.tab.with(|t| t.producers.iter().find(|p| p.settings.client_id == name).cloned())
    });
    let get =
        move |f: fn(&ProducerRow) -> String| move || row.with(|r| r.as_ref().map(f).unwrap_or_default());
    let samples =
        Memo::new(move |_| row.with(|r| r.as_ref().map(|r| r.rate.samples().collect()).unwrap_or_default()));
    let rate = move || row.with(|r| r.as_ref().map(|r| r.rate.last()).unwrap_or_default());
    let key = move || {
        let strategy = row.with(|r| r.as_ref().map(|r| r.settings.key));
        words(&Message::new(match strategy {
            Some(KeyStrategy::Origin) => "key-choice-origin",
            Some(KeyStrategy::Random) => "key-choice-random",
            Some(KeyStrategy::One) => "key-choice-one",
            _ => "key-choice-none",
        }))
    };
    let paused = Memo::new(move |_| row.with(|r| r.as_ref().is_some_and(|r| r.settings.paused)));
    let trouble = move || row.with(|r| r.as_ref().and_then(|r| r.figures.trouble.clone()));
    let head = format!("producer-{id}");
    let id = StoredValue::new(id);
    view! {
        <tr>
            <th scope="row" id=head.clone()>{id.get_value()}
                {move || paused.get().then(|| view! { <span class="mark quiet">{t("paused")}</span> })}
                {move || trouble().map(|detail| view! { <span class="trouble bad">{detail}</span> })}
            </th>
            <td>{move || { let topic = get(|r| r.settings.topic.clone())(); view! { <Link href=address::topic(&topic)>{topic.clone()}</Link> } }}</td>
            <td><span class="rate"><Sparkline samples />{move || words(&number_of_rate(rate()))}</span></td>
            <td data-label=t("col-key")>{key}</td>
            <td class="num" data-label=t("col-linger")>{get(|r| words(&Message::new("duration-ms").number("n", r.settings.linger_ms as f64)))}</td>
            <td class="num" data-label=t("col-batch")>{get(|r| words(&quantity::bytes(r.settings.batch_bytes as u64)))}</td>
            <td data-label=t("col-compression")>{get(|r| r.settings.compression.clone())}</td>
            <td data-label="acks">{get(|r| r.settings.acks.clone())}</td>
            <td class="num">
                <button class="btn small" aria-describedby=head.clone() on:click=move |_| panel.set(Some(Panel::Producer(Some(id.get_value()))))>{t("settings")}</button>
                " "
                <button class="btn small" aria-describedby=head.clone()
                    on:click=move |_| tab_clients::change_producer(state, &id.get_value(), |p| p.paused = !p.paused)>
                    {move || if paused.get() { t("go-on")() } else { t("pause")() }}
                </button>
                " "
                <button class="btn small" aria-describedby=head.clone() on:click=move |_| tab_clients::remove(state, &id.get_value())>{t("remove")}</button>
            </td>
        </tr>
    }
}

fn number_of_rate(rate: f64) -> Message {
    Message::new("number").decimal("n", rate, quantity::rate_decimals(rate))
}

fn lag_of(state: &State, row: &ConsumerRow) -> Option<i64> {
    state.with(|v| {
        let g = v.snapshot.groups.get(&row.settings.group)?;
        let m = g.members.iter().find(|m| m.client_id == row.settings.client_id)?;
        Some(v.snapshot.member_lag(g, m))
    })
}

fn owned_by(state: &State, row: &ConsumerRow) -> Vec<Tile> {
    state.with(|v| {
        row.figures.owned.iter().map(|(t, p)| v.snapshot.tile(&TopicPartition::new(t.clone(), *p))).collect()
    })
}

#[component]
fn Consumer(id: String, panel: RwSignal<Option<Panel>>) -> impl IntoView {
    let state = use_state();
    let name = id.clone();
    let row = Memo::new(move |_| {
        state.tab.with(|t| t.consumers.iter().find(|c| c.settings.client_id == name).cloned())
    });
    let samples =
        Memo::new(move |_| row.with(|r| r.as_ref().map(|r| r.rate.samples().collect()).unwrap_or_default()));
    let rate = move || row.with(|r| r.as_ref().map(|r| r.rate.last()).unwrap_or_default());
    let owned = Memo::new(move |_| row.with(|r| r.as_ref().map(|r| owned_by(&state, r)).unwrap_or_default()));
    let lag = Memo::new(move |_| row.with(|r| r.as_ref().and_then(|r| lag_of(&state, r))));
    let mode = Memo::new(move |_| row.with(|r| r.as_ref().map_or(ConsumerState::Running, |r| r.state)));
    let group =
        Memo::new(move |_| row.with(|r| r.as_ref().map(|r| r.settings.group.clone()).unwrap_or_default()));
    let processing = Memo::new(move |_| row.with(|r| r.as_ref().map_or(0, |r| r.settings.processing_us)));
    let trouble = move || row.with(|r| r.as_ref().and_then(|r| r.figures.trouble.clone()));
    let head = format!("consumer-row-{id}");
    let id = StoredValue::new(id);
    let processing_words = move || {
        let ms = processing.get() as f64 / 1e3;
        words(&Message::new("duration-ms-exact").decimal("n", ms, u8::from(ms < 1.0 && ms > 0.0)))
    };
    view! {
        <tr class:frozen=move || mode.get() == ConsumerState::Frozen>
            <th scope="row" id=head.clone()>{id.get_value()}
                {move || match mode.get() {
                    ConsumerState::Frozen => Some(view! { <span class="mark bad">{t("frozen")}</span> }.into_any()),
                    ConsumerState::Paused => Some(view! { <span class="mark quiet">{t("paused")}</span> }.into_any()),
                    ConsumerState::Running => None,
                }}
                {move || trouble().map(|detail| view! { <span class="trouble bad">{detail}</span> })}
            </th>
            <td>{move || {
                let group = group.get();
                view! { <Link href=address::group(&group)>{group.clone()}</Link> }
            }}</td>
            <td><span class="rate"><Sparkline samples />{move || words(&number_of_rate(rate()))}</span></td>
            <td>{move || match owned.get() {
                owned if owned.is_empty() => view! { <span class="quiet">{t("none")}</span> }.into_any(),
                owned => tiles(owned, true, 8).into_any(),
            }}</td>
            <td class="num" data-label=t("col-behind") class:warn=move || lag.get().is_some_and(|lag| lag > LAG_WORTH_SAYING)>
                {move || lag.get().map_or("–".to_owned(), |lag| words(&Message::new("number").number("n", lag as f64)))}
            </td>
            <td><span class="proc">
                <input type="range" min="0" max="50" step="1" aria-label=t("col-processing") aria-describedby=head.clone()
                    prop:value=move || processing.get() / 1_000
                    on:change:target={move |e| if let Ok(ms) = e.target().value().parse::<u64>() {
                        tab_clients::change_consumer(state, &id.get_value(), |c| c.processing_us = ms * 1_000);
                    }} />
                <output>{processing_words}</output>
            </span></td>
            <td><SessionBar row /></td>
            <td class="num"><ConsumerActs id mode head panel /></td>
        </tr>
    }
}

#[component]
fn ConsumerActs(
    id: StoredValue<String>,
    mode: Memo<ConsumerState>,
    head: String,
    panel: RwSignal<Option<Panel>>,
) -> impl IntoView {
    let state = use_state();
    let frozen = move || mode.get() == ConsumerState::Frozen;
    view! {
        <button class="btn small" aria-describedby=head.clone() on:click=move |_| panel.set(Some(Panel::Consumer(Some(id.get_value()))))>{t("settings")}</button>
        " "
        <button class="btn small" hidden=frozen aria-describedby=head.clone()
            on:click=move |_| tab_clients::change_consumer(state, &id.get_value(), |c| c.paused = !c.paused)>
            {move || if mode.get() == ConsumerState::Paused { t("go-on")() } else { t("pause")() }}
        </button>
        " "
        <button class="btn small" class:main=frozen aria-describedby=head.clone() on:click=move |_| tab_clients::toggle_frozen(state, &id.get_value())>
            {move || if frozen() { t("thaw")() } else { t("freeze")() }}
        </button>
        " "
        <button class="btn small" aria-describedby=head.clone() on:click=move |_| tab_clients::remove(state, &id.get_value())>{t("remove-consumer")}</button>
    }
}

/// The bar empties from the last heartbeat towards the session timeout.
#[component]
fn SessionBar(row: Memo<Option<ConsumerRow>>) -> impl IntoView {
    let facts = Memo::new(move |_| {
        row.with(|r| {
            let r = r.as_ref()?;
            Some((r.figures.heartbeat_age_ms, r.settings.session_timeout_ms.max(1), r.figures.expired))
        })
    });
    let width = move || match facts.get() {
        Some((Some(age), timeout, false)) => {
            format!("{:.0}%", 100.0 * (1.0 - age as f64 / timeout as f64).clamp(0.0, 1.0))
        }
        _ => "0%".to_owned(),
    };
    let expired = move || facts.get().is_some_and(|(_, _, expired)| expired);
    let sentence = move || match facts.get() {
        Some((_, _, true)) => Message::new("session-expired"),
        Some((Some(age), ..)) => {
            Message::new("heartbeat-ago").message("duration", quantity::seconds(age as i64))
        }
        _ => Message::new("heartbeat-none"),
    };
    view! {
        <span class="sess" class:expired=expired>
            <span class:bad=expired class:quiet=move || !expired()>{move || words(&sentence())}</span>
            <i><b style:width=width></b></i>
        </span>
    }
}
