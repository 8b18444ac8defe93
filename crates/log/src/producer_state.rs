//! What a partition remembers of the producers that write to it, so that a batch sent twice is stored once and
//! one that is missing is missed (KIP-98).
//!
//! Never knows: where batches lie, clocks, how the state is stored.

use crate::limits::{PRODUCERS_MAX, REMEMBERED_BATCHES_MAX};
use std::collections::VecDeque;
use tablog_record::{
    BatchHeader, ControlBatch, Offset, ProducerEpoch, ProducerId, Sequence, SortedMap, SortedSet, Timestamp,
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProducerState {
    producers: SortedMap<ProducerId, ProducerEntry>,
    /// Those with a transaction open, by where it began.
    open: SortedSet<(Offset, ProducerId)>,
}

/// One producer. Without batches it is known by its epoch alone (a transaction ended and nothing followed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProducerEntry {
    pub epoch: ProducerEpoch,
    /// The latest ones, oldest first.
    pub batches: VecDeque<RememberedBatch>,
    pub coordinator_epoch: i32,
    /// Of the transaction that is open.
    pub transaction_start: Option<Offset>,
    /// Of the latest batch.
    pub timestamp: Timestamp,
    /// When it was heard of here, by the wall clock; what expiry goes by. Not stored.
    pub heard_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RememberedBatch {
    pub last_sequence: Sequence,
    pub last_offset: Offset,
    pub offset_delta: i32,
    pub timestamp: Timestamp,
}

/// What DescribeProducers tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerFacts {
    pub producer_id: ProducerId,
    pub epoch: ProducerEpoch,
    pub last_sequence: Sequence,
    pub last_timestamp: Timestamp,
    pub coordinator_epoch: i32,
    /// -1 where there is none.
    pub transaction_start: Offset,
}

