//! Plays a script against one shard and writes down what it answers.
//!
//! A line at the margin is an act, the indented lines below it are what came of it: replies (`a <- …`), records
//! (`= …`) and events (`! …`). Member ids are written as their name and a number in the order of appearance, `c#1`.

use std::sync::Arc;

use bytes::Bytes;
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription};
use tablog_group::{
    ClientContext, CoordinatorRecord, Decision, GroupConfig, GroupEvent, GroupReply, GroupSettings, ReplyTo,
    Shard, SubscribedBy, Topic, Topics,
};
use tablog_record::{Now, SortedMap, SortedSet, Timestamp, TopicPartition, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_describe_response::Assignment;
use tablog_wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use tablog_wire::messages::join_group_request::JoinGroupRequestProtocol;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use tablog_wire::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use tablog_wire::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use tablog_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use tablog_wire::messages::{
    ConsumerGroupHeartbeatRequest, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest,
    OffsetCommitRequest, OffsetDeleteRequest, SyncGroupRequest,
};
use tablog_wire::records::{
    self, ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue, ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue, GroupMetadataKey,
    GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};

/// Runs the acts of the script and compares all that was written down with the script itself.
#[track_caller]
pub fn check(script: &str) {
    check_with(GroupConfig::default(), script);
}

#[track_caller]
pub fn check_with(config: GroupConfig, script: &str) {
    let expected: Vec<&str> = script.lines().filter(|line| !line.trim().is_empty()).collect();
    let margin = expected.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<&str> = expected.into_iter().map(|line| &line[margin..]).collect();
    let mut scene = Scene::new(config);
    let mut actual = Vec::new();
    for act in expected.iter().filter(|line| !line.starts_with(' ')) {
        actual.push((*act).to_owned());
        actual.extend(scene.act(act).into_iter().map(|line| format!("  {line}")));
    }
    let (expected, actual) = (expected.join("\n"), actual.join("\n"));
    assert!(expected == actual, "expected:\n{expected}\n\nactual:\n{actual}\n");
}

pub struct Scene {
    config: GroupConfig,
    pub shard: Shard,
    pub log: Vec<CoordinatorRecord>,
    pub now: Now,
    requests: SortedMap<ReplyTo, String>,
    open: SortedSet<ReplyTo>,
    names: Vec<(String, String)>,
    crashes: u64,
    topics: Arc<Topics>,
    settings: SortedMap<String, GroupSettings>,
}

/// The words of an act after its verb: `name=value`, or bare.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    fn number(&self, name: &str, default: i64) -> i64 {
        self.get(name).map_or(default, |text| text.parse().expect("a number"))
    }

    fn bare(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.iter().copied().filter(|word| !word.contains('='))
    }
}

impl Scene {
    pub fn new(config: GroupConfig) -> Scene {
        let now = Now { monotonic_ms: 1_000_000, wall: Timestamp(1_700_000_000_000) };
        let mut shard = Shard::new(config, 7);
        shard.loaded(now);
        Scene {
            config,
            shard,
            log: Vec::new(),
            now,
            requests: SortedMap::new(),
            open: SortedSet::new(),
            names: Vec::new(),
            crashes: 0,
            topics: Arc::default(),
            settings: SortedMap::new(),
        }
    }

    pub fn act(&mut self, line: &str) -> Vec<String> {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if let Some(ms) = line.strip_prefix('+') {
            return self.pass(ms.parse().expect("milliseconds"));
        }
        if line == "crash" {
            return self.crash();
        }
        if words[0] == "topics" {
            self.set_topics(&words[1..]);
            return Vec::new();
        }
        if words[0] == "max-size" {
            // Of the broker as it is started next.
            self.config.group_max_size = words[1].parse().expect("a number");
            return Vec::new();
        }
        if words[0] == "settings" {
            let (group, words) = (words[1], Words(words[2..].to_vec()));
            let settings = GroupSettings {
                session_timeout_ms: words.number("session", 45_000) as u64,
                heartbeat_interval_ms: words.number("interval", 5_000) as i32,
            };
            self.settings.insert(group.to_owned(), settings);
            self.shard.set_group_settings(group, Some(settings));
            return Vec::new();
        }
        if words[0] == "topic-deleted" {
            let decision = self.shard.topic_deleted(words[1]);
            return self.take(decision);
        }
        let label = words.remove(0).to_owned();
        let verb = words.remove(0);
        let group = words.remove(0);
        let to = ReplyTo(self.requests.len() as u64);
        self.requests.insert(to, label);
        self.open.insert(to);
        let decision = self.request(verb, group, &Words(words), to);
        self.take(decision)
    }

