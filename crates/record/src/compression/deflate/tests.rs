//! What another library says too.

use super::*;
use crate::compression::zstd::tests::mixed;
use flate2::Compression as Level;
use flate2::bufread::{DeflateDecoder, DeflateEncoder};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::Read;

fn noise(len: usize) -> Vec<u8> {
    let mut seed = 7u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Letters of which each comes half as often as the one before: lengths beyond what is allowed.
fn steep() -> Vec<u8> {
    (0..22u32).flat_map(|power| vec![b'a' + power as u8; 1 << (22 - power).min(14)]).rev().collect()
}

fn contents() -> Vec<Vec<u8>> {
    let mut contents: Vec<_> = [0, 1, 3, 4, 5, 300, 65_534, 65_535, 65_536, 200_000].map(mixed).into();
    contents.extend([1, 10, 258, 259, 260, 261, 516, 519, 70_000].map(|len| vec![b'x'; len]));
    contents.extend([1, 100, 65_535, 150_000].map(noise));
    contents.push(steep());
    contents
}

fn read_whole(deflated: &[u8], bytes_max: usize) -> Option<(Vec<u8>, usize)> {
    let mut content = Vec::new();
    let left = read(deflated, &mut Output::new(&mut content, bytes_max))?.len();
    Some((content, left))
}

#[test]
fn written_here_and_read_elsewhere() {
    for content in contents() {
        let mut deflated = Vec::new();
        write(&content, &mut deflated);
        let mut read_back = Vec::new();
        DeflateDecoder::new(&deflated[..]).read_to_end(&mut read_back).unwrap();
        assert!(read_back == content, "{} bytes", content.len());
        assert!(deflated.len() <= content.len() + 5 * content.len().div_ceil(BLOCK_BYTES_LEAST) + 6);
        deflated.extend_from_slice(b"more");
        assert!(read_whole(&deflated, content.len()) == Some((content, 4)));
    }
}

const BLOCK_BYTES_LEAST: usize = 60_000;

#[test]
fn written_elsewhere_and_read_here() {
    for content in contents() {
        for level in [0, 1, 6, 9] {
            let mut deflated = Vec::new();
            DeflateEncoder::new(&content[..], Level::new(level)).read_to_end(&mut deflated).unwrap();
            assert!(read_whole(&deflated, content.len()) == Some((content.clone(), 0)), "{}", content.len());
            if let Some(too_few) = content.len().checked_sub(1) {
                assert!(read_whole(&deflated, too_few).is_none());
            }
            for cut in (0..deflated.len()).step_by(deflated.len() / 50 + 1) {
                assert!(read_whole(&deflated[..cut], content.len()).is_none(), "cut at {cut}");
            }
        }
    }
}

/// Of what is damaged, both say that it is, or read the same.
#[test]
fn damaged() {
    let content = mixed(2000);
    let mut deflated = Vec::new();
    write(&content, &mut deflated);
    for at in 0..deflated.len() {
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut damaged = deflated.clone();
            damaged[at] ^= flip;
            let mut elsewhere = Vec::with_capacity(20_000);
            let status =
                Decompress::new(false).decompress_vec(&damaged, &mut elsewhere, FlushDecompress::Finish);
            let elsewhere = matches!(status, Ok(Status::StreamEnd)).then_some(elsewhere);
            let here = read_whole(&damaged, 20_000).map(|(content, _)| content);
            assert!(here == elsewhere, "{flip} at {at}: {status:?}");
        }
    }
}

/// Not worse than the other library at its fastest.
#[test]
fn small() {
    for content in [mixed(200_000), steep(), mixed(3000)] {
        let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
        write(&content, &mut here);
        DeflateEncoder::new(&content[..], Level::new(1)).read_to_end(&mut elsewhere).unwrap();
        assert!(here.len() <= elsewhere.len(), "{} here, {} elsewhere", here.len(), elsewhere.len());
    }
}
