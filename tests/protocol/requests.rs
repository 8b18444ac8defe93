//! Every served API at every accepted version: a request with as little as can be said, and one with much in it.
//!
//! The names in them are those of `prepare`. Never knows: which answer is right.

use crate::{Bench, batch};
use bytes::Bytes;
use std::fmt::Debug;
use tablog_record::Uuid;
use tablog_wire::messages::alter_configs_request::{self, AlterConfigsRequest};
use tablog_wire::messages::api_versions_request::ApiVersionsRequest;
use tablog_wire::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use tablog_wire::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use tablog_wire::messages::create_partitions_request::*;
use tablog_wire::messages::create_topics_request::*;
use tablog_wire::messages::delete_groups_request::DeleteGroupsRequest;
use tablog_wire::messages::delete_records_request::*;
use tablog_wire::messages::delete_topics_request::*;
use tablog_wire::messages::describe_cluster_request::DescribeClusterRequest;
use tablog_wire::messages::describe_configs_request::*;
use tablog_wire::messages::describe_groups_request::DescribeGroupsRequest;
use tablog_wire::messages::describe_log_dirs_request::*;
use tablog_wire::messages::describe_producers_request::*;
use tablog_wire::messages::fetch_request::*;
use tablog_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use tablog_wire::messages::heartbeat_request::HeartbeatRequest;
use tablog_wire::messages::incremental_alter_configs_request::{self, IncrementalAlterConfigsRequest};
use tablog_wire::messages::init_producer_id_request::InitProducerIdRequest;
use tablog_wire::messages::join_group_request::*;
use tablog_wire::messages::leave_group_request::*;
use tablog_wire::messages::list_groups_request::ListGroupsRequest;
use tablog_wire::messages::list_offsets_request::*;
use tablog_wire::messages::metadata_request::*;
use tablog_wire::messages::offset_commit_request::*;
use tablog_wire::messages::offset_delete_request::*;
use tablog_wire::messages::offset_fetch_request::*;
use tablog_wire::messages::offset_for_leader_epoch_request::*;
use tablog_wire::messages::produce_request::*;
use tablog_wire::messages::sync_group_request::*;
use tablog_wire::served::{self, SERVED};
use tablog_wire::{ApiKey, Request, frame};

pub(crate) const TOPIC: &str = "t";
const PARTITIONS: i32 = 8;
pub(crate) const GROUP: &str = "g";

/// A request as a frame, and how its answer is read.
pub(crate) struct Said {
    pub api: ApiKey,
    pub version: i16,
    pub frame: Bytes,
    pub read: fn(Bytes, i16) -> Result<String, String>,
}

/// What the requests speak of: a topic with something in each partition. Gives its id.
pub(crate) fn prepare(bench: &mut Bench) -> Uuid {
    assert_eq!(bench.create_topic(TOPIC, PARTITIONS, &[]), 0);
    for partition in 0..PARTITIONS {
        for value in ["a", "b", "c"] {
            bench.produce(TOPIC, partition, batch(&[value]));
        }
    }
    let all = MetadataRequest { topics: None, ..Default::default() };
    bench.broker.call(bench.connection, 12, &all).topics[0].topic_id
}

/// Every accepted version of every served API, said shortly and at length.
pub(crate) fn all(topic_id: Uuid) -> Vec<Said> {
    let mut all = Vec::new();
    for &(api, _, max) in SERVED {
        for version in served::min_accepted(api).expect("a served API")..=max {
            all.push(short(api, version));
            all.push(long(api, version, topic_id));
        }
    }
    all
}

fn say<R: Request + Debug>(version: i16, request: &R) -> Said
where
    R::Response: Debug,
{
    let frame = frame::encode_request(request, version, 7, Some("test"))
        .unwrap_or_else(|error| panic!("{} {version}: {error}", R::NAME));
    let read = |frame: Bytes, version: i16| match frame::decode_response::<R>(frame, version) {
        Ok((7, response)) => Ok(format!("{response:?}")),
        Ok((other, _)) => Err(format!("correlation id {other}")),
        Err(error) => Err(error.to_string()),
    };
    Said { api: R::API, version, frame, read }
}

