//! Group commit: appends gather while a commit is in flight and ride together in the next one.
//!
//! ```text
//!  appends ──► gathering ──submit──► in flight (≤ 2) ──completed──► ends become durable, waiters are released
//!                  ▲                       │ failed
//!                  └── repairs ◄───────────┴► everything in flight and gathering is rolled back
//! ```
//!
//! A commit takes the strictest durability of its riders. A second one goes out beside the first only when it is
//! large: small ones lose more by missing the next ride than they gain. After a failure nothing is submitted until
//! all that was in flight has come back (those behind the failed one fail too: `predecessor`).

use crate::limits;
use crate::partition::PartitionId;
use std::collections::VecDeque;
use tablog_log::storage::{Commit, CommitId, Durability, Tier, Write};
use tablog_record::{Offset, SortedMap, SortedSet};

/// One tier's commits. `W` is whatever waits for durability: a produce, a coordinator's replies, a metadata change.
#[derive(Debug)]
pub(crate) struct CommitPipeline<W> {
    tier: Tier,
    gathering: Group<W>,
    in_flight: VecDeque<(CommitId, Group<W>)>,
    /// Commits of before a failure that have not come back yet.
    doomed: SortedSet<CommitId>,
    predecessor: Option<CommitId>,
    next_id: u64,
}

#[derive(Debug)]
struct Group<W> {
    writes: Vec<Write>,
    /// Whether anything is in it that somebody waits for; repairs alone wait for company.
    is_due: bool,
    bytes: usize,
    durability: Durability,
    ends: SortedMap<PartitionId, Offset>,
    /// Partitions with other writes in it: they too have something to repair if it fails.
    touched: SortedSet<PartitionId>,
    waiters: Vec<W>,
}

/// What a completed commit made true.
#[derive(Debug)]
pub(crate) struct Durable<W> {
    pub ends: SortedMap<PartitionId, Offset>,
    pub waiters: Vec<W>,
    pub bytes: usize,
}

/// What a failed commit took with it.
#[derive(Debug)]
pub(crate) struct Failed<W> {
    pub partitions: SortedSet<PartitionId>,
    pub waiters: Vec<W>,
}

#[derive(Debug)]
pub(crate) enum Completed<W> {
    Durable(Durable<W>),
    Failed(Failed<W>),
    /// A commit behind a failed one: all was said when that one failed.
    Nothing,
}

impl<W> CommitPipeline<W> {
    /// Ids of the two tiers never meet: the parity tells them apart.
    pub fn new(tier: Tier) -> CommitPipeline<W> {
        let next_id = match tier {
            Tier::Memory => 1,
            Tier::Durable => 2,
        };
        CommitPipeline {
            tier,
            gathering: Group::new(),
            in_flight: VecDeque::new(),
            doomed: SortedSet::new(),
            predecessor: None,
            next_id,
        }
    }

    pub fn tier_of(id: CommitId) -> Tier {
        if id.0 % 2 == 1 { Tier::Memory } else { Tier::Durable }
    }

    /// Writes that leave `partition` ending at `end` once they are durable.
    pub fn append(
        &mut self,
        writes: Vec<Write>,
        durability: Durability,
        partition: PartitionId,
        end: Offset,
    ) {
        self.write(writes, durability);
        self.gathering.ends.insert(partition, end);
    }

    /// A partition's writes that move no end: deletions, checkpoints.
    pub fn write_for(&mut self, partition: PartitionId, writes: Vec<Write>, durability: Durability) {
        if !writes.is_empty() {
            self.gathering.touched.insert(partition);
            self.write(writes, durability);
        }
    }

    /// Writes that belong to no open partition.
    pub fn write(&mut self, writes: Vec<Write>, durability: Durability) {
        self.gathering.is_due |= !writes.is_empty();
        self.gather(writes, durability);
    }

    /// What undoes a failed commit. It goes ahead of whatever is written next and does not ask for a commit of its
    /// own: on a full disk that would fail and be repaired without end. A crash before it needs no repair. It is sure
    /// to be on the disk before what is written in its place is seen: else a loss of power could bring back, under the
    /// same leader epoch, what the failed commit had left behind.
    pub fn repair(&mut self, partition: PartitionId, writes: Vec<Write>) {
        self.gathering.touched.insert(partition);
        self.gather(writes, Durability::Strict);
    }

    fn gather(&mut self, writes: Vec<Write>, durability: Durability) {
        self.gathering.bytes += writes.iter().map(Write::bytes_len).sum::<usize>();
        self.gathering.writes.extend(writes);
        self.gathering.durability = self.gathering.durability.max(durability);
    }

    /// Released when everything appended so far is durable; handed back when it already is.
    pub fn wait(&mut self, waiter: W) -> Option<W> {
        let group = match self.in_flight.back_mut() {
            Some((_, group)) if !self.gathering.is_due => group,
            None if !self.gathering.is_due => return Some(waiter),
            _ => &mut self.gathering,
        };
        group.waiters.push(waiter);
        None
    }

    /// How much waits to be submitted: produces are refused above a limit, so that a slow disk bounds memory.
    pub fn gathering_bytes(&self) -> usize {
        self.gathering.bytes
    }

    /// The next commit, if one should go out now.
    pub fn submit(&mut self) -> Option<Commit> {
        if !self.gathering.is_due || !self.doomed.is_empty() {
            return None;
        }
        let may_go = match self.in_flight.len() {
            0 => true,
            1 => self.gathering.bytes >= limits::SECOND_COMMIT_BYTES_MIN,
            _ => false,
        };
        if !may_go {
            return None;
        }
        let id = CommitId(self.next_id);
        self.next_id += 2;
        let mut group = std::mem::replace(&mut self.gathering, Group::new());
        #[cfg(feature = "known-bugs")]
        if tablog_record::known_bugs::has(tablog_record::known_bugs::KnownBug::PrefixBroken) {
            group.writes.sort_by(|one, other| other.blob().cmp(one.blob()));
        }
        let commit = Commit {
            id,
            predecessor: self.predecessor.replace(id),
            tier: self.tier,
            durability: group.durability,
            writes: std::mem::take(&mut group.writes),
        };
        self.in_flight.push_back((id, group));
        Some(commit)
    }

