//! The engine that `tablog broker` pumps, made from settings.

use crate::settings::Settings;
use tablog_broker::{Effect, Event};
use tablog_host::{Clock, Engine, MemoryStorage, Pump};
use tablog_record::Now;

pub type NativePump = Pump<NativeEngine, MemoryStorage>;

pub fn pump(_host: &str, _port: u16, _settings: &Settings) -> Result<NativePump, String> {
    Ok(Pump::new(NativeEngine::default(), MemoryStorage::new(), Clock::new()))
}

/// Closes every connection at its first frame.
#[derive(Debug, Default)]
pub struct NativeEngine {
    effects: std::collections::VecDeque<Effect>,
}

impl Engine for NativeEngine {
    fn handle(&mut self, _now: Now, event: Event) {
        if let Event::Frame { connection, .. } = event {
            self.effects.push_back(Effect::Close { connection });
        }
    }

    fn handle_timeout(&mut self, _now: Now) {}

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn poll_timeout(&self) -> Option<u64> {
        None
    }
}
