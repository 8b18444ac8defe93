//! The records of `__consumer_offsets` that shards write: Apache Kafka's keys and values, in the versions that
//! Kafka 4.1 writes (offsets 3, or 1 when the commit names its own expiry; generations 3).
//!
//! Never knows: how records are batched, or where they lie.

use bytes::Bytes;
use tablog_wire::records::{self, GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue};

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
        let value = records::encode_value(value, version).expect("an offset's lengths were checked");
        CoordinatorRecord { key: offset_key(group_id, topic, partition), value: Some(value) }
    }

    pub(crate) fn offset_tombstone(group_id: &str, topic: &str, partition: i32) -> CoordinatorRecord {
        CoordinatorRecord { key: offset_key(group_id, topic, partition), value: None }
    }

    pub(crate) fn group(group_id: &str, value: &GroupMetadataValue) -> CoordinatorRecord {
        let value =
            records::encode_value(value, GROUP_VALUE_VERSION).expect("a group's lengths were checked");
        CoordinatorRecord { key: group_key(group_id), value: Some(value) }
    }

    pub(crate) fn group_tombstone(group_id: &str) -> CoordinatorRecord {
        CoordinatorRecord { key: group_key(group_id), value: None }
    }

    pub(crate) fn bytes_len(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, Bytes::len)
    }
}

fn offset_key(group_id: &str, topic: &str, partition: i32) -> Bytes {
    let key = OffsetCommitKey { group: group_id.to_owned(), topic: topic.to_owned(), partition };
    records::encode_key(&key).expect("a key's lengths were checked")
}

fn group_key(group_id: &str) -> Bytes {
    records::encode_key(&GroupMetadataKey { group: group_id.to_owned() }).expect("a key's length was checked")
}
