//! How long a part took. The one place of xtask that reads the clock.

#![allow(clippy::disallowed_methods, reason = "a stopwatch for people; nothing is decided by it")]

use std::fmt;
use std::time::Instant;

pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.elapsed().as_secs_f64();
        if seconds < 60.0 { write!(f, "{seconds:.1} s") } else { write!(f, "{:.1} min", seconds / 60.0) }
    }
}
