//! Lengths and offsets as codes with bits behind them, as deflate and zstd write them.
//!
//! Never knows: how codes are written.

/// Codes of one number each, then such as stand for `1 << bits` numbers; each begins where the one before ends.
pub struct Lengths {
    first: u32,
    /// How many codes stand for one number each.
    single: u8,
    bits: &'static [u8],
    /// Where the codes that have bits behind them begin.
    bases: [u32; BASES_MAX],
}

const BASES_MAX: usize = 26;

impl Lengths {
    pub const fn new(first: u32, single: u8, bits: &'static [u8]) -> Lengths {
        let mut bases = [0; BASES_MAX];
        let mut base = first + single as u32;
        let mut at = 0;
        while at < bits.len() {
            bases[at] = base;
            base += 1 << bits[at];
            at += 1;
        }
        Lengths { first, single, bits, bases }
    }

    /// The least number of a code, and the bits that say how much is to be added.
    pub fn of_code(&self, code: u8) -> Option<(u32, u32)> {
        let Some(at) = code.checked_sub(self.single) else { return Some((self.first + u32::from(code), 0)) };
        let bits = *self.bits.get(usize::from(at))?;
        Some((self.bases[usize::from(at)], bits.into()))
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
