//! Zstandard (RFC 8878), read in whole and written in its simplest: the libraries for it weigh more than a page should.
//!
//! ```text
//! fd2fb528 | descriptor u8 | window u8? | dictionary id? | content length? | block ... | xxh64 u32?   little-endian
//! block:     last: 1 bit, kind: 2 bits (raw, repeated byte, compressed), length: 21 bits | bytes
//! ```

mod block;
mod fse;
mod huffman;
mod sequences;
mod writer;

use super::output::Output;
use super::{DecompressError, matches, xxhash};

const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
const BLOCK_BYTES_MAX: usize = 128 * 1024;
const FLAG_SINGLE_SEGMENT: u8 = 1 << 5;
const FLAG_RESERVED: u8 = 1 << 3;
const FLAG_CHECKSUM: u8 = 1 << 2;
/// A window, a content length of four bytes, a checksum.
const OUR_DESCRIPTOR: u8 = 2 << 6 | FLAG_CHECKSUM;

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() / 2 + 32);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[OUR_DESCRIPTOR, (writer::WINDOW_LOG as u8 - 10) << 3]);
    out.extend_from_slice(&(content.len() as u32).to_le_bytes());
    let mut seen = matches::Seen::new();
    let mut from = 0;
    loop {
        let to = content.len().min(from + BLOCK_BYTES_MAX);
        let header = out.len();
        out.extend_from_slice(&[0; 3]);
        writer::write(content, from, to, &mut seen, &mut out);
        let mut kind = 2;
        if out.len() - header - 3 >= to - from {
            out.truncate(header + 3);
            out.extend_from_slice(&content[from..to]);
            kind = 0;
        }
        let said = ((out.len() - header - 3) as u32) << 3 | kind << 1 | u32::from(to == content.len());
        out[header..header + 3].copy_from_slice(&said.to_le_bytes()[..3]);
        if to == content.len() {
            break;
        }
        from = to;
    }
    out.extend_from_slice(&(xxhash::xxh64(content) as u32).to_le_bytes());
    out
}

/// All frames, one after the other.
pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let mut content = Vec::new();
    let mut rest = compressed;
    loop {
        let mut out = Output::new(&mut content, bytes_max);
        match frame(rest, &mut out) {
            Some([]) => return Ok(content),
            Some(after) => rest = after,
            None => return Err(out.error("no whole zstd frame")),
        }
    }
}

/// Reads one frame; answers what follows it.
fn frame<'a>(bytes: &'a [u8], out: &mut Output<'_>) -> Option<&'a [u8]> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*magic) & !0x0f == SKIPPABLE_MAGIC {
        let (len, rest) = rest.split_first_chunk()?;
        return rest.get(u32::from_le_bytes(*len) as usize..);
    }
    let (&descriptor, rest) = rest.split_first()?;
    if *magic != MAGIC || descriptor & FLAG_RESERVED != 0 {
        return None;
    }
    let is_single = descriptor & FLAG_SINGLE_SEGMENT != 0;
    // All content is kept, whatever the window.
    let (_, rest) = number(rest, usize::from(!is_single))?;
    let (dictionary, rest) = number(rest, [0, 1, 2, 4][usize::from(descriptor & 3)])?;
    let len_size = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
    let (stated_len, mut rest) = number(rest, len_size)?;
    if dictionary != 0 {
        return None;
    }
    let mut reader = block::Reader::default();
    loop {
        let (header, after) = number(rest, 3)?;
        let len = (header >> 3) as usize;
        let taken = if header >> 1 & 3 == 1 { 1 } else { len };
        let (block, after) = after.split_at_checked(taken)?;
        rest = after;
        if len > BLOCK_BYTES_MAX {
            return None;
        }
        match header >> 1 & 3 {
            0 => out.append(block)?,
            1 => out.append(&vec![block[0]; len])?,
            2 => reader.read(block, out)?,
            _ => return None,
        }
        if header & 1 == 1 {
            break;
        }
    }
    let content = out.written();
    // Two bytes count from 256 on.
    let stated_len = stated_len + if len_size == 2 { 256 } else { 0 };
    if len_size > 0 && stated_len != content.len() as u64 {
        return None;
    }
    if descriptor & FLAG_CHECKSUM == 0 {
        return Some(rest);
    }
    let (checksum, rest) = rest.split_first_chunk()?;
    (u32::from_le_bytes(*checksum) == xxhash::xxh64(content) as u32).then_some(rest)
}

fn number(bytes: &[u8], size: usize) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_at_checked(size)?;
    Some((number.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)), rest))
}

#[cfg(test)]
pub(super) mod tests;
