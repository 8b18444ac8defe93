//! Which partition a key goes to: Kafka's default partitioner, murmur2 over the key, masked positive, modulo
//! partitions. The page shows it before a record is sent; the producer does it again.

pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    if partitions <= 0 { 0 } else { positive(key) % partitions }
}

/// The hash with its sign masked off.
pub fn positive(key: &[u8]) -> i32 {
    murmur2(key) & 0x7fff_ffff
}

fn murmur2(data: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut h: u32 = 0x9747_b28c ^ data.len() as u32;
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).wrapping_mul(M);
        k ^= k >> 24;
        h = h.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    for (i, byte) in rest.iter().enumerate() {
        h ^= u32::from(*byte) << (8 * i);
    }
    if !rest.is_empty() {
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    (h ^ (h >> 15)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_java_client() {
        assert_eq!(murmur2(b"21"), -973_932_308);
        assert_eq!(murmur2(b"foobar"), -790_332_482);
        assert_eq!(murmur2(b"a-little-bit-long-string"), -985_981_536);
        assert_eq!(murmur2(b"abc"), 479_470_107);
        assert_eq!(partition_of(b"DFW", 6), 1);
        assert_eq!(partition_of(b"HNL", 6), 2);
    }
}
