//! One whole record batch whose header and checksum were found right.
//!
//! Never knows: the log that it is appended to, the message that brought it.

use crate::attributes::TimestampType;
use crate::batch_error::BatchError;
use crate::batch_header::{
    ATTRIBUTES_AT, BASE_SEQUENCE_AT, BatchHeader, CRC_AT, LEADER_EPOCH_AT, MAX_TIMESTAMP_AT,
    PRODUCER_EPOCH_AT, PRODUCER_ID_AT,
};
use crate::compression::Compression;
use crate::crc32c::crc32c;
use crate::limits::DECOMPRESSED_BYTES_MAX;
use crate::record::Record;
use crate::records::Records;
use crate::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::{Bytes, BytesMut};

/// A batch that may be appended. Its records were not looked at yet: `validate_records` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidBatch {
    header: BatchHeader,
    bytes: Bytes,
}

impl ValidBatch {
    /// Exactly one whole batch: magic, length, CRC and counts are right. Stored batches, which compaction
    /// may have thinned out, and control batches pass.
    pub fn parse(bytes: Bytes) -> Result<ValidBatch, BatchError> {
        let batch = ValidBatch::split_one(bytes)?;
        batch.check_crc()?;
        let BatchHeader { record_count, last_offset_delta, .. } = batch.header;
        if record_count < 0 || i64::from(record_count) > i64::from(last_offset_delta) + 1 {
            return Err(BatchError::WrongCount { record_count, last_offset_delta });
        }
        Ok(batch)
    }

    /// What a client may send in Produce: besides the above, every offset has its record, the base offset is
    /// 0, control batches are refused, and a producer id comes with a sequence.
    pub fn parse_produced(bytes: Bytes) -> Result<ValidBatch, BatchError> {
        let batch = ValidBatch::split_one(bytes)?;
        let BatchHeader { base_offset, record_count, last_offset_delta, attributes, .. } = batch.header;
        if base_offset != Offset::ZERO {
            return Err(BatchError::BaseOffsetNotZero { base_offset: base_offset.0 });
        }
        batch.check_crc()?;
        if i64::from(record_count) != i64::from(last_offset_delta) + 1 {
            return Err(BatchError::WrongCount { record_count, last_offset_delta });
        }
        if attributes.is_control() {
            return Err(BatchError::ControlBatch);
        }
        if batch.header.producer_id.is_some() && batch.header.base_sequence.0 < 0 {
            return Err(BatchError::MissingSequence { producer_id: batch.header.producer_id.0 });
        }
        Ok(batch)
    }

    fn split_one(bytes: Bytes) -> Result<ValidBatch, BatchError> {
        let have = bytes.len();
        let header =
            BatchHeader::peek(&bytes)?.ok_or(BatchError::Truncated { have, need: BatchHeader::LEN })?;
        if have < header.batch_len {
            return Err(BatchError::Truncated { have, need: header.batch_len });
        }
        if have > header.batch_len {
            return Err(BatchError::Trailing { batch_len: header.batch_len, have });
        }
        Ok(ValidBatch { header, bytes })
    }

    /// A compression that does not exist is refused here too: nobody could read the records.
    fn check_crc(&self) -> Result<(), BatchError> {
        let computed = crc32c(&self.bytes[ATTRIBUTES_AT..]);
        if computed != self.header.crc {
            return Err(BatchError::WrongCrc { stored: self.header.crc, computed });
        }
        self.header.attributes.compression().map(|_| ()).map_err(|id| BatchError::UnknownCompression { id })
    }

    /// Seals a header and its (compressed) records: length and CRC are computed, the rest is taken as given.
    pub(crate) fn seal(header: BatchHeader, records: &[u8]) -> ValidBatch {
        let mut bytes = Vec::with_capacity(BatchHeader::LEN + records.len());
        header.write_unsealed(&mut bytes);
        bytes.extend_from_slice(records);
        let length = i32::try_from(bytes.len() - BatchHeader::PREFIX_LEN).expect("a batch stays below 2 GiB");
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        let mut batch = ValidBatch { header, bytes: Bytes::new() };
        batch.header.batch_len = bytes.len();
        batch.header.crc = crc32c(&bytes[ATTRIBUTES_AT..]);
        bytes[CRC_AT..CRC_AT + 4].copy_from_slice(&batch.header.crc.to_be_bytes());
        batch.bytes = bytes.into();
        debug_assert_eq!(ValidBatch::parse(batch.bytes.clone()).as_ref(), Ok(&batch));
        batch
    }

    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    pub fn compression(&self) -> Compression {
        self.header.attributes.compression().expect("checked when the batch was parsed")
    }

