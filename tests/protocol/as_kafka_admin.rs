//! Metadata, admin and group requests asked oddly: the answers are those that Apache Kafka 4.1 was seen to give.

use crate::Bench;
use tablog_record::Uuid;
use tablog_wire::messages::alter_configs_request::{self, AlterConfigsRequest};
use tablog_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use tablog_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use tablog_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use tablog_wire::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use tablog_wire::messages::incremental_alter_configs_request::{self, IncrementalAlterConfigsRequest};
use tablog_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use tablog_wire::messages::{
    DescribeClusterRequest, DescribeGroupsRequest, FindCoordinatorRequest, InitProducerIdRequest,
    JoinGroupRequest, OffsetDeleteRequest, SyncGroupRequest,
};

fn id_of(bench: &mut Bench, name: &str) -> Uuid {
    let request = MetadataRequest { topics: None, ..Default::default() };
    let answer = bench.broker.call(bench.connection, 12, &request);
    answer.topics.iter().find(|topic| topic.name.as_deref() == Some(name)).expect("the topic").topic_id
}

fn by_name(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.into()), ..Default::default() }
}

#[test]
fn metadata_takes_ids_from_version_12_on() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    let topic_id = id_of(&mut bench, "t");
    let ask = |bench: &mut Bench, version: i16, topics: Vec<MetadataRequestTopic>| {
        let request =
            MetadataRequest { topics: Some(topics), allow_auto_topic_creation: false, ..Default::default() };
        bench.broker.call(bench.connection, version, &request)
    };
    let by_id = |topic_id| MetadataRequestTopic { topic_id, name: None };
    for version in [10, 11] {
        let answer = ask(&mut bench, version, vec![by_id(topic_id), by_name("t")]);
        assert_eq!((answer.brokers.len(), answer.controller_id), (0, -1), "version {version}");
        assert!(answer.topics.iter().all(|topic| topic.error_code == 42), "version {version}");
    }
    for version in [12, 13] {
        let answer = ask(&mut bench, version, vec![by_id(topic_id), by_id(Uuid([7; 16]))]);
        assert_eq!((answer.brokers.len(), answer.controller_id), (1, 1));
        let codes: Vec<i16> = answer.topics.iter().map(|topic| topic.error_code).collect();
        assert_eq!(codes, [0, 100]);
        assert_eq!(answer.topics[0].name.as_deref(), Some("t"));
    }
    let answer = ask(&mut bench, 9, vec![by_name("t"), by_name("t")]);
    assert_eq!(answer.topics.len(), 1, "asked twice, told once");
    let answer = ask(&mut bench, 9, vec![by_name("__consumer_offsets")]);
    assert_eq!((answer.topics[0].error_code, answer.topics[0].is_internal), (3, true));
    for name in ["", ".", "..", "a b", "a/b", "ä"] {
        assert_eq!(ask(&mut bench, 9, vec![by_name(name)]).topics[0].error_code, 17, "{name:?}");
    }
}

#[test]
fn what_a_client_may_do_is_told_when_asked() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    let mut request = MetadataRequest { topics: Some(vec![by_name("t")]), ..Default::default() };
    let answer = bench.broker.call(bench.connection, 8, &request);
    let (of_topic, of_cluster) =
        (answer.topics[0].topic_authorized_operations, answer.cluster_authorized_operations);
    assert_eq!((of_topic, of_cluster), (i32::MIN, i32::MIN));
    request.include_topic_authorized_operations = true;
    request.include_cluster_authorized_operations = true;
    let answer = bench.broker.call(bench.connection, 8, &request);
    let (of_topic, of_cluster) =
        (answer.topics[0].topic_authorized_operations, answer.cluster_authorized_operations);
    assert_eq!((of_topic, of_cluster), (3576, 8096));
    let request =
        DescribeClusterRequest { include_cluster_authorized_operations: true, ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 0, &request).cluster_authorized_operations, 8096);
    for (endpoint_type, code) in [(2, 114), (3, 115), (0, 115)] {
        let request = DescribeClusterRequest { endpoint_type, ..Default::default() };
        assert_eq!(bench.broker.call(bench.connection, 1, &request).error_code, code);
    }
    let request = DescribeGroupsRequest { groups: vec!["g".into()], include_authorized_operations: true };
    let find = FindCoordinatorRequest { key: "g".into(), ..Default::default() };
    bench.broker.call(bench.connection, 1, &find);
    for (version, code, operations) in [(5, 0, 3400), (6, 69, i32::MIN)] {
        let group = bench.broker.call(bench.connection, version, &request).groups.remove(0);
        assert_eq!((group.error_code, group.authorized_operations), (code, operations), "version {version}");
        assert_eq!(group.group_state, "Dead");
    }
}

