//! The worker's own loop: orders in, figures out five times a second.

use crate::consumer::RunningConsumer;
use crate::producer::RunningProducer;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tablog_client::{Cluster, ClusterConfig, Transport};
use tablog_dashboard::model::client_control::{Order, Report};
use tablog_dashboard::model::flights::Flights;
use tablog_sdk::ForwardedTransport;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort, Response};

const REPORT_MS: u64 = 200;

thread_local! {
    static TAB: RefCell<Option<Rc<Tab>>> = const { RefCell::new(None) };
}

/// What the clients share.
pub struct Tab {
    pub transport: ForwardedTransport,
    host: String,
    flights_url: String,
    flights: RefCell<Option<Rc<Flights>>>,
    producers: RefCell<BTreeMap<String, RunningProducer>>,
    consumers: RefCell<BTreeMap<String, RunningConsumer>>,
}

pub fn begin() {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| hear(&event));
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    report(&Report::Ready);
}

pub fn report(report: &Report) {
    if let Ok(json) = serde_json::to_string(report) {
        let _ = scope().post_message(&json.into());
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn hear(event: &MessageEvent) {
    let message: js_sys::Array = event.data().unchecked_into();
    let order = message.get(0).as_string().and_then(|json| serde_json::from_str::<Order>(&json).ok());
    let Some(order) = order else { return };
    if let Order::Begin { broker_host, flights_url } = order {
        if let Ok(port) = message.get(1).dyn_into::<MessagePort>() {
            start(port, broker_host, flights_url);
        }
        return;
    }
    let Some(tab) = TAB.with_borrow(Clone::clone) else { return };
    match order {
        Order::Begin { .. } => {}
        Order::PutProducer(settings) => {
            let known = tab.producers.borrow().get(&settings.client_id).map(|p| p.put(settings.clone()));
            if known != Some(true) {
                let running = RunningProducer::start(&tab, settings.clone());
                tab.producers.borrow_mut().insert(settings.client_id, running);
            }
        }
        Order::PutConsumer(settings) => {
            let known = tab.consumers.borrow().get(&settings.client_id).map(|c| c.put(settings.clone()));
            if known != Some(true) {
                let running = RunningConsumer::start(&tab, settings.clone());
                tab.consumers.borrow_mut().insert(settings.client_id, running);
            }
        }
        Order::Remove { client_id } => {
            tab.producers.borrow_mut().remove(&client_id);
            tab.consumers.borrow_mut().remove(&client_id);
        }
    }
}

fn start(port: MessagePort, host: String, flights_url: String) {
    let tab = Rc::new(Tab {
        transport: ForwardedTransport::new(port),
        host,
        flights_url,
        flights: RefCell::default(),
        producers: RefCell::default(),
        consumers: RefCell::default(),
    });
    TAB.set(Some(tab.clone()));
    spawn_local(async move {
        loop {
            tab.transport.sleep(REPORT_MS).await;
            let mut figures: Vec<_> = tab.producers.borrow().values().map(RunningProducer::figures).collect();
            figures.extend(tab.consumers.borrow().values().map(RunningConsumer::figures));
            if !figures.is_empty() {
                report(&Report::Figures(figures));
            }
        }
    });
}

impl Tab {
    /// A cluster of one client's own: its client id is what the broker sees.
    pub fn cluster(&self, client_id: &str) -> Cluster<ForwardedTransport> {
        let config = ClusterConfig {
            bootstrap_servers: vec![(self.host.clone(), 9092)],
            client_id: client_id.to_owned(),
            ..ClusterConfig::default()
        };
        Cluster::new(self.transport.clone(), config)
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
