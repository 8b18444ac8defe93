//! Codes of which only the lengths are said: of one length, they ascend with their symbols.
//!
//! Never knows: what the symbols mean.

use super::CODE_BITS_MAX;
use crate::compression::bits::Forward;

/// Each symbol's code, its first bit lowest as it stands in the stream, and its length. Zero bits: it has none.
pub fn codes(lengths: &[u8]) -> Vec<(u16, u8)> {
    let mut counts = [0u16; CODE_BITS_MAX + 1];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        counts[usize::from(length)] += 1;
    }
    let mut next = [0u16; CODE_BITS_MAX + 1];
    for bits in 1..CODE_BITS_MAX {
        next[bits + 1] = next[bits].wrapping_add(counts[bits]) << 1;
    }
    let code_of = |&length: &u8| {
        let next = &mut next[usize::from(length)];
        let code = *next;
        *next = next.wrapping_add(1);
        (code.reverse_bits() >> ((u16::BITS - u32::from(length)) % u16::BITS), length)
    };
    lengths.iter().map(code_of).collect()
}

/// Which symbol begins with these bits, and how many of them are its own: none if there is no such symbol.
pub struct Table {
    symbols: Vec<(u16, u8)>,
    bits_max: u32,
}

impl Table {
    /// `None` if there are more codes than their bits can tell apart, or bits that no code begins with. Only where
    /// there is at most one code it may be so.
    pub fn new(lengths: &[u8]) -> Option<Table> {
        let bits_max = u32::from(*lengths.iter().max()?);
        let all = 1usize << bits_max;
        let share = |bits: &u8| all >> bits;
        let used: usize = lengths.iter().filter(|&&bits| bits > 0).map(share).sum();
        if used > all || (used < all && bits_max > 1) {
            return None;
        }
        let mut symbols = vec![(0, 0); all];
        for (symbol, (code, bits)) in (0..).zip(codes(lengths)).filter(|(_, (_, bits))| *bits > 0) {
            for place in symbols[usize::from(code)..].iter_mut().step_by(1 << bits) {
                *place = (symbol, bits);
            }
        }
        Some(Table { symbols, bits_max })
    }

    pub fn read(&self, input: &mut Forward<'_>) -> Option<u16> {
        let (symbol, bits) = self.symbols[input.peek(self.bits_max) as usize];
        input.skip(bits.into());
        (bits > 0 && !input.is_beyond_end()).then_some(symbol)
    }
}

/// The lengths, at most `bits_max`, with which symbols that come so often take the fewest bits in all, or nearly.
pub fn lengths(counts: &[u32], bits_max: u8) -> Vec<u8> {
    // The more alike the counts are, the more alike become the lengths.
    for flattened in 0.. {
        let lengths = unbounded_lengths(counts, flattened);
        if lengths.iter().all(|&bits| bits <= bits_max) {
            return lengths;
        }
    }
    unreachable!("counts that are all alike have lengths that are")
}

/// The two lightest trees become one until one is left: each time, their symbols lie one deeper.
fn unbounded_lengths(counts: &[u32], flattened: u32) -> Vec<u8> {
    let mut lengths = vec![0; counts.len()];
    let is_used = |(_, count): &(usize, &u32)| **count > 0;
    let mut trees: Vec<(u32, Vec<usize>)> = (0..)
        .zip(counts)
        .filter(is_used)
        .map(|(symbol, count)| ((count >> flattened).max(1), vec![symbol]))
        .collect();
    if let [(_, only)] = trees.as_slice() {
        lengths[only[0]] = 1;
    }
    while trees.len() > 1 {
        let (weight, mut symbols) = take_lightest(&mut trees);
        let (other_weight, others) = take_lightest(&mut trees);
        symbols.extend(others);
        for &symbol in &symbols {
            lengths[symbol] += 1;
        }
        trees.push((weight + other_weight, symbols));
    }
    lengths
}

fn take_lightest(trees: &mut Vec<(u32, Vec<usize>)>) -> (u32, Vec<usize>) {
    let mut lightest = 0;
    for at in 1..trees.len() {
        if trees[at].0 < trees[lightest].0 {
            lightest = at;
        }
    }
    trees.swap_remove(lightest)
}
