//! A member of a consumer group: what it says of itself, and how far it has got with what it is to own.

use tablog_record::Uuid;
use tablog_wire::records::ConsumerGroupMemberMetadataValue;

use super::{LEAVE_EPOCH, places};
use crate::assignor::PartitionsByTopic;
use crate::event::MemberIdentity;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConsumerMember {
    pub id: String,
    /// Its topics are in order and each there once.
    pub metadata: ConsumerGroupMemberMetadataValue,
    pub current: CurrentAssignment,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CurrentAssignment {
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: PartitionsByTopic,
    pub pending_revocation: PartitionsByTopic,
}

/// With the codes that records have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i8)]
pub(crate) enum MemberState {
    /// It owns what it is to own, in the epoch it has reached.
    #[default]
    Stable = 0,
    /// It has been told to let go of partitions and has not said that it did.
    UnrevokedPartitions = 1,
    /// Some of what it is to own is still with others.
    UnreleasedPartitions = 2,
    /// A state of a later version.
    Unknown = 127,
}

impl MemberState {
    pub fn from_code(code: i8) -> MemberState {
        match code {
            0 => MemberState::Stable,
            1 => MemberState::UnrevokedPartitions,
            2 => MemberState::UnreleasedPartitions,
            _ => MemberState::Unknown,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            MemberState::Stable => "stable",
            MemberState::UnrevokedPartitions => "unrevoked-partitions",
            MemberState::UnreleasedPartitions => "unreleased-partitions",
            MemberState::Unknown => "unknown",
        }
    }
}

impl CurrentAssignment {
    pub fn is_reconciled_to(&self, assignment_epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == assignment_epoch
    }

    /// What nobody else may be given.
    pub fn held(&self) -> impl Iterator<Item = (Uuid, i32)> + '_ {
        places(&self.assigned).chain(places(&self.pending_revocation))
    }
}

impl ConsumerMember {
    pub fn new(id: &str) -> ConsumerMember {
        let metadata = ConsumerGroupMemberMetadataValue {
            instance_id: None,
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            // As Apache Kafka writes it where there is none.
            subscribed_topic_regex: Some(String::new()),
            rebalance_timeout_ms: -1,
            server_assignor: None,
            classic_member_metadata: None,
        };
        ConsumerMember { id: id.to_owned(), metadata, current: CurrentAssignment::default() }
    }

    pub fn uses_classic_protocol(&self) -> bool {
        self.metadata.classic_member_metadata.is_some()
    }

    pub fn instance_id(&self) -> Option<&str> {
        self.metadata.instance_id.as_deref()
    }

    pub fn has_left(&self) -> bool {
        self.current.epoch <= LEAVE_EPOCH
    }

    pub fn rebalance_timeout_ms(&self) -> u64 {
        self.metadata.rebalance_timeout_ms.max(0) as u64
    }

    pub fn identity(&self) -> MemberIdentity {
        MemberIdentity {
            member_id: self.id.clone(),
            group_instance_id: self.metadata.instance_id.clone(),
            client_id: self.metadata.client_id.clone(),
            client_host: self.metadata.client_host.clone(),
        }
    }
}
