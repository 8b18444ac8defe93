//! Letting go of the oldest records: by age, by size, by request.
//!
//! `choose` only looks; the log does. Whole segments go; the start of the log moves first and is stored first.
//!
//! Never knows: when it is called, compaction.

use crate::blob_names::SegmentName;
use crate::leader_epochs::{Changed, Stored};
use crate::log::Log;
use crate::segment::Segment;
use crate::storage::Write;
use tablog_record::{Now, Offset};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Keep,
    /// All segments that end at or below this offset.
    Drop {
        upto: Offset,
        reason: DropReason,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// `retention.ms`
    Time,
    /// `retention.bytes`
    Size,
    /// DeleteRecords moved the start of the log past them.
    StartOffset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteRecordsError {
    OffsetOutOfRange { start: Offset, high_watermark: Offset },
}

/// Which of the oldest segments may go. The active one only with all others, when every record of it expired.
pub fn choose(log: &Log, now: Now) -> Choice {
    let by_start = log.drop_while(|segment| segment.end_offset <= log.start_offset);
    let (mut by_time, mut by_size) = (None, None);
    if log.config.cleanup.deletes() {
        by_time = log.config.retention_ms.and_then(|retention_ms| {
            let retention_ms = i64::try_from(retention_ms).unwrap_or(i64::MAX);
            log.drop_while(|segment| {
                // Without timestamps a segment is as old as it is known to be.
                let newest =
                    if segment.max_timestamp.0 >= 0 { segment.max_timestamp } else { segment.opened_at };
                now.wall.0.saturating_sub(newest.0) > retention_ms
            })
        });
        by_size = log.config.retention_bytes.and_then(|retention_bytes| {
            let mut surplus = log.size_bytes().checked_sub(retention_bytes)?;
            log.drop_while(|segment| match surplus.checked_sub(segment.bytes) {
                Some(left) => {
                    surplus = left;
                    true
                }
                None => false,
            })
        });
    }
    let choices =
        [(by_time, DropReason::Time), (by_size, DropReason::Size), (by_start, DropReason::StartOffset)];
    let farthest = choices.into_iter().filter_map(|(upto, reason)| Some((upto?, reason)));
    // The first of equals, in the order above.
    match farthest.reduce(|best, next| if next.0 > best.0 { next } else { best }) {
        Some((upto, reason)) => Choice::Drop { upto, reason },
        None => Choice::Keep,
    }
}

impl Log {
    /// The end of the oldest segments for which this holds; `None` if there is none. Only what is durable goes, and
    /// the active segment only if there is something in it.
    fn drop_while(&self, mut expired: impl FnMut(&Segment) -> bool) -> Option<Offset> {
        let active = self.active().base_offset();
        let drops = self.segments.values().take_while(|segment| {
            let is_empty_active = segment.base_offset() == active && segment.is_empty();
            !is_empty_active && segment.end_offset <= self.durable_end && expired(segment)
        });
        drops.last().map(|segment| segment.end_offset)
    }

    /// Does what `choose` chose.
    pub fn drop_segments(&mut self, choice: Choice, now: Now) -> Vec<Write> {
        let Choice::Drop { upto, .. } = choice else { return Vec::new() };
        assert!(upto <= self.durable_end, "what is not durable is not dropped");
        let mut writes = Vec::new();
        if upto == self.end_offset() && !self.active().is_empty() {
            // Nothing of it stays, so nothing of it is indexed; but the producers are remembered.
            writes.extend(self.store_snapshot());
            let empty = Segment::empty(SegmentName::appended(upto), now.wall);
            self.segments.insert(upto, empty);
            self.checkpoint_end = None;
        }
        writes.extend(self.advance_start(upto));
        let dropped: Vec<Offset> = self
            .segments
            .values()
            .take_while(|segment| segment.end_offset <= upto && segment.base_offset() < upto)
            .map(Segment::base_offset)
            .collect();
        for base in dropped {
            let segment = self.segments.remove(&base).expect("it was just seen");
            writes.extend(self.segment_deletes(&segment));
        }
        assert!(!self.segments.is_empty());
        self.leave_unsettled(&writes);
        writes
    }

    /// DeleteRecords: the log begins at this offset. Segments that end below it go with the next `drop_segments`.
    pub fn delete_records(&mut self, before: Offset) -> Result<Vec<Write>, DeleteRecordsError> {
        let (start, high_watermark) = (self.start_offset, self.high_watermark());
        if before < start || before > high_watermark {
            return Err(DeleteRecordsError::OffsetOutOfRange { start, high_watermark });
        }
        let mut writes = self.advance_start(before);
        if writes.is_empty() {
            // The start may be known here though its commit failed.
            writes = self.store_start();
        }
        self.leave_unsettled(&writes);
        Ok(writes)
    }

    fn advance_start(&mut self, start: Offset) -> Vec<Write> {
        if start <= self.start_offset {
            return Vec::new();
        }
        self.start_offset = start;
        self.start_markers.insert(start);
        let mut writes = self.store_start();
        if self.epochs.truncate_from_start(start) == Changed::Yes {
            self.epochs_stored = Stored::Stale;
            writes.extend(self.store_epochs());
        }
        writes
    }
}
