//! Topics: made, grown, emptied, deleted, described.

use tablog_record::{SortedMap, TopicPartition, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::create_partitions_request::CreatePartitionsTopic;
use tablog_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use tablog_wire::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use tablog_wire::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest, DeleteTopicsRequest,
};

use super::{Admin, Outcomes, by_topic, outcome};
use crate::cluster::{Node, RequestOptions};
use crate::error::ClientError;
use crate::metadata::PartitionMetadata;
use crate::transport::Transport;

const OPERATION_TIMEOUT_MS: i32 = 30_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    pub name: String,
    /// `None`: the broker's `num.partitions`.
    pub num_partitions: Option<i32>,
    /// `None`: the broker's default.
    pub replication_factor: Option<i16>,
    pub configs: SortedMap<String, String>,
}

impl NewTopic {
    pub fn new(name: impl Into<String>, num_partitions: i32) -> NewTopic {
        NewTopic {
            name: name.into(),
            num_partitions: Some(num_partitions),
            replication_factor: None,
            configs: SortedMap::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Zero where the broker does not say.
    pub topic_id: Uuid,
    /// -1 where the broker does not say.
    pub num_partitions: i32,
    pub replication_factor: i16,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopicDescription {
    pub name: String,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: SortedMap<i32, PartitionMetadata>,
}

impl<T: Transport> Admin<T> {
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<Outcomes<String, CreatedTopic>, ClientError> {
        let creatable = |topic: &NewTopic| CreatableTopic {
            name: topic.name.clone(),
            num_partitions: topic.num_partitions.unwrap_or(-1),
            replication_factor: topic.replication_factor.unwrap_or(-1),
            assignments: Vec::new(),
            configs: topic
                .configs
                .iter()
                .map(|(name, value)| CreatableTopicConfig { name: name.clone(), value: Some(value.clone()) })
                .collect(),
        };
        let request = CreateTopicsRequest {
            topics: topics.iter().map(creatable).collect(),
            timeout_ms: OPERATION_TIMEOUT_MS,
            validate_only: false,
        };
        let response =
            self.retried(async || self.cluster.request(Node::Controller, request.clone()).await).await?;
        let created = |topic: tablog_wire::messages::create_topics_response::CreatableTopicResult| {
            let facts = CreatedTopic {
                topic_id: topic.topic_id,
                num_partitions: topic.num_partitions,
                replication_factor: topic.replication_factor,
            };
            (topic.name, outcome(topic.error_code, topic.error_message.as_ref(), facts))
        };
        Ok(response.topics.into_iter().map(created).collect())
    }

    pub async fn delete_topics(&self, topics: &[String]) -> Result<Outcomes<String, ()>, ClientError> {
        // Version 6 knows ids too; up to 5 it is a list of names.
        let options = RequestOptions { max_version: Some(5), ..RequestOptions::default() };
        let response = self
            .retried(async || {
                self.cluster
                    .request_with(Node::Controller, options, |_| DeleteTopicsRequest {
                        topic_names: topics.to_vec(),
                        timeout_ms: OPERATION_TIMEOUT_MS,
                        ..Default::default()
                    })
                    .await
            })
            .await?;
        let deleted = response.responses.into_iter().filter_map(|topic| {
            Some((topic.name?, outcome(topic.error_code, topic.error_message.as_ref(), ())))
        });
        Ok(deleted.collect())
    }

    /// Grows topics to so many partitions.
    pub async fn create_partitions(
        &self,
        counts: &SortedMap<String, i32>,
    ) -> Result<Outcomes<String, ()>, ClientError> {
        let topic = |(name, &count): (&String, &i32)| CreatePartitionsTopic {
            name: name.clone(),
            count,
            assignments: None,
        };
        let request = CreatePartitionsRequest {
            topics: counts.iter().map(topic).collect(),
            timeout_ms: OPERATION_TIMEOUT_MS,
            validate_only: false,
        };
        let response =
            self.retried(async || self.cluster.request(Node::Controller, request.clone()).await).await?;
        let grown = response
            .results
            .into_iter()
            .map(|topic| (topic.name, outcome(topic.error_code, topic.error_message.as_ref(), ())));
        Ok(grown.collect())
    }

    /// Deletes all records before these offsets (-1: all there are). Answers the new log start offsets.
    pub async fn delete_records(
        &self,
        before: &SortedMap<TopicPartition, i64>,
    ) -> Result<Outcomes<TopicPartition, i64>, ClientError> {
        self.by_leader(before.clone(), async |node, items: &SortedMap<TopicPartition, i64>| {
            let partition = |(partition_index, offset)| DeleteRecordsPartition { partition_index, offset };
            let topics = by_topic(items.iter().map(|(partition, offset)| (partition, *offset)))
                .map(|(name, partitions)| DeleteRecordsTopic {
                    name,
                    partitions: partitions.into_iter().map(partition).collect(),
                })
                .collect();
            let request = DeleteRecordsRequest { topics, timeout_ms: OPERATION_TIMEOUT_MS };
            let response = self.cluster.request(Node::Id(node), request).await?;
            let mut outcomes = Outcomes::new();
            for topic in response.topics {
                for partition in topic.partitions {
                    outcomes.insert(
                        TopicPartition::new(topic.name.clone(), partition.partition_index),
                        outcome(partition.error_code, None, partition.low_watermark),
                    );
                }
            }
            Ok(outcomes)
        })
        .await
    }

    /// These topics, or all there are. Makes none.
    pub async fn describe_topics(
        &self,
        topics: Option<&[String]>,
    ) -> Result<Outcomes<String, TopicDescription>, ClientError> {
        let metadata = self
            .retried(async || match topics {
                Some(topics) => self.cluster.describe_metadata(topics).await,
                None => self.cluster.metadata(None).await,
            })
            .await?;
        let described = |(name, topic): (String, crate::metadata::TopicMetadata)| {
            let result = match topic.error {
                ErrorCode::NONE => Ok(TopicDescription {
                    name: name.clone(),
                    topic_id: topic.topic_id,
                    is_internal: topic.is_internal,
                    partitions: topic.partitions,
                }),
                code => Err(ClientError::Refused { code, message: None }),
            };
            (name, result)
        };
        Ok(metadata.topics.into_iter().map(described).collect())
    }
}
