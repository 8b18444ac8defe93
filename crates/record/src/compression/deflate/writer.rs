//! Writing: each block in the way that takes it the fewest bits.
//!
//! Never knows: what stands before and behind the stream.

use super::huffman::{codes, lengths};
use super::{
    CODE_BITS_MAX, DESCRIPTION_ORDER, DISTANCE_SYMBOLS, DISTANCES, END, FIRST_LENGTH, LENGTHS,
    LITERAL_SYMBOLS, LONGEST, LONGEST_SYMBOL, MANY_ZEROS, ZEROS, known_codes,
};
use crate::compression::bits::Writer;
use crate::compression::matches::Seen;

/// No bytes that stay as they are have a longer length.
const BLOCK_BYTES: usize = 0xffff;
const WINDOW_BYTES: usize = 32 * 1024;
const LENGTH_MIN: u32 = 3;
const DESCRIPTION_BITS_MAX: u8 = 7;
/// What stands before a description: how many symbols it has of each kind, and what describes its own code.
const DESCRIPTION_HEADER_BITS: u32 = 14 + 3 * DESCRIPTION_ORDER.len() as u32;

/// Distances are numbered on from literals, of which the codes that everyone knows have two that stand for nothing.
const FIRST_DISTANCE: usize = LITERAL_SYMBOLS + 2;

const STORED: u64 = 0;
const KNOWN: u64 = 1;
const DESCRIBED: u64 = 2;

/// A symbol and the bits behind it.
struct Symbol {
    symbol: usize,
    more: u64,
    more_bits: u32,
}

pub fn write(content: &[u8], out: &mut Vec<u8>) {
    let mut seen = Seen::new();
    let mut bits = Writer::default();
    let mut from = 0;
    loop {
        let to = content.len().min(from + BLOCK_BYTES);
        bits.put(out, u64::from(to == content.len()), 1);
        write_block(&content[from..to], &symbols(content, from, to, &mut seen), &mut bits, out);
        if to == content.len() {
            break;
        }
        from = to;
    }
    bits.pad(out);
}

fn write_block(content: &[u8], symbols: &[Symbol], bits: &mut Writer, out: &mut Vec<u8>) {
    let mut counts = [0; FIRST_DISTANCE + DISTANCE_SYMBOLS];
    let mut more_bits = 0;
    for symbol in symbols {
        counts[symbol.symbol] += 1;
        more_bits += symbol.more_bits;
    }
    let cost = |lengths: &[u8]| -> u32 {
        counts.iter().zip(lengths).map(|(count, bits)| count * u32::from(*bits)).sum()
    };

    let (mut known, known_distances) = known_codes();
    known.extend(known_distances);

    let (literal_counts, distance_counts) = counts.split_at(FIRST_DISTANCE);
    let mut described = lengths(literal_counts, CODE_BITS_MAX as u8);
    described.extend(lengths(distance_counts, CODE_BITS_MAX as u8));
    let description =
        Description::new(&[&described[..LITERAL_SYMBOLS], &described[FIRST_DISTANCE..]].concat());

    let known_cost = more_bits + cost(&known);
    let described_cost = more_bits + cost(&described) + description.cost();
    if known_cost.min(described_cost) / 8 >= content.len() as u32 + 4 {
        bits.put(out, STORED, 2);
        bits.pad(out);
        let len = content.len() as u16;
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(content);
        return;
    }
    let lengths = if known_cost <= described_cost {
        bits.put(out, KNOWN, 2);
        known
    } else {
        bits.put(out, DESCRIBED, 2);
        description.write(bits, out);
        described
    };
    let (literals, distances) = lengths.split_at(FIRST_DISTANCE);
    write_symbols(symbols, &[codes(literals), codes(distances)].concat(), bits, out);
}

fn write_symbols(symbols: &[Symbol], codes: &[(u16, u8)], bits: &mut Writer, out: &mut Vec<u8>) {
    for symbol in symbols {
        let (code, length) = codes[symbol.symbol];
        bits.put(out, code.into(), length.into());
        bits.put(out, symbol.more, symbol.more_bits);
    }
}

/// What makes `content[from..to]` of what is before it.
fn symbols(content: &[u8], from: usize, to: usize, seen: &mut Seen) -> Vec<Symbol> {
    let plain = |symbol: usize| Symbol { symbol, more: 0, more_bits: 0 };
    let literal = |byte: &u8| plain((*byte).into());
    let mut symbols = Vec::with_capacity((to - from) / 2);
    let mut at = from;
    for sequence in seen.find(content, from, to, WINDOW_BYTES) {
        symbols.extend(content[at..][..sequence.literal_len as usize].iter().map(literal));
        at += (sequence.literal_len + sequence.match_len) as usize;
        let mut left = sequence.match_len;
        while left > 0 {
            // What is left over must be long enough as well.
            let now = if left > LONGEST { LONGEST.min(left - LENGTH_MIN) } else { left };
            if now == LONGEST {
                symbols.push(plain(LONGEST_SYMBOL.into()));
            } else {
                let (code, more, more_bits) = LENGTHS.code_of(now);
                symbols.push(Symbol {
                    symbol: usize::from(FIRST_LENGTH) + usize::from(code),
                    more,
                    more_bits,
                });
            }
            let (code, more, more_bits) = DISTANCES.code_of(sequence.offset);
            symbols.push(Symbol { symbol: FIRST_DISTANCE + usize::from(code), more, more_bits });
            left -= now;
        }
    }
    symbols.extend(content[at..to].iter().map(literal));
    symbols.push(plain(END.into()));
    symbols
}

/// Lengths of codes, in a code of their own.
struct Description {
    symbols: Vec<Symbol>,
    lengths: Vec<u8>,
}

impl Description {
    fn new(described: &[u8]) -> Description {
        let mut symbols = Vec::new();
        for run in described.chunk_by(|one, other| one == other) {
            let mut left = run.len();
            while left > 0 {
                let (symbol, more, more_bits, now) = match (run[0], left) {
                    (0, 11..) => (MANY_ZEROS.into(), left.min(138) - 11, 7, left.min(138)),
                    (0, 3..) => (ZEROS.into(), left - 3, 3, left),
                    (length, _) => (length.into(), 0, 0, 1),
                };
                symbols.push(Symbol { symbol, more: more as u64, more_bits });
                left -= now;
            }
        }
        let mut counts = [0; DESCRIPTION_ORDER.len()];
        for symbol in &symbols {
            counts[symbol.symbol] += 1;
        }
        Description { symbols, lengths: lengths(&counts, DESCRIPTION_BITS_MAX) }
    }

    fn cost(&self) -> u32 {
        let cost_of = |symbol: &Symbol| u32::from(self.lengths[symbol.symbol]) + symbol.more_bits;
        DESCRIPTION_HEADER_BITS + self.symbols.iter().map(cost_of).sum::<u32>()
    }

    fn write(&self, bits: &mut Writer, out: &mut Vec<u8>) {
        bits.put(out, LITERAL_SYMBOLS as u64 - 257, 5);
        bits.put(out, DISTANCE_SYMBOLS as u64 - 1, 5);
        bits.put(out, DESCRIPTION_ORDER.len() as u64 - 4, 4);
        for symbol in DESCRIPTION_ORDER {
            bits.put(out, self.lengths[symbol].into(), 3);
        }
        write_symbols(&self.symbols, &codes(&self.lengths), bits, out);
    }
}
