//! JoinGroup: how a member comes in, comes back, or takes its instance over.

use bytes::Bytes;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{JoinGroupRequest, JoinGroupResponse};

use super::member::{Age, Member};
use super::{ClassicGroup, InitialDelay, MemberAdded, Phase, Turn};
use crate::decision::{ClientContext, GroupReply, ReplyTo};
use crate::event::{Departure, GroupEvent, RebalanceCause};
use crate::limits;
use crate::member_id::cut;
use crate::timers::Timer;

/// From this version on a dynamic member is told its id before it is let in (KIP-394).
const VERSION_WITH_KNOWN_ID: i16 = 4;
/// From this version on the leader can be told not to assign anew (KIP-814).
const VERSION_WITH_SKIPPED_ASSIGNMENT: i16 = 9;

/// A JoinGroup that has been looked through: bounded, without doubles, times filled in.
pub(crate) struct Joining {
    pub to: ReplyTo,
    pub client: ClientContext,
    pub member_id: String,
    pub instance_id: Option<String>,
    pub protocol_type: String,
    pub protocols: Vec<(String, Bytes)>,
    pub rebalance_timeout_ms: u64,
    pub session_timeout_ms: u64,
    pub reason: Option<String>,
}

impl Joining {
    pub fn parse(
        to: ReplyTo,
        client: ClientContext,
        request: JoinGroupRequest,
    ) -> Result<Joining, ErrorCode> {
        let mut protocols: Vec<(String, Bytes)> = Vec::new();
        if request.protocols.len() > limits::PROTOCOLS_PER_MEMBER_MAX {
            return Err(ErrorCode::InvalidRequest);
        }
        for protocol in request.protocols {
            if protocols.iter().all(|(name, _)| *name != protocol.name) {
                protocols.push((protocol.name, protocol.metadata));
            }
        }
        let names = protocols.iter().map(|(name, _)| name).chain(&request.group_instance_id);
        let longest = names.chain([&request.protocol_type]).map(String::len).max().unwrap_or(0);
        let metadata_bytes: usize = protocols.iter().map(|(_, metadata)| metadata.len()).sum();
        if longest > limits::NAME_BYTES_MAX || metadata_bytes > limits::MEMBER_METADATA_BYTES_MAX {
            return Err(ErrorCode::InvalidRequest);
        }
        let session_timeout_ms = request.session_timeout_ms.max(0) as u64;
        Ok(Joining {
            to,
            client,
            member_id: request.member_id,
            instance_id: request.group_instance_id,
            protocol_type: request.protocol_type,
            protocols,
            // Version 0 has no rebalance timeout: -1.
            rebalance_timeout_ms: u64::try_from(request.rebalance_timeout_ms).unwrap_or(session_timeout_ms),
            session_timeout_ms,
            reason: request.reason.filter(|reason| !reason.is_empty()),
        })
    }
}

impl Joining {
    /// A dynamic member is told its id first.
    pub fn must_know_its_id(&self) -> bool {
        self.instance_id.is_none() && self.client.api_version >= VERSION_WITH_KNOWN_ID
    }
}

pub(crate) fn refused(member_id: &str, code: ErrorCode) -> GroupReply {
    GroupReply::Join(JoinGroupResponse {
        error_code: code.code(),
        member_id: member_id.to_owned(),
        protocol_name: Some(String::new()),
        ..Default::default()
    })
}

impl ClassicGroup {
    pub fn join(&mut self, turn: &mut Turn<'_>, joining: Joining) {
        if !self.has_room_for(turn, &joining.member_id) {
            if let Some(member) = self.remove(&joining.member_id) {
                self.dismiss(turn, member, Departure::MissedRebalance);
            }
            turn.out.reply(joining.to, refused("", ErrorCode::GroupMaxSizeReached));
        } else if !self.supports(&joining.protocol_type, &joining.protocols) {
            let code = ErrorCode::InconsistentGroupProtocol;
            turn.out.reply(joining.to, refused(&joining.member_id, code));
        } else if joining.member_id.is_empty() {
            self.join_new(turn, joining);
        } else {
            self.join_again(turn, joining);
        }
    }

