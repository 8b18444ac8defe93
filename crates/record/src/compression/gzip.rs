//! gzip (RFC 1952) as `java.util.zip` and zlib write it; several members in a row are one content.

use super::{DecompressError, bounded};
use flate2::Compression as Level;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::io::Write;

pub(super) fn compress(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 2 + 32), Level::default());
    encoder.write_all(content).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

pub(super) fn decompress(compressed: &[u8], bytes_max: usize) -> Result<Vec<u8>, DecompressError> {
    bounded::read_to_end(MultiGzDecoder::new(compressed), bytes_max)
}
