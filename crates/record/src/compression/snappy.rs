//! snappy in the two framings that Kafka clients send: one raw block (librdkafka, Sarama), or the blocks of
//! the Java library "xerial", which is what we write since every client reads it.
//!
//! ```text
//! 0x82 "SNAPPY" 0x00 | version i32 = 1 | compatible version i32 = 1 | { length i32 | raw block } ...
//! ```

use super::DecompressError;
use snap::raw::{Decoder, Encoder, decompress_len};

const MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
const HEADER_LEN: usize = 16;
const VERSION: i32 = 1;
/// The Java library's block size.
const BLOCK_BYTES: usize = 32 * 1024;
/// A copy of 64 bytes takes three: no snappy block grows more than this.
const GROWTH_MAX: usize = 22;

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_LEN + content.len() / 2);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&VERSION.to_be_bytes());
    let mut encoder = Encoder::new();
    for chunk in content.chunks(BLOCK_BYTES) {
        let block =
            encoder.compress_vec(chunk).unwrap_or_else(|_| unreachable!("32 KiB are below snappy's limit"));
        out.extend_from_slice(&(block.len() as i32).to_be_bytes());
        out.extend_from_slice(&block);
    }
    out
}

pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let mut content = Vec::new();
    if !compressed.starts_with(MAGIC) {
        decompress_block(compressed, bytes_max, &mut content)?;
        return Ok(content);
    }
    let mut rest =
        compressed.get(HEADER_LEN..).ok_or_else(|| DecompressError::broken("the header is cut short"))?;
    while !rest.is_empty() {
        // Streams that were written one after the other: each brings its header.
        if rest.starts_with(MAGIC) && rest.len() >= HEADER_LEN {
            rest = &rest[HEADER_LEN..];
            continue;
        }
        let (length, after) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| DecompressError::broken("a block length is cut short"))?;
        let length = usize::try_from(i32::from_be_bytes(*length))
            .map_err(|_| DecompressError::broken("a block length is negative"))?;
        let block = after.get(..length).ok_or_else(|| DecompressError::broken("a block is cut short"))?;
        decompress_block(block, bytes_max, &mut content)?;
        rest = &after[length..];
    }
    Ok(content)
}

/// Appends one raw block. It begins with the length that it claims; a claim that its bytes cannot make good
/// is refused before anything is allocated.
fn decompress_block(block: &[u8], bytes_max: usize, content: &mut Vec<u8>) -> Result<(), DecompressError> {
    // The library's own errors would be spelled out with the code that does it.
    let broken = |_| DecompressError::broken("a block does not decode");
    let claimed = decompress_len(block).map_err(broken)?;
    if claimed > block.len().saturating_mul(GROWTH_MAX) {
        return Err(DecompressError::broken("a block claims more than it can hold"));
    }
    if claimed > bytes_max - content.len() {
        return Err(DecompressError::TooLarge);
    }
    let start = content.len();
    content.resize(start + claimed, 0);
    let len = Decoder::new().decompress(block, &mut content[start..]).map_err(broken)?;
    content.truncate(start + len);
    Ok(())
}
