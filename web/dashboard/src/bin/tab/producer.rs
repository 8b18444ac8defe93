//! One producer of the tab: records at a rate, or as fast as it goes. Settings that a producer is made with make a new
//! one; its rate and whether it pauses change while it runs.

use crate::post::report;
use crate::tab::{Tab, Transported};
use futures_util::future::{AbortHandle, abortable};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_client::{Acks, Delivery, Producer, ProducerConfig, ProducerRecord, Transport};
use tablog_dashboard::model::client_control::{Figures, KeyStrategy, ProducerSettings, Source};
use tablog_dashboard::model::flights::Flights;
use tablog_dashboard::model::orders::Report;
use tablog_record::{Compression, Timestamp};
use wasm_bindgen_futures::spawn_local;

const TICK_MS: u64 = 20;
/// Records between two looks at the clock, at full speed.
const STEP: u64 = 500;

/// Dropping it closes the producer: what it took is still sent.
pub struct RunningProducer {
    inner: Rc<Inner>,
    work: AbortHandle,
}

struct Inner {
    settings: RefCell<ProducerSettings>,
    producer: Producer<Transported>,
    sent: Cell<u64>,
    trouble: RefCell<Option<String>>,
}

impl RunningProducer {
    pub fn start(tab: &Rc<Tab>, settings: ProducerSettings) -> Self {
        let cluster = tab.cluster(&settings.client_id);
        let producer = Producer::new(cluster.clone(), config(&settings));
        spawn_local(producer.run());
        let inner = Rc::new(Inner {
            settings: RefCell::new(settings),
            producer,
            sent: Cell::new(0),
            trouble: RefCell::default(),
        });
        let (work, handle) = abortable(work(tab.clone(), inner.clone()));
        spawn_local(async move {
            let _ = work.await;
        });
        RunningProducer { inner, work: handle }
    }

    /// False: these settings need a new producer.
    pub fn put(&self, settings: ProducerSettings) -> bool {
        let mut current = self.inner.settings.borrow_mut();
        let running = ProducerSettings { rate: current.rate, paused: current.paused, ..settings.clone() };
        if running != *current || settings.source == Source::FlightsOnce {
            return false;
        }
        *current = settings;
        true
    }

    pub fn figures(&self) -> Figures {
        let metrics = self.inner.producer.metrics();
        Figures {
            client_id: self.inner.settings.borrow().client_id.clone(),
            records: self.inner.sent.get(),
            acknowledged: metrics.records_acked,
            trouble: self.inner.trouble.borrow().clone(),
            ..Figures::default()
        }
    }
}

impl Drop for RunningProducer {
    fn drop(&mut self) {
        self.work.abort();
        let inner = self.inner.clone();
        spawn_local(async move { inner.producer.close().await });
    }
}

fn config(settings: &ProducerSettings) -> ProducerConfig {
    let acks = match settings.acks.as_str() {
        "0" => Acks::None,
        "1" => Acks::Leader,
        _ => Acks::All,
    };
    let compression_type = match settings.compression.as_str() {
        "gzip" => Compression::Gzip,
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd,
        _ => Compression::None,
    };
    ProducerConfig {
        acks,
        compression_type,
        linger_ms: settings.linger_ms,
        batch_size: settings.batch_bytes,
        ..ProducerConfig::default()
    }
}

async fn work(tab: Rc<Tab>, inner: Rc<Inner>) {
    let (source, client_id) = {
        let settings = inner.settings.borrow();
        (settings.source, settings.client_id.clone())
    };
    let flights = match source {
        Source::Counter => None,
        Source::Flights | Source::FlightsOnce => match tab.flights().await {
            Ok(flights) => Some(flights),
            Err(detail) => return report(&Report::Failed { client_id, detail }),
        },
    };
    match (source, flights) {
        (Source::FlightsOnce, Some(flights)) => once(&inner, &flights).await,
        (_, flights) => at_a_rate(&tab, &inner, flights.as_deref()).await,
    }
}

