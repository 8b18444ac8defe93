//! The broker's own settings, given once when it starts.

use super::definition::{
    ConfigDefinition, ConfigError, ConfigKind, ConfigValue, Importance, Standing, Validator,
};
use super::description::{ConfigSource, DescribedConfig, ReadOnly, broker_synonyms};
use super::topic::{
    CLEANUP_POLICIES, COMPRESSION_TYPES, DURABILITIES, STORAGES, TIMESTAMP_TYPES, TopicConfig,
};
use tablog_group::assignor::ServerAssignor;
use tablog_group::{GroupConfig, GroupSettings, MigrationPolicy};
use tablog_record::SortedMap;

/// What a broker is told when it starts.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    pub node_id: i32,
    /// What Metadata tells clients to connect to.
    pub advertised_host: String,
    pub advertised_port: u16,
    pub rack: Option<String>,
    pub num_partitions: i32,
    pub auto_create_topics_enable: bool,
    pub delete_topic_enable: bool,
    pub offsets_topic_num_partitions: i32,
    pub offsets_topic_segment_bytes: u64,
    pub fetch_max_bytes: i32,
    pub fetch_session_slots: usize,
    pub retention_check_interval_ms: u64,
    pub cleaner_backoff_ms: u64,
    pub producer_id_expiration_ms: u64,
    pub events_enable: bool,
    pub group: GroupConfig,
    /// What was set, by name: the topics' defaults come from here, and DescribeConfigs tells it.
    pub settings: SortedMap<String, String>,
}

impl Default for BrokerConfig {
    fn default() -> BrokerConfig {
        match BrokerConfig::from_settings([]) {
            Ok(config) => config,
            Err(error) => unreachable!("the defaults are not valid: {error}"),
        }
    }
}

impl BrokerConfig {
    /// From pairs of a Kafka broker setting and its value. Of a name given twice the last value counts.
    pub fn from_settings(
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<BrokerConfig, ConfigError> {
        let settings: SortedMap<String, String> =
            settings.into_iter().map(|(name, value)| (name, value.trim().to_string())).collect();
        for (name, value) in &settings {
            definition(name).ok_or_else(|| unknown(name))?.parse(value)?;
        }
        let (advertised_host, advertised_port) = advertised(&settings)?;
        let integer = |name: &str| get(&settings, name).map(|value| value.integer());
        let config = BrokerConfig {
            node_id: node_id(&settings)?,
            advertised_host,
            advertised_port,
            rack: settings.get("broker.rack").cloned(),
            num_partitions: integer("num.partitions")? as i32,
            auto_create_topics_enable: get(&settings, "auto.create.topics.enable")?.is_true(),
            delete_topic_enable: get(&settings, "delete.topic.enable")?.is_true(),
            offsets_topic_num_partitions: integer("offsets.topic.num.partitions")? as i32,
            offsets_topic_segment_bytes: integer("offsets.topic.segment.bytes")? as u64,
            fetch_max_bytes: integer("fetch.max.bytes")? as i32,
            fetch_session_slots: integer("max.incremental.fetch.session.cache.slots")? as usize,
            retention_check_interval_ms: integer("log.retention.check.interval.ms")? as u64,
            cleaner_backoff_ms: integer("log.cleaner.backoff.ms")? as u64,
            producer_id_expiration_ms: integer("producer.id.expiration.ms")? as u64,
            events_enable: get(&settings, "tablog.events.enable")?.is_true(),
            group: group(&settings)?,
            settings: settings.clone(),
        };
        // The topics' defaults are a whole configuration: it must hold together as one.
        TopicConfig::from_overrides("", &SortedMap::new(), &config)?;
        Ok(config)
    }

    /// Every setting as it stands, in the order of names. None can be changed while the broker runs.
    pub fn describe(&self) -> Vec<DescribedConfig> {
        DEFINITIONS.iter().map(|definition| self.describe_one(definition)).collect()
    }

    fn describe_one(&self, found: &'static ConfigDefinition) -> DescribedConfig {
        let names = synonyms_of(found.name);
        let synonyms = broker_synonyms(&names, &self.settings, definition);
        let value = match found.name {
            "advertised.listeners" => {
                Some(format!("PLAINTEXT://{}:{}", self.advertised_host, self.advertised_port))
            }
            "node.id" | "broker.id" => Some(self.node_id.to_string()),
            name => self.settings.get(name).cloned().or(found.default.map(str::to_string)),
        };
        let source = synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source);
        DescribedConfig { definition: found, value, source, read_only: ReadOnly::Yes, synonyms }
    }
}

