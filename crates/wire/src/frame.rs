//! Whole frames: a header and a body, without the four length bytes that a byte stream puts before them.
//!
//! Never knows: connections.

use crate::api_key::ApiKey;
use crate::codec::{self, Decode, DecodeError, Encode, EncodeError, Request};
use crate::header::{RequestHeader, ResponseHeader};
use bytes::{Bytes, BytesMut};

pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<Bytes, EncodeError> {
    encode_request_of(R::API, request, version, correlation_id, client_id)
}

/// The same without a copy of its code for each request.
pub fn encode_request_of(
    api: ApiKey,
    request: &dyn Encode,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::new();
    let header = RequestHeader {
        api_key: api.code(),
        api_version: version,
        correlation_id,
        client_id: client_id.map(str::to_string),
    };
    header.encode(&mut out)?;
    request.encode(&mut out, version)?;
    Ok(out.freeze())
}

/// The body behind a request's header. What is left behind it is an error.
pub fn decode_body<T: Decode>(mut body: Bytes, version: i16) -> Result<T, DecodeError> {
    let message = T::decode(&mut body, version)?;
    codec::expect_end(&body)?;
    Ok(message)
}

/// The correlation id alone: which request a response answers, and thereby how to read it.
pub fn correlation_id(frame: &Bytes) -> Result<i32, DecodeError> {
    codec::decode_with(&mut frame.clone(), codec::get_i32)
}

pub fn decode_response<R: Request>(
    mut frame: Bytes,
    version: i16,
) -> Result<(i32, R::Response), DecodeError> {
    let header = ResponseHeader::decode(&mut frame, R::API, version)?;
    Ok((header.correlation_id, decode_body(frame, version)?))
}

pub fn encode_response<T: Encode>(
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    response: &T,
) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::new();
    ResponseHeader { correlation_id }.encode(&mut out, api, version)?;
    response.encode(&mut out, version)?;
    Ok(out.freeze())
}
