//! The cluster itself: its brokers, what lies in their log directories, who produces to its partitions.

use tablog_record::{SortedMap, SortedSet, TopicPartition};
use tablog_wire::messages::describe_log_dirs_request::DescribableLogDirTopic;
use tablog_wire::messages::describe_producers_request::TopicRequest;
use tablog_wire::messages::{DescribeClusterRequest, DescribeLogDirsRequest, DescribeProducersRequest};

use super::{Admin, Outcomes, by_topic, outcome};
use crate::cluster::Node;
use crate::error::ClientError;
use crate::metadata::BrokerNode;
use crate::transport::Transport;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    pub cluster_id: String,
    pub controller_id: i32,
    pub brokers: SortedMap<i32, BrokerNode>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirDescription {
    pub log_dir: String,
    /// -1 where the broker does not say.
    pub total_bytes: i64,
    pub usable_bytes: i64,
    pub replicas: SortedMap<TopicPartition, ReplicaSize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaSize {
    pub bytes: i64,
    pub offset_lag: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionProducer {
    pub producer_id: i64,
    pub producer_epoch: i32,
    pub last_sequence: i32,
    pub last_timestamp: i64,
    /// -1: no transaction is open.
    pub current_transaction_start_offset: i64,
}

impl<T: Transport> Admin<T> {
    pub async fn describe_cluster(&self) -> Result<ClusterDescription, ClientError> {
        self.retried(async || {
            let response = self.cluster.request(Node::Any, DescribeClusterRequest::default()).await?;
            ClientError::check(response.error_code, response.error_message.as_ref())?;
            let brokers = response.brokers.into_iter().filter_map(|broker| {
                let port = u16::try_from(broker.port).ok()?;
                let id = broker.broker_id;
                Some((id, BrokerNode { id, host: broker.host, port, rack: broker.rack }))
            });
            Ok(ClusterDescription {
                cluster_id: response.cluster_id,
                controller_id: response.controller_id,
                brokers: brokers.collect(),
            })
        })
        .await
    }

    /// The log directories of every broker: of these partitions, or of all.
    pub async fn describe_log_dirs(
        &self,
        partitions: Option<&SortedSet<TopicPartition>>,
    ) -> Result<Outcomes<i32, Vec<Result<LogDirDescription, ClientError>>>, ClientError> {
        let metadata = self.retried(async || self.cluster.metadata(Some(&[])).await).await?;
        let topics = partitions.map(|partitions| {
            by_topic(partitions.iter().map(|partition| (partition, ())))
                .map(|(topic, partitions)| DescribableLogDirTopic {
                    topic,
                    partitions: partitions.into_iter().map(|(index, ())| index).collect(),
                })
                .collect::<Vec<_>>()
        });
        let mut outcomes = Outcomes::new();
        for &node in metadata.brokers.keys() {
            let request = DescribeLogDirsRequest { topics: topics.clone() };
            let answer =
                self.retried(async || self.cluster.request(Node::Id(node), request.clone()).await).await;
            let described = answer.and_then(|response| {
                ClientError::check(response.error_code, None)?;
                Ok(response.results.into_iter().map(described_log_dir).collect())
            });
            outcomes.insert(node, described);
        }
        Ok(outcomes)
    }

    pub async fn describe_producers(
        &self,
        partitions: &SortedSet<TopicPartition>,
    ) -> Result<Outcomes<TopicPartition, Vec<PartitionProducer>>, ClientError> {
        let items = partitions.iter().map(|partition| (partition.clone(), ())).collect();
        self.by_leader(items, async |node, items: &SortedMap<TopicPartition, ()>| {
            let topics = by_topic(items.keys().map(|partition| (partition, ())))
                .map(|(name, partitions)| TopicRequest {
                    name,
                    partition_indexes: partitions.into_iter().map(|(index, ())| index).collect(),
                })
                .collect();
            let response = self.cluster.request(Node::Id(node), DescribeProducersRequest { topics }).await?;
            let mut outcomes = Outcomes::new();
            for topic in response.topics {
                for partition in topic.partitions {
                    let producers =
                        partition.active_producers.into_iter().map(|producer| PartitionProducer {
                            producer_id: producer.producer_id,
                            producer_epoch: producer.producer_epoch,
                            last_sequence: producer.last_sequence,
                            last_timestamp: producer.last_timestamp,
                            current_transaction_start_offset: producer.current_txn_start_offset,
                        });
                    outcomes.insert(
                        TopicPartition::new(topic.name.clone(), partition.partition_index),
                        outcome(partition.error_code, partition.error_message.as_ref(), producers.collect()),
                    );
                }
            }
            Ok(outcomes)
        })
        .await
    }
}

fn described_log_dir(
    result: tablog_wire::messages::describe_log_dirs_response::DescribeLogDirsResult,
) -> Result<LogDirDescription, ClientError> {
    let mut replicas = SortedMap::new();
    for topic in result.topics {
        for partition in topic.partitions {
            replicas.insert(
                TopicPartition::new(topic.name.clone(), partition.partition_index),
                ReplicaSize { bytes: partition.partition_size, offset_lag: partition.offset_lag },
            );
        }
    }
    let description = LogDirDescription {
        log_dir: result.log_dir,
        total_bytes: result.total_bytes,
        usable_bytes: result.usable_bytes,
        replicas,
    };
    outcome(result.error_code, None, description)
}
