//! Who is to own what in a new epoch of the group: the assignor's word, as records of what changed.

use tablog_record::{SortedMap, TopicPartition};

use super::subscription::{Roster, Subscriptions};
use super::{Call, ConsumerGroup, ConsumerMember, places};
use crate::assignor::{GroupSpec, MemberSpec, PartitionsByTopic, ServerAssignor, TopicSpec};
use crate::coordinator_record::CoordinatorRecord;
use crate::event::{AssignedMember, GroupEvent};
use crate::limits;
use crate::topics::Topics;

impl ConsumerGroup {
    /// Computes the target of the epoch; what it gives to the updated member is returned.
    pub(super) fn update_target(
        &self,
        call: &mut Call<'_>,
        epoch: i32,
        updated: &ConsumerMember,
        gone: &[String],
        subscriptions: &Subscriptions,
    ) -> PartitionsByTopic {
        let roster = Roster::new(self, Some(updated), gone);
        let mut members = SortedMap::new();
        for (id, metadata) in roster.members() {
            let spec = MemberSpec {
                instance_id: metadata.instance_id.clone(),
                rack_id: metadata.rack_id.clone(),
                subscribed_topic_ids: self.subscribed_ids(metadata, call.topics),
                target: self.target_of(id, metadata.instance_id.as_deref()),
            };
            members.insert(id.clone(), spec);
        }
        let topics = subscriptions.topics.iter().filter_map(|name| {
            let topic = call.topics.get(name)?;
            let spec = TopicSpec { name: name.clone(), partition_count: topic.partition_count };
            Some((topic.id, spec))
        });
        let topics = topics.collect();
        let assignor = preferred_assignor(roster).unwrap_or(call.config.consumer_default_assignor());
        let spec = GroupSpec { members, topics, subscription_type: subscriptions.kind };
        let targets = assignor.assign(&spec);
        for (id, target) in &targets {
            if self.targets.get(id) != Some(target) {
                let record = CoordinatorRecord::consumer_target(call.group_id, id, target);
                call.record(record);
            }
        }
        call.record(CoordinatorRecord::consumer_assignment_epoch(call.group_id, epoch));
        let computed = GroupEvent::TargetComputed {
            group_id: call.group_id.to_owned(),
            epoch,
            assignor: assignor.name(),
            members: assigned_members(roster, &targets, call.topics),
        };
        call.event(computed);
        targets.get(&updated.id).cloned().unwrap_or_default()
    }

    /// The assignor that most members ask for, by name where two are asked for alike.
    pub(super) fn assignor_name(&self, default: ServerAssignor) -> &'static str {
        preferred_assignor(Roster::new(self, None, &[])).unwrap_or(default).name()
    }
}

fn preferred_assignor(roster: Roster<'_>) -> Option<ServerAssignor> {
    let mut votes: SortedMap<&str, usize> = SortedMap::new();
    for (_, member) in roster.members() {
        if let Some(name) = &member.server_assignor {
            *votes.entry(name).or_default() += 1;
        }
    }
    let most = votes.values().copied().max()?;
    let (name, _) = votes.into_iter().find(|(_, count)| *count == most)?;
    ServerAssignor::from_name(name)
}

/// For the event; nobody where there is too much to tell.
fn assigned_members(
    roster: Roster<'_>,
    targets: &SortedMap<String, PartitionsByTopic>,
    topics: &Topics,
) -> Vec<AssignedMember> {
    let total: usize = targets.values().flat_map(|target| target.values()).map(Vec::len).sum();
    if targets.len() > limits::MEMBERS_PER_EVENT_MAX || total > limits::PARTITIONS_PER_EVENT_MAX {
        return Vec::new();
    }
    let members = roster.members().map(|(id, metadata)| {
        let mut member = ConsumerMember::new(id);
        member.metadata = metadata.clone();
        let partitions = targets.get(id).map(|target| named(target, topics));
        AssignedMember { member: member.identity(), partitions }
    });
    members.collect()
}

/// The partitions by their topics' names, where those still exist.
pub(super) fn named(partitions: &PartitionsByTopic, topics: &Topics) -> Vec<TopicPartition> {
    let named = places(partitions)
        .filter_map(|(topic, partition)| Some(TopicPartition::new(topics.name(&topic)?, partition)));
    named.collect()
}
