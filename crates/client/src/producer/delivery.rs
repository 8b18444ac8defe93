//! What goes into a producer and what comes out: a record, the promise of its delivery, where it landed.

use bytes::Bytes;
use futures_channel::oneshot;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tablog_record::{RecordHeader, Timestamp};

use crate::error::ProduceError;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerRecord {
    pub topic: String,
    /// `None`: the partitioner chooses.
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    /// `None` is a tombstone.
    pub value: Option<Bytes>,
    pub headers: Vec<RecordHeader>,
    /// `None`: the moment of `send`.
    pub timestamp: Option<Timestamp>,
}

impl ProducerRecord {
    pub fn new(topic: impl Into<String>, key: Option<Bytes>, value: Option<Bytes>) -> ProducerRecord {
        ProducerRecord { topic: topic.into(), key, value, ..ProducerRecord::default() }
    }

    /// What it may take in a batch at most, without the batch's header.
    pub(crate) fn bytes_max(&self) -> usize {
        /// Length, attributes, deltas and the lengths of key, value and headers, as varints.
        const OVERHEAD: usize = 31;
        let headers: usize = self
            .headers
            .iter()
            .map(|header| 10 + header.key.len() + header.value.as_ref().map_or(0, Bytes::len))
            .sum();
        OVERHEAD
            + self.key.as_ref().map_or(0, Bytes::len)
            + self.value.as_ref().map_or(0, Bytes::len)
            + headers
    }
}

/// Where a record landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMetadata {
    pub topic: String,
    pub partition: i32,
    /// -1 with `acks=0`, and for a batch that the broker only knows to have stored before.
    pub offset: i64,
    /// The broker's time where the topic says so, else the record's own.
    pub timestamp: Timestamp,
}

/// Ready when the record was acknowledged or given up. May be dropped: the record is sent all the same.
#[derive(Debug)]
pub struct Delivery {
    pub(crate) outcome: oneshot::Receiver<Result<RecordMetadata, ProduceError>>,
}

impl Future for Delivery {
    type Output = Result<RecordMetadata, ProduceError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The producer went away with the record: nobody will send it.
        Pin::new(&mut self.outcome).poll(cx).map(|outcome| outcome.unwrap_or(Err(ProduceError::Closed)))
    }
}

/// Why a record was not taken by `try_send`; the record comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum TrySendError {
    /// `buffer_memory` is used up just now.
    Full(ProducerRecord),
    Refused(ProducerRecord, ProduceError),
}
