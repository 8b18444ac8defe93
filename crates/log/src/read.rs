//! Reading from an offset on: which range of which blob, and what of it is the answer.
//!
//! One round trip, always: the sparse index names a stretch that certainly holds the first wanted batch whole.
//!
//! Never knows: what the records are, who asks.

use crate::blob_names::SegmentFile;
use crate::log::Log;
use crate::segment::Segment;
use crate::storage::{FaultKind, Position, Read, StorageFault};
use bytes::Bytes;
use tablog_record::{BatchHeader, Offset};

/// Whether a first batch that is larger than the limit is given all the same, so that its reader gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinOne {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    OffsetOutOfRange { start: Offset, end: Offset },
}

/// A read to perform, and then `finish` with its bytes. `read` is `None` when there is nothing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPlan {
    pub read: Option<Read>,
    from: Offset,
    end: Offset,
    bytes_max: u32,
    min_one: MinOne,
}

impl Log {
    /// Plans to read whole batches from the one that holds `from` up to `end` (exclusive: high watermark or last
    /// stable offset), about `bytes_max` of them, of one segment.
    pub fn read(
        &self,
        from: Offset,
        end: Offset,
        bytes_max: u32,
        min_one: MinOne,
    ) -> Result<ReadPlan, ReadError> {
        if from < self.start_offset || from > self.end_offset() {
            return Err(ReadError::OffsetOutOfRange { start: self.start_offset, end: self.end_offset() });
        }
        let end = end.min(self.durable_end);
        let plan = |read| ReadPlan { read, from, end, bytes_max, min_one };
        if from >= end || (bytes_max == 0 && min_one == MinOne::No) {
            return Ok(plan(None));
        }
        let Some(segment) = self.segment_with_data_from(from) else { return Ok(plan(None)) };
        if segment.base_offset() >= end {
            return Ok(plan(None));
        }
        let (start, stretch_end) = segment.stretch_from(from);
        let mut limit = self.durable_extent(segment).bytes;
        if end < segment.end_offset {
            let past_end = segment.index.position_past(segment.relative(end));
            limit = past_end.map_or(limit, |position| limit.min(u64::from(position)));
        }
        let stretch_end = stretch_end.unwrap_or(limit).min(limit);
        let wanted_end = limit.min(stretch_end.saturating_add(u64::from(bytes_max)));
        if wanted_end <= start {
            return Ok(plan(None));
        }
        Ok(plan(Some(self.read_of(segment, start, wanted_end - start))))
    }

    /// The segment that holds the first batch at or past an offset.
    pub(crate) fn segment_with_data_from(&self, offset: Offset) -> Option<&Segment> {
        let floor = self.segments.range(..=offset).next_back().map(|(&base, _)| base);
        self.segments
            .range(floor?..)
            .map(|(_, segment)| segment)
            .find(|segment| !segment.is_empty() && segment.data_end > offset)
    }

    pub(crate) fn read_of(&self, segment: &Segment, from: u64, len: u64) -> Read {
        Read {
            tier: self.location.tier,
            blob: self.location.blob(&segment.name.file(SegmentFile::Log)),
            from: Position(from),
            len,
        }
    }
}

impl ReadPlan {
    /// The batches among the bytes that were read. Their headers are checked, not their checksums.
    pub fn finish(&self, bytes: Bytes) -> Result<Bytes, StorageFault> {
        let Some(read) = &self.read else { return Ok(Bytes::new()) };
        let (mut start, mut at, mut next_offset) = (None, 0, Offset::ZERO);
        while let Some(header) = header_at(&bytes, at, read)? {
            if header.base_offset < next_offset {
                return Err(corrupt(read, at, "batches do not ascend"));
            }
            if header.base_offset >= self.end || bytes.len() - at < header.batch_len {
                break;
            }
            next_offset = header.end_offset();
            if next_offset > self.from {
                let first = *start.get_or_insert(at);
                let len = at - first + header.batch_len;
                let is_first = first == at && self.min_one == MinOne::Yes;
                if len > self.bytes_max as usize && !is_first {
                    break;
                }
            }
            at += header.batch_len;
        }
        let Some(start) = start else {
            let have_all = bytes.len() as u64 >= read.len && at == bytes.len();
            let past_end = header_at(&bytes, at, read)?.is_some_and(|header| header.base_offset >= self.end);
            return if have_all || past_end {
                Ok(Bytes::new())
            } else {
                Err(corrupt(read, at, "the batch is not whole"))
            };
        };
        Ok(bytes.slice(start..at))
    }
}

pub(crate) fn header_at(bytes: &Bytes, at: usize, read: &Read) -> Result<Option<BatchHeader>, StorageFault> {
    BatchHeader::peek(&bytes[at..]).map_err(|error| corrupt(read, at, &error.to_string()))
}

pub(crate) fn corrupt(read: &Read, at: usize, problem: &str) -> StorageFault {
    let place = read.from.0 + at as u64;
    StorageFault { kind: FaultKind::Corrupt, detail: format!("{} at byte {place}: {problem}", read.blob) }
}
