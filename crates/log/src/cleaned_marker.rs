//! What makes a cleaned segment valid: written whole after its bytes and indexes, before what it replaces is deleted.
//!
//! ```text
//! ┌─────────────┬─────────┐
//! │ version i16 │ crc u32 │  CRC-32C of all that follows; big-endian
//! ├─────────────┴──┬──────┘
//! │ base offset i64│ generation u32 │  as in its name
//! │ end offset  i64│ where the next segment begins
//! │ data end    i64│ where its last batch ends
//! │ clean end   i64│ up to where newer values were looked for
//! │ bytes       u64│ of its `.log`, which is not there if this is 0
//! └────────────────┘
//! ```
//!
//! Never knows: what was cleaned away.

use crate::blob_names::{Generation, SegmentName};
use bytes::{Buf, Bytes};
use tablog_record::{Offset, crc32c};

const VERSION: i16 = 0;
const LEN: usize = 6 + 44;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CleanedMarker {
    pub name: SegmentName,
    pub end_offset: Offset,
    pub data_end: Offset,
    pub clean_end: Offset,
    pub bytes: u64,
}

impl CleanedMarker {
    pub fn encode(&self) -> Bytes {
        let mut body = Vec::with_capacity(LEN);
        body.extend_from_slice(&self.name.base_offset.0.to_be_bytes());
        body.extend_from_slice(&self.name.generation.0.to_be_bytes());
        body.extend_from_slice(&self.end_offset.0.to_be_bytes());
        body.extend_from_slice(&self.data_end.0.to_be_bytes());
        body.extend_from_slice(&self.clean_end.0.to_be_bytes());
        body.extend_from_slice(&self.bytes.to_be_bytes());
        let mut out = Vec::with_capacity(LEN);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&crc32c(&body).to_be_bytes());
        out.extend_from_slice(&body);
        assert_eq!(out.len(), LEN);
        out.into()
    }

    /// `None` for bytes that are torn, or of another segment.
    pub fn decode(mut bytes: &[u8], name: SegmentName) -> Option<CleanedMarker> {
        if bytes.len() != LEN {
            return None;
        }
        let (version, crc) = (bytes.get_i16(), bytes.get_u32());
        if version != VERSION || crc != crc32c(bytes) {
            return None;
        }
        let marker = CleanedMarker {
            name: SegmentName {
                base_offset: Offset(bytes.get_i64()),
                generation: Generation(bytes.get_u32()),
            },
            end_offset: Offset(bytes.get_i64()),
            data_end: Offset(bytes.get_i64()),
            clean_end: Offset(bytes.get_i64()),
            bytes: bytes.get_u64(),
        };
        let ascends = name.base_offset <= marker.data_end
            && marker.data_end <= marker.end_offset
            && marker.clean_end <= marker.end_offset;
        (marker.name == name && ascends).then_some(marker)
    }

    pub fn covers(&self, offset: Offset) -> bool {
        (self.name.base_offset..self.end_offset).contains(&offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_every_damage() {
        let name = SegmentName { base_offset: Offset(5), generation: Generation(2) };
        let marker = CleanedMarker {
            name,
            end_offset: Offset(20),
            data_end: Offset(18),
            clean_end: Offset(20),
            bytes: 99,
        };
        let bytes = marker.encode();
        assert_eq!(CleanedMarker::decode(&bytes, name), Some(marker));
        assert_eq!(CleanedMarker::decode(&bytes, SegmentName::appended(Offset(5))), None);
        for at in 0..bytes.len() {
            assert_eq!(CleanedMarker::decode(&bytes[..at], name), None);
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 2;
            assert_eq!(CleanedMarker::decode(&damaged, name), None);
        }
    }
}
