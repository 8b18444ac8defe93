//! The batches of a closed segment, read piece by piece.
//!
//! Never knows: what is done with them.

use crate::blob_names::{SegmentFile, SegmentName};
use crate::config::LogLocation;
use crate::limits::SCAN_BYTES_MAX;
use crate::storage::{FaultKind, StorageFault};
use bytes::{Bytes, BytesMut};
use tablog_record::{BatchHeader, ValidBatch};

#[derive(Debug)]
pub(super) struct SegmentReader {
    prefix: String,
    name: SegmentName,
    /// Where the buffer begins.
    position: u64,
    end: u64,
    buffer: Bytes,
    needed: u64,
    asked: Option<u64>,
}

impl SegmentReader {
    pub fn new(location: &LogLocation, name: SegmentName, from: u64, end: u64) -> SegmentReader {
        let prefix = location.prefix.clone();
        SegmentReader { prefix, name, position: from, end, buffer: Bytes::new(), needed: 0, asked: None }
    }

    pub fn file(&self) -> String {
        self.name.file(SegmentFile::Log)
    }

    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    pub fn next_read(&mut self) -> Option<(u64, u64)> {
        let from = self.position + self.buffer.len() as u64;
        if from >= self.end {
            return None;
        }
        let len = (self.end - from).min(SCAN_BYTES_MAX.max(self.needed));
        self.asked = Some(len);
        Some((from, len))
    }

    pub fn feed(&mut self, bytes: Bytes) -> Result<(), StorageFault> {
        let asked = self.asked.take().expect("bytes were asked for");
        if bytes.len() as u64 != asked {
            return Err(self.corrupt("the segment is shorter than it was"));
        }
        self.buffer = if self.buffer.is_empty() {
            bytes
        } else {
            let mut joined = BytesMut::with_capacity(self.buffer.len() + bytes.len());
            joined.extend_from_slice(&self.buffer);
            joined.extend_from_slice(&bytes);
            joined.freeze()
        };
        Ok(())
    }

    /// The next batch that is in the buffer whole. A segment ends with a whole one.
    pub fn next_batch(&mut self) -> Result<Option<ValidBatch>, StorageFault> {
        let have = self.buffer.len();
        let left = (self.end - self.position) as usize;
        let header = BatchHeader::peek(&self.buffer).map_err(|error| self.corrupt(&error.to_string()))?;
        let len = header.map_or(BatchHeader::LEN, |header| header.batch_len);
        if left > 0 && len > left {
            return Err(self.corrupt("a batch reaches past the segment's end"));
        }
        if left == 0 || have < len {
            self.needed = (len - have.min(len)) as u64;
            return Ok(None);
        }
        let batch = ValidBatch::parse(self.buffer.slice(..len));
        let batch = batch.map_err(|error| self.corrupt(&error.to_string()))?;
        let _ = self.buffer.split_to(len);
        self.position += len as u64;
        Ok(Some(batch))
    }

    pub fn corrupt(&self, problem: &str) -> StorageFault {
        let place = self.position;
        let detail = format!("{}{} at byte {place}: {problem}", self.prefix, self.file());
        StorageFault { kind: FaultKind::Corrupt, detail }
    }
}
