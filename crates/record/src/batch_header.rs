//! The header of a record batch, version 2. All numbers are big-endian.
//!
//! ```text
//!   0  base offset            i64 ┐ given by the broker,
//!   8  batch length           i32 │ not covered by the CRC;
//!  12  partition leader epoch i32 │ the length counts what
//!  16  magic = 2              i8  │ follows it
//!  17  crc                    u32 ┘
//!  21  attributes             i16 ┐
//!  23  last offset delta      i32 │
//!  27  base timestamp         i64 │ covered by the CRC-32C,
//!  35  max timestamp          i64 │ to the end of the batch
//!  43  producer id            i64 │
//!  51  producer epoch         i16 │
//!  53  base sequence          i32 │
//!  57  record count           i32 ┘
//!  61  records, compressed together
//! ```
//!
//! Never knows: what the records are.

use crate::attributes::Attributes;
use crate::batch_error::BatchError;
use crate::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// What stands before the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: Offset,
    /// The batch with its header, in bytes: the length field and the 12 bytes that it does not count.
    pub batch_len: usize,
    pub partition_leader_epoch: LeaderEpoch,
    pub crc: u32,
    pub attributes: Attributes,
    pub last_offset_delta: i32,
    pub base_timestamp: Timestamp,
    pub max_timestamp: Timestamp,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub base_sequence: Sequence,
    pub record_count: i32,
}

pub(crate) const MAGIC: i8 = 2;
pub(crate) const LEADER_EPOCH_AT: usize = 12;
pub(crate) const MAGIC_AT: usize = 16;
pub(crate) const CRC_AT: usize = 17;
pub(crate) const ATTRIBUTES_AT: usize = 21;
pub(crate) const MAX_TIMESTAMP_AT: usize = 35;
pub(crate) const PRODUCER_ID_AT: usize = 43;
pub(crate) const PRODUCER_EPOCH_AT: usize = 51;
pub(crate) const BASE_SEQUENCE_AT: usize = 53;

impl BatchHeader {
    /// The header's own length, in bytes.
    pub const LEN: usize = 61;
    /// Base offset and batch length: what the length field does not count.
    pub const PREFIX_LEN: usize = 12;

    /// Reads the header that these bytes begin with; the records may be missing or cut short, and neither
    /// they nor the CRC are looked at. `Ok(None)` when there are not even the bytes of a header.
    pub fn peek(bytes: &[u8]) -> Result<Option<BatchHeader>, BatchError> {
        // Magic and length can be wrong long before a whole header is there.
        if bytes.len() > MAGIC_AT {
            let magic = bytes[MAGIC_AT] as i8;
            if magic != MAGIC {
                return Err(BatchError::UnsupportedMagic { magic });
            }
            let length = i32::from_be_bytes(field(bytes, 8));
            if length < (BatchHeader::LEN - BatchHeader::PREFIX_LEN) as i32 {
                return Err(BatchError::BadLength { length });
            }
        }
        let Some(header) = bytes.first_chunk::<{ BatchHeader::LEN }>() else { return Ok(None) };
        let header = BatchHeader::read(header);
        let last_offset = header.base_offset.0.checked_add(i64::from(header.last_offset_delta));
        // The largest offset stays below the largest number, so that the end offset exists too.
        if header.base_offset.0 < 0
            || header.last_offset_delta < 0
            || last_offset.is_none_or(|offset| offset == i64::MAX)
        {
            return Err(BatchError::OffsetOutOfRange {
                base_offset: header.base_offset.0,
                last_offset_delta: header.last_offset_delta,
            });
        }
        Ok(Some(header))
    }

    fn read(bytes: &[u8; BatchHeader::LEN]) -> BatchHeader {
        BatchHeader {
            base_offset: Offset(i64::from_be_bytes(field(bytes, 0))),
            batch_len: i32::from_be_bytes(field(bytes, 8)) as usize + BatchHeader::PREFIX_LEN,
            partition_leader_epoch: LeaderEpoch(i32::from_be_bytes(field(bytes, LEADER_EPOCH_AT))),
            crc: u32::from_be_bytes(field(bytes, CRC_AT)),
            attributes: Attributes(i16::from_be_bytes(field(bytes, ATTRIBUTES_AT))),
            last_offset_delta: i32::from_be_bytes(field(bytes, 23)),
            base_timestamp: Timestamp(i64::from_be_bytes(field(bytes, 27))),
            max_timestamp: Timestamp(i64::from_be_bytes(field(bytes, MAX_TIMESTAMP_AT))),
            producer_id: ProducerId(i64::from_be_bytes(field(bytes, PRODUCER_ID_AT))),
            producer_epoch: ProducerEpoch(i16::from_be_bytes(field(bytes, PRODUCER_EPOCH_AT))),
            base_sequence: Sequence(i32::from_be_bytes(field(bytes, BASE_SEQUENCE_AT))),
            record_count: i32::from_be_bytes(field(bytes, 57)),
        }
    }

    /// Writes all fields but those that follow from the rest of the batch: length and CRC are zero.
    pub(crate) fn write_unsealed(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.base_offset.0.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.partition_leader_epoch.0.to_be_bytes());
        out.push(MAGIC as u8);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.attributes.0.to_be_bytes());
        out.extend_from_slice(&self.last_offset_delta.to_be_bytes());
        out.extend_from_slice(&self.base_timestamp.0.to_be_bytes());
        out.extend_from_slice(&self.max_timestamp.0.to_be_bytes());
        out.extend_from_slice(&self.producer_id.0.to_be_bytes());
        out.extend_from_slice(&self.producer_epoch.0.to_be_bytes());
        out.extend_from_slice(&self.base_sequence.0.to_be_bytes());
        out.extend_from_slice(&self.record_count.to_be_bytes());
        assert_eq!(out.len() - start, BatchHeader::LEN);
    }

    pub fn last_offset(&self) -> Offset {
        Offset(self.base_offset.0 + i64::from(self.last_offset_delta))
    }

    /// The offset after the batch's last one; also after compaction took records away.
    pub fn end_offset(&self) -> Offset {
        self.last_offset().plus(1)
    }

    /// The sequence of the last record as it was produced; `NONE` without a producer.
    pub fn last_sequence(&self) -> Sequence {
        if self.base_sequence == Sequence::NONE {
            return Sequence::NONE;
        }
        self.base_sequence.plus(self.last_offset_delta)
    }

    /// When tombstones and markers of this batch may be removed, if compaction has set it.
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        self.attributes.has_delete_horizon().then_some(self.base_timestamp)
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the range is N long")
}
