//! Settings: what the broker and its topics honour, typed.

use std::collections::BTreeMap;
use tablog_log::LogConfig;
use tablog_log::storage::{Durability, Tier};

#[derive(Clone, Debug)]
pub struct BrokerConfig {
    pub node_id: i32,
    /// What Metadata tells clients to connect to.
    pub advertised_host: String,
    pub advertised_port: u16,
    pub rack: Option<String>,
    pub num_partitions: i32,
    pub auto_create_topics_enable: bool,
    pub offsets_topic_num_partitions: i32,
    pub offsets_topic_segment_bytes: u64,
    pub fetch_max_bytes: i32,
    pub fetch_session_slots: usize,
    pub retention_check_interval_ms: u64,
    pub cleaner_backoff_ms: u64,
    pub events_enable: bool,
}

impl Default for BrokerConfig {
    fn default() -> BrokerConfig {
        BrokerConfig {
            node_id: 1,
            advertised_host: "localhost".into(),
            advertised_port: 9092,
            rack: None,
            num_partitions: 1,
            auto_create_topics_enable: true,
            offsets_topic_num_partitions: 50,
            offsets_topic_segment_bytes: 100 << 20,
            fetch_max_bytes: 55 << 20,
            fetch_session_slots: 1000,
            retention_check_interval_ms: 300_000,
            cleaner_backoff_ms: 15_000,
            events_enable: true,
        }
    }
}

/// What "acknowledged" means for a topic: `tablog.durability`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurabilityPolicy {
    /// acks=all waits for the disk, acks=1 for the operating system.
    Acks,
    Always(Durability),
}

#[derive(Clone, Debug)]
pub struct TopicConfig {
    pub log: LogConfig,
    pub durability: DurabilityPolicy,
    pub tier: Tier,
    pub min_insync_replicas: usize,
}

/// A setting that is not taken, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub name: String,
    pub reason: String,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.reason)
    }
}

impl TopicConfig {
    pub fn from_overrides(
        _topic: &str,
        _overrides: &BTreeMap<String, String>,
        _broker: &BrokerConfig,
    ) -> Result<TopicConfig, ConfigError> {
        Ok(TopicConfig {
            log: LogConfig::default(),
            durability: DurabilityPolicy::Acks,
            tier: Tier::Durable,
            min_insync_replicas: 1,
        })
    }
}
