//! `uniform` for members that subscribe to different topics.
//!
//! Promises that the subscribers of a topic end up with counts as even as moving this topic's partitions can make
//! them, where all subscribers of it subscribe to the same; where subscriptions overlap it comes close, in at most
//! [`ROUNDS_MAX`] rounds over the topics. Then: as few moves as that takes. Close, since each topic is looked at
//! alone: where a and b share one topic, and b and c another, they may stay at 9, 10 and 11.
//!
//! ```text
//! 1. everybody keeps what it still subscribes to
//! 2. free partitions, topic by topic:   to the subscribers with the fewest, level by level
//! 3. round after round over the topics: from the subscribers with the most to those with the fewest
//! ```
//! Topics come with most partitions per subscriber first, then with fewest subscribers, then by id.
//!
//! Costs a sort of its subscribers for each topic and round, and a step for each partition that moves.

use std::cmp::Ordering;
use tablog_record::{SortedMap, Uuid, stable_sort_by};

use super::super::{GroupAssignment, GroupSpec, MemberSpec, PartitionsByTopic, places};
use crate::assignor::java_order::uuid_order;
use levels::Levels;

mod levels;

type MemberIndex = usize;

/// Each round about halves what is uneven.
const ROUNDS_MAX: usize = 16;

struct Topic {
    id: Uuid,
    /// Ascending.
    subscribers: Vec<MemberIndex>,
    /// By partition.
    owners: Vec<Option<MemberIndex>>,
}

pub(super) fn assign(group: &GroupSpec) -> GroupAssignment {
    let members: Vec<&MemberSpec> = group.members.values().collect();
    let mut topics = topics(group, &members);
    stable_sort_by(&mut topics, in_order);
    let mut counts = keep(&members, &mut topics);
    for topic in &mut topics {
        topic.hand_out(&mut counts);
    }
    let mut shared: Vec<&mut Topic> =
        topics.iter_mut().filter(|topic| topic.subscribers.len() >= 2).collect();
    balance(&mut shared, &mut counts);
    let mut assignment: Vec<_> = members.iter().map(|_| PartitionsByTopic::new()).collect();
    for topic in &topics {
        for (partition, owner) in topic.owners.iter().enumerate() {
            if let Some(owner) = *owner {
                assignment[owner].entry(topic.id).or_default().push(partition as i32);
            }
        }
    }
    group.members.keys().cloned().zip(assignment).collect()
}

/// Those that exist and are subscribed to.
fn topics(group: &GroupSpec, members: &[&MemberSpec]) -> Vec<Topic> {
    let ids: Vec<Uuid> = group.topics.keys().copied().collect();
    let mut subscribers = vec![Vec::new(); ids.len()];
    for (member, spec) in members.iter().enumerate() {
        places(&ids, &spec.subscribed_topic_ids).for_each(|place| subscribers[place].push(member));
    }
    let topics = ids.into_iter().zip(subscribers).map(|(id, subscribers)| {
        let owners = vec![None; group.partition_count(&id) as usize];
        Topic { id, subscribers, owners }
    });
    topics.filter(|topic| !topic.subscribers.is_empty()).collect()
}

fn in_order(a: &Topic, b: &Topic) -> Ordering {
    // a's partitions per subscriber against b's, without a division.
    let a_weight = a.owners.len() as u128 * b.subscribers.len() as u128;
    let b_weight = b.owners.len() as u128 * a.subscribers.len() as u128;
    b_weight
        .cmp(&a_weight)
        .then(a.subscribers.len().cmp(&b.subscribers.len()))
        .then_with(|| uuid_order(a.id, b.id))
}

/// Everybody keeps what it subscribes to; says how much that is.
fn keep(members: &[&MemberSpec], topics: &mut [Topic]) -> Vec<usize> {
    let places: SortedMap<Uuid, usize> =
        topics.iter().enumerate().map(|(place, topic)| (topic.id, place)).collect();
    let mut counts = vec![0; members.len()];
    for (member, spec) in members.iter().enumerate() {
        for (id, partitions) in spec.target.iter().filter(|(id, _)| spec.subscribed_topic_ids.contains(*id)) {
            let Some(&place) = places.get(id) else { continue };
            for &partition in partitions {
                // A target names each partition once, and only partitions that exist.
                let owner = usize::try_from(partition).ok().and_then(|at| topics[place].owners.get_mut(at));
                if let Some(owner @ None) = owner {
                    *owner = Some(member);
                    counts[member] += 1;
                }
            }
        }
    }
    counts
}

fn balance(topics: &mut [&mut Topic], counts: &mut [usize]) {
    // Where something moved last; who comes round to it again without a move is done.
    let mut last = None;
    for _ in 0..ROUNDS_MAX {
        for (place, topic) in topics.iter_mut().enumerate() {
            if last == Some(place) {
                return;
            }
            let moved = topic.even_out(counts);
            if moved || last.is_none() {
                last = Some(place);
            }
        }
    }
}

impl Topic {
    /// Gives free partitions to the subscribers with the fewest.
    fn hand_out(&mut self, counts: &mut [usize]) {
        if self.owners.iter().all(Option::is_some) {
            return;
        }
        let mut levels = Levels::new(&self.subscribers, counts);
        for owner in self.owners.iter_mut().filter(|owner| owner.is_none()) {
            let member = levels.next_least_loaded(counts);
            *owner = Some(member);
            counts[member] += 1;
        }
    }

    /// Moves partitions from the subscribers with the most to those with the fewest; says whether any moved.
    fn even_out(&mut self, counts: &mut [usize]) -> bool {
        let loads = self.subscribers.iter().map(|&member| counts[member]);
        if loads.clone().max() <= loads.min().map(|least| least + 1) {
            return false;
        }
        let mut levels = Levels::new(&self.subscribers, counts);
        let mut owned: SortedMap<MemberIndex, Vec<usize>> = SortedMap::new();
        for (partition, owner) in self.owners.iter().enumerate() {
            if let Some(owner) = *owner {
                owned.entry(owner).or_default().push(partition);
            }
        }
        let mut moved = false;
        while !levels.has_met() {
            let partition = loop {
                let Some(giver) = levels.next_most_loaded(counts) else { return moved };
                match owned.get_mut(&giver).and_then(Vec::pop) {
                    Some(partition) => break partition,
                    None => levels.exclude_most_loaded(),
                }
            };
            let taker = levels.next_least_loaded(counts);
            if levels.has_met() {
                break;
            }
            if let Some(giver) = self.owners[partition].replace(taker) {
                counts[giver] -= 1;
            }
            counts[taker] += 1;
            moved = true;
        }
        moved
    }
}