    /// `t:3 u:1`: all the topics there are from now on, with their partitions.
    fn set_topics(&mut self, words: &[&str]) {
        let topics = words.iter().map(|text| {
            let (name, count) = text.split_once(':').expect("topic:partitions");
            let partition_count = count.parse().expect("a number");
            let topic = Topic { id: topic_id(name), partition_count, subscription: SubscribedBy::default() };
            (name.to_owned(), topic)
        });
        let topics: Vec<(String, Topic)> = topics.collect();
        let version = self.topics.version + 1;
        let is_new = topics.iter().any(|(name, _)| self.topics.get(name).is_none());
        let with_new = if is_new { version } else { self.topics.version_with_new_topics };
        self.topics = Arc::new(Topics::new(topics, version, with_new));
        self.shard.set_topics(self.topics.clone());
    }

    /// Requests that still wait.
    pub fn unanswered(&self) -> usize {
        self.open.len()
    }

    fn request(&mut self, verb: &str, group: &str, words: &Words<'_>, to: ReplyTo) -> Decision {
        let group_id = group.trim_matches(['"', '\'']).to_owned();
        let now = self.now;
        let client = ClientContext {
            client_id: words.get("client").unwrap_or("c").to_owned(),
            client_host: "/tab".to_owned(),
            api_version: words.number("v", 9) as i16,
        };
        let member_id = self.real(words.get("member").unwrap_or_default());
        let group_instance_id = words.get("instance").map(str::to_owned);
        let generation_id = words.number("gen", -1) as i32;
        match verb {
            "join" => {
                let request = join_request(words, group_id, member_id, group_instance_id);
                self.shard.join(now, to, client, request)
            }
            "sync" => {
                let given = words
                    .get("assign")
                    .into_iter()
                    .flat_map(|text| text.split(';'))
                    .filter(|text| !text.is_empty());
                let assignments = given.map(|text| {
                    let (member, partitions) = text.split_once(':').expect("member:partitions");
                    let partitions = partitions.split(',').filter(|text| !text.is_empty()).map(partition);
                    let assignment = ConsumerAssignment { partitions: partitions.collect(), user_data: None };
                    SyncGroupRequestAssignment {
                        member_id: self.real(member),
                        assignment: assignment.encode(3),
                    }
                });
                let request = SyncGroupRequest {
                    assignments: assignments.collect(),
                    protocol_name: words.get("protocol").map(str::to_owned),
                    group_id,
                    generation_id,
                    member_id,
                    group_instance_id,
                    ..Default::default()
                };
                self.shard.sync(now, to, request)
            }
            "heartbeat" => {
                let request = HeartbeatRequest { group_id, generation_id, member_id, group_instance_id };
                self.shard.heartbeat(now, to, request)
            }
            "leave" => {
                let members = words.bare().map(|text| {
                    let (member, instance) = text.split_once('/').unwrap_or((text, ""));
                    MemberIdentity {
                        member_id: self.real(member),
                        group_instance_id: Some(instance.to_owned()).filter(|id| !id.is_empty()),
                        reason: None,
                    }
                });
                let request = LeaveGroupRequest { members: members.collect(), group_id, member_id };
                self.shard.leave(now, to, &client, request)
            }
            "commit" => {
                let topics = words
                    .0
                    .iter()
                    .filter(|word| word.split_once('=').is_some_and(|(place, _)| place.contains('-')));
                let request = OffsetCommitRequest {
                    group_id,
                    generation_id_or_member_epoch: generation_id,
                    member_id,
                    group_instance_id,
                    retention_time_ms: words.number("retention", -1),
                    topics: topics.map(|text| commit_topic(text)).collect(),
                };
                self.shard.offset_commit(now, to, &client, request)
            }
            "fetch" => {
                let topics = words.bare().map(partition).map(|p| OffsetFetchRequestTopics {
                    name: p.topic,
                    partition_indexes: vec![p.partition],
                    ..Default::default()
                });
                let topics: Vec<_> = topics.collect();
                let topics = Some(topics).filter(|topics| !topics.is_empty());
                let wanted = OffsetFetchRequestGroup {
                    group_id,
                    topics,
                    member_id: Some(member_id).filter(|id| !id.is_empty()),
                    member_epoch: generation_id,
                };
                self.shard.offset_fetch(to, &[wanted])
            }
            "forget" => {
                let topics = words.bare().map(partition).map(|p| OffsetDeleteRequestTopic {
                    name: p.topic,
                    partitions: vec![OffsetDeleteRequestPartition { partition_index: p.partition }],
                });
                let request = OffsetDeleteRequest { group_id, topics: topics.collect() };
                self.shard.offset_delete(to, request)
            }
            "describe" => self.shard.describe(to, &client, &[group_id]),
            "list" => {
                let filter = |name: &str| words.get(name).map(str::to_owned).into_iter().collect();
                let request =
                    ListGroupsRequest { states_filter: filter("state"), types_filter: filter("type") };
                self.shard.list(to, &request)
            }
            "beat" => {
                let request = beat_request(words, group_id, member_id, group_instance_id);
                let client = ClientContext { api_version: words.number("v", 1) as i16, ..client };
                self.shard.consumer_group_heartbeat(now, to, &client, request)
            }
            "describe-consumers" => self.shard.describe_consumer_groups(to, &[group_id]),
            "delete" => self.shard.delete_groups(to, &[group_id]),
            _ => panic!("no such act: {verb}"),
        }
    }

