//! Finite state entropy (RFC 8878, 4.1): a table of states, each of which stands for a symbol and says how many bits
//! choose the next state.
//!
//! Never knows: what the symbols mean.

use crate::compression::bits::{Backward, Forward, Writer};

/// The greatest accuracy that any table may have.
const LOG_MAX: u32 = 9;

#[derive(Clone, Copy, Debug, Default)]
struct State {
    symbol: u8,
    bits: u8,
    base: u16,
}

#[derive(Clone, Debug)]
pub struct Table {
    states: Vec<State>,
    log: u32,
}

impl Table {
    /// One symbol, of which nothing needs to be said.
    pub fn of_one(symbol: u8) -> Table {
        Table { states: vec![State { symbol, bits: 0, base: 0 }], log: 0 }
    }

    /// The shares add up to a power of two; -1 is less than one, and counts as one.
    pub fn of_shares(shares: &[i16], log: u32) -> Table {
        let size = 1usize << log;
        let mut states = vec![State::default(); size];
        let mut high = size;
        for (symbol, _) in (0u8..=255).zip(shares).filter(|(_, share)| **share == -1) {
            high -= 1;
            states[high].symbol = symbol;
        }
        let mut at = 0;
        for (symbol, &share) in (0u8..=255).zip(shares) {
            for _ in 0..share.max(0) {
                states[at].symbol = symbol;
                loop {
                    at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1);
                    if at < high || high == 0 {
                        break;
                    }
                }
            }
        }
        let mut next: Vec<u16> = shares.iter().map(|share| share.unsigned_abs()).collect();
        for state in &mut states {
            let number = &mut next[usize::from(state.symbol)];
            let bits = log - number.ilog2();
            state.bits = bits as u8;
            state.base = (*number << bits) - size as u16;
            *number += 1;
        }
        Table { states, log }
    }

    /// Reads a table's description; answers what follows it.
    pub fn parse(bytes: &[u8], log_max: u32, symbols_max: usize) -> Option<(Table, &[u8])> {
        let mut input = Forward::new(bytes);
        let log = input.take(4) as u32 + 5;
        if log > log_max.min(LOG_MAX) {
            return None;
        }
        let mut left = 1u64 << log;
        let mut shares = Vec::with_capacity(symbols_max);
        while left > 0 {
            // A number up to `left + 1`; the smallest of them are said with one bit less.
            let bits = (left + 1).ilog2() + 1;
            let short = (1 << bits) - 1 - (left + 1);
            let mut value = input.peek(bits);
            let shorter = value & ((1 << (bits - 1)) - 1);
            if shorter < short {
                value = shorter;
                input.skip(bits - 1);
            } else {
                if value != shorter {
                    value -= short;
                }
                input.skip(bits);
            }
            let share = value as i16 - 1;
            shares.push(share);
            left = left.checked_sub(u64::from(share.unsigned_abs()))?;
            let mut more = if share == 0 { 3 } else { 0 };
            while more == 3 && shares.len() <= symbols_max {
                more = input.take(2);
                shares.resize(shares.len() + more as usize, 0);
            }
            if shares.len() > symbols_max {
                return None;
            }
        }
        Some((Table::of_shares(&shares, log), input.rest()?))
    }

    pub fn start(&self, input: &mut Backward<'_>) -> usize {
        input.take(self.log) as usize
    }

    pub fn symbol(&self, state: usize) -> u8 {
        self.states[state].symbol
    }

    pub fn next(&self, state: usize, input: &mut Backward<'_>) -> usize {
        let State { bits, base, .. } = self.states[state];
        usize::from(base) + input.take(bits.into()) as usize
    }
}

/// A table turned round: which state of a symbol leads to a given one.
pub struct Encoder {
    table: Table,
    /// By symbol and following state.
    before: Vec<Vec<u8>>,
}

impl Encoder {
    /// Of at most 256 states.
    pub fn new(table: Table, symbols: usize) -> Encoder {
        let mut before = vec![vec![0; table.states.len()]; symbols];
        for (at, state) in (0u8..=255).zip(&table.states) {
            let from = usize::from(state.base);
            before[usize::from(state.symbol)][from..from + (1 << state.bits)].fill(at);
        }
        Encoder { table, before }
    }

    /// Some state of the last symbol.
    pub fn last(&self, symbol: u8) -> usize {
        usize::from(self.before[usize::from(symbol)][0])
    }

    /// The state of the symbol that stands before `following`.
    pub fn before(&self, symbol: u8, following: usize, out: &mut Vec<u8>, bits: &mut Writer) -> usize {
        let at = usize::from(self.before[usize::from(symbol)][following]);
        let state = self.table.states[at];
        bits.put(out, (following - usize::from(state.base)) as u64, state.bits.into());
        at
    }

    pub fn first(&self, state: usize, out: &mut Vec<u8>, bits: &mut Writer) {
        bits.put(out, state as u64, self.table.log);
    }
}
