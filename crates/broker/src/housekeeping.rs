//! What is done in the background: retention, rolling by time, compaction, checkpoints, totals of the feed.
//!
//! The log chooses, this room carries out: one compaction at a time, its reads and writes beside everybody else's.

use crate::broker::{Broker, ReadFor, Waiter};
use crate::controller::Outcome;
use crate::events::Happening;
use crate::partition::{EVENTS_TOPIC, PartitionId, is_internal};
use crate::startup;
use bytes::Bytes;
use tablog_log::compaction::{self, Compaction};
use tablog_log::retention::{self, DropReason};
use tablog_log::storage::{Durability, StorageFault, Tier, Write};

#[derive(Debug, Default)]
pub(crate) struct Housekeeping {
    retention_ms: Option<u64>,
    cleaner_ms: Option<u64>,
    opening_ms: Option<u64>,
    /// The record of this opening was refused by the disk, and has not been taken since.
    is_unregistered: bool,
    /// What the first opening made of the store; it rides with the record of the opening until that is taken.
    unstored: Option<Write>,
    cleaning: Option<Cleaning>,
}

#[derive(Debug)]
struct Cleaning {
    id: PartitionId,
    compaction: Compaction,
}

/// After a full disk refused the record of an opening, it is offered again so much later.
const OPENING_RETRY_MS: u64 = 1_000;

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

/// Whether this opening is still without leader epochs of its own.
pub(crate) fn is_unregistered(broker: &Broker) -> bool {
    broker.housekeeping.is_unregistered
}

pub(crate) fn retry_opening(broker: &mut Broker) {
    broker.housekeeping.is_unregistered = true;
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
        partition.log.expire_producers(now);
        let rolled = partition.log.maybe_roll(now);
        if !rolled.is_empty() && &*partition.topic != EVENTS_TOPIC {
            broker.meter.segments_changed();
        }
        writes.push((*id, tier, rolled));
        let choice = retention::choose(&partition.log, now);
        let reason = match &choice {
            retention::Choice::Keep => continue,
            retention::Choice::Drop { reason, .. } => reason_in_words(*reason),
        };
        writes.push((*id, tier, partition.log.drop_segments(choice, now)));
        if &*partition.topic != EVENTS_TOPIC {
            broker.meter.segments_changed();
            let start_offset = partition.log.start_offset().0;
            let topic = partition.topic.to_string();
            told.push(Happening::RecordsDeleted { topic, partition: id.index, start_offset, reason });
        }
    }
    for (id, tier, writes) in writes {
        broker.pipeline(tier).write_for(id, writes, Durability::Relaxed);
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

fn start_cleaning(broker: &mut Broker) {
    if broker.housekeeping.cleaning.is_some() {
        return;
    }
    let now = broker.now;
    let found = broker
        .partitions
        .iter()
        .find_map(|(&id, partition)| Some((id, compaction::choose(&partition.log, now)?)));
    let Some((id, compaction)) = found else { return };
    broker.housekeeping.cleaning = Some(Cleaning { id, compaction });
    go_on(broker);
}

/// Writes what there is to write, asks for what is to be read, and waits for the disk at the end.
fn go_on(broker: &mut Broker) {
    let Some(cleaning) = &mut broker.housekeeping.cleaning else { return };
    // Asking for the next read may end a segment, which writes.
    let read = cleaning.compaction.poll_read();
    let (id, writes, is_done) = (cleaning.id, cleaning.compaction.writes(), cleaning.compaction.is_done());
    let Some(partition) = broker.partitions.get(&id) else { return };
    let tier = partition.tier;
    broker.pipeline(tier).write_for(id, writes, Durability::Relaxed);
    if let Some(read) = read {
        broker.submit_read(read, ReadFor::Compaction(id));
    } else if is_done && broker.pipeline(tier).wait(Waiter::Compaction(id)).is_some() {
        cleaned(broker, id);
    }
}

/// All of the cleaned segments is stored: from now on readers are sent there.
pub(crate) fn cleaned(broker: &mut Broker, id: PartitionId) {
    let Some(cleaning) = take_cleaning(broker, id) else { return };
    let Some(partition) = broker.partitions.get_mut(&id) else { return };
    let facts = cleaning.compaction.facts();
    let writes = partition.log.apply(cleaning.compaction);
    let (topic, tier) = (partition.topic.to_string(), partition.tier);
    broker.pipeline(tier).write_for(id, writes, Durability::Relaxed);
    broker.clear_tail(id);
    broker.meter.segments_changed();
    if !is_internal(&topic) {
        broker.publish(Happening::LogCompacted {
            topic,
            partition: id.index,
            bytes_before: facts.bytes_before,
            bytes_after: facts.bytes_after,
        });
    }
    // There may be more to clean: look again soon, not at once, so that requests come between.
    broker.housekeeping.cleaner_ms =
        Some(broker.now.monotonic_ms + broker.config.cleaner_backoff_ms.min(1_000));
}

/// The cleaned segments could not be read or stored: the old ones stay.
pub(crate) fn abandon_cleaning(broker: &mut Broker, id: PartitionId) {
    let Some(cleaning) = take_cleaning(broker, id) else { return };
    let Some(partition) = broker.partitions.get_mut(&id) else { return };
    let (writes, tier) = (partition.log.abandon(cleaning.compaction), partition.tier);
    broker.pipeline(tier).write_for(id, writes, Durability::Relaxed);
}

/// A commit of the tier failed, and with it perhaps a part of what is being cleaned.
pub(crate) fn commit_failed(broker: &mut Broker, tier: Tier) {
    let Some(cleaning) = &broker.housekeeping.cleaning else { return };
    let id = cleaning.id;
    if broker.partitions.get(&id).is_some_and(|partition| partition.tier == tier) {
        abandon_cleaning(broker, id);
    }
}

fn take_cleaning(broker: &mut Broker, id: PartitionId) -> Option<Cleaning> {
    broker.housekeeping.cleaning.take_if(|cleaning| cleaning.id == id)
}

pub(crate) fn read_done(broker: &mut Broker, id: PartitionId, result: Result<Bytes, StorageFault>) {
    let Some(cleaning) = broker.housekeeping.cleaning.as_mut().filter(|cleaning| cleaning.id == id) else {
        return;
    };
    match cleaning.compaction.handle_read(result) {
        Ok(()) => go_on(broker),
        Err(fault) => {
            abandon_cleaning(broker, id);
            broker.storage_fault(&fault);
        }
    }
}

/// A partition is gone: nothing of it is cleaned any more.
pub(crate) fn forget(broker: &mut Broker, id: PartitionId) {
    if broker.housekeeping.cleaning.as_ref().is_some_and(|cleaning| cleaning.id == id) {
        broker.housekeeping.cleaning = None;
    }
}

pub(crate) fn keep_until_opened(broker: &mut Broker, write: Write) {
    broker.housekeeping.unstored = Some(write);
}

/// The record of this opening is on the disk, and with it what rode along.
pub(crate) fn opened(broker: &mut Broker) {
    broker.housekeeping.is_unregistered = false;
    broker.housekeeping.unstored = None;
}

fn register_again(broker: &mut Broker) {
    let record = startup::registration(broker);
    if broker.metadata_changes() {
        return retry_opening(broker);
    }
    let unstored = broker.housekeeping.unstored.clone();
    broker.pipeline(Tier::Durable).write(unstored.into_iter().collect(), Durability::Strict);
    broker.propose(vec![record], |broker, outcome| match outcome {
        Outcome::Durable => opened(broker),
        Outcome::Lost => retry_opening(broker),
    });
}
