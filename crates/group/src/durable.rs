//! What the records of a partition of `__consumer_offsets` amount to. [`Durable::replay`] is the one function that
//! changes it, so that a shard, its recovery and a standby cannot disagree.
//!
//! Never knows: who waits, timers, anything that a crash may forget.

use std::fmt;
use tablog_record::{SortedMap, SortedSet, Uuid};

use bytes::Bytes;
use tablog_wire::DecodeError;
use tablog_wire::codec::{CoordinatorKey, CoordinatorValue};
use tablog_wire::records::{
    self, ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue, ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue, GroupMetadataKey,
    GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};

use crate::assignor::PartitionsByTopic;
use crate::consumer_group::{ConsumerGroup, CurrentAssignment, GroupEpoch, MemberState};
use crate::consumer_protocol::PROTOCOL_TYPE;
use crate::coordinator_record::CoordinatorRecord;

/// Key types: an offset's (two of them, by age), a classic group's, and those of consumer groups.
const OFFSET_KEYS: [i16; 2] = [0, 1];
const GROUP_KEY: i16 = 2;
const CONSUMER_GROUP_KEY: i16 = ConsumerGroupMetadataKey::TYPE;
const CONSUMER_MEMBER_KEY: i16 = ConsumerGroupMemberMetadataKey::TYPE;
const CONSUMER_ASSIGNMENT_EPOCH_KEY: i16 = ConsumerGroupTargetAssignmentMetadataKey::TYPE;
const CONSUMER_TARGET_KEY: i16 = ConsumerGroupTargetAssignmentMemberKey::TYPE;
const CONSUMER_CURRENT_KEY: i16 = ConsumerGroupCurrentMemberAssignmentKey::TYPE;
const CONSUMER_REGEX_KEY: i16 = ConsumerGroupRegularExpressionKey::TYPE;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Durable {
    pub(crate) groups: SortedMap<String, StoredGroup>,
    /// Records of types that are not known here, such as those of share groups.
    pub(crate) skipped: u64,
}

/// A group that has a generation or epochs on record, or offsets, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredGroup {
    /// `None` where only offsets were ever committed: Kafka's simple group.
    pub metadata: Option<GroupMetadataValue>,
    /// Where the group is one of the consumer protocol.
    pub consumer: Option<ConsumerGroup>,
    pub offsets: SortedMap<String, SortedMap<i32, OffsetCommitValue>>,
}

/// Why a record of the log cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplayError {
    Key(DecodeError),
    OffsetValue { group_id: String, topic: String, partition: i32, error: DecodeError },
    GroupValue { group_id: String, error: DecodeError },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Key(error) => write!(f, "a key cannot be read: {error}"),
            ReplayError::OffsetValue { group_id, topic, partition, error } => {
                write!(f, "the offset of {group_id} in {topic}-{partition} cannot be read: {error}")
            }
            ReplayError::GroupValue { group_id, error } => {
                write!(f, "the group {group_id} cannot be read: {error}")
            }
        }
    }
}

impl std::error::Error for ReplayError {}

impl Durable {
    pub fn replay(&mut self, record: &CoordinatorRecord) -> Result<(), ReplayError> {
        let kind = records::key_type(&record.key).map_err(ReplayError::Key)?;
        if OFFSET_KEYS.contains(&kind) {
            let key: OffsetCommitKey = records::decode_key(record.key.clone()).map_err(ReplayError::Key)?;
            self.replay_offset(key, record.value.clone())
        } else if kind == GROUP_KEY {
            let key: GroupMetadataKey = records::decode_key(record.key.clone()).map_err(ReplayError::Key)?;
            self.replay_group(key.group, record.value.clone())
        } else {
            self.replay_consumer(kind, record)
        }
    }

