//! Writing primitives.

#[cfg(test)]
use super::lengths;
use super::{Encode, EncodeError, Form, Width};
use crate::limits;
use bytes::{BufMut, Bytes, BytesMut};
use tablog_record::Uuid;

macro_rules! fixed {
    ($($put:ident $type:ty;)*) => { $(
        pub(crate) fn $put(out: &mut BytesMut, value: $type) {
            out.$put(value);
        }
    )* };
}

fixed! {
    put_i8 i8;
    put_i16 i16;
    put_i32 i32;
    put_i64 i64;
    put_u16 u16;
}

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
