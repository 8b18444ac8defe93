//! What the reference library would say too.

use super::*;

/// Content that is compressed in every way: repeats near and far, text, noise.
pub fn mixed(len: usize) -> Vec<u8> {
    let mut seed = 7u32;
    let mut content = Vec::new();
    while content.len() < len {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match seed >> 29 {
            0 => content.extend((0..seed >> 24 & 63).map(|at| (seed >> (at % 24)) as u8)),
            1 => content.extend_from_slice(&vec![seed as u8; (seed >> 8 & 0x1ff) as usize]),
            2 => content
                .extend_from_within(content.len() / 3..content.len() / 3 + (content.len() / 5).min(900)),
            _ => content
                .extend_from_slice(format!("{{\"flight\": {}, \"gate\": \"B\"}}", seed >> 20).as_bytes()),
        }
    }
    content.truncate(len);
    content
}

#[test]
fn written_and_read() {
    for len in [0, 1, 3, 4, 5, 100, 1000, BLOCK_BYTES_MAX - 1, BLOCK_BYTES_MAX, BLOCK_BYTES_MAX + 1, 700_000]
    {
        let content = mixed(len);
        let compressed = compress(&content);
        assert_eq!(decompress(&compressed, len).unwrap(), content, "{len} bytes");
        assert!(len < 1000 || compressed.len() < len / 2, "{len} bytes become {}", compressed.len());
        if len > 0 {
            assert!(matches!(decompress(&compressed, len - 1), Err(DecompressError::TooLarge)));
        }
    }
    let same = vec![b'x'; 1_000_000];
    let compressed = compress(&same);
    assert!(compressed.len() < 300, "{}", compressed.len());
    assert_eq!(decompress(&compressed, 1_000_000).unwrap(), same);
}

/// Bytes changed and cut anywhere: an error, another content, never a panic, never more than the bound.
#[test]
fn damaged() {
    let compressed = compress(&mixed(3000));
    for at in 0..compressed.len() {
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut damaged = compressed.clone();
            damaged[at] ^= flip;
            if let Ok(content) = decompress(&damaged, 10_000) {
                assert!(content.len() <= 10_000);
            }
        }
        assert!(decompress(&compressed[..at], 10_000).is_err(), "cut at {at}");
    }
}
