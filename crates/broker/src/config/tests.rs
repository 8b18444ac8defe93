//! The settings as a client meets them.

use super::description::ConfigSource;
use super::*;
use tablog_log::storage::{Durability, Tier};
use tablog_log::{Cleanup, LogConfig};
use tablog_record::{Compression, SortedMap, TimestampType};

fn pairs(settings: &[(&str, &str)]) -> SortedMap<String, String> {
    settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn broker(settings: &[(&str, &str)]) -> BrokerConfig {
    BrokerConfig::from_settings(pairs(settings)).expect("valid settings")
}

fn topic(overrides: &[(&str, &str)]) -> Result<TopicConfig, String> {
    TopicConfig::from_overrides("t", &pairs(overrides), &broker(&[])).map_err(|error| error.to_string())
}

fn described<'a>(all: &'a [DescribedConfig], name: &str) -> &'a DescribedConfig {
    all.iter().find(|config| config.definition.name == name).expect("a known setting")
}

#[test]
fn tables_are_sorted_and_their_defaults_are_valid() {
    for table in [broker::DEFINITIONS, topic::DEFINITIONS] {
        assert!(table.is_sorted_by_key(|definition| definition.name));
        for definition in table {
            if let Some(default) = definition.default {
                let value = definition.parse(default).expect(definition.name);
                assert_eq!(value.to_string(), default, "{}", definition.name);
            }
            assert!(definition.documentation.ends_with('.'), "{}", definition.name);
        }
    }
}

#[test]
fn defaults_are_those_of_the_log() {
    let config = topic(&[]).unwrap();
    assert_eq!(config.log, LogConfig::default());
    assert_eq!((config.durability, config.tier), (DurabilityPolicy::Acks, Tier::Durable));
    let broker = BrokerConfig::default();
    assert_eq!((broker.node_id, broker.num_partitions, broker.offsets_topic_num_partitions), (1, 1, 50));
    assert_eq!((broker.advertised_host.as_str(), broker.advertised_port), ("localhost", 9092));
}

