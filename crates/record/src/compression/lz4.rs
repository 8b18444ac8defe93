//! The LZ4 frame format, written with independent blocks of 64 KiB and a content checksum, as the Java client and
//! librdkafka write it.
//!
//! ```text
//! 04224d18 | flags u8 | block size u8 | content length u64? | descriptor's xxh32 u8 | block ... | 0 | xxh32 u32?
//! block:     length u32, the highest bit for bytes as they are | bytes | xxh32 u32?        little-endian, all of it
//! ```
//!
//! The frames are ours, the blocks lz4_flex's: its own frames weigh more than its blocks.

use super::{DecompressError, xxhash};
use lz4_flex::block;

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
const VERSION: u8 = 1 << 6;
const VERSION_MASK: u8 = 3 << 6;
const FLAG_INDEPENDENT: u8 = 1 << 5;
const FLAG_BLOCK_CHECKSUMS: u8 = 1 << 4;
const FLAG_CONTENT_LEN: u8 = 1 << 3;
const FLAG_CHECKSUM: u8 = 1 << 2;
/// A reserved bit, and a dictionary, of which Kafka knows none.
const FLAGS_REFUSED: u8 = 3;
const OUR_FLAGS: u8 = VERSION | FLAG_INDEPENDENT | FLAG_CHECKSUM;
const OUR_BLOCK_SIZE: u8 = 4 << 4;
const BLOCK_BYTES: usize = 64 * 1024;
const STORED: u32 = 1 << 31;
/// How far back a match reaches.
const WINDOW_BYTES: usize = 64 * 1024;
/// A byte that prolongs a match stands for 255: no block grows more than this.
const GROWTH_MAX: usize = 255;

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() / 2 + 32);
    out.extend_from_slice(&MAGIC);
    let descriptor = [OUR_FLAGS, OUR_BLOCK_SIZE];
    out.extend_from_slice(&descriptor);
    out.push(header_checksum(&descriptor));
    let mut buffer = vec![0; block::get_maximum_output_size(content.len().min(BLOCK_BYTES))];
    for chunk in content.chunks(BLOCK_BYTES) {
        let len = block::compress_into(chunk, &mut buffer).expect("the buffer has room for the worst");
        let (said, bytes) = if len < chunk.len() {
            (len as u32, &buffer[..len])
        } else {
            (chunk.len() as u32 | STORED, chunk)
        };
        out.extend_from_slice(&said.to_le_bytes());
        out.extend_from_slice(bytes);
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&xxhash::xxh32(content).to_le_bytes());
    out
}

/// One frame. Skippable and legacy frames are no Kafka client's.
pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let (header, mut rest) =
        Header::parse(compressed).ok_or_else(|| DecompressError::broken("no LZ4 frame"))?;
    let mut content = Vec::new();
    loop {
        let said = number(&mut rest)?;
        if said == 0 {
            break;
        }
        let len = (said & !STORED) as usize;
        let (bytes, after) = rest.split_at_checked(len).ok_or_else(cut_short)?;
        rest = after;
        if len > header.block_bytes_max {
            return Err(DecompressError::broken("a block is too long"));
        }
        if header.flags & FLAG_BLOCK_CHECKSUMS != 0 && number(&mut rest)? != xxhash::xxh32(bytes) {
            return Err(DecompressError::broken("wrong block checksum"));
        }
        if said & STORED != 0 {
            if len > bytes_max - content.len() {
                return Err(DecompressError::TooLarge);
            }
            content.extend_from_slice(bytes);
        } else {
            decompress_block(bytes, &header, bytes_max, &mut content)?;
        }
    }
    if header.flags & FLAG_CHECKSUM != 0 && number(&mut rest)? != xxhash::xxh32(&content) {
        return Err(DecompressError::broken("wrong content checksum"));
    }
    if header.content_len.is_some_and(|stated| stated != content.len() as u64) {
        return Err(DecompressError::broken("wrong content length"));
    }
    Ok(content)
}

/// Appends one block. Room is made for what its bytes can grow to and no more.
fn decompress_block(
    bytes: &[u8],
    header: &Header,
    bytes_max: usize,
    content: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let start = content.len();
    let most = header.block_bytes_max.min(bytes.len().saturating_mul(GROWTH_MAX));
    let room = most.min(bytes_max - start);
    content.resize(start + room, 0);
    let (before, out) = content.split_at_mut(start);
    let is_independent = header.flags & FLAG_INDEPENDENT != 0;
    let window = if is_independent { &[] } else { &before[start.saturating_sub(WINDOW_BYTES)..] };
    match block::decompress_into_with_dict(bytes, out, window) {
        Ok(len) => {
            content.truncate(start + len);
            Ok(())
        }
        Err(block::DecompressError::OutputTooSmall { .. }) if room < most => Err(DecompressError::TooLarge),
        Err(_) => Err(DecompressError::broken("a block does not decode")),
    }
}

struct Header {
    flags: u8,
    block_bytes_max: usize,
    content_len: Option<u64>,
}

impl Header {
    /// The header, and what follows it.
    fn parse(bytes: &[u8]) -> Option<(Header, &[u8])> {
        let (magic, bytes) = bytes.split_first_chunk::<4>()?;
        let (&[flags, block_size], mut rest) = bytes.split_first_chunk::<2>()?;
        let is_known = flags & VERSION_MASK == VERSION && flags & FLAGS_REFUSED == 0;
        if *magic != MAGIC || !is_known || !matches!(block_size >> 4, 4..=7) || block_size & 0x0f != 0 {
            return None;
        }
        let mut content_len = None;
        if flags & FLAG_CONTENT_LEN != 0 {
            let (stated, after) = rest.split_first_chunk()?;
            content_len = Some(u64::from_le_bytes(*stated));
            rest = after;
        }
        let descriptor = &bytes[..bytes.len() - rest.len()];
        let (&checksum, rest) = rest.split_first()?;
        let block_bytes_max = 1 << (8 + 2 * (block_size >> 4));
        let header = Header { flags, block_bytes_max, content_len };
        (checksum == header_checksum(descriptor)).then_some((header, rest))
    }
}

fn header_checksum(descriptor: &[u8]) -> u8 {
    (xxhash::xxh32(descriptor) >> 8) as u8
}

fn number(rest: &mut &[u8]) -> Result<u32, DecompressError> {
    let (number, after) = rest.split_first_chunk().ok_or_else(cut_short)?;
    *rest = after;
    Ok(u32::from_le_bytes(*number))
}

fn cut_short() -> DecompressError {
    DecompressError::broken("the frame is cut short")
}