    /// Each kind of a consumer group's records is kept by itself.
    fn replay_consumer(&mut self, kind: i16, record: &CoordinatorRecord) -> Result<(), ReplayError> {
        match kind {
            CONSUMER_GROUP_KEY => {
                let ConsumerGroupMetadataKey { group_id } = key_of(record)?;
                let value: Option<ConsumerGroupMetadataValue> = value_of(&group_id, record)?;
                let epoch =
                    value.map(|value| GroupEpoch { epoch: value.epoch, metadata_hash: value.metadata_hash });
                self.with_consumer(group_id, |group| group.set_epoch(epoch));
            }
            CONSUMER_MEMBER_KEY => {
                let ConsumerGroupMemberMetadataKey { group_id, member_id } = key_of(record)?;
                let value: Option<ConsumerGroupMemberMetadataValue> = value_of(&group_id, record)?;
                self.with_consumer(group_id, |group| group.set_member(member_id, value));
            }
            CONSUMER_ASSIGNMENT_EPOCH_KEY => {
                let ConsumerGroupTargetAssignmentMetadataKey { group_id } = key_of(record)?;
                let value: Option<ConsumerGroupTargetAssignmentMetadataValue> = value_of(&group_id, record)?;
                let epoch = value.map(|value| value.assignment_epoch);
                self.with_consumer(group_id, |group| group.set_assignment_epoch(epoch));
            }
            CONSUMER_TARGET_KEY => {
                let ConsumerGroupTargetAssignmentMemberKey { group_id, member_id } = key_of(record)?;
                let value: Option<ConsumerGroupTargetAssignmentMemberValue> = value_of(&group_id, record)?;
                let target = value.map(|value| {
                    by_topic(value.topic_partitions.into_iter().map(|t| (t.topic_id, t.partitions)))
                });
                self.with_consumer(group_id, |group| group.set_target(member_id, target));
            }
            CONSUMER_CURRENT_KEY => {
                let ConsumerGroupCurrentMemberAssignmentKey { group_id, member_id } = key_of(record)?;
                let value: Option<ConsumerGroupCurrentMemberAssignmentValue> = value_of(&group_id, record)?;
                let current = value.map(current_of);
                self.with_consumer(group_id, |group| group.set_current(member_id, current));
            }
            CONSUMER_REGEX_KEY => {
                let ConsumerGroupRegularExpressionKey { group_id, regular_expression } = key_of(record)?;
                let value: Option<ConsumerGroupRegularExpressionValue> = value_of(&group_id, record)?;
                self.with_consumer(group_id, |group| group.set_regex(regular_expression, value));
            }
            _ => self.skipped += 1,
        }
        Ok(())
    }

    fn with_consumer(&mut self, group_id: String, change: impl FnOnce(&mut ConsumerGroup)) {
        let stored = self.groups.entry(group_id.clone()).or_default();
        let group = stored.consumer.get_or_insert_default();
        change(group);
        if group.is_gone() {
            stored.consumer = None;
            self.forget_if_nothing_left(&group_id);
        }
    }

    fn replay_offset(&mut self, key: OffsetCommitKey, value: Option<Bytes>) -> Result<(), ReplayError> {
        let OffsetCommitKey { group: group_id, topic, partition } = key;
        match value {
            Some(value) => {
                let value = records::decode_value(value).map_err(|error| ReplayError::OffsetValue {
                    group_id: group_id.clone(),
                    topic: topic.clone(),
                    partition,
                    error,
                })?;
                let group = self.groups.entry(group_id).or_default();
                group.offsets.entry(topic).or_default().insert(partition, value);
            }
            None => {
                let Some(group) = self.groups.get_mut(&group_id) else { return Ok(()) };
                if let Some(partitions) = group.offsets.get_mut(&topic) {
                    partitions.remove(&partition);
                    if partitions.is_empty() {
                        group.offsets.remove(&topic);
                    }
                }
                self.forget_if_nothing_left(&group_id);
            }
        }
        Ok(())
    }

