//! Zstandard (RFC 8878). Written at the one level that the pure encoder has, about the reference's level 1.

use super::DecompressError;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
const BLOCK_BYTES_MAX: usize = 128 * 1024;
/// The reference's highest level asks for a window of 128 MiB however small the content is.
const WINDOW_BYTES_MAX: u64 = 128 * 1024 * 1024;

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    compress_to_vec(content, CompressionLevel::Fastest)
}

/// All frames, one after the other.
pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let mut content = Vec::new();
    let mut rest = compressed;
    loop {
        match skippable_len(rest) {
            Some(len) => {
                rest = rest.get(len..).ok_or_else(|| DecompressError::broken("a frame is cut short"))?;
            }
            None => decompress_frame(&mut rest, bytes_max, &mut content)?,
        }
        if rest.is_empty() {
            return Ok(content);
        }
    }
}

fn skippable_len(bytes: &[u8]) -> Option<usize> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (len, _) = rest.split_first_chunk::<4>()?;
    (u32::from_le_bytes(*magic) & !0x0f == SKIPPABLE_MAGIC)
        .then(|| (u32::from_le_bytes(*len) as usize).saturating_add(8))
}

/// What is decoded but still in the decoder's window cannot be counted, so the blocks are: a block holds at
/// most 128 KiB. Where the window is below the bound that lets it fill once; where it is above, no more
/// blocks are decoded than the bound has room for.
fn decompress_frame(
    rest: &mut &[u8],
    bytes_max: usize,
    content: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    let start = *rest;
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size((bytes_max as u64).clamp(1 << 20, WINDOW_BYTES_MAX));
    let mut blocks_left = usize::MAX;
    match decoder.init(&mut *rest) {
        Ok(()) => {}
        Err(FrameDecoderError::WindowSizeTooBig { requested, .. }) if requested <= WINDOW_BYTES_MAX => {
            *rest = start;
            decoder = FrameDecoder::new();
            decoder.set_max_window_size(WINDOW_BYTES_MAX);
            decoder.init(&mut *rest).map_err(DecompressError::broken)?;
            blocks_left = bytes_max / BLOCK_BYTES_MAX + 1;
        }
        Err(error) => return Err(DecompressError::broken(error)),
    }
    while !decoder.is_finished() {
        blocks_left = blocks_left.checked_sub(1).ok_or(DecompressError::TooLarge)?;
        decoder
            .decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(DecompressError::broken)?;
        if decoder.can_collect() > bytes_max - content.len() {
            return Err(DecompressError::TooLarge);
        }
        decoder.collect_to_writer(&mut *content).map_err(DecompressError::broken)?;
    }
    let stated = decoder.get_checksum_from_data();
    if stated.is_some() && stated != decoder.get_calculated_checksum() {
        return Err(DecompressError::broken("wrong content checksum"));
    }
    Ok(())
}
