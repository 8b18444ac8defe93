//! Where an assigned partition stands, for whoever wants to draw it.

use tablog_record::TopicPartition;

use super::position::Assigned;
use crate::metadata::Metadata;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionStanding {
    pub partition: TopicPartition,
    /// The next record that `poll` returns; `None` while it is being found.
    pub position: Option<i64>,
    /// As the last fetch said.
    pub high_watermark: Option<i64>,
    pub log_start_offset: Option<i64>,
    /// Records between position and high watermark.
    pub lag: Option<i64>,
    /// What this consumer knows to be committed.
    pub committed: Option<i64>,
    pub leader: Option<i32>,
    pub is_paused: bool,
}

pub(super) fn of(partition: &TopicPartition, assigned: &Assigned, metadata: &Metadata) -> PartitionStanding {
    let position = assigned.offset();
    PartitionStanding {
        partition: partition.clone(),
        position,
        high_watermark: assigned.high_watermark,
        log_start_offset: assigned.log_start_offset,
        lag: position.zip(assigned.high_watermark).map(|(at, end)| end.saturating_sub(at).max(0)),
        committed: assigned.committed,
        leader: metadata.leader(&partition.topic, partition.partition).map(|leader| leader.node),
        is_paused: assigned.is_paused,
    }
}
