//! The clients of this tab, which run in its worker: the list that `sessionStorage` keeps, their figures.

use crate::browser;
use crate::session::order;
use crate::state::{Load, State};
use leptos::prelude::*;
use std::cell::Cell;
use tablog_dashboard::model::client_control::*;
use tablog_dashboard::model::orders::Order;
use tablog_dashboard::model::packing::{packed_text, unpacked_text};
use tablog_dashboard::model::rates::Series;

const STORED: &str = "tablog.clients/2";
pub const FLIGHTS: &str = "flights";
pub const FLIGHTS_GROUP: &str = "flights-readers";
/// The producer that loads the flights once.
const LOADER: &str = "flights-loader";
/// The producer that replays them.
const REPLAY: &str = "flights-replay";
const FLIGHTS_CONSUMERS: usize = 3;

thread_local! {
    pub static LOAD_CLICKED_MS: Cell<i64> = const { Cell::new(0) };
}

/// Starts the clients that this tab had before it was loaded again, under the same client ids.
pub fn begin(state: State) {
    let saved = browser::tab_stored(STORED).and_then(|text| unpacked_text::<Saved>(&text));
    let Some(saved) = saved else { return };
    for settings in saved.producers {
        put_producer(state, settings);
    }
    for settings in saved.consumers {
        put_consumer(state, settings);
    }
}

/// A worker that began anew has none of them.
pub fn put_all(state: State) {
    let saved = state.tab.with_untracked(TabClients::saved);
    for settings in saved.producers {
        order(&Order::PutProducer(settings));
    }
    for settings in saved.consumers {
        order(&Order::PutConsumer(settings));
    }
}

pub fn forget() {
    browser::tab_store(STORED, "");
}

/// Three consumers, unless the group has members, and the flights once at full speed.
pub fn load_flights(state: State) {
    let running =
        state.view.with_untracked(|v| v.snapshot.groups.get(FLIGHTS_GROUP).map_or(0, |g| g.members.len()));
    let mine = state
        .tab
        .with_untracked(|t| t.consumers.iter().filter(|c| c.settings.group == FLIGHTS_GROUP).count());
    for _ in running.max(mine)..FLIGHTS_CONSUMERS {
        let name = free_name(state, "consumer");
        put_consumer(state, new_consumer(name, FLIGHTS_GROUP, vec![FLIGHTS.to_owned()]));
    }
    let loader = ProducerSettings {
        source: Source::FlightsOnce,
        rate: None,
        batch_bytes: 131_072,
        compression: "none".into(),
        ..new_producer(LOADER.to_owned(), FLIGHTS)
    };
    order(&Order::PutProducer(loader));
}

/// The loader could not, or another client.
pub fn failed(state: State, client_id: String, detail: String) {
    if client_id == LOADER {
        state.load.set(Load::Failed(detail));
    } else {
        note(state, vec![Figures { client_id, trouble: Some(detail), ..Figures::default() }]);
    }
}

/// The last flight is acknowledged.
pub fn loaded(state: State, records: u64) {
    let elapsed_ms = (browser::now_ms() - LOAD_CLICKED_MS.get()).max(0) as u64;
    state.load.set(Load::Done { records, elapsed_ms });
    order(&Order::Remove { client_id: LOADER.to_owned() });
}

/// A rate is the difference of two figures, about a second apart.
pub fn note(state: State, figures: Vec<Figures>) {
    let now_ms = browser::now_ms();
    state.tab.update(|tab| {
        for figures in figures {
            if let Some(row) = tab.producers.iter_mut().find(|p| p.settings.client_id == figures.client_id) {
                row.meter.read(now_ms, figures.acknowledged, &mut row.rate);
                row.figures = figures;
            } else if let Some(row) =
                tab.consumers.iter_mut().find(|c| c.settings.client_id == figures.client_id)
            {
                row.meter.read(now_ms, figures.records, &mut row.rate);
                row.figures = figures;
            }
        }
    });
}

pub fn new_consumer(client_id: String, group: &str, topics: Vec<String>) -> ConsumerSettings {
    ConsumerSettings {
        client_id,
        group: group.to_owned(),
        topics,
        protocol: Protocol::Classic,
        assignor: "range".into(),
        processing_us: 2_000,
        session_timeout_ms: 10_000,
        heartbeat_interval_ms: 3_000,
        paused: false,
        frozen: false,
    }
}

pub fn new_producer(client_id: String, topic: &str) -> ProducerSettings {
    ProducerSettings {
        client_id,
        topic: topic.to_owned(),
        source: if topic == FLIGHTS { Source::Flights } else { Source::Counter },
        rate: Some(150.0),
        key: if topic == FLIGHTS { KeyStrategy::Origin } else { KeyStrategy::Random },
        value_bytes: 100,
        linger_ms: 5,
        batch_bytes: 16_384,
        compression: "lz4".into(),
        acks: "all".into(),
        paused: false,
    }
}

/// A consumer of `group`, or of the group that a newcomer sees; it reads what that group reads.
pub fn add_consumer(state: State, group: Option<String>) {
    put_consumer(state, next_consumer(state, group));
}

