//! Groups through the whole broker: what the coordinator says is stored, survives, and is taken back where the disk
//! refuses it. The protocol's corners themselves are played in the group crate.

use crate::Bench;
use tablog_broker::BrokerConfig;
use tablog_log::storage::{FaultKind, StorageFault};
use tablog_wire::ErrorCode;
use tablog_wire::messages::delete_topics_request::DeleteTopicsRequest;
use tablog_wire::messages::join_group_request::JoinGroupRequestProtocol;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use tablog_wire::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use tablog_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use tablog_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use tablog_wire::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, SyncGroupRequest,
};

fn bench() -> Bench {
    bench_with(&[])
}

fn bench_with(settings: &[(&str, &str)]) -> Bench {
    let settings = settings.iter().chain(&[("offsets.topic.num.partitions", "4")]);
    let settings = settings.map(|(name, value)| (name.to_string(), value.to_string()));
    let mut bench = Bench::with(BrokerConfig::from_settings(settings).expect("good settings"));
    assert_eq!(bench.create_topic("t", 3, &[]), 0);
    let request = FindCoordinatorRequest { coordinator_keys: vec!["g".into()], ..Default::default() };
    let found = bench.broker.call(bench.connection, 4, &request).coordinators.remove(0);
    assert_eq!((found.error_code, found.node_id), (0, 1), "{found:?}");
    bench
}

fn join(group_id: &str, member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group_id.into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        member_id: member_id.into(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            // Version 0, one topic `t`, no user data.
            metadata: vec![0, 0, 0, 0, 0, 1, 0, 1, b't', 0xff, 0xff, 0xff, 0xff].into(),
        }],
        ..Default::default()
    }
}

fn sync(group_id: &str, joined: &JoinGroupResponse) -> SyncGroupRequest {
    let given = |member_id: &String| SyncGroupRequestAssignment {
        member_id: member_id.clone(),
        // Version 0, topic `t`, partition 2, no user data.
        assignment: vec![0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff].into(),
    };
    SyncGroupRequest {
        group_id: group_id.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        protocol_type: joined.protocol_type.clone(),
        protocol_name: joined.protocol_name.clone(),
        assignments: joined.members.iter().map(|member| given(&member.member_id)).collect(),
        ..Default::default()
    }
}

fn heartbeat(group_id: &str, joined: &JoinGroupResponse) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: group_id.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        ..Default::default()
    }
}

fn commit(group_id: &str, topic: &str, offsets: &[(i32, i64)]) -> OffsetCommitRequest {
    let partition = |&(partition_index, committed_offset): &(i32, i64)| OffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        committed_metadata: Some("note".into()),
        ..Default::default()
    };
    OffsetCommitRequest {
        group_id: group_id.into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: topic.into(),
            partitions: offsets.iter().map(partition).collect(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

impl Bench {
    /// A group of one, stable.
    fn join_alone(&mut self, group_id: &str) -> JoinGroupResponse {
        let told = self.broker.call(self.connection, 9, &join(group_id, ""));
        assert_eq!(told.error_code, ErrorCode::MemberIdRequired.code());
        self.broker.send(self.connection, 9, &join(group_id, &told.member_id));
        assert_eq!(self.broker.receive::<JoinGroupRequest>(self.connection, 9), None, "it waits for others");
        self.broker.advance(3_000);
        let joined =
            self.broker.receive::<JoinGroupRequest>(self.connection, 9).expect("the join is answered");
        assert_eq!((joined.error_code, joined.members.len()), (0, 1));
        let synced = self.broker.call(self.connection, 5, &sync(group_id, &joined));
        assert_eq!((synced.error_code, synced.assignment.len()), (0, 21));
        joined
    }

    fn committed(&mut self, group_id: &str) -> Vec<(String, i32, i64)> {
        let group = OffsetFetchRequestGroup { group_id: group_id.into(), topics: None, ..Default::default() };
        let request = OffsetFetchRequest { groups: vec![group], ..Default::default() };
        let group = self.broker.call(self.connection, 9, &request).groups.remove(0);
        assert_eq!(group.error_code, 0);
        let topics = group.topics.into_iter();
        topics
            .flat_map(|topic| {
                let name = topic.name;
                topic
                    .partitions
                    .into_iter()
                    .map(move |p| (name.clone(), p.partition_index, p.committed_offset))
            })
            .collect()
    }

    fn commit(&mut self, request: &OffsetCommitRequest) -> Vec<i16> {
        let topics = self.broker.call(self.connection, 9, request).topics;
        topics.iter().flat_map(|topic| &topic.partitions).map(|partition| partition.error_code).collect()
    }

    fn state(&mut self, group_id: &str) -> String {
        let request = DescribeGroupsRequest { groups: vec![group_id.into()], ..Default::default() };
        self.broker.call(self.connection, 5, &request).groups.remove(0).group_state
    }
}

#[test]
fn a_group_forms_commits_and_survives_a_crash() {
    let mut bench = bench();
    let joined = bench.join_alone("g");
    let mut request = commit("g", "t", &[(2, 17)]);
    request.generation_id_or_member_epoch = joined.generation_id;
    request.member_id = joined.member_id.clone();
    assert_eq!(bench.commit(&request), [0]);
    bench.crash();
    assert_eq!(bench.state("g"), "Stable");
    assert_eq!(bench.committed("g"), [("t".into(), 2, 17)]);
    let heard = bench.broker.call(bench.connection, 4, &heartbeat("g", &joined));
    assert_eq!(heard.error_code, 0, "the member is known by the generation on record");
    bench.broker.advance(10_000);
    assert_eq!(bench.state("g"), "Empty", "its session ended");
    bench.crash();
    assert_eq!(bench.state("g"), "Empty");
}

#[test]
fn a_commit_that_the_disk_refuses_is_taken_back() {
    let mut bench = bench();
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 1)])), [0]);
    let full = StorageFault { kind: FaultKind::QuotaExceeded, detail: "full".into() };
    bench.broker.storage().fail_next_commit(full);
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 2), (1, 2)])), [ErrorCode::NotCoordinator.code(); 2]);
    assert_eq!(bench.committed("g"), [("t".into(), 0, 1)], "nothing is seen that was not stored");
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 3)])), [0]);
    bench.crash();
    assert_eq!(bench.committed("g"), [("t".into(), 0, 3)]);
}

