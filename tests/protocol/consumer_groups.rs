//! Groups of the consumer protocol through the whole broker: what a member is given survives a crash, follows the
//! cluster's topics, and obeys the group's own settings. The protocol's corners are played in the group crate.

use crate::Bench;
use tablog_log::storage::{FaultKind, StorageFault};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use tablog_wire::messages::create_partitions_request::CreatePartitionsTopic;
use tablog_wire::messages::delete_topics_request::DeleteTopicsRequest;
use tablog_wire::messages::describe_configs_request::DescribeConfigsResource;
use tablog_wire::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use tablog_wire::messages::metadata_request::MetadataRequestTopic;
use tablog_wire::messages::{
    ApiVersionsRequest, ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse, CreatePartitionsRequest, DescribeConfigsRequest, FindCoordinatorRequest,
    IncrementalAlterConfigsRequest, ListGroupsRequest, MetadataRequest,
};

const GROUP_RESOURCE: i8 = 32;

fn bench() -> Bench {
    let mut bench = Bench::new();
    assert_eq!(bench.create_topic("t", 3, &[]), 0);
    let request = FindCoordinatorRequest { coordinator_keys: vec!["g".into()], ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 4, &request).coordinators[0].error_code, 0);
    bench
}

fn joining(member_id: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: member_id.into(),
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(vec!["t".into()]),
        topic_partitions: Some(Vec::new()),
        ..Default::default()
    }
}

fn beating(member_id: &str, member_epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: member_id.into(),
        member_epoch,
        ..Default::default()
    }
}

impl Bench {
    fn beat(&mut self, request: &ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatResponse {
        self.broker.call(self.connection, 1, request)
    }

    /// Epoch of the group and its state.
    fn consumer_group(&mut self) -> (i32, String) {
        let request = ConsumerGroupDescribeRequest { group_ids: vec!["g".into()], ..Default::default() };
        let group = self.broker.call(self.connection, 1, &request).groups.remove(0);
        (group.group_epoch, group.group_state)
    }

    fn set_of_group(&mut self, name: &str, value: &str) -> i16 {
        let config = AlterableConfig { name: name.into(), config_operation: 0, value: Some(value.into()) };
        let resource = AlterConfigsResource {
            resource_type: GROUP_RESOURCE,
            resource_name: "g".into(),
            configs: vec![config],
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        self.broker.call(self.connection, 1, &request).responses[0].error_code
    }
}

fn given(response: &ConsumerGroupHeartbeatResponse) -> Option<Vec<i32>> {
    assert_eq!(response.error_code, 0, "{response:?}");
    let assignment = response.assignment.as_ref()?;
    Some(assignment.topic_partitions.iter().flat_map(|topic| topic.partitions.clone()).collect())
}

#[test]
fn the_feature_is_final_and_named() {
    let mut bench = bench();
    let said =
        ApiVersionsRequest { client_software_name: "test".into(), client_software_version: "1".into() };
    for version in [3, 4] {
        let told = bench.broker.call(bench.connection, version, &said);
        let finalized = &told.finalized_features[0];
        assert_eq!((finalized.name.as_str(), finalized.max_version_level), ("group.version", 1));
        assert_eq!(told.finalized_features_epoch, 0);
        assert_eq!(told.supported_features.len(), usize::from(version == 4));
    }
}

#[test]
fn members_share_a_topic_and_survive_a_crash() {
    let mut bench = bench();
    let first = bench.beat(&joining("a"));
    assert_eq!((first.member_epoch, first.heartbeat_interval_ms), (1, 5_000));
    assert_eq!(given(&first), Some(vec![0, 1, 2]));
    let second = bench.beat(&joining("b"));
    assert_eq!((second.member_epoch, given(&second)), (2, Some(vec![])));
    assert_eq!(bench.consumer_group(), (2, "Reconciling".into()));
    bench.crash();
    let asked = bench.beat(&beating("a", 1));
    let kept = given(&asked).expect("it is told to let go");
    assert_eq!((asked.member_epoch, kept.len()), (1, 2));
    let topic_id = asked.assignment.as_ref().expect("an assignment").topic_partitions[0].topic_id;
    let owned = vec![TopicPartitions { topic_id, partitions: kept }];
    let mut done = beating("a", 1);
    done.topic_partitions = Some(owned);
    assert_eq!(bench.beat(&done).member_epoch, 2);
    assert_eq!(given(&bench.beat(&beating("b", 2))).map(|got| got.len()), Some(1));
    bench.crash();
    assert_eq!(bench.consumer_group(), (2, "Stable".into()));
    let listed = bench.broker.call(bench.connection, 5, &ListGroupsRequest::default()).groups.remove(0);
    assert_eq!((listed.group_type.as_str(), listed.protocol_type.as_str()), ("consumer", "consumer"));
    bench.broker.advance(45_000);
    assert_eq!(bench.consumer_group().1, "Empty");
}

#[test]
fn each_step_is_told_on_the_feed() {
    let mut bench = bench();
    bench.beat(&joining("a"));
    bench.beat(&joining("b"));
    bench.beat(&beating("a", 1));
    bench.beat(&beating("b", -1));
    let told: Vec<String> =
        bench.values("__tablog_events", 0, 0).into_iter().map(|(_, value)| value).collect();
    let tells = |parts: &[&str]| told.iter().any(|value| parts.iter().all(|part| value.contains(part)));
    assert!(tells(&["\"member_joined\"", "\"member_id\":\"a\""]), "{told:?}");
    assert!(tells(&["\"group_epoch_bumped\"", "\"epoch\":2", "\"reason\":\"member-joined\""]), "{told:?}");
    assert!(tells(&["\"target_assignment_computed\"", "\"epoch\":1", "[0,1,2]", "\"uniform\""]), "{told:?}");
    assert!(
        tells(&["\"member_reconciled\"", "\"unrevoked-partitions\"", "\"pending_revocation\":[{"]),
        "{told:?}"
    );
    assert!(
        tells(&["\"member_reconciled\"", "\"unreleased-partitions\"", "\"member_id\":\"b\""]),
        "{told:?}"
    );
    assert!(tells(&["\"member_left\"", "\"member_id\":\"b\""]), "{told:?}");
}

#[test]
fn what_the_disk_refuses_did_not_happen() {
    let mut bench = bench();
    bench.beat(&joining("a"));
    let full = StorageFault { kind: FaultKind::QuotaExceeded, detail: "full".into() };
    bench.broker.storage().fail_next_commit(full);
    assert_eq!(bench.beat(&joining("b")).error_code, ErrorCode::NotCoordinator.code());
    assert_eq!(bench.consumer_group(), (1, "Stable".into()));
    assert_eq!(bench.beat(&beating("b", 2)).error_code, ErrorCode::UnknownMemberId.code());
    assert_eq!(bench.beat(&joining("b")).member_epoch, 2);
}

#[test]
fn groups_follow_the_topics() {
    let mut bench = bench();
    let mut request = joining("a");
    request.subscribed_topic_names = Some(vec!["t".into(), "later".into()]);
    assert_eq!(given(&bench.beat(&request)), Some(vec![0, 1, 2]));
    assert_eq!(bench.create_topic("later", 1, &[]), 0);
    assert_eq!(given(&bench.beat(&beating("a", 1))).map(|got| got.len()), Some(4));
    let topic = CreatePartitionsTopic { name: "t".into(), count: 4, assignments: None };
    let more = CreatePartitionsRequest { topics: vec![topic], timeout_ms: 1_000, ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 3, &more).results[0].error_code, 0);
    assert_eq!(given(&bench.beat(&beating("a", 2))).map(|got| got.len()), Some(5));
    let gone =
        DeleteTopicsRequest { topic_names: vec!["later".into()], timeout_ms: 1_000, ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 5, &gone).responses[0].error_code, 0);
    assert_eq!(given(&bench.beat(&beating("a", 3))).map(|got| got.len()), Some(4));
    assert_eq!(bench.consumer_group(), (4, "Reconciling".into()));
}

