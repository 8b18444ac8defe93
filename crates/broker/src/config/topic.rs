//! A topic's settings: what may be set on it, what then holds, and how a change is made.

use super::broker::{self, BrokerConfig, behind_topic};
use super::definition::{
    ConfigDefinition, ConfigError, ConfigKind, ConfigValue, Importance, Standing, Validator,
};
use super::description::{ConfigSource, ConfigSynonym, DescribedConfig, ReadOnly, broker_synonyms};
use tablog_log::storage::{Durability, Tier};
use tablog_log::{Cleanup, LogConfig};
use tablog_record::{Compression, SortedMap, TimestampType};

/// What holds for a topic.
#[derive(Clone, Debug)]
pub struct TopicConfig {
    pub log: LogConfig,
    pub durability: DurabilityPolicy,
    pub tier: Tier,
}

/// What "acknowledged" means for a topic: `tablog.durability`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurabilityPolicy {
    /// acks=all waits for the disk, acks=1 for the operating system.
    Acks,
    Always(Durability),
}

/// IncrementalAlterConfigs' operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Alteration {
    Set = 0,
    Delete = 1,
    Append = 2,
    Subtract = 3,
}

impl Alteration {
    pub fn from_code(code: i8) -> Option<Alteration> {
        [Alteration::Set, Alteration::Delete, Alteration::Append, Alteration::Subtract]
            .into_iter()
            .find(|operation| *operation as i8 == code)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Alteration::Set => "SET",
            Alteration::Delete => "DELETE",
            Alteration::Append => "APPEND",
            Alteration::Subtract => "SUBTRACT",
        }
    }
}

impl TopicConfig {
    /// What holds where the topic sets `overrides` and the broker says the rest. The names of topics make no
    /// difference.
    pub fn from_overrides(
        _topic: &str,
        overrides: &SortedMap<String, String>,
        broker: &BrokerConfig,
    ) -> Result<TopicConfig, ConfigError> {
        for (name, value) in overrides {
            definition(name).ok_or_else(|| unknown(name))?.parse(value)?;
        }
        let get = |name: &str| effective(name, overrides, broker);
        let positive = |name: &str| get(name).map(|value| value.integer().max(0) as u64);
        let unlimited = |name: &str| get(name).map(|value| u64::try_from(value.integer()).ok());
        let log = LogConfig {
            segment_bytes: match overrides.contains_key(INTERNAL_SEGMENT_BYTES.name) {
                true => positive(INTERNAL_SEGMENT_BYTES.name)?,
                false => positive("segment.bytes")?,
            },
            segment_ms: positive("segment.ms")?,
            index_interval_bytes: positive("index.interval.bytes")? as u32,
            retention_ms: unlimited("retention.ms")?,
            retention_bytes: unlimited("retention.bytes")?,
            cleanup: cleanup(&get("cleanup.policy")?)?,
            delete_retention_ms: positive("delete.retention.ms")?,
            min_cleanable_dirty_ratio: get("min.cleanable.dirty.ratio")?.double(),
            min_compaction_lag_ms: positive("min.compaction.lag.ms")?,
            max_compaction_lag_ms: positive("max.compaction.lag.ms")?,
            timestamp_type: match get("message.timestamp.type")?.has("LogAppendTime") {
                true => TimestampType::LogAppendTime,
                false => TimestampType::CreateTime,
            },
            timestamp_before_max_ms: positive("message.timestamp.before.max.ms")?,
            timestamp_after_max_ms: positive("message.timestamp.after.max.ms")?,
            max_message_bytes: positive("max.message.bytes")? as u32,
            compression: compression(&get("compression.type")?),
            producer_id_expiration_ms: broker.producer_id_expiration_ms,
        };
        if log.min_compaction_lag_ms > log.max_compaction_lag_ms {
            let (min, max) = (log.min_compaction_lag_ms, log.max_compaction_lag_ms);
            let reason = format!(
                "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
            );
            return Err(ConfigError { name: "min.compaction.lag.ms".into(), value: None, reason });
        }
        Ok(TopicConfig {
            log,
            durability: durability(&get("tablog.durability")?),
            tier: if get("tablog.storage")?.has("memory") { Tier::Memory } else { Tier::Durable },
        })
    }

