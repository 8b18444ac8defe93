//! `range` of KIP-848: each topic by itself is cut into contiguous ranges, one for each of its subscribers in order;
//! where it does not divide evenly the first ones get one more.
//!
//! Promises what the clients' [`super::super::range`] does without racks: topics with the same number of partitions
//! and the same subscribers are assigned alike. It says nothing about where a partition was before; static members
//! come first, in the order of their instance ids, so that they keep theirs when only dynamic ones come and go.
//! Costs a sort of the members and a step for each range.

use std::cmp::Ordering;
use tablog_record::{SortedMap, Uuid, stable_sort_by};

use super::{GroupAssignment, GroupSpec, MemberSpec, PartitionsByTopic};
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
    let mut cuts = cuts(group);
    members
        .into_iter()
        .map(|(id, member)| {
            let mut owned = PartitionsByTopic::new();
            for topic in member.subscribed_topic_ids.iter() {
                let Some(cut) = cuts.get_mut(topic) else { continue };
                let start = cut.next;
                cut.next += cut.each + i32::from(cut.with_one_more > 0);
                cut.with_one_more -= 1;
                if start < cut.next {
                    owned.insert(*topic, (start..cut.next).collect());
                }
            }
            (id.clone(), owned)
        })
        .collect()
}

/// Of every topic that exists and is subscribed to.
fn cuts(group: &GroupSpec) -> SortedMap<Uuid, Cut> {
    let mut subscribers: SortedMap<Uuid, i32> = SortedMap::new();
    for topic in group.members.values().flat_map(|member| member.subscribed_topic_ids.iter()) {
        *subscribers.entry(*topic).or_insert(0) += 1;
    }
    subscribers
        .into_iter()
        .map(|(topic, subscribers)| {
            let count = group.partition_count(&topic);
            (topic, Cut { each: count / subscribers, with_one_more: count % subscribers, next: 0 })
        })
        .collect()
}

fn static_members_first(a: (&String, &MemberSpec), b: (&String, &MemberSpec)) -> Ordering {
    match (&a.1.instance_id, &b.1.instance_id) {
        (Some(a), Some(b)) => java_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => java_order(a.0, b.0),
    }
}