/// Partitions and the brokers that somebody chose for them.
type Assigned<'a> = &'a [(i32, &'a [i32])];

/// A topic, how many partitions it shall have, the brokers of the new ones.
type Wanted<'a> = (&'a str, i32, Option<&'a [&'a [i32]]>);

fn topic(name: &str) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions: 1, replication_factor: 1, ..Default::default() }
}

/// Code and sentence of one CreateTopics that only tries.
fn try_topic(bench: &mut Bench, topic: CreatableTopic) -> (i16, String) {
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, validate_only: true };
    let answer = bench.broker.call(bench.connection, 7, &request).topics.remove(0);
    (answer.error_code, answer.error_message.unwrap_or_default())
}

#[test]
fn create_topics_says_what_is_wrong() {
    let mut bench = Bench::new();
    bench.create_topic("there.is", 1, &[]);
    let counted = |num_partitions: i32, replication_factor: i16| CreatableTopic {
        num_partitions,
        replication_factor,
        ..topic("n")
    };
    let replicas = "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be \
                    reached because only 1 broker(s) are registered.";
    let cases = [
        (topic("n"), 0, ""),
        (topic("there.is"), 36, "Topic 'there.is' already exists."),
        (topic("there_is"), 17, "Topic 'there_is' collides with existing topic: there.is"),
        (topic(""), 17, "Topic name is invalid: the empty string is not allowed"),
        (topic("__cluster_metadata"), 42, "Creation of internal topic __cluster_metadata is prohibited."),
        (counted(-1, -1), 0, ""),
        (counted(0, 1), 37, "Number of partitions was set to an invalid non-positive value."),
        (counted(-2, 1), 37, "Number of partitions was set to an invalid non-positive value."),
        (counted(10_001, 1), 44, "Excessively large number of partitions per request."),
        (counted(1, 2), 38, replicas),
        (counted(1, 0), 38, "Replication factor must be larger than 0, or -1 to use the default value."),
    ];
    for (topic, code, message) in cases {
        let what = format!("{topic:?}");
        assert_eq!(try_topic(&mut bench, topic), (code, message.to_string()), "{what}");
    }
    let assigned = |assignments: Assigned| CreatableTopic {
        assignments: assignments
            .iter()
            .map(|(partition_index, broker_ids)| CreatableReplicaAssignment {
                partition_index: *partition_index,
                broker_ids: broker_ids.to_vec(),
            })
            .collect(),
        ..counted(-1, -1)
    };
    let gap = "partitions should be a consecutive 0-based integer sequence";
    let unknown = "The manual partition assignment includes broker 9, but no such broker is registered.";
    let cases: [(Assigned, i16, &str); 8] = [
        (&[(0, &[1]), (1, &[1])], 0, ""),
        (&[(0, &[1]), (2, &[1])], 39, gap),
        (&[(1, &[1])], 39, gap),
        (&[(-1, &[1])], 39, gap),
        (&[(0, &[9])], 39, unknown),
        (&[(0, &[])], 39, "The manual partition assignment includes an empty replica list."),
        (&[(0, &[1, 1])], 39, "The manual partition assignment includes the broker 1 more than once."),
        (&[(0, &[1]), (0, &[1])], 39, "Found multiple manual partition assignments for partition 0"),
    ];
    for (assignments, code, message) in cases {
        let found = try_topic(&mut bench, assigned(assignments));
        assert_eq!(found, (code, message.to_string()), "{assignments:?}");
    }
    let twice = CreateTopicsRequest {
        topics: vec![topic("a"), topic("a"), topic("b")],
        timeout_ms: 1000,
        validate_only: false,
    };
    let answer = bench.broker.call(bench.connection, 5, &twice);
    let found: Vec<_> = answer.topics.iter().map(|topic| (topic.name.as_str(), topic.error_code)).collect();
    assert_eq!(found, [("a", 42), ("b", 0)]);
}