    /// The same batch at its place in the log. Patched in place where nobody else holds the bytes; the CRC
    /// does not cover what changes.
    pub fn with_base_offset(self, base_offset: Offset, epoch: LeaderEpoch) -> ValidBatch {
        assert!(base_offset.0 >= 0);
        let mut header = self.header;
        header.base_offset = base_offset;
        header.partition_leader_epoch = epoch;
        let mut bytes = unique(self.bytes);
        bytes[..8].copy_from_slice(&base_offset.0.to_be_bytes());
        bytes[LEADER_EPOCH_AT..LEADER_EPOCH_AT + 4].copy_from_slice(&epoch.0.to_be_bytes());
        ValidBatch { header, bytes: bytes.freeze() }
    }

    /// Every record gets the broker's time: `message.timestamp.type=LogAppendTime`.
    pub fn with_log_append_time(self, now: Timestamp) -> ValidBatch {
        self.with_max_timestamp(TimestampType::LogAppendTime, now)
    }

    /// Sets timestamp type and maximum timestamp (a produced one may be wrong: the broker corrects it, as
    /// Kafka does). Nothing is touched if they are so already.
    pub fn with_max_timestamp(self, timestamp_type: TimestampType, max: Timestamp) -> ValidBatch {
        let attributes = self.header.attributes.with_timestamp_type(timestamp_type);
        if attributes == self.header.attributes && max == self.header.max_timestamp {
            return self;
        }
        let mut header = self.header;
        header.attributes = attributes;
        header.max_timestamp = max;
        ValidBatch::repatch(header, self.bytes)
    }

    /// The same records under another producer id, epoch and sequence: what a producer does when its id was
    /// renewed before it sent the batch.
    pub fn with_producer(self, id: ProducerId, epoch: ProducerEpoch, base_sequence: Sequence) -> ValidBatch {
        let mut header = self.header;
        header.producer_id = id;
        header.producer_epoch = epoch;
        header.base_sequence = base_sequence;
        ValidBatch::repatch(header, self.bytes)
    }

    /// Writes the fields that may change after sealing, and the CRC anew.
    fn repatch(mut header: BatchHeader, bytes: Bytes) -> ValidBatch {
        let mut bytes = unique(bytes);
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(ATTRIBUTES_AT, &header.attributes.0.to_be_bytes());
        put(MAX_TIMESTAMP_AT, &header.max_timestamp.0.to_be_bytes());
        put(PRODUCER_ID_AT, &header.producer_id.0.to_be_bytes());
        put(PRODUCER_EPOCH_AT, &header.producer_epoch.0.to_be_bytes());
        put(BASE_SEQUENCE_AT, &header.base_sequence.0.to_be_bytes());
        header.crc = crc32c(&bytes[ATTRIBUTES_AT..]);
        bytes[CRC_AT..CRC_AT + 4].copy_from_slice(&header.crc.to_be_bytes());
        ValidBatch { header, bytes: bytes.freeze() }
    }

    /// The same records in another compression; untouched if it is that already.
    pub fn recompress(&self, compression: Compression) -> Result<ValidBatch, BatchError> {
        if self.compression() == compression {
            return Ok(self.clone());
        }
        let content = self.content()?;
        let mut header = self.header;
        header.attributes = header.attributes.with_compression(compression);
        Ok(match compression {
            Compression::None => ValidBatch::seal(header, &content),
            _ => ValidBatch::seal(header, &compression.compress(&content)),
        })
    }

    /// The records' bytes, decompressed: a slice of the batch if it is not compressed.
    pub(crate) fn content(&self) -> Result<Bytes, BatchError> {
        match self.compression() {
            Compression::None => Ok(self.bytes.slice(BatchHeader::LEN..)),
            compression => compression
                .decompress(&self.bytes[BatchHeader::LEN..], DECOMPRESSED_BYTES_MAX)
                .map(Bytes::from),
        }
    }

    /// The records one by one; decompresses at once.
    pub fn iter(&self) -> Result<Records, BatchError> {
        Ok(Records::new(self.header, self.content()?))
    }

    /// All records, or the first thing that is wrong with them.
    pub fn records(&self) -> Result<Vec<Record>, BatchError> {
        self.iter()?.collect()
    }
}

/// The bytes to write into: themselves where nobody else holds them, else one copy.
fn unique(bytes: Bytes) -> BytesMut {
    bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]))
}