fn short(api: ApiKey, version: i16) -> Said {
    let v = version;
    match api {
        ApiKey::Produce => say(v, &ProduceRequest { acks: -1, ..Default::default() }),
        ApiKey::Fetch => say(v, &FetchRequest::default()),
        ApiKey::ListOffsets => say(v, &ListOffsetsRequest { replica_id: -1, ..Default::default() }),
        ApiKey::Metadata => say(v, &MetadataRequest { topics: Some(Vec::new()), ..Default::default() }),
        ApiKey::OffsetCommit => say(v, &OffsetCommitRequest { group_id: GROUP.into(), ..Default::default() }),
        ApiKey::OffsetFetch => say(v, &OffsetFetchRequest { topics: Some(Vec::new()), ..Default::default() }),
        ApiKey::FindCoordinator => say(v, &FindCoordinatorRequest::default()),
        ApiKey::JoinGroup => say(v, &JoinGroupRequest::default()),
        ApiKey::Heartbeat => say(v, &HeartbeatRequest::default()),
        ApiKey::LeaveGroup => say(v, &LeaveGroupRequest::default()),
        ApiKey::SyncGroup => say(v, &SyncGroupRequest::default()),
        ApiKey::DescribeGroups => say(v, &DescribeGroupsRequest::default()),
        ApiKey::ListGroups => say(v, &ListGroupsRequest::default()),
        ApiKey::ApiVersions => say(v, &ApiVersionsRequest::default()),
        ApiKey::CreateTopics => say(v, &CreateTopicsRequest::default()),
        ApiKey::DeleteTopics => say(v, &DeleteTopicsRequest::default()),
        ApiKey::DeleteRecords => say(v, &DeleteRecordsRequest::default()),
        ApiKey::InitProducerId => say(v, &InitProducerIdRequest::default()),
        ApiKey::OffsetForLeaderEpoch => say(v, &OffsetForLeaderEpochRequest::default()),
        ApiKey::DescribeConfigs => say(v, &DescribeConfigsRequest::default()),
        ApiKey::AlterConfigs => say(v, &AlterConfigsRequest::default()),
        ApiKey::DescribeLogDirs => say(v, &DescribeLogDirsRequest::default()),
        ApiKey::CreatePartitions => say(v, &CreatePartitionsRequest::default()),
        ApiKey::DeleteGroups => say(v, &DeleteGroupsRequest::default()),
        ApiKey::IncrementalAlterConfigs => say(v, &IncrementalAlterConfigsRequest::default()),
        ApiKey::OffsetDelete => say(v, &OffsetDeleteRequest::default()),
        ApiKey::DescribeCluster => say(v, &DescribeClusterRequest::default()),
        ApiKey::DescribeProducers => say(v, &DescribeProducersRequest::default()),
        ApiKey::ConsumerGroupHeartbeat => say(v, &ConsumerGroupHeartbeatRequest::default()),
        ApiKey::ConsumerGroupDescribe => say(v, &ConsumerGroupDescribeRequest::default()),
        other => panic!("{other:?} is served and not tested here"),
    }
}

fn long(api: ApiKey, version: i16, topic_id: Uuid) -> Said {
    match api {
        ApiKey::Produce
        | ApiKey::Fetch
        | ApiKey::ListOffsets
        | ApiKey::DeleteRecords
        | ApiKey::InitProducerId
        | ApiKey::OffsetForLeaderEpoch
        | ApiKey::DescribeProducers => long_of_records(api, version, topic_id),
        ApiKey::OffsetCommit
        | ApiKey::OffsetFetch
        | ApiKey::FindCoordinator
        | ApiKey::JoinGroup
        | ApiKey::Heartbeat
        | ApiKey::LeaveGroup
        | ApiKey::SyncGroup
        | ApiKey::DescribeGroups
        | ApiKey::ListGroups
        | ApiKey::DeleteGroups
        | ApiKey::ConsumerGroupHeartbeat
        | ApiKey::ConsumerGroupDescribe
        | ApiKey::OffsetDelete => long_of_groups(api, version),
        _ => long_of_topics(api, version, topic_id),
    }
}

/// The topic by its name, or from `first_with_id` on by its id.
fn named(version: i16, first_with_id: i16, topic_id: Uuid) -> (String, Uuid) {
    if version >= first_with_id { (String::new(), topic_id) } else { (TOPIC.into(), Uuid::ZERO) }
}