    /// Lets time pass, doing what is due when it is due.
    fn pass(&mut self, ms: u64) -> Vec<String> {
        let end = self.now.after(ms);
        let mut lines = Vec::new();
        while let Some(due_ms) = self.shard.poll_timeout().filter(|due_ms| *due_ms <= end.monotonic_ms) {
            self.now = self.now.after(due_ms.saturating_sub(self.now.monotonic_ms));
            let decision = self.shard.handle_timeout(self.now);
            lines.extend(self.take(decision));
        }
        self.now = end;
        lines
    }

    /// All that is not on record is lost; who waits gets no answer.
    fn crash(&mut self) -> Vec<String> {
        self.crashes += 1;
        self.shard = Shard::new(self.config, 7 + self.crashes);
        self.shard.set_topics(self.topics.clone());
        for (group_id, settings) in &self.settings {
            self.shard.set_group_settings(group_id, Some(*settings));
        }
        for record in &self.log {
            self.shard.replay(record).expect("our own records");
        }
        self.shard.loaded(self.now);
        self.open.clear();
        Vec::new()
    }

    /// Does with a decision what a broker does, and writes it down.
    pub fn take(&mut self, decision: Decision) -> Vec<String> {
        for record in &decision.records {
            self.shard.replay(record).expect("our own records");
        }
        self.log.extend(decision.records.iter().cloned());
        let mut lines: Vec<String> = Vec::new();
        for (to, reply) in decision.replies {
            assert!(self.open.remove(&to), "a request is answered once");
            let label = self.requests[&to].clone();
            for line in self.reply(reply) {
                lines.push(format!("{label} <- {line}").trim_end().to_owned());
            }
        }
        for record in &decision.records {
            lines.push(format!("= {}", self.record(record)));
        }
        for event in &decision.events {
            lines.push(format!("! {}", self.event(event)));
        }
        lines
    }

