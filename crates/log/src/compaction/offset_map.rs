//! The last offset of each key, within bounds.
//!
//! Never knows: values.

use crate::limits::{OFFSET_MAP_BYTES_MAX, OFFSET_MAP_ENTRY_BYTES};
use tablog_record::{Offset, SortedMap};

#[derive(Debug, Default)]
pub(super) struct OffsetMap {
    offsets: SortedMap<Box<[u8]>, Offset>,
    bytes: usize,
}

impl OffsetMap {
    pub fn put(&mut self, key: &[u8], offset: Offset) {
        if let Some(last) = self.offsets.get_mut(key) {
            *last = offset.max(*last);
            return;
        }
        self.bytes += key.len() + OFFSET_MAP_ENTRY_BYTES;
        self.offsets.insert(key.into(), offset);
    }

    /// Asked after each batch: the keys of one batch always fit, so that every compaction gets on.
    pub fn is_full(&self) -> bool {
        self.bytes >= OFFSET_MAP_BYTES_MAX
    }

    /// Whether no later record with this key was seen.
    pub fn is_last(&self, key: &[u8], offset: Offset) -> bool {
        self.offsets.get(key).is_none_or(|&last| offset >= last)
    }
}
