//! Why bytes are not a batch that may be kept, and Kafka's code for it.
//!
//! Never knows: the wire's error enum; codes are given as numbers.

use crate::compression::Compression;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// Fewer bytes than one whole batch, or none at all.
    Truncated {
        have: usize,
        need: usize,
    },
    /// Something follows the batch.
    Trailing {
        batch_len: usize,
        have: usize,
    },
    /// An older message format, or a newer one than there is.
    UnsupportedMagic {
        magic: i8,
    },
    /// The length field is shorter than a header.
    BadLength {
        length: i32,
    },
    WrongCrc {
        stored: u32,
        computed: u32,
    },
    UnknownCompression {
        id: u8,
    },
    /// The record count and the last offset delta do not belong together.
    WrongCount {
        record_count: i32,
        last_offset_delta: i32,
    },
    /// Offsets below zero or past the end of the number line.
    OffsetOutOfRange {
        base_offset: i64,
        last_offset_delta: i32,
    },
    /// A produced batch begins at offset 0; the broker gives the real one.
    BaseOffsetNotZero {
        base_offset: i64,
    },
    /// Clients do not write control batches.
    ControlBatch,
    /// A producer id comes with a sequence.
    MissingSequence {
        producer_id: i64,
    },
    /// A record that cannot be read, by its place in the batch.
    BadRecord {
        index: i32,
        problem: &'static str,
    },
    /// The compressed content is no such thing.
    Undecodable {
        compression: Compression,
        problem: String,
    },
    /// The content decompresses to more than the limit.
    TooLarge {
        bytes_max: usize,
    },
}

impl BatchError {
    pub const CORRUPT_MESSAGE: i16 = 2;
    pub const MESSAGE_TOO_LARGE: i16 = 10;
    pub const UNSUPPORTED_COMPRESSION_TYPE: i16 = 76;
    pub const INVALID_RECORD: i16 = 87;

    /// The error code that Kafka answers a producer with. Content that does not decompress is
    /// `INVALID_RECORD`: its checksum was right, so sending it again cannot help.
    pub fn kafka_code(&self) -> i16 {
        match self {
            BatchError::WrongCrc { .. } | BatchError::BadLength { .. } => BatchError::CORRUPT_MESSAGE,
            BatchError::UnsupportedMagic { magic } if !(0..=1).contains(magic) => BatchError::CORRUPT_MESSAGE,
            BatchError::UnknownCompression { .. } => BatchError::UNSUPPORTED_COMPRESSION_TYPE,
            BatchError::TooLarge { .. } => BatchError::MESSAGE_TOO_LARGE,
            BatchError::Truncated { .. }
            | BatchError::Trailing { .. }
            | BatchError::UnsupportedMagic { .. }
            | BatchError::WrongCount { .. }
            | BatchError::OffsetOutOfRange { .. }
            | BatchError::BaseOffsetNotZero { .. }
            | BatchError::ControlBatch
            | BatchError::MissingSequence { .. }
            | BatchError::BadRecord { .. }
            | BatchError::Undecodable { .. } => BatchError::INVALID_RECORD,
        }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BatchError::Truncated { have, need } => {
                write!(f, "no whole record batch: {have} bytes of {need}")
            }
            BatchError::Trailing { batch_len, have } => {
                write!(f, "{} bytes follow the record batch of {batch_len}", have - batch_len)
            }
            BatchError::UnsupportedMagic { magic } => write!(f, "record batch of magic {magic}, not 2"),
            BatchError::BadLength { length } => write!(f, "record batch of an impossible length {length}"),
            BatchError::WrongCrc { stored, computed } => {
                write!(f, "record batch is corrupt (stored crc = {stored}, computed crc = {computed})")
            }
            BatchError::UnknownCompression { id } => write!(f, "unknown compression type {id}"),
            BatchError::WrongCount { record_count, last_offset_delta } => {
                write!(f, "{record_count} records do not fit last offset delta {last_offset_delta}")
            }
            BatchError::OffsetOutOfRange { base_offset, last_offset_delta } => {
                write!(f, "no such offsets: {base_offset} and {last_offset_delta} more")
            }
            BatchError::BaseOffsetNotZero { base_offset } => {
                write!(f, "the base offset of a produced batch should be 0, but it is {base_offset}")
            }
            BatchError::ControlBatch => f.write_str("clients are not allowed to write control records"),
            BatchError::MissingSequence { producer_id } => {
                write!(f, "batch of producer {producer_id} without a sequence")
            }
            BatchError::BadRecord { index, problem } => write!(f, "record {index} of the batch: {problem}"),
            BatchError::Undecodable { compression, problem } => {
                write!(f, "cannot decompress {compression} records: {problem}")
            }
            BatchError::TooLarge { bytes_max } => {
                write!(f, "the records of the batch decompress to more than {bytes_max} bytes")
            }
        }
    }
}

impl std::error::Error for BatchError {}