    /// Every setting of a topic as it stands, in the order of names.
    pub fn describe(overrides: &SortedMap<String, String>, broker: &BrokerConfig) -> Vec<DescribedConfig> {
        DEFINITIONS.iter().map(|definition| describe_one(definition, overrides, broker)).collect()
    }

    /// Applies one operation of IncrementalAlterConfigs. Whether the result holds is asked of `from_overrides`;
    /// what nobody knows can be deleted.
    pub fn alter(
        overrides: &mut SortedMap<String, String>,
        broker: &BrokerConfig,
        name: &str,
        operation: Alteration,
        value: Option<&str>,
    ) -> Result<(), ConfigError> {
        if operation == Alteration::Delete {
            overrides.remove(name);
            return Ok(());
        }
        let found = definition(name).ok_or_else(|| unknown(name))?;
        let plain = |reason: String| ConfigError { name: name.to_string(), value: None, reason };
        let altered = match (operation, value) {
            (_, None) => return Err(plain(format!("Null value not supported for : {name}"))),
            (Alteration::Set, Some(value)) => value.to_string(),
            (_, Some(_)) if found.kind != ConfigKind::List => {
                let operation = operation.name();
                return Err(plain(format!("Can't {operation} to key {name} because its type is not LIST.")));
            }
            (_, Some(value)) => {
                let ConfigValue::List(mut elements) = effective(name, overrides, broker)? else {
                    return Err(plain(format!("{name} is no list")));
                };
                let named: Vec<&str> =
                    value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
                if operation == Alteration::Append {
                    let known = elements.clone();
                    let is_new = |part: &&&str| !known.iter().any(|element| element == **part);
                    elements.extend(named.iter().filter(is_new).map(|part| part.to_string()));
                } else {
                    elements.retain(|element| !named.contains(&element.as_str()));
                }
                elements.join(",")
            }
        };
        overrides.insert(name.to_string(), altered);
        Ok(())
    }
}

/// The definition of a topic setting.
pub fn definition(name: &str) -> Option<&'static ConfigDefinition> {
    DEFINITIONS.iter().chain([&INTERNAL_SEGMENT_BYTES]).find(|definition| definition.name == name)
}

fn unknown(name: &str) -> ConfigError {
    ConfigError { name: name.to_string(), value: None, reason: format!("Unknown topic config name: {name}") }
}

/// The topic's own value, else the broker's under the first of its names that is set, else the default.
fn effective(
    name: &str,
    overrides: &SortedMap<String, String>,
    broker: &BrokerConfig,
) -> Result<ConfigValue, ConfigError> {
    let found = definition(name).ok_or_else(|| unknown(name))?;
    if let Some(value) = overrides.get(name) {
        return found.parse(value);
    }
    for &(broker_name, factor) in behind_topic(name) {
        let Some(value) = broker.settings.get(broker_name) else { continue };
        let Some(definition) = broker::definition(broker_name) else { continue };
        return in_units(definition, value, factor);
    }
    found.parse(found.default.unwrap_or_default())
}

/// A broker's value in the topic's unit; any negative time or size is no limit.
fn in_units(definition: &ConfigDefinition, text: &str, factor: i64) -> Result<ConfigValue, ConfigError> {
    match definition.parse(text)? {
        ConfigValue::Integer(0) if is_retention_time(definition.name) => {
            Err(definition
                .refuse(text, "log.retention.ms must be unlimited (-1) or, equal or greater than 1"))
        }
        ConfigValue::Integer(number) if number < 0 => Ok(ConfigValue::Integer(-1)),
        ConfigValue::Integer(number) => Ok(ConfigValue::Integer(number.saturating_mul(factor))),
        value => Ok(value),
    }
}

fn is_retention_time(name: &str) -> bool {
    matches!(name, "log.retention.ms" | "log.retention.minutes" | "log.retention.hours")
}

