//! Assignors: who in a group gets which partition. Pure functions over one input: those of the clients here, the
//! broker's in [`server`].
//!
//! The same input gives the same assignment everywhere, and the one that Apache Kafka 4.1 gives: `tests/vectors`
//! holds them against each other. Where it leaves a decision to the order of a hash map, that order is kept
//! ([`java_order`]); members come in the order of their ids.
//!
//! Never knows: the coordinator, a connection, time.

mod cooperative_sticky;
mod java_order;
mod racks;
mod range;
mod round_robin;
mod server;
mod situation;
mod sticky;

pub use server::{
    GroupAssignment, GroupSpec, MemberSpec, PartitionsByTopic, ServerAssignor, SubscriptionType, TopicSpec,
};

use bytes::Bytes;
use tablog_record::{SortedMap, TopicPartition};

use crate::consumer_protocol::{ConsumerSubscription, SubscriptionError};

/// The name of an assignor is the name of the group protocol that its members vote for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignor {
    Range,
    RoundRobin,
    Sticky,
    CooperativeSticky,
}

/// How the members of a group let go of partitions (KIP-429).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceProtocol {
    /// Everything is revoked before the group is joined again.
    Eager,
    /// Only what moves is revoked; a partition that moves is withheld for one more rebalance.
    Cooperative,
}

/// One member as the leader of the group sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub group_instance_id: Option<String>,
    pub topics: Vec<String>,
    pub user_data: Option<Bytes>,
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation in which the owned partitions were given; `None` where it was not said.
    pub generation: Option<i32>,
    pub rack_id: Option<String>,
}

impl Member {
    /// A member from what it sent along with its JoinGroup request.
    pub fn from_metadata(
        id: &str,
        group_instance_id: Option<&str>,
        metadata: Bytes,
    ) -> Result<Member, SubscriptionError> {
        let subscription = ConsumerSubscription::decode(metadata)?;
        Ok(Member {
            id: id.to_owned(),
            group_instance_id: group_instance_id.map(str::to_owned),
            generation: Some(subscription.generation).filter(|&generation| generation >= 0),
            topics: subscription.topics,
            user_data: subscription.user_data,
            owned_partitions: subscription.owned_partitions,
            rack_id: subscription.rack_id,
        })
    }
}

/// What is known of a topic that some member subscribes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicMetadata {
    pub partition_count: i32,
    /// By partition: the racks in which its replicas stand. May be shorter, or empty, where they are not known.
    pub replica_racks: Vec<Vec<String>>,
}

/// All that an assignor decides on. A topic that is not listed does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    pub members: Vec<Member>,
    pub topics: SortedMap<String, TopicMetadata>,
}

/// Partitions by member id; every member is there, if only with none.
pub type Assignment = SortedMap<String, Vec<TopicPartition>>;

impl Assignor {
    pub const ALL: [Assignor; 4] =
        [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky];

    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    pub fn rebalance_protocol(self) -> RebalanceProtocol {
        match self {
            Assignor::CooperativeSticky => RebalanceProtocol::Cooperative,
            _ => RebalanceProtocol::Eager,
        }
    }

    /// What a member sends as user data when it joins, given what it owned last and in which generation.
    pub fn user_data(self, last_assignment: &[TopicPartition], generation: i32) -> Option<Bytes> {
        match self {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky => sticky::user_data(last_assignment, generation),
            Assignor::CooperativeSticky => Some(cooperative_sticky::user_data(generation)),
        }
    }

    pub fn assign(self, input: &Input) -> Assignment {
        match self {
            Assignor::Range => range::assign(input),
            Assignor::RoundRobin => round_robin::assign(input),
            Assignor::Sticky => sticky::assign(input),
            Assignor::CooperativeSticky => cooperative_sticky::assign(input),
        }
    }
}
