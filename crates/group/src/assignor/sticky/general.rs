//! The long way, for members with different subscriptions: everyone keeps what it may keep, free partitions go to
//! whoever has least, then single partitions are moved until no move makes the counts more even.
//!
//! A partition moves to the subscriber with the fewest, or back to the one that had it in an older generation; and
//! if one of its topic went the other way before, that one goes home instead. With racks, nobody keeps a partition
//! without a replica near it, and free ones are first given to those near them; evening out does not look at racks.

use super::{MemberIndex, PartitionNumber, Racks, SettledClaims, Situation};
use movements::Movements;
use tablog_record::{SortedSet, stable_sort_by};

mod movements;

/// Each pass is to even out at least one pair of members; the bound only guards against a partition that is sent
/// back and forth for ever.
const PASSES_MAX: usize = 1_000;

struct Builder<'a> {
    situation: &'a Situation<'a>,
    racks: Option<&'a Racks>,
    /// By topic.
    subscribers: Vec<Vec<MemberIndex>>,
    /// By member: how many partitions it could have.
    most: Vec<usize>,
    previous: Vec<Option<MemberIndex>>,
    owner: Vec<Option<MemberIndex>>,
    /// By member: how many partitions it has.
    counts: Vec<usize>,
    /// By topic: how many partitions of it each subscriber has, by place in `subscribers`.
    counts_in_topic: Vec<Vec<usize>>,
    /// The members that may still gain or lose partitions, those with the fewest first.
    by_count: SortedSet<(usize, MemberIndex)>,
    movements: Movements,
}

pub(super) fn assign(
    situation: &Situation<'_>,
    claims: SettledClaims,
    racks: Option<&Racks>,
) -> Vec<Vec<PartitionNumber>> {
    let subscribers = situation.subscribers();
    let all_of = |member: MemberIndex| {
        let topics = situation.subscriptions[member].topics.iter();
        topics.map(|&topic| situation.topics[topic].partitions.len()).sum()
    };
    let mut builder = Builder {
        situation,
        racks,
        most: (0..situation.members.len()).map(all_of).collect(),
        previous: claims.previous,
        owner: vec![None; situation.partition_count()],
        counts: vec![0; situation.members.len()],
        counts_in_topic: subscribers.iter().map(|subscribers| vec![0; subscribers.len()]).collect(),
        subscribers,
        by_count: SortedSet::new(),
        movements: Movements::new(situation),
    };
    builder.balance(&claims.owned);
    builder.by_owner()
}