/// The definition of a broker setting.
pub fn definition(name: &str) -> Option<&'static ConfigDefinition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

fn unknown(name: &str) -> ConfigError {
    ConfigError { name: name.to_string(), value: None, reason: format!("Unknown broker config name: {name}") }
}

/// What a setting says, by what was set or by its default.
pub(super) fn get(settings: &SortedMap<String, String>, name: &str) -> Result<ConfigValue, ConfigError> {
    let found = definition(name).ok_or_else(|| unknown(name))?;
    let text = settings.get(name).map(String::as_str).or(found.default).unwrap_or_default();
    found.parse(text)
}

/// The names under which a setting is looked for, the strongest first.
fn synonyms_of(name: &'static str) -> Vec<&'static str> {
    match name {
        "log.retention.ms" => vec![name, "log.retention.minutes", "log.retention.hours"],
        "log.retention.minutes" => vec![name, "log.retention.hours"],
        "log.roll.ms" => vec![name, "log.roll.hours"],
        _ => vec![name],
    }
}

/// The names of the broker's settings that a topic's setting falls back to, and the factor of their units.
pub(super) fn behind_topic(name: &str) -> &'static [(&'static str, i64)] {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    match name {
        "cleanup.policy" => &[("log.cleanup.policy", 1)],
        "compression.type" => &[("compression.type", 1)],
        "delete.retention.ms" => &[("log.cleaner.delete.retention.ms", 1)],
        "index.interval.bytes" => &[("log.index.interval.bytes", 1)],
        "max.compaction.lag.ms" => &[("log.cleaner.max.compaction.lag.ms", 1)],
        "max.message.bytes" => &[("message.max.bytes", 1)],
        "message.timestamp.after.max.ms" => &[("log.message.timestamp.after.max.ms", 1)],
        "message.timestamp.before.max.ms" => &[("log.message.timestamp.before.max.ms", 1)],
        "message.timestamp.type" => &[("log.message.timestamp.type", 1)],
        "min.cleanable.dirty.ratio" => &[("log.cleaner.min.cleanable.ratio", 1)],
        "min.compaction.lag.ms" => &[("log.cleaner.min.compaction.lag.ms", 1)],
        "min.insync.replicas" => &[("min.insync.replicas", 1)],
        "retention.bytes" => &[("log.retention.bytes", 1)],
        "retention.ms" => {
            &[("log.retention.ms", 1), ("log.retention.minutes", MINUTE), ("log.retention.hours", HOUR)]
        }
        "segment.bytes" => &[("log.segment.bytes", 1)],
        "segment.ms" => &[("log.roll.ms", 1), ("log.roll.hours", HOUR)],
        "tablog.durability" => &[("tablog.durability", 1)],
        "tablog.storage" => &[("tablog.storage", 1)],
        _ => &[],
    }
}

fn node_id(settings: &SortedMap<String, String>) -> Result<i32, ConfigError> {
    let node = get(settings, "node.id")?.integer();
    let Some(broker) = settings.get("broker.id") else { return Ok(node as i32) };
    if settings.contains_key("node.id") && *broker != node.to_string() {
        let reason = "You must set `node.id` to the same value as `broker.id`.".to_string();
        return Err(ConfigError { name: "node.id".into(), value: None, reason });
    }
    Ok(get(settings, "broker.id")?.integer() as i32)
}

/// `advertised.listeners`: one, as `PLAINTEXT://host:port`.
fn advertised(settings: &SortedMap<String, String>) -> Result<(String, u16), ConfigError> {
    let text = get(settings, "advertised.listeners")?.to_string();
    let address = text.rsplit_once('/').map_or(text.as_str(), |(_, address)| address);
    let parsed = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match parsed {
        Some((host, port)) if !host.is_empty() && !text.contains(',') => Ok((host.to_string(), port)),
        _ => Err(ConfigError {
            name: "advertised.listeners".into(),
            value: Some(text.clone()),
            reason: "Expected one listener as PLAINTEXT://host:port".into(),
        }),
    }
}

