//! Finding an offset by time, with the precision of a record, in one round trip.
//!
//! The time index names the slot of the offset index in which the timestamps first reached the target; the record
//! is in there.
//!
//! Never knows: the special timestamps of ListOffsets.

use crate::limits::TIMESTAMP_FALLBACK_BYTES_MAX;
use crate::log::Log;
use crate::read::{corrupt, header_at};
use crate::segment::Segment;
use crate::storage::{Read, StorageFault};
use bytes::Bytes;
use tablog_record::{LeaderEpoch, Offset, Timestamp, ValidBatch};

/// A read to perform, and then `finish` with its bytes. `read` is `None` when there is nothing to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampSearch {
    pub read: Option<Read>,
    target: Timestamp,
    from: Offset,
    end: Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundTimestamp {
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub leader_epoch: LeaderEpoch,
}

impl Log {
    /// The first durable record whose timestamp is at or past the target.
    pub fn find_timestamp(&self, target: Timestamp) -> TimestampSearch {
        let found = self.live_segments().find(|segment| {
            let largest = self.durable_extent(segment).max_timestamp;
            largest >= target && largest > Timestamp::NONE
        });
        self.search(found, target)
    }

    /// The first record with the largest timestamp that is durable.
    pub fn max_timestamp(&self) -> TimestampSearch {
        let mut largest: Option<(Timestamp, &Segment)> = None;
        for segment in self.live_segments() {
            let here = self.durable_extent(segment).max_timestamp;
            if here > largest.map_or(Timestamp::NONE, |(timestamp, _)| timestamp) {
                largest = Some((here, segment));
            }
        }
        match largest {
            Some((timestamp, segment)) => self.search(Some(segment), timestamp),
            None => self.search(None, Timestamp::NONE),
        }
    }

    fn live_segments(&self) -> impl Iterator<Item = &Segment> {
        self.segments.values().filter(|segment| {
            segment.data_end > self.start_offset && segment.base_offset() < self.durable_end
        })
    }

    fn search(&self, segment: Option<&Segment>, target: Timestamp) -> TimestampSearch {
        let read = segment.and_then(|segment| {
            let limit = self.durable_extent(segment).bytes;
            // Past the last entry only the open slot can hold it, and that is where its maximum stands.
            let batch_end = match segment.time_index.first_from(target) {
                Some(entry) => segment.offset(entry.relative_offset),
                None => self.durable_extent(segment).max_timestamp_offset,
            };
            // Deleted records may hide the slot where the time was first reached; then what follows is looked at.
            let (from, end) = if batch_end < self.start_offset {
                let from = segment.stretch_from(self.start_offset).0;
                (from, from + TIMESTAMP_FALLBACK_BYTES_MAX)
            } else {
                let (from, end) = segment.stretch_from(batch_end);
                (from, end.unwrap_or(limit))
            };
            let end = end.min(limit);
            (from < end).then(|| self.read_of(segment, from, end - from))
        });
        TimestampSearch { read, target, from: self.start_offset, end: self.durable_end }
    }
}

impl TimestampSearch {
    pub fn finish(&self, bytes: Bytes) -> Result<Option<FoundTimestamp>, StorageFault> {
        let Some(read) = &self.read else { return Ok(None) };
        let mut at = 0;
        while let Some(header) = header_at(&bytes, at, read)? {
            if header.base_offset >= self.end || bytes.len() - at < header.batch_len {
                break;
            }
            if header.max_timestamp >= self.target && header.end_offset() > self.from {
                let broken = |error| corrupt(read, at, &format!("{error}"));
                let batch = ValidBatch::parse(bytes.slice(at..at + header.batch_len)).map_err(broken)?;
                for record in batch.iter().map_err(broken)? {
                    let record = record.map_err(broken)?;
                    if record.timestamp >= self.target && record.offset >= self.from {
                        return Ok(Some(FoundTimestamp {
                            offset: record.offset,
                            timestamp: record.timestamp,
                            leader_epoch: header.partition_leader_epoch,
                        }));
                    }
                }
            }
            at += header.batch_len;
        }
        Ok(None)
    }
}
