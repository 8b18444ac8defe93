//! SyncGroup: the leader brings the assignment, everybody takes theirs.

use bytes::Bytes;
use tablog_record::SortedMap;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{SyncGroupRequest, SyncGroupResponse};

use super::{ClassicGroup, Phase, Turn};
use crate::consumer_protocol::ConsumerAssignment;
use crate::decision::{GroupReply, ReplyTo};
use crate::event::{AssignedMember, Departure, GroupEvent, RebalanceCause};
use crate::limits;
use crate::timers::Timer;

pub(crate) fn refused(code: ErrorCode) -> GroupReply {
    GroupReply::Sync(SyncGroupResponse { error_code: code.code(), ..Default::default() })
}

impl ClassicGroup {
    pub fn sync(&mut self, turn: &mut Turn<'_>, to: ReplyTo, request: SyncGroupRequest) {
        if let Err(code) = self.check_sync(&request) {
            return turn.out.reply(to, refused(code));
        }
        match self.phase {
            Phase::Empty => turn.out.reply(to, refused(ErrorCode::UnknownMemberId)),
            Phase::PreparingRebalance { .. } => {
                turn.out.reply(to, refused(ErrorCode::RebalanceInProgress));
            }
            Phase::CompletingRebalance => {
                if let Some(member) = self.members.get_mut(&request.member_id)
                    && let Some(earlier) = member.awaiting_sync.replace(to)
                {
                    turn.out.reply(earlier, refused(ErrorCode::RebalanceInProgress));
                }
                self.has_synced(turn, &request.member_id);
                if self.is_leader(&request.member_id) {
                    self.assign(turn, request);
                }
            }
            Phase::Stable => {
                self.has_synced(turn, &request.member_id);
                let assignment = turn.durable.assignment(&self.id, &request.member_id);
                let reply = self.synced(assignment);
                turn.out.reply(to, reply);
            }
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        let differs = |theirs: &Option<String>, ours: &Option<String>| {
            theirs.is_some() && ours.is_some() && theirs != ours
        };
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn has_synced(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        self.pending_sync.remove(member_id);
        if self.pending_sync.is_empty() {
            turn.timers.cancel(&self.id, Timer::Sync);
        }
    }

    /// The leader's word makes the generation: it is written down, and given to all who wait for it. A member
    /// that the leader forgot gets nothing.
    fn assign(&mut self, turn: &mut Turn<'_>, request: SyncGroupRequest) {
        let leader = request.member_id;
        let assignments: SortedMap<String, Bytes> =
            request.assignments.into_iter().map(|given| (given.member_id, given.assignment)).collect();
        let given = |member_id: &str| assignments.get(member_id).cloned().unwrap_or_default();
        // Measured before it is built: the bytes are the client's.
        let protocol = self.protocol.clone().unwrap_or_default();
        let bytes: usize =
            self.members.values().map(|m| m.metadata(&protocol).len() + given(&m.id).len()).sum();
        let record = (bytes <= limits::GROUP_RECORD_BYTES_MAX).then(|| self.generation_record(turn, given));
        let Some(record) = record.filter(|record| record.bytes_len() <= limits::GROUP_RECORD_BYTES_MAX)
        else {
            self.answer_syncs(turn, ErrorCode::UnknownServerError);
            return self.prepare_rebalance(turn, RebalanceCause::AssignmentTooLarge, &leader, None);
        };
        turn.out.records.push(record);
        self.phase = Phase::Stable;
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            let reply = self.synced(given(member_id));
            if let Some(to) = self.members.get_mut(member_id).and_then(|member| member.awaiting_sync.take()) {
                turn.out.reply(to, reply);
                self.keep_session(turn, member_id);
            }
        }
        turn.out.events.push(self.completed(turn, leader, given));
    }

    fn completed(&self, turn: &Turn<'_>, leader: String, given: impl Fn(&str) -> Bytes) -> GroupEvent {
        let partitions = |member_id: &str| {
            let assignment = given(member_id);
            if !self.uses_consumer_protocol() {
                return None;
            }
            if assignment.is_empty() {
                return Some(Vec::new());
            }
            ConsumerAssignment::decode(assignment).ok().map(|assignment| assignment.partitions)
        };
        let members = self
            .members
            .values()
            .map(|member| AssignedMember { member: member.identity(), partitions: partitions(&member.id) });
        GroupEvent::GenerationCompleted {
            group_id: self.id.clone(),
            generation: self.generation,
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol: self.protocol.clone().unwrap_or_default(),
            leader,
            members: members.collect(),
            duration_ms: self.rebalance_duration_ms(turn),
        }
    }

    fn synced(&self, assignment: Bytes) -> GroupReply {
        GroupReply::Sync(SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment,
            ..Default::default()
        })
    }

    pub(super) fn answer_syncs(&mut self, turn: &mut Turn<'_>, code: ErrorCode) {
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in member_ids {
            if let Some(to) = self.members.get_mut(&member_id).and_then(|member| member.awaiting_sync.take())
            {
                turn.out.reply(to, refused(code));
                self.keep_session(turn, &member_id);
            }
        }
    }

    /// Members that joined this generation but never asked for their part of it are in the way.
    pub fn sync_timed_out(&mut self, turn: &mut Turn<'_>) {
        if !matches!(self.phase, Phase::CompletingRebalance | Phase::Stable) || self.pending_sync.is_empty() {
            return;
        }
        let pending: Vec<String> = self.pending_sync.iter().cloned().collect();
        for member_id in &pending {
            if let Some(member) = self.remove(member_id) {
                self.dismiss(turn, member, Departure::MissedSync);
            }
        }
        self.prepare_rebalance(turn, RebalanceCause::SyncExpired, &pending[0], None);
    }
}