fn group(settings: &SortedMap<String, String>) -> Result<GroupConfig, ConfigError> {
    let integer = |name: &str| get(settings, name).map(|value| value.integer());
    let defaults = GroupConfig::default();
    Ok(GroupConfig {
        group_min_session_timeout_ms: integer("group.min.session.timeout.ms")? as i32,
        group_max_session_timeout_ms: integer("group.max.session.timeout.ms")? as i32,
        group_initial_rebalance_delay_ms: integer("group.initial.rebalance.delay.ms")? as u64,
        group_max_size: (integer("group.max.size")? as usize).min(defaults.group_max_size),
        offset_metadata_max_bytes: integer("offset.metadata.max.bytes")? as usize,
        offsets_retention_ms: integer("offsets.retention.minutes")? * 60_000,
        offsets_retention_check_interval_ms: integer("offsets.retention.check.interval.ms")? as u64,
        consumer_assignors: assignors(&get(settings, "group.consumer.assignors")?)?,
        consumer_max_size: (integer("group.consumer.max.size")? as usize).min(defaults.consumer_max_size),
        consumer_migration_policy: migration_policy(&get(settings, "group.consumer.migration.policy")?),
        consumer_regex_refresh_interval_ms: integer("group.consumer.regex.refresh.interval.ms")?,
        consumer: consumer(settings)?,
        ..defaults
    })
}

/// The settings of consumer groups must hold together, as in Apache Kafka.
fn consumer(settings: &SortedMap<String, String>) -> Result<GroupSettings, ConfigError> {
    let integer = |name: &str| get(settings, name).map(|value| value.integer());
    for what in ["heartbeat.interval.ms", "session.timeout.ms"] {
        let name = |prefix: &str| format!("group.consumer.{prefix}{what}");
        let (least, value, most) = (integer(&name("min."))?, integer(&name(""))?, integer(&name("max."))?);
        let refuse = |reason: String| Err(ConfigError { name: name(""), value: None, reason });
        if most < least {
            return refuse(format!("{} must be greater than or equal to {}", name("max."), name("min.")));
        }
        if value < least {
            return refuse(format!("{} must be greater than or equal to {}", name(""), name("min.")));
        }
        if value > most {
            return refuse(format!("{} must be less than or equal to {}", name(""), name("max.")));
        }
    }
    let (session, heartbeat) = ("group.consumer.session.timeout.ms", "group.consumer.heartbeat.interval.ms");
    let (session_timeout_ms, heartbeat_interval_ms) = (integer(session)?, integer(heartbeat)?);
    if heartbeat_interval_ms >= session_timeout_ms {
        let reason = format!("{heartbeat} must be less than {session}");
        return Err(ConfigError { name: heartbeat.into(), value: None, reason });
    }
    Ok(GroupSettings {
        session_timeout_ms: session_timeout_ms as u64,
        heartbeat_interval_ms: heartbeat_interval_ms as i32,
    })
}

fn assignors(value: &ConfigValue) -> Result<[Option<ServerAssignor>; 2], ConfigError> {
    let names = value.to_string();
    let mut named = names.split(',').filter_map(ServerAssignor::from_name);
    let (first, second) = (named.next(), named.next());
    if first.is_none() || first == second || named.next().is_some() {
        let reason = "Expected uniform, range or both, each once".to_string();
        let name = "group.consumer.assignors".to_string();
        return Err(ConfigError { name, value: Some(names), reason });
    }
    Ok([first, second])
}

fn migration_policy(value: &ConfigValue) -> MigrationPolicy {
    MigrationPolicy::from_name(&value.to_string()).unwrap_or(MigrationPolicy::Bidirectional)
}

const fn define(
    name: &'static str,
    kind: ConfigKind,
    default: Option<&'static str>,
    validator: Validator,
    importance: Importance,
    documentation: &'static str,
) -> ConfigDefinition {
    ConfigDefinition {
        name,
        kind,
        default,
        validator,
        importance,
        standing: Standing::Honoured,
        documentation,
    }
}

use ConfigKind::{Boolean, Double, Int, List, Long, String as Text};
use Importance::{High, Low, Medium};
use Validator::{Any, AtLeast, OneOf, Ratio};

const ASSIGNORS: &[&str] = &["uniform", "range"];
const MIGRATION_POLICIES: &[&str] = &["bidirectional", "upgrade", "downgrade", "disabled"];

