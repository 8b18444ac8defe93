//! Appending a batch: Kafka's checks in Kafka's order, then an offset, then the writes.
//!
//! Never knows: the request that the batch came in, error codes.

use crate::blob_names::{SegmentFile, SegmentName};
use crate::leader_epochs::{Changed, Stored};
use crate::log::{Change, Log, Pending, RepairDue};
use crate::producer_state::{SequenceError, Verdict};
use crate::segment::Segment;
use crate::storage::{Position, Write};
use tablog_record::{
    BatchError, ControlBatch, KeyRule, NamedRecords, Now, Offset, OffsetRule, ProducerEpoch, ProducerId,
    RecordRules, Sequence, Timestamp, TimestampType, ValidBatch,
};

/// Who appends. A coordinator is trusted with what a client is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    Client,
    Coordinator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: Offset,
    /// The append may be answered once the log is durable up to here; that goes for a duplicate too, whose first
    /// copy may still be on its way to storage.
    pub end_offset: Offset,
    /// Under `LogAppendTime`.
    pub log_append_time: Option<Timestamp>,
    pub outcome: AppendOutcome,
    /// A new segment was begun for this batch.
    pub rolled: Option<Rolled>,
    pub writes: Vec<Write>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    Appended,
    /// The batch is in the log already, at these offsets. There is nothing to write.
    Duplicate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolled {
    pub base_offset: Offset,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    OutOfOrderSequence {
        producer: ProducerId,
        expected: Sequence,
        got: Sequence,
    },
    /// Sent before, but longer ago than is remembered. Kafka answers it like one that is out of order.
    DuplicateSequence {
        producer: ProducerId,
        expected: Sequence,
        got: Sequence,
    },
    InvalidProducerEpoch {
        producer: ProducerId,
        current: ProducerEpoch,
        got: ProducerEpoch,
    },
    /// Records whose timestamps lie outside the topic's limits.
    InvalidTimestamp {
        records: NamedRecords,
        min: Option<Timestamp>,
        max: Option<Timestamp>,
    },
    /// Records without a key on a compacted topic.
    MissingKey {
        records: NamedRecords,
    },
    MessageTooLarge {
        size: usize,
        max: u32,
    },
    /// The log has no more offsets.
    OffsetsExhausted,
    Batch(BatchError),
}

impl Log {
    /// Gives the batch its offsets. Nothing of it is visible to readers before `made_durable`.
    pub fn append(
        &mut self,
        now: Now,
        batch: ValidBatch,
        origin: AppendOrigin,
    ) -> Result<Appended, AppendError> {
        let batch = match origin {
            AppendOrigin::Client => self.validate(now, batch)?,
            AppendOrigin::Coordinator => self.stamp(now, batch),
        };
        if let Some(duplicate) = self.check_sequence(&batch, origin)? {
            return Ok(duplicate);
        }
        let base_offset = self.end_offset();
        let last_delta = i64::from(batch.header().last_offset_delta);
        if base_offset.0.checked_add(last_delta + 2).is_none() {
            return Err(AppendError::OffsetsExhausted);
        }
        let batch = batch.with_base_offset(base_offset, self.epoch);
        let end_offset = batch.header().end_offset();

        if self.epochs.assign(self.epoch, base_offset) == Changed::Yes {
            self.epochs_stored = Stored::Stale;
        }
        let mut writes = match std::mem::replace(&mut self.repair_due, RepairDue::No) {
            RepairDue::Yes => self.repairs(),
            RepairDue::No => self.store_epochs(),
        };
        let mut rolled = None;
        if self.must_roll_for(now, &batch) {
            writes.extend(self.roll(now, end_offset));
            rolled = Some(Rolled { base_offset });
        }
        writes.push(self.push(now, &batch, end_offset));
        let log_append_time = self.log_append_time(&batch);
        let outcome = AppendOutcome::Appended;
        Ok(Appended { base_offset, end_offset, log_append_time, outcome, rolled, writes })
    }

    fn validate(&self, now: Now, batch: ValidBatch) -> Result<ValidBatch, AppendError> {
        self.check_size(&batch)?;
        let config = &self.config;
        let by_client = config.timestamp_type == TimestampType::CreateTime;
        let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let min = Timestamp(now.wall.0.saturating_sub(ms(config.timestamp_before_max_ms)));
        let max = Timestamp(now.wall.0.saturating_add(ms(config.timestamp_after_max_ms)));
        let rules = RecordRules {
            offsets: OffsetRule::Consecutive,
            keys: if config.cleanup.compacts() { KeyRule::Required } else { KeyRule::Optional },
            timestamp_min: by_client.then_some(min),
            timestamp_max: by_client.then_some(max),
        };
        let facts = batch.validate_records(&rules).map_err(AppendError::Batch)?;
        if !facts.without_key.is_empty() {
            return Err(AppendError::MissingKey { records: facts.without_key });
        }
        if !facts.outside_timestamps.is_empty() {
            let (min, max) = (rules.timestamp_min, rules.timestamp_max);
            return Err(AppendError::InvalidTimestamp { records: facts.outside_timestamps, min, max });
        }
        let batch = match config.compression {
            Some(compression) => batch.recompress(compression).map_err(AppendError::Batch)?,
            None => batch,
        };
        let batch = match config.timestamp_type {
            TimestampType::CreateTime => {
                batch.with_max_timestamp(TimestampType::CreateTime, facts.max_timestamp)
            }
            TimestampType::LogAppendTime => batch.with_log_append_time(now.wall),
        };
        self.check_size(&batch)?;
        Ok(batch)
    }