#[test]
fn settings_are_checked_by_kafkas_rules() {
    let mut bench = Bench::new();
    let cases = [
        ("retention.ms", Some("1000"), 0),
        ("retention.ms", Some(" 5000 "), 0),
        ("retention.ms", Some("abc"), 40),
        ("retention.ms", Some(""), 40),
        ("retention.ms", Some("-2"), 40),
        ("retention.ms", None, 40),
        ("nope.config", Some("1"), 40),
        ("cleanup.policy", Some("compact,delete"), 0),
        ("cleanup.policy", Some(" compact , delete "), 0),
        ("cleanup.policy", Some("foo"), 40),
        ("compression.type", Some("lzma"), 40),
        ("segment.bytes", Some("10"), 40),
        ("segment.bytes", Some("1048576"), 0),
        ("segment.bytes", Some("99999999999"), 40),
        ("max.message.bytes", Some("-1"), 40),
        ("max.message.bytes", Some("1.5"), 40),
        ("message.timestamp.type", Some("LogAppendTime"), 0),
        ("message.timestamp.type", Some("foo"), 40),
        ("min.insync.replicas", Some("0"), 40),
        ("min.insync.replicas", Some("2"), 0),
        ("min.cleanable.dirty.ratio", Some("0.5"), 0),
        ("min.cleanable.dirty.ratio", Some("1.5"), 40),
        ("segment.ms", Some("0"), 40),
        ("max.compaction.lag.ms", Some("0"), 40),
        ("message.timestamp.before.max.ms", Some("-1"), 40),
    ];
    for (name, value, code) in cases {
        let configs = vec![CreatableTopicConfig { name: name.into(), value: value.map(str::to_string) }];
        let found = try_topic(&mut bench, CreatableTopic { configs, ..topic("n") });
        assert_eq!(found.0, code, "{name}={value:?}: {}", found.1);
    }
}

#[test]
fn create_partitions_says_what_is_wrong() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[]);
    let mut ask = |topics: &[Wanted], validate_only: bool| {
        let topics = topics.iter().map(|(name, count, assignments)| CreatePartitionsTopic {
            name: name.to_string(),
            count: *count,
            assignments: assignments.map(|lists| {
                lists.iter().map(|ids| CreatePartitionsAssignment { broker_ids: ids.to_vec() }).collect()
            }),
        });
        let request = CreatePartitionsRequest { topics: topics.collect(), timeout_ms: 1000, validate_only };
        let answer = bench.broker.call(bench.connection, 3, &request);
        let told = answer.results.into_iter();
        told.map(|result| (result.error_code, result.error_message.unwrap_or_default())).collect::<Vec<_>>()
    };
    let one = |code: i16, message: &str| vec![(code, message.to_string())];
    let fewer = "The topic t currently has 2 partition(s); 1 would not be an increase.";
    assert_eq!(ask(&[("t", 1, None)], false), one(37, fewer));
    assert_eq!(ask(&[("t", 2, None)], false), one(37, "Topic already has 2 partition(s)."));
    let unknown = "This server does not host this topic-partition.";
    assert_eq!(ask(&[("none", 5, None)], false), one(3, unknown));
    assert_eq!(ask(&[("t", 3, None), ("t", 4, None)], false), one(42, "Duplicate topic name."));
    let assigned = "Attempted to add 1 additional partition(s), but only 2 assignment(s) were specified.";
    assert_eq!(ask(&[("t", 3, Some(&[&[1], &[1]]))], false), one(39, assigned));
    let broker = "The manual partition assignment includes broker 9, but no such broker is registered.";
    assert_eq!(ask(&[("t", 3, Some(&[&[9]]))], false), one(39, broker));
    assert_eq!(ask(&[("t", 3, Some(&[&[1]]))], true), one(0, ""));
    assert_eq!(ask(&[("t", 3, Some(&[&[1]])), ("none", 5, None)], false).len(), 2);
    assert_eq!(ask(&[("t", 3, None)], false), one(37, "Topic already has 3 partition(s)."));
}

