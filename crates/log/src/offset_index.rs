//! The sparse offset index of a segment: where in the blob to begin when looking for an offset.
//!
//! ```text
//! ┌──────────────────────┬──────────────┐
//! │ relative offset  u32 │ position u32 │   8 bytes an entry, big-endian, both ascending
//! └──────────────────────┴──────────────┘
//! ```
//!
//! An entry says: a batch that begins at or before `base offset + relative offset` lies at `position`; ours name
//! the batch's base offset. The start of the segment needs no entry. An entry opens a *slot* that ends where the
//! next one begins; slot 0 begins at the start of the segment.
//!
//! Never knows: timestamps, the segment's bytes.

use crate::limits::INDEX_BYTES_MAX;
use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetEntry {
    pub relative_offset: u32,
    pub position: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OffsetIndex {
    entries: Vec<OffsetEntry>,
}

/// A stretch of the segment between two entries. `to` is `None` for the last one, which is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub from: u32,
    pub to: Option<u32>,
}

impl OffsetIndex {
    pub const ENTRY_BYTES: usize = 8;

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_full(&self) -> bool {
        self.entries.len() >= INDEX_BYTES_MAX / Self::ENTRY_BYTES
    }

    pub fn last(&self) -> Option<OffsetEntry> {
        self.entries.last().copied()
    }

    pub fn push(&mut self, entry: OffsetEntry) {
        if let Some(last) = self.entries.last() {
            assert!(entry.relative_offset > last.relative_offset && entry.position > last.position);
        }
        self.entries.push(entry);
    }

    pub fn truncate(&mut self, len: usize) {
        self.entries.truncate(len);
    }

    /// The number of the slot that holds the batch with this offset, if there is such a batch.
    pub fn slot_of(&self, relative_offset: u32) -> usize {
        self.entries.partition_point(|entry| entry.relative_offset <= relative_offset)
    }

    pub fn slot(&self, number: usize) -> Slot {
        let from = if number == 0 { 0 } else { self.entries[number - 1].position };
        Slot { from, to: self.entries.get(number).map(|entry| entry.position) }
    }

    /// Where the first batch begins that is known to lie at or past this offset.
    pub fn position_past(&self, relative_offset: u32) -> Option<u32> {
        let number = self.entries.partition_point(|entry| entry.relative_offset < relative_offset);
        self.entries.get(number).map(|entry| entry.position)
    }

    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.entries.len() * Self::ENTRY_BYTES);
        for entry in &self.entries {
            out.extend_from_slice(&entry.relative_offset.to_be_bytes());
            out.extend_from_slice(&entry.position.to_be_bytes());
        }
        out.into()
    }

    /// `None` if these bytes are no index of a segment of that length.
    pub fn decode(bytes: &[u8], segment_bytes: u64) -> Option<OffsetIndex> {
        if !bytes.len().is_multiple_of(Self::ENTRY_BYTES) || bytes.len() > INDEX_BYTES_MAX {
            return None;
        }
        let mut entries: Vec<OffsetEntry> = Vec::with_capacity(bytes.len() / Self::ENTRY_BYTES);
        for chunk in bytes.chunks_exact(Self::ENTRY_BYTES) {
            let entry = OffsetEntry {
                relative_offset: u32::from_be_bytes(chunk[..4].try_into().expect("four bytes")),
                position: u32::from_be_bytes(chunk[4..].try_into().expect("four bytes")),
            };
            let ascends = entries.last().is_none_or(|last| {
                entry.relative_offset > last.relative_offset && entry.position > last.position
            });
            if !ascends || u64::from(entry.position) >= segment_bytes {
                return None;
            }
            entries.push(entry);
        }
        Some(OffsetIndex { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(entries: &[(u32, u32)]) -> OffsetIndex {
        let mut index = OffsetIndex::default();
        for &(relative_offset, position) in entries {
            index.push(OffsetEntry { relative_offset, position });
        }
        index
    }

    #[test]
    fn finds_the_slot_of_an_offset() {
        let index = index(&[(10, 5000), (20, 9900)]);
        let slot = |offset| index.slot(index.slot_of(offset));
        assert_eq!(slot(0), Slot { from: 0, to: Some(5000) });
        assert_eq!(slot(9), Slot { from: 0, to: Some(5000) });
        assert_eq!(slot(10), Slot { from: 5000, to: Some(9900) });
        assert_eq!(slot(20), Slot { from: 9900, to: None });
        assert_eq!(slot(99), Slot { from: 9900, to: None });
        assert_eq!(index.position_past(10), Some(5000));
        assert_eq!(index.position_past(11), Some(9900));
        assert_eq!(index.position_past(21), None);
    }

    #[test]
    fn bytes_round_trip_and_nonsense_is_refused() {
        let index = index(&[(10, 5000), (20, 9900)]);
        let bytes = index.encode();
        assert_eq!(bytes[..8], [0, 0, 0, 10, 0, 0, 0x13, 0x88]);
        assert_eq!(OffsetIndex::decode(&bytes, 10_000), Some(index));
        assert_eq!(OffsetIndex::decode(&bytes, 9900), None, "an entry past the segment's end");
        assert_eq!(OffsetIndex::decode(&bytes[..12], 10_000), None, "half an entry");
        let descending = [&bytes[8..], &bytes[..8]].concat();
        assert_eq!(OffsetIndex::decode(&descending, 10_000), None);
    }
}
