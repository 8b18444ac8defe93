//! Reading primitives. No length is believed before it was compared with the bytes that are left.

use super::{Decode, DecodeError, Form, Width};
use crate::limits;
use bytes::{Buf, Bytes};
use std::mem;
use tablog_record::Uuid;

/// Bytes, and the first thing that was wrong with them. From there on nothing is left: what is read is zero or empty.
#[derive(Debug)]
pub struct Reader {
    bytes: Bytes,
    error: Option<DecodeError>,
}

/// Reads with the function, which leaves in `input` what it does not read.
pub(crate) fn decode_with<T>(
    input: &mut Bytes,
    read: impl FnOnce(&mut Reader) -> T,
) -> Result<T, DecodeError> {
    let mut reader = Reader { bytes: mem::take(input), error: None };
    let value = read(&mut reader);
    *input = reader.bytes;
    reader.error.map_or(Ok(value), Err)
}

impl Reader {
    #[cold]
    pub(crate) fn fail(&mut self, error: DecodeError) {
        self.error.get_or_insert(error);
        self.bytes.clear();
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    /// The next bytes, as many as asked for or none.
    fn take(&mut self, count: usize) -> Bytes {
        if self.need(count) { self.bytes.split_to(count) } else { Bytes::new() }
    }

    fn need(&mut self, count: usize) -> bool {
        let is_there = self.bytes.len() >= count;
        if !is_there {
            self.fail(DecodeError::Truncated);
        }
        is_there
    }

    /// A tagged field was read; nothing of it may be left.
    pub(crate) fn end_tag(&mut self, data: Reader) {
        match data.error {
            Some(error) => self.fail(error),
            None if !data.bytes.is_empty() => self.fail(DecodeError::TrailingBytes),
            None => {}
        }
    }
}

macro_rules! fixed {
    ($($get:ident $type:ty, $size:expr;)*) => { $(
        pub(crate) fn $get(input: &mut Reader) -> $type {
            if input.need($size) { input.bytes.$get() } else { 0 }
        }
    )* };
}

fixed! {
    get_i8 i8, 1;
    get_i16 i16, 2;
    get_i32 i32, 4;
    get_i64 i64, 8;
    get_u16 u16, 2;
}

pub(crate) fn get_bool(input: &mut Reader) -> bool {
    get_i8(input) != 0
}

pub(crate) fn get_uuid(input: &mut Reader) -> Uuid {
    let mut bytes = [0; 16];
    if input.need(16) {
        input.bytes.copy_to_slice(&mut bytes);
    }
    Uuid(bytes)
}

pub(crate) fn get_uvarint(input: &mut Reader) -> u32 {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let byte = get_i8(input) as u8;
        if shift == 28 && byte > 0x0f {
            break;
        }
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return value;
        }
    }
    input.fail(DecodeError::VarintTooLong);
    0
}

/// A length or a count, `None` for null. At least `least` bytes must be left for each.
fn get_length(input: &mut Reader, form: Form, width: Width, least: usize) -> Option<usize> {
    let length = match (form, width) {
        (Form::Flexible, _) => i64::from(get_uvarint(input)) - 1,
        (Form::Classic, Width::Short) => i64::from(get_i16(input)),
        (Form::Classic, Width::Long) => i64::from(get_i32(input)),
    };
    match length {
        -1 => return None,
        ..0 => input.fail(DecodeError::NegativeLength),
        _ if length as u64 > (input.bytes.len() / least.max(1)) as u64 => input.fail(DecodeError::Truncated),
        _ => return Some(length as usize),
    }
    None
}

/// What must not be null.
fn present<T: Default>(input: &mut Reader, value: Option<T>) -> T {
    if value.is_none() {
        input.fail(DecodeError::UnexpectedNull);
    }
    value.unwrap_or_default()
}