impl Builder<'_> {
    fn balance(&mut self, claimed: &[Vec<PartitionNumber>]) {
        let lost_some = self.keep_claimed(claimed);
        let all = self.partitions_by_choice();
        let free: Vec<PartitionNumber> =
            all.iter().copied().filter(|&number| self.owner[number].is_none()).collect();
        let starting = self.counts.iter().all(|&count| count == 0);
        self.by_count = self.counts.iter().enumerate().map(|(member, &count)| (count, member)).collect();
        self.give_out(&free);
        // From here on only partitions with a choice and members that could change.
        let has_choice =
            |&number: &PartitionNumber| self.subscribers[self.situation.topic_of[number]].len() >= 2;
        let all: Vec<PartitionNumber> = all.into_iter().filter(has_choice).collect();
        let free: Vec<PartitionNumber> = free.into_iter().filter(has_choice).collect();
        let fixed: Vec<MemberIndex> =
            (0..self.counts.len()).filter(|&member| !self.can_change(member)).collect();
        for member in fixed {
            self.by_count.remove(&(self.counts[member], member));
        }
        if self.by_count.is_empty() {
            return;
        }
        let before = (self.owner.clone(), self.unevenness());
        if !lost_some {
            self.reassign(&free);
        }
        let moved = self.reassign(&all);
        if !starting && moved && self.unevenness() >= before.1 {
            self.owner = before.0;
        }
    }

    /// Members keep what they subscribe to and is near them; says whether anybody lost something.
    fn keep_claimed(&mut self, claimed: &[Vec<PartitionNumber>]) -> bool {
        let mut lost_some = false;
        for (member, claimed) in claimed.iter().enumerate() {
            for &number in claimed {
                let topic = self.situation.topic_of[number];
                let near = self.racks.is_none_or(|racks| racks.fit(member, number));
                if near && self.situation.subscriptions[member].contains(topic) {
                    self.take(number, member);
                } else {
                    lost_some = true;
                }
            }
        }
        lost_some
    }

    /// All partitions, those with the fewest possible owners first.
    fn partitions_by_choice(&self) -> Vec<PartitionNumber> {
        let mut topics: Vec<usize> = (0..self.subscribers.len()).collect();
        stable_sort_by(&mut topics, |&a, &b| self.subscribers[a].len().cmp(&self.subscribers[b].len()));
        topics.into_iter().flat_map(|topic| self.situation.topics[topic].partitions.clone()).collect()
    }

    fn give_out(&mut self, free: &[PartitionNumber]) {
        if let Some(racks) = self.racks {
            for &number in free {
                if let Some(member) = self.least_loaded(number, |member| racks.fit(member, number)) {
                    self.hand_over(number, None, member);
                }
            }
        }
        for &number in free {
            if self.owner[number].is_none()
                && let Some(member) = self.least_loaded(number, |_| true)
            {
                self.hand_over(number, None, member);
            }
        }
    }

    fn least_loaded(
        &self,
        number: PartitionNumber,
        fits: impl Fn(MemberIndex) -> bool,
    ) -> Option<MemberIndex> {
        let topic = self.situation.topic_of[number];
        let mut candidates = self.by_count.iter().map(|&(_, member)| member);
        candidates.find(|&member| self.situation.subscriptions[member].contains(topic) && fits(member))
    }

    fn can_change(&self, member: MemberIndex) -> bool {
        let mut topics = self.situation.subscriptions[member].topics.iter();
        // Who has all that it could have has some of each of its topics.
        self.counts[member] < self.most[member] || topics.any(|&topic| self.subscribers[topic].len() >= 2)
    }

    /// Whether no member could get a partition from one that has at least two more.
    fn is_balanced(&self) -> bool {
        let (Some(fewest), Some(most)) = (self.by_count.first(), self.by_count.last()) else { return true };
        if fewest.0 + 1 >= most.0 {
            return true;
        }
        let mut most_in_topic: Vec<Option<usize>> = vec![None; self.subscribers.len()];
        self.by_count.iter().all(|&(count, member)| {
            let mut topics = self.situation.subscriptions[member].topics.iter();
            count == self.most[member]
                || topics.all(|&topic| {
                    let most = *most_in_topic[topic].get_or_insert_with(|| self.most_of_owners(topic));
                    count + 1 >= most
                })
        })
    }

    /// How many partitions the busiest owner of a partition of the topic has.
    fn most_of_owners(&self, topic: usize) -> usize {
        let subscribers = self.subscribers[topic].iter().zip(&self.counts_in_topic[topic]);
        subscribers
            .filter(|&(_, &owned)| owned > 0)
            .map(|(&member, _)| self.counts[member])
            .max()
            .unwrap_or(0)
    }

    /// The sum of the differences of all pairs of counts.
    fn unevenness(&self) -> usize {
        // Ascending: each count is subtracted once for every greater one and added for every lesser one.
        let counts = self.by_count.iter().map(|&(count, _)| count);
        let sum = counts.fold((0, 0, 0), |(place, below, sum), count| {
            (place + 1, below + count, sum + place * count - below)
        });
        sum.2
    }

    fn reassign(&mut self, numbers: &[PartitionNumber]) -> bool {
        let mut moved_any = false;
        let mut balanced = self.is_balanced();
        for _ in 0..PASSES_MAX {
            let mut moved = false;
            for &number in numbers {
                if balanced {
                    break;
                }
                if let Some(member) = self.better_owner(number) {
                    self.move_to(number, member);
                    balanced = self.is_balanced();
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

    fn better_owner(&self, number: PartitionNumber) -> Option<MemberIndex> {
        let topic = self.situation.topic_of[number];
        let count = self.counts[self.owner[number]?];
        let had_it_before = self.previous[number].filter(|&member| {
            count > self.counts[member] + 1 && self.situation.subscriptions[member].contains(topic)
        });
        had_it_before
            .or_else(|| self.least_loaded(number, |_| true).filter(|&member| count > self.counts[member] + 1))
    }

    fn move_to(&mut self, number: PartitionNumber, to: MemberIndex) {
        let Some(from) = self.owner[number] else { return };
        let number = self.movements.instead_of(number, from, to);
        let from = self.owner[number];
        if let Some(from) = from {
            self.movements.record(number, from, to);
        }
        self.hand_over(number, from, to);
    }

    fn hand_over(&mut self, number: PartitionNumber, from: Option<MemberIndex>, to: MemberIndex) {
        for member in from.into_iter().chain([to]) {
            self.by_count.remove(&(self.counts[member], member));
        }
        if let Some(from) = from {
            self.counts[from] -= 1;
            *self.count_in_topic(number, from) -= 1;
        }
        self.take(number, to);
        for member in from.into_iter().chain([to]) {
            self.by_count.insert((self.counts[member], member));
        }
    }

    fn take(&mut self, number: PartitionNumber, member: MemberIndex) {
        self.owner[number] = Some(member);
        self.counts[member] += 1;
        *self.count_in_topic(number, member) += 1;
    }

    fn count_in_topic(&mut self, number: PartitionNumber, member: MemberIndex) -> &mut usize {
        let topic = self.situation.topic_of[number];
        let place = self.subscribers[topic].binary_search(&member).expect("only subscribers own partitions");
        &mut self.counts_in_topic[topic][place]
    }

    fn by_owner(&self) -> Vec<Vec<PartitionNumber>> {
        let mut owned = vec![Vec::new(); self.counts.len()];
        for (number, owner) in self.owner.iter().enumerate() {
            if let Some(owner) = *owner {
                owned[owner].push(number);
            }
        }
        owned
    }
}
