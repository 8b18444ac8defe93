//! Time as it is handed in: nothing here reads a clock.

use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z; -1 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const NONE: Timestamp = Timestamp(-1);
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The moment at which a sans-IO value is called. Timers run on the monotonic clock, records are stamped
/// with the wall clock, so that a clock that jumps neither ends a session nor holds one open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub monotonic_ms: u64,
    pub wall: Timestamp,
}

impl Now {
    /// The same source of time `ms` later: the simulator's and the tests' step.
    pub fn after(self, ms: u64) -> Now {
        Now { monotonic_ms: self.monotonic_ms + ms, wall: Timestamp(self.wall.0 + ms as i64) }
    }
}
