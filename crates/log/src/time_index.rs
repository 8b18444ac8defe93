//! The sparse time index of a segment: by which offset its timestamps had grown how large.
//!
//! ```text
//! ┌───────────────┬──────────────────────┐
//! │ timestamp i64 │ relative offset  u32 │   12 bytes an entry, big-endian, both ascending
//! └───────────────┴──────────────────────┘
//! ```
//!
//! An entry says: the largest timestamp so far stood in the batch that ends at `base offset + relative offset`. One
//! is made whenever a slot of the offset index closes in which the largest timestamp grew, and one when the segment
//! closes. So the batch named by the first entry at or past a target lies in the slot of the first match.
//!
//! Never knows: positions, the segment's bytes.

use crate::limits::INDEX_BYTES_MAX;
use bytes::Bytes;
use tablog_record::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    pub timestamp: Timestamp,
    pub relative_offset: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeIndex {
    entries: Vec<TimeEntry>,
}

impl TimeIndex {
    pub const ENTRY_BYTES: usize = 12;

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// One place is kept for the entry at the segment's closing.
    pub fn is_full(&self) -> bool {
        self.entries.len() + 1 >= INDEX_BYTES_MAX / Self::ENTRY_BYTES
    }

    pub fn first(&self) -> Option<TimeEntry> {
        self.entries.first().copied()
    }

    pub fn last(&self) -> Option<TimeEntry> {
        self.entries.last().copied()
    }

    /// Adds an entry if time went on since the last one.
    pub fn advance(&mut self, entry: TimeEntry) {
        let grew = match self.entries.last() {
            Some(last) => entry.timestamp > last.timestamp,
            None => entry.timestamp > Timestamp::NONE,
        };
        if grew {
            if let Some(last) = self.entries.last() {
                assert!(entry.relative_offset > last.relative_offset);
            }
            self.entries.push(entry);
        }
    }

    pub fn truncate(&mut self, len: usize) {
        self.entries.truncate(len);
    }

    /// The first entry whose timestamp is at or past the target.
    pub fn first_from(&self, target: Timestamp) -> Option<TimeEntry> {
        self.entries.get(self.entries.partition_point(|entry| entry.timestamp < target)).copied()
    }

    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.entries.len() * Self::ENTRY_BYTES);
        for entry in &self.entries {
            out.extend_from_slice(&entry.timestamp.0.to_be_bytes());
            out.extend_from_slice(&entry.relative_offset.to_be_bytes());
        }
        out.into()
    }

    /// `None` if these bytes are no time index.
    pub fn decode(bytes: &[u8]) -> Option<TimeIndex> {
        if !bytes.len().is_multiple_of(Self::ENTRY_BYTES) || bytes.len() > INDEX_BYTES_MAX {
            return None;
        }
        let mut entries: Vec<TimeEntry> = Vec::with_capacity(bytes.len() / Self::ENTRY_BYTES);
        for chunk in bytes.chunks_exact(Self::ENTRY_BYTES) {
            let entry = TimeEntry {
                timestamp: Timestamp(i64::from_be_bytes(chunk[..8].try_into().expect("eight bytes"))),
                relative_offset: u32::from_be_bytes(chunk[8..].try_into().expect("four bytes")),
            };
            let ascends = entries.last().is_none_or(|last| {
                entry.timestamp > last.timestamp && entry.relative_offset > last.relative_offset
            });
            if !ascends || entry.timestamp <= Timestamp::NONE {
                return None;
            }
            entries.push(entry);
        }
        Some(TimeIndex { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_what_grew_and_finds_the_first_match() {
        let mut index = TimeIndex::default();
        for (timestamp, relative_offset) in [(-1, 1), (100, 5), (100, 9), (90, 12), (200, 15)] {
            index.advance(TimeEntry { timestamp: Timestamp(timestamp), relative_offset });
        }
        assert_eq!(index.len(), 2);
        let first = |target| index.first_from(Timestamp(target)).map(|entry| entry.relative_offset);
        assert_eq!(
            [first(0), first(100), first(101), first(200), first(201)],
            [Some(5), Some(5), Some(15), Some(15), None]
        );
        let bytes = index.encode();
        assert_eq!(bytes[..12], [0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 5]);
        assert_eq!(TimeIndex::decode(&bytes), Some(index));
        assert_eq!(TimeIndex::decode(&bytes[..13]), None);
        assert_eq!(TimeIndex::decode(&[&bytes[12..], &bytes[..12]].concat()), None);
    }
}
