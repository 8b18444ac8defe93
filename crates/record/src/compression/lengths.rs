//! Lengths and offsets as codes with bits behind them, as deflate and zstd write them.
//!
//! Never knows: how codes are written.

/// A code of lengths stands for `1 << bits` numbers; each begins where the one before ends.
pub struct Lengths {
    pub first: u32,
    /// How many codes stand for one number each.
    pub single: u8,
    pub bits: &'static [u8],
}

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
