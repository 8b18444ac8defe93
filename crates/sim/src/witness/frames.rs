//! Reads the frames that pass the broker's door: who joined, who committed what, which epochs were told.
//!
//! Never knows: what is behind the door.

use crate::checker::committed_offset::CommitNumber;
use crate::checker::two_owners::Kind;
use crate::checker::{Checkers, Verdict};
use crate::network::LinkId;
use crate::tally::Tally;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use tablog_group::consumer_protocol::ConsumerAssignment;
use tablog_record::{TopicPartition, Uuid};
use tablog_wire::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, FetchRequest, HeartbeatRequest,
    JoinGroupRequest, MetadataRequest, OffsetCommitRequest, OffsetFetchRequest, OffsetFetchResponse,
    SyncGroupRequest,
};
use tablog_wire::{ApiKey, Decode, ErrorCode, Request, RequestHeader, frame};

#[derive(Debug, Default)]
pub(super) struct Frames {
    asked: BTreeMap<(LinkId, i32), Asked>,
    topic_names: BTreeMap<Uuid, String>,
    /// What each member of the consumer protocol was last given: an answer that says nothing leaves it so.
    given: BTreeMap<(String, String), Given>,
}

#[derive(Debug, Default)]
struct Given {
    epoch: i32,
    partitions: Vec<TopicPartition>,
}

/// A request of which the answer matters.
#[derive(Debug)]
struct Asked {
    version: i16,
    question: Question,
}

#[derive(Debug)]
enum Question {
    Fetch,
    Metadata,
    JoinGroup { group: String },
    SyncGroup { group: String, generation: i32, member: String },
    Heartbeat { group: String, generation: i32, newest_when_asked: i32 },
    ConsumerHeartbeat { group: String, member_id: String, owner: String, joins: bool },
    OffsetCommit { group: String, commits: BTreeMap<TopicPartition, CommitNumber> },
    OffsetFetch { group: String },
}

pub(super) fn describe_request(frame: &Bytes) -> String {
    let mut body = frame.clone();
    match RequestHeader::decode(&mut body) {
        Ok(header) => {
            let api = ApiKey::from_i16(header.api_key);
            let name = api.map_or_else(|| header.api_key.to_string(), |api| format!("{api:?}"));
            let crc = tablog_record::crc32c(&body);
            let client = header.client_id.unwrap_or_default();
            format!(
                "{name} v{} #{} {client} {} bytes {crc:08x}",
                header.api_version,
                header.correlation_id,
                body.len()
            )
        }
        Err(error) => format!("unreadable: {error}"),
    }
}

impl Frames {
    /// Links do not outlive the broker.
    pub fn forget_links(&mut self) {
        self.asked.clear();
    }

    pub fn request(&mut self, link: LinkId, frame: Bytes, checkers: &mut Checkers) -> Verdict {
        let mut body = frame;
        let Ok(header) = RequestHeader::decode(&mut body) else { return Ok(()) };
        let Some(api) = ApiKey::from_i16(header.api_key) else { return Ok(()) };
        let version = header.api_version;
        let question = match api {
            ApiKey::Fetch => Some(Question::Fetch),
            ApiKey::Metadata => Some(Question::Metadata),
            ApiKey::JoinGroup => decode::<JoinGroupRequest>(body, version)
                .map(|request| Question::JoinGroup { group: request.group_id }),
            ApiKey::SyncGroup => {
                decode::<SyncGroupRequest>(body, version).map(|request| Question::SyncGroup {
                    group: request.group_id,
                    generation: request.generation_id,
                    // A static member that comes back under a new id is the same owner.
                    member: request.group_instance_id.unwrap_or(request.member_id),
                })
            }
            ApiKey::Heartbeat => {
                decode::<HeartbeatRequest>(body, version).map(|request| Question::Heartbeat {
                    newest_when_asked: checkers.fencing.newest(&request.group_id),
                    group: request.group_id,
                    generation: request.generation_id,
                })
            }
            ApiKey::ConsumerGroupHeartbeat => decode::<ConsumerGroupHeartbeatRequest>(body, version)
                .map(|request| self.consumer_heartbeat(request, checkers)),
            ApiKey::OffsetCommit => decode::<OffsetCommitRequest>(body, version)
                .map(|request| self.offset_commit(request, checkers)),
            ApiKey::OffsetFetch => decode::<OffsetFetchRequest>(body, version).and_then(|request| {
                let group = match request.groups.as_slice() {
                    [] => request.group_id,
                    [only] => only.group_id.clone(),
                    _ => return None,
                };
                Some(Question::OffsetFetch { group })
            }),
            _ => None,
        };
        if let Some(question) = question {
            self.asked.insert((link, header.correlation_id), Asked { version, question });
        }
        Ok(())
    }

