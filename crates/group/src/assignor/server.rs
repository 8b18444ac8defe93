//! The broker's assignors of KIP-848: who is to own what, as the coordinator of a group decides it by itself.
//!
//! Unlike the clients' assignors they work on topic *ids*, start from the target assignment that stands, and need no
//! claims: nobody can lie to them. Racks are carried along but not looked at, as in Apache Kafka 4.1.
//!
//! Never knows: epochs, records, who has already let go of what.

mod range;
mod uniform;

use tablog_record::{SortedMap, SortedSet, Uuid};

/// The name of an assignor is what a member asks for as `group.remote.assignor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerAssignor {
    Uniform,
    Range,
}

/// Partitions by topic id; ascending, no topic is there with none.
pub type PartitionsByTopic = SortedMap<Uuid, Vec<i32>>;

/// All that a server assignor decides on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSpec {
    /// By member id.
    pub members: SortedMap<String, MemberSpec>,
    /// A topic that is not listed does not exist; nobody gets any of it.
    pub topics: SortedMap<Uuid, TopicSpec>,
    pub subscription_type: SubscriptionType,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberSpec {
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub subscribed_topic_ids: SortedSet<Uuid>,
    /// What the target assignment that stands gives this member; of a static member that comes back, what it
    /// gave the member before it.
    pub target: PartitionsByTopic,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicSpec {
    pub name: String,
    pub partition_count: i32,
}

/// Whether all members subscribe to the same. Apache Kafka compares the *names* that members ask for, also those of
/// topics that do not exist; so the caller, who knows the names, says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriptionType {
    /// Believed: what the first member subscribes to is given to all.
    Homogeneous,
    #[default]
    Heterogeneous,
}

/// The new target assignment by member id; every member is there, if only with none.
pub type GroupAssignment = SortedMap<String, PartitionsByTopic>;

impl ServerAssignor {
    /// The first is the one that a group gets where nobody asks for any.
    pub const ALL: [ServerAssignor; 2] = [ServerAssignor::Uniform, ServerAssignor::Range];

    pub fn name(self) -> &'static str {
        match self {
            ServerAssignor::Uniform => "uniform",
            ServerAssignor::Range => "range",
        }
    }

    pub fn from_name(name: &str) -> Option<ServerAssignor> {
        ServerAssignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    pub fn assign(self, group: &GroupSpec) -> GroupAssignment {
        match self {
            ServerAssignor::Uniform => uniform::assign(group),
            ServerAssignor::Range => range::assign(group),
        }
    }
}

impl GroupSpec {
    /// A group whose subscription type follows from the topic ids.
    pub fn new(members: SortedMap<String, MemberSpec>, topics: SortedMap<Uuid, TopicSpec>) -> GroupSpec {
        let alike = {
            let mut subscriptions = members.values().map(|member| &member.subscribed_topic_ids);
            let first = subscriptions.next();
            subscriptions.all(|other| Some(other) == first)
        };
        let subscription_type =
            if alike { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous };
        GroupSpec { members, topics, subscription_type }
    }

    /// `-1` or less never gets here as anything but nothing.
    fn partition_count(&self, topic: &Uuid) -> i32 {
        self.topics.get(topic).map_or(0, |topic| topic.partition_count.max(0))
    }
}

/// The places in `all`, which ascends, of those wanted that are there. Mostly the next one wanted is the next there.
fn places<'a>(all: &'a [Uuid], wanted: &'a SortedSet<Uuid>) -> impl Iterator<Item = usize> + 'a {
    let mut next = 0;
    wanted.iter().filter_map(move |id| {
        if all.get(next) != Some(id) {
            next += all[next..].partition_point(|other| other < id);
        }
        let place = next;
        let is_there = all.get(next) == Some(id);
        next += usize::from(is_there);
        is_there.then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_what_is_there() {
        let ids = [1, 2, 3, 4, 5].map(|number| Uuid::from_random(number, number));
        for all in [&ids[..], &ids[1..4], &ids[..1], &[]] {
            for wanted in [&ids[..], &ids[2..], &[ids[0], ids[4]], &[]] {
                let wanted: SortedSet<Uuid> = wanted.iter().copied().collect();
                let expected: Vec<usize> =
                    (0..all.len()).filter(|&place| wanted.contains(&all[place])).collect();
                assert_eq!(places(all, &wanted).collect::<Vec<_>>(), expected);
            }
        }
    }
}
