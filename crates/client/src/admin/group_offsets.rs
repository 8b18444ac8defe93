//! The offsets that a group committed: read, set, deleted.

use tablog_record::{SortedMap, SortedSet, TopicPartition};
use tablog_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use tablog_wire::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use tablog_wire::messages::offset_fetch_request::OffsetFetchRequestTopic;
use tablog_wire::messages::{OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest};

use super::{Admin, Outcomes, by_topic, outcome};
use crate::cluster::{Node, RequestOptions};
use crate::consumer::OffsetAndMetadata;
use crate::error::ClientError;
use crate::transport::Transport;

impl<T: Transport> Admin<T> {
    /// Of these partitions, or of all that the group committed for. Those without an offset are left out.
    pub async fn list_consumer_group_offsets(
        &self,
        group: &str,
        partitions: Option<&SortedSet<TopicPartition>>,
    ) -> Result<Outcomes<TopicPartition, OffsetAndMetadata>, ClientError> {
        // From version 8 on it is a list of groups; version 7 says the same of one.
        let options = RequestOptions { max_version: Some(7), ..RequestOptions::default() };
        let response = self
            .at_coordinator(group, async || {
                let topics = partitions.map(|partitions| {
                    by_topic(partitions.iter().map(|partition| (partition, ())))
                        .map(|(name, partitions)| OffsetFetchRequestTopic {
                            name,
                            partition_indexes: partitions.into_iter().map(|(index, ())| index).collect(),
                        })
                        .collect()
                });
                let to = Node::Coordinator(group.to_owned());
                let request =
                    |_| OffsetFetchRequest { group_id: group.to_owned(), topics, ..Default::default() };
                let response = self.cluster.request_with(to, options, request).await?;
                ClientError::check(response.error_code, None)?;
                Ok(response)
            })
            .await?;
        let mut outcomes = Outcomes::new();
        for topic in response.topics {
            for partition in topic.partitions {
                if partition.error_code == 0 && partition.committed_offset < 0 {
                    continue;
                }
                let committed = OffsetAndMetadata {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.metadata.unwrap_or_default(),
                };
                outcomes.insert(
                    TopicPartition::new(topic.name.clone(), partition.partition_index),
                    outcome(partition.error_code, None, committed),
                );
            }
        }
        Ok(outcomes)
    }

    /// Sets committed offsets of a group without members.
    pub async fn alter_consumer_group_offsets(
        &self,
        group: &str,
        offsets: &SortedMap<TopicPartition, OffsetAndMetadata>,
    ) -> Result<Outcomes<TopicPartition, ()>, ClientError> {
        let partition =
            |(partition_index, committed): (i32, &OffsetAndMetadata)| OffsetCommitRequestPartition {
                partition_index,
                committed_offset: committed.offset,
                committed_leader_epoch: committed.leader_epoch,
                committed_metadata: Some(committed.metadata.clone()),
            };
        let topics: Vec<OffsetCommitRequestTopic> = by_topic(offsets)
            .map(|(name, partitions)| OffsetCommitRequestTopic {
                name,
                partitions: partitions.into_iter().map(partition).collect(),
                ..Default::default()
            })
            .collect();
        let options = RequestOptions { max_version: Some(9), ..RequestOptions::default() };
        let response = self
            .at_coordinator(group, async || {
                let to = Node::Coordinator(group.to_owned());
                let request = |_| OffsetCommitRequest {
                    group_id: group.to_owned(),
                    topics: topics.clone(),
                    ..Default::default()
                };
                let response = self.cluster.request_with(to, options, request).await?;
                // All or none may be retried: a code that says so stands at every partition.
                let codes = response.topics.iter().flat_map(|topic| &topic.partitions);
                let retriable = codes.filter_map(|it| ClientError::check(it.error_code, None).err());
                match retriable.into_iter().find(is_of_the_coordinator) {
                    Some(error) => Err(error),
                    None => Ok(response),
                }
            })
            .await?;
        let mut outcomes = Outcomes::new();
        for topic in response.topics {
            for partition in topic.partitions {
                outcomes.insert(
                    TopicPartition::new(topic.name.clone(), partition.partition_index),
                    outcome(partition.error_code, None, ()),
                );
            }
        }
        Ok(outcomes)
    }

    /// Forgets committed offsets of topics that the group does not subscribe to.
    pub async fn delete_consumer_group_offsets(
        &self,
        group: &str,
        partitions: &SortedSet<TopicPartition>,
    ) -> Result<Outcomes<TopicPartition, ()>, ClientError> {
        let partition = |(partition_index, ())| OffsetDeleteRequestPartition { partition_index };
        let topics: Vec<OffsetDeleteRequestTopic> =
            by_topic(partitions.iter().map(|partition| (partition, ())))
                .map(|(name, partitions)| OffsetDeleteRequestTopic {
                    name,
                    partitions: partitions.into_iter().map(partition).collect(),
                })
                .collect();
        let response = self
            .at_coordinator(group, async || {
                let request = OffsetDeleteRequest { group_id: group.to_owned(), topics: topics.clone() };
                let response = self.cluster.request(Node::Coordinator(group.to_owned()), request).await?;
                ClientError::check(response.error_code, None)?;
                Ok(response)
            })
            .await?;
        let mut outcomes = Outcomes::new();
        for topic in response.topics {
            for partition in topic.partitions {
                outcomes.insert(
                    TopicPartition::new(topic.name.clone(), partition.partition_index),
                    outcome(partition.error_code, None, ()),
                );
            }
        }
        Ok(outcomes)
    }

    /// Looks for the coordinator anew before each retry.
    async fn at_coordinator<V>(
        &self,
        group: &str,
        attempt: impl AsyncFn() -> Result<V, ClientError>,
    ) -> Result<V, ClientError> {
        self.retried(async || {
            attempt().await.inspect_err(|error| {
                if error.is_retriable() {
                    self.cluster.forget_coordinator(group);
                }
            })
        })
        .await
    }
}

fn is_of_the_coordinator(error: &ClientError) -> bool {
    use tablog_wire::ErrorCode;
    matches!(
        error.code(),
        Some(
            ErrorCode::NotCoordinator
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::CoordinatorLoadInProgress
        )
    )
}
