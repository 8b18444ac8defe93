//! DeleteRecords (21): moves a log's start forward. Served 0–2.
//!
//! Waits for: the commit that stores the new start. -1 means "up to the high watermark". What lies before the start is
//! gone for readers at once; its segments go when all of a segment lies before it.

use crate::broker::{Broker, Context, Waiter};
use crate::connection::ReplyTo;
use crate::events::Happening;
use crate::partition::is_internal;
use tablog_log::storage::{Durability, Tier};
use tablog_record::{Offset, SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest};
use tablog_wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
};

/// Answers that leave when the new starts are stored, with the tiers that they wait for.
pub(crate) type PendingDeleteRecords = SortedMap<ReplyTo, (DeleteRecordsResponse, SortedSet<Tier>)>;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DeleteRecordsRequest) {
    let mut response = DeleteRecordsResponse::default();
    let mut tiers = SortedSet::new();
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in topic.partitions {
            let outcome = delete(broker, &topic.name, &partition);
            let (low_watermark, code) = match outcome {
                Ok((tier, start)) => {
                    tiers.insert(tier);
                    (start.0, ErrorCode::None)
                }
                Err(code) => (-1, code),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: partition.partition_index,
                low_watermark,
                error_code: code.code(),
            });
        }
        response.topics.push(DeleteRecordsTopicResult { name: topic.name, partitions });
    }
    let reply = context.reply;
    let waited_for: Vec<Tier> = tiers.iter().copied().collect();
    broker.delete_records.insert(reply, (response, tiers));
    for tier in waited_for {
        if broker.pipeline(tier).wait(Waiter::DeleteRecords(reply)).is_some() {
            settle(broker, reply, tier);
        }
    }
    finish(broker, reply);
}

pub(crate) fn durable(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    settle(broker, reply, tier);
    finish(broker, reply);
}

/// The new start was not stored: readers see it until the broker is opened again, and the client is told so.
pub(crate) fn failed(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    if let Some((response, _)) = broker.delete_records.get_mut(&reply) {
        for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            partition.error_code = ErrorCode::KafkaStorageError.code();
        }
    }
    durable(broker, reply, tier);
}

fn settle(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    if let Some((_, tiers)) = broker.delete_records.get_mut(&reply) {
        tiers.remove(&tier);
    }
}

fn finish(broker: &mut Broker, reply: ReplyTo) {
    if broker.delete_records.get(&reply).is_some_and(|(_, tiers)| tiers.is_empty()) {
        let (response, _) = broker.delete_records.remove(&reply).expect("just seen");
        broker.reply(reply, &response);
    }
}

fn delete(
    broker: &mut Broker,
    topic: &str,
    wanted: &DeleteRecordsPartition,
) -> Result<(Tier, Offset), ErrorCode> {
    let id = broker.find(topic, wanted.partition_index)?;
    if is_internal(topic) {
        return Err(ErrorCode::InvalidTopicException);
    }
    let partition = broker.partitions.get_mut(&id).expect("it was just found");
    if !partition.log.config().cleanup.deletes() {
        return Err(ErrorCode::PolicyViolation);
    }
    let end = partition.log.high_watermark();
    let before = if wanted.offset == -1 { end } else { Offset(wanted.offset) };
    if before < Offset::ZERO || before > end {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let tier = partition.tier;
    let moved = before > partition.log.start_offset();
    // Where it is known here already it may have failed to be stored, so that it is stored again.
    let writes = match before >= partition.log.start_offset() {
        true => partition.log.delete_records(before).map_err(|_| ErrorCode::OffsetOutOfRange)?,
        false => Vec::new(),
    };
    let start = partition.log.start_offset();
    broker.pipeline(tier).write_for(id, writes, Durability::Strict);
    if moved {
        broker.publish(Happening::RecordsDeleted {
            topic: topic.to_string(),
            partition: id.index,
            start_offset: start.0,
            reason: "DeleteRecords".into(),
        });
    }
    Ok((tier, start))
}