fn long_of_records(api: ApiKey, version: i16, topic_id: Uuid) -> Said {
    match api {
        ApiKey::Produce => {
            let data = |index| PartitionProduceData { index, records: Some(batch(&["x", "y"])) };
            let (name, topic_id) = named(version, 13, topic_id);
            let partition_data = vec![data(0), data(1), data(9)];
            let topic_data = vec![TopicProduceData { name, topic_id, partition_data }];
            say(version, &ProduceRequest { acks: -1, timeout_ms: 1000, topic_data, ..Default::default() })
        }
        ApiKey::Fetch => {
            let partition = |partition, fetch_offset| FetchPartition {
                partition,
                fetch_offset,
                current_leader_epoch: if version >= 9 { 0 } else { -1 },
                last_fetched_epoch: if version >= 12 { 0 } else { -1 },
                partition_max_bytes: 1000,
                ..Default::default()
            };
            let (topic, id) = named(version, 13, topic_id);
            let partitions = vec![partition(0, 1), partition(1, 1), partition(0, 77), partition(9, 0)];
            let request = FetchRequest {
                max_wait_ms: 10,
                min_bytes: 1,
                max_bytes: 10_000,
                isolation_level: 1,
                session_epoch: if version >= 7 { 0 } else { -1 },
                topics: vec![FetchTopic { topic, topic_id: id, partitions }],
                ..Default::default()
            };
            say(version, &request)
        }
        ApiKey::ListOffsets => {
            // A partition each: those that are named twice are refused.
            let times = [-1, -2, -3, -4, -5, -6, 0, i64::MAX];
            let partitions =
                (0..PARTITIONS).zip(times).map(|(partition_index, timestamp)| ListOffsetsPartition {
                    partition_index,
                    current_leader_epoch: if version >= 4 { 0 } else { -1 },
                    timestamp,
                });
            let topics = vec![ListOffsetsTopic { name: TOPIC.into(), partitions: partitions.collect() }];
            say(version, &ListOffsetsRequest { replica_id: -1, topics, ..Default::default() })
        }
        ApiKey::DeleteRecords => {
            let partition = |partition_index, offset| DeleteRecordsPartition { partition_index, offset };
            let partitions = vec![partition(0, 1), partition(0, 99), partition(9, -1)];
            let topics = vec![DeleteRecordsTopic { name: TOPIC.into(), partitions }];
            say(version, &DeleteRecordsRequest { topics, timeout_ms: 1000 })
        }
        ApiKey::InitProducerId => {
            say(version, &InitProducerIdRequest { transaction_timeout_ms: 1000, ..Default::default() })
        }
        ApiKey::OffsetForLeaderEpoch => {
            let partition = |partition, leader_epoch| OffsetForLeaderPartition {
                partition,
                leader_epoch,
                ..Default::default()
            };
            let partitions = vec![partition(0, 0), partition(0, 9), partition(9, 0)];
            let topics = vec![OffsetForLeaderTopic { topic: TOPIC.into(), partitions }];
            say(version, &OffsetForLeaderEpochRequest { topics, ..Default::default() })
        }
        ApiKey::DescribeProducers => {
            let topic = TopicRequest { name: TOPIC.into(), partition_indexes: vec![0, 1, 9] };
            say(version, &DescribeProducersRequest { topics: vec![topic] })
        }
        other => panic!("{other:?}"),
    }
}

