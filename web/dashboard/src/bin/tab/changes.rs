//! What pages change: topics, settings, and records by hand or from a file.

use crate::requests::{Asked, refusal};
use crate::tab::Tab;
use tablog_client::{
    ClientError, ConfigChange, ConfigResource, NewTopic, ProduceError, Producer, ProducerConfig,
    ProducerRecord,
};
use tablog_dashboard::model::orders::{Reply, Trouble};
use tablog_dashboard::model::records::Draft;
use tablog_record::{RecordHeader, SortedMap, Timestamp};
use wasm_bindgen_futures::spawn_local;

/// Records that are on their way at once when many are produced.
const STEP: usize = 2_000;

pub async fn create_topic(
    tab: &Tab,
    name: String,
    partitions: i32,
    settings: Vec<(String, String)>,
) -> Result<Reply, Trouble> {
    let mut wanted = NewTopic::new(name, partitions);
    wanted.configs = settings.into_iter().collect();
    only(tab.doing.create_topics(&[wanted]).await)
}

pub async fn delete_topic(tab: &Tab, name: String) -> Result<Reply, Trouble> {
    only(tab.doing.delete_topics(&[name]).await)
}

pub async fn add_partitions(tab: &Tab, name: String, total: i32) -> Result<Reply, Trouble> {
    only(tab.doing.create_partitions(&SortedMap::from([(name, total)])).await)
}

/// None: back to the default.
pub async fn alter_setting(
    tab: &Tab,
    topic: String,
    name: String,
    value: Option<String>,
) -> Result<Reply, Trouble> {
    let change = value.map_or(ConfigChange::Delete, ConfigChange::Set);
    let changes = SortedMap::from([(ConfigResource::Topic(topic), SortedMap::from([(name, change)]))]);
    let outcome = only(tab.doing.incremental_alter_configs(&changes).await);
    tab.settings_changed.set(true);
    outcome
}

/// The outcome of the one thing that was asked for.
fn only<K, V>(outcomes: Result<SortedMap<K, Result<V, ClientError>>, ClientError>) -> Result<Reply, Trouble> {
    match outcomes.map(|o| o.into_values().next()) {
        Ok(Some(Ok(_))) => Ok(Reply::Finished),
        Ok(Some(Err(error))) | Err(error) => Err(refusal(&error)),
        Ok(None) => Err(Trouble::NoBroker { detail: String::new() }),
    }
}

/// Writes records in steps, each acknowledged before the next, until it is no longer wanted. Answers where the last
/// one landed.
pub async fn produce(
    asked: &Asked,
    topic: &str,
    count: usize,
    draft: &dyn Fn(usize) -> Draft,
) -> Result<Reply, Trouble> {
    let producer = Producer::new(
        asked.tab.page_cluster("dashboard-producer", 30_000),
        ProducerConfig { delivery_timeout_ms: 30_000, batch_size: 65_536, ..ProducerConfig::default() },
    );
    spawn_local(producer.run());
    let (mut last, mut done) = (Reply::Landed { partition: 0, offset: 0 }, 0);
    while done < count && asked.is_wanted() {
        let end = (done + STEP).min(count);
        let mut deliveries = Vec::with_capacity(end - done);
        for i in done..end {
            deliveries.push(producer.send(record(topic, draft(i))).await.map_err(undelivered)?);
        }
        for delivery in deliveries {
            let landed = delivery.await.map_err(undelivered)?;
            last = Reply::Landed { partition: landed.partition, offset: landed.offset };
        }
        done = end;
        asked.reply(Reply::Progress(done as u64));
    }
    producer.close().await;
    Ok(last)
}

fn record(topic: &str, draft: Draft) -> ProducerRecord {
    let header =
        |(name, value): (String, Vec<u8>)| RecordHeader { key: name.into(), value: Some(value.into()) };
    ProducerRecord {
        topic: topic.to_owned(),
        partition: draft.partition,
        key: draft.key.map(Into::into),
        value: draft.value.map(Into::into),
        headers: draft.headers.into_iter().map(header).collect(),
        timestamp: draft.timestamp_ms.map(Timestamp),
    }
}

fn undelivered(error: ProduceError) -> Trouble {
    match error {
        ProduceError::Refused { code, .. } => {
            Trouble::Refused { code: code.name().to_owned(), detail: String::new() }
        }
        other => Trouble::NotDelivered { detail: other.to_string() },
    }
}
