//! Writing primitives.

#[cfg(test)]
use super::lengths;
use super::{Encode, EncodeError, Form, Width};
use crate::limits;
use bytes::{BufMut, Bytes, BytesMut};
use tablog_record::Uuid;

/// Bytes, and the first thing that could not be among them.
#[derive(Debug)]
pub struct Writer<'a> {
    bytes: &'a mut BytesMut,
    error: Option<EncodeError>,
}

/// What was written before an error stays.
pub(crate) fn encode_with(
    out: &mut BytesMut,
    write: impl FnOnce(&mut Writer<'_>),
) -> Result<(), EncodeError> {
    let mut writer = Writer { bytes: out, error: None };
    write(&mut writer);
    writer.error.map_or(Ok(()), Err)
}

impl Writer<'_> {
    #[cold]
    pub(crate) fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    /// The field is set, and the version has no place for it.
    #[cold]
    pub(crate) fn refuse(&mut self, field: &'static str, version: i16) {
        self.fail(EncodeError::FieldNotInVersion { field, version });
    }
}

macro_rules! fixed {
    ($($put:ident $type:ty;)*) => { $(
        pub(crate) fn $put(out: &mut Writer<'_>, value: $type) {
            out.bytes.$put(value);
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

pub(crate) fn put_bool(out: &mut Writer<'_>, value: bool) {
    out.bytes.put_u8(u8::from(value));
}

pub(crate) fn put_uuid(out: &mut Writer<'_>, value: Uuid) {
    out.bytes.put_slice(&value.0);
}

pub(crate) fn put_uvarint(out: &mut Writer<'_>, mut value: u32) {
    while value >= 0x80 {
        out.bytes.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.bytes.put_u8(value as u8);
}

fn put_length(out: &mut Writer<'_>, length: Option<usize>, form: Form, width: Width) {
    let most = if matches!((form, width), (Form::Classic, Width::Short)) {
        i16::MAX as usize
    } else {
        i32::MAX as usize
    };
    if length.is_some_and(|length| length > most) {
        return out.fail(EncodeError::TooLong);
    }
    let value = length.map_or(-1, |length| length as i32);
    #[cfg(test)]
    lengths::note(out.bytes.len(), form, matches!(width, Width::Short));
    match (form, width) {
        (Form::Flexible, _) => put_uvarint(out, (i64::from(value) + 1) as u32),
        (Form::Classic, Width::Short) => out.bytes.put_i16(value as i16),
        (Form::Classic, Width::Long) => out.bytes.put_i32(value),
    }
}

pub(crate) fn put_nullable_string(out: &mut Writer<'_>, text: Option<&str>, form: Form) {
    if text.is_some_and(|text| text.len() > limits::STRING_BYTES_MAX) {
        return out.fail(EncodeError::TooLong);
    }
    put_length(out, text.map(str::len), form, Width::Short);
    out.bytes.put_slice(text.unwrap_or_default().as_bytes());
}

pub(crate) fn put_string(out: &mut Writer<'_>, text: &str, form: Form) {
    put_nullable_string(out, Some(text), form);
}

pub(crate) fn put_nullable_bytes(out: &mut Writer<'_>, bytes: Option<&Bytes>, form: Form) {
    put_length(out, bytes.map(Bytes::len), form, Width::Long);
    if let Some(bytes) = bytes {
        out.bytes.put_slice(bytes);
    }
}

pub(crate) fn put_bytes(out: &mut Writer<'_>, bytes: &Bytes, form: Form) {
    put_nullable_bytes(out, Some(bytes), form);
}

pub(crate) fn put_nullable_array<T: Encode>(
    out: &mut Writer<'_>,
    elements: Option<&[T]>,
    version: i16,
    form: Form,
) {
    put_length(out, elements.map(<[T]>::len), form, Width::Long);
    for element in elements.unwrap_or_default() {
        element.write(out, version);
    }
}

pub(crate) fn put_array<T: Encode>(out: &mut Writer<'_>, elements: &[T], version: i16, form: Form) {
    put_nullable_array(out, Some(elements), version, form);
}

pub(crate) fn put_nullable_strings(out: &mut Writer<'_>, strings: Option<&[String]>, form: Form) {
    put_length(out, strings.map(<[String]>::len), form, Width::Long);
    for text in strings.unwrap_or_default() {
        put_string(out, text, form);
    }
}

pub(crate) fn put_strings(out: &mut Writer<'_>, strings: &[String], form: Form) {
    put_nullable_strings(out, Some(strings), form);
}

pub(crate) fn put_nullable_struct<T: Encode>(out: &mut Writer<'_>, value: Option<&T>, version: i16) {
    put_i8(out, if value.is_some() { 1 } else { -1 });
    if let Some(value) = value {
        value.write(out, version);
    }
}

pub(crate) fn put_tagged_struct<T: Encode>(out: &mut Writer<'_>, value: Option<&T>, version: i16) {
    put_uvarint(out, u32::from(value.is_some()));
    if let Some(value) = value {
        value.write(out, version);
    }
}

pub(crate) fn put_tag_count(out: &mut Writer<'_>, count: usize) {
    #[cfg(test)]
    lengths::note(out.bytes.len(), Form::Flexible, false);
    put_uvarint(out, count as u32);
}

/// Begins a tagged field; its size is put in front of its data by `end_tag`.
pub(crate) fn begin_tag(out: &mut Writer<'_>, tag: u32) -> usize {
    put_uvarint(out, tag);
    out.bytes.len()
}

pub(crate) fn end_tag(out: &mut Writer<'_>, mark: usize) {
    let size = out.bytes.len() - mark;
    if size > i32::MAX as usize {
        return out.fail(EncodeError::TooLong);
    }
    // Written behind the data, and then brought before it.
    put_uvarint(out, size as u32);
    let prefix_len = out.bytes.len() - mark - size;
    #[cfg(test)]
    lengths::shift(mark, prefix_len);
    out.bytes[mark..].rotate_right(prefix_len);
}

pub(crate) fn check_present(out: &mut Writer<'_>, is_present: bool, field: &'static str) {
    if !is_present {
        out.fail(EncodeError::NullNotAllowed { field });
    }
}