fn describe_one(
    found: &'static ConfigDefinition,
    overrides: &SortedMap<String, String>,
    broker: &BrokerConfig,
) -> DescribedConfig {
    let names: Vec<&'static str> = behind_topic(found.name).iter().map(|(name, _)| *name).collect();
    let mut synonyms = broker_synonyms(&names, &broker.settings, broker::definition);
    // What is stored was taken once; should a value no longer be, it is shown as it stands.
    let value = match effective(found.name, overrides, broker) {
        Ok(value) => value.to_string(),
        Err(_) => overrides.get(found.name).cloned().unwrap_or_default(),
    };
    if overrides.contains_key(found.name) {
        let own = ConfigSynonym {
            name: found.name,
            value: Some(value.clone()),
            source: ConfigSource::DynamicTopic,
        };
        synonyms.insert(0, own);
    }
    let source = synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source);
    let read_only = if found.is_read_only() { ReadOnly::Yes } else { ReadOnly::No };
    DescribedConfig { definition: found, value: Some(value), source, read_only, synonyms }
}

fn cleanup(value: &ConfigValue) -> Result<Cleanup, ConfigError> {
    match (value.has("compact"), value.has("delete")) {
        (true, true) => Ok(Cleanup::CompactDelete),
        (true, false) => Ok(Cleanup::Compact),
        (false, true) => Ok(Cleanup::Delete),
        (false, false) => Err(ConfigError {
            name: "cleanup.policy".into(),
            value: Some(String::new()),
            reason: "Value must name compact, delete or both".into(),
        }),
    }
}

fn compression(value: &ConfigValue) -> Option<Compression> {
    match value.has("uncompressed") {
        true => Some(Compression::None),
        false => Compression::ALL.into_iter().find(|compression| value.has(compression.name())),
    }
}

fn durability(value: &ConfigValue) -> DurabilityPolicy {
    match (value.has("relaxed"), value.has("strict")) {
        (true, _) => DurabilityPolicy::Always(Durability::Relaxed),
        (_, true) => DurabilityPolicy::Always(Durability::Strict),
        _ => DurabilityPolicy::Acks,
    }
}

pub(super) const CLEANUP_POLICIES: &[&str] = &["compact", "delete"];
pub(super) const COMPRESSION_TYPES: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
pub(super) const TIMESTAMP_TYPES: &[&str] = &["CreateTime", "LogAppendTime"];
pub(super) const DURABILITIES: &[&str] = &["relaxed", "strict", "acks"];
pub(super) const STORAGES: &[&str] = &["disk", "memory"];

const fn honoured(
    name: &'static str,
    kind: ConfigKind,
    default: &'static str,
    validator: Validator,
    documentation: &'static str,
) -> ConfigDefinition {
    ConfigDefinition {
        name,
        kind,
        default: Some(default),
        validator,
        importance: Importance::Medium,
        standing: Standing::Honoured,
        documentation,
    }
}

/// A setting of Kafka's that makes no difference here.
const fn fixed(
    name: &'static str,
    kind: ConfigKind,
    default: &'static str,
    documentation: &'static str,
) -> ConfigDefinition {
    let definition = honoured(name, kind, default, Validator::Any, documentation);
    ConfigDefinition { standing: Standing::Fixed, ..definition }
}

use ConfigKind::{Boolean, Double, Int, List, Long, String as Text};
use Validator::{Any, AtLeast, OneOf, Ratio};

/// As in Kafka, smaller segments than `segment.bytes` allows, for tests and internal topics; it is not listed.
const INTERNAL_SEGMENT_BYTES: ConfigDefinition = ConfigDefinition {
    default: None,
    ..honoured("internal.segment.bytes", Int, "", AtLeast(1), "The most bytes of a segment, 1 or more.")
};

