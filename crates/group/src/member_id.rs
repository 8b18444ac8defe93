//! Member ids: what the client calls itself, a dash, and a random uuid.
//!
//! Never knows: a random source; it is given a seed. Two shards with one seed give out the same ids.

use tablog_record::Uuid;

use crate::limits;

#[derive(Clone, Debug)]
pub(crate) struct MemberIds {
    state: u64,
}

impl MemberIds {
    pub fn new(seed: u64) -> MemberIds {
        MemberIds { state: seed }
    }

    /// Named for the instance of a static member, for the client otherwise.
    pub fn draw(&mut self, client_id: &str, group_instance_id: Option<&str>) -> String {
        let name = cut(group_instance_id.unwrap_or(client_id), limits::CLIENT_BYTES_MAX);
        let high = (self.next() & !0xf000) | 0x4000;
        let low = (self.next() & !(0b11 << 62)) | (0b10 << 62);
        let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xffff);
        format!("{name}-{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
    }

    /// A uuid as Apache Kafka writes it, which is what it calls the members of consumer groups.
    pub fn draw_uuid(&mut self) -> String {
        loop {
            let id = Uuid::from_random(self.next(), self.next()).to_string();
            if !id.starts_with('-') {
                return id;
            }
        }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The longest beginning of at most `bytes_max` bytes.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
