//! A record as a consumer hands it out, with the facts of the batch that brought it.

use bytes::Bytes;
use tablog_record::{Compression, ProducerId, RecordHeader, Timestamp, TimestampType, ValidBatch};

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerRecord {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub leader_epoch: i32,
    pub timestamp: Timestamp,
    pub timestamp_type: TimestampType,
    pub key: Option<Bytes>,
    /// `None` is a tombstone.
    pub value: Option<Bytes>,
    pub headers: Vec<RecordHeader>,
    pub batch: BatchFacts,
}

/// What can be seen of a batch from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchFacts {
    pub base_offset: i64,
    pub count: i32,
    pub compression: Compression,
    /// As stored, header included.
    pub bytes: usize,
    pub producer_id: ProducerId,
}

impl BatchFacts {
    pub(crate) fn of(batch: &ValidBatch) -> BatchFacts {
        let header = batch.header();
        BatchFacts {
            base_offset: header.base_offset.0,
            count: header.record_count,
            compression: batch.compression(),
            bytes: header.batch_len,
            producer_id: header.producer_id,
        }
    }
}