    fn reply(&mut self, reply: GroupReply) -> Vec<String> {
        let line = match reply {
            GroupReply::Join(reply) if reply.error_code != 0 => {
                format!("{} {}", code(reply.error_code), self.name(&reply.member_id))
            }
            GroupReply::Join(reply) => {
                let me = self.name(&reply.member_id);
                let leader = self.name(&reply.leader);
                let protocol = reply.protocol_name.unwrap_or_default();
                let members: Vec<String> =
                    reply.members.iter().map(|member| self.name(&member.member_id)).collect();
                let skip = if reply.skip_assignment { " skip" } else { "" };
                let members = if members.is_empty() {
                    String::new()
                } else {
                    format!(" members={}", members.join(","))
                };
                format!("joined {me} gen={} {protocol} leader={leader}{members}{skip}", reply.generation_id)
            }
            GroupReply::Sync(reply) if reply.error_code != 0 => code(reply.error_code),
            GroupReply::Sync(reply) => format!("assigned [{}]", partitions(&reply.assignment)),
            GroupReply::Heartbeat(reply) => code(reply.error_code),
            GroupReply::Leave(reply) => {
                let members = reply.members.iter();
                let members: Vec<String> = members.map(|member| code(member.error_code)).collect();
                [vec![code(reply.error_code)], members].concat().join(" ")
            }
            GroupReply::OffsetCommit(reply) => {
                let partitions = reply.topics.iter().flat_map(|topic| &topic.partitions);
                partitions.map(|partition| code(partition.error_code)).collect::<Vec<_>>().join(" ")
            }
            GroupReply::OffsetFetch(groups) if groups[0].error_code != 0 => code(groups[0].error_code),
            GroupReply::OffsetFetch(groups) => {
                let topics = groups.iter().flat_map(|group| &group.topics);
                let offsets = topics.flat_map(|topic| {
                    topic.partitions.iter().map(move |offset| {
                        let metadata = offset.metadata.as_deref().unwrap_or("null");
                        let at = if metadata.is_empty() { "" } else { "@" };
                        let (topic, index) = (&topic.name, offset.partition_index);
                        format!("{topic}-{index}={}{at}{metadata}", offset.committed_offset)
                    })
                });
                format!("[{}]", offsets.collect::<Vec<_>>().join(" "))
            }
            GroupReply::OffsetDelete(reply) => {
                let partitions = reply.topics.iter().flat_map(|topic| &topic.partitions);
                let codes = partitions.map(|partition| code(partition.error_code));
                [code(reply.error_code)].into_iter().chain(codes).collect::<Vec<_>>().join(" ")
            }
            GroupReply::Describe(groups) => {
                let group = &groups[0];
                let members = group.members.iter().map(|member| {
                    let metadata = if member.member_metadata.is_empty() { "" } else { "+" };
                    let name = self.name(&member.member_id);
                    format!(" {name}{metadata}[{}]", partitions(&member.member_assignment))
                });
                let members: String = members.collect();
                let (state, kind) = (&group.group_state, &group.protocol_type);
                format!("{} {state} {kind}/{}{members}", code(group.error_code), group.protocol_data)
            }
            GroupReply::List(groups) => {
                let groups = groups.iter().map(|group| {
                    let (id, kind, state) = (&group.group_id, &group.protocol_type, &group.group_state);
                    format!("{id}:{kind}:{state}:{}", group.group_type)
                });
                groups.collect::<Vec<_>>().join(" ")
            }
            GroupReply::ConsumerHeartbeat(reply) if reply.error_code != 0 => code(reply.error_code),
            GroupReply::ConsumerHeartbeat(reply) => {
                let given = reply.assignment.map(|assignment| {
                    let topics = assignment.topic_partitions.into_iter();
                    self.listed(topics.map(|topic| (topic.topic_id, topic.partitions)))
                });
                let given = given.map_or(String::new(), |given| format!(" [{given}]"));
                let member = self.name(&reply.member_id.unwrap_or_default());
                format!("{member} epoch={}{given}", reply.member_epoch)
            }
            GroupReply::ConsumerDescribe(groups) => {
                let group = &groups[0];
                let members = group.members.iter().map(|member| {
                    let listed = |assignment: &Assignment| {
                        let topics = assignment.topic_partitions.iter();
                        self.listed(topics.map(|topic| (topic.topic_id, topic.partitions.clone())))
                    };
                    let (owned, target) = (listed(&member.assignment), listed(&member.target_assignment));
                    let kind = if member.member_type == 0 { " classic" } else { "" };
                    let name = self.name(&member.member_id);
                    format!(" {name}@{}[{owned}]->[{target}]{kind}", member.member_epoch)
                });
                let members: String = members.collect();
                let state = &group.group_state;
                let (epoch, assigned) = (group.group_epoch, group.assignment_epoch);
                let assignor = &group.assignor_name;
                format!("{} {state} {epoch}/{assigned} {assignor}{members}", code(group.error_code))
            }
            GroupReply::Delete(results) => code(results[0].error_code),
        };
        vec![line.trim_end().to_owned()]
    }