    /// What a member lets go of it has let go of before anybody hears of it.
    fn consumer_heartbeat(
        &self,
        request: ConsumerGroupHeartbeatRequest,
        checkers: &mut Checkers,
    ) -> Question {
        let (group, member_id) = (request.group_id, request.member_id);
        let owner = request.instance_id.unwrap_or_else(|| member_id.clone());
        if request.member_epoch < 0 {
            checkers.handover.leaves(&group, &owner);
        } else if request.member_epoch == 0 {
            checkers.handover.joins(&group, &owner);
        } else {
            let owned = request.topic_partitions.map(|topics| {
                let mut owned = BTreeSet::new();
                for topic in topics {
                    let name = self.topic_name("", topic.topic_id);
                    let named = |&index: &i32| TopicPartition::new(name.clone(), index);
                    owned.extend(topic.partitions.iter().map(named));
                }
                owned
            });
            checkers.handover.asks(&group, &owner, owned.as_ref());
        }
        Question::ConsumerHeartbeat { group, member_id, owner, joins: request.member_epoch == 0 }
    }

    fn offset_commit(&self, request: OffsetCommitRequest, checkers: &mut Checkers) -> Question {
        let group = request.group_id;
        let mut commits = BTreeMap::new();
        for topic in &request.topics {
            let name = self.topic_name(&topic.name, topic.topic_id);
            for partition in &topic.partitions {
                let place = TopicPartition::new(name.clone(), partition.partition_index);
                let number = checkers.committed_offset.asked(&group, &place, partition.committed_offset);
                commits.insert(place, number);
            }
        }
        Question::OffsetCommit { group, commits }
    }

    fn topic_name(&self, name: &str, id: Uuid) -> String {
        if name.is_empty() {
            return self.topic_names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        }
        name.to_owned()
    }

    pub fn reply(
        &mut self,
        now_ms: u64,
        link: LinkId,
        frame: Bytes,
        checkers: &mut Checkers,
        tally: &mut Tally,
    ) -> Verdict {
        let Ok(correlation_id) = frame::correlation_id(&frame) else { return Ok(()) };
        let Some(Asked { version, question }) = self.asked.remove(&(link, correlation_id)) else {
            return Ok(());
        };
        match question {
            Question::Fetch => {
                let Some(response) = answer::<FetchRequest>(frame, version) else { return Ok(()) };
                let mut partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
                if partitions
                    .any(|partition| partition.records.as_ref().is_some_and(|bytes| !bytes.is_empty()))
                {
                    tally.fetches += 1;
                }
                Ok(())
            }
            Question::Metadata => {
                self.metadata(frame, version, checkers);
                Ok(())
            }
            Question::JoinGroup { group } => {
                let Some(response) = answer::<JoinGroupRequest>(frame, version) else { return Ok(()) };
                if response.error_code != 0 {
                    return Ok(());
                }
                checkers.joined(&group, Kind::Classic, response.generation_id);
                if checkers.fencing.announced(&group, response.generation_id) {
                    tally.rebalances += 1;
                }
                Ok(())
            }
            Question::SyncGroup { group, generation, member } => {
                let Some(response) = answer::<SyncGroupRequest>(frame, version) else { return Ok(()) };
                if response.error_code != 0 {
                    return Ok(());
                }
                checkers.fencing.handed_out(&group, generation);
                match ConsumerAssignment::decode(response.assignment) {
                    Ok(assignment) => {
                        checkers.two_owners.assigned(&group, generation, &member, assignment.partitions)
                    }
                    // No bytes: assigned nothing.
                    Err(_) => Ok(()),
                }
            }
            Question::Heartbeat { group, generation, newest_when_asked } => {
                match answer::<HeartbeatRequest>(frame, version) {
                    Some(response) if response.error_code == 0 => {
                        checkers.fencing.heartbeat_accepted(&group, generation, newest_when_asked)
                    }
                    _ => Ok(()),
                }
            }
            Question::ConsumerHeartbeat { group, member_id, owner, joins } => {
                let response = answer::<ConsumerGroupHeartbeatRequest>(frame, version);
                match response {
                    Some(response) if response.error_code == 0 => {
                        if joins {
                            checkers.joined(&group, Kind::Consumer, response.member_epoch);
                        }
                        self.member_epoch(now_ms, response, (group, member_id), &owner, checkers, tally)
                    }
                    _ => {
                        // Refused: for what it is worth, it is out.
                        checkers.handover.is_out(&group, &owner);
                        Ok(())
                    }
                }
            }
            Question::OffsetCommit { group, commits } => {
                let Some(response) = answer::<OffsetCommitRequest>(frame, version) else { return Ok(()) };
                for topic in &response.topics {
                    let name = self.topic_name(&topic.name, topic.topic_id);
                    for partition in &topic.partitions {
                        let place = TopicPartition::new(name.clone(), partition.partition_index);
                        let Some(&number) = commits.get(&place) else { continue };
                        match ErrorCode::from_code(partition.error_code) {
                            ErrorCode::None => {
                                tally.offset_commits += 1;
                                checkers.committed_offset.acknowledged(&group, &place, number)?;
                            }
                            ErrorCode::IllegalGeneration
                            | ErrorCode::UnknownMemberId
                            | ErrorCode::StaleMemberEpoch
                            | ErrorCode::RebalanceInProgress => {
                                checkers.committed_offset.refused(&group, &place, number);
                            }
                            _ => {}
                        }
                    }
                }
                Ok(())
            }
            Question::OffsetFetch { group } => {
                let Some(response) = answer::<OffsetFetchRequest>(frame, version) else { return Ok(()) };
                for (place, offset) in self.fetched_offsets(&response) {
                    checkers.committed_offset.fetched(&group, &place, offset)?;
                }
                Ok(())
            }
        }
    }

