//! One segment: a blob of batches with its sparse indexes. The last one of a log is *active* and grows.
//!
//! Never knows: the log around it, when it is to be closed.

use crate::blob_names::SegmentName;
use crate::cleaned_marker::CleanedMarker;
use crate::offset_index::{OffsetEntry, OffsetIndex};
use crate::time_index::{TimeEntry, TimeIndex};
use tablog_record::{BatchHeader, Offset, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub name: SegmentName,
    /// Where the next segment begins.
    pub end_offset: Offset,
    /// Where its last batch ends: before `end_offset` if compaction took the last ones.
    pub data_end: Offset,
    /// Of a cleaned segment.
    pub marker: Option<CleanedMarker>,
    pub bytes: u64,
    pub index: OffsetIndex,
    pub time_index: TimeIndex,
    /// The largest so far, `NONE` without any, and the last offset of the first batch that has it.
    pub max_timestamp: Timestamp,
    pub max_timestamp_offset: Offset,
    /// The largest of its first batch: what `segment.ms` counts from.
    pub first_timestamp: Timestamp,
    /// When it was begun or, after a restart, opened; by the wall clock.
    pub opened_at: Timestamp,
    bytes_since_entry: u64,
}

/// A segment's extent at one moment, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentMark {
    pub end_offset: Offset,
    pub bytes: u64,
    pub max_timestamp: Timestamp,
    pub max_timestamp_offset: Offset,
    pub first_timestamp: Timestamp,
    pub bytes_since_entry: u64,
    pub index_len: usize,
    pub time_index_len: usize,
}

impl Segment {
    pub fn empty(name: SegmentName, opened_at: Timestamp) -> Segment {
        Segment {
            name,
            end_offset: name.base_offset,
            data_end: name.base_offset,
            marker: None,
            bytes: 0,
            index: OffsetIndex::default(),
            time_index: TimeIndex::default(),
            max_timestamp: Timestamp::NONE,
            max_timestamp_offset: name.base_offset,
            first_timestamp: Timestamp::NONE,
            opened_at,
            bytes_since_entry: 0,
        }
    }

    /// A closed segment as its indexes tell of it.
    pub fn closed(
        name: SegmentName,
        end_offset: Offset,
        bytes: u64,
        index: OffsetIndex,
        time_index: TimeIndex,
        opened_at: Timestamp,
    ) -> Segment {
        let mut segment = Segment::empty(name, opened_at);
        if let Some(last) = time_index.last() {
            segment.max_timestamp = last.timestamp;
            segment.max_timestamp_offset = segment.offset(last.relative_offset);
        }
        Segment { end_offset, data_end: end_offset, bytes, index, time_index, ..segment }
    }

    pub fn base_offset(&self) -> Offset {
        self.name.base_offset
    }

    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Takes in the batch that follows at the end of the blob.
    pub fn add(&mut self, header: &BatchHeader, index_interval_bytes: u32) {
        assert!(header.base_offset >= self.data_end, "batches ascend");
        if self.bytes_since_entry > u64::from(index_interval_bytes) {
            self.close_slot();
            self.index.push(OffsetEntry {
                relative_offset: self.relative(header.base_offset),
                position: u32::try_from(self.bytes).expect("a segment stays below 2 GiB"),
            });
            self.bytes_since_entry = 0;
        }
        if self.bytes == 0 {
            self.first_timestamp = header.max_timestamp;
        }
        if header.max_timestamp > self.max_timestamp {
            self.max_timestamp = header.max_timestamp;
            self.max_timestamp_offset = header.last_offset();
        }
        self.bytes += header.batch_len as u64;
        self.bytes_since_entry += header.batch_len as u64;
        self.data_end = header.end_offset();
        self.end_offset = self.end_offset.max(self.data_end);
    }

    /// Notes in the time index how far time went. Also the last thing before the segment is closed.
    pub fn close_slot(&mut self) {
        if self.max_timestamp > Timestamp::NONE {
            let relative_offset = self.relative(self.max_timestamp_offset);
            self.time_index.advance(TimeEntry { timestamp: self.max_timestamp, relative_offset });
        }
    }

    pub fn relative(&self, offset: Offset) -> u32 {
        u32::try_from(offset.distance_from(self.base_offset()))
            .expect("offsets of a segment lie close together")
    }

    pub fn offset(&self, relative_offset: u32) -> Offset {
        self.base_offset().plus(i64::from(relative_offset))
    }

    /// The oldest timestamp that is known without reading: of the first batch, or of the first index entry.
    pub fn oldest_known_timestamp(&self) -> Option<Timestamp> {
        let first = Some(self.first_timestamp).filter(|first| *first > Timestamp::NONE);
        first.or_else(|| self.time_index.first().map(|entry| entry.timestamp))
    }

    /// Whether the indexes and the offsets leave room for a batch that ends here.
    pub fn has_room_for(&self, last_offset: Offset) -> bool {
        let relative = last_offset.distance_from(self.base_offset());
        relative <= i64::from(i32::MAX) && !self.index.is_full() && !self.time_index.is_full()
    }

    /// The stretch that certainly holds the first batch with this offset or a later one, whole.
    pub fn stretch_from(&self, offset: Offset) -> (u64, Option<u64>) {
        let number = self.index.slot_of(self.relative(offset.max(self.base_offset())));
        let slot = self.index.slot(number);
        // Where compaction left gaps the batch may be the first one of the next slot.
        let gaps = self.name.generation.0 > 0;
        let end = if gaps && slot.to.is_some() { self.index.slot(number + 1).to } else { slot.to };
        (u64::from(slot.from), end.map(u64::from))
    }

    pub fn mark(&self) -> SegmentMark {
        SegmentMark {
            end_offset: self.end_offset,
            bytes: self.bytes,
            max_timestamp: self.max_timestamp,
            max_timestamp_offset: self.max_timestamp_offset,
            first_timestamp: self.first_timestamp,
            bytes_since_entry: self.bytes_since_entry,
            index_len: self.index.len(),
            time_index_len: self.time_index.len(),
        }
    }

    pub fn restore(&mut self, mark: &SegmentMark) {
        self.end_offset = mark.end_offset;
        self.data_end = mark.end_offset;
        self.bytes = mark.bytes;
        self.max_timestamp = mark.max_timestamp;
        self.max_timestamp_offset = mark.max_timestamp_offset;
        self.first_timestamp = mark.first_timestamp;
        self.bytes_since_entry = mark.bytes_since_entry;
        self.index.truncate(mark.index_len);
        self.time_index.truncate(mark.time_index_len);
    }
}
