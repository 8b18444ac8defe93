//! Reading primitives. No length is believed before it was compared with the bytes that are left.

use super::{Decode, DecodeError, Form, Width};
use crate::limits;
use bytes::{Buf, Bytes};
use tablog_record::Uuid;

fn need(input: &Bytes, count: usize) -> Result<(), DecodeError> {
    if input.len() >= count { Ok(()) } else { Err(DecodeError::Truncated) }
}

macro_rules! fixed {
    ($($get:ident $type:ty, $size:expr;)*) => { $(
        pub(crate) fn $get(input: &mut Bytes) -> Result<$type, DecodeError> {
            need(input, $size)?;
            Ok(input.$get())
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
