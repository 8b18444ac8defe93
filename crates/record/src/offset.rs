//! A record's place in its partition.

use std::fmt;

/// The place of a record in its partition. Ranges are kept as *end* (exclusive) offsets and named so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    pub const ZERO: Offset = Offset(0);

    /// The offset after this one; `None` past the largest that a log can hold.
    pub fn next(self) -> Option<Offset> {
        self.0.checked_add(1).map(Offset)
    }

    /// The offset `count` records further on.
    pub fn plus(self, count: i64) -> Offset {
        Offset(self.0.checked_add(count).expect("an offset stays below 2^63"))
    }

    /// How many offsets lie from `start` up to this end.
    pub fn distance_from(self, start: Offset) -> i64 {
        self.0 - start.0
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
