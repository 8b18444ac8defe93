//! What the cluster looks like: brokers, topics, leaders. Merged from Metadata answers; an answer that is older
//! than what is known (by leader epoch) does not win.
//!
//! Never knows: connections, who asked.

use tablog_record::{SortedMap, TopicPartition, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::MetadataResponse;

use crate::limits::TOPICS_CACHED_MAX;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    pub cluster_id: Option<String>,
    pub controller_id: i32,
    pub brokers: SortedMap<i32, BrokerNode>,
    pub topics: SortedMap<String, TopicMetadata>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerNode {
    pub id: i32,
    pub host: String,
    pub port: u16,
    pub rack: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopicMetadata {
    pub error: ErrorCode,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: SortedMap<i32, PartitionMetadata>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionMetadata {
    pub error: ErrorCode,
    /// -1: none just now.
    pub leader: i32,
    pub leader_epoch: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub offline: Vec<i32>,
}

/// Where to send what concerns a partition, and under which leader epoch we believe so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader {
    pub node: i32,
    pub epoch: i32,
}

impl Metadata {
    pub fn leader(&self, topic: &str, partition: i32) -> Option<Leader> {
        let found = self.topics.get(topic)?.partitions.get(&partition)?;
        (found.leader >= 0 && self.brokers.contains_key(&found.leader))
            .then_some(Leader { node: found.leader, epoch: found.leader_epoch })
    }

    pub fn partition_count(&self, topic: &str) -> Option<usize> {
        let topic = self.topics.get(topic)?;
        (!topic.partitions.is_empty()).then_some(topic.partitions.len())
    }

    /// By partition: the racks in which its replicas stand, as far as they say so.
    pub fn replica_racks(&self, topic: &str) -> Vec<Vec<String>> {
        let rack = |broker: &i32| self.brokers.get(broker)?.rack.clone();
        let partitions = self.topics.get(topic).into_iter().flat_map(|topic| topic.partitions.values());
        partitions.map(|partition| partition.replicas.iter().filter_map(rack).collect()).collect()
    }

    /// The name of the topic with this id, where it is known.
    pub fn topic_name(&self, id: Uuid) -> Option<&str> {
        self.topics.iter().find(|(_, topic)| topic.topic_id == id).map(|(name, _)| name.as_str())
    }

    pub fn partitions_of(&self, topic: &str) -> impl Iterator<Item = TopicPartition> + '_ {
        let name = topic.to_owned();
        self.topics
            .get(topic)
            .into_iter()
            .flat_map(|topic| topic.partitions.keys())
            .map(move |&partition| TopicPartition::new(name.clone(), partition))
    }

    /// Brings an answer in. `whole`: the answer lists every topic there is, so those it leaves out are gone.
    pub(crate) fn merge(&mut self, response: MetadataResponse, coverage: Coverage) {
        self.cluster_id = response.cluster_id;
        self.controller_id = response.controller_id;
        self.brokers = response
            .brokers
            .into_iter()
            .filter_map(|broker| {
                let port = u16::try_from(broker.port).ok()?;
                let node = BrokerNode { id: broker.node_id, host: broker.host, port, rack: broker.rack };
                Some((broker.node_id, node))
            })
            .collect();
        let mut known = std::mem::take(&mut self.topics);
        let mut fresh = SortedMap::new();
        for topic in response.topics {
            let Some(name) = topic.name else { continue };
            let mut partitions: SortedMap<i32, PartitionMetadata> = topic
                .partitions
                .into_iter()
                .filter(|partition| partition.partition_index >= 0)
                .map(|partition| {
                    let entry = PartitionMetadata {
                        error: ErrorCode::from_code(partition.error_code),
                        leader: partition.leader_id,
                        leader_epoch: partition.leader_epoch,
                        replicas: partition.replica_nodes,
                        isr: partition.isr_nodes,
                        offline: partition.offline_replicas,
                    };
                    (partition.partition_index, entry)
                })
                .collect();
            if let Some(old) = known.remove(&name).filter(|old| old.topic_id == topic.topic_id) {
                keep_newer_leaders(&mut partitions, old.partitions);
            }
            fresh.insert(
                name,
                TopicMetadata {
                    error: ErrorCode::from_code(topic.error_code),
                    topic_id: topic.topic_id,
                    is_internal: topic.is_internal,
                    partitions,
                },
            );
        }
        if coverage == Coverage::Named && known.len() + fresh.len() <= TOPICS_CACHED_MAX {
            known.extend(fresh);
            self.topics = known;
        } else {
            self.topics = fresh;
        }
    }
}

/// What an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    EveryTopic,
    Named,
}

/// A broker that lags behind may still name the leader before: its epoch is lower.
fn keep_newer_leaders(fresh: &mut SortedMap<i32, PartitionMetadata>, old: SortedMap<i32, PartitionMetadata>) {
    for (index, before) in old {
        if let Some(now) = fresh.get_mut(&index)
            && now.leader_epoch >= 0
            && now.leader_epoch < before.leader_epoch
        {
            *now = before;
        }
    }
}
