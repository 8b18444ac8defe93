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
    /// A consumer group starts over: who is to own what has to be computed anew. `member_id` is on whose account.
    GroupEpochBumped {
        group_id: String,
        epoch: i32,
        cause: RebalanceCause,
        member_id: Option<String>,
    },
    /// The broker has decided who is to own what in an epoch.
    TargetComputed {
        group_id: String,
        epoch: i32,
        assignor: &'static str,
        members: Vec<AssignedMember>,
    },
    /// One member took a step towards it; `state` is what it waits for.
    MemberReconciled {
        group_id: String,
        member: MemberIdentity,
        epoch: i32,
        state: &'static str,
        assigned: Vec<TopicPartition>,
        pending_revocation: Vec<TopicPartition>,
    },
    /// The group changed its protocol while it has members.
    GroupConverted {
        group_id: String,
        to: GroupKind,
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
    /// A static member of a consumer group that means to come back.
    LeftForAWhile,
    SessionExpired,
    /// It did not join again before the rebalance timeout.
    MissedRebalance,
    /// It joined, but never asked for its assignment.
    MissedSync,
    /// It was told to let go of partitions and did not in time.
    MissedRevocation,
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
    /// It was read anew, and `group.max.size` is less than it has.
    GroupTooLarge,
    /// A topic came, grew or vanished.
    TopicsChanged,
    /// A regular expression has got other topics.
    SubscriptionResolved,
}

/// Kafka's types of groups that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    Classic,
    Consumer,
}

impl GroupKind {
    pub fn name(self) -> &'static str {
        match self {
            GroupKind::Classic => "classic",
            GroupKind::Consumer => "consumer",
        }
    }
}

impl Departure {
    pub fn name(&self) -> &'static str {
        match self {
            Departure::Left { .. } => "left",
            Departure::LeftForAWhile => "left-for-a-while",
            Departure::SessionExpired => "session-expired",
            Departure::MissedRebalance => "missed-rebalance",
            Departure::MissedSync => "missed-sync",
            Departure::MissedRevocation => "missed-revocation",
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
            RebalanceCause::GroupTooLarge => "group-too-large",
            RebalanceCause::TopicsChanged => "topics-changed",
            RebalanceCause::SubscriptionResolved => "subscription-resolved",
        }
    }
}
