//! `uniform` for members that all subscribe to the same topics.
//!
//! Promises that no two counts differ by more than one, and that nobody gives up more than what is above its quota.
//! Topics that are assigned alike are *not* promised: partitions are handed out in a row, so that a new group gets
//! neighbouring partitions of one topic before the next topic begins.
//!
//! ```text
//! quota   partitions / members, and one more for the first members that have so many, or that must take it because
//!         only as many members are left
//! order   members by id; topics as Java walks through a hash set of their ids
//! ```
//! Costs a step for each partition.

use tablog_record::{SortedMap, Uuid, stable_sort};

use super::super::{GroupAssignment, GroupSpec, PartitionsByTopic};
use crate::assignor::java_order::{HashOrder, uuid_hash};

struct Topic {
    id: Uuid,
    is_owned: Vec<bool>,
}

pub(super) fn assign(group: &GroupSpec) -> GroupAssignment {
    let topics = topics_in_order(group);
    let places: SortedMap<Uuid, usize> =
        topics.iter().enumerate().map(|(place, topic)| (topic.id, place)).collect();
    let mut builder = Builder {
        topics,
        places,
        assigned: Vec::with_capacity(group.members.len()),
        unfilled: Vec::new(),
        revoked: Vec::new(),
    };
    builder.keep(group);
    builder.fill();
    group.members.keys().cloned().zip(builder.assigned).collect()
}

fn topics_in_order(group: &GroupSpec) -> Vec<Topic> {
    let Some(subscribed) = group.members.values().next().map(|member| &member.subscribed_topic_ids) else {
        return Vec::new();
    };
    let mut order = HashOrder::with_room_for(subscribed.len());
    subscribed.iter().for_each(|&id| order.insert(uuid_hash(id), id));
    let owned_by_nobody = |id| Topic { id, is_owned: vec![false; group.partition_count(&id) as usize] };
    order.into_items().into_iter().map(owned_by_nobody).collect()
}

struct Builder {
    /// In the order in which they are handed out.
    topics: Vec<Topic>,
    places: SortedMap<Uuid, usize>,
    /// By member, in the order of ids.
    assigned: Vec<PartitionsByTopic>,
    /// Members with room, and how much.
    unfilled: Vec<(usize, usize)>,
    /// What somebody had too much of, in that order: handed out after what nobody had.
    revoked: Vec<(Uuid, i32)>,
}

impl Builder {
    fn keep(&mut self, group: &GroupSpec) {
        let partitions: usize = self.topics.iter().map(|topic| topic.is_owned.len()).sum();
        let members = group.members.len();
        let quota_min = partitions / members.max(1);
        let mut with_one_more = partitions % members.max(1);
        for (place, member) in group.members.values().enumerate() {
            let mut takes_one_more = with_one_more > 0;
            let mut room = quota_min + usize::from(takes_one_more);
            let mut kept = PartitionsByTopic::new();
            for (&topic, partitions) in &member.target {
                let keeps = self.keep_of_topic(topic, partitions, &mut room);
                if !keeps.is_empty() {
                    kept.insert(topic, keeps);
                }
            }
            if room > 0 && takes_one_more && members - place > with_one_more {
                // Somebody behind may have one more already.
                room -= 1;
                takes_one_more = false;
            }
            if room > 0 {
                self.unfilled.push((place, room));
            }
            with_one_more -= usize::from(takes_one_more);
            self.assigned.push(kept);
        }
    }

    /// What a member keeps of one topic; the rest is revoked, or was nothing to keep.
    fn keep_of_topic(&mut self, topic: Uuid, partitions: &[i32], room: &mut usize) -> Vec<i32> {
        let Some(&place) = self.places.get(&topic) else { return Vec::new() };
        let is_owned = &mut self.topics[place].is_owned;
        let mut keeps = Vec::with_capacity(partitions.len());
        for &partition in partitions {
            // A target names each partition once, and only partitions that exist.
            let free = usize::try_from(partition).ok().and_then(|place| is_owned.get_mut(place));
            if free.is_none_or(|is_owned| std::mem::replace(is_owned, true)) {
                continue;
            }
            if *room > 0 {
                *room -= 1;
                keeps.push(partition);
            } else {
                self.revoked.push((topic, partition));
            }
        }
        keeps
    }

    fn fill(&mut self) {
        let topics = std::mem::take(&mut self.topics);
        let free = topics.iter().flat_map(|topic| {
            let partitions = topic.is_owned.iter().enumerate().filter(|&(_, &is_owned)| !is_owned);
            partitions.map(|(partition, _)| (topic.id, partition as i32))
        });
        let mut free = free.chain(std::mem::take(&mut self.revoked));
        for &(member, room) in &self.unfilled {
            let assigned = &mut self.assigned[member];
            let mut taken = free.by_ref().take(room).peekable();
            while let Some((topic, partition)) = taken.next() {
                let partitions = assigned.entry(topic).or_insert_with(|| Vec::with_capacity(room));
                partitions.push(partition);
                while let Some((_, next)) = taken.next_if(|&(next, _)| next == topic) {
                    partitions.push(next);
                }
                stable_sort(partitions);
            }
        }
        assert!(free.next().is_none(), "quotas add up to the partitions");
    }
}
