//! Sequences (RFC 8878, 3.1.1.3.2): so many literals, then a match of a length at an offset. Each of the three numbers
//! is a code and bits behind it.
//!
//! Never knows: how codes are written.

/// A code of lengths stands for `1 << bits` numbers; each begins where the one before ends.
pub struct Lengths {
    first: u32,
    /// How many codes stand for one number each.
    single: u8,
    bits: &'static [u8],
}

pub const LITERALS: Lengths = Lengths {
    first: 0,
    single: 16,
    bits: &[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
};

pub const MATCHES: Lengths = Lengths {
    first: 3,
    single: 32,
    bits: &[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
};

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

impl Lengths {
    /// The least number of a code, and the bits that say how much is to be added.
    pub fn of_code(&self, code: u8) -> Option<(u32, u32)> {
        let Some(at) = code.checked_sub(self.single) else { return Some((self.first + u32::from(code), 0)) };
        let bits = *self.bits.get(usize::from(at))?;
        let before: u32 = self.bits[..usize::from(at)].iter().map(|bits| 1 << bits).sum();
        Some((self.first + u32::from(self.single) + before, bits.into()))
    }

    /// The code of a number, the bits behind it and how many.
    pub fn code_of(&self, number: u32) -> (u8, u64, u32) {
        let mut rest = number - self.first;
        if rest < u32::from(self.single) {
            return (rest as u8, 0, 0);
        }
        rest -= u32::from(self.single);
        for (code, &bits) in (self.single..).zip(self.bits) {
            if rest < 1 << bits {
                return (code, rest.into(), bits.into());
            }
            rest -= 1 << bits;
        }
        unreachable!("lengths end with the block")
    }
}
