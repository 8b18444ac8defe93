//! What has moved so far: so that instead of moving `t-1` from A to B after `t-0` went from B to A, `t-0` goes home.
//!
//! Which of several goes home is whichever Java finds first in a hash set of them.

use tablog_record::SortedMap;

use super::{MemberIndex, PartitionNumber, Situation};
use crate::assignor::java_order::{HashOrder, partition_hash, string_hash};

/// Whose a partition was at first, and whose it is now.
type Pair = (MemberIndex, MemberIndex);

pub(super) struct Movements {
    topic_of: Vec<usize>,
    /// By partition.
    hashes: Vec<i32>,
    by_partition: Vec<Option<Pair>>,
    /// By topic and pair.
    by_pair: SortedMap<(usize, Pair), HashOrder<PartitionNumber>>,
}

impl Movements {
    pub(super) fn new(situation: &Situation<'_>) -> Movements {
        let hashes = situation.topics.iter().flat_map(|topic| {
            let hash = string_hash(topic.name);
            (0..topic.metadata.partition_count).map(move |partition| partition_hash(hash, partition))
        });
        Movements {
            topic_of: situation.topic_of.clone(),
            hashes: hashes.collect(),
            by_partition: vec![None; situation.partition_count()],
            by_pair: SortedMap::new(),
        }
    }

    pub(super) fn instead_of(
        &self,
        number: PartitionNumber,
        owner: MemberIndex,
        to: MemberIndex,
    ) -> PartitionNumber {
        let first = self.by_partition[number].map_or(owner, |(first, _)| first);
        let reverse = self.by_pair.get(&(self.topic_of[number], (to, first)));
        reverse.and_then(|moved| moved.first()).unwrap_or(number)
    }

    pub(super) fn record(&mut self, number: PartitionNumber, from: MemberIndex, to: MemberIndex) {
        let (topic, hash) = (self.topic_of[number], self.hashes[number]);
        let mut pair = (from, to);
        if let Some(before) = self.by_partition[number].take() {
            if let Some(moved) = self.by_pair.get_mut(&(topic, before)) {
                moved.remove(number);
                if moved.is_empty() {
                    self.by_pair.remove(&(topic, before));
                }
            }
            if before.0 == to {
                return;
            }
            pair = (before.0, to);
        }
        self.by_partition[number] = Some(pair);
        self.by_pair.entry((topic, pair)).or_insert_with(HashOrder::new).insert(hash, number);
    }
}