/// Every topic setting of Apache Kafka 4.1 and our own, in the order of names.
#[rustfmt::skip]
pub const DEFINITIONS: &[ConfigDefinition] = &[
    honoured("cleanup.policy", List, "delete", OneOf(CLEANUP_POLICIES),
        "What happens to old records: delete them by age and size, compact them to the last of each key, or both."),
    fixed("compression.gzip.level", Int, "-1", "The level of gzip: chosen by the broker."),
    fixed("compression.lz4.level", Int, "9", "The level of lz4: chosen by the broker."),
    honoured("compression.type", Text, "producer", OneOf(COMPRESSION_TYPES),
        "The compression in which batches are kept; producer keeps what the producer chose."),
    fixed("compression.zstd.level", Int, "3", "The level of zstd: chosen by the broker."),
    honoured("delete.retention.ms", Long, "86400000", AtLeast(0),
        "How many milliseconds the tombstones of a compacted topic are kept."),
    fixed("file.delete.delay.ms", Long, "60000", "How long deleted segments linger: they go at once."),
    fixed("flush.messages", Long, "9223372036854775807", "After how many records to flush: see tablog.durability."),
    fixed("flush.ms", Long, "9223372036854775807", "After how many milliseconds to flush: see tablog.durability."),
    fixed("follower.replication.throttled.replicas", List, "", "Followers to slow down: there are none."),
    honoured("index.interval.bytes", Int, "4096", AtLeast(0),
        "How many bytes lie between two entries of an index."),
    fixed("leader.replication.throttled.replicas", List, "", "Leaders to slow down: they have no followers."),
    fixed("local.retention.bytes", Long, "-2", "Local bytes of a tiered topic: nothing is tiered."),
    fixed("local.retention.ms", Long, "-2", "Local time of a tiered topic: nothing is tiered."),
    honoured("max.compaction.lag.ms", Long, "9223372036854775807", AtLeast(1),
        "How many milliseconds a record may stay uncompacted at most, 1 or more."),
    honoured("max.message.bytes", Int, "1048588", AtLeast(0),
        "The most bytes of a batch."),
    honoured("message.timestamp.after.max.ms", Long, "3600000", AtLeast(0),
        "How many milliseconds a record's timestamp may lie after the broker's clock."),
    honoured("message.timestamp.before.max.ms", Long, "9223372036854775807", AtLeast(0),
        "How many milliseconds a record's timestamp may lie before the broker's clock."),
    honoured("message.timestamp.type", Text, "CreateTime", OneOf(TIMESTAMP_TYPES),
        "Whose time a record bears: the producer's (CreateTime) or the broker's (LogAppendTime)."),
    honoured("min.cleanable.dirty.ratio", Double, "0.5", Ratio,
        "The share of the log, from 0 to 1, that must be uncompacted before it is compacted."),
    honoured("min.compaction.lag.ms", Long, "0", AtLeast(0),
        "How many milliseconds a record stays uncompacted at least."),
    honoured("min.insync.replicas", Int, "1", AtLeast(1),
        "The replicas that must be in sync for acks=all, 1 or more. There is one broker: above 1 such writes fail."),
    fixed("preallocate", Boolean, "false", "Whether segments get their full size at once: they do not."),
    fixed("remote.log.copy.disable", Boolean, "false", "Whether tiering stops copying: nothing is tiered."),
    fixed("remote.log.delete.on.disable", Boolean, "false", "Whether the end of tiering deletes: nothing is tiered."),
    fixed("remote.storage.enable", Boolean, "false", "Whether the topic is tiered: nothing is tiered."),
    honoured("retention.bytes", Long, "-1", Any,
        "The bytes of a partition above which its oldest segments are deleted; -1 is no limit."),
    honoured("retention.ms", Long, "604800000", AtLeast(-1),
        "How many milliseconds records are kept; -1 is for ever."),
    honoured("segment.bytes", Int, "1073741824", AtLeast(1_048_576),
        "The most bytes of a segment, 1,048,576 or more."),
    fixed("segment.index.bytes", Int, "10485760", "The most bytes of a segment's index: fixed."),
    fixed("segment.jitter.ms", Long, "0", "A random shortening of segment.ms: none."),
    honoured("segment.ms", Long, "604800000", AtLeast(1),
        "After how many milliseconds a new segment is begun, 1 or more."),
    honoured("tablog.durability", Text, "acks", OneOf(DURABILITIES),
        "When a write counts as durable: relaxed (handed to the system), strict (on the disk), or as acks asks."),
    honoured("tablog.storage", Text, "disk", OneOf(STORAGES),
        "Where the topic is kept: on disk, or in memory only, where it ends with the broker."),
    fixed("unclean.leader.election.enable", Boolean, "false", "Whether a stale replica may lead: there is none."),
];
