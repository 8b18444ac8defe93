//! What all that the worker does shares: the way to the broker, the tab's clients, what was asked for and still runs.

use crate::consumer::{RunningConsumer, Wishes};
use crate::member::Member;
use crate::post::{report, scope};
use crate::producer::RunningProducer;
use crate::{events, keys, poll};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_client::{Admin, AdminConfig, Cluster, ClusterConfig, Observed, Observer, Transport};
use tablog_dashboard::model::client_control::{ConsumerSettings, ProducerSettings};
use tablog_dashboard::model::flights::Flights;
use tablog_dashboard::model::import::Import;
use tablog_dashboard::model::member::MemberSettings;
use tablog_dashboard::model::orders::Report;
use tablog_record::{SortedMap, SortedSet};
use tablog_sdk::ForwardedTransport;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessagePort, Response};

const REPORT_MS: u64 = 200;
/// How long a reading may take before it is given up and asked again.
pub const READING_TIMEOUT_MS: u64 = 3_000;
/// What is done is waited for longer.
const DOING_TIMEOUT_MS: u64 = 30_000;

/// Whoever is watched is to see a topic that grew while one watches.
const OBSERVED_METADATA_MAX_AGE_MS: u64 = 500;

/// Observed or not: the client is linked once.
pub type Transported = Observed<ForwardedTransport>;

pub struct Tab {
    pub transport: Transported,
    /// Reads, and gives up soon; and does, and is patient.
    pub reading: Admin<Transported>,
    pub doing: Admin<Transported>,
    /// Whether anybody looks at the page.
    pub seen: Cell<bool>,
    /// Settings were changed and should be read again soon.
    pub settings_changed: Cell<bool>,
    /// How many partitions each topic had at the last reading.
    pub topics: RefCell<SortedMap<String, usize>>,
    /// Which watch is the newest; the others end.
    pub watch: Cell<u64>,
    /// The file that was opened last.
    pub opened: RefCell<Option<Rc<Import>>>,
    host: String,
    flights_url: String,
    flights: RefCell<Option<Rc<Flights>>>,
    producers: RefCell<SortedMap<String, RunningProducer>>,
    consumers: RefCell<SortedMap<String, RunningConsumer>>,
    /// The one member that the tab is, where it is one.
    member: RefCell<Option<Rc<Member>>>,
    /// What was asked for and is still wanted.
    wanted: RefCell<SortedSet<u32>>,
}

impl Tab {
    pub fn begin(port: MessagePort, host: String, flights_url: String) -> Rc<Tab> {
        let transport = Observed::unobserved(ForwardedTransport::new(port));
        let admin = |timeout_ms| {
            let cluster = cluster(&transport, &host, "dashboard", timeout_ms);
            Admin::new(cluster, AdminConfig { default_api_timeout_ms: timeout_ms })
        };
        let tab = Rc::new(Tab {
            reading: admin(READING_TIMEOUT_MS),
            doing: admin(DOING_TIMEOUT_MS),
            transport,
            seen: Cell::new(true),
            settings_changed: Cell::new(false),
            topics: RefCell::default(),
            watch: Cell::new(0),
            opened: RefCell::default(),
            host,
            flights_url,
            flights: RefCell::default(),
            producers: RefCell::default(),
            consumers: RefCell::default(),
            member: RefCell::default(),
            wanted: RefCell::default(),
        });
        spawn_local(poll::run(tab.clone()));
        spawn_local(events::run(tab.clone()));
        spawn_local(report_figures(tab.clone()));
        tab
    }

    /// A cluster of the page's own, that runs by itself.
    pub fn page_cluster(&self, client_id: &str, request_timeout_ms: u64) -> Cluster<Transported> {
        cluster(&self.transport, &self.host, client_id, request_timeout_ms)
    }

    /// A cluster of one client's own: its client id is what the broker sees.
    pub fn cluster(&self, client_id: &str) -> Cluster<Transported> {
        Cluster::new(self.transport.clone(), config(&self.host, client_id))
    }

