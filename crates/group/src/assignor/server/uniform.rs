//! `uniform` of KIP-848: counts as even as the subscriptions allow, then as few moves as possible.

use super::{GroupAssignment, GroupSpec, PartitionsByTopic};
use tablog_record::{SortedSet, Uuid};

pub(super) fn assign(group: &GroupSpec) -> GroupAssignment {
    let topics: SortedSet<Uuid> =
        group.members.values().flat_map(|member| member.subscribed_topic_ids.iter().copied()).collect();
    let total: i32 = topics.iter().map(|topic| group.partition_count(topic)).sum();
    let members = i32::try_from(group.members.len()).unwrap_or(i32::MAX).max(1);
    let most = (total / members + i32::from(total % members > 0)) as usize;
    let mut assignment = GroupAssignment::new();
    let mut taken: SortedSet<(Uuid, i32)> = SortedSet::new();
    for (id, member) in &group.members {
        let mut owned = PartitionsByTopic::new();
        let mut count = 0;
        for (topic, partitions) in &member.target {
            for &partition in partitions {
                let exists = (0..group.partition_count(topic)).contains(&partition);
                let may_keep = exists && member.subscribed_topic_ids.contains(topic) && count < most;
                if may_keep && taken.insert((*topic, partition)) {
                    owned.entry(*topic).or_default().push(partition);
                    count += 1;
                }
            }
        }
        assignment.insert(id.clone(), owned);
    }
    let count = |owned: &PartitionsByTopic| owned.values().map(Vec::len).sum::<usize>();
    for topic in topics.iter() {
        for partition in 0..group.partition_count(topic) {
            if !taken.insert((*topic, partition)) {
                continue;
            }
            let subscribers = group.members.iter().filter(|(_, m)| m.subscribed_topic_ids.contains(topic));
            let least = subscribers.min_by_key(|(id, _)| count(&assignment[id.as_str()]));
            if let Some(owned) = least.and_then(|(id, _)| assignment.get_mut(id.as_str())) {
                let partitions = owned.entry(*topic).or_default();
                let at = partitions.partition_point(|&other| other < partition);
                partitions.insert(at, partition);
            }
        }
    }
    assignment
}
