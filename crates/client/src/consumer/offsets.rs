//! Asking leaders for offsets: where a partition begins, where it ends, where a time begins.
//!
//! Never knows: what the offsets are for.

use tablog_record::{SortedMap, TopicPartition};
use tablog_wire::ErrorCode;
use tablog_wire::messages::ListOffsetsRequest;
use tablog_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use super::position::ResetTo;
use crate::cluster::{Cluster, Node, RequestOptions};
use crate::error::ClientError;
use crate::transport::Transport;

pub(crate) const LATEST_TIMESTAMP: i64 = -1;
pub(crate) const EARLIEST_TIMESTAMP: i64 = -2;
pub(crate) const MAX_TIMESTAMP: i64 = -3;

impl ResetTo {
    pub fn timestamp(self) -> i64 {
        match self {
            ResetTo::Earliest => EARLIEST_TIMESTAMP,
            ResetTo::Latest => LATEST_TIMESTAMP,
            ResetTo::Timestamp(timestamp) => timestamp,
        }
    }
}

/// What a leader says of one partition. An offset of -1: no record is that young.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    pub offset: i64,
    pub timestamp: i64,
    pub leader_epoch: i32,
}

pub(crate) type Listed = SortedMap<TopicPartition, Result<ListedOffset, ErrorCode>>;

/// One request to one leader.
pub(crate) async fn list_offsets<T: Transport>(
    cluster: &Cluster<T>,
    node: i32,
    isolation_level: i8,
    timestamps: &SortedMap<TopicPartition, i64>,
) -> Result<Listed, ClientError> {
    let mut topics: SortedMap<String, Vec<ListOffsetsPartition>> = SortedMap::new();
    for (partition, &timestamp) in timestamps {
        topics.entry(partition.topic.clone()).or_default().push(ListOffsetsPartition {
            partition_index: partition.partition,
            timestamp,
            ..Default::default()
        });
    }
    let topics = topics.into_iter().map(|(name, partitions)| ListOffsetsTopic { name, partitions }).collect();
    let response = cluster
        .request_with(Node::Id(node), RequestOptions::default(), |version| ListOffsetsRequest {
            replica_id: -1,
            isolation_level: if version >= 2 { isolation_level } else { 0 },
            topics,
            ..Default::default()
        })
        .await?;
    let mut listed = Listed::new();
    for topic in response.topics {
        for partition in topic.partitions {
            let offset = ListedOffset {
                offset: partition.offset,
                timestamp: partition.timestamp,
                leader_epoch: partition.leader_epoch,
            };
            let code = ErrorCode::from_code(partition.error_code);
            listed.insert(
                TopicPartition::new(topic.name.clone(), partition.partition_index),
                if code == ErrorCode::NONE { Ok(offset) } else { Err(code) },
            );
        }
    }
    Ok(listed)
}
