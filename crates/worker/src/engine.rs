//! Which broker this worker hosts, and on what.

use tablog_host::{IndexedDbStorage, Tiers};

pub const PORT: u16 = 9092;

/// Where Metadata sends clients, and what a tab opens.
pub fn advertised_host(name: &str) -> String {
    format!("broker-1.{name}.tablog")
}

/// Where the broker of a tab is not set as Apache Kafka's defaults are.
#[cfg(not(feature = "test-engine"))]
const SETTINGS: &[(&str, &str)] = &[
    // Each partition of offsets costs blobs and a recovery: four do.
    ("offsets.topic.num.partitions", "4"),
    // Compaction needs closed segments: small ones keep what an opening has to replay small.
    ("offsets.topic.segment.bytes", "1048576"),
    // A learner's group forms at once; half a second still gathers consumers that start together.
    ("group.initial.rebalance.delay.ms", "500"),
    // A member of the consumer protocol hears of its partitions in the answer to its next heartbeat, which costs next
    // to nothing here: whoever watches a tab close sees its partitions go within half a second. A group may ask for
    // other times, shorter ones too: that is what a lesson on crashes needs.
    ("group.consumer.heartbeat.interval.ms", "500"),
    ("group.consumer.min.heartbeat.interval.ms", "100"),
    ("group.consumer.min.session.timeout.ms", "1000"),
    // The same for members of the classic protocol, whose own wish counts.
    ("group.min.session.timeout.ms", "1000"),
    // Who sets a retention of a minute wants to see it work.
    ("log.retention.check.interval.ms", "10000"),
    ("log.cleaner.backoff.ms", "5000"),
];

#[cfg(not(feature = "test-engine"))]
pub type BrokerEngine = tablog_broker::Broker;

#[cfg(not(feature = "test-engine"))]
pub fn broker(name: &str, seed: u64) -> BrokerEngine {
    let listener = format!("PLAINTEXT://{}:{PORT}", advertised_host(name));
    let settings = SETTINGS.iter().copied().chain([("advertised.listeners", listener.as_str())]);
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = tablog_broker::BrokerConfig::from_settings(settings)
        .unwrap_or_else(|error| panic!("our own settings are refused: {error}"));
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
