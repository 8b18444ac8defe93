//! `range` of KIP-848: each topic by itself is cut into contiguous ranges, one for each of its subscribers in order;
//! where it does not divide evenly the first ones get one more.
//!
//! Promises what the clients' [`super::super::range`] does without racks: topics with the same number of partitions
//! and the same subscribers are assigned alike. It says nothing about where a partition was before; static members
//! come first, in the order of their instance ids, so that they keep theirs when only dynamic ones come and go.
//! Costs a sort of the members and a step for each range.

use std::cmp::Ordering;
use tablog_record::{Uuid, stable_sort_by};

use super::{GroupAssignment, GroupSpec, MemberSpec, PartitionsByTopic, TopicSpec, places};
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
    members
        .into_iter()
        .map(|(id, member)| {
            let mut owned = PartitionsByTopic::new();
            for place in places(&topics, &member.subscribed_topic_ids) {
                let cut = &mut cuts[place];
                let start = cut.next;
                cut.next += cut.each + i32::from(cut.with_one_more > 0);
                cut.with_one_more -= 1;
                if start < cut.next {
                    owned.insert(topics[place], (start..cut.next).collect());
                }
            }
            (id.clone(), owned)
        })
        .collect()
}

/// By place in `topics`.
fn cuts(group: &GroupSpec, topics: &[Uuid]) -> Vec<Cut> {
    let mut subscribers = vec![0; topics.len()];
    for member in group.members.values() {
        places(topics, &member.subscribed_topic_ids).for_each(|place| subscribers[place] += 1);
    }
    let cut = |(topic, &subscribers): (&TopicSpec, &i32)| {
        let (count, subscribers) = (topic.partition_count.max(0), subscribers.max(1));
        Cut { each: count / subscribers, with_one_more: count % subscribers, next: 0 }
    };
    group.topics.values().zip(&subscribers).map(cut).collect()
}

fn static_members_first(a: (&String, &MemberSpec), b: (&String, &MemberSpec)) -> Ordering {
    match (&a.1.instance_id, &b.1.instance_id) {
        (Some(a), Some(b)) => java_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => java_order(a.0, b.0),
    }
}
