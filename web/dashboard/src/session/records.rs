//! Reading records: a page of them from somewhere, a live tail, all of them, and the keys of the topic in sight.

use super::{Connected, Session, cluster, connected, refusal};
use crate::browser;
use crate::state::{State, Watched};
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tablog_client::{Consumer, ConsumerConfig, ConsumerRecord, OffsetSpec};
use tablog_dashboard::model::limits::STRATA_SAMPLES_MAX;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::records::{BatchFacts, From, ReadRecord};
use tablog_dashboard::model::strata::Keys;
use tablog_record::{TimestampType, TopicPartition};
use tablog_sdk::TabTransport;
use wasm_bindgen_futures::spawn_local;

/// A page of records is given up after this.
const READ_TIMEOUT_MS: i64 = 4_000;
/// How often the keys in sight are shown anew.
const WATCH_EVERY_MS: i64 = 300;

thread_local! {
    /// Which watch is the newest; the others end.
    static WATCH: Cell<u64> = const { Cell::new(0) };
}

type Ends = BTreeMap<TopicPartition, (i64, i64)>;

impl Session {
    pub async fn read(topic: String, from: From, limit: usize) -> Result<Vec<ReadRecord>, Message> {
        let connected = connected().ok_or_else(|| Message::new("no-broker"))?;
        let ends = ends(&connected, &topic).await?;
        let mut starts: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        if let From::Time(ms) = from {
            let specs = ends.keys().map(|p| (p.clone(), OffsetSpec::Timestamp(ms))).collect();
            let listed = connected.reading.list_offsets(&specs).await.map_err(|e| refusal(&e))?;
            for (p, listed) in listed {
                let found = listed.ok().map(|l| l.offset).filter(|offset| *offset >= 0);
                starts.insert(p.clone(), found.unwrap_or(ends[&p].1));
            }
        } else {
            for (p, (start, end)) in &ends {
                let at = match from {
                    From::Beginning => *start,
                    From::Offset(offset) => offset.clamp(*start, *end),
                    _ => (*end - limit as i64).max(*start),
                };
                starts.insert(p.clone(), at);
            }
        }
        let mut records = collect(&connected, &starts, &ends, limit).await?;
        match from {
            From::Newest => {
                records.sort_by_key(|r| std::cmp::Reverse((r.timestamp_ms, r.offset)));
            }
            _ => records.sort_by_key(|r| (r.timestamp_ms, r.partition, r.offset)),
        }
        records.truncate(limit);
        Ok(records)
    }

    /// From now on, until `on_records` answers no.
    pub fn tail(topic: String, mut on_records: impl FnMut(Vec<ReadRecord>) -> bool + 'static) {
        spawn_local(async move {
            let Some(connected) = connected() else { return };
            let Ok(ends) = ends(&connected, &topic).await else { return };
            let consumer = consumer(&connected, 1_000, &ends);
            for (partition, (_, end)) in &ends {
                let _ = consumer.seek(partition, *end);
            }
            while let Ok(records) = consumer.poll(500).await {
                if !on_records(records.iter().map(shown).collect()) {
                    return;
                }
            }
        });
    }

    /// Everything there is now, partition by partition as it comes.
    pub async fn export(
        topic: String,
        mut on_records: impl FnMut(Vec<ReadRecord>) -> bool,
    ) -> Result<(), Message> {
        let connected = connected().ok_or_else(|| Message::new("no-broker"))?;
        let ends = ends(&connected, &topic).await?;
        let consumer = consumer(&connected, 5_000, &ends);
        for (partition, (start, _)) in &ends {
            let _ = consumer.seek(partition, *start);
        }
        while !ends.iter().all(|(p, (_, end))| consumer.position(p).is_some_and(|at| at >= *end)) {
            let records = consumer.poll(1_000).await.map_err(|e| failed(&e))?;
            let wanted = records.iter().filter(|r| {
                let end =
                    ends.get(&TopicPartition::new(r.topic.clone(), r.partition)).map_or(0, |(_, end)| *end);
                r.offset < end
            });
            if !on_records(wanted.map(shown).collect()) {
                break;
            }
        }
        Ok(())
    }

    /// Follows the keys of the topic in sight; the watch before ends.
    pub fn watch(state: State, topic: String) {
        let mine = WATCH.get() + 1;
        WATCH.set(mine);
        spawn_local(async move {
            // The page is drawn first.
            browser::sleep_ms(50).await;
            while WATCH.get() == mine {
                follow(state, &topic, mine).await;
                browser::sleep_ms(1_000).await;
            }
        });
    }

    pub fn unwatch() {
        WATCH.set(WATCH.get() + 1);
    }
}