/// Every broker setting that is honoured, in the order of names, with the defaults of Apache Kafka 4.1.
#[rustfmt::skip]
pub const DEFINITIONS: &[ConfigDefinition] = &[
    define("advertised.listeners", Text, Some("PLAINTEXT://localhost:9092"), Any, High,
        "Where clients are told to connect to: one listener, as PLAINTEXT://host:port."),
    define("auto.create.topics.enable", Boolean, Some("true"), Any, High,
        "Whether a topic that a client asks for and that does not exist is made."),
    define("broker.id", Int, None, AtLeast(0), High,
        "The broker's number, 0 or more. An older name of node.id."),
    define("broker.rack", Text, None, Any, Medium,
        "The rack that Metadata names for this broker."),
    define("compression.type", Text, Some("producer"), OneOf(COMPRESSION_TYPES), High,
        "The compression in which batches are kept; producer keeps what the producer chose."),
    ConfigDefinition { standing: Standing::Fixed, ..define("default.replication.factor", Int, Some("1"), Any, Medium,
        "The replicas of a topic that does not say how many. There is one broker, so it is 1.") },
    define("delete.topic.enable", Boolean, Some("true"), Any, High,
        "Whether topics may be deleted."),
    define("fetch.max.bytes", Int, Some("57671680"), AtLeast(1024), Medium,
        "The most bytes that one fetch is answered with, 1,024 or more; a first batch that is larger is sent still."),
    define("group.consumer.assignors", List, Some("uniform,range"), OneOf(ASSIGNORS), Medium,
        "The assignors that consumer groups may ask for; the first is taken where nobody asks."),
    define("group.consumer.heartbeat.interval.ms", Int, Some("5000"), AtLeast(1), Medium,
        "How many milliseconds lie between two heartbeats of a consumer group's member."),
    define("group.consumer.max.heartbeat.interval.ms", Int, Some("15000"), AtLeast(1), Medium,
        "The longest heartbeat interval in milliseconds that a consumer group may be given."),
    define("group.consumer.max.session.timeout.ms", Int, Some("60000"), AtLeast(1), Medium,
        "The longest session timeout in milliseconds that a consumer group may be given."),
    define("group.consumer.max.size", Int, Some("2147483647"), AtLeast(1), Medium,
        "The most members that a consumer group may have, 1 or more."),
    define("group.consumer.migration.policy", Text, Some("bidirectional"), OneOf(MIGRATION_POLICIES), Medium,
        "Whether groups with members change between the classic and the consumer protocol."),
    define("group.consumer.min.heartbeat.interval.ms", Int, Some("5000"), AtLeast(1), Medium,
        "The shortest heartbeat interval in milliseconds that a consumer group may be given."),
    define("group.consumer.min.session.timeout.ms", Int, Some("45000"), AtLeast(1), Medium,
        "The shortest session timeout in milliseconds that a consumer group may be given."),
    define("group.consumer.regex.refresh.interval.ms", Int, Some("600000"), AtLeast(10_000), Medium,
        "After how many milliseconds at the latest regular expressions are resolved anew, 10,000 or more."),
    define("group.consumer.session.timeout.ms", Int, Some("45000"), AtLeast(1), Medium,
        "After how many milliseconds without a heartbeat a consumer group's member is fenced."),
    define("group.initial.rebalance.delay.ms", Int, Some("3000"), AtLeast(0), Medium,
        "How many milliseconds an empty group waits for more members before its first rebalance."),
    define("group.max.session.timeout.ms", Int, Some("1800000"), AtLeast(1), Medium,
        "The longest session timeout in milliseconds that a member may ask for."),
    define("group.max.size", Int, Some("2147483647"), AtLeast(1), Medium,
        "The most members that a group may have, 1 or more."),
    define("group.min.session.timeout.ms", Int, Some("6000"), AtLeast(1), Medium,
        "The shortest session timeout in milliseconds that a member may ask for."),
    define("log.cleaner.backoff.ms", Long, Some("15000"), AtLeast(0), Medium,
        "How many milliseconds the cleaner rests when no log needs cleaning."),
    define("log.cleaner.delete.retention.ms", Long, Some("86400000"), AtLeast(0), Medium,
        "How many milliseconds the tombstones of a compacted topic are kept."),
    define("log.cleaner.max.compaction.lag.ms", Long, Some("9223372036854775807"), AtLeast(1), Medium,
        "How many milliseconds a record may stay uncompacted at most."),
    define("log.cleaner.min.cleanable.ratio", Double, Some("0.5"), Ratio, Medium,
        "The share of a log, from 0 to 1, that must be uncompacted before it is compacted."),
    define("log.cleaner.min.compaction.lag.ms", Long, Some("0"), AtLeast(0), Medium,
        "How many milliseconds a record stays uncompacted at least."),
    define("log.cleanup.policy", List, Some("delete"), OneOf(CLEANUP_POLICIES), Medium,
        "What happens to old records: delete, compact, or both."),
    define("log.index.interval.bytes", Int, Some("4096"), AtLeast(0), Medium,
        "How many bytes lie between two entries of an index."),
    define("log.message.timestamp.after.max.ms", Long, Some("3600000"), AtLeast(0), Medium,
        "How many milliseconds a record's timestamp may lie after the broker's clock."),
    define("log.message.timestamp.before.max.ms", Long, Some("9223372036854775807"), AtLeast(0), Medium,
        "How many milliseconds a record's timestamp may lie before the broker's clock."),
    define("log.message.timestamp.type", Text, Some("CreateTime"), OneOf(TIMESTAMP_TYPES), Medium,
        "Whose time a record bears: the producer's (CreateTime) or the broker's (LogAppendTime)."),
    define("log.retention.bytes", Long, Some("-1"), Any, High,
        "The bytes of a partition above which its oldest segments are deleted; -1 is no limit."),
    define("log.retention.check.interval.ms", Long, Some("300000"), AtLeast(1), Medium,
        "How many milliseconds lie between two looks for segments to delete."),
    define("log.retention.hours", Int, Some("168"), Any, High,
        "How many hours records are kept, where neither log.retention.ms nor .minutes is set."),
    define("log.retention.minutes", Int, None, Any, High,
        "How many minutes records are kept, where log.retention.ms is not set."),
    define("log.retention.ms", Long, None, Any, High,
        "How many milliseconds records are kept; -1 is for ever."),
    define("log.roll.hours", Int, Some("168"), AtLeast(1), High,
        "After how many hours a new segment is begun, where log.roll.ms is not set."),
    define("log.roll.ms", Long, None, AtLeast(1), High,
        "After how many milliseconds a new segment is begun."),
    define("log.segment.bytes", Int, Some("1073741824"), AtLeast(1_048_576), High,
        "The most bytes of a segment, 1,048,576 or more."),
    define("max.incremental.fetch.session.cache.slots", Int, Some("1000"), AtLeast(0), Medium,
        "The most fetch sessions that are remembered."),
    define("message.max.bytes", Int, Some("1048588"), AtLeast(0), High,
        "The most bytes of a batch."),
    define("min.insync.replicas", Int, Some("1"), AtLeast(1), High,
        "The replicas that must be in sync for acks=all, 1 or more. There is one broker: above 1 such writes fail."),
    define("node.id", Int, Some("1"), AtLeast(0), High,
        "The broker's number, 0 or more."),
    define("num.partitions", Int, Some("1"), AtLeast(1), Medium,
        "The partitions of a topic that does not say how many, 1 or more."),
    define("offset.metadata.max.bytes", Int, Some("4096"), AtLeast(0), High,
        "The most bytes of the text that may go with a committed offset."),
    define("offsets.retention.check.interval.ms", Long, Some("600000"), AtLeast(1), High,
        "How many milliseconds lie between two looks for committed offsets that have expired."),
    define("offsets.retention.minutes", Int, Some("10080"), AtLeast(1), High,
        "How many minutes the committed offsets of a group without members are kept, 1 or more."),
    define("offsets.topic.num.partitions", Int, Some("50"), AtLeast(1), High,
        "The partitions of __consumer_offsets when it is made, 1 or more."),
    define("offsets.topic.segment.bytes", Int, Some("104857600"), AtLeast(1), High,
        "The most bytes of a segment of __consumer_offsets, 1 or more."),
    define("producer.id.expiration.ms", Int, Some("86400000"), AtLeast(1), Low,
        "How many milliseconds an idempotent producer is remembered after its last batch, 1 or more."),
    define("tablog.durability", Text, Some("acks"), OneOf(DURABILITIES), Medium,
        "When a write counts as durable: relaxed (handed to the system), strict (on the disk), or as acks asks."),
    define("tablog.events.enable", Boolean, Some("true"), Any, Low,
        "Whether the broker tells what happens inside on the topic __tablog_events."),
    define("tablog.storage", Text, Some("disk"), OneOf(STORAGES), Medium,
        "Where topics are kept: on disk, or in memory only, where they end with the broker."),
];
