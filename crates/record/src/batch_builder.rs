//! Building a batch record by record.
//!
//! Never knows: when a batch is full; it only tells how large it is.

use crate::attributes::{Attributes, BatchKind, TimestampType, Transactionality};
use crate::batch::ValidBatch;
use crate::batch_header::BatchHeader;
use crate::compression::Compression;
use crate::record::{RecordHeader, record_len, write_record};
use crate::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::Bytes;

/// Base offset 0, no producer and create time unless it is told otherwise.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    header: BatchHeader,
    compression: Compression,
    content: Vec<u8>,
}

impl BatchBuilder {
    pub fn new(compression: Compression) -> BatchBuilder {
        let header = BatchHeader {
            base_offset: Offset::ZERO,
            batch_len: 0,
            partition_leader_epoch: LeaderEpoch::UNKNOWN,
            crc: 0,
            attributes: Attributes::default().with_compression(compression),
            last_offset_delta: -1,
            base_timestamp: Timestamp::NONE,
            max_timestamp: Timestamp::NONE,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: Sequence::NONE,
            record_count: 0,
        };
        BatchBuilder { header, compression, content: Vec::new() }
    }

    pub fn base_offset(mut self, base_offset: Offset, epoch: LeaderEpoch) -> BatchBuilder {
        self.header.base_offset = base_offset;
        self.header.partition_leader_epoch = epoch;
        self
    }

    pub fn producer(mut self, id: ProducerId, epoch: ProducerEpoch, base_sequence: Sequence) -> BatchBuilder {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    pub fn transactionality(mut self, transactionality: Transactionality) -> BatchBuilder {
        self.header.attributes = self.header.attributes.with_transactionality(transactionality);
        self
    }

    pub fn timestamp_type(mut self, timestamp_type: TimestampType) -> BatchBuilder {
        self.header.attributes = self.header.attributes.with_timestamp_type(timestamp_type);
        self
    }

    pub fn kind(mut self, kind: BatchKind) -> BatchBuilder {
        self.header.attributes = self.header.attributes.with_kind(kind);
        self
    }

    /// Appends a record at the next offset. A value of `None` is a tombstone.
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader],
    ) {
        let offset_delta = self.header.last_offset_delta.checked_add(1).expect("below 2^31 records a batch");
        self.append_at(offset_delta, timestamp, key, value, headers);
    }

    /// Appends a record at an offset of its own, past the last one: what compaction keeps.
    pub(crate) fn append_at(
        &mut self,
        offset_delta: i32,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader],
    ) {
        assert!(offset_delta > self.header.last_offset_delta, "offsets ascend");
        if self.header.record_count == 0 && self.header.delete_horizon().is_none() {
            self.header.base_timestamp = timestamp;
        }
        let timestamp_delta = timestamp.0.wrapping_sub(self.header.base_timestamp.0);
        write_record(&mut self.content, timestamp_delta, offset_delta, key, value, headers);
        if self.header.record_count == 0 || timestamp > self.header.max_timestamp {
            self.header.max_timestamp = timestamp;
        }
        self.header.last_offset_delta = offset_delta;
        self.header.record_count += 1;
    }

    pub fn record_count(&self) -> i32 {
        self.header.record_count
    }

    pub fn is_empty(&self) -> bool {
        self.header.record_count == 0
    }

    /// The batch's length if nothing is saved by compression.
    pub fn estimated_len(&self) -> usize {
        BatchHeader::LEN + self.content.len()
    }

    /// `estimated_len` with one more record.
    pub fn estimated_len_with(
        &self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader],
    ) -> usize {
        let delta = if self.is_empty() { 0 } else { timestamp.0.wrapping_sub(self.header.base_timestamp.0) };
        let offset_delta = self.header.last_offset_delta.saturating_add(1);
        self.estimated_len() + record_len(delta, offset_delta, key, value, headers)
    }

    pub fn build(self) -> Bytes {
        self.build_batch().into_bytes()
    }

    /// There must be a record: Kafka refuses a batch without.
    pub fn build_batch(self) -> ValidBatch {
        assert!(!self.is_empty(), "a batch has at least one record");
        match self.compression {
            Compression::None => ValidBatch::seal(self.header, &self.content),
            compression => ValidBatch::seal(self.header, &compression.compress(&self.content)),
        }
    }

    /// A builder for the records that stay of `header`'s batch.
    pub(crate) fn for_retained(header: BatchHeader, delete_horizon: Option<Timestamp>) -> BatchBuilder {
        let compression = header.attributes.compression().expect("checked when the batch was parsed");
        let mut header = BatchHeader { last_offset_delta: -1, record_count: 0, ..header };
        if let Some(horizon) = delete_horizon {
            header.attributes = header.attributes.with_delete_horizon();
            header.base_timestamp = horizon;
        }
        BatchBuilder { header, compression, content: Vec::new() }
    }

    /// Seals what stayed under the offsets of the whole.
    pub(crate) fn build_retained(mut self, whole: &BatchHeader) -> ValidBatch {
        self.header.last_offset_delta = whole.last_offset_delta;
        if whole.attributes.timestamp_type() == TimestampType::LogAppendTime || self.is_empty() {
            self.header.max_timestamp = whole.max_timestamp;
        }
        if self.is_empty() {
            self.header.attributes = self.header.attributes.with_compression(Compression::None);
            return ValidBatch::seal(self.header, &[]);
        }
        self.build_batch()
    }
}
