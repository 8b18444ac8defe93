//! What pages change: topics, settings, groups, records by hand, and the flights.

use super::{Session, cluster, connected, refusal};
use crate::browser;
use crate::state::{Load, State};
use crate::tab_clients;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tablog_client::{
    Admin, ClientError, ConfigChange, ConfigResource, NewTopic as Wanted, ProduceError, Producer,
    ProducerConfig, ProducerRecord,
};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::records::Draft;
use tablog_dashboard::model::topic_settings::NewTopic;
use tablog_record::{RecordHeader, Timestamp};
use tablog_sdk::TabTransport;
use wasm_bindgen_futures::spawn_local;

/// Records that are on their way at once when a file is imported.
const IMPORT_STEP: usize = 2_000;

fn doing() -> Result<Admin<TabTransport>, Message> {
    connected().map(|c| c.doing.clone()).ok_or_else(|| Message::new("no-broker"))
}

/// The outcome of the one thing that was asked for.
fn only<K, V>(outcomes: Result<BTreeMap<K, Result<V, ClientError>>, ClientError>) -> Result<(), Message> {
    match outcomes.map(|o| o.into_values().next()) {
        Ok(Some(Ok(_))) => Ok(()),
        Ok(Some(Err(error))) | Err(error) => Err(refusal(&error)),
        Ok(None) => Err(Message::new("no-broker")),
    }
}

impl Session {
    pub async fn create_topic(topic: NewTopic) -> Result<(), Message> {
        let mut wanted = Wanted::new(topic.name.clone(), topic.partitions);
        wanted.configs = topic.settings().into_iter().collect();
        only(doing()?.create_topics(&[wanted]).await)
    }

    pub async fn delete_topic(name: String) -> Result<(), Message> {
        only(doing()?.delete_topics(&[name]).await)
    }

    pub async fn add_partitions(name: String, total: i32) -> Result<(), Message> {
        only(doing()?.create_partitions(&BTreeMap::from([(name, total)])).await)
    }

    pub async fn delete_group(id: String) -> Result<(), Message> {
        let outcome = only(doing()?.delete_groups(std::slice::from_ref(&id)).await);
        let is_alive = |m: &Message| m.says("code", "NON_EMPTY_GROUP");
        outcome.map_err(|m| if is_alive(&m) { Message::new("group-not-empty").text("group", id) } else { m })
    }

    /// None: back to the default.
    pub async fn alter_setting(
        state: State,
        topic: String,
        name: String,
        value: Option<String>,
    ) -> Result<(), Message> {
        let change = value.map_or(ConfigChange::Delete, ConfigChange::Set);
        let changes = BTreeMap::from([(ConfigResource::Topic(topic), BTreeMap::from([(name, change)]))]);
        let outcome = only(doing()?.incremental_alter_configs(&changes).await);
        state.settings_changed.set(true);
        outcome
    }

    /// Writes records in steps, each acknowledged before the next; `on_progress` may stop it. Answers where the last
    /// one landed.
    pub async fn produce(
        topic: String,
        drafts: Vec<Draft>,
        on_progress: impl Fn(u64) -> bool + 'static,
    ) -> Result<(i32, i64), Message> {
        let connected = connected().ok_or_else(|| Message::new("no-broker"))?;
        let producer = Producer::new(
            cluster(&connected.transport, "dashboard-producer", 30_000),
            ProducerConfig { delivery_timeout_ms: 30_000, batch_size: 65_536, ..ProducerConfig::default() },
        );
        spawn_local(producer.run());
        let (mut last, mut done) = ((0, 0), 0);
        for step in drafts.chunks(IMPORT_STEP) {
            let mut deliveries = Vec::with_capacity(step.len());
            for draft in step {
                deliveries.push(producer.send(record(&topic, draft)).await.map_err(undelivered)?);
            }
            for delivery in deliveries {
                let landed = delivery.await.map_err(undelivered)?;
                last = (landed.partition, landed.offset);
            }
            done += step.len() as u64;
            if !on_progress(done) {
                break;
            }
        }
        producer.close().await;
        Ok(last)
    }

    /// The topic for ever, three consumers, and all the flights at full speed.
    pub fn load_flights(state: State) {
        if state.load.get_untracked() == Load::Running {
            return;
        }
        state.load.set(Load::Running);
        let clicked_ms = browser::now_ms();
        spawn_local(async move {
            let there = state.view.with_untracked(|v| v.snapshot.topics.contains_key(tab_clients::FLIGHTS));
            if !there && let Err(message) = Session::create_topic(NewTopic::flights()).await {
                state.load.set(Load::Failed(crate::words::words(&message)));
                return;
            }
            tab_clients::load_flights(state, clicked_ms);
        });
    }
}

fn record(topic: &str, draft: &Draft) -> ProducerRecord {
    let header = |(name, value): &(String, Vec<u8>)| RecordHeader {
        key: name.clone().into(),
        value: Some(value.clone().into()),
    };
    ProducerRecord {
        topic: topic.to_owned(),
        partition: draft.partition,
        key: draft.key.clone().map(Into::into),
        value: draft.value.clone().map(Into::into),
        headers: draft.headers.iter().map(header).collect(),
        timestamp: draft.timestamp_ms.map(Timestamp),
    }
}

fn undelivered(error: ProduceError) -> Message {
    match error {
        ProduceError::Refused { code, .. } => {
            Message::new("refused").text("code", code.name()).text("detail", "")
        }
        other => Message::new("not-delivered").text("detail", other.to_string()),
    }
}
