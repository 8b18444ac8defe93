//! Committed offsets: written, read, deleted, and expired when nobody has wanted them for long.

use tablog_record::{Now, SortedMap, TopicPartition};
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_commit_request::OffsetCommitRequestPartition;
use tablog_wire::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use tablog_wire::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use tablog_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use tablog_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use tablog_wire::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
};
use tablog_wire::records::OffsetCommitValue;

use super::Shard;
use crate::consumer_protocol::PROTOCOL_TYPE;
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::{ClientContext, Decision, GroupReply, ReplyTo};
use crate::durable::StoredGroup;
use crate::event::GroupEvent;
use crate::limits;

/// From this version on a commit to a group that is not there says so (KIP-848).
const COMMIT_VERSION_WITH_GROUP_NOT_FOUND: i16 = 9;
/// Longest string that a record of version 3 can hold.
const METADATA_BYTES_MAX: usize = i16::MAX as usize;

impl Shard {
    /// Whether topics and partitions exist is for the broker to know, and to ask before.
    pub fn offset_commit(
        &mut self,
        now: Now,
        to: ReplyTo,
        client: &ClientContext,
        request: OffsetCommitRequest,
    ) -> Decision {
        let checked = self.check_commit(now, client, &request);
        let expire_timestamp = if request.retention_time_ms >= 0 {
            now.wall.0.saturating_add(request.retention_time_ms)
        } else {
            -1
        };
        let mut decision = Decision::default();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in topic.partitions {
                let partition_index = partition.partition_index;
                let result = checked.and_then(|()| self.check_committed(&topic.name, &partition));
                if result.is_ok() {
                    let value = OffsetCommitValue {
                        offset: partition.committed_offset,
                        leader_epoch: partition.committed_leader_epoch,
                        metadata: partition.committed_metadata.unwrap_or_default(),
                        commit_timestamp: now.wall.0,
                        expire_timestamp,
                        ..Default::default()
                    };
                    let record =
                        CoordinatorRecord::offset(&request.group_id, &topic.name, partition_index, &value);
                    decision.records.push(record);
                }
                let error_code = result.err().unwrap_or(ErrorCode::None).code();
                partitions.push(OffsetCommitResponsePartition { partition_index, error_code });
            }
            topics.push(OffsetCommitResponseTopic { name: topic.name, topic_id: topic.topic_id, partitions });
        }
        let reply = OffsetCommitResponse { topics, ..Default::default() };
        decision.reply(to, GroupReply::OffsetCommit(reply));
        decision
    }

    fn check_commit(
        &mut self,
        now: Now,
        client: &ClientContext,
        request: &OffsetCommitRequest,
    ) -> Result<(), ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        if request.group_id.len() > limits::GROUP_ID_BYTES_MAX {
            return Err(ErrorCode::InvalidGroupId);
        }
        if !self.exists(&request.group_id) {
            return match generation {
                // Offsets without a group: a simple group comes to be.
                _ if generation < 0 && self.durable.groups.len() < limits::GROUPS_PER_SHARD_MAX => Ok(()),
                _ if generation < 0 => Err(ErrorCode::PolicyViolation),
                _ if client.api_version >= COMMIT_VERSION_WITH_GROUP_NOT_FOUND => {
                    Err(ErrorCode::GroupIdNotFound)
                }
                _ => Err(ErrorCode::IllegalGeneration),
            };
        }
        if let Some(group) = self.durable.consumer(&request.group_id) {
            let version = client.api_version;
            return group.check_commit(&request.group_id, version, &request.member_id, generation);
        }
        let instance_id = request.group_instance_id.as_deref();
        let (_, result) = self.with_group(now, &request.group_id, |group, turn| {
            group.check_offset_commit(turn, &request.member_id, instance_id, generation)
        });
        result
    }

    fn check_committed(
        &self,
        topic: &str,
        partition: &OffsetCommitRequestPartition,
    ) -> Result<(), ErrorCode> {
        if topic.is_empty() || topic.len() > limits::TOPIC_BYTES_MAX || partition.partition_index < 0 {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
        // Kafka counts a Java string's length.
        if metadata.encode_utf16().count() > self.config.offset_metadata_max_bytes
            || metadata.len() > METADATA_BYTES_MAX
        {
            return Err(ErrorCode::OffsetMetadataTooLarge);
        }
        Ok(())
    }

    /// Of one request those groups that belong to this shard.
    pub fn offset_fetch(&self, to: ReplyTo, groups: &[OffsetFetchRequestGroup]) -> Decision {
        let groups = groups.iter().map(|group| self.fetch_group(group)).collect();
        super::answer(to, GroupReply::OffsetFetch(groups))
    }

    fn fetch_group(&self, wanted: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        let consumer = self.durable.consumer(&wanted.group_id);
        let checked =
            consumer.map(|group| group.check_fetch(wanted.member_id.as_deref(), wanted.member_epoch));
        if let Some(Err(code)) = checked {
            let (group_id, error_code) = (wanted.group_id.clone(), code.code());
            return OffsetFetchResponseGroup { group_id, error_code, ..Default::default() };
        }
        let none = SortedMap::new();
        let offsets = self.durable.groups.get(&wanted.group_id).map_or(&none, |group| &group.offsets);
        let topics = match &wanted.topics {
            None => offsets
                .iter()
                .map(|(name, partitions)| OffsetFetchResponseTopics {
                    name: name.clone(),
                    partitions: partitions
                        .iter()
                        .map(|(&index, value)| fetched(index, Some(value)))
                        .collect(),
                    ..Default::default()
                })
                .collect(),
            Some(topics) => topics
                .iter()
                .map(|topic| {
                    let committed = offsets.get(&topic.name);
                    let value = |index: &i32| committed.and_then(|partitions| partitions.get(index));
                    let partitions = topic.partition_indexes.iter();
                    OffsetFetchResponseTopics {
                        name: topic.name.clone(),
                        topic_id: topic.topic_id,
                        partitions: partitions.map(|index| fetched(*index, value(index))).collect(),
                    }
                })
                .collect(),
        };
        OffsetFetchResponseGroup { group_id: wanted.group_id.clone(), topics, ..Default::default() }
    }

    pub fn offset_delete(&mut self, to: ReplyTo, request: OffsetDeleteRequest) -> Decision {
        let mut decision = Decision::default();
        if let Err(code) = self.check_offset_delete(&request.group_id) {
            let reply = OffsetDeleteResponse { error_code: code.code(), ..Default::default() };
            decision.reply(to, GroupReply::OffsetDelete(reply));
            return decision;
        }
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in request.topics {
            let subscribed = self.is_subscribed(&request.group_id, &topic.name);
            let committed =
                self.durable.groups.get(&request.group_id).and_then(|g| g.offsets.get(&topic.name));
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in topic.partitions {
                let partition_index = partition.partition_index;
                let error_code = if subscribed {
                    ErrorCode::GroupSubscribedToTopic.code()
                } else {
                    ErrorCode::None.code()
                };
                if !subscribed && committed.is_some_and(|offsets| offsets.contains_key(&partition_index)) {
                    let group_id = &request.group_id;
                    let record = CoordinatorRecord::offset_tombstone(group_id, &topic.name, partition_index);
                    decision.records.push(record);
                }
                partitions.push(OffsetDeleteResponsePartition { partition_index, error_code });
            }
            topics.push(OffsetDeleteResponseTopic { name: topic.name, partitions });
        }
        let reply = OffsetDeleteResponse { topics, ..Default::default() };
        decision.reply(to, GroupReply::OffsetDelete(reply));
        decision
    }

    fn check_offset_delete(&self, group_id: &str) -> Result<(), ErrorCode> {
        if !self.exists(group_id) {
            return Err(ErrorCode::GroupIdNotFound);
        }
        match self.live.get(group_id) {
            Some(group) if !group.members.is_empty() && !group.uses_consumer_protocol() => {
                Err(ErrorCode::NonEmptyGroup)
            }
            _ => Ok(()),
        }
    }

    fn is_subscribed(&self, group_id: &str, topic: &str) -> bool {
        let consumer = self.durable.consumer(group_id);
        consumer.is_some_and(|group| group.is_subscribed_to(topic))
            || self.live.get(group_id).is_some_and(|group| group.is_subscribed_to(topic))
    }

    /// A deleted topic takes the offsets in it along.
    pub fn topic_deleted(&mut self, topic: &str) -> Decision {
        let mut decision = Decision::default();
        for (group_id, stored) in &self.durable.groups {
            for &partition in stored.offsets.get(topic).into_iter().flat_map(SortedMap::keys) {
                decision.records.push(CoordinatorRecord::offset_tombstone(group_id, topic, partition));
            }
        }
        decision
    }

    /// KIP-211: offsets go `offsets.retention.minutes` after the group became empty; those of topics that a
    /// stable group does not subscribe to, and those of simple groups, that long after their commit. A group that is
    /// empty and has no offsets left goes too.
    pub(super) fn expire_offsets(&mut self, now: Now, decision: &mut Decision) {
        for (group_id, stored) in &self.durable.groups {
            if decision.records.len() >= limits::EXPIRED_PER_ROUND_MAX {
                break;
            }
            let mut kept = 0;
            let mut expired = Vec::new();
            for (topic, partitions) in &stored.offsets {
                for (&partition, value) in partitions {
                    if self.is_expired(now, group_id, stored, topic, value) {
                        let tombstone = CoordinatorRecord::offset_tombstone(group_id, topic, partition);
                        decision.records.push(tombstone);
                        expired.push(TopicPartition::new(topic.as_str(), partition));
                    } else {
                        kept += 1;
                    }
                }
            }
            if !expired.is_empty() {
                let group_id = group_id.clone();
                decision.events.push(GroupEvent::OffsetsExpired { group_id, partitions: expired });
            }
            let has_members = stored.consumer.as_ref().is_some_and(|group| !group.is_empty());
            if kept == 0 && !has_members && !self.live.contains_key(group_id) {
                decision.records.extend(super::listing::group_tombstones(group_id, stored));
                decision.events.push(GroupEvent::GroupDeleted { group_id: group_id.clone() });
            }
        }
    }

    fn is_expired(
        &self,
        now: Now,
        group_id: &str,
        stored: &StoredGroup,
        topic: &str,
        value: &OffsetCommitValue,
    ) -> bool {
        let consumer = stored.consumer.as_ref();
        if consumer.is_some_and(|group| group.is_subscribed_to(topic)) {
            return false;
        }
        let since = match self.live.get(group_id).filter(|group| !group.members.is_empty()) {
            Some(group) => {
                let consumes = group.protocol_type.as_deref() == Some(PROTOCOL_TYPE);
                let stable = group.phase == crate::classic_group::Phase::Stable;
                if !stable || !consumes || group.is_subscribed_to(topic) {
                    return false;
                }
                value.commit_timestamp
            }
            None => {
                let became_empty =
                    stored.metadata.as_ref().map_or(-1, |stored| stored.current_state_timestamp);
                let known = stored.protocol_type().is_some() && became_empty >= 0;
                if known { became_empty } else { value.commit_timestamp }
            }
        };
        if value.expire_timestamp >= 0 {
            return now.wall.0 >= value.expire_timestamp;
        }
        now.wall.0.saturating_sub(since) >= self.config.offsets_retention_ms
    }
}

fn fetched(partition_index: i32, value: Option<&OffsetCommitValue>) -> OffsetFetchResponsePartitions {
    match value {
        Some(value) => OffsetFetchResponsePartitions {
            partition_index,
            committed_offset: value.offset,
            committed_leader_epoch: value.leader_epoch,
            metadata: Some(value.metadata.clone()),
            ..Default::default()
        },
        None => OffsetFetchResponsePartitions {
            partition_index,
            committed_offset: -1,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            ..Default::default()
        },
    }
}
