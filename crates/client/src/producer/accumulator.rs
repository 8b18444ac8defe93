//! The queues of a producer: records that wait for metadata, batches that wait to be sent, and how much memory
//! they take.
//!
//! Never knows: connections, requests, what went wrong with a batch that comes back.

use std::collections::VecDeque;
use tablog_record::{SortedMap, TopicPartition};

use super::batch::{Batch, Queued};
use super::idempotence::Sequences;

#[derive(Default)]
pub(crate) struct Accumulator {
    /// By topic, in order: records whose partition cannot be chosen yet, with the one they ask for.
    pub awaiting: SortedMap<String, VecDeque<(Option<i32>, Queued)>>,
    pub partitions: SortedMap<TopicPartition, PartitionQueue>,
    pub bytes_used: usize,
    next_order: u64,
    /// Orders of batches that are not settled, and how many pieces of each there are.
    unsettled: SortedMap<u64, usize>,
    /// Batches below it are sent without lingering.
    pub flush_end_order: u64,
}

#[derive(Default)]
pub(crate) struct PartitionQueue {
    /// In order. Batches that were sent before come first.
    pub batches: VecDeque<Batch>,
    pub in_flight: usize,
    /// Where those in flight went: what follows them goes the same way, or waits.
    pub in_flight_node: i32,
    pub sequences: Sequences,
}

/// Whether somebody should look after a record was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// A batch began (its linger runs) or another became full.
    Noteworthy,
    Quietly,
}

impl Accumulator {
    pub fn add(&mut self, partition: TopicPartition, record: Queued, batch_size: usize) -> Added {
        if let Some(queue) = self.partitions.get_mut(&partition)
            && let Some(last) = queue.batches.back_mut()
            && last.is_open()
            && last.bytes_max + record.bytes_max <= batch_size
        {
            last.push(record);
            let is_full = last.bytes_max >= batch_size;
            return if is_full { Added::Noteworthy } else { Added::Quietly };
        }
        let queue = self.partitions.entry(partition.clone()).or_default();
        let mut batch = Batch::new(partition, self.next_order, record.enqueued_ms);
        self.unsettled.insert(self.next_order, 1);
        self.next_order += 1;
        batch.push(record);
        queue.batches.push_back(batch);
        Added::Noteworthy
    }

    /// Takes a batch back that was sent, at its place in the order. Halves come tail first.
    pub fn put_back(&mut self, batch: Batch) {
        let queue = self.partitions.entry(batch.partition.clone()).or_default();
        let at = queue.batches.iter().position(|waiting| waiting.order >= batch.order);
        queue.batches.insert(at.unwrap_or(queue.batches.len()), batch);
    }

    /// A batch became two.
    pub fn was_split(&mut self, order: u64) {
        *self.unsettled.entry(order).or_insert(0) += 1;
    }

    /// A batch is acknowledged or given up: its memory is free.
    pub fn settled(&mut self, batch: &Batch) {
        self.release(batch.records.iter().map(|record| record.bytes_max).sum());
        if let Some(pieces) = self.unsettled.get_mut(&batch.order) {
            *pieces -= 1;
            if *pieces == 0 {
                self.unsettled.remove(&batch.order);
            }
        }
    }

    pub fn release(&mut self, bytes: usize) {
        self.bytes_used = self.bytes_used.checked_sub(bytes).expect("memory is released once");
    }

    /// Everything queued so far is to be sent at once. The result is what `is_settled_below` asks for.
    pub fn start_flush(&mut self) -> u64 {
        self.flush_end_order = self.next_order;
        self.next_order
    }

    pub fn is_settled_below(&self, end_order: u64) -> bool {
        self.unsettled.first_key_value().is_none_or(|(&first, _)| first >= end_order)
    }

    pub fn is_idle(&self) -> bool {
        self.unsettled.is_empty() && self.awaiting.is_empty()
    }

    /// Topics that records wait for, in any way.
    pub fn topics(&self) -> Vec<String> {
        let mut topics: Vec<String> = self.awaiting.keys().cloned().collect();
        for (partition, queue) in &self.partitions {
            if !queue.batches.is_empty() && !topics.contains(&partition.topic) {
                topics.push(partition.topic.clone());
            }
        }
        topics
    }
}

impl PartitionQueue {
    /// The batch to send next, if one may be sent to `node` now: in order, with nothing new while an older one
    /// waits to be sent again.
    pub fn sendable(&self, node: i32, in_flight_max: usize) -> Option<usize> {
        // Those with a void stamp wait for the new epoch; what is unresolved behind them does not.
        let at = self.batches.iter().position(|batch| !batch.stamp_is_void)?;
        let batch = &self.batches[at];
        let may = if !batch.is_open() || in_flight_max == 1 {
            self.in_flight == 0
        } else {
            !self.sequences.bump_wanted
                && self.in_flight < self.sequences.in_flight_max(in_flight_max)
                && (self.in_flight == 0 || self.in_flight_node == node)
        };
        may.then_some(at)
    }

    /// Batches whose sequences may or may not be stored: in flight, or waiting to be sent again.
    pub fn unresolved(&self) -> usize {
        self.in_flight
            + self.batches.iter().filter(|batch| batch.stamp.is_some() && !batch.stamp_is_void).count()
    }
}