#[test]
fn who_waits_in_a_group_is_told_when_its_shard_is_made_anew() {
    let mut bench = bench();
    let waiting = bench.broker.connect();
    let told = bench.broker.call(waiting, 9, &join("g", ""));
    bench.broker.send(waiting, 9, &join("g", &told.member_id));
    let full = StorageFault { kind: FaultKind::QuotaExceeded, detail: "full".into() };
    bench.broker.storage().fail_next_commit(full);
    assert_eq!(bench.commit(&commit("g2", "t", &[(0, 2)])).len(), 1);
    // Only groups of the same shard are touched.
    let same = shard_of("g") == shard_of("g2");
    let answer = bench.broker.receive::<JoinGroupRequest>(waiting, 9);
    assert_eq!(answer.is_some(), same);
    let full = StorageFault { kind: FaultKind::QuotaExceeded, detail: "full".into() };
    bench.broker.storage().fail_next_commit(full);
    // A second id of the same group: nothing to store, but a group that is new to its shard has.
    let mut other = 0;
    while shard_of(&format!("x{other}")) != shard_of("g") {
        other += 1;
    }
    assert_eq!(
        bench.commit(&commit(&format!("x{other}"), "t", &[(0, 2)])),
        [ErrorCode::NotCoordinator.code()]
    );
    let answer = answer.or_else(|| bench.broker.receive::<JoinGroupRequest>(waiting, 9)).expect("it is told");
    assert_eq!(answer.error_code, ErrorCode::NotCoordinator.code());
    bench.join_alone("g");
}

/// Java's hash of the group id, over the four partitions of these tests.
fn shard_of(group_id: &str) -> i32 {
    let hash =
        group_id.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    (hash & 0x7fff_ffff) % 4
}

#[test]
fn groups_of_all_shards_are_listed_described_and_deleted() {
    let mut bench = bench();
    let names: Vec<String> = (0..12).map(|number| format!("group-{number:02}")).collect();
    for name in &names {
        assert_eq!(bench.commit(&commit(name, "t", &[(0, 5)])), [0]);
    }
    let listed = bench.broker.call(bench.connection, 5, &ListGroupsRequest::default());
    let ids: Vec<&String> = listed.groups.iter().map(|group| &group.group_id).collect();
    assert_eq!(ids, names.iter().collect::<Vec<_>>());
    assert!(listed.groups.iter().all(|group| group.group_state == "Empty" && group.group_type == "classic"));
    let mut wanted = names.clone();
    wanted.push("nobody".into());
    let request = DescribeGroupsRequest { groups: wanted.clone(), include_authorized_operations: true };
    let described = bench.broker.call(bench.connection, 6, &request).groups;
    let ids: Vec<String> = described.iter().map(|group| group.group_id.clone()).collect();
    assert_eq!(ids, wanted, "in the order of the request");
    assert_eq!(described[12].error_code, ErrorCode::GroupIdNotFound.code());
    let deleted = bench.broker.call(bench.connection, 2, &DeleteGroupsRequest { groups_names: wanted });
    let codes: Vec<i16> = deleted.results.iter().map(|result| result.error_code).collect();
    assert_eq!(codes[..12], [0; 12]);
    assert_eq!(codes[12], ErrorCode::GroupIdNotFound.code());
    bench.crash();
    assert_eq!(bench.broker.call(bench.connection, 5, &ListGroupsRequest::default()).groups, []);
}

