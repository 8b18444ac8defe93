//! Leaving a group: last commits, last callbacks, LeaveGroup or the last ConsumerGroupHeartbeat, and the will that
//! says it when we cannot.
//!
//! Never knows: how a group is joined.

use std::rc::Rc;
use tablog_record::TopicPartition;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::{ConsumerGroupHeartbeatRequest, LeaveGroupRequest};

use super::commit::Offsets;
use super::membership::MemberId;
use super::position::Assigned;
use super::{GroupProtocol, Shared, Subscription};
use crate::broker_connection::race;
use crate::cluster::{Node, Purpose, RequestOptions};
use crate::transport::Transport;

/// What a member waits at most for its last words.
pub(super) const FAREWELL_MS: u64 = 5_000;

impl<T: Transport> Shared<T> {
    /// Leaves because the application does not poll; it joins again when it does.
    pub(super) async fn give_up_membership(&self, reason: &'static str) {
        let member_id = {
            let mut state = self.state.borrow_mut();
            let member_id = std::mem::take(&mut state.membership.member_id);
            state.membership.reset(MemberId::Forget, reason);
            // Nothing more until it polls again.
            state.has_records_in_hand = true;
            member_id
        };
        self.changed.raise();
        self.send_leave(member_id).await;
    }

    /// Commits, gives up, leaves, forgets the subscription.
    pub async fn leave(&self) {
        let (is_member, is_manual) = {
            let state = self.state.borrow();
            (state.membership.is_member(), state.subscription == Subscription::Manual)
        };
        if self.config.enable_auto_commit && self.config.group_id.is_some() && (is_member || is_manual) {
            let offsets = {
                let mut state = self.state.borrow_mut();
                state.partitions.values_mut().for_each(Assigned::mark_committable);
                state.uncommitted()
            };
            self.commit_in_farewell(offsets).await;
        }
        let (owned, listener, is_settled) = {
            let state = self.state.borrow();
            // Whoever leaves in the midst of a classic rebalance does not know whose its partitions are.
            let is_settled = state.membership.is_member() && !state.membership.is_joining;
            let owned: Vec<TopicPartition> = match is_manual {
                true => Vec::new(),
                false => state.partitions.keys().cloned().collect(),
            };
            (owned, state.listener.clone(), is_settled)
        };
        match (owned.is_empty(), is_settled) {
            (true, _) => {}
            (false, true) => listener.on_partitions_revoked(&owned),
            (false, false) => listener.on_partitions_lost(&owned),
        }
        let queued = std::mem::take(&mut self.state.borrow_mut().queued_commits);
        if is_member || is_manual {
            self.commit_in_farewell(queued).await;
        }
        let member_id = {
            let mut state = self.state.borrow_mut();
            state.partitions.clear();
            state.subscription = Subscription::None;
            state.is_rebalance_step = false;
            state.join_epoch += 1;
            let member_id = std::mem::take(&mut state.membership.member_id);
            state.membership = Default::default();
            member_id
        };
        self.changed.raise();
        race(self.send_leave(member_id), self.cluster.transport().sleep(FAREWELL_MS)).await;
    }

    /// Static members come back under the same name: with the classic protocol they say nothing, with the other one
    /// that they will be back.
    pub(super) async fn send_leave(&self, member_id: String) {
        let is_classic = self.config.group_protocol == GroupProtocol::Classic;
        if member_id.is_empty() || (is_classic && self.config.group_instance_id.is_some()) {
            return;
        }
        let group = self.group();
        let connection =
            self.cluster.connection(&Node::Coordinator(group.clone()), Purpose::Coordination).await;
        let Ok(connection) = connection else { return };
        connection.set_will(None);
        self.will_connection.take();
        let (to, options) = (Node::Coordinator(group.clone()), RequestOptions::default());
        // Whatever the answer: the session ends by itself at last.
        if is_classic {
            let request = |version| leave_request(group, member_id, version);
            let _ = self.cluster.request_with(to, options, request).await;
        } else {
            let _ = self.cluster.request_with(to, options, |_| self.farewell_beat(member_id)).await;
        }
    }

    /// Leaves the frame that says farewell with the host, once for each connection and member. A static member of the
    /// classic protocol has none; one of the other protocol says that it will be back, or its successor would be
    /// refused for as long as its session lasts.
    pub(super) async fn leave_will(&self) {
        let member_id = self.state.borrow().membership.member_id.clone();
        let is_classic = self.config.group_protocol == GroupProtocol::Classic;
        if member_id.is_empty() || (is_classic && self.config.group_instance_id.is_some()) {
            return;
        }
        let group = self.group();
        let connection =
            self.cluster.connection(&Node::Coordinator(group.clone()), Purpose::Coordination).await;
        let Ok(connection) = connection else { return };
        let versions = connection.versions();
        let frame = match self.config.group_protocol {
            GroupProtocol::Classic => {
                let Ok(version) = versions.choose::<LeaveGroupRequest>(None) else { return };
                connection.encode(version, 0, &leave_request(group, member_id.clone(), version)).ok()
            }
            GroupProtocol::Consumer => {
                let Ok(version) = versions.choose::<ConsumerGroupHeartbeatRequest>(None) else { return };
                connection.encode(version, 0, &self.farewell_beat(member_id.clone())).ok()
            }
        };
        // Compared by an address that cannot be another connection's: the old one is held, though not alive.
        let place = Rc::downgrade(&connection);
        let mut state = self.state.borrow_mut();
        if state.membership.member_id != member_id {
            return;
        }
        let is_there = self.will_connection.borrow().ptr_eq(&place);
        if !is_there || state.membership.will != frame {
            connection.set_will(frame.clone());
            self.will_connection.replace(place);
            state.membership.will = frame;
        }
    }

    /// The group waits for us: what cannot be committed soon is read again by the next owner.
    pub(super) async fn commit_in_farewell(&self, offsets: Offsets) {
        let end = self.cluster.transport().sleep(FAREWELL_MS);
        match self.config.group_protocol {
            GroupProtocol::Classic => drop(race(self.commit_once(&offsets), end).await),
            // Our epoch may be about to change: then it is tried again.
            GroupProtocol::Consumer => drop(race(self.commit(offsets), end).await),
        }
    }
}

fn leave_request(group_id: String, member_id: String, version: i16) -> LeaveGroupRequest {
    if version < 3 {
        return LeaveGroupRequest { group_id, member_id, members: Vec::new() };
    }
    let reason = (version >= 5).then(|| "the consumer is being closed".to_owned());
    let member = MemberIdentity { member_id, group_instance_id: None, reason };
    LeaveGroupRequest { group_id, member_id: String::new(), members: vec![member] }
}
