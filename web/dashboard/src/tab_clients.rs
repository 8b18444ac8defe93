//! The clients of this tab: the worker that they run in, the list that `sessionStorage` keeps, their figures.

use crate::browser;
use crate::session::Session;
use crate::state::{Load, State};
use leptos::prelude::*;
use std::cell::RefCell;
use tablog_dashboard::model::client_control::*;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::rates::Series;
use wasm_bindgen::prelude::*;

const STORED: &str = "tablog.clients";
const WORKER: &str = "tablog-clients_loader.js";
const FLIGHTS_FILE: &str = "flights/flights.bin";
pub const FLIGHTS: &str = "flights";
pub const FLIGHTS_GROUP: &str = "flights-readers";
/// The producer that loads the flights once.
const LOADER: &str = "flights-loader";
/// The producer that replays them.
const REPLAY: &str = "flights-replay";
const FLIGHTS_CONSUMERS: usize = 3;

thread_local! {
    static WORKER_OF_TAB: RefCell<Option<ClientsWorker>> = const { RefCell::new(None) };
}

struct ClientsWorker {
    worker: web_sys::Worker,
    is_ready: bool,
    /// Orders that came before the worker heard.
    waiting: Vec<Order>,
    load_clicked_ms: i64,
}

/// Starts the clients that this tab had before it was loaded again, under the same client ids.
pub fn begin(state: State) {
    let saved = browser::tab_stored(STORED).and_then(|json| serde_json::from_str::<Saved>(&json).ok());
    let Some(saved) = saved else { return };
    for settings in saved.producers {
        put_producer(state, settings);
    }
    for settings in saved.consumers {
        put_consumer(state, settings);
    }
}

pub fn forget() {
    browser::tab_store(STORED, "");
}

/// Three consumers, unless the group has members, and the flights once at full speed.
pub fn load_flights(state: State, clicked_ms: i64) {
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
    order(state, Order::PutProducer(loader));
    WORKER_OF_TAB.with_borrow_mut(|w| {
        if let Some(w) = w {
            w.load_clicked_ms = clicked_ms;
        }
    });
}

fn order(state: State, order: Order) {
    WORKER_OF_TAB.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = start(state);
        }
        let Some(worker) = slot else { return };
        match worker.is_ready {
            true => post(&worker.worker, &order, None),
            false => worker.waiting.push(order),
        }
    });
}

fn start(state: State) -> Option<ClientsWorker> {
    let worker = match web_sys::Worker::new(&browser::beside_page(WORKER)) {
        Ok(worker) => worker,
        Err(error) => {
            failed(state, format!("{error:?}"));
            return None;
        }
    };
    let hear = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        let report = event.data().as_string().and_then(|json| serde_json::from_str::<Report>(&json).ok());
        if let Some(report) = report {
            heed(state, report);
        }
    });
    worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        let detail = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|m| m.as_string());
        failed(state, detail.unwrap_or_else(|| WORKER.to_owned()));
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
    Some(ClientsWorker { worker, is_ready: false, waiting: Vec::new(), load_clicked_ms: 0 })
}

fn failed(state: State, detail: String) {
    let message = Message::new("no-worker-clients").text("detail", detail);
    leptos::logging::warn!("{message:?}");
    if state.load.get_untracked() == Load::Running {
        state.load.set(Load::Failed(crate::words::words(&message)));
    }
}

fn post(worker: &web_sys::Worker, order: &Order, port: Option<web_sys::MessagePort>) {
    let Ok(json) = serde_json::to_string(order) else { return };
    let message = js_sys::Array::of1(&json.into());
    let transferred = js_sys::Array::new();
    if let Some(port) = port {
        message.push(&port);
        transferred.push(&port);
    }
    let _ = worker.post_message_with_transfer(&message, &transferred);
}

fn heed(state: State, report: Report) {
    match report {
        Report::Ready => WORKER_OF_TAB.with_borrow_mut(|slot| {
            let Some(worker) = slot else { return };
            let begin = Order::Begin {
                broker_host: Session::broker_host(),
                flights_url: browser::beside_page(FLIGHTS_FILE),
            };
            post(&worker.worker, &begin, Session::forward());
            worker.is_ready = true;
            for order in std::mem::take(&mut worker.waiting) {
                post(&worker.worker, &order, None);
            }
        }),
        Report::Figures(figures) => note(state, figures),
        Report::Failed { client_id, detail } if client_id == LOADER => state.load.set(Load::Failed(detail)),
        Report::Failed { client_id, detail } => {
            note(state, vec![Figures { client_id, trouble: Some(detail), ..Figures::default() }])
        }
        Report::Done { records, .. } => {
            let clicked_ms = WORKER_OF_TAB.with_borrow(|w| w.as_ref().map_or(0, |w| w.load_clicked_ms));
            let elapsed_ms = (browser::now_ms() - clicked_ms).max(0) as u64;
            state.load.set(Load::Done { records, elapsed_ms });
            order(state, Order::Remove { client_id: LOADER.to_owned() });
        }
    }
}

/// A rate is the difference of two figures, about a second apart.
fn note(state: State, figures: Vec<Figures>) {
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
        assignor: "range".into(),
        processing_us: 2_000,
        session_timeout_ms: 10_000,
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
    order(state, Order::PutConsumer(settings));
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
    order(state, Order::PutProducer(settings));
}

pub fn remove(state: State, client_id: &str) {
    state.tab.update(|tab| {
        tab.producers.retain(|p| p.settings.client_id != client_id);
        tab.consumers.retain(|c| c.settings.client_id != client_id);
    });
    keep(state);
    order(state, Order::Remove { client_id: client_id.to_owned() });
}

fn keep(state: State) {
    let saved = state.tab.with_untracked(TabClients::saved);
    if let Ok(json) = serde_json::to_string(&saved) {
        browser::tab_store(STORED, &json);
    }
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
