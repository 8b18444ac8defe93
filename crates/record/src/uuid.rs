//! Kafka's uuid: 16 bytes, written as URL-safe base64 without padding.

use std::fmt;

/// A topic id, cluster id, directory id or incarnation.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// No id: what a message carries where a topic is named instead.
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// A random (version 4) uuid from two words of somebody's seed. Reserved values and those that would
    /// begin with `-` (awkward on command lines) are avoided by the caller drawing again.
    pub fn from_random(high: u64, low: u64) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high.to_be_bytes());
        bytes[8..].copy_from_slice(&low.to_be_bytes());
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid(bytes)
    }

    pub fn is_zero(self) -> bool {
        self == Uuid::ZERO
    }

    /// Reads the 22 characters that `Display` writes.
    pub fn parse(text: &str) -> Option<Uuid> {
        if text.len() != 22 {
            return None;
        }
        let mut bits: u128 = 0;
        for (index, byte) in text.bytes().enumerate() {
            let value = ALPHABET.iter().position(|&letter| letter == byte)? as u128;
            // The last letter carries two bits of the id and four that must be zero.
            bits = if index < 21 {
                (bits << 6) | value
            } else if value & 0x0f == 0 {
                (bits << 2) | (value >> 4)
            } else {
                return None;
            };
        }
        Some(Uuid(bits.to_be_bytes()))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
        for index in 0..21 {
            let value = (bits >> (122 - 6 * index)) & 0x3f;
            write!(f, "{}", ALPHABET[value as usize] as char)?;
        }
        write!(f, "{}", ALPHABET[((bits & 0x03) << 4) as usize] as char)
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_through_text() {
        let id = Uuid::from_random(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(Uuid::parse(&id.to_string()), Some(id));
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn refuses_what_is_no_uuid() {
        for text in ["", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAA+A"] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
    }
}
