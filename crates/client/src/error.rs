//! What can go wrong between a client and a cluster. One enum per operation; each error names its place.
//!
//! Never knows: how an error is shown.

use std::fmt;
use tablog_record::TopicPartition;
use tablog_wire::{ApiKey, ErrorCode};

/// A request that brought no usable answer, or an answer that is a refusal.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientError {
    /// The connection could not be made, or ended before the answer.
    Disconnected {
        broker: String,
        detail: String,
    },
    TimedOut {
        waiting_for: &'static str,
    },
    /// No version of this API is known to both sides.
    UnsupportedVersion {
        api: ApiKey,
    },
    /// The answer could not be read.
    Malformed {
        api: ApiKey,
        detail: String,
    },
    /// The request cannot be written in the version that both sides know.
    NotEncodable {
        api: ApiKey,
        detail: String,
    },
    /// The broker said no.
    Refused {
        code: ErrorCode,
        message: Option<String>,
    },
    /// The node is not in the metadata.
    UnknownNode {
        id: i32,
    },
    /// There is no leader for it just now.
    NoLeader {
        partition: TopicPartition,
    },
    /// No address to connect to.
    NoBootstrapServers,
}

impl ClientError {
    /// Whether the same request may succeed later.
    pub fn is_retriable(&self) -> bool {
        match self {
            ClientError::Disconnected { .. }
            | ClientError::TimedOut { .. }
            | ClientError::UnknownNode { .. }
            | ClientError::NoLeader { .. } => true,
            ClientError::Refused { code, .. } => code.is_retriable(),
            ClientError::UnsupportedVersion { .. }
            | ClientError::Malformed { .. }
            | ClientError::NotEncodable { .. }
            | ClientError::NoBootstrapServers => false,
        }
    }

    /// Kafka's code, where the broker gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            ClientError::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// `Err` unless the code is NONE.
    pub(crate) fn check(code: i16, message: Option<&String>) -> Result<(), ClientError> {
        let code = ErrorCode::from_code(code);
        if code == ErrorCode::None {
            Ok(())
        } else {
            Err(ClientError::Refused { code, message: message.cloned() })
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Disconnected { broker, detail } => write!(f, "disconnected from {broker}: {detail}"),
            ClientError::TimedOut { waiting_for } => write!(f, "timed out waiting for {waiting_for}"),
            ClientError::UnsupportedVersion { api } => {
                write!(f, "the broker serves no known version of {api:?}")
            }
            ClientError::Malformed { api, detail } => write!(f, "unreadable answer to {api:?}: {detail}"),
            ClientError::NotEncodable { api, detail } => write!(f, "cannot write {api:?}: {detail}"),
            ClientError::Refused { code, message: Some(message) } => write!(f, "{}: {message}", code.name()),
            ClientError::Refused { code, message: None } => f.write_str(code.name()),
            ClientError::UnknownNode { id } => write!(f, "no broker {id} in the metadata"),
            ClientError::NoLeader { partition } => write!(f, "no leader for {partition}"),
            ClientError::NoBootstrapServers => f.write_str("no bootstrap servers"),
        }
    }
}

impl std::error::Error for ClientError {}

/// Why a record was not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub enum ProduceError {
    /// The broker refused the batch, or this very record of it.
    Refused { partition: TopicPartition, code: ErrorCode, message: Option<String> },
    /// `delivery_timeout_ms` passed. Whether the record was stored is unknown if it had been sent.
    Expired { topic: String, last: Option<ClientError> },
    /// No answer that could be used, and no retries left (or none that would help).
    Failed { partition: TopicPartition, error: ClientError },
    /// Larger than `max_request_size` all by itself.
    RecordTooLarge { bytes: usize, max_bytes: usize },
    /// The topic has no such partition.
    UnknownPartition { partition: TopicPartition },
    /// `buffer_memory` stayed full for `max_block_ms`.
    BufferExhausted,
    /// The producer was closed or dropped.
    Closed,
    /// Another producer took over this producer id, or it cannot be had: nothing more can be sent.
    Fatal { error: ClientError },
}