#[test]
fn offsets_of_what_does_not_exist_are_refused_one_by_one() {
    let mut bench = bench();
    let unknown = ErrorCode::UnknownTopicOrPartition.code();
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 1), (9, 1), (2, 1)])), [0, 0, unknown]);
    assert_eq!(bench.commit(&commit("g", "gone", &[(0, 1)])), [unknown]);
    assert_eq!(bench.committed("g"), [("t".into(), 0, 1), ("t".into(), 2, 1)]);
    let request = OffsetDeleteRequest {
        group_id: "g".into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: "t".into(),
            partitions: [0, 9].map(|partition_index| OffsetDeleteRequestPartition { partition_index }).into(),
        }],
    };
    let deleted = bench.broker.call(bench.connection, 0, &request);
    let codes: Vec<i16> = deleted.topics[0].partitions.iter().map(|partition| partition.error_code).collect();
    assert_eq!((deleted.error_code, codes), (0, vec![0, unknown]));
    assert_eq!(bench.committed("g"), [("t".into(), 2, 1)]);
}

#[test]
fn offsets_are_fetched_in_every_version() {
    let mut bench = bench();
    bench.commit(&commit("g", "t", &[(1, 11)]));
    for version in 1..8 {
        let topic = OffsetFetchRequestTopic { name: "t".into(), partition_indexes: vec![0, 1] };
        let request =
            OffsetFetchRequest { group_id: "g".into(), topics: Some(vec![topic]), ..Default::default() };
        let answer = bench.broker.call(bench.connection, version, &request);
        let found: Vec<(i64, Option<&str>)> = answer.topics[0]
            .partitions
            .iter()
            .map(|partition| (partition.committed_offset, partition.metadata.as_deref()))
            .collect();
        assert_eq!(found, [(-1, Some("")), (11, Some("note"))], "version {version}");
    }
    for version in 8..=9 {
        let groups = ["g", "h", "g"].map(|group_id| OffsetFetchRequestGroup {
            group_id: group_id.into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "t".into(),
                partition_indexes: vec![1],
                ..Default::default()
            }]),
            ..Default::default()
        });
        let request = OffsetFetchRequest { groups: groups.into(), ..Default::default() };
        let answer = bench.broker.call(bench.connection, version, &request);
        let found: Vec<(&str, i64)> = answer
            .groups
            .iter()
            .map(|group| (group.group_id.as_str(), group.topics[0].partitions[0].committed_offset))
            .collect();
        assert_eq!(found, [("g", 11), ("h", -1)]);
    }
}

#[test]
fn a_deleted_topic_takes_its_offsets_along() {
    let mut bench = bench();
    bench.commit(&commit("g", "t", &[(0, 7)]));
    let request =
        DeleteTopicsRequest { topic_names: vec!["t".into()], timeout_ms: 1000, ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 5, &request).responses[0].error_code, 0);
    assert_eq!(bench.committed("g"), []);
    bench.create_topic("t", 3, &[]);
    assert_eq!(bench.committed("g"), [], "a topic made anew does not inherit offsets");
    bench.crash();
    assert_eq!(bench.committed("g"), []);
}

#[test]
fn what_happens_in_a_group_is_told_on_the_feed() {
    let mut bench = bench();
    let joined = bench.join_alone("g");
    let leaving = MemberIdentity { member_id: joined.member_id.clone(), ..Default::default() };
    let request = LeaveGroupRequest { group_id: "g".into(), members: vec![leaving], ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 5, &request).members[0].error_code, 0);
    let values = bench.values("__tablog_events", 0, 0);
    let kinds: Vec<&str> = ["member_joined", "rebalance_started", "generation_completed", "member_left"]
        .into_iter()
        .filter(|kind| values.iter().any(|(_, value)| value.contains(&format!("\"kind\":\"{kind}\""))))
        .collect();
    assert_eq!(kinds.len(), 4, "{values:?}");
    let completed =
        values.iter().find(|(_, value)| value.contains("generation_completed")).expect("just seen");
    assert!(completed.1.contains("\"partitions\":[{\"topic\":\"t\",\"partitions\":[2]}]"), "{}", completed.1);
}

