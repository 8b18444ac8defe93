//! Where the log begins: above the first segment's base once records were deleted.
//!
//! ```text
//! ┌─────────────┬─────────┬────────────┐
//! │ version i16 │ crc u32 │ offset i64 │   big-endian; CRC-32C of the offset
//! └─────────────┴─────────┴────────────┘
//! ```
//!
//! It is written twice, to a double first: one of the two is always whole. The start only grows, so the larger one
//! counts, and a torn write cannot bring deleted records back.
//!
//! Never knows: why records were deleted.

use bytes::Bytes;
use tablog_record::{Offset, crc32c};

const VERSION: i16 = 0;

pub(crate) fn encode(start: Offset) -> Bytes {
    let offset = start.0.to_be_bytes();
    let mut out = Vec::with_capacity(14);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&crc32c(&offset).to_be_bytes());
    out.extend_from_slice(&offset);
    out.into()
}

/// `None` for bytes that are torn or none of ours.
pub(crate) fn decode(bytes: &[u8]) -> Option<Offset> {
    let bytes: &[u8; 14] = bytes.try_into().ok()?;
    let (head, offset) = bytes.split_at(6);
    let version = i16::from_be_bytes([head[0], head[1]]);
    let crc = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
    let start = i64::from_be_bytes(offset.try_into().expect("eight bytes"));
    (version == VERSION && crc == crc32c(offset) && start >= 0).then_some(Offset(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_every_damage() {
        let bytes = encode(Offset(0x0102_0304));
        assert_eq!(decode(&bytes), Some(Offset(0x0102_0304)));
        for at in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 0x40;
            assert_eq!(decode(&damaged), None);
            assert_eq!(decode(&bytes[..at]), None);
        }
    }
}
