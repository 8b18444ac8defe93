//! A member of a classic group.

use bytes::Bytes;
use tablog_wire::messages::describe_groups_response::DescribedGroupMember;
use tablog_wire::messages::join_group_response::JoinGroupResponseMember;
use tablog_wire::records::group_metadata_value::MemberMetadata;

use super::Waiting;
use crate::event::MemberIdentity;

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: u64,
    pub session_timeout_ms: u64,
    /// Names and metadata of the protocols it offers, the one it likes best first.
    pub protocols: Vec<(String, Bytes)>,
    pub age: Age,
    pub awaiting_join: Option<Waiting>,
    pub awaiting_sync: Option<Waiting>,
}

/// A new member may not have learnt its id yet: it can be dropped even while its JoinGroup waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    New,
    Known,
}

impl Member {
    pub fn load(stored: &MemberMetadata, protocol: &str) -> Member {
        let session_timeout_ms = stored.session_timeout.max(0) as u64;
        Member {
            id: stored.member_id.clone(),
            instance_id: stored.group_instance_id.clone(),
            client_id: stored.client_id.clone(),
            client_host: stored.client_host.clone(),
            rebalance_timeout_ms: u64::try_from(stored.rebalance_timeout).unwrap_or(session_timeout_ms),
            session_timeout_ms,
            protocols: vec![(protocol.to_owned(), stored.subscription.clone())],
            age: Age::Known,
            awaiting_join: None,
            awaiting_sync: None,
        }
    }

    /// One that has been a member elsewhere.
    pub fn known(
        identity: MemberIdentity,
        rebalance_timeout_ms: u64,
        session_timeout_ms: u64,
        protocols: Vec<(String, Bytes)>,
    ) -> Member {
        Member {
            id: identity.member_id,
            instance_id: identity.group_instance_id,
            client_id: identity.client_id,
            client_host: identity.client_host,
            rebalance_timeout_ms,
            session_timeout_ms,
            protocols,
            age: Age::Known,
            awaiting_join: None,
            awaiting_sync: None,
        }
    }

    pub fn store(&self, protocol: &str, assignment: Bytes) -> MemberMetadata {
        MemberMetadata {
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            rebalance_timeout: i32::try_from(self.rebalance_timeout_ms).unwrap_or(i32::MAX),
            session_timeout: i32::try_from(self.session_timeout_ms).unwrap_or(i32::MAX),
            subscription: self.metadata(protocol),
            assignment,
        }
    }

    pub fn metadata(&self, protocol: &str) -> Bytes {
        let mut protocols = self.protocols.iter();
        protocols.find(|(name, _)| name == protocol).map(|(_, metadata)| metadata.clone()).unwrap_or_default()
    }

    /// A session that runs out while its request waits here has not really run out.
    pub fn is_heard(&self) -> bool {
        self.age == Age::Known && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    pub fn identity(&self) -> MemberIdentity {
        MemberIdentity {
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
        }
    }

    pub fn for_leader(&self, protocol: &str) -> JoinGroupResponseMember {
        JoinGroupResponseMember {
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            metadata: self.metadata(protocol),
        }
    }

    /// Only a stable group shows its members' metadata.
    pub fn describe(&self, protocol: Option<&str>, assignment: Bytes) -> DescribedGroupMember {
        DescribedGroupMember {
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            member_metadata: protocol.map(|protocol| self.metadata(protocol)).unwrap_or_default(),
            member_assignment: assignment,
        }
    }
}
