//! Every limit of this crate.

/// What the records of one batch may decompress to. A batch is at most `message.max.bytes` (1 MiB unless
/// set) as sent; past this its content is a bomb, not data.
pub const DECOMPRESSED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How many offending records a validation names one by one; the rest is only counted.
pub const NAMED_RECORDS_MAX: usize = 100;
