//! The only file of the page that touches the SDK (its folder beside it): it reads the cluster through the Kafka
//! protocol, puts what it read into [`State`], and does what pages ask for.

mod changes;
mod events;
mod poll;
mod records;
mod store;

use crate::browser;
use crate::state::{Fault, Phase, State, Why};
use crate::tab_clients;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use tablog_client::{Admin, AdminConfig, ClientError, Cluster, ClusterConfig};
use tablog_dashboard::model::message::Message;
use tablog_sdk::{Failure, PortBroker, Status, StatusWatch, TabOptions, TabTransport};
use wasm_bindgen_futures::spawn_local;

/// The broker's and its database's name.
const BROKER: &str = "local";

/// How long a reading may take before it is given up and asked again.
const READING_TIMEOUT_MS: u64 = 3_000;

thread_local! {
    static CONNECTED: RefCell<Option<Rc<Connected>>> = const { RefCell::new(None) };
}

struct Connected {
    transport: TabTransport,
    /// Reads, and gives up soon; and does, and is patient.
    reading: Admin<TabTransport>,
    doing: Admin<TabTransport>,
    _watch: StatusWatch,
}

#[derive(Debug)]
pub struct Session;

impl Session {
    pub fn begin(state: State) {
        let options = TabOptions { name: BROKER.to_owned(), ..TabOptions::default() };
        let transport = TabTransport::begin(options);
        let watch = transport.watch(move |status| follow(state, status));
        let connected = Rc::new(Connected {
            reading: admin(&transport, "dashboard", READING_TIMEOUT_MS),
            doing: admin(&transport, "dashboard", 30_000),
            transport,
            _watch: watch,
        });
        CONNECTED.set(Some(connected.clone()));
        set_interval(move || state.tick(browser::now_ms()), std::time::Duration::from_millis(250));
        spawn_local(poll::run(state, connected.reading.clone()));
        spawn_local(events::run(
            state,
            cluster(&connected.transport, "dashboard-events", READING_TIMEOUT_MS),
        ));
        Session::measure_storage(state);
        tab_clients::begin(state);
    }

    pub fn try_again(_state: State) {
        if let Some(connected) = connected() {
            connected.transport.retry();
        }
    }

    /// A way to the broker for the worker of the tab's clients.
    pub fn forward() -> Option<web_sys::MessagePort> {
        PortBroker::attach(&connected()?.transport).ok()
    }

    /// Where the broker is, for that worker.
    pub fn broker_host() -> String {
        connected().map(|c| c.transport.host()).unwrap_or_default()
    }
}

fn connected() -> Option<Rc<Connected>> {
    CONNECTED.with_borrow(Clone::clone)
}

fn cluster(transport: &TabTransport, client_id: &str, request_timeout_ms: u64) -> Cluster<TabTransport> {
    let config = ClusterConfig {
        bootstrap_servers: vec![(transport.host(), 9092)],
        client_id: client_id.to_owned(),
        request_timeout_ms,
        allow_auto_create_topics: false,
        ..ClusterConfig::default()
    };
    let cluster = Cluster::new(transport.clone(), config);
    spawn_local(cluster.run());
    cluster
}

fn admin(transport: &TabTransport, client_id: &str, timeout_ms: u64) -> Admin<TabTransport> {
    let cluster = cluster(transport, client_id, timeout_ms);
    Admin::new(cluster, AdminConfig { default_api_timeout_ms: timeout_ms })
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

/// What a refusal says on the page.
fn refusal(error: &ClientError) -> Message {
    match error {
        ClientError::Refused { code, message } => Message::new("refused")
            .text("code", code.name())
            .text("detail", message.clone().unwrap_or_default()),
        other => Message::new("no-broker").text("detail", other.to_string()),
    }
}
