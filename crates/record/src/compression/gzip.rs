//! gzip (RFC 1952) as `java.util.zip` and zlib write it; several members in a row are one content.
//!
//! ```text
//! 1f 8b | 08 = deflate | flags u8 | time u32 | hints u8 | system u8
//! extra length u16, extra     if flag 2
//! name, 00                    if flag 3
//! comment, 00                 if flag 4
//! header crc u16              if flag 1
//! deflated content | crc-32 u32 | length u32        little-endian, all of it
//! ```
//!
//! Never knows: batches.

use super::output::Output;
use super::{DecompressError, deflate};
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use std::sync::LazyLock;

const HEADER_LEN: usize = 10;
const MAGIC_AND_METHOD: [u8; 3] = [0x1f, 0x8b, 8];
/// No flags, no time, no hints, system unknown.
const OUR_HEADER: [u8; HEADER_LEN] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0xe0;

static CRC_32: LazyLock<Crc<u32, Table<16>>> = LazyLock::new(|| Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC));

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() / 2 + 32);
    out.extend_from_slice(&OUR_HEADER);
    deflate::write(content, &mut out);
    out.extend_from_slice(&CRC_32.checksum(content).to_le_bytes());
    out.extend_from_slice(&(content.len() as u32).to_le_bytes());
    out
}

pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    let mut content = Vec::new();
    let mut rest = compressed;
    loop {
        let deflated = after_header(rest).ok_or_else(|| DecompressError::broken("no gzip header"))?;
        let mut out = Output::new(&mut content, bytes_max);
        let Some(trailer) = deflate::read(deflated, &mut out) else {
            return Err(out.error("the deflated stream is broken or cut short"));
        };
        let member = out.written();
        let (crc, trailer) = trailer.split_first_chunk().ok_or_else(cut_short)?;
        let (len, after) = trailer.split_first_chunk().ok_or_else(cut_short)?;
        if u32::from_le_bytes(*crc) != CRC_32.checksum(member) {
            return Err(DecompressError::broken("wrong checksum"));
        }
        if u32::from_le_bytes(*len) != member.len() as u32 {
            return Err(DecompressError::broken("wrong length"));
        }
        if after.is_empty() {
            return Ok(content);
        }
        rest = after;
    }
}

fn cut_short() -> DecompressError {
    DecompressError::broken("the stream is cut short")
}

/// What follows a member's header; `None` if it is none.
fn after_header(bytes: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let flags = header[3];
    if header[..3] != MAGIC_AND_METHOD || flags & FLAGS_RESERVED != 0 {
        return None;
    }
    if flags & FLAG_EXTRA != 0 {
        let (len, extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_everything() {
        let plain = compress(b"content");
        let mut header = OUR_HEADER.to_vec();
        header[3] = FLAG_HEADER_CRC | FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT;
        header.extend_from_slice(&[3, 0, 1, 2, 3]);
        header.extend_from_slice(b"name\0comment\0\xab\xcd");
        let full = [&header, &plain[HEADER_LEN..]].concat();
        assert_eq!(decompress(&full, 100).unwrap(), b"content");
        for len in 0..full.len() {
            assert!(decompress(&full[..len], 100).is_err(), "cut at {len}");
        }
    }
}
