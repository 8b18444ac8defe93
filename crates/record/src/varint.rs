//! Variable-length integers: seven bits a byte, least significant first, the high bit saying "more follows".
//! Signed ones are zigzag-coded, so that small negatives stay short.
//!
//! Never knows: what the numbers mean.

/// The longest encodings: 5 bytes of 7 bits for 32 bits, 10 for 64.
pub const VARINT_BYTES_MAX: usize = 5;
pub const VARLONG_BYTES_MAX: usize = 10;

/// Reads an unsigned 32-bit number; the number and how many bytes it took. `None` if cut short or too long.
pub fn read_unsigned(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value: u32 = 0;
    for (index, &byte) in bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
        // The fifth byte has room for the four highest bits only.
        if index == VARINT_BYTES_MAX - 1 && byte > 0x0f {
            return None;
        }
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Reads an unsigned 64-bit number.
pub fn read_unsigned_long(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value: u64 = 0;
    for (index, &byte) in bytes.iter().take(VARLONG_BYTES_MAX).enumerate() {
        if index == VARLONG_BYTES_MAX - 1 && byte > 0x01 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Reads a zigzag-coded 32-bit number.
#[inline]
pub fn read_varint(bytes: &[u8]) -> Option<(i32, usize)> {
    let (value, len) = read_unsigned(bytes)?;
    Some((((value >> 1) as i32) ^ -((value & 1) as i32), len))
}

/// Reads a zigzag-coded 64-bit number.
#[inline]
pub fn read_varlong(bytes: &[u8]) -> Option<(i64, usize)> {
    let (value, len) = read_unsigned_long(bytes)?;
    Some((((value >> 1) as i64) ^ -((value & 1) as i64), len))
}

pub fn write_unsigned(out: &mut Vec<u8>, value: u32) {
    write_unsigned_long(out, u64::from(value));
}

pub fn write_unsigned_long(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn write_varint(out: &mut Vec<u8>, value: i32) {
    write_unsigned(out, zigzag(value));
}

pub fn write_varlong(out: &mut Vec<u8>, value: i64) {
    write_unsigned_long(out, zigzag_long(value));
}

/// How many bytes `write_varint` takes.
pub fn varint_len(value: i32) -> usize {
    unsigned_len(u64::from(zigzag(value)))
}

/// How many bytes `write_varlong` takes.
pub fn varlong_len(value: i64) -> usize {
    unsigned_len(zigzag_long(value))
}

fn unsigned_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn zigzag_long(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trips(int: i32, long: i64) {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, int);
            prop_assert_eq!(bytes.len(), varint_len(int));
            prop_assert_eq!(read_varint(&bytes), Some((int, bytes.len())));
            prop_assert_eq!(read_varint(&bytes[..bytes.len() - 1]), None);
            bytes.clear();
            write_varlong(&mut bytes, long);
            prop_assert_eq!(bytes.len(), varlong_len(long));
            prop_assert_eq!(read_varlong(&bytes), Some((long, bytes.len())));
        }

        #[test]
        fn any_bytes(bytes: Vec<u8>) {
            if let Some((_, len)) = read_varint(&bytes) { prop_assert!(len <= bytes.len()); }
            if let Some((_, len)) = read_varlong(&bytes) { prop_assert!(len <= bytes.len()); }
        }
    }

    #[test]
    fn extremes() {
        for value in [0, -1, 1, 63, -64, 64, i32::MAX, i32::MIN] {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, value);
            assert_eq!(read_varint(&bytes), Some((value, bytes.len())));
        }
        assert_eq!(read_varint(&[0xff; 6]), None);
        assert_eq!(read_varlong(&[0xff; 12]), None);
        assert_eq!(read_varint(&[0xff, 0xff, 0xff, 0xff, 0x1f]), None, "33 bits");
    }
}
