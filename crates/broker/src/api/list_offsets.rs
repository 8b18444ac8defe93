//! ListOffsets (2): earliest, latest, the newest timestamp, or the first record at or after a time. Served 1–10.
//!
//! Waits for: one storage read a partition where a time is asked for. Special times: -1 latest (high watermark; the
//! last stable offset for read committed, the same here), -2 earliest, -3 max timestamp (KIP-734), -4 earliest local
//! (KIP-405: the same as earliest, nothing is tiered), -5 latest tiered (-1: none).

use crate::broker::{Broker, Context, ReadFor};
use crate::connection::ReplyTo;
use bytes::Bytes;
use tablog_log::TimestampSearch;
use tablog_log::storage::StorageFault;
use tablog_record::{SortedMap, SortedSet, Timestamp};
use tablog_wire::ErrorCode;
use tablog_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use tablog_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;

/// Before it, an answer cannot name a leader epoch.
const FIRST_WITH_EPOCH: i16 = 4;

pub(crate) type PendingListOffsets = SortedMap<ReplyTo, Pending>;

#[derive(Debug)]
pub(crate) struct Pending {
    version: i16,
    response: ListOffsetsResponse,
    outstanding: usize,
}

#[derive(Debug)]
pub(crate) struct Reading {
    reply: ReplyTo,
    place: (usize, usize),
    search: TimestampSearch,
}

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ListOffsetsRequest) {
    let mut pending =
        Pending { version: context.version, response: ListOffsetsResponse::default(), outstanding: 0 };
    let mut readings = Vec::new();
    let twice = asked_twice(&request);
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for wanted in &topic.partitions {
            let found = match twice.contains(&(topic.name.clone(), wanted.partition_index)) {
                true => Err(ErrorCode::InvalidRequest),
                false => look_up(broker, context.version, &topic.name, wanted),
            };
            let answer = match found {
                Ok(Answer::Known(answer)) => answer,
                Ok(Answer::Search(search, leader_epoch)) => {
                    let place = (pending.response.topics.len(), partitions.len());
                    readings.push(Reading { reply: context.reply, place, search });
                    ListOffsetsPartitionResponse { leader_epoch, ..not_found(wanted.partition_index) }
                }
                Err(code) => ListOffsetsPartitionResponse {
                    error_code: code.code(),
                    ..not_found(wanted.partition_index)
                },
            };
            partitions.push(answer);
        }
        let answer = ListOffsetsTopicResponse { name: topic.name, partitions };
        pending.response.topics.push(answer);
    }
    pending.outstanding = readings.len();
    broker.list_offsets.insert(context.reply, pending);
    for reading in readings {
        let read = reading.search.read.clone().expect("a search that goes to the disk has a read");
        broker.submit_read(read, ReadFor::ListOffsets(reading));
    }
    finish(broker, context.reply);
}

/// Partitions that one request names more than once: Kafka answers none of their questions.
fn asked_twice(request: &ListOffsetsRequest) -> SortedSet<(String, i32)> {
    let mut once = SortedSet::new();
    let mut twice = SortedSet::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            if !once.insert((topic.name.as_str(), partition.partition_index)) {
                twice.insert((topic.name.clone(), partition.partition_index));
            }
        }
    }
    twice
}

pub(crate) fn read_done(broker: &mut Broker, reading: Reading, result: Result<Bytes, StorageFault>) {
    let found = result.and_then(|bytes| reading.search.finish(bytes));
    if let Err(fault) = &found {
        broker.storage_fault(fault);
    }
    let Some(pending) = broker.list_offsets.get_mut(&reading.reply) else { return };
    let (topic, partition) = reading.place;
    let answer = &mut pending.response.topics[topic].partitions[partition];
    match found {
        Ok(Some(found)) => {
            answer.offset = found.offset.0;
            answer.timestamp = found.timestamp.0;
            answer.leader_epoch = found.leader_epoch.0;
        }
        Ok(None) => answer.leader_epoch = -1,
        Err(_) => answer.error_code = ErrorCode::KafkaStorageError.code(),
    }
    pending.outstanding -= 1;
    finish(broker, reading.reply);
}

fn finish(broker: &mut Broker, reply: ReplyTo) {
    if broker.list_offsets.get(&reply).is_some_and(|pending| pending.outstanding == 0) {
        let mut pending = broker.list_offsets.remove(&reply).expect("just seen");
        if pending.version < FIRST_WITH_EPOCH {
            let partitions = pending.response.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
            partitions.for_each(|partition| partition.leader_epoch = -1);
        }
        broker.reply(reply, &pending.response);
    }
}

enum Answer {
    Known(ListOffsetsPartitionResponse),
    Search(TimestampSearch, i32),
}

fn look_up(
    broker: &Broker,
    version: i16,
    topic: &str,
    wanted: &ListOffsetsPartition,
) -> Result<Answer, ErrorCode> {
    let id = broker.find(topic, wanted.partition_index)?;
    let partition = &broker.partitions[&id];
    broker.check_epoch(partition, wanted.current_leader_epoch)?;
    let log = &partition.log;
    let known = |offset: i64| {
        Answer::Known(ListOffsetsPartitionResponse {
            offset,
            leader_epoch: log.epoch_at(tablog_record::Offset(offset)).map_or(-1, |epoch| epoch.0),
            ..not_found(wanted.partition_index)
        })
    };
    let search = match wanted.timestamp {
        LATEST => return Ok(known(log.high_watermark().0)),
        EARLIEST => return Ok(known(log.start_offset().0)),
        EARLIEST_LOCAL if version >= 8 => return Ok(known(log.start_offset().0)),
        MAX_TIMESTAMP if version >= 7 => log.max_timestamp(),
        LATEST_TIERED if version >= 9 => return Ok(Answer::Known(not_found(wanted.partition_index))),
        at if at >= 0 => log.find_timestamp(Timestamp(at)),
        _ => return Err(ErrorCode::UnsupportedVersion),
    };
    if search.read.is_none() {
        return Ok(Answer::Known(not_found(wanted.partition_index)));
    }
    Ok(Answer::Search(search, partition.leader_epoch.0))
}

fn not_found(partition_index: i32) -> ListOffsetsPartitionResponse {
    ListOffsetsPartitionResponse {
        partition_index,
        timestamp: -1,
        offset: -1,
        leader_epoch: -1,
        ..Default::default()
    }
}