    /// In one epoch a partition has one owner: while it moves, nobody is given it in the new one.
    fn member_epoch(
        &mut self,
        now_ms: u64,
        response: ConsumerGroupHeartbeatResponse,
        member: (String, String),
        owner: &str,
        checkers: &mut Checkers,
        tally: &mut Tally,
    ) -> Verdict {
        if response.member_epoch <= 0 {
            checkers.handover.is_out(&member.0, owner);
            self.given.remove(&member);
            return Ok(());
        }
        let mut partitions = Vec::new();
        for topic in response.assignment.iter().flat_map(|assignment| &assignment.topic_partitions) {
            let name = self.topic_name("", topic.topic_id);
            partitions.extend(topic.partitions.iter().map(|&index| TopicPartition::new(name.clone(), index)));
        }
        let group = member.0.clone();
        let given = self.given.entry(member).or_default();
        if response.assignment.is_some() {
            given.partitions = partitions;
        }
        if std::mem::replace(&mut given.epoch, response.member_epoch) != response.member_epoch {
            tally.member_epochs += 1;
        }
        checkers.handover.given(now_ms, &group, owner, &given.partitions)?;
        checkers.two_owners.assigned(&group, response.member_epoch, owner, given.partitions.clone())
    }

    fn metadata(&mut self, frame: Bytes, version: i16, checkers: &mut Checkers) {
        let Some(response) = answer::<MetadataRequest>(frame, version) else { return };
        for topic in response.topics {
            let Some(name) = topic.name.filter(|_| topic.error_code == 0) else { continue };
            self.topic_names.insert(topic.topic_id, name.clone());
            for partition in topic.partitions {
                let place = TopicPartition::new(name.clone(), partition.partition_index);
                checkers.leader_epoch.told(place, partition.leader_epoch);
            }
        }
    }

    fn fetched_offsets(&self, response: &OffsetFetchResponse) -> Vec<(TopicPartition, Option<i64>)> {
        let mut found = Vec::new();
        let mut see = |name: &str, index: i32, offset: i64, error: i16| {
            if error == 0 {
                found.push((TopicPartition::new(name, index), (offset >= 0).then_some(offset)));
            }
        };
        if response.error_code != 0 {
            return Vec::new();
        }
        for topic in &response.topics {
            for partition in &topic.partitions {
                see(&topic.name, partition.partition_index, partition.committed_offset, partition.error_code);
            }
        }
        for group in response.groups.iter().filter(|group| group.error_code == 0) {
            for topic in &group.topics {
                let name = self.topic_name(&topic.name, topic.topic_id);
                for partition in &topic.partitions {
                    see(&name, partition.partition_index, partition.committed_offset, partition.error_code);
                }
            }
        }
        found
    }
}

fn decode<R: Decode>(body: Bytes, version: i16) -> Option<R> {
    frame::decode_body(body, version).ok()
}

fn answer<R: Request>(frame: Bytes, version: i16) -> Option<R::Response> {
    frame::decode_response::<R>(frame, version).ok().map(|(_, response)| response)
}
