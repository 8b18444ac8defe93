//! The engine that `tablog broker` pumps, made from settings.

use crate::settings::Settings;
use std::hash::{BuildHasher, Hasher, RandomState};
use tablog_broker::{Broker, BrokerConfig};
use tablog_host::{Clock, MemoryStorage, Pump, Tiers};

pub type NativePump = Pump<Broker, Tiers<MemoryStorage>>;

/// `address` is what Metadata tells clients to connect to, unless `advertised.listeners` was set.
pub fn pump(address: &str, settings: &Settings) -> Result<NativePump, String> {
    let mut pairs = settings.broker.clone();
    pairs.entry("advertised.listeners".to_owned()).or_insert_with(|| format!("PLAINTEXT://{address}"));
    let config = BrokerConfig::from_settings(pairs).map_err(|error| error.to_string())?;
    Ok(Pump::new(Broker::new(config, seed()), Tiers::new(MemoryStorage::new()), Clock::new()))
}

/// The process's only random source: what the system gave the standard library for its hash maps.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
