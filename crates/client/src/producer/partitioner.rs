//! Which partition a record goes to: murmur2 of its key, or a sticky, uniform choice without one (KIP-794).
//!
//! Never knows: queues.

use tablog_record::{SortedMap, partition_for_key};

use crate::metadata::TopicMetadata;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partitioner {
    /// By key; without a key one random partition until `batch_size` bytes went there, then another.
    #[default]
    Default,
    /// The sticky choice for records with a key too (`partitioner.ignore.keys`).
    IgnoreKeys,
    /// Each record to the next partition.
    RoundRobin,
}

/// The choices of one producer, by topic.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    topics: SortedMap<String, Choice>,
}

#[derive(Debug)]
struct Choice {
    partition: i32,
    bytes: usize,
}

impl Choices {
    /// `topic` has at least one partition.
    pub fn choose(
        &mut self,
        partitioner: Partitioner,
        (name, topic): (&str, &TopicMetadata),
        key: Option<&[u8]>,
        (bytes, sticky_bytes): (usize, usize),
        random: impl FnOnce() -> u64,
    ) -> i32 {
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        match (partitioner, key) {
            (Partitioner::Default, Some(key)) => return partition_for_key(key, count),
            (Partitioner::RoundRobin, _) => {
                let choice = self.topics.entry(name.to_owned()).or_insert(Choice { partition: -1, bytes: 0 });
                choice.partition = (choice.partition + 1).rem_euclid(count);
                return choice.partition;
            }
            _ => {}
        }
        if let Some(choice) = self.topics.get_mut(name)
            && choice.bytes < sticky_bytes
            && topic.partitions.get(&choice.partition).is_some_and(|partition| partition.leader >= 0)
        {
            choice.bytes += bytes;
            return choice.partition;
        }
        let available: Vec<i32> = topic
            .partitions
            .iter()
            .filter(|(_, partition)| partition.leader >= 0)
            .map(|(&index, _)| index)
            .collect();
        let partition = match available.len() {
            0 => (random() % count.max(1) as u64) as i32,
            len => available[(random() % len as u64) as usize],
        };
        self.topics.insert(name.to_owned(), Choice { partition, bytes });
        partition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::PartitionMetadata;
    use tablog_record::Uuid;
    use tablog_wire::ErrorCode;

    fn topic(leaders: &[i32]) -> TopicMetadata {
        let partition = |&leader: &i32| PartitionMetadata {
            error: ErrorCode::None,
            leader,
            leader_epoch: 0,
            replicas: vec![],
            isr: vec![],
            offline: vec![],
        };
        TopicMetadata {
            error: ErrorCode::None,
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: (0..).zip(leaders.iter().map(partition)).collect(),
        }
    }

    #[test]
    fn keyless_records_stick_for_a_batch_and_avoid_partitions_without_leader() {
        let topic = topic(&[1, -1, 1]);
        let mut choices = Choices::default();
        let mut chosen = Vec::new();
        for random in 1..=6 {
            chosen.push(choices.choose(Partitioner::Default, ("t", &topic), None, (10, 20), || random));
        }
        assert!(!chosen.contains(&1));
        assert_eq!(chosen[0], chosen[1]);
        assert_eq!(chosen[2], chosen[3]);
    }

    #[test]
    fn a_key_always_goes_to_the_partition_that_murmur2_names() {
        let topic = topic(&[1, -1, 1, 1, 1, 1]);
        let mut choices = Choices::default();
        for key in ["ATL", "ORD", "LAX"] {
            let got = choices.choose(Partitioner::Default, ("t", &topic), Some(key.as_bytes()), (1, 1), || 0);
            assert_eq!(got, partition_for_key(key.as_bytes(), 6));
        }
    }
}
