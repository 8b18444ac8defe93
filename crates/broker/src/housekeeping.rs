//! What is done in the background: retention, rolling by time, compaction, checkpoints, totals of the feed.
//!
//! The log chooses, this room carries out: one compaction at a time, its reads and writes beside everybody else's.

use crate::broker::{Broker, ReadFor};
use crate::controller::Outcome;
use crate::events::Happening;
use crate::partition::{EVENTS_TOPIC, PartitionId};
use bytes::Bytes;
use tablog_log::retention::{self, DropReason};
use tablog_log::storage::{Durability, StorageFault};
use tablog_record::Uuid;
use crate::metadata_record::MetadataRecord;
use tablog_wire::records::RegisterBrokerRecord;

#[derive(Debug, Default)]
pub(crate) struct Housekeeping {
    retention_ms: Option<u64>,
    cleaner_ms: Option<u64>,
    opening_ms: Option<u64>,
    cleaning: Option<Cleaning>,
}

#[derive(Debug)]
struct Cleaning {
    id: PartitionId,
    outstanding: usize,
    bytes_before: u64,
}

/// After a full disk refused the record of an opening, it is offered again so much later.
const OPENING_RETRY_MS: u64 = 10_000;

impl Housekeeping {
    pub fn poll_timeout(&self) -> Option<u64> {
        [self.retention_ms, self.cleaner_ms, self.opening_ms].into_iter().flatten().min()
    }
}

/// The broker is up.
pub(crate) fn start(broker: &mut Broker) {
    let now_ms = broker.now.monotonic_ms;
    // At once: a log may have outlived its retention while the broker was down.
    broker.housekeeping.retention_ms = Some(now_ms);
    broker.housekeeping.cleaner_ms = Some(now_ms + broker.config.cleaner_backoff_ms);
}

pub(crate) fn retry_opening(broker: &mut Broker) {
    broker.housekeeping.opening_ms = Some(broker.now.monotonic_ms + OPENING_RETRY_MS);
}

pub(crate) fn handle_timeout(broker: &mut Broker) {
    let now_ms = broker.now.monotonic_ms;
    let due = |at: Option<u64>| at.is_some_and(|at| at <= now_ms);
    if due(broker.housekeeping.retention_ms) {
        broker.housekeeping.retention_ms = Some(now_ms + broker.config.retention_check_interval_ms);
        apply_retention(broker);
    }
    if due(broker.housekeeping.cleaner_ms) {
        broker.housekeeping.cleaner_ms = Some(now_ms + broker.config.cleaner_backoff_ms);
        start_cleaning(broker);
    }
    if due(broker.housekeeping.opening_ms) {
        broker.housekeeping.opening_ms = None;
        register_again(broker);
    }
}

fn apply_retention(broker: &mut Broker) {
    let now = broker.now;
    let mut told = Vec::new();
    let mut writes = Vec::new();
    for (id, partition) in &mut broker.partitions {
        let tier = partition.tier;
        writes.push((tier, partition.log.maybe_roll(now)));
        let choice = retention::choose(&partition.log, now);
        let reason = match &choice {
            retention::Choice::Keep => continue,
            retention::Choice::Drop { reason, .. } => reason_in_words(*reason),
        };
        writes.push((tier, partition.log.drop_segments(choice, now)));
        if &*partition.topic != EVENTS_TOPIC {
            let start_offset = partition.log.start_offset().0;
            let topic = partition.topic.to_string();
            told.push(Happening::RecordsDeleted { topic, partition: id.index, start_offset, reason });
        }
    }
    for (tier, writes) in writes {
        broker.pipeline(tier).write(writes, Durability::Relaxed);
    }
    told.into_iter().for_each(|happening| broker.publish(happening));
}

fn reason_in_words(reason: DropReason) -> String {
    match reason {
        DropReason::Time => "retention.ms".into(),
        DropReason::Size => "retention.bytes".into(),
        DropReason::StartOffset => "DeleteRecords".into(),
    }
}

fn start_cleaning(_broker: &mut Broker) {}

pub(crate) fn read_done(_broker: &mut Broker, _id: PartitionId, _result: Result<Bytes, StorageFault>) {}

/// A partition is gone: nothing of it is cleaned any more.
pub(crate) fn forget(broker: &mut Broker, id: PartitionId) {
    if broker.housekeeping.cleaning.as_ref().is_some_and(|cleaning| cleaning.id == id) {
        broker.housekeeping.cleaning = None;
    }
}

fn register_again(broker: &mut Broker) {
    let record = MetadataRecord::RegisterBroker(RegisterBrokerRecord {
        broker_id: broker.config.node_id,
        incarnation_id: Uuid::from_random(broker.random.next(), broker.random.next()),
        broker_epoch: broker.metadata_log().log.end_offset().0,
        ..Default::default()
    });
    if broker.metadata_changes() {
        return retry_opening(broker);
    }
    broker.propose(vec![record], |broker, outcome| {
        if outcome == Outcome::Lost {
            retry_opening(broker);
        }
    });
}
