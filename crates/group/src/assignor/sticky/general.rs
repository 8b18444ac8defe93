//! The long way, for members with different subscriptions: everyone keeps what it may keep, free partitions go to
//! whoever has least, then single partitions are moved until no move makes the counts more even.

use super::{MemberIndex, Partition, Problem};
use tablog_record::{SortedMap, SortedSet, stable_sort_by};

struct Builder<'a> {
    problem: &'a Problem<'a>,
    /// By topic: its subscribers.
    subscribers: Vec<Vec<MemberIndex>>,
    assigned: Vec<Vec<Partition>>,
    owner: SortedMap<Partition, MemberIndex>,
    /// The members that may still gain or lose partitions, those with the fewest first.
    by_count: SortedSet<(usize, MemberIndex)>,
    movements: Movements,
}

/// The assignment by member.
pub(super) fn assign(problem: &Problem<'_>) -> Vec<Vec<Partition>> {
    let members = problem.members.len();
    let subscribers = (0..problem.topics.len())
        .map(|topic| (0..members).filter(|&member| problem.subscriptions[member].contains(&topic)).collect())
        .collect();
    let mut builder = Builder {
        problem,
        subscribers,
        assigned: problem.owned.clone(),
        owner: SortedMap::new(),
        by_count: SortedSet::new(),
        movements: Movements::default(),
    };
    builder.balance();
    builder.assigned
}