fn long_of_topics(api: ApiKey, version: i16, topic_id: Uuid) -> Said {
    match api {
        ApiKey::Metadata => {
            let topic = |name: &str| MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
            let mut topics = vec![topic(TOPIC), topic("unknown"), topic("bad name")];
            if version >= 12 {
                topics.push(MetadataRequestTopic { topic_id, name: None });
            }
            let request = MetadataRequest {
                topics: Some(topics),
                allow_auto_topic_creation: version < 4,
                include_topic_authorized_operations: version >= 8,
                include_cluster_authorized_operations: (8..=10).contains(&version),
            };
            say(version, &request)
        }
        ApiKey::ApiVersions => {
            let (name, number) = if version >= 3 { ("some-client", "1.0") } else { ("", "") };
            let request = ApiVersionsRequest {
                client_software_name: name.into(),
                client_software_version: number.into(),
            };
            say(version, &request)
        }
        ApiKey::CreateTopics => {
            let topic = |name: &str| CreatableTopic {
                name: name.into(),
                num_partitions: 2,
                replication_factor: 1,
                configs: vec![CreatableTopicConfig {
                    name: "retention.ms".into(),
                    value: Some("1000".into()),
                }],
                ..Default::default()
            };
            let topics = vec![topic(&format!("new-{version}")), topic(TOPIC), topic("bad name")];
            say(version, &CreateTopicsRequest { topics, timeout_ms: 1000, validate_only: false })
        }
        ApiKey::DeleteTopics => {
            let name = format!("new-{}", version + 1);
            let mut request = DeleteTopicsRequest { timeout_ms: 1000, ..Default::default() };
            if version >= 6 {
                let by_name = |name: &str| DeleteTopicState { name: Some(name.into()), topic_id: Uuid::ZERO };
                let by_id = DeleteTopicState { name: None, topic_id: Uuid([9; 16]) };
                request.topics = vec![by_name(&name), by_name("unknown"), by_id];
            } else {
                request.topic_names = vec![name, "unknown".into()];
            }
            say(version, &request)
        }
        ApiKey::DescribeConfigs => {
            let resource = |resource_type, name: &str| DescribeConfigsResource {
                resource_type,
                resource_name: name.into(),
                configuration_keys: None,
            };
            let request = DescribeConfigsRequest {
                resources: vec![
                    resource(2, TOPIC),
                    resource(4, "1"),
                    resource(2, "unknown"),
                    resource(77, "x"),
                ],
                include_synonyms: true,
                include_documentation: version >= 3,
            };
            say(version, &request)
        }
        ApiKey::AlterConfigs => {
            use alter_configs_request::{AlterConfigsResource, AlterableConfig};
            let config = AlterableConfig { name: "retention.ms".into(), value: Some("5000".into()) };
            let resource = |resource_type, name: &str| AlterConfigsResource {
                resource_type,
                resource_name: name.into(),
                configs: vec![config.clone()],
            };
            let resources =
                vec![resource(2, TOPIC), resource(4, "1"), resource(2, "unknown"), resource(77, "x")];
            say(version, &AlterConfigsRequest { resources, validate_only: false })
        }
        ApiKey::IncrementalAlterConfigs => {
            use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
            let config = |config_operation| AlterableConfig {
                name: "retention.ms".into(),
                config_operation,
                value: Some("5000".into()),
            };
            let resource = |resource_type, name: &str, operation| AlterConfigsResource {
                resource_type,
                resource_name: name.into(),
                configs: vec![config(operation)],
            };
            let resources = vec![resource(2, TOPIC, 0), resource(2, "unknown", 1), resource(77, "x", 77)];
            say(version, &IncrementalAlterConfigsRequest { resources, validate_only: false })
        }
        ApiKey::DescribeLogDirs => {
            let topic = |name: &str| DescribableLogDirTopic { topic: name.into(), partitions: vec![0, 9] };
            say(version, &DescribeLogDirsRequest { topics: Some(vec![topic(TOPIC), topic("unknown")]) })
        }
        ApiKey::CreatePartitions => {
            let topic =
                |name: &str, count| CreatePartitionsTopic { name: name.into(), count, assignments: None };
            let topics = vec![topic(TOPIC, PARTITIONS + 1 + i32::from(version)), topic("unknown", 3)];
            say(version, &CreatePartitionsRequest { topics, timeout_ms: 1000, validate_only: false })
        }
        ApiKey::DescribeCluster => {
            let request = DescribeClusterRequest {
                include_cluster_authorized_operations: true,
                include_fenced_brokers: version >= 2,
                ..Default::default()
            };
            say(version, &request)
        }
        other => panic!("{other:?}"),
    }
}