#[test]
fn patterns_are_resolved_without_being_asked_again() {
    let mut bench = bench();
    let mut request = joining("a");
    request.subscribed_topic_names = None;
    request.subscribed_topic_regex = Some(".*".into());
    let first = bench.beat(&request);
    assert_eq!((first.member_epoch, given(&first)), (1, Some(vec![])));
    bench.broker.advance(0);
    assert_eq!(bench.consumer_group(), (2, "Assigning".into()));
    let next = bench.beat(&beating("a", 1));
    let topics = next.assignment.expect("partitions").topic_partitions;
    // Those of the offsets too, as in Apache Kafka, but not what the broker tells of itself.
    assert_eq!(topics.len(), 2);
    let by_id = |topic_id| MetadataRequestTopic { topic_id, name: Some(String::new()) };
    let request = MetadataRequest {
        topics: Some(topics.iter().map(|topic| by_id(topic.topic_id)).collect()),
        ..Default::default()
    };
    let known = bench.broker.call(bench.connection, 13, &request).topics;
    assert!(known.iter().all(|topic| topic.error_code == 0), "Java's consumer asks so: {known:?}");
}

#[test]
fn a_group_has_settings_of_its_own() {
    let mut bench = bench();
    assert_eq!(bench.set_of_group("consumer.session.timeout.ms", "1000"), ErrorCode::InvalidConfig.code());
    assert_eq!(bench.set_of_group("consumer.nonsense", "1"), ErrorCode::InvalidConfig.code());
    assert_eq!(bench.set_of_group("consumer.session.timeout.ms", "50000"), 0);
    assert_eq!(bench.set_of_group("consumer.heartbeat.interval.ms", "6000"), 0);
    bench.crash();
    let resource = DescribeConfigsResource {
        resource_type: GROUP_RESOURCE,
        resource_name: "g".into(),
        ..Default::default()
    };
    let request = DescribeConfigsRequest { resources: vec![resource], ..Default::default() };
    let configs = bench.broker.call(bench.connection, 4, &request).results.remove(0).configs;
    let told: Vec<_> =
        configs.iter().map(|c| (c.name.as_str(), c.value.as_deref(), c.config_source)).collect();
    let expected = [
        ("consumer.heartbeat.interval.ms", Some("6000"), 8),
        ("consumer.session.timeout.ms", Some("50000"), 8),
    ];
    assert_eq!(told, expected);
    assert_eq!(bench.beat(&joining("a")).heartbeat_interval_ms, 6_000);
    bench.broker.advance(49_999);
    assert_eq!(bench.consumer_group().1, "Stable");
    bench.broker.advance(1);
    assert_eq!(bench.consumer_group().1, "Empty");
}
