//! The active segment's state at one moment, so that an opening scans only what came after.
//!
//! ```text
//! ┌──────────────────────┬─────────┐
//! │ version          i16 │ crc u32 │  CRC-32C of all that follows; big-endian
//! ├──────────────────────┼─────────┘
//! │ end offset       i64 │  the log's
//! │ bytes            u64 │  the segment's
//! │ since entry      u64 │  bytes since the last index entry
//! │ max timestamp    i64 │
//! │ its offset       i64 │
//! │ first timestamp  i64 │
//! ├──────────────────────┤
//! │ length           u32 │  an offset index, as in `.index`
//! │ length           u32 │  a time index, as in `.timeindex`
//! │ length           u32 │  the producers, as in `.snapshot`
//! └──────────────────────┘
//! ```
//!
//! Never knows: what happened since.

use crate::blob_names::SegmentName;
use crate::offset_index::OffsetIndex;
use crate::producer_snapshot;
use crate::producer_state::ProducerState;
use crate::segment::{Segment, SegmentMark};
use crate::time_index::TimeIndex;
use bytes::{Buf, Bytes};
use tablog_record::{Offset, Timestamp, crc32c};

const VERSION: i16 = 0;
const HEAD_BYTES: usize = 6;
const FIELDS_BYTES: usize = 48;

pub(crate) fn encode(segment: &Segment, producers: &ProducerState) -> Bytes {
    let mark = segment.mark();
    let mut body = Vec::new();
    body.extend_from_slice(&mark.end_offset.0.to_be_bytes());
    body.extend_from_slice(&mark.bytes.to_be_bytes());
    body.extend_from_slice(&mark.bytes_since_entry.to_be_bytes());
    body.extend_from_slice(&mark.max_timestamp.0.to_be_bytes());
    body.extend_from_slice(&mark.max_timestamp_offset.0.to_be_bytes());
    body.extend_from_slice(&mark.first_timestamp.0.to_be_bytes());
    for part in [segment.index.encode(), segment.time_index.encode(), producer_snapshot::encode(producers)] {
        body.extend_from_slice(&u32::try_from(part.len()).expect("indexes are bounded").to_be_bytes());
        body.extend_from_slice(&part);
    }
    let mut out = Vec::with_capacity(HEAD_BYTES + body.len());
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&crc32c(&body).to_be_bytes());
    out.extend_from_slice(&body);
    out.into()
}

/// `None` for bytes that are torn, none of ours, or tell of more than the blob has.
pub(crate) fn decode(
    mut bytes: &[u8],
    name: SegmentName,
    blob_bytes: u64,
    opened_at: Timestamp,
) -> Option<(Segment, ProducerState)> {
    if bytes.len() < HEAD_BYTES + FIELDS_BYTES {
        return None;
    }
    let (version, crc) = (bytes.get_i16(), bytes.get_u32());
    if version != VERSION || crc != crc32c(bytes) {
        return None;
    }
    let mut mark = SegmentMark {
        end_offset: Offset(bytes.get_i64()),
        bytes: bytes.get_u64(),
        bytes_since_entry: bytes.get_u64(),
        max_timestamp: Timestamp(bytes.get_i64()),
        max_timestamp_offset: Offset(bytes.get_i64()),
        first_timestamp: Timestamp(bytes.get_i64()),
        index_len: 0,
        time_index_len: 0,
    };
    let index = OffsetIndex::decode(part(&mut bytes)?, mark.bytes)?;
    let time_index = TimeIndex::decode(part(&mut bytes)?)?;
    let producers = producer_snapshot::decode(part(&mut bytes)?, opened_at)?;
    let span = mark.end_offset.0.checked_sub(name.base_offset.0)?;
    if !bytes.is_empty() || mark.bytes > blob_bytes || !(0..=1 << 31).contains(&span) {
        return None;
    }
    (mark.index_len, mark.time_index_len) = (index.len(), time_index.len());
    let mut segment = Segment::empty(name, opened_at);
    (segment.index, segment.time_index) = (index, time_index);
    segment.restore(&mark);
    Some((segment, producers))
}

fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let part = bytes.get(4..)?.get(..len)?;
    *bytes = &bytes[4 + len..];
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::{BatchBuilder, Compression, LeaderEpoch, ProducerEpoch, ProducerId, Sequence};

    #[test]
    fn round_trips_and_refuses_every_damage() {
        let name = SegmentName::appended(Offset(100));
        let mut segment = Segment::empty(name, Timestamp(9));
        let mut producers = ProducerState::default();
        for batch in 0..4 {
            let mut builder = BatchBuilder::new(Compression::None)
                .producer(ProducerId(1), ProducerEpoch(0), Sequence(batch))
                .base_offset(Offset(100 + i64::from(batch)), LeaderEpoch(0));
            builder.append(Timestamp(i64::from(batch)), None, Some(b"value"), &[]);
            let batch = builder.build_batch();
            segment.add(batch.header(), 64);
            producers.update(batch.header(), None, Timestamp(9));
        }
        let bytes = encode(&segment, &producers);
        let (read, read_producers) = decode(&bytes, name, segment.bytes, Timestamp(9)).expect("it is whole");
        assert_eq!((read.mark(), &read.index), (segment.mark(), &segment.index));
        assert_eq!((&read.time_index, read_producers), (&segment.time_index, producers));
        assert!(segment.index.len() > 1);
        assert!(decode(&bytes, name, segment.bytes - 1, Timestamp(9)).is_none());
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at], name, segment.bytes, Timestamp(9)).is_none());
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 4;
            assert!(decode(&damaged, name, segment.bytes, Timestamp(9)).is_none());
        }
    }
}
