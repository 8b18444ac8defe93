//! The newest batches of a partition, kept in memory: a consumer that keeps up is answered without a storage read.
//!
//! The tail is a copy of what the log holds, never more: it is cut where the log is cut.

use crate::limits;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use tablog_record::Offset;

#[derive(Debug, Default)]
pub(crate) struct Tail {
    batches: VecDeque<TailBatch>,
    bytes: usize,
}

#[derive(Debug)]
struct TailBatch {
    base_offset: Offset,
    end_offset: Offset,
    bytes: Bytes,
}

impl Tail {
    pub fn push(&mut self, base_offset: Offset, end_offset: Offset, bytes: Bytes) {
        if self.batches.back().is_some_and(|last| last.end_offset != base_offset) {
            self.clear();
        }
        self.bytes += bytes.len();
        self.batches.push_back(TailBatch { base_offset, end_offset, bytes });
        while self.bytes > limits::TAIL_PARTITION_BYTES_MAX {
            self.drop_oldest();
        }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn drop_oldest(&mut self) {
        if let Some(batch) = self.batches.pop_front() {
            self.bytes -= batch.bytes.len();
        }
    }

    pub fn clear(&mut self) {
        self.batches.clear();
        self.bytes = 0;
    }

    /// Forgets what was rolled back.
    pub fn truncate(&mut self, end: Offset) {
        while self.batches.back().is_some_and(|batch| batch.end_offset > end) {
            let batch = self.batches.pop_back().expect("the last batch is there");
            self.bytes -= batch.bytes.len();
        }
    }

    /// Whole batches from the one that holds `from`, below `end`, up to `max_bytes` but at least one where
    /// `at_least_one`; `None` when the tail does not reach back to `from`.
    pub fn read(&self, from: Offset, end: Offset, max_bytes: usize, least: AtLeast) -> Option<Bytes> {
        if self.batches.front()?.base_offset > from {
            return None;
        }
        let first = self.batches.partition_point(|batch| batch.end_offset <= from);
        let mut size = 0;
        let mut chosen = Vec::new();
        for batch in self.batches.iter().skip(first).take_while(|batch| batch.end_offset <= end) {
            if size + batch.bytes.len() > max_bytes && !(chosen.is_empty() && least == AtLeast::OneBatch) {
                break;
            }
            size += batch.bytes.len();
            chosen.push(&batch.bytes);
        }
        match chosen.as_slice() {
            [] => Some(Bytes::new()),
            [one] => Some((*one).clone()),
            many => {
                let mut joined = BytesMut::with_capacity(size);
                many.iter().for_each(|bytes| joined.extend_from_slice(bytes));
                Some(joined.freeze())
            }
        }
    }
}

/// The first partition of a fetch that has data returns a batch even if it is larger than what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtLeast {
    OneBatch,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail() -> Tail {
        let mut tail = Tail::default();
        tail.push(Offset(10), Offset(12), Bytes::from_static(b"aaaa"));
        tail.push(Offset(12), Offset(13), Bytes::from_static(b"bb"));
        tail.push(Offset(13), Offset(20), Bytes::from_static(b"cccccc"));
        tail
    }

    #[test]
    fn reads_whole_batches_from_the_one_that_holds_the_offset() {
        let tail = tail();
        let read = |from, end, max| tail.read(Offset(from), Offset(end), max, AtLeast::Nothing);
        assert_eq!(read(9, 20, 100), None);
        assert_eq!(read(11, 20, 100).unwrap(), "aaaabbcccccc");
        assert_eq!(read(11, 13, 100).unwrap(), "aaaabb");
        assert_eq!(read(12, 20, 7).unwrap(), "bb");
        assert_eq!(read(20, 20, 7).unwrap(), "");
        assert_eq!(read(15, 20, 1).unwrap(), "");
        assert_eq!(tail.read(Offset(15), Offset(20), 1, AtLeast::OneBatch).unwrap(), "cccccc");
    }

    #[test]
    fn forgets_what_was_rolled_back() {
        let mut tail = tail();
        tail.truncate(Offset(13));
        assert_eq!(tail.bytes(), 6);
        assert_eq!(tail.read(Offset(10), Offset(99), 99, AtLeast::Nothing).unwrap(), "aaaabb");
    }
}