#[test]
fn topics_named_twice_are_not_deleted() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    let id = id_of(&mut bench, "t");
    let by_name = || DeleteTopicState { name: Some("t".into()), topic_id: Uuid::ZERO };
    let by_id = || DeleteTopicState { name: None, topic_id: id };
    let mut ask = |topics: Vec<DeleteTopicState>| {
        let request = DeleteTopicsRequest { topics, timeout_ms: 1000, ..Default::default() };
        let answer = bench.broker.call(bench.connection, 6, &request);
        let told = answer.responses.into_iter();
        told.map(|result| (result.error_code, result.error_message.unwrap_or_default())).collect::<Vec<_>>()
    };
    let one = |code: i16, message: &str| vec![(code, message.to_string())];
    assert_eq!(ask(vec![by_name(), by_name()]), one(42, "Duplicate topic name."));
    assert_eq!(ask(vec![by_id(), by_id()]), one(42, "Duplicate topic id."));
    let both = "The provided topic name maps to an ID that was already supplied.";
    assert_eq!(ask(vec![by_name(), by_id()]), one(42, both));
    let both = DeleteTopicState { name: Some("t".into()), topic_id: id };
    assert_eq!(ask(vec![both]), one(42, "You may not specify both topic name and topic id."));
    let neither = DeleteTopicState { name: None, topic_id: Uuid::ZERO };
    assert_eq!(ask(vec![neither]), one(42, "Neither topic name nor id were specified."));
    assert_eq!(ask(vec![by_id()]), one(0, ""), "it was there all along");
    assert_eq!(ask(vec![by_id()])[0].0, 100);
    assert_eq!(ask(vec![by_name()])[0].0, 3);
}

