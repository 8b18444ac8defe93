//! `roundrobin`: all partitions of all topics in order are dealt out to the members in order, skipping those
//! that do not subscribe to the topic at hand.
//!
//! Promises that counts differ by at most one where all subscribe to the same topics; where they do not, it may be
//! as uneven as the skipping makes it. Says nothing about where a partition was before: one member more or less
//! moves nearly everything. Static members come first, in the order of their instance ids.
//!
//! Costs a step for each partition and each subscriber that is skipped.
//! Differs from [`super::range`], which begins anew with every topic and so gives the first members more.

use super::situation::Situation;
use super::{Assignment, Input};

pub(super) fn assign(input: &Input) -> Assignment {
    let situation = Situation::new(input);
    let members = situation.static_members_first();
    let mut owned = vec![Vec::new(); members.len()];
    let mut turn = 0;
    for number in 0..situation.partition_count() {
        // Ends: the topic is subscribed to by at least one member.
        while !situation.subscriptions[members[turn]].contains(situation.topic_of[number]) {
            turn = (turn + 1) % members.len();
        }
        owned[members[turn]].push(number);
        turn = (turn + 1) % members.len();
    }
    situation.named(owned)
}
