//! Deflate (RFC 1951), what gzip holds: read in whole, written with matches that are found fast.
//!
//! ```text
//! block:   last: 1 bit, kind: 2 bits | kind 0 to a whole byte, length u16, !length u16, bytes as they are
//!                                    | kind 1 symbols, in codes that everyone knows
//!                                    | kind 2 descriptions of two codes, symbols
//! symbol:  a literal, the block's end, or a length and bits behind it, then a distance and bits behind it
//! ```
//!
//! Never knows: what the content is, and what stands before and behind it.

mod huffman;
mod writer;

use super::bits::Forward;
use super::lengths::Lengths;
use super::output::Output;
use huffman::Table;

pub(super) use writer::write;

const END: u16 = 256;
const FIRST_LENGTH: u16 = 257;
/// Literals, the end and lengths; then distances.
const LITERAL_SYMBOLS: usize = 286;
const DISTANCE_SYMBOLS: usize = 30;
const CODE_BITS_MAX: usize = 15;

/// Of lengths up to 257. The longest of all has a symbol of its own.
static LENGTHS: Lengths = Lengths::new(3, 8, &[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]);
const LONGEST_SYMBOL: u16 = 285;
const LONGEST: u32 = 258;

static DISTANCES: Lengths = Lengths::new(
    1,
    4,
    &[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
);

/// In this order the code of a description's own code is described: who needs few of them leaves out the last.
const DESCRIPTION_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const REPEAT: u16 = 16;
const ZEROS: u16 = 17;
const MANY_ZEROS: u16 = 18;

/// The codes that everyone knows, as bits of each symbol; of literals two are known that never stand for anything.
fn known_codes() -> (Vec<u8>, Vec<u8>) {
    let runs = [(8, 144), (9, 112), (7, 24), (8, 8)];
    (runs.iter().flat_map(|&(bits, count)| vec![bits; count]).collect(), vec![5; 32])
}

/// Reads to the end of the last block; answers what follows. `None` if it is broken, or there is no room for it.
pub(super) fn read<'a>(bytes: &'a [u8], out: &mut Output<'_>) -> Option<&'a [u8]> {
    let mut input = Forward::new(bytes);
    loop {
        let is_last = input.take(1) == 1;
        match input.take(2) {
            0 => input = stored(&input, out)?,
            1 => {
                let (literals, distances) = known_codes();
                symbols(&mut input, &Table::new(&literals)?, &Table::new(&distances)?, out)?;
            }
            2 => {
                let (literals, distances) = described_codes(&mut input)?;
                symbols(&mut input, &literals, &distances, out)?;
            }
            _ => return None,
        }
        if is_last {
            return input.rest();
        }
    }
}

fn stored<'a>(input: &Forward<'a>, out: &mut Output<'_>) -> Option<Forward<'a>> {
    let (&[low, high, not_low, not_high], rest) = input.rest()?.split_first_chunk()?;
    if [!low, !high] != [not_low, not_high] {
        return None;
    }
    let (content, rest) = rest.split_at_checked(u16::from_le_bytes([low, high]).into())?;
    out.append(content)?;
    Some(Forward::new(rest))
}

fn symbols(input: &mut Forward<'_>, literals: &Table, distances: &Table, out: &mut Output<'_>) -> Option<()> {
    loop {
        let symbol = literals.read(input)?;
        if symbol < END {
            out.push(symbol as u8)?;
            continue;
        }
        if symbol == END {
            return Some(());
        }
        let len = match symbol {
            LONGEST_SYMBOL => LONGEST as usize,
            _ => number(input, &LENGTHS, symbol - FIRST_LENGTH)?,
        };
        let distance = distances.read(input)?;
        out.repeat(number(input, &DISTANCES, distance)?, len)?;
    }
}

fn number(input: &mut Forward<'_>, kind: &Lengths, symbol: u16) -> Option<usize> {
    let (least, bits) = kind.of_code(symbol as u8)?;
    Some(least as usize + input.take(bits) as usize)
}

/// Two codes: how many bits each symbol has, in a code that is described itself.
fn described_codes(input: &mut Forward<'_>) -> Option<(Table, Table)> {
    let literals = input.take(5) as usize + 257;
    let distances = input.take(5) as usize + 1;
    let described = input.take(4) as usize + 4;
    if literals > LITERAL_SYMBOLS || distances > DISTANCE_SYMBOLS {
        return None;
    }
    let mut bits = [0; DESCRIPTION_ORDER.len()];
    for &symbol in &DESCRIPTION_ORDER[..described] {
        bits[symbol] = input.take(3) as u8;
    }
    let table = Table::new(&bits)?;
    let mut bits = Vec::with_capacity(literals + distances);
    while bits.len() < literals + distances {
        let (bit, count) = match table.read(input)? {
            REPEAT => (*bits.last()?, 3 + input.take(2)),
            ZEROS => (0, 3 + input.take(3)),
            MANY_ZEROS => (0, 11 + input.take(7)),
            symbol => (symbol as u8, 1),
        };
        bits.resize(bits.len() + count as usize, bit);
    }
    if bits.len() > literals + distances || bits[usize::from(END)] == 0 {
        return None;
    }
    let (literals, distances) = bits.split_at(literals);
    Some((Table::new(literals)?, Table::new(distances)?))
}

#[cfg(test)]
mod tests;
