//! Sequences (RFC 8878, 3.1.1.3.2): so many literals, then a match of a length at an offset. Each of the three numbers
//! is a code and bits behind it.
//!
//! Never knows: how codes are written.

use crate::compression::lengths::Lengths;

pub static LITERALS: Lengths =
    Lengths::new(0, 16, &[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

pub static MATCHES: Lengths =
    Lengths::new(3, 32, &[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

/// What one kind of number is coded with.
pub struct Kind {
    pub log_max: u32,
    pub symbols: usize,
    pub default_log: u32,
    pub default_shares: &'static [i16],
}

pub const LITERALS_KIND: Kind = Kind {
    log_max: 9,
    symbols: 36,
    default_log: 6,
    default_shares: &[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1,
        -1, -1, -1,
    ],
};

pub const OFFSETS_KIND: Kind = Kind {
    log_max: 8,
    symbols: 32,
    default_log: 5,
    default_shares: &[
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
    ],
};

pub const MATCHES_KIND: Kind = Kind {
    log_max: 9,
    symbols: 53,
    default_log: 6,
    default_shares: &[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
};