    fn replay_group(&mut self, group_id: String, value: Option<Bytes>) -> Result<(), ReplayError> {
        match value {
            Some(value) => {
                let value = records::decode_value(value)
                    .map_err(|error| ReplayError::GroupValue { group_id: group_id.clone(), error })?;
                self.groups.entry(group_id).or_default().metadata = Some(value);
            }
            None => {
                if let Some(group) = self.groups.get_mut(&group_id) {
                    group.metadata = None;
                }
                self.forget_if_nothing_left(&group_id);
            }
        }
        Ok(())
    }

    /// A group is what is on record: the log after compaction must mean the same as before it.
    fn forget_if_nothing_left(&mut self, group_id: &str) {
        if let Some(group) = self.groups.get(group_id)
            && group.metadata.is_none()
            && group.consumer.is_none()
            && group.offsets.is_empty()
        {
            self.groups.remove(group_id);
        }
    }

    /// The topics in which some group has an offset.
    pub fn committed_topics(&self) -> SortedSet<String> {
        self.groups.values().flat_map(|group| group.offsets.keys().cloned()).collect()
    }

    /// How many records were of a type that is not known here.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(crate) fn metadata(&self, group_id: &str) -> Option<&GroupMetadataValue> {
        self.groups.get(group_id)?.metadata.as_ref()
    }

    pub(crate) fn consumer(&self, group_id: &str) -> Option<&ConsumerGroup> {
        self.groups.get(group_id)?.consumer.as_ref()
    }

    /// What all members were last assigned, by member id.
    pub(crate) fn assignments(&self, group_id: &str) -> SortedMap<&str, &Bytes> {
        let members = self.metadata(group_id).map_or(&[][..], |stored| &stored.members);
        members.iter().map(|member| (member.member_id.as_str(), &member.assignment)).collect()
    }

    /// What a member was last assigned.
    pub(crate) fn assignment(&self, group_id: &str, member_id: &str) -> Bytes {
        let metadata = self.metadata(group_id);
        let member = metadata.and_then(|stored| stored.members.iter().find(|m| m.member_id == member_id));
        member.map(|member| member.assignment.clone()).unwrap_or_default()
    }
}

fn key_of<K: CoordinatorKey>(record: &CoordinatorRecord) -> Result<K, ReplayError> {
    records::decode_key(record.key.clone()).map_err(ReplayError::Key)
}

fn value_of<V: CoordinatorValue>(
    group_id: &str,
    record: &CoordinatorRecord,
) -> Result<Option<V>, ReplayError> {
    let value = record.value.clone().map(records::decode_value).transpose();
    value.map_err(|error| ReplayError::GroupValue { group_id: group_id.to_owned(), error })
}

fn current_of(value: ConsumerGroupCurrentMemberAssignmentValue) -> CurrentAssignment {
    let assigned = value.assigned_partitions.into_iter();
    let pending_revocation = value.partitions_pending_revocation.into_iter();
    CurrentAssignment {
        epoch: value.member_epoch,
        previous_epoch: value.previous_member_epoch,
        state: MemberState::from_code(value.state),
        assigned: by_topic(assigned.map(|topic| (topic.topic_id, topic.partitions))),
        pending_revocation: by_topic(pending_revocation.map(|topic| (topic.topic_id, topic.partitions))),
    }
}

/// Another broker's records may list partitions in any order.
fn by_topic(topics: impl Iterator<Item = (Uuid, Vec<i32>)>) -> PartitionsByTopic {
    let mut by_topic = PartitionsByTopic::new();
    for (topic, partitions) in topics {
        let partitions: SortedSet<i32> = partitions.into_iter().collect();
        if !partitions.is_empty() {
            by_topic.insert(topic, partitions.into_iter().collect());
        }
    }
    by_topic
}

impl StoredGroup {
    /// `None` for a simple group, and for one that never got as far as a first generation.
    pub(crate) fn protocol_type(&self) -> Option<&str> {
        if self.consumer.is_some() {
            return Some(PROTOCOL_TYPE);
        }
        self.metadata.as_ref().map(|stored| stored.protocol_type.as_str()).filter(|name| !name.is_empty())
    }
}
