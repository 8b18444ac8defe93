//! A group's own settings: what may be set on it, and what then holds. The broker's settings bound them.

use super::broker::{self, BrokerConfig};
use super::definition::{ConfigDefinition, ConfigError, ConfigKind, Importance, Standing, Validator};
use super::description::{ConfigSource, ConfigSynonym, DescribedConfig, ReadOnly};
use super::topic::Alteration;
use tablog_group::GroupSettings;
use tablog_record::SortedMap;

const HEARTBEAT: &str = "consumer.heartbeat.interval.ms";
const SESSION: &str = "consumer.session.timeout.ms";

/// What holds where the group sets `overrides` and the broker says the rest.
pub fn group_settings(
    overrides: &SortedMap<String, String>,
    broker: &BrokerConfig,
) -> Result<GroupSettings, ConfigError> {
    if let Some(name) = overrides.keys().find(|name| definition(name).is_none()) {
        return Err(unknown(name));
    }
    let heartbeat_interval_ms = bounded(HEARTBEAT, overrides, broker)?;
    let session_timeout_ms = bounded(SESSION, overrides, broker)?;
    if session_timeout_ms <= heartbeat_interval_ms {
        return Err(refused(SESSION, format!("{SESSION} must be greater than {HEARTBEAT}")));
    }
    Ok(GroupSettings {
        session_timeout_ms: session_timeout_ms as u64,
        heartbeat_interval_ms: heartbeat_interval_ms as i32,
    })
}

/// Every setting of a group as it stands, in the order of names.
pub fn describe_group(overrides: &SortedMap<String, String>, broker: &BrokerConfig) -> Vec<DescribedConfig> {
    let described = DEFINITIONS.iter().map(|definition| {
        let own = overrides.get(definition.name).cloned();
        let value = own.clone().or_else(|| fallback(definition.name, broker));
        let source = ConfigSource::DynamicGroup;
        let synonym = own.map(|value| ConfigSynonym { name: definition.name, value: Some(value), source });
        DescribedConfig {
            definition,
            value,
            source: synonym.as_ref().map_or(ConfigSource::Default, |synonym| synonym.source),
            read_only: ReadOnly::No,
            synonyms: synonym.into_iter().collect(),
        }
    });
    described.collect()
}

/// Applies one operation of IncrementalAlterConfigs. Whether the result holds is asked of `group_settings`.
pub fn alter_group(
    overrides: &mut SortedMap<String, String>,
    name: &str,
    operation: Alteration,
    value: Option<&str>,
) -> Result<(), ConfigError> {
    match (operation, value) {
        (Alteration::Delete, _) => drop(overrides.remove(name)),
        (Alteration::Set, Some(value)) => drop(overrides.insert(name.to_string(), value.to_string())),
        (Alteration::Set, None) => {
            return Err(refused(name, format!("Null value not supported for : {name}")));
        }
        (Alteration::Append | Alteration::Subtract, _) if definition(name).is_some() => {
            let operation = operation.name();
            let reason = format!("Can't {operation} to key {name} because its type is not LIST.");
            return Err(refused(name, reason));
        }
        (Alteration::Append | Alteration::Subtract, _) => return Err(unknown(name)),
    }
    Ok(())
}

/// A value within the broker's bounds for it.
fn bounded(
    name: &str,
    overrides: &SortedMap<String, String>,
    broker: &BrokerConfig,
) -> Result<i64, ConfigError> {
    let found = definition(name).ok_or_else(|| unknown(name))?;
    let text = overrides.get(name).cloned().or_else(|| fallback(name, broker)).unwrap_or_default();
    let value = found.parse(&text)?.integer();
    let what = name.strip_prefix("consumer.").unwrap_or(name);
    let (least, most) = (format!("group.consumer.min.{what}"), format!("group.consumer.max.{what}"));
    if value < broker::get(&broker.settings, &least)?.integer() {
        return Err(refused(name, format!("{name} must be greater than or equal to {least}")));
    }
    if value > broker::get(&broker.settings, &most)?.integer() {
        return Err(refused(name, format!("{name} must be less than or equal to {most}")));
    }
    Ok(value)
}

/// The broker's value, under the same name behind `group.`.
fn fallback(name: &str, broker: &BrokerConfig) -> Option<String> {
    broker::get(&broker.settings, &format!("group.{name}")).ok().map(|value| value.to_string())
}

fn definition(name: &str) -> Option<&'static ConfigDefinition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

fn unknown(name: &str) -> ConfigError {
    refused(name, format!("Unknown group config name: {name}"))
}

fn refused(name: &str, reason: String) -> ConfigError {
    ConfigError { name: name.to_string(), value: None, reason }
}

const fn define(name: &'static str, default: &'static str, documentation: &'static str) -> ConfigDefinition {
    ConfigDefinition {
        name,
        kind: ConfigKind::Int,
        default: Some(default),
        validator: Validator::AtLeast(1),
        importance: Importance::Medium,
        standing: Standing::Honoured,
        documentation,
    }
}

const DEFINITIONS: &[ConfigDefinition] = &[
    define(HEARTBEAT, "5000", "How many milliseconds lie between two heartbeats of a member."),
    define(SESSION, "45000", "After how many milliseconds without a heartbeat a member is fenced."),
];
