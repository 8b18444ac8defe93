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
//! left. Never knows: what a field means.

use crate::api_key::ApiKey;
use crate::limits;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::fmt;
use tablog_record::Uuid;

/// Something that can be written at a version of its message.
pub trait Encode {
    fn encode(&self, out: &mut BytesMut, version: i16) -> Result<(), EncodeError>;
}

/// Something that can be read at a version of its message.
pub trait Decode: Sized {
    /// The fewest bytes that a value takes: what bounds a count of them.
    const LEAST_SIZE: usize;

    fn decode(input: &mut Bytes, version: i16) -> Result<Self, DecodeError>;
}

/// A top struct: what stands alone in a frame or a record.
pub trait Message: Encode + Decode {
    const NAME: &'static str;
    /// The first and the last version in the schema.
    const VERSIONS: (i16, i16);
}

/// A request, and with it which API it asks and what answers it.
pub trait Request: Message {
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

pub(crate) fn check_encodable<T: Message>(version: i16) -> Result<(), EncodeError> {
    if (T::VERSIONS.0..=T::VERSIONS.1).contains(&version) {
        return Ok(());
    }
    Err(EncodeError::UnsupportedVersion { message: T::NAME, version })
}

pub(crate) fn check_decodable<T: Message>(version: i16) -> Result<(), DecodeError> {
    if (T::VERSIONS.0..=T::VERSIONS.1).contains(&version) {
        return Ok(());
    }
    Err(DecodeError::UnsupportedVersion { message: T::NAME, version })
}

/// Nothing may be left behind the last field.
pub fn expect_end(input: &Bytes) -> Result<(), DecodeError> {
    if input.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
}

// Reading.

fn need(input: &Bytes, count: usize) -> Result<(), DecodeError> {
    if input.len() >= count { Ok(()) } else { Err(DecodeError::Truncated) }
}

macro_rules! fixed {
    ($($get:ident $put:ident $type:ty, $size:expr, $read:ident $write:ident;)*) => { $(
        pub(crate) fn $get(input: &mut Bytes) -> Result<$type, DecodeError> {
            need(input, $size)?;
            Ok(input.$read())
        }

        pub(crate) fn $put(out: &mut BytesMut, value: $type) {
            out.$write(value);
        }
    )* };
}

fixed! {
    get_i8 put_i8 i8, 1, get_i8 put_i8;
    get_i16 put_i16 i16, 2, get_i16 put_i16;
    get_i32 put_i32 i32, 4, get_i32 put_i32;
    get_i64 put_i64 i64, 8, get_i64 put_i64;
    get_u16 put_u16 u16, 2, get_u16 put_u16;
}

pub(crate) fn get_bool(input: &mut Bytes) -> Result<bool, DecodeError> {
    Ok(get_i8(input)? != 0)
}

pub(crate) fn get_uuid(input: &mut Bytes) -> Result<Uuid, DecodeError> {
    need(input, 16)?;
    let mut bytes = [0; 16];
    input.copy_to_slice(&mut bytes);
    Ok(Uuid(bytes))
}

pub(crate) fn get_uvarint(input: &mut Bytes) -> Result<u32, DecodeError> {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        need(input, 1)?;
        let byte = input.get_u8();
        if shift == 28 && byte > 0x0f {
            return Err(DecodeError::VarintTooLong);
        }
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(DecodeError::VarintTooLong)
}

/// The width of a classic length field: strings have the short one.
#[derive(Clone, Copy)]
enum Width {
    Short,
    Long,
}

/// A length or a count, `None` for null. At least `least` bytes must be left for each.
fn get_length(
    input: &mut Bytes,
    form: Form,
    width: Width,
    least: usize,
) -> Result<Option<usize>, DecodeError> {
    let length = match (form, width) {
        (Form::Flexible, _) => i64::from(get_uvarint(input)?) - 1,
        (Form::Classic, Width::Short) => i64::from(get_i16(input)?),
        (Form::Classic, Width::Long) => i64::from(get_i32(input)?),
    };
    match length {
        -1 => Ok(None),
        ..0 => Err(DecodeError::NegativeLength),
        _ if length as u64 > (input.len() / least.max(1)) as u64 => Err(DecodeError::Truncated),
        _ => Ok(Some(length as usize)),
    }
}

pub(crate) fn get_nullable_string(input: &mut Bytes, form: Form) -> Result<Option<String>, DecodeError> {
    let Some(length) = get_length(input, form, Width::Short, 1)? else { return Ok(None) };
    if length > limits::STRING_BYTES_MAX {
        return Err(DecodeError::StringTooLong);
    }
    match std::str::from_utf8(&input.split_to(length)) {
        Ok(text) => Ok(Some(text.to_string())),
        Err(_) => Err(DecodeError::NotUtf8),
    }
}

pub(crate) fn get_string(input: &mut Bytes, form: Form) -> Result<String, DecodeError> {
    get_nullable_string(input, form)?.ok_or(DecodeError::UnexpectedNull)
}

pub(crate) fn get_nullable_bytes(input: &mut Bytes, form: Form) -> Result<Option<Bytes>, DecodeError> {
    Ok(get_length(input, form, Width::Long, 1)?.map(|length| input.split_to(length)))
}

pub(crate) fn get_bytes(input: &mut Bytes, form: Form) -> Result<Bytes, DecodeError> {
    get_nullable_bytes(input, form)?.ok_or(DecodeError::UnexpectedNull)
}

fn get_count(input: &mut Bytes, form: Form, least: usize) -> Result<Option<usize>, DecodeError> {
    let count = get_length(input, form, Width::Long, least)?;
    match count {
        Some(count) if count > limits::ARRAY_ELEMENTS_MAX => Err(DecodeError::TooManyElements),
        _ => Ok(count),
    }
}

pub(crate) fn get_nullable_array<T: Decode>(
    input: &mut Bytes,
    version: i16,
    form: Form,
) -> Result<Option<Vec<T>>, DecodeError> {
    let Some(count) = get_count(input, form, T::LEAST_SIZE)? else { return Ok(None) };
    // An element may be far larger in memory than on the wire: reserve no more than the bytes at hand.
    let mut elements = Vec::with_capacity(count.min(input.len() / size_of::<T>().max(1) + 1));
    for _ in 0..count {
        elements.push(T::decode(input, version)?);
    }
    Ok(Some(elements))
}

pub(crate) fn get_array<T: Decode>(
    input: &mut Bytes,
    version: i16,
    form: Form,
) -> Result<Vec<T>, DecodeError> {
    get_nullable_array(input, version, form)?.ok_or(DecodeError::UnexpectedNull)
}

pub(crate) fn get_nullable_strings(
    input: &mut Bytes,
    form: Form,
) -> Result<Option<Vec<String>>, DecodeError> {
    let least = if form == Form::Flexible { 1 } else { 2 };
    let Some(count) = get_count(input, form, least)? else { return Ok(None) };
    let mut strings = Vec::with_capacity(count.min(input.len() / size_of::<String>() + 1));
    for _ in 0..count {
        strings.push(get_string(input, form)?);
    }
    Ok(Some(strings))
}

pub(crate) fn get_strings(input: &mut Bytes, form: Form) -> Result<Vec<String>, DecodeError> {
    get_nullable_strings(input, form)?.ok_or(DecodeError::UnexpectedNull)
}

/// A struct behind a byte that is negative for null.
pub(crate) fn get_nullable_struct<T: Decode>(
    input: &mut Bytes,
    version: i16,
) -> Result<Option<T>, DecodeError> {
    if get_i8(input)? < 0 { Ok(None) } else { T::decode(input, version).map(Some) }
}

/// A nullable struct in a tagged field, where null is a zero.
pub(crate) fn get_tagged_struct<T: Decode>(
    input: &mut Bytes,
    version: i16,
) -> Result<Option<T>, DecodeError> {
    if get_uvarint(input)? == 0 { Ok(None) } else { T::decode(input, version).map(Some) }
}

/// How many tagged fields follow. Each takes two bytes at least.
pub(crate) fn get_tag_count(input: &mut Bytes) -> Result<usize, DecodeError> {
    let count = get_uvarint(input)? as usize;
    if count > limits::TAGGED_FIELDS_MAX {
        return Err(DecodeError::TooManyTags);
    }
    if count > input.len() / 2 { Err(DecodeError::Truncated) } else { Ok(count) }
}

/// A tagged field: its tag and its data.
pub(crate) fn get_tag(input: &mut Bytes) -> Result<(u32, Bytes), DecodeError> {
    let tag = get_uvarint(input)?;
    let size = get_uvarint(input)? as usize;
    need(input, size)?;
    Ok((tag, input.split_to(size)))
}

pub(crate) fn skip_tags(input: &mut Bytes) -> Result<(), DecodeError> {
    for _ in 0..get_tag_count(input)? {
        get_tag(input)?;
    }
    Ok(())
}

// Writing.

pub(crate) fn put_bool(out: &mut BytesMut, value: bool) {
    out.put_u8(u8::from(value));
}

pub(crate) fn put_uuid(out: &mut BytesMut, value: Uuid) {
    out.put_slice(&value.0);
}

pub(crate) fn put_uvarint(out: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

fn put_length(
    out: &mut BytesMut,
    length: Option<usize>,
    form: Form,
    width: Width,
) -> Result<(), EncodeError> {
    let value = match length {
        None => -1,
        Some(length) => i32::try_from(length).map_err(|_| EncodeError::TooLong)?,
    };
    #[cfg(test)]
    lengths::note(out.len(), form, matches!(width, Width::Short));
    match (form, width) {
        (Form::Flexible, _) => put_uvarint(out, (i64::from(value) + 1) as u32),
        (Form::Classic, Width::Short) => out.put_i16(i16::try_from(value).map_err(|_| EncodeError::TooLong)?),
        (Form::Classic, Width::Long) => out.put_i32(value),
    }
    Ok(())
}

pub(crate) fn put_nullable_string(
    out: &mut BytesMut,
    text: Option<&str>,
    form: Form,
) -> Result<(), EncodeError> {
    if text.is_some_and(|text| text.len() > limits::STRING_BYTES_MAX) {
        return Err(EncodeError::TooLong);
    }
    put_length(out, text.map(str::len), form, Width::Short)?;
    out.put_slice(text.unwrap_or_default().as_bytes());
    Ok(())
}

pub(crate) fn put_string(out: &mut BytesMut, text: &str, form: Form) -> Result<(), EncodeError> {
    put_nullable_string(out, Some(text), form)
}

pub(crate) fn put_nullable_bytes(
    out: &mut BytesMut,
    bytes: Option<&Bytes>,
    form: Form,
) -> Result<(), EncodeError> {
    put_length(out, bytes.map(Bytes::len), form, Width::Long)?;
    if let Some(bytes) = bytes {
        out.put_slice(bytes);
    }
    Ok(())
}

pub(crate) fn put_bytes(out: &mut BytesMut, bytes: &Bytes, form: Form) -> Result<(), EncodeError> {
    put_nullable_bytes(out, Some(bytes), form)
}

pub(crate) fn put_nullable_array<T: Encode>(
    out: &mut BytesMut,
    elements: Option<&[T]>,
    version: i16,
    form: Form,
) -> Result<(), EncodeError> {
    put_length(out, elements.map(<[T]>::len), form, Width::Long)?;
    for element in elements.unwrap_or_default() {
        element.encode(out, version)?;
    }
    Ok(())
}

pub(crate) fn put_array<T: Encode>(
    out: &mut BytesMut,
    elements: &[T],
    version: i16,
    form: Form,
) -> Result<(), EncodeError> {
    put_nullable_array(out, Some(elements), version, form)
}

pub(crate) fn put_nullable_strings(
    out: &mut BytesMut,
    strings: Option<&[String]>,
    form: Form,
) -> Result<(), EncodeError> {
    put_length(out, strings.map(<[String]>::len), form, Width::Long)?;
    for text in strings.unwrap_or_default() {
        put_string(out, text, form)?;
    }
    Ok(())
}

pub(crate) fn put_strings(out: &mut BytesMut, strings: &[String], form: Form) -> Result<(), EncodeError> {
    put_nullable_strings(out, Some(strings), form)
}

pub(crate) fn put_nullable_struct<T: Encode>(
    out: &mut BytesMut,
    value: Option<&T>,
    version: i16,
) -> Result<(), EncodeError> {
    put_i8(out, if value.is_some() { 1 } else { -1 });
    value.map_or(Ok(()), |value| value.encode(out, version))
}

pub(crate) fn put_tagged_struct<T: Encode>(
    out: &mut BytesMut,
    value: Option<&T>,
    version: i16,
) -> Result<(), EncodeError> {
    put_uvarint(out, u32::from(value.is_some()));
    value.map_or(Ok(()), |value| value.encode(out, version))
}

pub(crate) fn put_tag_count(out: &mut BytesMut, count: usize) {
    #[cfg(test)]
    lengths::note(out.len(), Form::Flexible, false);
    put_uvarint(out, count as u32);
}

/// Begins a tagged field; its size is put in front of its data by `end_tag`.
pub(crate) fn begin_tag(out: &mut BytesMut, tag: u32) -> usize {
    put_uvarint(out, tag);
    out.len()
}

pub(crate) fn end_tag(out: &mut BytesMut, mark: usize) -> Result<(), EncodeError> {
    let size = out.len() - mark;
    let mut prefix = BytesMut::with_capacity(5);
    put_uvarint(&mut prefix, u32::try_from(size).map_err(|_| EncodeError::TooLong)?);
    #[cfg(test)]
    lengths::shift(mark, prefix.len());
    out.put_bytes(0, prefix.len());
    out.copy_within(mark..mark + size, mark + prefix.len());
    out[mark..mark + prefix.len()].copy_from_slice(&prefix);
    Ok(())
}

pub(crate) fn present<T>(value: Option<T>, field: &'static str) -> Result<T, EncodeError> {
    value.ok_or(EncodeError::NullNotAllowed { field })
}

macro_rules! elements {
    ($($type:ty, $size:expr, $get:ident, $put:ident;)*) => { $(
        impl Encode for $type {
            fn encode(&self, out: &mut BytesMut, _version: i16) -> Result<(), EncodeError> {
                $put(out, *self);
                Ok(())
            }
        }

        impl Decode for $type {
            const LEAST_SIZE: usize = $size;

            fn decode(input: &mut Bytes, _version: i16) -> Result<Self, DecodeError> {
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

/// In tests: where the length fields of what was encoded last stand.
#[cfg(test)]
pub(crate) mod lengths {
    use super::Form;
    use std::cell::RefCell;

    #[derive(Clone, Copy, Debug)]
    pub struct Length {
        pub at: usize,
        pub form: Form,
        pub is_short: bool,
    }

    thread_local! {
        static FOUND: RefCell<Vec<Length>> = const { RefCell::new(Vec::new()) };
    }

    pub fn note(at: usize, form: Form, is_short: bool) {
        FOUND.with_borrow_mut(|found| found.push(Length { at, form, is_short }));
    }

    /// A size of `count` bytes is put in at `mark`.
    pub fn shift(mark: usize, count: usize) {
        FOUND.with_borrow_mut(|found| {
            for length in found.iter_mut().filter(|length| length.at >= mark) {
                length.at += count;
            }
            found.push(Length { at: mark, form: Form::Flexible, is_short: false });
        });
    }

    pub fn take() -> Vec<Length> {
        FOUND.take()
    }
}
