//! `range`: each topic by itself is cut into contiguous ranges, one for each of its subscribers in order; where
//! it does not divide evenly the first ones get one more.
//!
//! Promises that topics with the same number of partitions and the same subscribers are assigned alike
//! (co-partitioning), at the price that the first members carry the remainder of every topic.

use tablog_record::TopicPartition;

use super::{Assignment, Input};

pub(super) fn assign(input: &Input) -> Assignment {
    let mut assignment = input.nothing_assigned();
    let members = input.members_in_order();
    for (topic, partition_count) in input.subscribed_topics() {
        let subscribers: Vec<&str> = members
            .iter()
            .filter(|member| member.topics.iter().any(|name| name == topic))
            .map(|member| member.id.as_str())
            .collect();
        let each = partition_count / subscribers.len() as i32;
        let with_one_more = partition_count % subscribers.len() as i32;
        let mut next = 0;
        for (place, subscriber) in subscribers.iter().enumerate() {
            let end = next + each + i32::from((place as i32) < with_one_more);
            let owned = assignment.get_mut(*subscriber).expect("every member has an entry");
            owned.extend((next..end).map(|partition| TopicPartition::new(topic, partition)));
            next = end;
        }
    }
    assignment
}