    /// During a rebalance only those count who have joined it: so the last ones to come are shut out
    /// where `group.max.size` was lowered.
    fn has_room_for(&self, turn: &Turn<'_>, member_id: &str) -> bool {
        let size_max = turn.config.group_max_size.min(limits::MEMBERS_PER_GROUP_MAX);
        let member = self.members.get(member_id);
        match self.phase {
            Phase::Empty => true,
            Phase::PreparingRebalance { .. } => {
                let joined = self.members.values().filter(|member| member.awaiting_join.is_some()).count();
                member.is_some_and(|member| member.awaiting_join.is_some()) || joined < size_max
            }
            Phase::CompletingRebalance | Phase::Stable => member.is_some() || self.members.len() < size_max,
        }
    }

    fn join_new(&mut self, turn: &mut Turn<'_>, joining: Joining) {
        let instance_id = joining.instance_id.as_deref();
        let member_id = turn.ids.draw(&joining.client.client_id, instance_id);
        match instance_id.and_then(|instance_id| self.static_members.get(instance_id).cloned()) {
            Some(holder) => self.replace_static_member(turn, joining, &holder, member_id),
            None if joining.must_know_its_id() => {
                self.require_member_id(turn, &joining, member_id);
            }
            None => self.add_member(turn, joining, member_id),
        }
    }

    fn require_member_id(&mut self, turn: &mut Turn<'_>, joining: &Joining, member_id: String) {
        if self.pending_join.len() >= limits::PENDING_MEMBERS_PER_GROUP_MAX {
            return turn.out.reply(joining.to, refused("", ErrorCode::GroupMaxSizeReached));
        }
        let deadline_ms = turn.now.monotonic_ms + joining.session_timeout_ms;
        turn.timers.set(&self.id, Timer::Session { member_id: member_id.clone() }, deadline_ms);
        turn.out.reply(joining.to, refused(&member_id, ErrorCode::MemberIdRequired));
        self.pending_join.insert(member_id);
    }

    fn join_again(&mut self, turn: &mut Turn<'_>, joining: Joining) {
        let member_id = joining.member_id.clone();
        if self.pending_join.contains(&member_id) && joining.instance_id.is_none() {
            return self.add_member(turn, joining, member_id);
        }
        if let Err(code) = self.check_member(&member_id, joining.instance_id.as_deref()) {
            return turn.out.reply(joining.to, refused(&member_id, code));
        }
        let changed = self.members[&member_id].protocols != joining.protocols;
        let cause = match self.phase {
            Phase::Empty => {
                return turn.out.reply(joining.to, refused(&member_id, ErrorCode::UnknownMemberId));
            }
            Phase::Stable if self.is_leader(&member_id) => RebalanceCause::LeaderRejoined,
            Phase::CompletingRebalance | Phase::Stable if !changed => {
                // It did not get the answer to its last JoinGroup: here it is again.
                let reply = self.joined(&member_id, self.is_leader(&member_id));
                return turn.out.reply(joining.to, GroupReply::Join(reply));
            }
            _ => RebalanceCause::SubscriptionChanged,
        };
        let reason = joining.reason.clone();
        self.update_member(turn, &member_id, joining);
        self.rebalance_or_complete(turn, cause, &member_id, reason);
    }

    fn add_member(&mut self, turn: &mut Turn<'_>, joining: Joining, member_id: String) {
        let member = Member {
            id: member_id.clone(),
            instance_id: joining.instance_id,
            client_id: cut(&joining.client.client_id, limits::CLIENT_BYTES_MAX).to_owned(),
            client_host: cut(&joining.client.client_host, limits::CLIENT_BYTES_MAX).to_owned(),
            rebalance_timeout_ms: joining.rebalance_timeout_ms,
            session_timeout_ms: joining.session_timeout_ms,
            protocols: joining.protocols,
            age: Age::New,
            awaiting_join: Some(joining.to),
            awaiting_sync: None,
        };
        if self.members.is_empty() {
            self.protocol_type = Some(joining.protocol_type);
        }
        if let Phase::PreparingRebalance { initial: Some(delay) } = self.phase {
            let delay = InitialDelay { member_added: MemberAdded::SinceLastDelay, ..delay };
            self.phase = Phase::PreparingRebalance { initial: Some(delay) };
        }
        let deadline_ms = turn.now.monotonic_ms + turn.config.new_member_join_timeout_ms;
        turn.timers.set(&self.id, Timer::Session { member_id: member_id.clone() }, deadline_ms);
        let identity = member.identity();
        turn.out.events.push(GroupEvent::MemberJoined { group_id: self.id.clone(), member: identity });
        self.insert(member);
        self.rebalance_or_complete(turn, RebalanceCause::MemberJoined, &member_id, joining.reason);
    }