#[test]
fn a_topic_says_what_holds_for_it() {
    let config = topic(&[
        ("cleanup.policy", "compact, delete"),
        ("compression.type", "uncompressed"),
        ("retention.ms", "-1"),
        ("retention.bytes", " 1000 "),
        ("message.timestamp.type", "LogAppendTime"),
        ("tablog.durability", "strict"),
        ("tablog.storage", "memory"),
        ("min.insync.replicas", "2"),
    ])
    .unwrap();
    assert_eq!(config.log.cleanup, Cleanup::CompactDelete);
    assert_eq!(config.log.compression, Some(Compression::None));
    assert_eq!((config.log.retention_ms, config.log.retention_bytes), (None, Some(1000)));
    assert_eq!(config.log.timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(config.durability, DurabilityPolicy::Always(Durability::Strict));
    assert_eq!(config.tier, Tier::Memory);
}

#[test]
fn small_segments_have_a_name_of_their_own() {
    assert!(topic(&[("segment.bytes", "1000")]).is_err());
    assert_eq!(topic(&[("internal.segment.bytes", "1000")]).unwrap().log.segment_bytes, 1000);
    let overrides = pairs(&[("internal.segment.bytes", "1000")]);
    let all = TopicConfig::describe(&overrides, &broker(&[]));
    assert!(all.iter().all(|config| config.definition.name != "internal.segment.bytes"));
}

#[test]
fn refusals_are_kafkas_sentences() {
    for (name, value, sentence) in [
        ("foo", "1", "Unknown topic config name: foo"),
        ("retention.ms", "x", "Invalid value x for configuration retention.ms: Not a number of type LONG"),
        ("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"),
        (
            "segment.bytes",
            "3000000000",
            "Invalid value 3000000000 for configuration segment.bytes: Not a number of type INT",
        ),
        (
            "cleanup.policy",
            "delete,shred",
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            "min.cleanable.dirty.ratio",
            "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            "min.cleanable.dirty.ratio",
            "NaN",
            "Invalid value NaN for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE",
        ),
        (
            "preallocate",
            "maybe",
            "Invalid value maybe for configuration preallocate: Expected value to be either true or false",
        ),
        (
            "cleanup.policy",
            "",
            "Invalid value  for configuration cleanup.policy: Value must name compact, delete or both",
        ),
    ] {
        assert_eq!(topic(&[(name, value)]).expect_err(name), sentence);
    }
    let lags = [("min.compaction.lag.ms", "5"), ("max.compaction.lag.ms", "4")];
    assert_eq!(
        topic(&lags).expect_err("a conflict"),
        "conflict topic config setting min.compaction.lag.ms (5) > max.compaction.lag.ms (4)"
    );
}

#[test]
fn a_setting_that_does_nothing_here_takes_its_default_only() {
    assert!(topic(&[("flush.ms", "9223372036854775807")]).is_ok());
    assert!(topic(&[("preallocate", "FALSE")]).is_ok());
    assert!(topic(&[("flush.ms", "1000")]).expect_err("not honoured").contains("only 9223372036854775807"));
}

#[test]
fn retention_comes_from_the_strongest_name_in_its_own_unit() {
    let retention = |settings: &[(&str, &str)], overrides: &[(&str, &str)]| {
        TopicConfig::from_overrides("t", &pairs(overrides), &broker(settings)).unwrap().log.retention_ms
    };
    assert_eq!(retention(&[("log.retention.hours", "2")], &[]), Some(7_200_000));
    assert_eq!(
        retention(&[("log.retention.hours", "2"), ("log.retention.minutes", "3")], &[]),
        Some(180_000)
    );
    assert_eq!(retention(&[("log.retention.minutes", "3"), ("log.retention.ms", "4")], &[]), Some(4));
    assert_eq!(retention(&[("log.retention.ms", "-1")], &[]), None);
    assert_eq!(retention(&[("log.retention.ms", "4")], &[("retention.ms", "5")]), Some(5));
}

#[test]
fn describe_tells_where_a_value_comes_from() {
    let broker = broker(&[("log.retention.ms", "1000"), ("log.segment.bytes", "2000000")]);
    let all = TopicConfig::describe(&pairs(&[("retention.ms", "60")]), &broker);
    let retention = described(&all, "retention.ms");
    assert_eq!((retention.value.as_deref(), retention.source), (Some("60"), ConfigSource::DynamicTopic));
    let sources: Vec<_> =
        retention.synonyms.iter().map(|synonym| (synonym.name, synonym.source.code())).collect();
    assert_eq!(
        sources,
        [("retention.ms", 1), ("log.retention.ms", 4), ("log.retention.hours", 5)],
        "the topic, the broker, the default"
    );
    let segment = described(&all, "segment.bytes");
    assert_eq!((segment.value.as_deref(), segment.source), (Some("2000000"), ConfigSource::StaticBroker));
    let policy = described(&all, "cleanup.policy");
    assert_eq!((policy.value.as_deref(), policy.source.code()), (Some("delete"), 5));
    assert_eq!((policy.definition.kind.code(), policy.read_only), (7, ReadOnly::No));
    assert_eq!(described(&all, "flush.ms").read_only, ReadOnly::Yes);
    assert_eq!(described(&all, "min.cleanable.dirty.ratio").value.as_deref(), Some("0.5"));

    let all = broker.describe();
    assert_eq!(described(&all, "log.retention.ms").source, ConfigSource::StaticBroker);
    assert_eq!(described(&all, "log.retention.minutes").value, None);
    assert_eq!(described(&all, "num.partitions").source, ConfigSource::Default);
}

#[test]
fn lists_are_appended_to_and_subtracted_from() {
    let broker = broker(&[]);
    let mut overrides = SortedMap::new();
    let mut alter = |operation, name: &str, value| {
        TopicConfig::alter(&mut overrides, &broker, name, operation, value)
            .map(|()| overrides.get(name).cloned())
            .map_err(|error| error.to_string())
    };
    let policy = "cleanup.policy";
    assert_eq!(alter(Alteration::Append, policy, Some("compact,delete")), Ok(Some("delete,compact".into())));
    assert_eq!(alter(Alteration::Subtract, policy, Some("delete")), Ok(Some("compact".into())));
    assert_eq!(alter(Alteration::Delete, policy, None), Ok(None));
    assert_eq!(alter(Alteration::Set, "retention.ms", Some("5")), Ok(Some("5".into())));
    assert_eq!(
        alter(Alteration::Append, "retention.ms", Some("5")),
        Err("Can't APPEND to key retention.ms because its type is not LIST.".into())
    );
    assert!(alter(Alteration::Set, "retention.ms", None).is_err());
    assert_eq!(alter(Alteration::Set, "foo", Some("1")), Err("Unknown topic config name: foo".into()));
    assert_eq!(Alteration::from_code(3), Some(Alteration::Subtract));
    assert_eq!(Alteration::from_code(4), None);
}

#[test]
fn the_broker_refuses_what_it_cannot_be() {
    for (name, value, part) in [
        ("foo", "1", "Unknown broker config name: foo"),
        ("num.partitions", "0", "Value must be at least 1"),
        ("log.retention.ms", "0", "must be unlimited (-1)"),
        ("log.segment.bytes", "1", "Value must be at least 1048576"),
        ("default.replication.factor", "3", "only 1 is taken"),
        ("advertised.listeners", "nowhere", "PLAINTEXT://host:port"),
        ("advertised.listeners", "PLAINTEXT://a:1,PLAINTEXT://b:2", "PLAINTEXT://host:port"),
    ] {
        let error = BrokerConfig::from_settings(pairs(&[(name, value)])).expect_err(name).to_string();
        assert!(error.contains(part), "{error}");
    }
    let ids = pairs(&[("node.id", "1"), ("broker.id", "2")]);
    assert!(BrokerConfig::from_settings(ids).is_err());
    assert_eq!(broker(&[("broker.id", "7")]).node_id, 7);
    let elsewhere = broker(&[("advertised.listeners", "PLAINTEXT://example.org:19092")]);
    assert_eq!((elsewhere.advertised_host.as_str(), elsewhere.advertised_port), ("example.org", 19092));
    assert_eq!(broker(&[("group.max.size", "3")]).group.group_max_size, 3);
}
