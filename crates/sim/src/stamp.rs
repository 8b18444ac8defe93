//! What a producer writes, so that a reader knows it again: who wrote it, its number, how it was to be acknowledged.
//!
//! ```text
//! <producer>-<sequence>-<acks>-<padding>
//! ```

use bytes::Bytes;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Each life of a client has its own number.
    pub producer: u32,
    pub sequence: u64,
    pub promise: Promise,
}

/// What an acknowledgement means for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// acks=0.
    None,
    /// acks=1: survives the process.
    Relaxed,
    /// acks=all, without idempotence: survives the machine, may be there twice.
    AtLeastOnce,
    /// acks=all and idempotent: survives the machine, is there once and in order.
    ExactlyOnce,
}

impl Promise {
    const ALL: [(Promise, &'static str); 4] = [
        (Promise::None, "none"),
        (Promise::Relaxed, "relaxed"),
        (Promise::AtLeastOnce, "least"),
        (Promise::ExactlyOnce, "once"),
    ];

    pub fn survives_power_loss(self) -> bool {
        matches!(self, Promise::AtLeastOnce | Promise::ExactlyOnce)
    }
}

impl Stamp {
    pub fn value(self, padding: usize) -> Bytes {
        let mut text = format!("{self}-").into_bytes();
        // Not compressible to nothing, not random either.
        text.extend((0..padding as u64).map(|index| b'a' + ((self.sequence ^ (index * index)) % 23) as u8));
        text.into()
    }

    pub fn read(value: &[u8]) -> Option<Stamp> {
        let mut parts = value.splitn(4, |&byte| byte == b'-');
        let mut part = || std::str::from_utf8(parts.next()?).ok();
        let (producer, sequence, name) = (part()?.parse().ok()?, part()?.parse().ok()?, part()?);
        let (promise, _) = Promise::ALL.into_iter().find(|(_, known)| *known == name)?;
        Some(Stamp { producer, sequence, promise })
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Promise::ALL[self.promise as usize];
        write!(f, "{}-{}-{name}", self.producer, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_back_whatever_the_padding() {
        for (promise, _) in Promise::ALL {
            let stamp = Stamp { producer: 7, sequence: 90, promise };
            assert_eq!(Stamp::read(&stamp.value(0)), Some(stamp));
            assert_eq!(Stamp::read(&stamp.value(300)), Some(stamp));
        }
        assert_eq!(Stamp::read(b"something else"), None);
    }
}
