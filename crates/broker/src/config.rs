//! Settings: what the broker and its topics honour, typed, and what DescribeConfigs says about them.
//!
//! Names, types, defaults and refusals are Apache Kafka 4.1's. Never knows: who asks, where settings are kept.

mod broker;
mod decimal;
mod definition;
mod description;
mod group;
mod topic;

#[cfg(test)]
mod tests;

pub use broker::BrokerConfig;
pub use definition::ConfigError;
pub use description::{DescribedConfig, ReadOnly};
pub use group::{alter_group, describe_group, group_settings};
pub use topic::{Alteration, DurabilityPolicy, TopicConfig};
