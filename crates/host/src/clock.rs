//! The only place that reads the platform's clocks.

#![allow(clippy::disallowed_methods, reason = "this is the clock")]

use tablog_record::{Now, Timestamp};

/// The monotonic clock begins when this value is made (natively) or when the worker began.
#[derive(Debug)]
pub struct Clock {
    #[cfg(not(target_arch = "wasm32"))]
    began: std::time::Instant,
    #[cfg(target_arch = "wasm32")]
    performance: Option<web_sys::Performance>,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::new()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Clock {
    pub fn new() -> Clock {
        Clock { began: std::time::Instant::now() }
    }

    pub fn now(&self) -> Now {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as i64);
        Now { monotonic_ms: self.began.elapsed().as_millis() as u64, wall: Timestamp(wall) }
    }

    /// For durations only.
    pub fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }
}

#[cfg(target_arch = "wasm32")]
impl Clock {
    pub fn new() -> Clock {
        use wasm_bindgen::JsCast;
        let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into())
            .ok()
            .and_then(|value| value.dyn_into::<web_sys::Performance>().ok());
        Clock { performance }
    }

    pub fn now(&self) -> Now {
        let wall = js_sys::Date::now();
        let monotonic = self.performance.as_ref().map_or(wall, |performance| performance.now());
        Now { monotonic_ms: monotonic as u64, wall: Timestamp(wall as i64) }
    }

    /// For durations only; browsers round it to 5 or 100 microseconds.
    pub fn now_us(&self) -> u64 {
        let now_ms =
            self.performance.as_ref().map_or_else(js_sys::Date::now, |performance| performance.now());
        (now_ms * 1000.0) as u64
    }
}
