//! Bits, low ones first. zstd's entropy-coded streams are written forwards and read from their end.
//!
//! Never knows: what the bits mean.

/// The bits from `from` on, at least 57 of them; zeros beyond the end.
fn word(bytes: &[u8], from: usize) -> u64 {
    let tail = bytes.get(from / 8..).unwrap_or_default();
    let word = match tail.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => tail.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    word >> (from % 8)
}

fn low(word: u64, count: u32) -> u64 {
    word & !(u64::MAX << count)
}

/// Reads from the first bit on.
pub struct Forward<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Forward<'a> {
    pub fn new(bytes: &'a [u8]) -> Forward<'a> {
        Forward { bytes, at: 0 }
    }

    pub fn peek(&self, count: u32) -> u64 {
        low(word(self.bytes, self.at), count)
    }

    pub fn skip(&mut self, count: u32) {
        self.at += count as usize;
    }

    pub fn take(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Whether bits were taken that are not there.
    pub fn is_beyond_end(&self) -> bool {
        self.at > self.bytes.len() * 8
    }

    /// What follows the last byte that was begun; `None` if that lies beyond the end.
    pub fn rest(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.at.div_ceil(8)..)
    }
}

/// Reads from the last bit on, which stands below the highest one of the last byte.
pub struct Backward<'a> {
    bytes: &'a [u8],
    /// So many bits are left; below zero, so many were taken that are not there.
    left: isize,
}

impl<'a> Backward<'a> {
    pub fn new(bytes: &'a [u8]) -> Option<Backward<'a>> {
        let mark = bytes.last()?.checked_ilog2()?;
        Some(Backward { bytes, left: (bytes.len() as isize - 1) * 8 + mark as isize })
    }

    pub fn left(&self) -> isize {
        self.left
    }

    /// At most 56 bits; zeros stand for those that are not there.
    pub fn peek(&self, count: u32) -> u64 {
        match usize::try_from(self.left - count as isize) {
            Ok(from) => low(word(self.bytes, from), count),
            Err(_) if self.left <= 0 => 0,
            Err(_) => low(word(self.bytes, 0), self.left as u32) << (count - self.left as u32),
        }
    }

    pub fn skip(&mut self, count: u32) {
        self.left -= count as isize;
    }

    pub fn take(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }
}

/// Appends to a vector.
#[derive(Default)]
pub struct Writer {
    word: u64,
    bits: u32,
}

impl Writer {
    /// At most 56 bits.
    pub fn put(&mut self, out: &mut Vec<u8>, value: u64, count: u32) {
        self.word |= value << self.bits;
        self.bits += count;
        while self.bits >= 8 {
            out.push(self.word as u8);
            self.word >>= 8;
            self.bits -= 8;
        }
    }

    /// Fills the last byte up with zeros.
    pub fn pad(&mut self, out: &mut Vec<u8>) {
        self.put(out, 0, self.bits.wrapping_neg() % 8);
    }

    /// Marks the end, for one who reads from there.
    pub fn end(mut self, out: &mut Vec<u8>) {
        self.put(out, 1, 1);
        self.pad(out);
    }
}
