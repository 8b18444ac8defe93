//! Huffman-coded literals (RFC 8878, 4.2).
//!
//! Never knows: blocks, sequences.

use super::fse;
use crate::compression::bits::Backward;

const CODE_BITS_MAX: u32 = 11;
const WEIGHTS_LOG_MAX: u32 = 6;
const SYMBOLS_MAX: usize = 256;

/// Which symbol begins with these bits, and how many of them are its own.
#[derive(Clone, Debug)]
pub struct Table {
    codes: Vec<(u8, u8)>,
    bits_max: u32,
}

impl Table {
    /// Reads a table's description; answers what follows it.
    pub fn parse(bytes: &[u8]) -> Option<(Table, &[u8])> {
        let (&header, bytes) = bytes.split_first()?;
        if header < 128 {
            let (described, rest) = bytes.split_at_checked(header.into())?;
            return Some((Table::of_weights(compressed_weights(described)?)?, rest));
        }
        let count = usize::from(header - 127);
        let (described, rest) = bytes.split_at_checked(count.div_ceil(2))?;
        let mut weights: Vec<u8> = described.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
        weights.truncate(count);
        Some((Table::of_weights(weights)?, rest))
    }

    /// The last symbol's weight is not said: it is what is missing.
    fn of_weights(mut weights: Vec<u8>) -> Option<Table> {
        let mut sum = 0u32;
        for &weight in &weights {
            if u32::from(weight) > CODE_BITS_MAX {
                return None;
            }
            sum += (1 << weight) >> 1;
        }
        let bits_max = sum.checked_ilog2()? + 1;
        let missing = (1 << bits_max) - sum;
        if bits_max > CODE_BITS_MAX || !missing.is_power_of_two() || weights.len() >= SYMBOLS_MAX {
            return None;
        }
        weights.push(missing.ilog2() as u8 + 1);
        let mut codes = Vec::with_capacity(1 << bits_max);
        for weight in 1..=bits_max as u8 {
            for (symbol, _) in (0u8..=255).zip(&weights).filter(|(_, is)| **is == weight) {
                let len = codes.len() + (1 << (weight - 1));
                codes.resize(len, (symbol, bits_max as u8 + 1 - weight));
            }
        }
        (codes.len() == 1 << bits_max).then_some(Table { codes, bits_max })
    }

    /// Appends the symbols of one stream, which has `count` of them and nothing else.
    pub fn read(&self, stream: &[u8], count: usize, out: &mut Vec<u8>) -> Option<()> {
        let mut input = Backward::new(stream)?;
        for _ in 0..count {
            let (symbol, bits) = self.codes[input.peek(self.bits_max) as usize];
            input.skip(bits.into());
            out.push(symbol);
        }
        (input.left() == 0).then_some(())
    }
}

/// Two states take turns until the bits are used up.
fn compressed_weights(described: &[u8]) -> Option<Vec<u8>> {
    let (table, stream) = fse::Table::parse(described, WEIGHTS_LOG_MAX, CODE_BITS_MAX as usize + 1)?;
    let mut input = Backward::new(stream)?;
    let mut state = table.start(&mut input);
    let mut other = table.start(&mut input);
    let mut weights = Vec::new();
    while weights.len() < SYMBOLS_MAX {
        weights.push(table.symbol(state));
        let next = table.next(state, &mut input);
        if input.left() < 0 {
            weights.push(table.symbol(other));
            return Some(weights);
        }
        state = std::mem::replace(&mut other, next);
    }
    None
}
