//! Where partitions begin and end.

use tablog_record::{SortedMap, TopicPartition};

use super::{Admin, Outcomes};
use crate::consumer::{
    EARLIEST_TIMESTAMP, IsolationLevel, LATEST_TIMESTAMP, ListedOffset, MAX_TIMESTAMP, list_offsets,
};
use crate::error::ClientError;
use crate::transport::Transport;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    Earliest,
    /// The end: the offset of the next record.
    Latest,
    /// The first record of this time or later; an offset of -1 if there is none.
    Timestamp(i64),
    /// The record with the largest timestamp.
    MaxTimestamp,
}

impl OffsetSpec {
    fn timestamp(self) -> i64 {
        match self {
            OffsetSpec::Earliest => EARLIEST_TIMESTAMP,
            OffsetSpec::Latest => LATEST_TIMESTAMP,
            OffsetSpec::Timestamp(timestamp) => timestamp,
            OffsetSpec::MaxTimestamp => MAX_TIMESTAMP,
        }
    }
}

impl<T: Transport> Admin<T> {
    pub async fn list_offsets(
        &self,
        specs: &SortedMap<TopicPartition, OffsetSpec>,
    ) -> Result<Outcomes<TopicPartition, ListedOffset>, ClientError> {
        let items = specs.iter().map(|(partition, spec)| (partition.clone(), spec.timestamp())).collect();
        self.by_leader(items, async |node, items: &SortedMap<TopicPartition, i64>| {
            let isolation_level = IsolationLevel::ReadUncommitted.code();
            let listed = list_offsets(&self.cluster, node, isolation_level, items).await?;
            let refused = |code| ClientError::Refused { code, message: None };
            Ok(listed.into_iter().map(|(partition, result)| (partition, result.map_err(refused))).collect())
        })
        .await
    }
}
