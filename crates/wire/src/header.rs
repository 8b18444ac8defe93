//! The header before every request and response.
//!
//! ```text
//! request   int16 API key  int16 API version  int32 correlation id  nullable string client id  [tags from v2]
//! response  int32 correlation id  [tags from v1]
//! ```
//!
//! The client id keeps its classic length even in version 2, so that it can be read before the version is
//! understood. Never knows: bodies.

use crate::api_key::ApiKey;
use crate::codec::{self, DecodeError, EncodeError, Form};
use bytes::{Bytes, BytesMut};

/// What stands before a request.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RequestHeader {
    pub api_key: i16,
    pub api_version: i16,
    pub correlation_id: i32,
    pub client_id: Option<String>,
}

impl RequestHeader {
    /// Reads the header; the body is left in `input`. The tags are read where the API is known: of an unknown
    /// one nobody can say whether they are there.
    pub fn decode(input: &mut Bytes) -> Result<RequestHeader, DecodeError> {
        codec::decode_with(input, |input| {
            let api_key = codec::get_i16(input);
            let api_version = codec::get_i16(input);
            let correlation_id = codec::get_i32(input);
            let client_id = codec::get_nullable_string(input, Form::Classic);
            if ApiKey::from_i16(api_key).is_some_and(|api| api.request_header_version(api_version) >= 2) {
                codec::skip_tags(input);
            }
            RequestHeader { api_key, api_version, correlation_id, client_id }
        })
    }

    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let api = ApiKey::from_i16(self.api_key);
        codec::encode_with(out, |out| {
            codec::put_i16(out, self.api_key);
            codec::put_i16(out, self.api_version);
            codec::put_i32(out, self.correlation_id);
            codec::put_nullable_string(out, self.client_id.as_deref(), Form::Classic);
            if api.is_some_and(|api| api.request_header_version(self.api_version) >= 2) {
                codec::put_tag_count(out, 0);
            }
        })
    }
}

/// What stands before a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ResponseHeader {
    pub correlation_id: i32,
}

impl ResponseHeader {
    pub fn decode(input: &mut Bytes, api: ApiKey, version: i16) -> Result<ResponseHeader, DecodeError> {
        codec::decode_with(input, |input| {
            let correlation_id = codec::get_i32(input);
            if api.response_header_version(version) >= 1 {
                codec::skip_tags(input);
            }
            ResponseHeader { correlation_id }
        })
    }

    pub fn encode(self, out: &mut BytesMut, api: ApiKey, version: i16) -> Result<(), EncodeError> {
        codec::encode_with(out, |out| {
            codec::put_i32(out, self.correlation_id);
            if api.response_header_version(version) >= 1 {
                codec::put_tag_count(out, 0);
            }
        })
    }
}
