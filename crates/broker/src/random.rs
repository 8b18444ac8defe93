//! Chance, from the seed that the host handed in (SplitMix64). Ids come from here, secrets do not.

use tablog_record::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A topic or cluster id. One that begins with `-` is drawn again: it would be taken for an option.
    pub fn uuid(&mut self) -> Uuid {
        loop {
            let id = Uuid::from_random(self.next(), self.next());
            if !id.to_string().starts_with('-') {
                return id;
            }
        }
    }
}
