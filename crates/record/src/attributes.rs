//! The attributes of a record batch: sixteen bits.
//!
//! ```text
//!  15 ........ 7 | 6              | 5       | 4             | 3              | 2 1 0
//!  unused, 0     | delete horizon | control | transactional | timestamp type | compression
//! ```
//!
//! Never knows: the rest of the header.

use crate::compression::Compression;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;
const DELETE_HORIZON: i16 = 1 << 6;

/// The bits as they stand in the batch; unused ones are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

/// What a record's timestamp says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// Set by the producer.
    #[default]
    CreateTime,
    /// Set by the broker: every record carries the batch's maximum timestamp.
    LogAppendTime,
}

/// Whether a batch belongs to a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transactionality {
    #[default]
    NonTransactional,
    Transactional,
}

/// Who the records of a batch are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchKind {
    #[default]
    Data,
    /// Markers for readers of the log, never handed to applications.
    Control,
}

impl Attributes {
    /// `Err` with the id of a compression that does not exist.
    pub fn compression(self) -> Result<Compression, u8> {
        let id = (self.0 & COMPRESSION_MASK) as u8;
        Compression::from_id(id).ok_or(id)
    }

    pub fn timestamp_type(self) -> TimestampType {
        if self.0 & LOG_APPEND_TIME == 0 { TimestampType::CreateTime } else { TimestampType::LogAppendTime }
    }

    pub fn transactionality(self) -> Transactionality {
        if self.is_transactional() {
            Transactionality::Transactional
        } else {
            Transactionality::NonTransactional
        }
    }

    pub fn is_transactional(self) -> bool {
        self.0 & TRANSACTIONAL != 0
    }

    pub fn is_control(self) -> bool {
        self.0 & CONTROL != 0
    }

    /// Whether the base timestamp is the time at which tombstones and markers may be removed.
    pub fn has_delete_horizon(self) -> bool {
        self.0 & DELETE_HORIZON != 0
    }

    pub fn with_compression(self, compression: Compression) -> Attributes {
        Attributes(self.0 & !COMPRESSION_MASK | i16::from(compression.id()))
    }

    pub fn with_timestamp_type(self, timestamp_type: TimestampType) -> Attributes {
        match timestamp_type {
            TimestampType::CreateTime => Attributes(self.0 & !LOG_APPEND_TIME),
            TimestampType::LogAppendTime => Attributes(self.0 | LOG_APPEND_TIME),
        }
    }

    pub fn with_transactionality(self, transactionality: Transactionality) -> Attributes {
        match transactionality {
            Transactionality::NonTransactional => Attributes(self.0 & !TRANSACTIONAL),
            Transactionality::Transactional => Attributes(self.0 | TRANSACTIONAL),
        }
    }

    pub fn with_kind(self, kind: BatchKind) -> Attributes {
        match kind {
            BatchKind::Data => Attributes(self.0 & !CONTROL),
            BatchKind::Control => Attributes(self.0 | CONTROL),
        }
    }

    pub fn with_delete_horizon(self) -> Attributes {
        Attributes(self.0 | DELETE_HORIZON)
    }
}