pub(crate) fn get_nullable_string(input: &mut Reader, form: Form) -> Option<String> {
    let length = get_length(input, form, Width::Short, 1)?;
    if length > limits::STRING_BYTES_MAX {
        input.fail(DecodeError::StringTooLong);
    }
    match std::str::from_utf8(&input.take(length)) {
        Ok(text) => return Some(text.to_string()),
        Err(_) => input.fail(DecodeError::NotUtf8),
    }
    None
}

pub(crate) fn get_string(input: &mut Reader, form: Form) -> String {
    let text = get_nullable_string(input, form);
    present(input, text)
}

pub(crate) fn get_nullable_bytes(input: &mut Reader, form: Form) -> Option<Bytes> {
    let length = get_length(input, form, Width::Long, 1)?;
    Some(input.take(length))
}

pub(crate) fn get_bytes(input: &mut Reader, form: Form) -> Bytes {
    let bytes = get_nullable_bytes(input, form);
    present(input, bytes)
}

fn get_count(input: &mut Reader, form: Form, least: usize) -> Option<usize> {
    let count = get_length(input, form, Width::Long, least)?;
    if count <= limits::ARRAY_ELEMENTS_MAX {
        return Some(count);
    }
    input.fail(DecodeError::TooManyElements);
    None
}

pub(crate) fn get_nullable_array<T: Decode>(input: &mut Reader, version: i16, form: Form) -> Option<Vec<T>> {
    let count = get_count(input, form, T::LEAST_SIZE)?;
    // An element may be far larger in memory than on the wire: reserve no more than the bytes at hand.
    let mut elements = Vec::with_capacity(count.min(input.bytes.len() / size_of::<T>().max(1) + 1));
    for _ in 0..count {
        elements.push(T::read(input, version));
        if input.has_failed() {
            return None;
        }
    }
    Some(elements)
}

pub(crate) fn get_array<T: Decode>(input: &mut Reader, version: i16, form: Form) -> Vec<T> {
    let elements = get_nullable_array(input, version, form);
    present(input, elements)
}

pub(crate) fn get_nullable_strings(input: &mut Reader, form: Form) -> Option<Vec<String>> {
    let least = if form == Form::Flexible { 1 } else { 2 };
    let count = get_count(input, form, least)?;
    let mut strings = Vec::with_capacity(count.min(input.bytes.len() / size_of::<String>() + 1));
    for _ in 0..count {
        strings.push(get_string(input, form));
        if input.has_failed() {
            return None;
        }
    }
    Some(strings)
}

pub(crate) fn get_strings(input: &mut Reader, form: Form) -> Vec<String> {
    let strings = get_nullable_strings(input, form);
    present(input, strings)
}

/// A struct behind a byte that is negative for null.
pub(crate) fn get_nullable_struct<T: Decode>(input: &mut Reader, version: i16) -> Option<T> {
    if get_i8(input) < 0 { None } else { Some(T::read(input, version)) }
}

/// A nullable struct in a tagged field, where null is a zero.
pub(crate) fn get_tagged_struct<T: Decode>(input: &mut Reader, version: i16) -> Option<T> {
    if get_uvarint(input) == 0 { None } else { Some(T::read(input, version)) }
}

/// How many tagged fields follow. Each takes two bytes at least.
pub(crate) fn get_tag_count(input: &mut Reader) -> usize {
    let count = get_uvarint(input) as usize;
    if count > limits::TAGGED_FIELDS_MAX {
        input.fail(DecodeError::TooManyTags);
        return 0;
    }
    if count > input.bytes.len() / 2 {
        input.fail(DecodeError::Truncated);
        return 0;
    }
    count
}

/// A tagged field: its tag and its data.
pub(crate) fn get_tag(input: &mut Reader) -> (u32, Reader) {
    let tag = get_uvarint(input);
    let size = get_uvarint(input) as usize;
    (tag, Reader { bytes: input.take(size), error: None })
}

pub(crate) fn skip_tags(input: &mut Reader) {
    for _ in 0..get_tag_count(input) {
        get_tag(input);
    }
}
