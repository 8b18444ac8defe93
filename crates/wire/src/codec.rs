//! Kafka's primitive encodings and the traits of messages.
//!
//! ```text
//!             Classic                        Flexible
//! string      int16 length, -1 null          uvarint length + 1, 0 null
//! bytes       int32 length, -1 null          uvarint length + 1, 0 null
//! array       int32 count,  -1 null          uvarint count + 1,  0 null
//! struct end  nothing                        uvarint count, then (uvarint tag, uvarint size, data)*
//! ```
//!
//! Reading is bounded by the bytes at hand: no length is believed before it was compared with what is
//! left. Neither reading nor writing stops where something is wrong: who asked is told when it is over, and nothing
//! is left to be read from there on. Stopping at each field would double what generated code weighs.
//!
//! Never knows: what a field means.

#[cfg(test)]
pub(crate) mod lengths;
mod read;
mod write;

pub use read::Reader;
pub(crate) use read::*;
pub use write::Writer;
pub(crate) use write::*;

use crate::api_key::ApiKey;
use bytes::{Bytes, BytesMut};
use std::fmt;
use tablog_record::Uuid;

/// Something that can be written at a version of its message.
pub trait Encode {
    /// The writer remembers the first thing that cannot be written.
    fn write(&self, out: &mut Writer<'_>, version: i16);

    fn encode(&self, out: &mut BytesMut, version: i16) -> Result<(), EncodeError> {
        encode_with(out, |out| self.write(out, version))
    }
}

/// Something that can be read at a version of its message.
pub trait Decode: Sized {
    /// The fewest bytes that a value takes: what bounds a count of them.
    const LEAST_SIZE: usize;

    /// What is read after something was wrong means nothing; the reader remembers the first wrong thing.
    fn read(input: &mut Reader, version: i16) -> Self;

    fn decode(input: &mut Bytes, version: i16) -> Result<Self, DecodeError> {
        decode_with(input, |input| Self::read(input, version))
    }
}

/// A top struct: what stands alone in a frame or a record.
pub trait Message: Encode + Decode {
    const NAME: &'static str;
    /// The first and the last version in the schema.
    const VERSIONS: (i16, i16);
}

/// A request, and with it which API it asks and what answers it.
pub trait Request: Message + 'static {
    const API: ApiKey;
    type Response: Message + Default;
}

/// The key of a record in a coordinator's topic.
pub trait CoordinatorKey: Message {
    const TYPE: i16;
}

/// The value of a record in a coordinator's topic.
pub trait CoordinatorValue: Message {
    const TYPE: i16;
}

/// A record of the metadata topic.
pub trait MetadataRecord: Message {
    const API_KEY: i16;
}

/// How lengths are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Classic,
    Flexible,
}

impl Form {
    pub(crate) fn since(first_flexible: i16, version: i16) -> Form {
        if version >= first_flexible { Form::Flexible } else { Form::Classic }
    }
}

/// Why bytes are not the message that they are said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A length or a fixed field reaches beyond the end.
    Truncated,
    NegativeLength,
    UnexpectedNull,
    /// A string is not UTF-8.
    NotUtf8,
    StringTooLong,
    TooManyElements,
    TooManyTags,
    VarintTooLong,
    UnsupportedVersion {
        message: &'static str,
        version: i16,
    },
    /// Bytes are left behind the last field.
    TrailingBytes,
    /// The type or the frame version before a record is not the expected one.
    WrongRecordType {
        got: i32,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Truncated => f.write_str("a field reaches beyond the end"),
            DecodeError::NegativeLength => f.write_str("a length is below -1"),
            DecodeError::UnexpectedNull => f.write_str("a field is null that must not be"),
            DecodeError::NotUtf8 => f.write_str("a string is not UTF-8"),
            DecodeError::StringTooLong => f.write_str("a string is longer than 32767 bytes"),
            DecodeError::TooManyElements => f.write_str("an array has too many elements"),
            DecodeError::TooManyTags => f.write_str("a struct has too many tagged fields"),
            DecodeError::VarintTooLong => f.write_str("a variable-length number does not end"),
            DecodeError::UnsupportedVersion { message, version } => {
                write!(f, "{message} has no version {version}")
            }
            DecodeError::TrailingBytes => f.write_str("bytes are left behind the last field"),
            DecodeError::WrongRecordType { got } => write!(f, "the record has the unexpected type {got}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Why a message cannot be written at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    UnsupportedVersion {
        message: &'static str,
        version: i16,
    },
    /// The field is set, and the version has no place for it.
    FieldNotInVersion {
        field: &'static str,
        version: i16,
    },
    /// The field is null, and the version has no null for it.
    NullNotAllowed {
        field: &'static str,
    },
    TooLong,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::UnsupportedVersion { message, version } => {
                write!(f, "{message} has no version {version}")
            }
            EncodeError::FieldNotInVersion { field, version } => {
                write!(f, "{field} is set and does not exist in version {version}")
            }
            EncodeError::NullNotAllowed { field } => write!(f, "{field} must not be null"),
            EncodeError::TooLong => f.write_str("a string, a byte array or an array is too long"),
        }
    }
}

impl std::error::Error for EncodeError {}

pub(crate) fn check_encodable<T: Message>(out: &mut Writer<'_>, version: i16) {
    if !(T::VERSIONS.0..=T::VERSIONS.1).contains(&version) {
        out.fail(EncodeError::UnsupportedVersion { message: T::NAME, version });
    }
}

pub(crate) fn check_decodable<T: Message>(input: &mut Reader, version: i16) {
    if !(T::VERSIONS.0..=T::VERSIONS.1).contains(&version) {
        input.fail(DecodeError::UnsupportedVersion { message: T::NAME, version });
    }
}

/// Nothing may be left behind the last field.
pub fn expect_end(input: &Bytes) -> Result<(), DecodeError> {
    if input.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
}

/// The width of a classic length field: strings have the short one.
#[derive(Clone, Copy)]
enum Width {
    Short,
    Long,
}

macro_rules! elements {
    ($($type:ty, $size:expr, $get:ident, $put:ident;)*) => { $(
        impl Encode for $type {
            fn write(&self, out: &mut Writer<'_>, _version: i16) {
                $put(out, *self);
            }
        }

        impl Decode for $type {
            const LEAST_SIZE: usize = $size;

            fn read(input: &mut Reader, _version: i16) -> Self {
                $get(input)
            }
        }
    )* };
}

elements! {
    i8, 1, get_i8, put_i8;
    i16, 2, get_i16, put_i16;
    i32, 4, get_i32, put_i32;
    i64, 8, get_i64, put_i64;
    Uuid, 16, get_uuid, put_uuid;
}

/// In tests: a value with something in every field of its version.
#[cfg(test)]
pub(crate) trait Filled {
    fn filled(version: i16) -> Self;
}