    fn record(&mut self, record: &CoordinatorRecord) -> String {
        if records::key_type(&record.key).expect("a type") == 2 {
            let key: GroupMetadataKey = records::decode_key(record.key.clone()).expect("a group's key");
            let Some(value) = record.value.clone() else { return format!("{} gone", key.group) };
            let value: GroupMetadataValue = records::decode_value(value).expect("a group's value");
            let members = value.members.iter().map(|member| {
                format!(" {}[{}]", self.name(&member.member_id), partitions(&member.assignment))
            });
            let members: String = members.collect();
            let protocol = value.protocol.as_deref().unwrap_or("-");
            format!("{} gen={} {protocol}{members}", key.group, value.generation)
        } else if records::key_type(&record.key).expect("a type") > 2 {
            self.consumer_record(record)
        } else {
            let key: OffsetCommitKey = records::decode_key(record.key.clone()).expect("an offset's key");
            let place = format!("{} {}-{}", key.group, key.topic, key.partition);
            let Some(value) = record.value.clone() else { return format!("{place} gone") };
            let value: OffsetCommitValue = records::decode_value(value).expect("an offset's value");
            format!("{place}={}", value.offset)
        }
    }

    fn consumer_record(&mut self, record: &CoordinatorRecord) -> String {
        let key = record.key.clone();
        let value = record.value.clone();
        let gone = "gone".to_owned();
        match records::key_type(&key).expect("a type") {
            3 => {
                let key: ConsumerGroupMetadataKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let epoch = value.map_or(gone, |value: ConsumerGroupMetadataValue| value.epoch.to_string());
                format!("{} epoch {epoch}", key.group_id)
            }
            5 => {
                let key: ConsumerGroupMemberMetadataKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let member = value.map_or(gone, |value: ConsumerGroupMemberMetadataValue| {
                    let regex = value.subscribed_topic_regex.filter(|regex| !regex.is_empty());
                    let regex = regex.map(|regex| format!("~{regex}"));
                    value.subscribed_topic_names.into_iter().chain(regex).collect::<Vec<_>>().join(",")
                });
                format!("{} member {} {member}", key.group_id, self.name(&key.member_id))
            }
            6 => {
                let key: ConsumerGroupTargetAssignmentMetadataKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let epoch = value.map_or(gone, |value: ConsumerGroupTargetAssignmentMetadataValue| {
                    value.assignment_epoch.to_string()
                });
                format!("{} target epoch {epoch}", key.group_id)
            }
            7 => {
                let key: ConsumerGroupTargetAssignmentMemberKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let target = value.map_or(gone, |value: ConsumerGroupTargetAssignmentMemberValue| {
                    let topics = value.topic_partitions.into_iter();
                    format!("[{}]", self.listed(topics.map(|topic| (topic.topic_id, topic.partitions))))
                });
                format!("{} target {} {target}", key.group_id, self.name(&key.member_id))
            }
            8 => {
                let key: ConsumerGroupCurrentMemberAssignmentKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let current = value.map_or(gone, |value: ConsumerGroupCurrentMemberAssignmentValue| {
                    let owned = value.assigned_partitions.into_iter();
                    let owned = self.listed(owned.map(|topic| (topic.topic_id, topic.partitions)));
                    let revoked = value.partitions_pending_revocation.into_iter();
                    let revoked = self.listed(revoked.map(|topic| (topic.topic_id, topic.partitions)));
                    let revoked = if revoked.is_empty() { revoked } else { format!(" -[{revoked}]") };
                    let state = ["stable", "unrevoked", "unreleased"][value.state as usize];
                    let (epoch, before) = (value.member_epoch, value.previous_member_epoch);
                    format!("{before}>{epoch} {state} [{owned}]{revoked}")
                });
                format!("{} owns {} {current}", key.group_id, self.name(&key.member_id))
            }
            16 => {
                let key: ConsumerGroupRegularExpressionKey = records::decode_key(key).expect("a key");
                let value = value.map(|value| records::decode_value(value).expect("a value"));
                let topics =
                    value.map_or(gone, |value: ConsumerGroupRegularExpressionValue| value.topics.join(","));
                format!("{} regex {} {topics}", key.group_id, key.regular_expression)
            }
            kind => panic!("no such key: {kind}"),
        }
    }

