//! Reads `__tablog_events`, where the cluster has it, from what it still holds.

use crate::post::report;
use crate::tab::{READING_TIMEOUT_MS, Tab, Transported};
use std::rc::Rc;
use tablog_client::{Cluster, Consumer, ConsumerConfig, Transport};
use tablog_dashboard::model::feed::Event;
use tablog_dashboard::model::orders::Report;
use tablog_record::TopicPartition;
use wasm_bindgen_futures::spawn_local;

const TOPIC: &str = "__tablog_events";

pub async fn run(tab: Rc<Tab>) {
    let cluster = tab.page_cluster("dashboard-events", READING_TIMEOUT_MS);
    loop {
        let has_events = tab.topics.borrow().contains_key(TOPIC);
        if has_events {
            read(&cluster).await;
        }
        tab.transport.sleep(1_000).await;
    }
}

/// Until it goes wrong; a broker that came back begins its events anew.
async fn read(cluster: &Cluster<Transported>) {
    let consumer = Consumer::new(cluster.clone(), ConsumerConfig::default());
    let partition = TopicPartition::new(TOPIC, 0);
    consumer.assign(std::slice::from_ref(&partition));
    if consumer.seek_to_beginning(&partition).is_err() {
        return;
    }
    spawn_local(consumer.run());
    while let Ok(records) = consumer.poll(1_000).await {
        let events: Vec<_> =
            records.iter().filter_map(|r| Event::parse(r.value.as_deref().unwrap_or_default())).collect();
        if !events.is_empty() {
            report(&Report::Events(events));
        }
    }
}
