//! What makes a cleaned segment valid: a blob whose name says what it is and replaces.
//!
//! ```text
//! 00000000000000000042-7-99-98-97-512.cleaned
//! base offset ─┘       │ │  │  │  └ bytes of its `.log`, which need not be there if this is 0
//! generation ──────────┘ │  │  └ clean end: up to where newer values were looked for
//! end offset ────────────┘  └ data end: where its last batch ends
//! ```
//!
//! It is written after the segment's bytes and indexes and before what it replaces is deleted: every segment of an
//! older generation that begins between its base and its end offset.
//!
//! Never knows: what was cleaned away.

use crate::blob_names::SegmentName;
use tablog_record::Offset;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CleanedMarker {
    pub segment: SegmentName,
    pub end_offset: Offset,
    pub data_end: Offset,
    pub clean_end: Offset,
    pub bytes: u64,
}

impl CleanedMarker {
    pub fn name(&self) -> String {
        let CleanedMarker { end_offset, data_end, clean_end, bytes, .. } = self;
        format!("{}-{end_offset}-{data_end}-{clean_end}-{bytes}.cleaned", self.segment.stem())
    }

    /// Whether a segment with this base offset lies in its range.
    pub fn covers(&self, base_offset: Offset) -> bool {
        (self.segment.base_offset..self.end_offset).contains(&base_offset)
    }
}
