//! Reads `__tablog_events`, where the cluster has it, from what it still holds: the feed, the generations, the commits.

use super::TabTransport;
use crate::state::{Commits, State, View};
use leptos::prelude::*;
use std::sync::Arc;
use tablog_client::{Cluster, Consumer, ConsumerConfig, Transport};
use tablog_dashboard::model::feed::{Event, why};
use tablog_record::TopicPartition;
use wasm_bindgen_futures::spawn_local;

const TOPIC: &str = "__tablog_events";

pub async fn run(state: State, cluster: Cluster<TabTransport>) {
    loop {
        let has_events = state.view.with_untracked(|v| v.snapshot.topics.contains_key(TOPIC));
        if has_events {
            read(state, &cluster).await;
        }
        cluster.transport().sleep(1_000).await;
    }
}

/// Until it goes wrong; a broker that came back begins its events anew.
async fn read(state: State, cluster: &Cluster<TabTransport>) {
    let consumer = Consumer::new(cluster.clone(), ConsumerConfig::default());
    let partition = TopicPartition::new(TOPIC, 0);
    consumer.assign(std::slice::from_ref(&partition));
    if consumer.seek_to_beginning(&partition).is_err() {
        return;
    }
    spawn_local(consumer.run());
    while let Ok(records) = consumer.poll(1_000).await {
        if records.is_empty() {
            continue;
        }
        let events: Vec<_> =
            records.iter().filter_map(|r| Event::parse(r.value.as_deref().unwrap_or_default())).collect();
        state.view.update(|view| {
            let view = Arc::make_mut(view);
            for (at_ms, event) in &events {
                heed(view, *at_ms, event);
            }
        });
        for (at_ms, event) in events {
            if let Event::StorageFault { detail } = event {
                state.storage_fault(at_ms, detail);
            }
        }
    }
}

fn heed(view: &mut View, at_ms: i64, event: &Event) {
    match event {
        Event::RebalanceStarted { group, .. } => {
            view.histories.entry(group.clone()).or_default().rebalance_started(at_ms);
        }
        Event::Left { group, client, expired } => {
            view.histories.entry(group.clone()).or_default().departed(at_ms, client, why(*expired));
        }
        Event::Completed { group, generation } => {
            view.histories.entry(group.clone()).or_default().completed(generation.clone());
        }
        Event::Commits { commits, p50_us, p99_us } => {
            let figures = Commits { per_second: *commits, p50_ms: p50_us / 1e3, p99_ms: p99_us / 1e3 };
            view.commits = Some(figures);
            view.rates.commit_series.push(at_ms, figures.p50_ms);
        }
        _ => {}
    }
    view.feed.observe(at_ms, event);
}
