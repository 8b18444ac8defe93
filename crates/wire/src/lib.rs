//! Kafka's protocol: frames, headers, messages, and which versions of which APIs are served.
//!
//! Never knows: connections, storage, what a request makes happen.

pub mod api_key;
pub mod codec;
pub mod error_code;
pub mod frame;
pub mod header;
pub mod limits;
pub mod messages;
pub mod records;
pub mod served;

#[cfg(test)]
mod filled;
#[cfg(test)]
mod tests;

pub use api_key::ApiKey;
pub use codec::{Decode, DecodeError, Encode, EncodeError, Form, Message, Request};
pub use error_code::ErrorCode;
pub use header::{RequestHeader, ResponseHeader};
