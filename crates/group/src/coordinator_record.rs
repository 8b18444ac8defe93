//! The records of `__consumer_offsets` that shards write: Apache Kafka's keys and values, in the versions that
//! Kafka 4.1 writes (offsets 3, or 1 when the commit names its own expiry; generations 3).
//!
//! Never knows: how records are batched, or where they lie.

use bytes::Bytes;
use tablog_wire::codec::{CoordinatorKey, CoordinatorValue, EncodeError};
use tablog_wire::records::consumer_group_current_member_assignment_value::TopicPartitions;
use tablog_wire::records::consumer_group_target_assignment_member_value::TopicPartition;
use tablog_wire::records::{
    self, ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue, ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue, GroupMetadataKey,
    GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};

use crate::assignor::PartitionsByTopic;
use crate::consumer_group::{CurrentAssignment, GroupEpoch};

const OFFSET_VALUE_VERSION: i16 = 3;
/// The only version with an expiry of its own (`retention_time_ms` of OffsetCommit 2 to 4).
const OFFSET_VALUE_VERSION_WITH_EXPIRY: i16 = 1;
const GROUP_VALUE_VERSION: i16 = 3;

/// A record as it is appended; without a value it is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinatorRecord {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

impl CoordinatorRecord {
    pub(crate) fn offset(
        group_id: &str,
        topic: &str,
        partition: i32,
        value: &OffsetCommitValue,
    ) -> CoordinatorRecord {
        let version =
            if value.expire_timestamp >= 0 { OFFSET_VALUE_VERSION_WITH_EXPIRY } else { OFFSET_VALUE_VERSION };
        let value = encoded(records::encode_value(value, version));
        CoordinatorRecord { key: offset_key(group_id, topic, partition), value: Some(value) }
    }

    pub(crate) fn offset_tombstone(group_id: &str, topic: &str, partition: i32) -> CoordinatorRecord {
        CoordinatorRecord { key: offset_key(group_id, topic, partition), value: None }
    }

    pub(crate) fn group(group_id: &str, value: &GroupMetadataValue) -> CoordinatorRecord {
        let value = encoded(records::encode_value(value, GROUP_VALUE_VERSION));
        CoordinatorRecord { key: group_key(group_id), value: Some(value) }
    }

    /// A classic group's generation, not its end.
    pub(crate) fn is_generation(&self) -> bool {
        self.value.is_some() && records::key_type(&self.key) == Ok(GroupMetadataKey::TYPE)
    }

    pub(crate) fn group_tombstone(group_id: &str) -> CoordinatorRecord {
        CoordinatorRecord { key: group_key(group_id), value: None }
    }

    pub(crate) fn consumer_epoch(group_id: &str, epoch: GroupEpoch) -> CoordinatorRecord {
        let value = ConsumerGroupMetadataValue { epoch: epoch.epoch, metadata_hash: epoch.metadata_hash };
        consumer(&ConsumerGroupMetadataKey { group_id: group_id.to_owned() }, Some(&value))
    }

    pub(crate) fn consumer_epoch_tombstone(group_id: &str) -> CoordinatorRecord {
        let key = ConsumerGroupMetadataKey { group_id: group_id.to_owned() };
        consumer(&key, None::<&ConsumerGroupMetadataValue>)
    }

    pub(crate) fn consumer_member(
        group_id: &str,
        member_id: &str,
        value: &ConsumerGroupMemberMetadataValue,
    ) -> CoordinatorRecord {
        consumer(&member_key(group_id, member_id), Some(value))
    }

    pub(crate) fn consumer_target(
        group_id: &str,
        member_id: &str,
        target: &PartitionsByTopic,
    ) -> CoordinatorRecord {
        let topics = target.iter().map(|(topic_id, partitions)| TopicPartition {
            topic_id: *topic_id,
            partitions: partitions.clone(),
        });
        let value = ConsumerGroupTargetAssignmentMemberValue { topic_partitions: topics.collect() };
        consumer(&target_key(group_id, member_id), Some(&value))
    }

