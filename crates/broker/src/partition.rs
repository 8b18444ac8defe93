//! A partition as the broker sees it: its log, who may write it, and what of it is kept in memory for readers.

use crate::config::DurabilityPolicy;
use crate::limits;
use crate::tail::Tail;
use std::sync::Arc;
use tablog_log::Log;
use tablog_log::storage::{Durability, Tier, Write};
use tablog_record::{LeaderEpoch, PartitionIndex, Uuid};

/// A partition by topic *id*: a topic made anew under an old name is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    pub topic: Uuid,
    pub index: PartitionIndex,
}

/// Kafka's fixed id of `__cluster_metadata`.
pub(crate) const METADATA_PARTITION: PartitionId =
    PartitionId { topic: Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), index: 0 };

pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";
pub(crate) const EVENTS_TOPIC: &str = "__tablog_events";
pub(crate) const METADATA_TOPIC: &str = "__cluster_metadata";

/// Topics that clients read but do not write.
pub(crate) fn is_internal(topic: &str) -> bool {
    matches!(topic, OFFSETS_TOPIC | EVENTS_TOPIC | METADATA_TOPIC)
}

#[derive(Debug)]
pub(crate) struct Partition {
    pub topic: Arc<str>,
    pub log: Log,
    pub tail: Tail,
    pub tier: Tier,
    pub durability: DurabilityPolicy,
    pub leader_epoch: LeaderEpoch,
    /// Appended since the last checkpoint: what an opening would have to scan.
    pub unchecked_bytes: u64,
}

/// How many replicas must have a produce before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acks {
    None,
    Leader,
    All,
}

impl Acks {
    pub fn parse(acks: i16) -> Option<Acks> {
        match acks {
            0 => Some(Acks::None),
            1 => Some(Acks::Leader),
            -1 => Some(Acks::All),
            _ => None,
        }
    }
}

impl Partition {
    /// Counts an append. Now and then a checkpoint is written behind one, so that opening scans little; it holds the
    /// active segment's index, so it is written the less often the larger the segment is.
    pub fn checkpoint_after(&mut self, appended_bytes: usize) -> Vec<Write> {
        self.unchecked_bytes += appended_bytes as u64;
        let active_bytes = self.log.segments().next_back().map_or(0, |segment| segment.bytes);
        if self.tier == Tier::Memory
            || self.unchecked_bytes < limits::UNCHECKED_BYTES_MIN.max(active_bytes / 8)
        {
            return Vec::new();
        }
        self.unchecked_bytes = 0;
        self.log.checkpoint()
    }

    /// acks=all means on the disk, less means handed over, unless the topic says otherwise.
    pub fn durability_for(&self, acks: Acks) -> Durability {
        match self.durability {
            DurabilityPolicy::Acks if acks == Acks::All => Durability::Strict,
            DurabilityPolicy::Acks => Durability::Relaxed,
            DurabilityPolicy::Always(durability) => durability,
        }
    }
}

/// Where a partition's blobs lie: node, topic id, partition. Ids, because a name can be given twice.
pub(crate) fn blob_prefix(node_id: i32, id: PartitionId) -> String {
    format!("{node_id}/{}/{}/", id.topic, id.index)
}

/// Whose blob a name is; `None` for one that is no partition's.
pub(crate) fn partition_of_blob(node_id: i32, blob: &str) -> Option<PartitionId> {
    let mut parts = blob.split('/');
    if parts.next()?.parse::<i32>().ok()? != node_id {
        return None;
    }
    let topic = Uuid::parse(parts.next()?)?;
    let index = parts.next()?.parse().ok()?;
    parts.next()?;
    Some(PartitionId { topic, index })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_names_its_partition() {
        let id = PartitionId { topic: Uuid::from_random(1, 2), index: 7 };
        let blob = format!("{}00000000000000000000.log", blob_prefix(1, id));
        assert_eq!(partition_of_blob(1, &blob), Some(id));
        assert_eq!(partition_of_blob(2, &blob), None);
        assert_eq!(partition_of_blob(1, "1/meta.properties"), None);
        assert_eq!(blob_prefix(1, METADATA_PARTITION), "1/AAAAAAAAAAAAAAAAAAAAAQ/0/");
    }
}
