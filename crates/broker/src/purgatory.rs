//! Where fetches wait until there is enough to read or their time is over.

use crate::partition::PartitionId;
use tablog_record::{SortedMap, SortedSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FetchId(pub u64);

/// Things that wait for partitions or for a moment. `T` is a parked fetch.
#[derive(Debug)]
pub(crate) struct Purgatory<T> {
    parked: SortedMap<FetchId, Parked<T>>,
    watched: SortedMap<PartitionId, SortedSet<FetchId>>,
    deadlines: SortedSet<(u64, FetchId)>,
}

#[derive(Debug)]
struct Parked<T> {
    content: T,
    partitions: Vec<PartitionId>,
    deadline_ms: u64,
}

impl<T> Default for Purgatory<T> {
    fn default() -> Self {
        Purgatory { parked: SortedMap::new(), watched: SortedMap::new(), deadlines: SortedSet::new() }
    }
}

impl<T> Purgatory<T> {
    pub fn len(&self) -> usize {
        self.parked.len()
    }

    pub fn park(&mut self, id: FetchId, partitions: Vec<PartitionId>, deadline_ms: u64, content: T) {
        for &partition in &partitions {
            self.watched.entry(partition).or_default().insert(id);
        }
        self.deadlines.insert((deadline_ms, id));
        self.parked.insert(id, Parked { content, partitions, deadline_ms });
    }

    /// Takes one out, to be looked at again.
    pub fn take(&mut self, id: FetchId) -> Option<T> {
        let parked = self.parked.remove(&id)?;
        for partition in &parked.partitions {
            if let Some(watchers) = self.watched.get_mut(partition) {
                watchers.remove(&id);
                if watchers.is_empty() {
                    self.watched.remove(partition);
                }
            }
        }
        self.deadlines.remove(&(parked.deadline_ms, id));
        Some(parked.content)
    }

    /// Who waits for a partition.
    pub fn watchers(&self, partition: PartitionId) -> Vec<FetchId> {
        self.watched.get(&partition).into_iter().flatten().copied().collect()
    }

    pub fn expired(&self, now_ms: u64) -> Vec<FetchId> {
        let due = self.deadlines.iter().take_while(|(deadline_ms, _)| *deadline_ms <= now_ms);
        due.map(|&(_, id)| id).collect()
    }

    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.deadlines.first().map(|&(deadline_ms, _)| deadline_ms)
    }

    /// Drops what nobody waits for any more.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        let gone: Vec<_> =
            self.parked.iter().filter(|(_, parked)| !keep(&parked.content)).map(|(&id, _)| id).collect();
        gone.into_iter().for_each(|id| drop(self.take(id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::Uuid;

    #[test]
    fn a_fetch_is_found_by_partition_and_by_time_until_it_is_taken() {
        let partition = |index| PartitionId { topic: Uuid::ZERO, index };
        let mut purgatory = Purgatory::default();
        purgatory.park(FetchId(1), vec![partition(0), partition(1)], 50, "a");
        purgatory.park(FetchId(2), vec![partition(1)], 40, "b");
        assert_eq!(purgatory.next_deadline_ms(), Some(40));
        assert_eq!(purgatory.watchers(partition(1)), [FetchId(1), FetchId(2)]);
        assert_eq!(purgatory.expired(45), [FetchId(2)]);
        assert_eq!(purgatory.take(FetchId(2)), Some("b"));
        assert_eq!(purgatory.take(FetchId(2)), None);
        assert_eq!(purgatory.watchers(partition(1)), [FetchId(1)]);
        purgatory.retain(|content| *content != "a");
        assert_eq!((purgatory.len(), purgatory.next_deadline_ms()), (0, None));
    }
}
