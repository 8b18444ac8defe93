//! A record and how it stands in a batch. Lengths and deltas are zigzag varints.
//!
//! ```text
//! length          varint   of all that follows
//! attributes      i8       unused, 0
//! timestamp delta varlong  to the base timestamp
//! offset delta    varint   to the base offset
//! key length      varint   -1: no key         key bytes
//! value length    varint   -1: a tombstone    value bytes
//! header count    varint
//!   key length    varint                      key bytes, UTF-8
//!   value length  varint   -1: null           value bytes
//! ```
//!
//! Never knows: compression, the batch around it but for what is handed in.

use crate::varint::{read_varint, read_varlong, varint_len, varlong_len, write_varint, write_varlong};
use crate::{Offset, Timestamp};
use bytes::Bytes;
use std::borrow::Cow;
use std::ops::Range;

/// A record as a reader sees it. Key, value and headers are slices of the batch (or of its decompressed
/// content): cheap to make, and they keep it alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub key: Option<Bytes>,
    /// `None` is a tombstone.
    pub value: Option<Bytes>,
    pub headers: Vec<RecordHeader>,
}

/// A header of a record. The key should be UTF-8; what a client really sent is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

impl RecordHeader {
    pub fn new(key: impl Into<Bytes>, value: impl Into<Bytes>) -> RecordHeader {
        RecordHeader { key: key.into(), value: Some(value.into()) }
    }

    /// The key as text, with replacement characters where it is none.
    pub fn key_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.key)
    }
}

/// What a record's bytes are, as ranges of the records' bytes: read without allocating.
#[derive(Clone, Debug)]
pub(crate) struct RawRecord {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub key: Option<Range<usize>>,
    pub value: Option<Range<usize>>,
    /// The headers' bytes, checked.
    pub headers: Range<usize>,
    pub header_count: usize,
}

/// Reads one record at `*at` and moves `*at` past it.
pub(crate) fn read_record(bytes: &[u8], at: &mut usize) -> Result<RawRecord, &'static str> {
    let (length, taken) = read_varint(&bytes[*at..]).ok_or("its length cannot be read")?;
    let start = *at + taken;
    let length = usize::try_from(length).map_err(|_| "its length is negative")?;
    if length > bytes.len() - start {
        return Err("it is longer than the bytes left");
    }
    let end = start + length;
    let mut cursor = Cursor { bytes: &bytes[..end], at: start };
    cursor.skip(1)?;
    let timestamp_delta = cursor.varlong()?;
    let offset_delta = cursor.varint()?;
    let key = cursor.nullable()?;
    let value = cursor.nullable()?;
    let header_count = usize::try_from(cursor.varint()?).map_err(|_| "its header count is negative")?;
    if header_count > end - cursor.at {
        return Err("it has fewer bytes than headers");
    }
    let headers_start = cursor.at;
    for _ in 0..header_count {
        cursor.header()?;
    }
    if cursor.at != end {
        return Err("its length is not that of its content");
    }
    *at = end;
    Ok(RawRecord { timestamp_delta, offset_delta, key, value, headers: headers_start..end, header_count })
}

impl RawRecord {
    pub(crate) fn to_record(&self, bytes: &Bytes, offset: Offset, timestamp: Timestamp) -> Record {
        let slice = |range: &Range<usize>| bytes.slice(range.clone());
        let mut cursor = Cursor { bytes: &bytes[..self.headers.end], at: self.headers.start };
        // A header has at least two bytes, so the count is bounded by the bytes that were sent.
        let mut headers = Vec::with_capacity(self.header_count);
        for _ in 0..self.header_count {
            let (key, value) = cursor.header().expect("the headers were read before");
            headers.push(RecordHeader { key: slice(&key), value: value.as_ref().map(slice) });
        }
        Record {
            offset,
            timestamp,
            key: self.key.as_ref().map(slice),
            value: self.value.as_ref().map(slice),
            headers,
        }
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn skip(&mut self, len: usize) -> Result<Range<usize>, &'static str> {
        if len > self.bytes.len() - self.at {
            return Err("it ends too early");
        }
        let range = self.at..self.at + len;
        self.at += len;
        Ok(range)
    }

    fn varint(&mut self) -> Result<i32, &'static str> {
        let (value, taken) = read_varint(&self.bytes[self.at..]).ok_or("a number cannot be read")?;
        self.at += taken;
        Ok(value)
    }

    fn varlong(&mut self) -> Result<i64, &'static str> {
        let (value, taken) = read_varlong(&self.bytes[self.at..]).ok_or("a number cannot be read")?;
        self.at += taken;
        Ok(value)
    }

    /// Any negative length means null, as Kafka reads it.
    fn nullable(&mut self) -> Result<Option<Range<usize>>, &'static str> {
        match usize::try_from(self.varint()?) {
            Ok(len) => self.skip(len).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn header(&mut self) -> Result<(Range<usize>, Option<Range<usize>>), &'static str> {
        let key_len = usize::try_from(self.varint()?).map_err(|_| "a header has no key")?;
        Ok((self.skip(key_len)?, self.nullable()?))
    }
}

/// Appends one record. The parts are the caller's; nothing here fails but on a record past 2 GiB.
pub(crate) fn write_record(
    out: &mut Vec<u8>,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[RecordHeader],
) {
    let length = content_len(timestamp_delta, offset_delta, key, value, headers);
    write_varint(out, i32::try_from(length).expect("a record stays below 2 GiB"));
    let start = out.len();
    out.push(0);
    write_varlong(out, timestamp_delta);
    write_varint(out, offset_delta);
    write_nullable(out, key);
    write_nullable(out, value);
    write_varint(out, headers.len() as i32);
    for header in headers {
        write_nullable(out, Some(&header.key));
        write_nullable(out, header.value.as_deref());
    }
    assert_eq!(out.len() - start, length);
}

/// How many bytes `write_record` appends.
pub(crate) fn record_len(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[RecordHeader],
) -> usize {
    let length = content_len(timestamp_delta, offset_delta, key, value, headers);
    varint_len(length.min(i32::MAX as usize) as i32) + length
}

fn content_len(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[RecordHeader],
) -> usize {
    let mut length = 1 + varlong_len(timestamp_delta) + varint_len(offset_delta);
    length += nullable_len(key) + nullable_len(value) + varint_len(headers.len() as i32);
    for header in headers {
        length += nullable_len(Some(&header.key)) + nullable_len(header.value.as_deref());
    }
    length
}

fn write_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return write_varint(out, -1) };
    write_varint(out, bytes.len() as i32);
    out.extend_from_slice(bytes);
}

fn nullable_len(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varint_len(bytes.len() as i32) + bytes.len())
}
