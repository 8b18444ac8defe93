//! A shard comes to be: its partition is read from the start, a stretch at a time, and replayed.
//!
//! Only what is durable is read. Where appends of an earlier life of the shard are still on their way, it waits for
//! them. Offsets in topics that are gone (a crash came between their deletion and the tombstones) go too.

use super::{ShardSlot, SlotState, Ticket, apply, partition_id};
use crate::api;
use crate::broker::{Broker, ReadFor, Waiter};
use crate::limits;
use bytes::Bytes;
use std::collections::VecDeque;
use tablog_group::{CoordinatorRecord, Shard};
use tablog_log::storage::{FaultKind, StorageFault};
use tablog_log::{MinOne, ReadPlan};
use tablog_record::{Offset, SortedSet, batches};

/// A partition that could not be read is tried again so much later.
const RETRY_MS: u64 = 10_000;

/// A stretch of a shard's log on its way from the disk.
#[derive(Debug)]
pub(crate) struct Reading {
    partition: i32,
    load: u64,
    plan: ReadPlan,
}

/// Begins a new life of a shard.
pub(super) fn start(broker: &mut Broker, partition: i32) {
    let coordinator = &mut broker.coordinator;
    let mut shard = Shard::new(coordinator.config, coordinator.random.next());
    super::topics::introduce(broker, partition, &mut shard);
    let coordinator = &mut broker.coordinator;
    let slot = ShardSlot {
        load: coordinator.next_load,
        shard,
        state: SlotState::Loading { next: Offset::ZERO },
        owed: SortedSet::new(),
        held: VecDeque::new(),
    };
    coordinator.next_load += 1;
    coordinator.shards.insert(partition, slot);
    go_on(broker, partition);
}

/// Asks for the next stretch, or for what is still on its way; with neither, the shard is loaded.
pub(super) fn go_on(broker: &mut Broker, partition: i32) {
    let Some(slot) = broker.coordinator.shards.get(&partition) else { return };
    let SlotState::Loading { next } = slot.state else { return };
    let ticket = Ticket { partition, load: slot.load };
    let Some(id) = partition_id(broker, partition) else { return give_up(broker, partition) };
    let log = &broker.partitions[&id].log;
    let from = next.max(log.start_offset());
    let durable_end = log.durable_end_offset();
    if from < durable_end {
        let plan = log.read(from, durable_end, limits::LOAD_READ_BYTES_MAX, MinOne::Yes);
        let plan = plan.expect("an offset between start and end can be read");
        if let Some(read) = plan.read.clone() {
            let reading = Reading { partition, load: ticket.load, plan };
            return broker.submit_read(read, ReadFor::Coordinator(reading));
        }
    }
    if durable_end < log.end_offset() {
        let tier = broker.partitions[&id].tier;
        if broker.pipeline(tier).wait(Waiter::Coordinator(ticket)).is_none() {
            return;
        }
    }
    finish(broker, partition);
}

pub(crate) fn read_done(broker: &mut Broker, reading: Reading, result: Result<Bytes, StorageFault>) {
    let Reading { partition, load, plan } = reading;
    let slot = broker.coordinator.shards.get_mut(&partition);
    let Some(slot) = slot.filter(|slot| slot.load == load) else { return };
    let replayed = result.and_then(|bytes| replay(slot, partition, &plan, bytes));
    match replayed {
        Ok(damaged) => {
            damaged.iter().for_each(|fault| broker.storage_fault(fault));
            go_on(broker, partition);
        }
        Err(fault) => {
            broker.storage_fault(&fault);
            give_up(broker, partition);
        }
    }
}

/// Replays the batches of a stretch. A record that cannot be read is told and passed over: the other groups of
/// the shard are better off without it than without a coordinator.
fn replay(
    slot: &mut ShardSlot,
    partition: i32,
    plan: &ReadPlan,
    bytes: Bytes,
) -> Result<Vec<StorageFault>, StorageFault> {
    let corrupt = |detail: String| StorageFault { kind: FaultKind::Corrupt, detail };
    let place = format!("__consumer_offsets-{partition}");
    let mut damaged = Vec::new();
    let mut next = None;
    for batch in batches(plan.finish(bytes)?) {
        let batch = batch.map_err(|error| corrupt(format!("{place}: {error}")))?;
        for record in batch.records().map_err(|error| corrupt(format!("{place}: {error}")))? {
            let Some(key) = record.key else { continue };
            let offset = record.offset;
            let record = CoordinatorRecord { key, value: record.value };
            if let Err(error) = slot.shard.replay(&record) {
                damaged.push(corrupt(format!("{place} at {offset}: {error}")));
            }
        }
        next = Some(batch.header().end_offset());
    }
    slot.state = SlotState::Loading { next: next.ok_or_else(|| corrupt(format!("{place} has no batch")))? };
    Ok(damaged)
}

fn finish(broker: &mut Broker, partition: i32) {
    let now = broker.now;
    let Some(slot) = broker.coordinator.shards.get_mut(&partition) else { return };
    slot.shard.loaded(now);
    slot.state = SlotState::Running;
    let topics = slot.shard.durable().committed_topics();
    for topic in topics {
        if broker.image.topic(&topic).is_some() {
            continue;
        }
        let Some(slot) = broker.coordinator.shards.get_mut(&partition) else { return };
        let decision = slot.shard.topic_deleted(&topic);
        apply(broker, partition, decision);
    }
    look_at_deferred(broker);
}

fn give_up(broker: &mut Broker, partition: i32) {
    let retry_ms = broker.now.monotonic_ms + RETRY_MS;
    if let Some(slot) = broker.coordinator.shards.get_mut(&partition) {
        slot.state = SlotState::Failed { retry_ms };
    }
    look_at_deferred(broker);
}

/// Requests that waited are looked at anew once no shard is being read.
fn look_at_deferred(broker: &mut Broker) {
    let loading = |slot: &ShardSlot| matches!(slot.state, SlotState::Loading { .. });
    if broker.coordinator.shards.values().any(loading) {
        return;
    }
    for mut context in std::mem::take(&mut broker.coordinator.deferred) {
        context.now = broker.now;
        api::dispatch(broker, context);
    }
}
