//! `range`: each topic by itself is cut into contiguous ranges, one for each of its subscribers in order; where
//! it does not divide evenly the first ones get one more.
//!
//! Promises that topics with the same number of partitions and the same subscribers are assigned alike
//! (co-partitioning), at the price that the first members carry the remainder of every topic. Says nothing about
//! where a partition was before: whoever leaves moves the ranges of all behind. Static members come first, in the
//! order of their instance ids, so that dynamic ones that come and go do not move theirs.
//!
//! Racks (KIP-881) come second to both: a member is first given partitions with a replica in its rack, never more
//! than its range would have been; topics that could be assigned alike still are, so there a partition number goes
//! to a member whose rack has a replica in *all* of these topics. What is left is cut into ranges as always.
//!
//! Costs a step for each partition and each subscription; with racks, up to members × partitions.
//! Differs from [`super::round_robin`], which deals all topics out as one, and from [`super::sticky`], which looks
//! at what was; the broker's range ([`super::server`]) is this one without racks.

use tablog_record::{SortedMap, stable_sort};

use super::racks::Racks;
use super::situation::{MemberIndex, PartitionNumber, Situation, TopicIndex};
use super::{Assignment, Input};

/// A topic of which parts are given away.
struct Share {
    topic: TopicIndex,
    /// In order.
    subscribers: Vec<MemberIndex>,
    /// How many partitions each subscriber has; by place in `subscribers`.
    given: Vec<usize>,
    /// Ascending.
    free: Vec<PartitionNumber>,
    each: usize,
    with_one_more: usize,
}

pub(super) fn assign(input: &Input) -> Assignment {
    let situation = Situation::new(input);
    let mut owned = vec![Vec::new(); situation.members.len()];
    let mut shares = shares(&situation);
    let near = Racks::new(&situation).filter(|racks| shares.iter().any(|share| share.heeds(racks)));
    if let Some(racks) = &near {
        for group in alike(&shares) {
            match group[..] {
                [alone] if shares[alone].heeds(racks) => {
                    shares[alone].cut(&mut owned, |member, number| racks.fit(member, number))
                }
                [_] => {}
                _ => give_alike(&situation, racks, &mut shares, &group, &mut owned),
            }
        }
    }
    for share in &mut shares {
        share.cut(&mut owned, |_, _| true);
    }
    if near.is_some() {
        owned.iter_mut().for_each(|owned| stable_sort(owned));
    }
    situation.named(owned)
}

fn shares(situation: &Situation<'_>) -> Vec<Share> {
    let mut subscribers = vec![Vec::new(); situation.topics.len()];
    for member in situation.static_members_first() {
        for &topic in &situation.subscriptions[member].topics {
            subscribers[topic].push(member);
        }
    }
    let shares = subscribers.into_iter().enumerate().map(|(topic, subscribers)| {
        let partitions = situation.topics[topic].partitions.clone();
        Share {
            topic,
            given: vec![0; subscribers.len()],
            each: partitions.len() / subscribers.len(),
            with_one_more: partitions.len() % subscribers.len(),
            free: partitions.collect(),
            subscribers,
        }
    });
    shares.collect()
}

/// The places of the shares with the same subscribers and equally many partitions.
fn alike(shares: &[Share]) -> Vec<Vec<usize>> {
    let mut groups: SortedMap<(&[MemberIndex], usize), Vec<usize>> = SortedMap::new();
    for (place, share) in shares.iter().enumerate() {
        groups.entry((&share.subscribers, share.free.len())).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Gives the same partition of every topic of the group to one member, where all of them have a replica near it.
fn give_alike(
    situation: &Situation<'_>,
    racks: &Racks,
    shares: &mut [Share],
    group: &[usize],
    owned: &mut [Vec<PartitionNumber>],
) {
    let mut places: Vec<usize> = (0..shares[group[0]].subscribers.len()).collect();
    let mut is_free = vec![true; shares[group[0]].free.len()];
    let starts: Vec<PartitionNumber> =
        group.iter().map(|&share| situation.topics[shares[share].topic].partitions.start).collect();
    for (partition, is_free) in is_free.iter_mut().enumerate() {
        // The shares of a group are given away together: what one has room for, all have.
        let like = &shares[group[0]];
        let found = places.iter().position(|&place| {
            let member = like.subscribers[place];
            like.room(place) > 0 && starts.iter().all(|&start| racks.fit(member, start + partition))
        });
        let Some(found) = found else { continue };
        let place = places[found];
        *is_free = false;
        for (&share, &start) in group.iter().zip(&starts) {
            shares[share].give(place, &[start + partition], owned);
        }
        if shares[group[0]].room(place) == 0 {
            places.remove(found);
        }
    }
    for (&share, &start) in group.iter().zip(&starts) {
        shares[share].free.retain(|&number| is_free[number - start]);
    }
}

impl Share {
    fn heeds(&self, racks: &Racks) -> bool {
        racks.matter(self.subscribers.iter().copied(), self.free.iter().copied())
    }

    fn room(&self, place: usize) -> usize {
        (self.each + usize::from(self.with_one_more > 0)).saturating_sub(self.given[place])
    }

    /// Each subscriber in turn gets the first free partitions that it may have, up to its room.
    fn cut(
        &mut self,
        owned: &mut [Vec<PartitionNumber>],
        may_have: impl Fn(MemberIndex, PartitionNumber) -> bool,
    ) {
        // Free is what stands from here on: what a member passes over is moved up behind what it takes.
        let mut front = 0;
        for place in 0..self.subscribers.len() {
            let member = self.subscribers[place];
            let room = self.room(place);
            if front == self.free.len() {
                break;
            }
            let mut taken = Vec::with_capacity(room);
            let mut end = front;
            let mut kept = Vec::new();
            while end < self.free.len() && taken.len() < room {
                let number = self.free[end];
                if may_have(member, number) {
                    taken.push(number)
                } else {
                    kept.push(number)
                }
                end += 1;
            }
            front = end - kept.len();
            self.free[front..end].copy_from_slice(&kept);
            self.give(place, &taken, owned);
        }
        self.free.drain(..front);
    }

    fn give(&mut self, place: usize, taken: &[PartitionNumber], owned: &mut [Vec<PartitionNumber>]) {
        self.given[place] += taken.len();
        if !taken.is_empty() && self.given[place] > self.each {
            self.with_one_more -= 1;
        }
        owned[self.subscribers[place]].extend_from_slice(taken);
    }
}