async fn follow(state: State, topic: &str, mine: u64) {
    let Some(connected) = connected() else { return };
    let Ok(ends) = ends(&connected, topic).await else { return };
    let samples = (STRATA_SAMPLES_MAX * 6 / ends.len().max(6)) as i64;
    let consumer = consumer(&connected, 2_000, &ends);
    for (partition, (start, end)) in &ends {
        let _ = consumer.seek(partition, (*end - samples).max(*start));
    }
    let mut keys = vec![Keys::default(); ends.len()];
    let (mut shown_at_ms, mut is_new) = (0, false);
    while let Ok(records) = consumer.poll(300).await {
        if WATCH.get() != mine {
            return;
        }
        for record in &records {
            let key = record.key.as_deref().map(String::from_utf8_lossy);
            if let Some(keys) = keys.get_mut(record.partition as usize) {
                keys.push(record.offset, key.as_deref());
                is_new = true;
            }
        }
        if is_new && browser::now_ms() - shown_at_ms >= WATCH_EVERY_MS {
            shown_at_ms = browser::now_ms();
            is_new = false;
            state.watched.set(Arc::new(Watched { topic: topic.to_owned(), keys: keys.clone() }));
        }
        let partitions =
            state.view.with_untracked(|v| v.snapshot.topics.get(topic).map_or(0, |t| t.partitions.len()));
        if partitions != keys.len() {
            return;
        }
    }
}

/// Log start and end of each partition.
async fn ends(connected: &Rc<Connected>, topic: &str) -> Result<Ends, Message> {
    let cluster = connected.reading.cluster();
    let metadata = cluster.metadata(Some(&[topic.to_owned()])).await.map_err(|e| refusal(&e))?;
    let partitions: Vec<TopicPartition> = metadata.partitions_of(topic).collect();
    let specs = |spec: OffsetSpec| partitions.iter().map(|p| (p.clone(), spec)).collect();
    let starts =
        connected.reading.list_offsets(&specs(OffsetSpec::Earliest)).await.map_err(|e| refusal(&e))?;
    let ends = connected.reading.list_offsets(&specs(OffsetSpec::Latest)).await.map_err(|e| refusal(&e))?;
    let offset = |from: &BTreeMap<_, Result<tablog_client::ListedOffset, _>>, p: &TopicPartition| {
        from.get(p).and_then(|r| r.as_ref().ok()).map_or(0, |listed| listed.offset)
    };
    Ok(partitions
        .into_iter()
        .map(|p| {
            let both = (offset(&starts, &p), offset(&ends, &p));
            (p, both)
        })
        .collect())
}

/// A consumer of these partitions, without a group.
fn consumer(connected: &Rc<Connected>, max_poll_records: usize, ends: &Ends) -> Consumer<TabTransport> {
    let config =
        ConsumerConfig { max_poll_records, max_partition_fetch_bytes: 262_144, ..ConsumerConfig::default() };
    let consumer = Consumer::new(cluster(&connected.transport, "dashboard-records", 10_000), config);
    consumer.assign(&ends.keys().cloned().collect::<Vec<_>>());
    spawn_local(consumer.run());
    consumer
}

/// Up to `limit` records of each partition, from its start.
async fn collect(
    connected: &Rc<Connected>,
    starts: &BTreeMap<TopicPartition, i64>,
    ends: &Ends,
    limit: usize,
) -> Result<Vec<ReadRecord>, Message> {
    let with_records: Ends =
        ends.iter().filter(|(p, (_, end))| starts[*p] < *end).map(|(p, both)| (p.clone(), *both)).collect();
    if with_records.is_empty() {
        return Ok(Vec::new());
    }
    let consumer = consumer(connected, 500, &with_records);
    for partition in with_records.keys() {
        let _ = consumer.seek(partition, starts[partition]);
    }
    let mut taken: BTreeMap<TopicPartition, usize> = BTreeMap::new();
    let mut records = Vec::new();
    let begun_ms = browser::now_ms();
    loop {
        let complete = with_records.iter().all(|(p, (_, end))| {
            taken.get(p).is_some_and(|n| *n >= limit) || consumer.position(p).is_some_and(|at| at >= *end)
        });
        if complete || browser::now_ms() - begun_ms > READ_TIMEOUT_MS {
            return Ok(records);
        }
        for record in consumer.poll(500).await.map_err(|e| failed(&e))? {
            let partition = TopicPartition::new(record.topic.clone(), record.partition);
            let count = taken.entry(partition.clone()).or_default();
            if *count < limit {
                *count += 1;
                records.push(shown(&record));
                if *count == limit {
                    consumer.pause(std::slice::from_ref(&partition));
                }
            }
        }
    }
}

fn failed(error: &tablog_client::ConsumeError) -> Message {
    Message::new("not-read").text("detail", error.to_string())
}

fn shown(record: &ConsumerRecord) -> ReadRecord {
    let headers = record.headers.iter().map(|h| {
        (String::from_utf8_lossy(h.key.as_ref()).into_owned(), h.value.as_ref().map(|v| v.to_vec()))
    });
    ReadRecord {
        partition: record.partition,
        offset: record.offset,
        timestamp_ms: record.timestamp.0,
        log_append_time: record.timestamp_type == TimestampType::LogAppendTime,
        key: record.key.as_ref().map(|k| k.to_vec()),
        value: record.value.as_ref().map(|v| v.to_vec()),
        headers: headers.collect(),
        batch: Some(BatchFacts {
            base_offset: record.batch.base_offset,
            count: record.batch.count,
            compression: format!("{:?}", record.batch.compression).to_lowercase(),
            bytes: record.batch.bytes,
        }),
    }
}
