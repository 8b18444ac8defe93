//! The records of the internal topics: which type and version stands before the fields.
//!
//! ```text
//! coordinators' key     int16 type     fields
//! coordinators' value   int16 version  fields
//! metadata record       uvarint frame version (1)  uvarint API key  uvarint version  fields
//! ```
//!
//! Never knows: which topic a record lies in, or what it changes.

mod schema;

pub use schema::*;

use crate::codec::{
    self, CoordinatorKey, CoordinatorValue, DecodeError, EncodeError, Message, MetadataRecord, Writer,
};
use bytes::{Bytes, BytesMut};

const METADATA_FRAME_VERSION: u32 = 1;

/// The key of a coordinator's record; keys have version 0 and their type in its place.
pub fn encode_key<K: CoordinatorKey>(key: &K) -> Result<Bytes, EncodeError> {
    encode_whole(|out| {
        codec::put_i16(out, K::TYPE);
        key.write(out, 0);
    })
}

/// The value of a coordinator's record.
pub fn encode_value<V: CoordinatorValue>(value: &V, version: i16) -> Result<Bytes, EncodeError> {
    encode_whole(|out| {
        codec::put_i16(out, version);
        value.write(out, version);
    })
}

/// The type of a coordinator's key, to see which `decode_key` it needs.
pub fn key_type(key: &Bytes) -> Result<i16, DecodeError> {
    codec::decode_with(&mut key.clone(), codec::get_i16)
}

pub fn decode_key<K: CoordinatorKey>(mut key: Bytes) -> Result<K, DecodeError> {
    let found = codec::decode_with(&mut key, codec::get_i16)?;
    // An offset's key has had two types: 0 before topics were named in a group's own format, 1 since.
    if found != K::TYPE && !(K::TYPE == 1 && found == 0) {
        return Err(DecodeError::WrongRecordType { got: found.into() });
    }
    decode_whole(key, 0)
}

pub fn decode_value<V: CoordinatorValue>(mut value: Bytes) -> Result<V, DecodeError> {
    let version = codec::decode_with(&mut value, codec::get_i16)?;
    decode_whole(value, version)
}

/// The value of a metadata record.
pub fn encode_metadata<R: MetadataRecord>(record: &R, version: i16) -> Result<Bytes, EncodeError> {
    encode_whole(|out| {
        codec::put_uvarint(out, METADATA_FRAME_VERSION);
        codec::put_uvarint(out, R::API_KEY as u32);
        codec::put_uvarint(out, version as u32);
        record.write(out, version);
    })
}

/// A metadata record whose fields are not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFrame {
    pub api_key: i16,
    pub version: i16,
    fields: Bytes,
}

impl MetadataFrame {
    pub fn decode(mut value: Bytes) -> Result<MetadataFrame, DecodeError> {
        let frame_version = codec::decode_with(&mut value, codec::get_uvarint)?;
        if frame_version != METADATA_FRAME_VERSION {
            return Err(DecodeError::WrongRecordType { got: frame_version as i32 });
        }
        let api_key = small(codec::decode_with(&mut value, codec::get_uvarint)?)?;
        let version = small(codec::decode_with(&mut value, codec::get_uvarint)?)?;
        Ok(MetadataFrame { api_key, version, fields: value })
    }

    pub fn record<R: MetadataRecord>(self) -> Result<R, DecodeError> {
        if self.api_key != R::API_KEY {
            return Err(DecodeError::WrongRecordType { got: self.api_key.into() });
        }
        decode_whole(self.fields, self.version)
    }
}

fn small(value: u32) -> Result<i16, DecodeError> {
    i16::try_from(value).map_err(|_| DecodeError::WrongRecordType { got: value as i32 })
}

fn encode_whole(write: impl FnOnce(&mut Writer<'_>)) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::new();
    codec::encode_with(&mut out, write)?;
    Ok(out.freeze())
}

fn decode_whole<T: Message>(mut input: Bytes, version: i16) -> Result<T, DecodeError> {
    let value = T::decode(&mut input, version)?;
    codec::expect_end(&input)?;
    Ok(value)
}
