//! `roundrobin`: all partitions of all topics in order are dealt out to the members in order, skipping those
//! that do not subscribe to the topic at hand.
//!
//! Promises that counts differ by at most one where all subscribe to the same topics; says nothing about
//! where a partition was before.

use tablog_record::{SortedSet, TopicPartition};

use super::{Assignment, Input};

pub(super) fn assign(input: &Input) -> Assignment {
    let mut assignment = input.nothing_assigned();
    let members: Vec<(&str, SortedSet<&str>)> = input
        .members_in_order()
        .into_iter()
        .map(|member| (member.id.as_str(), member.topics.iter().map(String::as_str).collect()))
        .collect();
    let mut turn = 0;
    for (topic, partition_count) in input.subscribed_topics() {
        for partition in 0..partition_count {
            // Ends: the topic is subscribed to by at least one member.
            while !members[turn].1.contains(topic) {
                turn = (turn + 1) % members.len();
            }
            let owned = assignment.get_mut(members[turn].0).expect("every member has an entry");
            owned.push(TopicPartition::new(topic, partition));
            turn = (turn + 1) % members.len();
        }
    }
    assignment
}