#[test]
fn without_a_coordinator_s_topic_there_is_no_coordinator() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 1)])), [ErrorCode::NotCoordinator.code()]);
    assert_eq!(bench.broker.call(bench.connection, 5, &ListGroupsRequest::default()).groups, []);
    for version in 0..=6 {
        let request = FindCoordinatorRequest {
            key: if version < 4 { "g".into() } else { String::new() },
            coordinator_keys: if version < 4 { Vec::new() } else { vec!["g".into(), "h".into()] },
            ..Default::default()
        };
        let answer = bench.broker.call(bench.connection, version, &request);
        assert_eq!(answer.error_code, 0);
        assert_eq!(answer.coordinators.len(), if version < 4 { 0 } else { 2 });
    }
    let request = FindCoordinatorRequest { key: "tx".into(), key_type: 1, ..Default::default() };
    let answer = bench.broker.call(bench.connection, 3, &request);
    assert_eq!(answer.error_code, ErrorCode::TransactionalIdAuthorizationFailed.code());
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 1)])), [0]);
}

#[test]
fn many_commits_are_loaded_over_several_reads() {
    let mut bench = bench_with(&[("offsets.topic.segment.bytes", "1048576")]);
    let request = commit("g", "t", &[(0, 1), (1, 1), (2, 1)]);
    for _ in 0..5_000 {
        assert_eq!(bench.commit(&request), [0, 0, 0]);
    }
    assert_eq!(bench.commit(&commit("g", "t", &[(0, 99)])), [0]);
    bench.crash();
    assert_eq!(bench.committed("g")[0], ("t".into(), 0, 99));
}

#[test]
fn two_members_share_a_generation() {
    let mut bench = bench_with(&[("group.initial.rebalance.delay.ms", "100")]);
    let other = bench.broker.connect();
    bench.broker.send(bench.connection, 3, &join("g", ""));
    bench.broker.send(other, 3, &join("g", ""));
    bench.broker.advance(200);
    let a = bench.broker.receive::<JoinGroupRequest>(bench.connection, 3).expect("a joined");
    let b = bench.broker.receive::<JoinGroupRequest>(other, 3).expect("b joined");
    assert_eq!((a.generation_id, &a.leader), (b.generation_id, &b.leader));
    let (leader, leads, follower, follows) = if a.leader == a.member_id {
        (a, bench.connection, b, other)
    } else {
        (b, other, a, bench.connection)
    };
    bench.broker.send(follows, 3, &sync("g", &follower));
    assert_eq!(bench.broker.receive::<SyncGroupRequest>(follows, 3), None, "the follower waits");
    assert_eq!(bench.broker.call(leads, 3, &sync("g", &leader)).error_code, 0);
    let synced = bench.broker.receive::<SyncGroupRequest>(follows, 3).expect("the follower is answered");
    assert_eq!((synced.error_code, synced.assignment.len()), (0, 21));
}

#[test]
fn what_was_acknowledged_is_what_is_found_whatever_the_disk_does() {
    let mut bench = bench_with(&[("offsets.topic.segment.bytes", "4096")]);
    let mut acknowledged = std::collections::BTreeMap::new();
    let mut state: u64 = 11;
    let mut random = move |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let mut refused = 0;
    for step in 0..2_000 {
        let group = format!("g{}", random(7));
        match random(40) {
            0 => bench.crash(),
            1..8 => {
                let kind = FaultKind::QuotaExceeded;
                let fault = StorageFault { kind, detail: "full".into() };
                bench.broker.storage().fail_next_commit(fault);
            }
            8 => {
                let request = DeleteGroupsRequest { groups_names: vec![group.clone()] };
                if bench.broker.call(bench.connection, 2, &request).results[0].error_code == 0 {
                    acknowledged.remove(&group);
                }
            }
            _ => {
                let code = bench.commit(&commit(&group, "t", &[(0, step)]))[0];
                if code == 0 {
                    acknowledged.insert(group.clone(), step);
                } else {
                    assert_eq!(code, ErrorCode::NotCoordinator.code());
                    refused += 1;
                }
            }
        }
        let group = format!("g{}", random(7));
        let found: Vec<i64> = bench.committed(&group).iter().map(|committed| committed.2).collect();
        let expected: Vec<i64> = acknowledged.get(&group).copied().into_iter().collect();
        assert_eq!(found, expected, "step {step}: {group}");
    }
    assert!(refused > 50, "the disk refused only {refused} times");
}