impl Builder<'_> {
    fn balance(&mut self) {
        let lost_some = self.drop_unsubscribed();
        let all = self.partitions_by_choice();
        let free: Vec<Partition> =
            all.iter().copied().filter(|partition| !self.owner.contains_key(partition)).collect();
        let starting = self.owner.is_empty();
        self.by_count =
            (0..self.assigned.len()).map(|member| (self.assigned[member].len(), member)).collect();
        for &partition in &free {
            if let Some(member) = self.least_loaded_subscriber(partition.0) {
                self.by_count.remove(&(self.assigned[member].len(), member));
                self.assigned[member].push(partition);
                self.owner.insert(partition, member);
                self.by_count.insert((self.assigned[member].len(), member));
            }
        }
        // From here on only partitions with a choice and members that could change.
        let movable = |partition: &Partition| self.subscribers[partition.0].len() >= 2;
        let (all, free): (Vec<_>, Vec<_>) =
            (all.into_iter().filter(movable).collect(), free.into_iter().filter(movable).collect());
        let fixed: Vec<MemberIndex> =
            (0..self.assigned.len()).filter(|&member| !self.can_change(member)).collect();
        for member in fixed {
            self.by_count.remove(&(self.assigned[member].len(), member));
        }
        if self.by_count.is_empty() {
            return;
        }
        let before = (self.assigned.clone(), self.owner.clone(), self.unevenness());
        if !lost_some {
            self.reassign(&free);
        }
        let moved = self.reassign(&all);
        if !starting && moved && self.unevenness() >= before.2 {
            (self.assigned, self.owner) = (before.0, before.1);
        }
    }

    /// Takes from members what they no longer subscribe to; says whether there was any.
    fn drop_unsubscribed(&mut self) -> bool {
        let mut lost_some = false;
        for (member, owned) in self.assigned.iter_mut().enumerate() {
            let before = owned.len();
            owned.retain(|partition| self.problem.subscriptions[member].contains(&partition.0));
            lost_some |= owned.len() < before;
            self.owner.extend(owned.iter().map(|&partition| (partition, member)));
        }
        lost_some
    }

    /// All partitions, those with the fewest possible owners first.
    fn partitions_by_choice(&self) -> Vec<Partition> {
        let mut topics: Vec<usize> = (0..self.problem.topics.len()).collect();
        stable_sort_by(&mut topics, |&a, &b| {
            (self.subscribers[a].len(), a).cmp(&(self.subscribers[b].len(), b))
        });
        topics
            .into_iter()
            .flat_map(|topic| (0..self.problem.topics[topic].1).map(move |partition| (topic, partition)))
            .collect()
    }

    fn least_loaded_subscriber(&self, topic: usize) -> Option<MemberIndex> {
        let mut candidates = self.by_count.iter().map(|&(_, member)| member);
        candidates.find(|&member| self.problem.subscriptions[member].contains(&topic))
    }

    fn assignable_count(&self, member: MemberIndex) -> usize {
        self.problem.subscriptions[member].iter().map(|&topic| self.problem.topics[topic].1 as usize).sum()
    }

    fn can_change(&self, member: MemberIndex) -> bool {
        self.assigned[member].len() < self.assignable_count(member)
            || self.assigned[member].iter().any(|partition| self.subscribers[partition.0].len() >= 2)
    }

    fn is_balanced(&self) -> bool {
        let (Some(fewest), Some(most)) = (self.by_count.first(), self.by_count.last()) else { return true };
        if fewest.0 + 1 >= most.0 {
            return true;
        }
        self.by_count.iter().all(|&(count, member)| {
            count == self.assignable_count(member)
                || self.problem.subscriptions[member].iter().all(|&topic| {
                    (0..self.problem.topics[topic].1).all(|partition| {
                        let owner = self.owner[&(topic, partition)];
                        owner == member || count + 1 >= self.assigned[owner].len()
                    })
                })
        })
    }

    /// The sum of the differences of all pairs of counts.
    fn unevenness(&self) -> usize {
        let counts: Vec<usize> = self.by_count.iter().map(|&(count, _)| count).collect();
        let pairs = counts
            .iter()
            .enumerate()
            .flat_map(|(place, &count)| counts[place + 1..].iter().map(move |&other| count.abs_diff(other)));
        pairs.sum()
    }

    fn reassign(&mut self, partitions: &[Partition]) -> bool {
        let mut moved_any = false;
        // Each useful pass evens out at least one pair; the bound only guards against a movement that is
        // redirected back and forth for ever.
        for _ in 0..=partitions.len() + self.assigned.len() {
            let mut moved = false;
            for &partition in partitions {
                if self.is_balanced() {
                    break;
                }
                let count = self.assigned[self.owner[&partition]].len();
                let previous = self.problem.previous.get(&partition).map(|&(member, _)| member);
                let back_to = previous.filter(|&member| {
                    count > self.assigned[member].len() + 1
                        && self.problem.subscriptions[member].contains(&partition.0)
                });
                let better = || {
                    let others = self.subscribers[partition.0].iter();
                    others.map(|&other| self.assigned[other].len()).any(|other| count > other + 1)
                };
                let target = match back_to {
                    Some(member) => Some(member),
                    None if better() => self.least_loaded_subscriber(partition.0),
                    None => None,
                };
                if let Some(member) = target {
                    self.move_to(partition, member);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
            moved_any = true;
        }
        moved_any
    }

    fn move_to(&mut self, partition: Partition, to: MemberIndex) {
        let partition = self.movements.instead_of(partition, self.owner[&partition], to);
        let from = self.owner[&partition];
        for member in [from, to] {
            self.by_count.remove(&(self.assigned[member].len(), member));
        }
        self.movements.record(partition, from, to);
        self.assigned[from].retain(|owned| *owned != partition);
        self.assigned[to].push(partition);
        self.owner.insert(partition, to);
        for member in [from, to] {
            self.by_count.insert((self.assigned[member].len(), member));
        }
    }
}

/// What has moved so far: so that instead of moving `t-1` from A to B after `t-0` went from B to A, `t-0` goes home.
#[derive(Default)]
struct Movements {
    by_partition: SortedMap<Partition, (MemberIndex, MemberIndex)>,
    by_pair: SortedMap<(usize, MemberIndex, MemberIndex), SortedSet<Partition>>,
}

impl Movements {
    fn instead_of(&self, partition: Partition, owner: MemberIndex, to: MemberIndex) -> Partition {
        let from = self.by_partition.get(&partition).map_or(owner, |&(first, _)| first);
        let reverse = self.by_pair.get(&(partition.0, to, from)).and_then(|moved| moved.first());
        reverse.copied().unwrap_or(partition)
    }

    fn record(&mut self, partition: Partition, from: MemberIndex, to: MemberIndex) {
        let mut pair = (from, to);
        if let Some((first, last)) = self.by_partition.remove(&partition) {
            let key = (partition.0, first, last);
            if let Some(moved) = self.by_pair.get_mut(&key) {
                moved.remove(&partition);
                if moved.is_empty() {
                    self.by_pair.remove(&key);
                }
            }
            if first == to {
                return;
            }
            pair = (first, to);
        }
        self.by_partition.insert(partition, pair);
        self.by_pair.entry((partition.0, pair.0, pair.1)).or_default().insert(partition);
    }
}
