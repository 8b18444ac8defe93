//! Going through a segment batch by batch.
//!
//! Never knows: which segments there are besides.

use crate::blob_names::SegmentName;
use crate::leader_epochs::LeaderEpochs;
use crate::limits::SCAN_BYTES_MAX;
use crate::producer_state::ProducerState;
use crate::segment::Segment;
use bytes::{Bytes, BytesMut};
use tablog_record::{BatchHeader, ControlBatch, Offset, Timestamp, ValidBatch};

#[derive(Debug)]
pub(super) struct Scan {
    segment: Segment,
    task: Task,
    blob_bytes: u64,
    replay_from: Offset,
    /// Where the next batch begins, and what was read from there on.
    position: u64,
    buffer: Bytes,
    /// Bytes that the next batch needs beyond the buffer.
    needed: u64,
    next_offset: Offset,
    batches: u64,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Find the end, cut what is torn.
    Active,
    /// The indexes are damaged.
    Rebuild { end_offset: Offset },
    /// Only the producers' state is wanted.
    ReplayOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    GoOn,
    CheckpointIsStale(SegmentName),
}

impl Scan {
    pub fn new(segment: Segment, blob_bytes: u64, replay_from: Offset, task: Task) -> Scan {
        let (position, next_offset) = match task {
            Task::ReplayOnly => {
                let from = replay_from.max(segment.base_offset());
                (segment.stretch_from(from).0, segment.base_offset())
            }
            // An active one may go on from its checkpoint.
            Task::Active | Task::Rebuild { .. } => (segment.bytes, segment.end_offset),
        };
        Scan {
            segment,
            task,
            blob_bytes,
            replay_from,
            position,
            buffer: Bytes::new(),
            needed: 0,
            next_offset,
            batches: 0,
            ended: false,
        }
    }

    pub fn next_read(&self) -> Option<(SegmentName, u64, u64)> {
        let from = self.position + self.buffer.len() as u64;
        let left = self.blob_bytes.saturating_sub(from);
        if self.ended || left == 0 {
            return None;
        }
        Some((self.segment.name, from, left.min(SCAN_BYTES_MAX.max(self.needed))))
    }

    pub fn handle_read(
        &mut self,
        bytes: Bytes,
        asked: u64,
        index_interval_bytes: u32,
        producers: &mut ProducerState,
        epochs: &mut LeaderEpochs,
    ) -> Outcome {
        let is_short = (bytes.len() as u64) < asked;
        self.buffer = if self.buffer.is_empty() {
            bytes
        } else {
            let mut joined = BytesMut::with_capacity(self.buffer.len() + bytes.len());
            joined.extend_from_slice(&self.buffer);
            joined.extend_from_slice(&bytes);
            joined.freeze()
        };
        let read_to = self.position + self.buffer.len() as u64;
        let at_end = is_short || read_to >= self.blob_bytes;
        loop {
            match self.next_batch() {
                Next::Batch(batch) => self.take(&batch, index_interval_bytes, producers, epochs),
                Next::More { needed } if !at_end => {
                    self.needed = needed;
                    return Outcome::GoOn;
                }
                Next::More { .. } | Next::Bad => break,
            }
        }
        self.ended = true;
        let is_stale = self.task == Task::Active && self.batches == 0 && !self.buffer.is_empty();
        if is_stale { Outcome::CheckpointIsStale(self.segment.name) } else { Outcome::GoOn }
    }

    fn next_batch(&self) -> Next {
        let have = self.buffer.len();
        let header = match BatchHeader::peek(&self.buffer) {
            Err(_) => return Next::Bad,
            Ok(None) => return Next::More { needed: (BatchHeader::LEN - have.min(BatchHeader::LEN)) as u64 },
            Ok(Some(header)) => header,
        };
        if header.batch_len as u64 > self.blob_bytes - self.position {
            return Next::Bad;
        }
        if header.batch_len > have {
            return Next::More { needed: (header.batch_len - have) as u64 };
        }
        // Only compaction leaves gaps between offsets; a replay starts somewhere in the middle.
        let gaps = self.segment.name.generation.0 > 0 || self.task == Task::ReplayOnly;
        let follows = if gaps {
            header.base_offset >= self.next_offset
        } else {
            header.base_offset == self.next_offset
        };
        let end_max = match self.task {
            Task::Active => Offset(i64::MAX),
            Task::Rebuild { end_offset } => end_offset,
            Task::ReplayOnly => self.segment.end_offset,
        };
        let relative = header.last_offset().distance_from(self.segment.base_offset());
        if !follows || header.end_offset() > end_max || relative > i64::from(i32::MAX) {
            return Next::Bad;
        }
        match ValidBatch::parse(self.buffer.slice(..header.batch_len)) {
            Ok(batch) => Next::Batch(batch),
            Err(_) => Next::Bad,
        }
    }

    fn take(
        &mut self,
        batch: &ValidBatch,
        index_interval_bytes: u32,
        producers: &mut ProducerState,
        epochs: &mut LeaderEpochs,
    ) {
        let header = batch.header();
        let _ = self.buffer.split_to(header.batch_len);
        self.position += header.batch_len as u64;
        self.next_offset = header.end_offset();
        self.batches += 1;
        if self.task != Task::ReplayOnly {
            self.segment.add(header, index_interval_bytes);
        }
        epochs.assign(header.partition_leader_epoch, header.base_offset);
        if header.base_offset >= self.replay_from {
            producers.update(header, ControlBatch::read(batch).as_ref(), Timestamp::NONE);
        }
    }

    /// The segment, and what of an active one's blob is to be cut off.
    pub fn complete(mut self) -> (Segment, Task, u64) {
        let mut truncated_bytes = 0;
        match self.task {
            Task::Active => truncated_bytes = self.blob_bytes - self.segment.bytes,
            Task::Rebuild { end_offset } => {
                // Bytes behind a damaged batch stay: a reader that comes to them is told.
                self.segment.close_slot();
                self.segment.end_offset = end_offset;
                let is_damaged = self.segment.bytes < self.blob_bytes;
                if is_damaged || self.segment.name.generation.0 == 0 {
                    self.segment.data_end = end_offset;
                }
                self.segment.bytes = self.blob_bytes;
            }
            Task::ReplayOnly => {}
        }
        (self.segment, self.task, truncated_bytes)
    }
}

enum Next {
    Batch(ValidBatch),
    More { needed: u64 },
    Bad,
}