    fn check_size(&self, batch: &ValidBatch) -> Result<(), AppendError> {
        let (size, max) = (batch.bytes().len(), self.config.max_message_bytes);
        if size > max as usize {
            return Err(AppendError::MessageTooLarge { size, max });
        }
        Ok(())
    }

    fn stamp(&self, now: Now, batch: ValidBatch) -> ValidBatch {
        match self.config.timestamp_type {
            TimestampType::CreateTime => batch,
            TimestampType::LogAppendTime => batch.with_log_append_time(now.wall),
        }
    }

    fn log_append_time(&self, batch: &ValidBatch) -> Option<Timestamp> {
        let header = batch.header();
        let by_log = header.attributes.timestamp_type() == TimestampType::LogAppendTime;
        by_log.then_some(header.max_timestamp)
    }

    fn check_sequence(
        &self,
        batch: &ValidBatch,
        origin: AppendOrigin,
    ) -> Result<Option<Appended>, AppendError> {
        let header = batch.header();
        let producer = header.producer_id;
        if origin == AppendOrigin::Coordinator || !producer.is_some() {
            return Ok(None);
        }
        let verdict = self.producers.check(header).map_err(|error| match error {
            SequenceError::OutOfOrder { expected, got } => {
                AppendError::OutOfOrderSequence { producer, expected, got }
            }
            SequenceError::OlderThanRemembered { expected, got } => {
                AppendError::DuplicateSequence { producer, expected, got }
            }
            SequenceError::Fenced { current, got } => {
                AppendError::InvalidProducerEpoch { producer, current, got }
            }
        })?;
        let Verdict::Duplicate { base_offset, timestamp } = verdict else { return Ok(None) };
        Ok(Some(Appended {
            base_offset,
            end_offset: base_offset.plus(i64::from(header.last_offset_delta) + 1),
            log_append_time: self.log_append_time(batch).map(|_| timestamp),
            outcome: AppendOutcome::Duplicate,
            rolled: None,
            writes: Vec::new(),
        }))
    }

    fn must_roll_for(&self, now: Now, batch: &ValidBatch) -> bool {
        let active = self.active();
        if active.is_empty() {
            return false;
        }
        let header = batch.header();
        // The batch's own time, so that records of long ago lie in segments of their time.
        let age_ms = match active.first_timestamp {
            Timestamp::NONE => now.wall.0.saturating_sub(active.opened_at.0),
            first => header.max_timestamp.0.saturating_sub(first.0),
        };
        active.bytes + header.batch_len as u64 > self.config.segment_bytes_max()
            || age_ms > i64::try_from(self.config.segment_ms_max()).unwrap_or(i64::MAX)
            || !active.has_room_for(header.last_offset())
    }

    /// Closes the active segment and begins a new one at the log's end. What is written of the old one comes
    /// before the first byte of the new: a segment that has a successor is whole.
    pub(crate) fn roll(&mut self, now: Now, settled_at: Offset) -> Vec<Write> {
        let end = self.end_offset();
        let active = self.active_mut();
        assert!(!active.is_empty(), "an empty segment is not closed");
        let (closed, time_index_len) = (active.name, active.time_index.len());
        active.close_slot();
        let index = active.index.encode();
        let time_index = active.time_index.encode();
        let mut writes = vec![
            self.put(&closed.file(SegmentFile::TimeIndex), time_index),
            self.put(&closed.file(SegmentFile::Index), index),
        ];
        writes.extend(self.store_snapshot());
        if self.checkpoint_end.take().is_some() {
            writes.push(self.delete(&closed.file(SegmentFile::Checkpoint)));
        }
        self.segments.insert(end, Segment::empty(SegmentName::appended(end), now.wall));
        self.pending.push_back(Pending { settled_at, change: Change::Roll { closed, time_index_len } });
        writes
    }

    fn push(&mut self, now: Now, batch: &ValidBatch, end_offset: Offset) -> Write {
        let header = batch.header();
        let producer_id = header.producer_id;
        let producer = producer_id.is_some().then(|| (producer_id, self.producers.get(producer_id).cloned()));
        let index_interval_bytes = self.config.index_interval_bytes;
        let active = self.active_mut();
        let (name, before) = (active.name, active.mark());
        active.add(header, index_interval_bytes);
        assert_eq!(active.end_offset, end_offset);
        let change = Change::Append { segment: name.base_offset, before, producer };
        self.pending.push_back(Pending { settled_at: end_offset, change });
        self.producers.update(header, ControlBatch::read(batch).as_ref(), now.wall);
        Write::Append {
            blob: self.location.blob(&name.file(SegmentFile::Log)),
            at: Position(before.bytes),
            bytes: batch.bytes().clone(),
        }
    }

    /// Closes the active segment if it is open for longer than `segment.ms` and no append came to do it.
    pub fn maybe_roll(&mut self, now: Now) -> Vec<Write> {
        let open_ms = now.wall.0.saturating_sub(self.active().opened_at.0);
        let segment_ms = i64::try_from(self.config.segment_ms_max()).unwrap_or(i64::MAX);
        // After a failure the next append repairs the active segment, so that one stays until then.
        if self.active().is_empty() || open_ms <= segment_ms || self.repair_due == RepairDue::Yes {
            return Vec::new();
        }
        // Until the new segment has bytes an opening takes up the old one again, hence its checkpoint.
        let mut writes = self.checkpoint();
        self.checkpoint_end = None;
        let settled_at = self.end_offset().plus(1);
        writes.extend(self.roll(now, settled_at));
        writes
    }
}
