//! Topics, partitions, configs and producer-id blocks: an image of `__cluster_metadata-0`.
//!
//! `replay` is the one function that changes it, at start with what the log holds and later with each record that
//! became durable. Nothing is seen before: an admin request is answered when its records were replayed.

use crate::metadata_record::MetadataRecord;
use std::sync::Arc;
use tablog_record::{LeaderEpoch, PartitionIndex, SortedMap, SortedSet, Uuid};

#[derive(Debug, Default)]
pub(crate) struct MetadataImage {
    topics: SortedMap<Arc<str>, TopicImage>,
    names: SortedMap<Uuid, Arc<str>>,
    configs: SortedMap<Resource, SortedMap<String, String>>,
    /// The first producer id that no durable block holds.
    pub next_producer_id: i64,
    /// How often this broker was opened: what a partition's leader epoch counts from its creation on.
    pub openings: i32,
}

#[derive(Clone, Debug)]
pub(crate) struct TopicImage {
    pub name: Arc<str>,
    pub id: Uuid,
    pub partitions: SortedMap<PartitionIndex, PartitionImage>,
}

#[derive(Clone, Debug)]
pub(crate) struct PartitionImage {
    pub replicas: Vec<i32>,
    pub leader_epoch: LeaderEpoch,
}

/// What a config belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    Topic(String),
    /// `""` is the default of all brokers.
    Broker(String),
    Group(String),
}

impl Resource {
    pub const TOPIC: i8 = 2;
    pub const BROKER: i8 = 4;
    pub const GROUP: i8 = 32;

    pub fn from_code(code: i8, name: &str) -> Option<Resource> {
        match code {
            Resource::TOPIC => Some(Resource::Topic(name.into())),
            Resource::BROKER => Some(Resource::Broker(name.into())),
            Resource::GROUP => Some(Resource::Group(name.into())),
            _ => None,
        }
    }

    pub fn code(&self) -> i8 {
        match self {
            Resource::Topic(_) => Resource::TOPIC,
            Resource::Broker(_) => Resource::BROKER,
            Resource::Group(_) => Resource::GROUP,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Resource::Topic(name) | Resource::Broker(name) | Resource::Group(name) => name,
        }
    }
}

/// What a replayed record asks of the rest of the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    TopicCreated(Arc<str>),
    PartitionAdded { topic: Uuid, index: PartitionIndex },
    TopicRemoved { name: Arc<str>, id: Uuid, partitions: SortedSet<PartitionIndex> },
    ConfigChanged(Resource),
    Opened,
}

impl MetadataImage {
    pub fn topics(&self) -> impl Iterator<Item = &TopicImage> {
        self.topics.values()
    }

    pub fn topic(&self, name: &str) -> Option<&TopicImage> {
        self.topics.get(name)
    }

    pub fn topic_by_id(&self, id: Uuid) -> Option<&TopicImage> {
        self.topics.get(self.names.get(&id)?)
    }

    /// The settings that somebody made; empty where nobody did.
    pub fn overrides(&self, resource: &Resource) -> SortedMap<String, String> {
        self.configs.get(resource).cloned().unwrap_or_default()
    }

    /// Groups with settings of their own.
    pub fn group_overrides(&self) -> impl Iterator<Item = (&str, &SortedMap<String, String>)> {
        self.configs.iter().filter_map(|(resource, settings)| match resource {
            Resource::Group(group_id) => Some((group_id.as_str(), settings)),
            _ => None,
        })
    }

    pub fn partition_count(&self) -> usize {
        self.topics.values().map(|topic| topic.partitions.len()).sum()
    }

    /// The one function that changes the image.
    pub fn replay(&mut self, record: MetadataRecord) -> Option<Change> {
        match record {
            MetadataRecord::Topic(record) => {
                let name: Arc<str> = record.name.into();
                self.names.insert(record.topic_id, name.clone());
                let topic =
                    TopicImage { name: name.clone(), id: record.topic_id, partitions: SortedMap::new() };
                self.topics.insert(name.clone(), topic);
                Some(Change::TopicCreated(name))
            }
            MetadataRecord::Partition(record) => {
                let topic = self.topics.get_mut(self.names.get(&record.topic_id)?)?;
                let image = PartitionImage {
                    replicas: record.replicas,
                    leader_epoch: LeaderEpoch(record.leader_epoch),
                };
                topic.partitions.insert(record.partition_id, image);
                Some(Change::PartitionAdded { topic: record.topic_id, index: record.partition_id })
            }
            MetadataRecord::RemoveTopic(record) => {
                let name = self.names.remove(&record.topic_id)?;
                let topic = self.topics.remove(&name).expect("a named topic is there");
                self.configs.remove(&Resource::Topic(name.to_string()));
                let partitions = topic.partitions.keys().copied().collect();
                Some(Change::TopicRemoved { name, id: record.topic_id, partitions })
            }
            MetadataRecord::Config(record) => {
                let resource = Resource::from_code(record.resource_type, &record.resource_name)?;
                let settings = self.configs.entry(resource.clone()).or_default();
                match record.value {
                    Some(value) => drop(settings.insert(record.name, value)),
                    None => drop(settings.remove(&record.name)),
                }
                if settings.is_empty() {
                    self.configs.remove(&resource);
                }
                Some(Change::ConfigChanged(resource))
            }
            MetadataRecord::ProducerIds(record) => {
                self.next_producer_id = self.next_producer_id.max(record.next_producer_id);
                None
            }
            // One opening is one new leader epoch of every partition: a single record says it for all of them.
            MetadataRecord::RegisterBroker(_) => {
                self.openings += 1;
                #[cfg(feature = "known-bugs")]
                if tablog_record::known_bugs::has(tablog_record::known_bugs::KnownBug::EpochNotBumped) {
                    return Some(Change::Opened);
                }
                for partition in self.topics.values_mut().flat_map(|topic| topic.partitions.values_mut()) {
                    partition.leader_epoch = LeaderEpoch(partition.leader_epoch.0 + 1);
                }
                Some(Change::Opened)
            }
        }
    }
}
