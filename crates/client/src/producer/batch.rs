//! Records of one partition that travel together.
//!
//! Never knows: queues, connections, time but for what is handed in.

use bytes::Bytes;
use futures_channel::oneshot;
use tablog_record::{
    BatchBuilder, BatchHeader, Compression, ProducerEpoch, ProducerId, RecordHeader, Sequence, Timestamp,
    TopicPartition,
};
use tablog_wire::ErrorCode;

use super::delivery::RecordMetadata;
use crate::error::{ClientError, ProduceError};

/// A record that waits for its acknowledgement.
pub(crate) struct Queued {
    pub timestamp: Timestamp,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<RecordHeader>,
    pub bytes_max: usize,
    pub enqueued_ms: u64,
    pub outcome: oneshot::Sender<Result<RecordMetadata, ProduceError>>,
}

/// Under which identity and number a batch was first sent. It keeps them until they are known to be unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub identity: Identity,
    pub base_sequence: Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub producer_id: ProducerId,
    pub epoch: ProducerEpoch,
}

pub(crate) struct Batch {
    pub partition: TopicPartition,
    /// The order of making; halves of a split batch share it.
    pub order: u64,
    pub records: Vec<Queued>,
    pub bytes_max: usize,
    pub created_ms: u64,
    pub attempts: u32,
    pub not_before_ms: u64,
    pub stamp: Option<Stamp>,
    /// The broker said that it did not store the batch under this stamp.
    pub stamp_is_void: bool,
    pub last_error: Option<ClientError>,
    encoded: Option<Bytes>,
}

impl Batch {
    pub fn new(partition: TopicPartition, order: u64, created_ms: u64) -> Batch {
        Batch {
            partition,
            order,
            records: Vec::new(),
            bytes_max: BatchHeader::LEN,
            created_ms,
            attempts: 0,
            not_before_ms: 0,
            stamp: None,
            stamp_is_void: false,
            last_error: None,
            encoded: None,
        }
    }

    pub fn push(&mut self, record: Queued) {
        assert!(self.encoded.is_none() && self.stamp.is_none(), "a batch that was sent does not grow");
        self.bytes_max += record.bytes_max;
        self.records.push(record);
    }

    /// Whether records may still be added.
    pub fn is_open(&self) -> bool {
        self.attempts == 0 && self.stamp.is_none() && self.encoded.is_none()
    }

    pub fn record_count(&self) -> i32 {
        i32::try_from(self.records.len()).expect("a batch is bounded by bytes")
    }

    /// Of the bytes last sent.
    pub fn encoded_len(&self) -> usize {
        self.encoded.as_ref().map_or(0, Bytes::len)
    }

    /// Gives the batch its number. Its bytes are made anew.
    pub fn set_stamp(&mut self, stamp: Option<Stamp>) {
        self.stamp = stamp;
        self.stamp_is_void = false;
        self.encoded = None;
    }

    /// The same bytes at every attempt.
    pub fn encode(&mut self, compression: Compression) -> Bytes {
        if let Some(encoded) = &self.encoded {
            return encoded.clone();
        }
        let mut builder = BatchBuilder::new(compression);
        if let Some(Stamp { identity, base_sequence }) = self.stamp {
            builder = builder.producer(identity.producer_id, identity.epoch, base_sequence);
        }
        for record in &self.records {
            builder.append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &record.headers);
        }
        let encoded = builder.build();
        self.encoded = Some(encoded.clone());
        encoded
    }

    /// Two halves that keep order and sequences. There must be two records at least.
    pub fn split(mut self) -> (Batch, Batch) {
        assert!(self.records.len() >= 2);
        let tail_records = self.records.split_off(self.records.len() / 2);
        let count = self.record_count();
        let mut tail = Batch::new(self.partition.clone(), self.order, self.created_ms);
        tail.bytes_max += tail_records.iter().map(|record| record.bytes_max).sum::<usize>();
        tail.records = tail_records;
        tail.attempts = self.attempts.max(1);
        tail.stamp =
            self.stamp.map(|stamp| Stamp { base_sequence: stamp.base_sequence.plus(count), ..stamp });
        tail.last_error = self.last_error.clone();
        self.bytes_max = BatchHeader::LEN + self.records.iter().map(|record| record.bytes_max).sum::<usize>();
        self.attempts = tail.attempts;
        self.encoded = None;
        (self, tail)
    }

    /// Tells every record where it landed.
    pub fn acknowledge(self, base_offset: i64, append_time: Timestamp) {
        for (index, record) in (0_i64..).zip(self.records) {
            let metadata = RecordMetadata {
                topic: self.partition.topic.clone(),
                partition: self.partition.partition,
                offset: if base_offset < 0 { -1 } else { base_offset.saturating_add(index) },
                timestamp: if append_time == Timestamp::NONE { record.timestamp } else { append_time },
            };
            // Nobody may be listening.
            let _ = record.outcome.send(Ok(metadata));
        }
    }

    /// Tells every record why not. Where the broker named records, the others fail for their company.
    pub fn fail(self, error: &ProduceError, named: &[(i32, Option<String>)]) {
        for (index, record) in (0_i32..).zip(self.records) {
            let own = named.iter().find(|(at, _)| *at == index);
            let error = match (error, own) {
                (ProduceError::Refused { partition, code, message }, Some((_, own))) => {
                    ProduceError::Refused {
                        partition: partition.clone(),
                        code: *code,
                        message: own.clone().or_else(|| message.clone()),
                    }
                }
                (ProduceError::Refused { partition, .. }, None) if !named.is_empty() => {
                    ProduceError::Refused {
                        partition: partition.clone(),
                        code: ErrorCode::InvalidRecord,
                        message: Some("another record of the batch is invalid".to_owned()),
                    }
                }
                _ => error.clone(),
            };
            // Nobody may be listening.
            let _ = record.outcome.send(Err(error));
        }
    }
}