    fn listed(&self, topics: impl Iterator<Item = (Uuid, Vec<i32>)>) -> String {
        let places = topics.flat_map(|(id, partitions)| {
            let name = self.topics.name(&id).unwrap_or("?").to_owned();
            partitions.into_iter().map(move |partition| format!("{name}-{partition}"))
        });
        let mut places: Vec<String> = places.collect();
        places.sort();
        places.join(" ")
    }

    fn event(&mut self, event: &GroupEvent) -> String {
        match event {
            GroupEvent::MemberJoined { member, .. } => format!("{} joined", self.name(&member.member_id)),
            GroupEvent::MemberLeft { member, why, .. } => {
                format!("{} {}", self.name(&member.member_id), why.name())
            }
            GroupEvent::RebalanceStarted { generation, cause, .. } => {
                format!("rebalance after gen={generation}: {}", cause.name())
            }
            GroupEvent::GenerationCompleted { generation, protocol, duration_ms, members, .. } => {
                let members = members.iter().map(|member| {
                    let owned = member.partitions.as_ref().map_or("?".to_owned(), |p| p.len().to_string());
                    format!(" {}:{owned}", self.name(&member.member.member_id))
                });
                let members: String = members.collect();
                format!("gen={generation} {protocol} after {duration_ms} ms{members}")
            }
            GroupEvent::GroupEpochBumped { epoch, cause, .. } => format!("epoch {epoch}: {}", cause.name()),
            GroupEvent::TargetComputed { epoch, assignor, members, .. } => {
                let members = members.iter().map(|member| {
                    let owned = member.partitions.as_ref().map_or("?".to_owned(), |p| p.len().to_string());
                    format!(" {}:{owned}", self.name(&member.member.member_id))
                });
                let members: String = members.collect();
                format!("target {epoch} {assignor}{members}")
            }
            GroupEvent::MemberReconciled { member, epoch, state, assigned, pending_revocation, .. } => {
                let name = self.name(&member.member_id);
                format!("{name} {epoch} {state} +{} -{}", assigned.len(), pending_revocation.len())
            }
            GroupEvent::GroupConverted { to, .. } => format!("now {}", to.name()),
            GroupEvent::GroupEmptied { generation, .. } => format!("empty gen={generation}"),
            GroupEvent::GroupDeleted { group_id } => format!("{group_id} deleted"),
            GroupEvent::OffsetsExpired { partitions, .. } => format!("expired {}", partitions.len()),
        }
    }

    fn name(&mut self, member_id: &str) -> String {
        if let Some((_, name)) = self.names.iter().find(|(real, _)| real == member_id) {
            return name.clone();
        }
        if member_id.len() == 22 {
            let number = 1 + self.names.iter().filter(|(real, _)| real.len() == 22).count();
            self.names.push((member_id.to_owned(), format!("id#{number}")));
            return format!("id#{number}");
        }
        // What comes before the uuid, which has 36 characters and a dash before it.
        let Some(length) = member_id.len().checked_sub(37) else { return member_id.to_owned() };
        let client = &member_id[..length];
        let number = 1 + self
            .names
            .iter()
            .filter(|(real, _)| real.len() > 36 && real[..real.len() - 37] == *client)
            .count();
        self.names.push((member_id.to_owned(), format!("{client}#{number}")));
        format!("{client}#{number}")
    }

    fn real(&self, name: &str) -> String {
        let known = self.names.iter().find(|(_, known)| known == name);
        known.map_or(name.trim_matches('"').to_owned(), |(real, _)| real.clone())
    }
}

