//! Settings: what the broker and its topics honour, typed, and what DescribeConfigs says about them.
//!
//! Names, types, defaults and refusals are Apache Kafka 4.1's. Never knows: who asks, where settings are kept.

mod broker;
mod definition;
mod description;
mod topic;

#[cfg(test)]
mod tests;

pub use broker::BrokerConfig;
pub use definition::{
    ConfigDefinition, ConfigError, ConfigKind, ConfigValue, Importance, Standing, Validator,
};
pub use description::{ConfigSource, ConfigSynonym, DescribedConfig, ReadOnly};
pub use topic::{Alteration, DurabilityPolicy, TopicConfig};

/// The definitions of every setting, for the documents.
pub mod definitions {
    pub use super::broker::DEFINITIONS as BROKER;
    pub use super::topic::DEFINITIONS as TOPIC;
}
