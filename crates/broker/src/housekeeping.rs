//! What is done in the background: retention, rolling by time, compaction, checkpoints, totals of the feed.
//!
//! The log chooses, this room carries out: one compaction at a time, its reads and writes beside everybody else's.

use crate::broker::{Broker, ReadFor};
use crate::controller::Outcome;
use crate::events::{self, Happening};
use crate::partition::{EVENTS_TOPIC, PartitionId};
use bytes::Bytes;
use tablog_log::compaction::{self, Compaction};
use tablog_log::retention;
use tablog_log::storage::{Durability, StorageFault};
use tablog_record::Uuid;
use crate::metadata_record::MetadataRecord;
use tablog_wire::records::RegisterBrokerRecord;

#[derive(Debug, Default)]
pub(crate) struct Housekeeping {
    retention_ms: Option<u64>,
    cleaner_ms: Option<u64>,
    opening_ms: Option<u64>,
    totals_ms: Option<u64>,
    cleaning: Option<Cleaning>,
}

#[derive(Debug)]
struct Cleaning {
    id: PartitionId,
    compaction: Compaction,
    outstanding: usize,
    bytes_before: u64,
}

/// After a full disk refused the record of an opening, it is offered again so much later.
const OPENING_RETRY_MS: u64 = 10_000;

impl Housekeeping {
    pub fn poll_timeout(&self) -> Option<u64> {
        [self.retention_ms, self.cleaner_ms, self.opening_ms, self.totals_ms].into_iter().flatten().min()
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

/// After each event: when totals are due next.
pub(crate) fn note_totals(broker: &mut Broker) {
    broker.housekeeping.totals_ms = broker.meter.poll_timeout();
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
    if due(broker.housekeeping.totals_ms) {
        events::handle_timeout(broker);
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
            retention::Choice::Drop { reason, .. } => reason.to_string(),
        };
        writes.push((tier, partition.log.drop_segments(choice)));
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

fn start_cleaning(broker: &mut Broker) {
    if broker.housekeeping.cleaning.is_some() {
        return;
    }
    let now = broker.now;
    // The dirtiest first, as Kafka's cleaner does, is the log's business; the first that asks is taken here.
    let found = broker.partitions.iter().find_map(|(&id, partition)| {
        let compaction = compaction::choose(&partition.log, now)?;
        Some((id, compaction, partition.log.size_bytes()))
    });
    let Some((id, compaction, bytes_before)) = found else { return };
    broker.housekeeping.cleaning = Some(Cleaning { id, compaction, outstanding: 0, bytes_before });
    go_on(broker);
}

fn go_on(broker: &mut Broker) {
    loop {
        let Some(cleaning) = &mut broker.housekeeping.cleaning else { return };
        match cleaning.compaction.poll_read() {
            Some(read) => {
                cleaning.outstanding += 1;
                let id = cleaning.id;
                broker.submit_read(read, ReadFor::Compaction(id));
            }
            None if cleaning.outstanding == 0 => break,
            None => return,
        }
    }
    let cleaning = broker.housekeeping.cleaning.take().expect("just seen");
    let Some(partition) = broker.partitions.get_mut(&cleaning.id) else { return };
    let writes = partition.log.apply_compaction(cleaning.compaction, broker.now);
    let happening = Happening::LogCompacted {
        topic: partition.topic.to_string(),
        partition: cleaning.id.index,
        bytes_before: cleaning.bytes_before,
        bytes_after: partition.log.size_bytes(),
    };
    let tier = partition.tier;
    broker.pipeline(tier).write(writes, Durability::Relaxed);
    broker.publish(happening);
    // There may be more to clean: look again soon, not at once, so that requests come between.
    broker.housekeeping.cleaner_ms = Some(broker.now.monotonic_ms + broker.config.cleaner_backoff_ms.min(1_000));
}

pub(crate) fn read_done(broker: &mut Broker, id: PartitionId, result: Result<Bytes, StorageFault>) {
    let Some(cleaning) = &mut broker.housekeeping.cleaning else { return };
    if cleaning.id != id {
        return;
    }
    cleaning.outstanding -= 1;
    match cleaning.compaction.handle_read(result) {
        Ok(()) => go_on(broker),
        Err(fault) => {
            broker.housekeeping.cleaning = None;
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
