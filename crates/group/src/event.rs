//! What happened in a group, as plain data for whoever publishes it.
//!
//! Never knows: how it is published.

use tablog_record::TopicPartition;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupEvent {
    MemberJoined {
        group_id: String,
        member: MemberIdentity,
    },
    MemberLeft {
        group_id: String,
        member: MemberIdentity,
        why: Departure,
    },
    /// `generation` is the one that ends.
    RebalanceStarted {
        group_id: String,
        generation: i32,
        cause: RebalanceCause,
        member_id: String,
        client_reason: Option<String>,
    },
    /// The leader's assignment is there: everybody may consume again.
    GenerationCompleted {
        group_id: String,
        generation: i32,
        protocol_type: String,
        protocol: String,
        leader: String,
        members: Vec<AssignedMember>,
        /// Since the rebalance began.
        duration_ms: u64,
    },
    /// The last member is gone.
    GroupEmptied {
        group_id: String,
        generation: i32,
    },
    GroupDeleted {
        group_id: String,
    },
    OffsetsExpired {
        group_id: String,
        partitions: Vec<TopicPartition>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberIdentity {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedMember {
    pub member: MemberIdentity,
    /// `None` where the group does not speak the consumers' protocol, or not well.
    pub partitions: Option<Vec<TopicPartition>>,
}

/// Why a member is no longer in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    Left {
        reason: Option<String>,
    },
    SessionExpired,
    /// It did not join again before the rebalance timeout.
    MissedRebalance,
    /// It joined, but never asked for its assignment.
    MissedSync,
    /// Another member came with the same instance id.
    Fenced {
        by: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceCause {
    MemberJoined,
    MemberLeft,
    SessionExpired,
    SyncExpired,
    LeaderRejoined,
    SubscriptionChanged,
    StaticMemberReplaced,
    AssignmentTooLarge,
}

impl Departure {
    pub fn name(&self) -> &'static str {
        match self {
            Departure::Left { .. } => "left",
            Departure::SessionExpired => "session-expired",
            Departure::MissedRebalance => "missed-rebalance",
            Departure::MissedSync => "missed-sync",
            Departure::Fenced { .. } => "fenced",
        }
    }
}

impl RebalanceCause {
    pub fn name(self) -> &'static str {
        match self {
            RebalanceCause::MemberJoined => "member-joined",
            RebalanceCause::MemberLeft => "member-left",
            RebalanceCause::SessionExpired => "session-expired",
            RebalanceCause::SyncExpired => "sync-expired",
            RebalanceCause::LeaderRejoined => "leader-rejoined",
            RebalanceCause::SubscriptionChanged => "subscription-changed",
            RebalanceCause::StaticMemberReplaced => "static-member-replaced",
            RebalanceCause::AssignmentTooLarge => "assignment-too-large",
        }
    }
}
