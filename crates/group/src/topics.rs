//! The topics of the cluster, as far as groups care: ids, partition counts, and when topics came.
//!
//! The owner of a shard hands a new image over whenever the cluster's topics changed; groups take notice of it with
//! their next heartbeat.
//!
//! Never knows: leaders, replicas, settings.

use tablog_record::{SortedMap, Uuid};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    topics: SortedMap<String, Topic>,
    names: SortedMap<Uuid, String>,
    /// Grows with every change, over restarts too.
    pub version: i64,
    /// The version in which a topic was last added.
    pub version_with_new_topics: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    pub id: Uuid,
    pub partition_count: i32,
    pub subscription: SubscribedBy,
}

/// How consumers come to read a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscribedBy {
    #[default]
    NameOrPattern,
    /// No regular expression matches it: a topic that users have not made and do not expect.
    Name,
}

impl Topics {
    pub fn new(
        topics: impl IntoIterator<Item = (String, Topic)>,
        version: i64,
        version_with_new_topics: i64,
    ) -> Topics {
        let topics: SortedMap<String, Topic> = topics.into_iter().collect();
        let names = topics.iter().map(|(name, topic)| (topic.id, name.clone())).collect();
        Topics { topics, names, version, version_with_new_topics }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Topic)> {
        self.topics.iter()
    }

    pub fn get(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    pub fn name(&self, id: &Uuid) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    /// What a group that reads these topics depends on, in 64 bits; 0 where none of them exists. It is compared with
    /// itself only: Apache Kafka's own hash would differ, and make its groups rebalance once.
    pub fn hash<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> i64 {
        let mut hash = None;
        for name in names {
            let Some(topic) = self.topics.get(name) else { continue };
            let seed = hash.unwrap_or(FNV_OFFSET);
            let seed = fnv(seed, &topic.id.0);
            hash = Some(fnv(seed, &topic.partition_count.to_be_bytes()));
        }
        hash.unwrap_or(0) as i64
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a.
fn fnv(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
