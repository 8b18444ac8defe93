//! What the records of a partition of `__consumer_offsets` amount to. [`Durable::replay`] is the one function that
//! changes it, so that a shard, its recovery and a standby cannot disagree.
//!
//! Never knows: who waits, timers, anything that a crash may forget.

use std::fmt;
use tablog_record::{SortedMap, SortedSet};

use bytes::Bytes;
use tablog_wire::DecodeError;
use tablog_wire::records::{self, GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue};

use crate::coordinator_record::CoordinatorRecord;

/// Key types: an offset's (two of them, by age), and a group's.
const OFFSET_KEYS: [i16; 2] = [0, 1];
const GROUP_KEY: i16 = 2;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Durable {
    pub(crate) groups: SortedMap<String, StoredGroup>,
    /// Records of types that are not known here, such as those of KIP-848's groups.
    pub(crate) skipped: u64,
}

/// A group that has a generation on record, or offsets, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredGroup {
    /// `None` where only offsets were ever committed: Kafka's simple group.
    pub metadata: Option<GroupMetadataValue>,
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
            ReplayError::Key(error) => write!(f, "a key cannot be read: {error:?}"),
            ReplayError::OffsetValue { group_id, topic, partition, error } => {
                write!(f, "the offset of {group_id} in {topic}-{partition} cannot be read: {error:?}")
            }
            ReplayError::GroupValue { group_id, error } => {
                write!(f, "the group {group_id} cannot be read: {error:?}")
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
            self.skipped += 1;
            Ok(())
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

impl StoredGroup {
    /// `None` for a simple group, and for one that never got as far as a first generation.
    pub(crate) fn protocol_type(&self) -> Option<&str> {
        self.metadata.as_ref().map(|stored| stored.protocol_type.as_str()).filter(|name| !name.is_empty())
    }
}
