//! Which broker this worker hosts, and on what.

use tablog_host::{IndexedDbStorage, Tiers};

pub const PORT: u16 = 9092;

/// Where Metadata sends clients, and what a tab opens.
pub fn advertised_host(name: &str) -> String {
    format!("broker-1.{name}.tablog")
}

/// In a tab four partitions of offsets do: each costs blobs and a recovery.
#[cfg(not(feature = "test-engine"))]
const OFFSETS_TOPIC_NUM_PARTITIONS: i32 = 4;

#[cfg(not(feature = "test-engine"))]
pub type BrokerEngine = tablog_broker::Broker;

#[cfg(not(feature = "test-engine"))]
pub fn broker(name: &str, seed: u64) -> BrokerEngine {
    let config = tablog_broker::BrokerConfig {
        node_id: 1,
        advertised_host: advertised_host(name),
        advertised_port: PORT,
        offsets_topic_num_partitions: OFFSETS_TOPIC_NUM_PARTITIONS,
        ..tablog_broker::BrokerConfig::default()
    };
    tablog_broker::Broker::new(config, seed)
}

#[cfg(feature = "test-engine")]
pub type BrokerEngine = crate::test_engine::TestEngine;

#[cfg(feature = "test-engine")]
pub fn broker(_name: &str, _seed: u64) -> BrokerEngine {
    crate::test_engine::TestEngine::new()
}

#[cfg(not(feature = "faults"))]
pub type StorageInUse = Tiers<IndexedDbStorage>;

#[cfg(not(feature = "faults"))]
pub fn storage(tiers: Tiers<IndexedDbStorage>) -> StorageInUse {
    tiers
}

#[cfg(feature = "faults")]
pub type StorageInUse = crate::injection::Deadly<Tiers<IndexedDbStorage>>;

#[cfg(feature = "faults")]
pub fn storage(tiers: Tiers<IndexedDbStorage>) -> StorageInUse {
    crate::injection::Deadly(tiers)
}