fn long_of_groups(api: ApiKey, version: i16) -> Said {
    let group_id = GROUP.to_string();
    match api {
        ApiKey::ConsumerGroupHeartbeat => {
            let request = ConsumerGroupHeartbeatRequest {
                group_id: "modern".into(),
                member_id: "member".into(),
                instance_id: Some("instance".into()),
                rack_id: Some("rack".into()),
                rebalance_timeout_ms: 60_000,
                subscribed_topic_names: Some(vec![TOPIC.into(), "unknown".into()]),
                subscribed_topic_regex: Some("log.*".into()).filter(|_| version >= 1),
                server_assignor: Some("range".into()),
                topic_partitions: Some(Vec::new()),
                ..Default::default()
            };
            say(version, &request)
        }
        ApiKey::ConsumerGroupDescribe => {
            let group_ids = vec!["modern".to_string(), group_id, "unknown".into()];
            say(version, &ConsumerGroupDescribeRequest { group_ids, include_authorized_operations: true })
        }
        ApiKey::OffsetCommit => {
            let partition = |partition_index| OffsetCommitRequestPartition {
                partition_index,
                committed_offset: 2,
                committed_metadata: Some("note".into()),
                ..Default::default()
            };
            let topic = |name: &str| OffsetCommitRequestTopic {
                name: name.into(),
                partitions: vec![partition(0), partition(9)],
                ..Default::default()
            };
            let request = OffsetCommitRequest {
                group_id: "simple".into(),
                generation_id_or_member_epoch: -1,
                topics: vec![topic(TOPIC), topic("unknown")],
                ..Default::default()
            };
            say(version, &request)
        }
        ApiKey::OffsetFetch => {
            let mut request = OffsetFetchRequest { require_stable: version >= 7, ..Default::default() };
            if version >= 8 {
                let topic = OffsetFetchRequestTopics {
                    name: TOPIC.into(),
                    partition_indexes: vec![0, 9],
                    ..Default::default()
                };
                let group = |group_id: &str, topics| OffsetFetchRequestGroup {
                    group_id: group_id.into(),
                    topics,
                    ..Default::default()
                };
                request.groups = vec![group("simple", Some(vec![topic])), group(GROUP, None)];
            } else {
                let topic = OffsetFetchRequestTopic { name: TOPIC.into(), partition_indexes: vec![0, 9] };
                request.group_id = "simple".into();
                request.topics = Some(vec![topic]);
            }
            say(version, &request)
        }
        ApiKey::FindCoordinator => {
            let mut request = FindCoordinatorRequest::default();
            if version >= 4 {
                request.coordinator_keys = vec![group_id, String::new()];
            } else {
                request.key = group_id;
            }
            say(version, &request)
        }
        ApiKey::JoinGroup => {
            let protocol =
                JoinGroupRequestProtocol { name: "range".into(), metadata: Bytes::from_static(b"\0\0\0\0") };
            let request = JoinGroupRequest {
                group_id: format!("{GROUP}-{version}"),
                session_timeout_ms: 10_000,
                rebalance_timeout_ms: if version >= 1 { 10_000 } else { -1 },
                group_instance_id: (version >= 5).then(|| "instance".into()),
                protocol_type: "consumer".into(),
                protocols: vec![protocol],
                reason: (version >= 8).then(|| "test".into()),
                ..Default::default()
            };
            say(version, &request)
        }
        ApiKey::Heartbeat => {
            let request = HeartbeatRequest {
                group_id,
                generation_id: 1,
                member_id: "m".into(),
                group_instance_id: (version >= 3).then(|| "instance".into()),
            };
            say(version, &request)
        }
        ApiKey::LeaveGroup => {
            let mut request = LeaveGroupRequest { group_id, ..Default::default() };
            if version >= 3 {
                let member = MemberIdentity {
                    member_id: "m".into(),
                    group_instance_id: Some("instance".into()),
                    reason: (version >= 5).then(|| "test".into()),
                };
                request.members = vec![member];
            } else {
                request.member_id = "m".into();
            }
            say(version, &request)
        }
        ApiKey::SyncGroup => {
            let assignment =
                SyncGroupRequestAssignment { member_id: "m".into(), assignment: Bytes::from_static(b"x") };
            let request = SyncGroupRequest {
                group_id,
                generation_id: 1,
                member_id: "m".into(),
                group_instance_id: (version >= 3).then(|| "instance".into()),
                protocol_type: (version >= 5).then(|| "consumer".into()),
                protocol_name: (version >= 5).then(|| "range".into()),
                assignments: vec![assignment],
            };
            say(version, &request)
        }
        ApiKey::DescribeGroups => {
            let request = DescribeGroupsRequest {
                groups: vec!["simple".into(), "unknown".into(), "g-9".into(), String::new()],
                include_authorized_operations: version >= 3,
            };
            say(version, &request)
        }
        ApiKey::ListGroups => {
            let mut request = ListGroupsRequest::default();
            if version >= 4 {
                request.states_filter = vec!["Stable".into(), "nonsense".into()];
            }
            if version >= 5 {
                request.types_filter = vec!["classic".into()];
            }
            say(version, &request)
        }
        ApiKey::DeleteGroups => {
            say(version, &DeleteGroupsRequest { groups_names: vec!["simple".into(), "unknown".into()] })
        }
        ApiKey::OffsetDelete => {
            let partitions = vec![OffsetDeleteRequestPartition { partition_index: 0 }];
            let topics = vec![OffsetDeleteRequestTopic { name: TOPIC.into(), partitions }];
            say(version, &OffsetDeleteRequest { group_id: "simple".into(), topics })
        }
        other => panic!("{other:?}"),
    }
}
