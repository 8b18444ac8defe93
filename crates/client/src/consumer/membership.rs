//! What a consumer knows of its membership.
//!
//! Never knows: requests.

use bytes::Bytes;
use tablog_record::{SortedMap, TopicPartition};

use super::reconciliation::Reconciliation;
use super::{Shared, State, Subscription};
use crate::transport::Transport;

/// The member as the group knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadata {
    pub group_id: Option<String>,
    pub group_instance_id: Option<String>,
    /// Empty while it is no member.
    pub member_id: String,
    /// The member epoch with the consumer protocol. -1 while it is no member.
    pub generation: i32,
    /// The assignor that the group agreed on, with the classic protocol.
    pub protocol: Option<String>,
    pub is_leader: bool,
    /// A join or a reconciliation is wanted or under way.
    pub is_rebalancing: bool,
}

#[derive(Debug)]
pub(crate) struct Membership {
    pub member_id: String,
    /// With the consumer protocol the member epoch, once there is one.
    pub generation: i32,
    pub protocol: Option<String>,
    pub is_leader: bool,
    pub rejoin: Rejoin,
    /// Partitions were given up (or kept) for the join that is under way.
    pub is_prepared: bool,
    /// Between JoinGroup and the answer to SyncGroup nothing else is sent.
    pub is_joining: bool,
    /// Of the generation before, for the sticky assignors.
    pub last_assignment: Vec<TopicPartition>,
    pub last_generation: i32,
    /// As the leader assigned them: partitions by topic of the whole group.
    pub assigned_counts: SortedMap<String, Option<usize>>,
    pub will: Option<Bytes>,
    pub next_heartbeat_ms: u64,
    /// When the coordinator last said that we are a member.
    pub confirmed_ms: u64,
    pub rejoin_since_ms: Option<u64>,
    /// Of the consumer protocol alone.
    pub reconciliation: Reconciliation,
}

/// Whether to join, and why: the reason goes to the broker (KIP-800).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejoin {
    No,
    Wanted { reason: &'static str },
}

/// What remains of a member that the group forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberId {
    Keep,
    Forget,
}

impl Default for Membership {
    fn default() -> Membership {
        Membership {
            member_id: String::new(),
            generation: -1,
            protocol: None,
            is_leader: false,
            rejoin: Rejoin::No,
            is_prepared: false,
            is_joining: false,
            last_assignment: Vec::new(),
            last_generation: -1,
            assigned_counts: SortedMap::new(),
            will: None,
            next_heartbeat_ms: 0,
            confirmed_ms: 0,
            rejoin_since_ms: None,
            reconciliation: Reconciliation::default(),
        }
    }
}

impl Membership {
    pub fn want_rejoin(&mut self, reason: &'static str) {
        if self.rejoin == Rejoin::No {
            self.rejoin = Rejoin::Wanted { reason };
        }
    }

    /// The group went on without us: what we own is lost.
    pub fn reset(&mut self, member_id: MemberId, reason: &'static str) {
        self.generation = -1;
        self.is_leader = false;
        self.is_prepared = false;
        self.will = None;
        self.assigned_counts.clear();
        if member_id == MemberId::Forget {
            self.member_id.clear();
        }
        self.want_rejoin(reason);
    }

    /// Our session may be over without our knowing: what we own may be somebody else's by now.
    pub fn is_doubtful(&self, now_ms: u64, session_timeout_ms: u64) -> bool {
        self.is_member() && now_ms > self.confirmed_ms.saturating_add(session_timeout_ms)
    }

    pub fn is_member(&self) -> bool {
        self.generation >= 0
    }
}

impl State {
    pub fn wants_to_join(&self) -> bool {
        self.membership.rejoin != Rejoin::No
            && match &self.subscription {
                Subscription::Topics(topics) => !topics.is_empty(),
                Subscription::Pattern(_) => true,
                Subscription::None | Subscription::Manual => false,
            }
    }
}

impl<T: Transport> Shared<T> {
    pub fn group_metadata(&self) -> GroupMetadata {
        let state = self.state.borrow();
        let membership = &state.membership;
        GroupMetadata {
            group_id: self.config.group_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            member_id: membership.member_id.clone(),
            generation: membership.generation,
            protocol: membership.protocol.clone(),
            is_leader: membership.is_leader,
            is_rebalancing: membership.is_joining
                || state.wants_to_join()
                || membership.reconciliation.is_under_way(),
        }
    }
}