impl fmt::Display for ProduceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProduceError::Refused { partition, code, message: Some(message) } => {
                write!(f, "{partition}: {}: {message}", code.name())
            }
            ProduceError::Refused { partition, code, message: None } => {
                write!(f, "{partition}: {}", code.name())
            }
            ProduceError::Expired { topic, last: Some(last) } => {
                write!(
                    f,
                    "a record for {topic} waited longer than delivery.timeout.ms; the last error: {last}"
                )
            }
            ProduceError::Expired { topic, last: None } => {
                write!(f, "a record for {topic} waited longer than delivery.timeout.ms")
            }
            ProduceError::Failed { partition, error } => write!(f, "{partition}: {error}"),
            ProduceError::RecordTooLarge { bytes, max_bytes } => {
                write!(f, "a record of {bytes} bytes exceeds max.request.size {max_bytes}")
            }
            ProduceError::UnknownPartition { partition } => write!(f, "there is no partition {partition}"),
            ProduceError::BufferExhausted => f.write_str("buffer.memory is full"),
            ProduceError::Closed => f.write_str("the producer is closed"),
            ProduceError::Fatal { error } => write!(f, "the producer cannot go on: {error}"),
        }
    }
}

impl std::error::Error for ProduceError {}

/// Why `poll`, a commit or a seek failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsumeError {
    /// A request of the consumer failed for good.
    Client {
        error: ClientError,
    },
    /// There is no committed offset, or the position lies outside the log, and `auto_offset_reset` is `none`.
    NoOffset {
        partition: TopicPartition,
        position: Option<i64>,
    },
    /// A fetched batch cannot be read; the position stays before it. `seek` past it to go on.
    Corrupt {
        partition: TopicPartition,
        offset: i64,
        detail: String,
    },
    /// The group went on without this member: the offsets were not committed.
    CommitFailed {
        code: ErrorCode,
    },
    /// One partition's fetch or commit was refused.
    Partition {
        partition: TopicPartition,
        code: ErrorCode,
    },
    /// The operation needs a `group_id`.
    NoGroup,
    /// Regular expressions are resolved by the broker, with `group_protocol` consumer.
    PatternNeedsConsumerProtocol,
    /// The partition is not assigned to this consumer.
    NotAssigned {
        partition: TopicPartition,
    },
    Closed,
}

impl fmt::Display for ConsumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConsumeError::Client { error } => error.fmt(f),
            ConsumeError::NoOffset { partition, position: None } => {
                write!(f, "no committed offset for {partition} and auto.offset.reset=none")
            }
            ConsumeError::NoOffset { partition, position: Some(position) } => {
                write!(f, "offset {position} is outside of {partition} and auto.offset.reset=none")
            }
            ConsumeError::Corrupt { partition, offset, detail } => {
                write!(f, "{partition} cannot be read at offset {offset}: {detail}")
            }
            ConsumeError::CommitFailed { code } => write!(f, "offsets not committed: {}", code.name()),
            ConsumeError::Partition { partition, code } => write!(f, "{partition}: {}", code.name()),
            ConsumeError::PatternNeedsConsumerProtocol => {
                f.write_str("a subscription by pattern needs group.protocol=consumer")
            }
            ConsumeError::NoGroup => f.write_str("the consumer has no group.id"),
            ConsumeError::NotAssigned { partition } => {
                write!(f, "{partition} is not assigned to this consumer")
            }
            ConsumeError::Closed => f.write_str("the consumer is closed"),
        }
    }
}

impl std::error::Error for ConsumeError {}

impl From<ClientError> for ConsumeError {
    fn from(error: ClientError) -> ConsumeError {
        ConsumeError::Client { error }
    }
}