    /// The same with somebody who hears what the client asks its coordinator.
    pub fn observed_cluster(&self, client_id: &str, observer: Rc<dyn Observer>) -> Cluster<Transported> {
        let config = ClusterConfig {
            metadata_max_age_ms: OBSERVED_METADATA_MAX_AGE_MS,
            allow_auto_create_topics: false,
            ..config(&self.host, client_id)
        };
        Cluster::new(self.transport.observed_by(observer), config)
    }

    pub fn now_ms(&self) -> i64 {
        self.transport.now().wall.0
    }

    pub fn watch(self: &Rc<Tab>, topic: String) {
        self.unwatch();
        spawn_local(keys::run(self.clone(), topic, self.watch.get()));
    }

    pub fn unwatch(&self) {
        self.watch.set(self.watch.get() + 1);
    }

    pub fn put_producer(self: &Rc<Tab>, settings: ProducerSettings) {
        let known = self.producers.borrow().get(&settings.client_id).map(|p| p.put(settings.clone()));
        if known != Some(true) {
            let running = RunningProducer::start(self, settings.clone());
            self.producers.borrow_mut().insert(settings.client_id, running);
        }
    }

    pub fn put_consumer(self: &Rc<Tab>, settings: ConsumerSettings) {
        let known = self.consumers.borrow().get(&settings.client_id).map(|c| c.put(settings.clone()));
        if known != Some(true) {
            let session_timeout_ms = Some(settings.session_timeout_ms);
            let wishes = Wishes { session_timeout_ms, on_records: Box::new(|_| ()) };
            let running = RunningConsumer::start(self, settings.clone(), wishes);
            self.consumers.borrow_mut().insert(settings.client_id, running);
        }
    }

    pub fn put_member(self: &Rc<Tab>, settings: MemberSettings) {
        self.end_member();
        *self.member.borrow_mut() = Some(Member::begin(self, settings));
    }

    pub fn member(&self) -> Option<Rc<Member>> {
        self.member.borrow().clone()
    }

    pub fn end_member(&self) {
        if let Some(member) = self.member.take() {
            member.end();
        }
    }

    pub fn remove(&self, client_id: &str) {
        self.producers.borrow_mut().remove(client_id);
        self.consumers.borrow_mut().remove(client_id);
    }

    pub fn want(&self, id: u32) {
        self.wanted.borrow_mut().insert(id);
    }

    pub fn stop(&self, id: u32) {
        self.wanted.borrow_mut().remove(&id);
    }

    pub fn is_wanted(&self, id: u32) -> bool {
        self.wanted.borrow().contains(&id)
    }

    pub async fn flights(&self) -> Result<Rc<Flights>, String> {
        if let Some(flights) = &*self.flights.borrow() {
            return Ok(flights.clone());
        }
        let failed = |error: JsValue| format!("{}: {error:?}", self.flights_url);
        let response = JsFuture::from(scope().fetch_with_str(&self.flights_url)).await.map_err(failed)?;
        let response: Response = response.unchecked_into();
        let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
        let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
        let flights = Flights::unpack(&bytes).filter(|f| !f.is_empty());
        let flights = Rc::new(flights.ok_or_else(|| format!("{} is not the flights", self.flights_url))?);
        *self.flights.borrow_mut() = Some(flights.clone());
        Ok(flights)
    }
}

fn cluster(
    transport: &Transported,
    host: &str,
    client_id: &str,
    request_timeout_ms: u64,
) -> Cluster<Transported> {
    let config =
        ClusterConfig { request_timeout_ms, allow_auto_create_topics: false, ..config(host, client_id) };
    let cluster = Cluster::new(transport.clone(), config);
    spawn_local(cluster.run());
    cluster
}

fn config(host: &str, client_id: &str) -> ClusterConfig {
    ClusterConfig {
        bootstrap_servers: vec![(host.to_owned(), 9092)],
        client_id: client_id.to_owned(),
        ..ClusterConfig::default()
    }
}

async fn report_figures(tab: Rc<Tab>) {
    loop {
        tab.transport.sleep(REPORT_MS).await;
        let mut figures: Vec<_> = tab.producers.borrow().values().map(RunningProducer::figures).collect();
        figures.extend(tab.consumers.borrow().values().map(RunningConsumer::figures));
        if !figures.is_empty() {
            report(&Report::Figures(figures));
        }
    }
}