/// All of them, and then the time that it took until the last was acknowledged.
async fn once(inner: &Inner, flights: &Flights) {
    let client_id = inner.settings.borrow().client_id.clone();
    for i in 0..flights.len() {
        if let Err(error) = inner.producer.send(record(inner, Some(flights), i as u64)).await {
            return report(&Report::Failed { client_id, detail: error.to_string() });
        }
    }
    inner.producer.flush().await;
    let metrics = inner.producer.metrics();
    report(&match metrics.records_failed {
        0 => Report::Done { client_id, records: metrics.records_acked },
        failed => Report::Failed { client_id, detail: format!("{failed} records were not acknowledged") },
    });
}

async fn at_a_rate(tab: &Tab, inner: &Rc<Inner>, flights: Option<&Flights>) {
    let mut due = 0.0;
    let mut last_ms = tab.transport.now().monotonic_ms;
    loop {
        let (rate, paused) = {
            let settings = inner.settings.borrow();
            (settings.rate, settings.paused)
        };
        let now_ms = tab.transport.now().monotonic_ms;
        let elapsed_ms = now_ms.saturating_sub(last_ms).min(500);
        last_ms = now_ms;
        let count = match (paused, rate) {
            (true, _) => 0,
            (false, Some(rate)) => {
                due += rate * elapsed_ms as f64 / 1e3;
                let count = due.floor();
                due -= count;
                count as u64
            }
            (false, None) => STEP,
        };
        for _ in 0..count {
            match inner.producer.send(record(inner, flights, inner.sent.get())).await {
                Ok(delivery) => {
                    inner.sent.set(inner.sent.get() + 1);
                    if inner.sent.get() % 64 == 1 {
                        watch(inner.clone(), delivery);
                    }
                }
                Err(error) => *inner.trouble.borrow_mut() = Some(error.to_string()),
            }
        }
        let wait_ms = if rate.is_none() && !paused { 1 } else { TICK_MS };
        tab.transport.sleep(wait_ms).await;
    }
}

/// One delivery of many says whether things go right.
fn watch(inner: Rc<Inner>, delivery: Delivery) {
    spawn_local(async move {
        let outcome = delivery.await;
        *inner.trouble.borrow_mut() = outcome.err().map(|error| error.to_string());
    });
}

fn record(inner: &Inner, flights: Option<&Flights>, n: u64) -> ProducerRecord {
    let settings = inner.settings.borrow();
    let Some(flights) = flights else { return counted(&settings, n) };
    let flight = flights.record((n % flights.len() as u64) as usize);
    let key = match settings.key {
        KeyStrategy::Origin => Some(flight.key.clone()),
        other => key(other, n),
    };
    ProducerRecord {
        timestamp: Some(Timestamp(flight.timestamp_ms)),
        ..ProducerRecord::new(settings.topic.clone(), key.map(Into::into), Some(flight.value.into()))
    }
}

fn counted(settings: &ProducerSettings, n: u64) -> ProducerRecord {
    let mut value = format!("{{\"n\":{n}");
    if settings.value_bytes > value.len() + 11 {
        let padding = settings.value_bytes - value.len() - 11;
        value.push_str(",\"pad\":\"");
        value.extend(std::iter::repeat_n('.', padding));
        value.push('"');
    }
    value.push('}');
    ProducerRecord::new(settings.topic.clone(), key(settings.key, n).map(Into::into), Some(value.into()))
}

/// A hundred keys in an order without a pattern that is seen, or the same one always.
fn key(strategy: KeyStrategy, n: u64) -> Option<String> {
    match strategy {
        KeyStrategy::None => None,
        KeyStrategy::One => Some("key".to_owned()),
        KeyStrategy::Origin | KeyStrategy::Random => {
            Some(format!("k{:02}", (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100))
        }
    }
}