#[test]
fn configs_are_altered_as_a_whole_or_one_by_one() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[("segment.ms", "1000")]);
    let all = |bench: &mut Bench, configs: &[(&str, Option<&str>)], name: &str| {
        let configs = configs.iter().map(|(name, value)| alter_configs_request::AlterableConfig {
            name: name.to_string(),
            value: value.map(str::to_string),
        });
        let resource = alter_configs_request::AlterConfigsResource {
            resource_type: 2,
            resource_name: name.into(),
            configs: configs.collect(),
        };
        let request = AlterConfigsRequest { resources: vec![resource], validate_only: false };
        bench.broker.call(bench.connection, 2, &request).responses[0].error_code
    };
    let one = |bench: &mut Bench, name: &str, config_operation: i8, value: Option<&str>| {
        let config = incremental_alter_configs_request::AlterableConfig {
            name: name.into(),
            config_operation,
            value: value.map(str::to_string),
        };
        let resource = incremental_alter_configs_request::AlterConfigsResource {
            resource_type: 2,
            resource_name: "t".into(),
            configs: vec![config],
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        bench.broker.call(bench.connection, 1, &request).responses[0].error_code
    };
    let set = |bench: &mut Bench, keys: Option<&[&str]>| {
        let resource = DescribeConfigsResource {
            resource_type: 2,
            resource_name: "t".into(),
            configuration_keys: keys.map(|keys| keys.iter().map(|key| key.to_string()).collect()),
        };
        let request = DescribeConfigsRequest { resources: vec![resource], ..Default::default() };
        let found = bench.broker.call(bench.connection, 4, &request).results.remove(0).configs;
        let total = found.len();
        let set = found.into_iter().filter(|config| config.config_source == 1);
        let set = set.map(|config| format!("{}={}", config.name, config.value.unwrap_or_default()));
        (total, set.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(all(&mut bench, &[("retention.ms", Some("5000"))], "t"), 0);
    let (total, found) = set(&mut bench, None);
    assert!(total > 30 && found == "retention.ms=5000", "what is not named is the default again: {found}");
    assert_eq!(set(&mut bench, Some(&[])).0, total, "no keys are all keys");
    assert_eq!(set(&mut bench, Some(&["retention.ms", "nope"])).0, 1);
    assert_eq!(all(&mut bench, &[("retention.ms", Some("x"))], "t"), 40);
    assert_eq!(all(&mut bench, &[("nope", Some("1"))], "t"), 40);
    assert_eq!(all(&mut bench, &[("retention.ms", None)], "t"), 42);
    assert_eq!(all(&mut bench, &[("retention.ms", Some("1")), ("retention.ms", Some("2"))], "t"), 42);
    assert_eq!(all(&mut bench, &[("retention.ms", Some("1"))], "none"), 3);
    assert_eq!(all(&mut bench, &[("retention.ms", Some("1"))], "a b"), 17);
    assert_eq!(all(&mut bench, &[("retention.ms", Some("1"))], ""), 42);

    let (to_set, to_delete, to_append, to_subtract) = (0, 1, 2, 3);
    assert_eq!(one(&mut bench, "cleanup.policy", to_set, Some("compact")), 0);
    assert_eq!(one(&mut bench, "cleanup.policy", to_append, Some("delete")), 0);
    assert_eq!(set(&mut bench, None).1, "cleanup.policy=compact,delete retention.ms=5000");
    assert_eq!(one(&mut bench, "cleanup.policy", to_subtract, Some("compact")), 0);
    assert_eq!(set(&mut bench, None).1, "cleanup.policy=delete retention.ms=5000");
    assert_eq!(one(&mut bench, "retention.ms", to_append, Some("1")), 40, "no list");
    assert_eq!(one(&mut bench, "retention.ms", to_set, None), 42);
    assert_eq!(one(&mut bench, "nope", to_set, Some("1")), 40);
    assert_eq!(one(&mut bench, "nope", to_delete, None), 0, "nobody had set it");
    assert_eq!(one(&mut bench, "retention.ms", to_delete, None), 0);
    assert_eq!(set(&mut bench, None).1, "cleanup.policy=delete");
}

#[test]
fn producer_ids_are_given_to_who_asks_rightly() {
    let mut bench = Bench::new();
    let mut ask = |version: i16, transactional_id: Option<&str>, producer: (i64, i16)| {
        let request = InitProducerIdRequest {
            transactional_id: transactional_id.map(str::to_string),
            transaction_timeout_ms: 60_000,
            producer_id: producer.0,
            producer_epoch: producer.1,
            ..Default::default()
        };
        let answer = bench.broker.call(bench.connection, version, &request);
        (answer.error_code, answer.producer_id >= 0, answer.producer_epoch)
    };
    for version in 0..=5 {
        assert_eq!(ask(version, None, (-1, -1)), (0, true, 0), "version {version}");
        assert_eq!(ask(version, Some(""), (-1, -1)), (42, false, -1), "version {version}");
    }
    assert_eq!(ask(4, None, (5, 1)), (0, true, 0));
    assert_eq!(ask(4, None, (5, -1)), (42, false, -1));
    assert_eq!(ask(4, None, (-1, 1)), (42, false, -1));
}

#[test]
fn group_requests_without_what_they_need_are_refused() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    for version in [0, 1, 3, 4, 6] {
        let mut request = FindCoordinatorRequest::default();
        match version < 4 {
            true => request.key = "g".into(),
            false => request.coordinator_keys = vec!["g".into()],
        }
        let answer = bench.broker.call(bench.connection, version, &request);
        let message = match version {
            0 => answer.error_message.filter(|message| !message.is_empty()),
            1..4 => answer.error_message,
            _ => answer.coordinators[0].error_message.clone(),
        };
        let expected = [None, Some("NONE"), Some("")][usize::from(version > 0) + usize::from(version > 3)];
        assert_eq!(message.as_deref(), expected, "version {version}");
    }
    for (version, name) in [(6, Some("")), (7, None), (9, None)] {
        let request = JoinGroupRequest { group_id: String::new(), ..Default::default() };
        let answer = bench.broker.call(bench.connection, version, &request);
        assert_eq!((answer.error_code, answer.protocol_name.as_deref()), (24, name), "version {version}");
    }
    let request = SyncGroupRequest { group_id: "g".into(), member_id: "m".into(), ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 5, &request).error_code, 23, "no protocol named");
    assert_eq!(bench.broker.call(bench.connection, 4, &request).error_code, 25, "nobody it knows");
    let request = OffsetDeleteRequest::default();
    assert_eq!(bench.broker.call(bench.connection, 0, &request).error_code, 24);
}