    fn update_member(&mut self, turn: &mut Turn<'_>, member_id: &str, joining: Joining) {
        let Some(mut member) = self.members.remove(member_id) else { return };
        self.count_protocols(&member, -1);
        member.protocols = joining.protocols;
        member.rebalance_timeout_ms = joining.rebalance_timeout_ms;
        member.session_timeout_ms = joining.session_timeout_ms;
        if let Some(earlier) = member.awaiting_join.replace(joining.to) {
            // The same member asked again, so it no longer listens there; no request is left hanging.
            turn.out.reply(earlier, refused(member_id, ErrorCode::RebalanceInProgress));
        }
        self.count_protocols(&member, 1);
        self.members.insert(member_id.to_owned(), member);
    }

    /// A new process with a known instance id: the old one is fenced, its place and assignment are taken over,
    /// and as long as nothing changes for the others there is no rebalance (KIP-345).
    fn replace_static_member(&mut self, turn: &mut Turn<'_>, joining: Joining, old_id: &str, new_id: String) {
        let (to, reason) = (joining.to, joining.reason.clone());
        let api_version = joining.client.api_version;
        let old_leader = self.leader.clone();
        self.take_over(turn, old_id, &new_id);
        self.update_member(turn, &new_id, joining);
        self.keep_session(turn, &new_id);
        let cause = RebalanceCause::StaticMemberReplaced;
        match self.phase {
            Phase::Stable if self.select_protocol() == self.protocol => {
                if let Some(member) = self.members.get_mut(&new_id) {
                    member.awaiting_join = None;
                }
                let durable = turn.durable;
                let assignments = durable.assignments(&self.id);
                let record = self.generation_record(turn, |member_id| {
                    // The record still has the old name.
                    let stored = if member_id == new_id { old_id } else { member_id };
                    assignments.get(stored).map(|&given| given.clone()).unwrap_or_default()
                });
                turn.out.records.push(record);
                let skips = api_version >= VERSION_WITH_SKIPPED_ASSIGNMENT;
                let leads = skips && self.is_leader(&new_id);
                let mut reply = self.joined(&new_id, leads);
                reply.skip_assignment = leads;
                if !skips {
                    // Told of the old leader, an old client does not take itself for it and assign.
                    reply.leader = old_leader.unwrap_or_default();
                }
                turn.out.reply(to, GroupReply::Join(reply));
            }
            Phase::Stable => self.rebalance_or_complete(turn, cause, &new_id, reason),
            // The leader may have been told of the old id already, so it could not assign to the new one.
            Phase::CompletingRebalance => self.prepare_rebalance(turn, cause, &new_id, reason),
            Phase::PreparingRebalance { .. } | Phase::Empty => self.complete_if_all_joined(turn),
        }
    }

    fn take_over(&mut self, turn: &mut Turn<'_>, old_id: &str, new_id: &str) {
        let was_leader = self.is_leader(old_id);
        let was_pending_sync = self.pending_sync.contains(old_id);
        let old = self.remove(old_id).expect("an instance is held by a member");
        let new = Member {
            id: new_id.to_owned(),
            age: Age::Known,
            awaiting_join: None,
            awaiting_sync: None,
            ..old.clone()
        };
        let joined = new.identity();
        self.insert(new);
        if was_leader {
            self.leader = Some(new_id.to_owned());
        }
        if was_pending_sync {
            self.pending_sync.insert(new_id.to_owned());
        }
        self.dismiss(turn, old, Departure::Fenced { by: new_id.to_owned() });
        turn.out.events.push(GroupEvent::MemberJoined { group_id: self.id.clone(), member: joined });
    }

    /// What a member is told when the join phase is over; the leader also gets the members to assign to.
    pub(super) fn joined(&self, member_id: &str, with_members: bool) -> JoinGroupResponse {
        let protocol = self.protocol.clone().unwrap_or_default();
        let members = if with_members {
            self.members.values().map(|member| member.for_leader(&protocol)).collect()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: Some(protocol),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member_id.to_owned(),
            members,
            ..Default::default()
        }
    }
}