pub fn next_consumer(state: State, group: Option<String>) -> ConsumerSettings {
    let (group, topics) = state.view.with_untracked(|v| {
        let group = group.unwrap_or_else(|| FLIGHTS_GROUP.to_owned());
        let read = v.snapshot.groups.get(&group).map(|g| g.topics()).filter(|t| !t.is_empty());
        let flights = || v.snapshot.topics.contains_key(FLIGHTS).then(|| vec![FLIGHTS.to_owned()]);
        let first = || v.snapshot.user_topics().next().map(|(name, _)| vec![name.clone()]);
        (group, read.or_else(flights).or_else(first).unwrap_or_else(|| vec![FLIGHTS.to_owned()]))
    });
    new_consumer(free_name(state, "consumer"), &group, topics)
}

pub fn add_producer(state: State) {
    if state.view.with_untracked(|v| v.snapshot.user_topics().next().is_some()) {
        put_producer(state, next_producer(state));
    }
}

/// There are flights, and nobody of this tab replays them yet.
pub fn can_replay(state: State) -> bool {
    state.with(|v| v.snapshot.topics.contains_key(FLIGHTS)) && !state.tab.with(|t| t.has(REPLAY))
}

/// A producer that goes through the flights at a rate, again and again.
pub fn replay_flights(state: State) {
    put_producer(state, new_producer(REPLAY.to_owned(), FLIGHTS));
}

pub fn next_producer(state: State) -> ProducerSettings {
    let topic = state.view.with_untracked(|v| {
        let first = || v.snapshot.user_topics().next().map(|(name, _)| name.clone());
        if v.snapshot.topics.contains_key(FLIGHTS) { Some(FLIGHTS.to_owned()) } else { first() }
    });
    let topic = topic.unwrap_or_else(|| FLIGHTS.to_owned());
    let stem = if topic == FLIGHTS { REPLAY } else { "producer" };
    let name = if stem == REPLAY && !state.tab.with_untracked(|t| t.has(stem)) {
        stem.to_owned()
    } else {
        free_name(state, stem)
    };
    new_producer(name, &topic)
}

/// Client ids of other tabs' members are taken too.
fn free_name(state: State, stem: &str) -> String {
    let taken: Vec<String> = state.view.with_untracked(|v| {
        v.snapshot.groups.values().flat_map(|g| g.members.iter().map(|m| m.client_id.clone())).collect()
    });
    state.tab.with_untracked(|tab| tab.free_name(stem, &taken))
}

pub fn put_consumer(state: State, settings: ConsumerSettings) {
    state.tab.update(|tab| {
        let row = tab.consumers.iter_mut().find(|c| c.settings.client_id == settings.client_id);
        let consumer_state = settings.state();
        match row {
            Some(row) => {
                row.settings = settings.clone();
                row.state = consumer_state;
            }
            None => tab.consumers.push(ConsumerRow {
                settings: settings.clone(),
                figures: Figures::default(),
                rate: Series::default(),
                meter: Meter::default(),
                state: consumer_state,
            }),
        }
    });
    keep(state);
    order(&Order::PutConsumer(settings));
}

pub fn put_producer(state: State, settings: ProducerSettings) {
    state.tab.update(|tab| {
        match tab.producers.iter_mut().find(|p| p.settings.client_id == settings.client_id) {
            Some(row) => row.settings = settings.clone(),
            None => tab.producers.push(ProducerRow {
                settings: settings.clone(),
                figures: Figures::default(),
                rate: Series::default(),
                meter: Meter::default(),
            }),
        }
    });
    keep(state);
    order(&Order::PutProducer(settings));
}

pub fn remove(state: State, client_id: &str) {
    state.tab.update(|tab| {
        tab.producers.retain(|p| p.settings.client_id != client_id);
        tab.consumers.retain(|c| c.settings.client_id != client_id);
    });
    keep(state);
    order(&Order::Remove { client_id: client_id.to_owned() });
}

fn keep(state: State) {
    let saved = state.tab.with_untracked(TabClients::saved);
    browser::tab_store(STORED, &packed_text(&saved));
}

pub fn toggle_frozen(state: State, client_id: &str) {
    change_consumer(state, client_id, |c| c.frozen = !c.frozen);
}

pub fn change_consumer(state: State, client_id: &str, change: impl FnOnce(&mut ConsumerSettings)) {
    let settings = state.tab.with_untracked(|tab| {
        tab.consumers.iter().find(|c| c.settings.client_id == client_id).map(|c| c.settings.clone())
    });
    if let Some(mut settings) = settings {
        change(&mut settings);
        put_consumer(state, settings);
    }
}

pub fn change_producer(state: State, client_id: &str, change: impl FnOnce(&mut ProducerSettings)) {
    let settings = state.tab.with_untracked(|tab| {
        tab.producers.iter().find(|p| p.settings.client_id == client_id).map(|p| p.settings.clone())
    });
    if let Some(mut settings) = settings {
        change(&mut settings);
        put_producer(state, settings);
    }
}
