//! Reading records: a page of them from somewhere, a live tail, all of them.

use crate::requests::{Asked, refusal};
use crate::tab::{Tab, Transported};
use tablog_client::{Consumer, ConsumerConfig, ConsumerRecord, OffsetSpec};
use tablog_dashboard::model::orders::{Reply, Trouble};
use tablog_dashboard::model::records::{BatchFacts, From, ReadRecord};
use tablog_record::{SortedMap, TimestampType, TopicPartition};
use wasm_bindgen_futures::spawn_local;

/// A page of records is given up after this.
const READ_TIMEOUT_MS: i64 = 4_000;

pub type Ends = SortedMap<TopicPartition, (i64, i64)>;

pub async fn read(tab: &Tab, topic: &str, from: From, limit: usize) -> Result<Vec<ReadRecord>, Trouble> {
    let ends = ends(tab, topic).await?;
    let mut starts: SortedMap<TopicPartition, i64> = SortedMap::new();
    if let From::Time(ms) = from {
        let specs = ends.keys().map(|p| (p.clone(), OffsetSpec::Timestamp(ms))).collect();
        let listed = tab.reading.list_offsets(&specs).await.map_err(|e| refusal(&e))?;
        for (p, listed) in listed {
            let found = listed.ok().map(|l| l.offset).filter(|offset| *offset >= 0);
            starts.insert(p.clone(), found.unwrap_or(ends[&p].1));
        }
    } else {
        for (p, (start, end)) in &ends {
            let at = match from {
                From::Beginning => *start,
                From::Offset(offset) => offset.clamp(*start, *end),
                From::Newest | From::Time(_) => (*end - limit as i64).max(*start),
            };
            starts.insert(p.clone(), at);
        }
    }
    let mut records = collect(tab, &starts, &ends, limit).await?;
    let newest_first = from == From::Newest;
    records.sort_unstable_by(|a, b| match newest_first {
        true => (b.timestamp_ms, b.offset, a.partition).cmp(&(a.timestamp_ms, a.offset, b.partition)),
        false => (a.timestamp_ms, a.partition, a.offset).cmp(&(b.timestamp_ms, b.partition, b.offset)),
    });
    records.truncate(limit);
    Ok(records)
}

/// From now on, until it is no longer wanted.
pub async fn tail(asked: &Asked, topic: &str) -> Result<Reply, Trouble> {
    let ends = ends(&asked.tab, topic).await?;
    let consumer = consumer(&asked.tab, 1_000, &ends);
    for (partition, (_, end)) in &ends {
        let _ = consumer.seek(partition, *end);
    }
    while asked.is_wanted() {
        let records = consumer.poll(500).await.map_err(|e| failed(&e))?;
        if !records.is_empty() {
            asked.reply(Reply::Some(records.iter().map(shown).collect()));
        }
    }
    Ok(Reply::Finished)
}

/// Everything there is now, partition by partition as it comes, until it is no longer wanted.
pub async fn all(
    asked: &Asked,
    topic: &str,
    mut on_records: impl FnMut(Vec<ReadRecord>),
) -> Result<(), Trouble> {
    let ends = ends(&asked.tab, topic).await?;
    let consumer = consumer(&asked.tab, 5_000, &ends);
    for (partition, (start, _)) in &ends {
        let _ = consumer.seek(partition, *start);
    }
    while asked.is_wanted()
        && !ends.iter().all(|(p, (_, end))| consumer.position(p).is_some_and(|at| at >= *end))
    {
        let records = consumer.poll(1_000).await.map_err(|e| failed(&e))?;
        let wanted = records.iter().filter(|r| {
            let end = ends.get(&TopicPartition::new(r.topic.clone(), r.partition)).map_or(0, |(_, end)| *end);
            r.offset < end
        });
        on_records(wanted.map(shown).collect());
    }
    Ok(())
}

/// Log start and end of each partition.
pub async fn ends(tab: &Tab, topic: &str) -> Result<Ends, Trouble> {
    let cluster = tab.reading.cluster();
    let metadata = cluster.metadata(Some(&[topic.to_owned()])).await.map_err(|e| refusal(&e))?;
    let partitions: Vec<TopicPartition> = metadata.partitions_of(topic).collect();
    let specs = |spec: OffsetSpec| partitions.iter().map(|p| (p.clone(), spec)).collect();
    let starts = tab.reading.list_offsets(&specs(OffsetSpec::Earliest)).await.map_err(|e| refusal(&e))?;
    let ends = tab.reading.list_offsets(&specs(OffsetSpec::Latest)).await.map_err(|e| refusal(&e))?;
    let offset = |from: &SortedMap<_, Result<tablog_client::ListedOffset, _>>, p: &TopicPartition| {
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
pub fn consumer(tab: &Tab, max_poll_records: usize, ends: &Ends) -> Consumer<Transported> {
    let config =
        ConsumerConfig { max_poll_records, max_partition_fetch_bytes: 262_144, ..ConsumerConfig::default() };
    let consumer = Consumer::new(tab.page_cluster("dashboard-records", 10_000), config);
    consumer.assign(&ends.keys().cloned().collect::<Vec<_>>());
    spawn_local(consumer.run());
    consumer
}

/// Up to `limit` records of each partition, from its start.
async fn collect(
    tab: &Tab,
    starts: &SortedMap<TopicPartition, i64>,
    ends: &Ends,
    limit: usize,
) -> Result<Vec<ReadRecord>, Trouble> {
    let with_records: Ends =
        ends.iter().filter(|(p, (_, end))| starts[*p] < *end).map(|(p, both)| (p.clone(), *both)).collect();
    if with_records.is_empty() {
        return Ok(Vec::new());
    }
    let consumer = consumer(tab, 500, &with_records);
    for partition in with_records.keys() {
        let _ = consumer.seek(partition, starts[partition]);
    }
    let mut taken: SortedMap<TopicPartition, usize> = SortedMap::new();
    let mut records = Vec::new();
    let begun_ms = tab.now_ms();
    loop {
        let complete = with_records.iter().all(|(p, (_, end))| {
            taken.get(p).is_some_and(|n| *n >= limit) || consumer.position(p).is_some_and(|at| at >= *end)
        });
        if complete || tab.now_ms() - begun_ms > READ_TIMEOUT_MS {
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

fn failed(error: &tablog_client::ConsumeError) -> Trouble {
    Trouble::NotRead { detail: error.to_string() }
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
            compression: format!("{:?}", record.batch.compression).to_ascii_lowercase(),
            bytes: record.batch.bytes,
        }),
    }
}
