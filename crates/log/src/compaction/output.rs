//! A cleaned segment while it is written.
//!
//! Never knows: what was left out.

use crate::blob_names::{SegmentFile, SegmentName};
use crate::cleaned_marker::CleanedMarker;
use crate::config::LogLocation;
use crate::limits::CLEANED_WRITE_BYTES;
use crate::segment::Segment;
use crate::storage::{Position, Write};
use bytes::BytesMut;
use tablog_record::{Offset, Timestamp, ValidBatch};

#[derive(Debug)]
pub(super) struct Output {
    segment: Segment,
    buffer: BytesMut,
    /// Where the buffer begins.
    position: u64,
}

impl Output {
    pub fn new(location: &LogLocation, name: SegmentName, now: Timestamp, writes: &mut Vec<Write>) -> Output {
        // One that was broken off may have left bytes under this name.
        writes.push(Write::Delete { blob: location.blob(&name.file(SegmentFile::Log)) });
        Output { segment: Segment::empty(name, now), buffer: BytesMut::new(), position: 0 }
    }

    pub fn segment(&self) -> &Segment {
        &self.segment
    }

    pub fn push(
        &mut self,
        location: &LogLocation,
        batch: &ValidBatch,
        index_interval_bytes: u32,
        writes: &mut Vec<Write>,
    ) {
        self.segment.add(batch.header(), index_interval_bytes);
        self.buffer.extend_from_slice(batch.bytes());
        if self.buffer.len() >= CLEANED_WRITE_BYTES {
            self.flush(location, writes);
        }
    }

    fn flush(&mut self, location: &LogLocation, writes: &mut Vec<Write>) {
        if self.buffer.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.buffer).freeze();
        let blob = location.blob(&self.segment.name.file(SegmentFile::Log));
        let at = Position(self.position);
        self.position += bytes.len() as u64;
        writes.push(Write::Append { blob, at, bytes });
    }

    pub fn complete(
        mut self,
        location: &LogLocation,
        end_offset: Offset,
        clean_end: Offset,
        writes: &mut Vec<Write>,
    ) -> Segment {
        self.flush(location, writes);
        let mut segment = self.segment;
        assert_eq!(segment.bytes, self.position);
        segment.close_slot();
        segment.end_offset = end_offset;
        segment.marker = Some(CleanedMarker {
            segment: segment.name,
            end_offset,
            data_end: segment.data_end,
            clean_end,
            bytes: segment.bytes,
        });
        let put = |file, bytes| Write::Put { blob: location.blob(&segment.name.file(file)), bytes };
        writes.push(put(SegmentFile::TimeIndex, segment.time_index.encode()));
        writes.push(put(SegmentFile::Index, segment.index.encode()));
        segment
    }
}
