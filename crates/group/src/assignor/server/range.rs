//! `range` of KIP-848: each topic by itself is cut into contiguous ranges, one for each of its subscribers in order;
//! where it does not divide evenly the first ones get one more.
//!
//! Promises what the clients' [`super::super::range`] does without racks: topics with the same number of partitions
//! and the same subscribers are assigned alike. It says nothing about where a partition was before; static members
//! come first, in the order of their instance ids, so that they keep theirs when only dynamic ones come and go.
//! Costs a sort of the members and a step for each range.

use std::cmp::Ordering;
use std::ops::Range;
use tablog_record::{Uuid, stable_sort_by};

use super::{GroupAssignment, GroupSpec, MemberSpec, PartitionsByTopic, SubscriptionType, TopicSpec, places};
use crate::assignor::java_order::java_order;

/// How far a topic has been given away.
struct Cut {
    each: i32,
    with_one_more: i32,
    next: i32,
}

pub(super) fn assign(group: &GroupSpec) -> GroupAssignment {
    let mut members: Vec<(&String, &MemberSpec)> = group.members.iter().collect();
    stable_sort_by(&mut members, |a, b| static_members_first(*a, *b));
    let topics: Vec<Uuid> = group.topics.keys().copied().collect();
    let mut cuts = cuts(group, &topics);
    let mut open = Vec::new();
    members
        .into_iter()
        .enumerate()
        .map(|(place, (id, member))| {
            if place == 0 || group.subscription_type == SubscriptionType::Heterogeneous {
                open = places(&topics, &member.subscribed_topic_ids).collect();
            }
            let mut owned = PartitionsByTopic::new();
            open.retain(|&topic: &usize| {
                let range = cuts[topic].next_range();
                let is_open = !range.is_empty();
                if is_open {
                    owned.insert(topics[topic], range.collect());
                }
                is_open
            });
            (id.clone(), owned)
        })
        .collect()
}

/// By place in `topics`.
fn cuts(group: &GroupSpec, topics: &[Uuid]) -> Vec<Cut> {
    let mut subscribers = vec![0; topics.len()];
    let (asked, like_them) = match group.subscription_type {
        SubscriptionType::Homogeneous => (1, i32::try_from(group.members.len()).unwrap_or(i32::MAX)),
        SubscriptionType::Heterogeneous => (group.members.len(), 1),
    };
    for member in group.members.values().take(asked) {
        places(topics, &member.subscribed_topic_ids).for_each(|place| subscribers[place] += like_them);
    }
    let cut = |(topic, &subscribers): (&TopicSpec, &i32)| {
        let (count, subscribers) = (topic.partition_count.max(0), subscribers.max(1));
        Cut { each: count / subscribers, with_one_more: count % subscribers, next: 0 }
    };
    group.topics.values().zip(&subscribers).map(cut).collect()
}

impl Cut {
    /// Nothing, once it is all given away: the first ones get at least as much as those behind.
    fn next_range(&mut self) -> Range<i32> {
        let start = self.next;
        self.next += self.each + i32::from(self.with_one_more > 0);
        self.with_one_more -= 1;
        start..self.next
    }
}

fn static_members_first(a: (&String, &MemberSpec), b: (&String, &MemberSpec)) -> Ordering {
    match (&a.1.instance_id, &b.1.instance_id) {
        (Some(a), Some(b)) => java_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => java_order(a.0, b.0),
    }
}
