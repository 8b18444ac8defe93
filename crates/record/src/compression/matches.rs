//! Finding what was there before, with one table of hashes: fast, small, and good enough for every format here.
//!
//! Never knows: how it is written down.

const HASH_LOG: u32 = 14;
const MATCH_BYTES_MIN: usize = 4;
/// The longer nothing is found, the larger the steps become.
const PATIENCE_LOG: u32 = 6;

/// So many bytes as they are, then so many again of those `offset` bytes ago.
pub struct Sequence {
    pub literal_len: u32,
    pub match_len: u32,
    pub offset: u32,
}

/// Where four bytes were seen last.
pub struct Seen(Vec<u32>);

impl Seen {
    pub fn new() -> Seen {
        Seen(vec![u32::MAX; 1 << HASH_LOG])
    }

    /// What makes `content[from..to]` of the `window` bytes before each place. Literals may be left behind the last.
    pub fn find(&mut self, content: &[u8], from: usize, to: usize, window: usize) -> Vec<Sequence> {
        let content = &content[..to];
        let mut sequences = Vec::new();
        let (mut at, mut done) = (from, from);
        while let Some(four) = content.get(at..).and_then(<[u8]>::first_chunk::<MATCH_BYTES_MIN>) {
            let before = self.replace(*four, at);
            let is_near = before < at && at - before < window;
            if !is_near || !content[before..].starts_with(four) {
                at += 1 + ((at - done) >> PATIENCE_LOG);
                continue;
            }
            let same =
                content[at..].iter().zip(&content[before..]).take_while(|(one, other)| one == other).count();
            sequences.push(Sequence {
                literal_len: (at - done) as u32,
                match_len: same as u32,
                offset: (at - before) as u32,
            });
            at += same;
            done = at;
        }
        sequences
    }

    fn replace(&mut self, four: [u8; 4], at: usize) -> usize {
        let hash = u32::from_le_bytes(four).wrapping_mul(2_654_435_761) >> (u32::BITS - HASH_LOG);
        std::mem::replace(&mut self.0[hash as usize], at as u32) as usize
    }
}