    pub(crate) fn consumer_assignment_epoch(group_id: &str, assignment_epoch: i32) -> CoordinatorRecord {
        let key = ConsumerGroupTargetAssignmentMetadataKey { group_id: group_id.to_owned() };
        consumer(&key, Some(&ConsumerGroupTargetAssignmentMetadataValue { assignment_epoch }))
    }

    pub(crate) fn consumer_assignment_epoch_tombstone(group_id: &str) -> CoordinatorRecord {
        let key = ConsumerGroupTargetAssignmentMetadataKey { group_id: group_id.to_owned() };
        consumer(&key, None::<&ConsumerGroupTargetAssignmentMetadataValue>)
    }

    pub(crate) fn consumer_current(
        group_id: &str,
        member_id: &str,
        current: &CurrentAssignment,
    ) -> CoordinatorRecord {
        let listed = |partitions: &PartitionsByTopic| {
            let topics = partitions.iter().map(|(topic_id, partitions)| TopicPartitions {
                topic_id: *topic_id,
                partitions: partitions.clone(),
            });
            topics.collect()
        };
        let value = ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: current.epoch,
            previous_member_epoch: current.previous_epoch,
            state: current.state as i8,
            assigned_partitions: listed(&current.assigned),
            partitions_pending_revocation: listed(&current.pending_revocation),
        };
        consumer(&current_key(group_id, member_id), Some(&value))
    }

    /// A member with all that belongs to it goes; Apache Kafka reads these in this order only.
    pub(crate) fn consumer_member_gone(group_id: &str, member_id: &str) -> [CoordinatorRecord; 3] {
        [
            consumer(&current_key(group_id, member_id), None::<&ConsumerGroupCurrentMemberAssignmentValue>),
            consumer(&target_key(group_id, member_id), None::<&ConsumerGroupTargetAssignmentMemberValue>),
            consumer(&member_key(group_id, member_id), None::<&ConsumerGroupMemberMetadataValue>),
        ]
    }

    pub(crate) fn consumer_regex(
        group_id: &str,
        regex: &str,
        value: Option<&ConsumerGroupRegularExpressionValue>,
    ) -> CoordinatorRecord {
        let key = ConsumerGroupRegularExpressionKey {
            group_id: group_id.to_owned(),
            regular_expression: regex.to_owned(),
        };
        consumer(&key, value)
    }

    pub(crate) fn bytes_len(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, Bytes::len)
    }
}

/// All lengths were checked before.
fn encoded(bytes: Result<Bytes, EncodeError>) -> Bytes {
    bytes.unwrap_or_else(|error| panic!("a coordinator's record cannot be written: {error}"))
}

fn offset_key(group_id: &str, topic: &str, partition: i32) -> Bytes {
    let key = OffsetCommitKey { group: group_id.to_owned(), topic: topic.to_owned(), partition };
    encoded(records::encode_key(&key))
}

fn group_key(group_id: &str) -> Bytes {
    encoded(records::encode_key(&GroupMetadataKey { group: group_id.to_owned() }))
}

/// Records of consumer groups all have version 0.
fn consumer<K: CoordinatorKey, V: CoordinatorValue>(key: &K, value: Option<&V>) -> CoordinatorRecord {
    let key = encoded(records::encode_key(key));
    let value = value.map(|value| encoded(records::encode_value(value, 0)));
    CoordinatorRecord { key, value }
}

fn member_key(group_id: &str, member_id: &str) -> ConsumerGroupMemberMetadataKey {
    ConsumerGroupMemberMetadataKey { group_id: group_id.to_owned(), member_id: member_id.to_owned() }
}

fn target_key(group_id: &str, member_id: &str) -> ConsumerGroupTargetAssignmentMemberKey {
    ConsumerGroupTargetAssignmentMemberKey { group_id: group_id.to_owned(), member_id: member_id.to_owned() }
}

fn current_key(group_id: &str, member_id: &str) -> ConsumerGroupCurrentMemberAssignmentKey {
    ConsumerGroupCurrentMemberAssignmentKey { group_id: group_id.to_owned(), member_id: member_id.to_owned() }
}
