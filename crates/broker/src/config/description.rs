//! What DescribeConfigs says about a setting: its value, where it comes from, and what stands behind it.
//!
//! Kafka looks for a topic's setting on the topic, then among the broker's own settings under each of its
//! names there, then among the defaults; it lists what it found from the first of the broker's names on.
//! Never knows: which settings there are.

use super::definition::{ConfigDefinition, ConfigKind, Importance};
use tablog_record::SortedMap;

/// Where a value comes from, with the codes that DescribeConfigs uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigSource {
    DynamicTopic = 1,
    StaticBroker = 4,
    Default = 5,
    DynamicGroup = 8,
}

/// One setting as it stands.
#[derive(Clone, Debug)]
pub struct DescribedConfig {
    pub definition: &'static ConfigDefinition,
    pub value: Option<String>,
    pub source: ConfigSource,
    pub read_only: ReadOnly,
    /// The strongest first.
    pub synonyms: Vec<ConfigSynonym>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    pub name: &'static str,
    pub value: Option<String>,
    pub source: ConfigSource,
}

impl ConfigSource {
    pub fn code(self) -> i8 {
        self as i8
    }
}

impl ConfigKind {
    pub fn code(self) -> i8 {
        self as i8
    }
}

impl Importance {
    pub fn name(self) -> &'static str {
        match self {
            Importance::High => "HIGH",
            Importance::Medium => "MEDIUM",
            Importance::Low => "LOW",
        }
    }
}

/// What the broker's own settings and the defaults say under the names, the strongest first.
pub(super) fn broker_synonyms(
    names: &[&'static str],
    settings: &SortedMap<String, String>,
    find: impl Fn(&str) -> Option<&'static ConfigDefinition>,
) -> Vec<ConfigSynonym> {
    let set = names.iter().filter_map(|&name| {
        let value = settings.get(name)?.clone();
        Some(ConfigSynonym { name, value: Some(value), source: ConfigSource::StaticBroker })
    });
    let defaults = names.iter().filter_map(|&name| {
        let value = find(name)?.default?.to_string();
        Some(ConfigSynonym { name, value: Some(value), source: ConfigSource::Default })
    });
    // As Kafka does: what stands before the first name's own entry is not told.
    let first = names.first().copied();
    set.chain(defaults).skip_while(|synonym| Some(synonym.name) != first).collect()
}