fn join_request(
    words: &Words<'_>,
    group_id: String,
    member_id: String,
    group_instance_id: Option<String>,
) -> JoinGroupRequest {
    let topics = words.get("topics").unwrap_or("t").split(',').map(str::to_owned).collect();
    let owned = words.get("owned").unwrap_or_default().split(',').filter(|text| !text.is_empty());
    let owned_partitions = owned.map(partition).collect();
    let subscription = ConsumerSubscription { topics, owned_partitions, ..Default::default() }.encode(3);
    let protocols = words.get("protocols").unwrap_or("range").split(',').filter(|name| !name.is_empty());
    JoinGroupRequest {
        group_id,
        session_timeout_ms: words.number("session", 10_000) as i32,
        rebalance_timeout_ms: words.number("rebalance", 60_000) as i32,
        member_id,
        group_instance_id,
        protocol_type: words.get("type").unwrap_or("consumer").to_owned(),
        protocols: protocols
            .map(|name| JoinGroupRequestProtocol {
                name: name.to_owned(),
                metadata: words
                    .get("metadata")
                    .map_or(subscription.clone(), |text| Bytes::from(text.to_owned())),
            })
            .collect(),
        reason: None,
    }
}

/// A first heartbeat is complete, a later one says what its words say.
fn beat_request(
    words: &Words<'_>,
    group_id: String,
    member_id: String,
    instance_id: Option<String>,
) -> ConsumerGroupHeartbeatRequest {
    let member_epoch = words.number("epoch", 0) as i32;
    let joins = member_epoch == 0;
    let list = |text: &str| text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let regex = words.get("regex").map(str::to_owned);
    let topics: Option<Vec<String>> = words.get("topics").map(list);
    let topics = topics.or_else(|| (joins && regex.is_none()).then(|| vec!["t".to_owned()]));
    let owned: Option<Vec<String>> = words.get("owned").filter(|text| *text != "null").map(list);
    let owned = owned.or_else(|| joins.then(Vec::new)).map(|owned| {
        let owned = owned.iter().map(|text| partition(text)).map(|place| TopicPartitions {
            topic_id: topic_id(&place.topic),
            partitions: vec![place.partition],
        });
        owned.collect()
    });
    ConsumerGroupHeartbeatRequest {
        group_id,
        member_id,
        member_epoch,
        instance_id,
        rack_id: words.get("rack").map(str::to_owned),
        rebalance_timeout_ms: words.number("rebalance", if joins { 60_000 } else { -1 }) as i32,
        subscribed_topic_names: topics.filter(|_| words.get("topics") != Some("null")),
        subscribed_topic_regex: regex,
        server_assignor: words.get("assignor").map(str::to_owned),
        topic_partitions: owned.filter(|_| words.get("owned") != Some("null")),
    }
}

fn topic_id(name: &str) -> Uuid {
    let mut id = [0; 16];
    id[..name.len().min(16)].copy_from_slice(&name.as_bytes()[..name.len().min(16)]);
    Uuid(id)
}

fn commit_topic(text: &str) -> OffsetCommitRequestTopic {
    let (place, value) = text.split_once('=').expect("topic-partition=offset");
    let (offset, metadata) = value.split_once('@').unwrap_or((value, ""));
    let place = partition(place);
    OffsetCommitRequestTopic {
        name: place.topic,
        partitions: vec![OffsetCommitRequestPartition {
            partition_index: place.partition,
            committed_offset: offset.parse().expect("an offset"),
            committed_leader_epoch: -1,
            committed_metadata: Some(metadata.to_owned()),
        }],
        ..Default::default()
    }
}

fn partition(text: &str) -> TopicPartition {
    let (topic, partition) = text.rsplit_once('-').expect("topic-partition");
    TopicPartition::new(topic, partition.parse().expect("a partition"))
}

fn partitions(assignment: &Bytes) -> String {
    if assignment.is_empty() {
        return String::new();
    }
    let decoded = ConsumerAssignment::decode(assignment.clone()).expect("an assignment");
    decoded.partitions.iter().map(TopicPartition::to_string).collect::<Vec<_>>().join(" ")
}

fn code(code: i16) -> String {
    ErrorCode::from_code(code).name().to_owned()
}
