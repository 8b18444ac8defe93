//! What a peer may ask of a decoder at most, whatever the bytes say.

/// Kafka's own limit on a string, compact or not.
pub const STRING_BYTES_MAX: usize = i16::MAX as usize;

/// Kafka refuses longer arrays since 4.4.
pub const ARRAY_ELEMENTS_MAX: usize = 1_000_000;

/// Kafka refuses more tagged fields in a struct since 4.4.
pub const TAGGED_FIELDS_MAX: usize = 10_000;

/// The default of `socket.request.max.bytes`: a longer frame is not read.
pub const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;
