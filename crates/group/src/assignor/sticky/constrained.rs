//! The short way, for members that all subscribe to the same topics: each keeps what it owned up to its quota,
//! the rest is dealt out to those that have less.

use std::collections::VecDeque;
use tablog_record::{SortedMap, SortedSet, stable_sort, stable_sort_by};

use super::{MemberIndex, Partition, Problem};

struct Builder<'a> {
    problem: &'a Problem<'a>,
    quota_min: usize,
    quota_max: usize,
    /// How many members get `quota_max` rather than `quota_min`; none when the two are equal.
    over_min_expected: usize,
    over_min: usize,
    below_min: Vec<MemberIndex>,
    /// Members at `quota_min` that may get one more.
    at_min: VecDeque<MemberIndex>,
    assigned: Vec<Vec<Partition>>,
    given_up: SortedMap<Partition, MemberIndex>,
    transferring: SortedMap<Partition, MemberIndex>,
}

/// The assignment by member, and the partitions that move between members with their new owner.
pub(super) fn assign(problem: &Problem<'_>) -> (Vec<Vec<Partition>>, SortedMap<Partition, MemberIndex>) {
    let members = problem.members.len();
    let partitions = problem.partition_count();
    let mut builder = Builder {
        problem,
        quota_min: partitions / members,
        quota_max: partitions.div_ceil(members),
        over_min_expected: partitions % members,
        over_min: 0,
        below_min: Vec::new(),
        at_min: VecDeque::new(),
        assigned: vec![Vec::new(); members],
        given_up: SortedMap::new(),
        transferring: SortedMap::new(),
    };
    builder.keep_owned();
    builder.deal_out();
    assert!(builder.below_min.is_empty(), "every member reaches the smaller quota");
    (builder.assigned, builder.transferring)
}

impl Builder<'_> {
    fn keep_owned(&mut self) {
        for member in 0..self.problem.members.len() {
            let mut owned = self.problem.owned[member].clone();
            owned.retain(|partition| !self.problem.claimed_twice.contains(partition));
            stable_sort_by(&mut owned, |a: &Partition, b| (a.1, a.0).cmp(&(b.1, b.0)));
            let keeps = if owned.len() < self.quota_min {
                self.below_min.push(member);
                owned.len()
            } else if owned.len() >= self.quota_max && self.over_min < self.over_min_expected {
                self.over_min += 1;
                if self.over_min == self.over_min_expected {
                    self.at_min.clear();
                }
                self.quota_max
            } else {
                if self.over_min < self.over_min_expected {
                    self.at_min.push_back(member);
                }
                self.quota_min
            };
            for given_up in owned.drain(keeps..) {
                self.given_up.insert(given_up, member);
            }
            self.assigned[member] = owned;
        }
    }

    fn deal_out(&mut self) {
        let kept: SortedSet<Partition> = self.assigned.iter().flatten().copied().collect();
        let free: Vec<Partition> = self
            .problem
            .topics
            .iter()
            .enumerate()
            .flat_map(|(topic, &(_, count))| (0..count).map(move |partition| (topic, partition)))
            .filter(|partition| !kept.contains(partition))
            .collect();
        stable_sort(self.at_min.make_contiguous());
        let mut turn = 0;
        for partition in free {
            if self.below_min.is_empty() {
                let member = self.at_min.pop_front().expect("quotas add up to the partitions");
                self.give(partition, member);
                continue;
            }
            if turn >= self.below_min.len() {
                turn = 0;
            }
            let member = self.below_min[turn];
            self.give(partition, member);
            if self.assigned[member].len() == self.quota_min {
                self.below_min.remove(turn);
                self.at_min.push_back(member);
            } else {
                turn += 1;
            }
        }
    }

    fn give(&mut self, partition: Partition, member: MemberIndex) {
        self.assigned[member].push(partition);
        let from_another = self.given_up.get(&partition).is_some_and(|&owner| owner != member);
        if from_another || self.problem.claimed_twice.contains(&partition) {
            self.transferring.insert(partition, member);
        }
    }
}