    pub fn completed(&mut self, id: CommitId) -> Completed<W> {
        if self.doomed.remove(&id) {
            return Completed::Nothing;
        }
        let (first, group) = self.in_flight.pop_front().expect("a commit that completes is in flight");
        assert_eq!(first, id, "commits complete in the order of submission");
        Completed::Durable(Durable { ends: group.ends, waiters: group.waiters, bytes: group.bytes })
    }

    /// The commit failed, and with it all that was appended after it: what is in flight behind it and what gathers.
    pub fn failed(&mut self, id: CommitId) -> Completed<W> {
        if self.doomed.remove(&id) {
            return Completed::Nothing;
        }
        let (first, group) = self.in_flight.pop_front().expect("a commit that fails is in flight");
        assert_eq!(first, id, "commits fail in the order of submission");
        let mut lost = Failed { partitions: SortedSet::new(), waiters: Vec::new() };
        lost.take(group);
        for (id, group) in self.in_flight.drain(..) {
            self.doomed.insert(id);
            lost.take(group);
        }
        lost.take(std::mem::replace(&mut self.gathering, Group::new()));
        self.predecessor = None;
        Completed::Failed(lost)
    }
}

impl<W> Group<W> {
    fn new() -> Group<W> {
        Group {
            writes: Vec::new(),
            is_due: false,
            bytes: 0,
            durability: Durability::Relaxed,
            ends: SortedMap::new(),
            touched: SortedSet::new(),
            waiters: Vec::new(),
        }
    }
}

impl<W> Failed<W> {
    fn take(&mut self, group: Group<W>) {
        self.partitions.extend(group.ends.into_keys());
        self.partitions.extend(group.touched);
        self.waiters.extend(group.waiters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use tablog_log::storage::{BlobName, Position};
    use tablog_record::Uuid;

    fn append(pipeline: &mut CommitPipeline<&'static str>, end: i64, durability: Durability, size: usize) {
        let write =
            Write::Append { blob: BlobName::new("a"), at: Position(0), bytes: Bytes::from(vec![0; size]) };
        let partition = PartitionId { topic: Uuid::ZERO, index: 0 };
        pipeline.append(vec![write], durability, partition, Offset(end));
    }

    #[test]
    fn appends_ride_together_under_the_strictest_durability() {
        let mut pipeline = CommitPipeline::new(Tier::Durable);
        append(&mut pipeline, 1, Durability::Relaxed, 10);
        assert_eq!(pipeline.wait("one"), None);
        let first = pipeline.submit().unwrap();
        assert_eq!((first.predecessor, first.durability), (None, Durability::Relaxed));

        append(&mut pipeline, 2, Durability::Strict, 10);
        append(&mut pipeline, 3, Durability::Relaxed, 10);
        assert_eq!(pipeline.wait("two"), None);
        assert_eq!(pipeline.submit(), None, "a small commit waits for the one in flight");

        let Completed::Durable(durable) = pipeline.completed(first.id) else { panic!() };
        assert_eq!(durable.waiters, ["one"]);
        let second = pipeline.submit().unwrap();
        assert_eq!((second.predecessor, second.durability), (Some(first.id), Durability::Strict));
        assert_eq!(second.writes.len(), 2);
    }

    #[test]
    fn a_failure_takes_all_that_was_appended_after_it() {
        let mut pipeline = CommitPipeline::new(Tier::Durable);
        append(&mut pipeline, 1, Durability::Relaxed, 10);
        pipeline.wait("one");
        let first = pipeline.submit().unwrap();
        append(&mut pipeline, 2, Durability::Relaxed, limits::SECOND_COMMIT_BYTES_MIN);
        pipeline.wait("two");
        let second = pipeline.submit().unwrap();
        append(&mut pipeline, 3, Durability::Relaxed, 10);
        pipeline.wait("three");

        let Completed::Failed(failed) = pipeline.failed(first.id) else { panic!() };
        assert_eq!(failed.waiters, ["one", "two", "three"]);
        append(&mut pipeline, 1, Durability::Relaxed, 10);
        assert_eq!(pipeline.submit(), None, "nothing goes out while a doomed commit is in flight");
        assert!(matches!(pipeline.failed(second.id), Completed::Nothing));
        assert_eq!(pipeline.submit().unwrap().predecessor, None);
    }

    #[test]
    fn what_stands_in_place_of_a_failed_commit_is_sure() {
        let mut pipeline = CommitPipeline::new(Tier::Durable);
        append(&mut pipeline, 1, Durability::Relaxed, 10);
        let first = pipeline.submit().unwrap();
        assert!(matches!(pipeline.failed(first.id), Completed::Failed(_)));
        let partition = PartitionId { topic: Uuid::ZERO, index: 0 };
        pipeline.repair(partition, vec![Write::Truncate { blob: BlobName::new("a"), to: Position(0) }]);
        assert_eq!(pipeline.submit(), None, "a repair waits for company");
        append(&mut pipeline, 1, Durability::Relaxed, 10);
        assert_eq!(pipeline.submit().unwrap().durability, Durability::Strict);
    }

    #[test]
    fn a_wait_with_nothing_under_way_is_over_at_once() {
        let mut pipeline = CommitPipeline::new(Tier::Memory);
        assert_eq!(pipeline.wait("now"), Some("now"));
    }
}
