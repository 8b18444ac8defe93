//! The short way, for members that all subscribe to the same topics: each keeps what it owned up to its quota,
//! the rest is dealt out to those that have less.
//!
//! With `n` partitions and `m` members everybody gets `n / m` (the smaller quota) and `n % m` members one more. Who
//! gets one more is decided among those that owned as much, in the order in which Java walks through a hash map
//! of their ids; among the others in the order of their ids. With racks, nobody keeps a partition without a replica
//! near it, and dealing out begins with partitions near their new owners.

use std::collections::VecDeque;
use tablog_record::{stable_sort, stable_sort_by};

use super::{MemberIndex, Outcome, PartitionNumber, Racks, SettledClaims, Situation};
use crate::assignor::java_order::{HashOrder, string_hash};

struct Builder<'a> {
    claimed_twice: &'a [bool],
    quota_min: usize,
    quota_max: usize,
    /// How many members get `quota_max` rather than `quota_min`; none when the two are equal.
    over_min_expected: usize,
    over_min: usize,
    below_min: Vec<MemberIndex>,
    /// Members at `quota_min` that may get one more.
    at_min: VecDeque<MemberIndex>,
    owned: Vec<Vec<PartitionNumber>>,
    /// By partition: who claimed it and did not keep it.
    given_up_by: Vec<Option<MemberIndex>>,
    transferring: Vec<(PartitionNumber, MemberIndex)>,
}

pub(super) fn assign(situation: &Situation<'_>, claims: SettledClaims, racks: Option<&Racks>) -> Outcome {
    let members = situation.members.len();
    let partitions = situation.partition_count();
    let mut builder = Builder {
        claimed_twice: &claims.claimed_twice,
        quota_min: partitions / members,
        quota_max: partitions.div_ceil(members),
        over_min_expected: partitions % members,
        over_min: 0,
        below_min: Vec::new(),
        at_min: VecDeque::new(),
        owned: vec![Vec::new(); members],
        given_up_by: vec![None; partitions],
        transferring: Vec::new(),
    };
    let mut order = HashOrder::new();
    for (member, named) in situation.members.iter().enumerate() {
        order.insert(string_hash(&named.id), member);
    }
    for member in order.into_items() {
        builder.keep_owned(situation, member, &claims.owned[member], racks);
    }
    let mut free = builder.free();
    stable_sort(&mut builder.below_min);
    stable_sort(builder.at_min.make_contiguous());
    if let Some(racks) = racks {
        let near = racks.members_near();
        stable_sort_by(&mut free, |&a, &b| near[a].cmp(&near[b]));
        builder.deal_out_near(racks, &mut free);
    }
    builder.deal_out(&free);
    let short = builder.below_min.iter().any(|&member| builder.owned[member].len() < builder.quota_min);
    assert!(!short, "every member reaches the smaller quota");
    Outcome { owned: builder.owned, transferring: Some(builder.transferring) }
}

impl Builder<'_> {
    fn keep_owned(
        &mut self,
        situation: &Situation<'_>,
        member: MemberIndex,
        claimed: &[PartitionNumber],
        racks: Option<&Racks>,
    ) {
        let (mut owned, far): (Vec<PartitionNumber>, Vec<PartitionNumber>) =
            claimed.iter().partition(|&&number| racks.is_none_or(|racks| racks.fit(member, number)));
        owned.retain(|&number| !self.claimed_twice[number]);
        owned.sort_unstable_by_key(|&number| (situation.index_in_topic(number), number));
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
        for given_up in far.into_iter().chain(owned.drain(keeps..)) {
            self.given_up_by[given_up] = Some(member);
        }
        self.owned[member] = owned;
    }

    fn free(&self) -> Vec<PartitionNumber> {
        let mut is_free = vec![true; self.given_up_by.len()];
        self.owned.iter().flatten().for_each(|&number| is_free[number] = false);
        (0..is_free.len()).filter(|&number| is_free[number]).collect()
    }

    /// Deals out what has a replica near somebody with room; what it dealt out is no longer in `free`.
    fn deal_out_near(&mut self, racks: &Racks, free: &mut Vec<PartitionNumber>) {
        let near = |member: MemberIndex, number| racks.says_its_rack(member) && racks.fit(member, number);
        let mut turn = 0;
        free.retain(|&number| {
            let turns = self.below_min.iter().enumerate();
            let in_turn = turns.clone().skip(turn).chain(turns.take(turn));
            let below_min =
                in_turn.map(|(at, &member)| (at, member)).find(|&(_, member)| near(member, number));
            if let Some((at, member)) = below_min {
                self.give(number, member);
                turn = at;
                if self.owned[member].len() >= self.quota_min {
                    self.below_min.remove(at);
                    if self.owned[member].len() < self.quota_max && self.over_min < self.over_min_expected {
                        self.at_min.push_back(member);
                    }
                } else {
                    turn += 1;
                }
                turn = turn.checked_rem(self.below_min.len()).unwrap_or(0);
                return false;
            }
            let Some(at) = self.at_min.iter().position(|&member| near(member, number)) else { return true };
            let member = self.at_min[at];
            self.give(number, member);
            if self.owned[member].len() == self.quota_max {
                self.at_min.remove(at);
                self.over_min += 1;
                if self.over_min == self.over_min_expected {
                    self.at_min.clear();
                }
            }
            false
        });
    }

    fn deal_out(&mut self, free: &[PartitionNumber]) {
        let mut turn = 0;
        for &number in free {
            if self.below_min.is_empty() {
                let member = self.at_min.pop_front().expect("quotas add up to the partitions");
                self.give(number, member);
                continue;
            }
            if turn >= self.below_min.len() {
                turn = 0;
            }
            let member = self.below_min[turn];
            self.give(number, member);
            if self.owned[member].len() == self.quota_min {
                self.below_min.remove(turn);
                self.at_min.push_back(member);
            } else {
                turn += 1;
            }
        }
    }

    fn give(&mut self, number: PartitionNumber, member: MemberIndex) {
        self.owned[member].push(number);
        let from_another = self.given_up_by[number].is_some_and(|owner| owner != member);
        if from_another || self.claimed_twice[number] {
            self.transferring.push((number, member));
        }
    }
}