/// What a producer's batch is to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Next,
    /// It is there already.
    Duplicate {
        base_offset: Offset,
        timestamp: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SequenceError {
    OutOfOrder { expected: Sequence, got: Sequence },
    OlderThanRemembered { expected: Sequence, got: Sequence },
    Fenced { current: ProducerEpoch, got: ProducerEpoch },
}

impl RememberedBatch {
    fn base_sequence(&self) -> Sequence {
        self.last_sequence.plus(-self.offset_delta)
    }
}

impl ProducerEntry {
    fn take_in(&mut self, header: &BatchHeader, marker: Option<&ControlBatch>) {
        if header.producer_epoch != self.epoch {
            self.epoch = header.producer_epoch;
            self.batches.clear();
        }
        self.timestamp = header.max_timestamp;
        if header.attributes.is_control() {
            if let Some(marker) = marker {
                self.coordinator_epoch = marker.coordinator_epoch;
            }
            self.transaction_start = None;
            return;
        }
        if header.attributes.is_transactional() && self.transaction_start.is_none() {
            self.transaction_start = Some(header.base_offset);
        }
        if header.base_sequence == Sequence::NONE {
            return;
        }
        if self.batches.len() == REMEMBERED_BATCHES_MAX {
            self.batches.pop_front();
        }
        self.batches.push_back(RememberedBatch {
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp: header.max_timestamp,
        });
    }

    fn last_sequence(&self) -> Option<Sequence> {
        self.batches.back().map(|batch| batch.last_sequence)
    }
}

impl ProducerState {
    pub fn get(&self, id: ProducerId) -> Option<&ProducerEntry> {
        self.producers.get(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerEntry)> {
        self.producers.iter().map(|(&id, entry)| (id, entry))
    }

    /// Sets what is known of a producer, or puts back what there was before.
    pub fn restore(&mut self, id: ProducerId, entry: Option<ProducerEntry>) {
        self.take(id);
        if let Some(entry) = entry {
            self.open.extend(entry.transaction_start.map(|start| (start, id)));
            self.producers.insert(id, entry);
        }
    }

    /// The producer's first batch was rolled back. Later ones may be on their way, and of an unknown producer any
    /// would be taken for the first: it stays known by its epoch, which begins at 0.
    pub fn forget_batches(&mut self, id: ProducerId) {
        let Some(entry) = self.take(id) else { return };
        let first = entry.batches.front().map(RememberedBatch::base_sequence);
        if first == Some(Sequence(0)) {
            let batches = VecDeque::new();
            self.restore(id, Some(ProducerEntry { batches, transaction_start: None, ..entry }));
        }
    }

    fn take(&mut self, id: ProducerId) -> Option<ProducerEntry> {
        let entry = self.producers.remove(&id)?;
        if let Some(start) = entry.transaction_start {
            self.open.remove(&(start, id));
        }
        Some(entry)
    }

    /// Judges a client's batch by Kafka's rules: an unknown producer may begin anywhere, a new epoch begins at 0,
    /// an old one is fenced, and within an epoch sequences follow one another.
    pub fn check(&self, header: &BatchHeader) -> Result<Verdict, SequenceError> {
        let Some(entry) = self.producers.get(&header.producer_id) else { return Ok(Verdict::Next) };
        let (epoch, got) = (header.producer_epoch, header.base_sequence);
        if epoch < entry.epoch {
            return Err(SequenceError::Fenced { current: entry.epoch, got: epoch });
        }
        if epoch > entry.epoch {
            // Nothing was written under the new epoch, so it begins at its beginning.
            return if got == Sequence(0) || entry.epoch == ProducerEpoch::NONE {
                Ok(Verdict::Next)
            } else {
                Err(SequenceError::OutOfOrder { expected: Sequence(0), got })
            };
        }
        let duplicate = entry
            .batches
            .iter()
            .find(|batch| batch.base_sequence() == got && batch.last_sequence == header.last_sequence());
        if let Some(batch) = duplicate {
            let base_offset = Offset(batch.last_offset.0 - i64::from(batch.offset_delta));
            return Ok(Verdict::Duplicate { base_offset, timestamp: batch.timestamp });
        }
        let expected = entry.last_sequence().unwrap_or(Sequence::NONE).plus(1);
        if got == expected {
            return Ok(Verdict::Next);
        }
        // Sequences wrap: "older" is the half of the circle behind.
        let behind = expected.0.wrapping_sub(got.0) & i32::MAX;
        if behind <= i32::MAX / 2 {
            Err(SequenceError::OlderThanRemembered { expected, got })
        } else {
            Err(SequenceError::OutOfOrder { expected, got })
        }
    }

    /// Takes a batch in that stands in the log at its offsets.
    pub fn update(&mut self, header: &BatchHeader, marker: Option<&ControlBatch>, heard_at: Timestamp) {
        let id = header.producer_id;
        if !id.is_some() {
            return;
        }
        self.make_room(id);
        let mut entry = self.take(id).unwrap_or_else(|| ProducerEntry {
            epoch: header.producer_epoch,
            batches: VecDeque::new(),
            coordinator_epoch: -1,
            transaction_start: None,
            timestamp: Timestamp::NONE,
            heard_at,
        });
        entry.take_in(header, marker);
        entry.heard_at = heard_at;
        self.restore(id, Some(entry));
    }

    fn make_room(&mut self, newcomer: ProducerId) {
        if self.producers.len() < PRODUCERS_MAX || self.producers.contains_key(&newcomer) {
            return;
        }
        let idle = self.producers.iter().filter(|(_, entry)| entry.transaction_start.is_none());
        if let Some(oldest) = idle.min_by_key(|(id, entry)| (entry.heard_at, **id)).map(|(&id, _)| id) {
            self.producers.remove(&oldest);
        }
    }

    /// Forgets producers unheard of for this long; never one whose transaction is open.
    pub fn expire(&mut self, now: Timestamp, expiration_ms: u64) {
        self.producers.retain(|_, entry| {
            let silent_ms = now.0.saturating_sub(entry.heard_at.0.max(entry.timestamp.0));
            entry.transaction_start.is_some() || silent_ms < i64::try_from(expiration_ms).unwrap_or(i64::MAX)
        });
    }

    /// Whoever was brought back from storage counts as heard of now.
    pub fn heard_at(&mut self, now: Timestamp) {
        for entry in self.producers.values_mut() {
            entry.heard_at = now;
        }
    }

    /// Where the oldest open transaction began.
    pub fn first_transaction_start(&self) -> Option<Offset> {
        self.open.first().map(|&(start, _)| start)
    }

    pub fn facts(&self) -> impl Iterator<Item = ProducerFacts> {
        self.producers.iter().map(|(&producer_id, entry)| ProducerFacts {
            producer_id,
            epoch: entry.epoch,
            last_sequence: entry.last_sequence().unwrap_or(Sequence::NONE),
            last_timestamp: entry.timestamp,
            coordinator_epoch: entry.coordinator_epoch,
            transaction_start: entry.transaction_start.unwrap_or(Offset(-1)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::{BatchBuilder, Compression, LeaderEpoch};

    fn header(epoch: i16, sequence: i32, records: i32, base_offset: i64) -> BatchHeader {
        let mut builder = BatchBuilder::new(Compression::None)
            .producer(ProducerId(7), ProducerEpoch(epoch), Sequence(sequence))
            .base_offset(Offset(base_offset), LeaderEpoch(0));
        for _ in 0..records {
            builder.append(Timestamp(5), None, Some(b"v"), &[]);
        }
        *builder.build_batch().header()
    }

    fn append(state: &mut ProducerState, header: &BatchHeader) {
        assert_eq!(state.check(header), Ok(Verdict::Next));
        state.update(header, None, Timestamp(5));
    }

    #[test]
    fn after_its_first_batch_was_rolled_back_a_producer_begins_at_its_beginning() {
        let mut state = ProducerState::default();
        append(&mut state, &header(0, 0, 2, 10));
        state.forget_batches(ProducerId(7));
        let later = state.check(&header(0, 2, 1, 10));
        assert_eq!(later, Err(SequenceError::OutOfOrder { expected: Sequence(0), got: Sequence(2) }));
        append(&mut state, &header(0, 0, 2, 10));

        let mut state = ProducerState::default();
        append(&mut state, &header(0, 5, 1, 10));
        state.forget_batches(ProducerId(7));
        assert_eq!(state.check(&header(0, 8, 1, 10)), Ok(Verdict::Next), "it began in the middle anyway");
    }

    #[test]
    fn knows_five_duplicates_and_what_is_missing() {
        let mut state = ProducerState::default();
        for batch in 0..6 {
            append(&mut state, &header(0, batch * 2, 2, i64::from(batch) * 2));
        }
        let verdict = |sequence, records| state.check(&header(0, sequence, records, 99));
        for batch in 1..6 {
            let duplicate = Verdict::Duplicate { base_offset: Offset(batch * 2), timestamp: Timestamp(5) };
            assert_eq!(verdict(batch as i32 * 2, 2), Ok(duplicate));
        }
        let expected = Sequence(12);
        assert_eq!(verdict(0, 2), Err(SequenceError::OlderThanRemembered { expected, got: Sequence(0) }));
        assert_eq!(verdict(10, 1), Err(SequenceError::OlderThanRemembered { expected, got: Sequence(10) }));
        assert_eq!(verdict(13, 1), Err(SequenceError::OutOfOrder { expected, got: Sequence(13) }));
    }

    #[test]
    fn epochs_fence_and_begin_at_zero() {
        let mut state = ProducerState::default();
        append(&mut state, &header(3, 5, 1, 0));
        let fenced = SequenceError::Fenced { current: ProducerEpoch(3), got: ProducerEpoch(2) };
        assert_eq!(state.check(&header(2, 6, 1, 1)), Err(fenced));
        let expected = Sequence(0);
        assert_eq!(
            state.check(&header(4, 6, 1, 1)),
            Err(SequenceError::OutOfOrder { expected, got: Sequence(6) })
        );
        append(&mut state, &header(4, 0, 1, 1));
        append(&mut state, &header(4, 1, 1, 2));
    }

    #[test]
    fn sequences_wrap_within_a_batch_and_between_two() {
        let mut state = ProducerState::default();
        append(&mut state, &header(0, i32::MAX - 1, 4, 0));
        assert!(matches!(state.check(&header(0, i32::MAX - 1, 4, 9)), Ok(Verdict::Duplicate { .. })));
        append(&mut state, &header(0, 2, 1, 4));
        let mut edge = ProducerState::default();
        append(&mut edge, &header(0, i32::MAX, 1, 0));
        append(&mut edge, &header(0, 0, 1, 1));
    }

    #[test]
    fn the_silent_are_forgotten() {
        let mut state = ProducerState::default();
        append(&mut state, &header(0, 0, 1, 0));
        state.expire(Timestamp(1004), 1000);
        assert!(state.get(ProducerId(7)).is_some());
        state.expire(Timestamp(1005), 1000);
        assert!(state.get(ProducerId(7)).is_none());
    }
}
