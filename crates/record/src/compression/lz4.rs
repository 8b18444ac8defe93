//! The LZ4 frame format with 64 KiB blocks and a content checksum, as the Java client and librdkafka write it.

use super::{DecompressError, bounded};
use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};
use std::io::Write;

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let info = FrameInfo::new()
        .block_size(BlockSize::Max64KB)
        .block_mode(BlockMode::Independent)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::with_capacity(content.len() / 2 + 32));
    encoder.write_all(content).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

/// One frame. Skippable and legacy frames are no Kafka client's.
pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    if !compressed.starts_with(&MAGIC) {
        return Err(DecompressError::broken("no LZ4 frame"));
    }
    let mut content = Vec::new();
    bounded::read_to_end(&mut FrameDecoder::new(compressed), bytes_max, &mut content)?;
    Ok(content)
}
