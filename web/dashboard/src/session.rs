//! The page's side of the broker: the way to its worker, for the tab's own worker to use, and what comes back from
//! there, put into [`State`] (`session/heard.rs`); what pages ask for (`session/requests.rs`); the store
//! (`session/store.rs`); the
//! one member that a tab may be (`session/member.rs`).
//!
//! Never knows: Kafka. That is spoken in the tab's worker alone (`bin/tab`).

mod heard;
mod member;
mod requests;
mod store;
mod worker;

use crate::browser;
use crate::state::{Fault, Phase, State, Why};
use crate::tab_clients;
use leptos::prelude::*;
use std::cell::RefCell;
use tablog_dashboard::model::orders::Order;
use tablog_sdk::{Failure, PortBroker, Status, StatusWatch, TabOptions, TabTransport};
use wasm_bindgen::prelude::*;

pub use requests::More;
pub use worker::order;

/// The broker's and its database's name.
const BROKER: &str = "local";
const FLIGHTS_FILE: &str = "flights/flights.bin";

thread_local! {
    static TRANSPORT: RefCell<Option<TabTransport>> = const { RefCell::new(None) };
    static WATCH: RefCell<Option<StatusWatch>> = const { RefCell::new(None) };
}

#[derive(Debug)]
pub struct Session;

impl Session {
    pub fn begin(state: State) {
        let options = TabOptions { name: BROKER.to_owned(), ..TabOptions::default() };
        let transport = TabTransport::begin(options);
        WATCH.set(Some(transport.watch(move |status| follow(state, status))));
        TRANSPORT.set(Some(transport));
        set_interval(move || state.tick(browser::now_ms()), std::time::Duration::from_millis(250));
        tell_whether_seen();
        worker::begin(state);
        Session::measure_storage(state);
        tab_clients::begin(state);
    }

    pub fn try_again(state: State) {
        if let Some(transport) = transport() {
            transport.retry();
        }
        if state.died.with_untracked(Option::is_some) {
            worker::begin_anew(state);
            tab_clients::put_all(state);
        }
    }
}

fn transport() -> Option<TabTransport> {
    TRANSPORT.with_borrow(Clone::clone)
}

/// What the tab's worker is told first: a way to the broker, and where things are.
fn introduction() -> Option<(Order, web_sys::MessagePort)> {
    let transport = transport()?;
    let port = PortBroker::attach(&transport).ok()?;
    let flights_url = browser::beside_page(FLIGHTS_FILE);
    Some((Order::Begin { broker_host: transport.host(), flights_url }, port))
}

/// For the page's whole life, as its document lives.
fn tell_whether_seen() {
    let on_change = Closure::<dyn FnMut()>::new(|| order(&Order::Seen(browser::is_visible())));
    let listener = on_change.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback("visibilitychange", listener);
    on_change.forget();
}

fn follow(state: State, status: &Status) {
    let before = state.phase.get_untracked();
    let next = match status {
        Status::Ready { tabs, .. } => {
            state.tabs.set(*tabs);
            Phase::Up
        }
        Status::Connecting if before == Phase::Starting => Phase::Starting,
        Status::Connecting => Phase::Lost,
        Status::Failed { .. } if !browser::has_shared_worker() => Phase::NoSharedWorker,
        Status::Failed { failure, words } => {
            let tries = if let Phase::Broken(fault) = before { fault.tries + 1 } else { 1 };
            let (why, detail) = (why(*failure), words.clone());
            Phase::Broken(Fault { why, detail, full: false, at_ms: browser::now_ms(), tries })
        }
    };
    state.phase.set(next);
}

fn why(failure: Failure) -> Why {
    match failure {
        Failure::NotAllowed => Why::NotAllowed,
        Failure::NewerFormat => Why::NewerFormat,
        Failure::Busy => Why::Busy,
        Failure::Deleted => Why::Deleted,
        Failure::Damaged => Why::Damaged,
        Failure::Other => Why::Unknown,
    }
}
