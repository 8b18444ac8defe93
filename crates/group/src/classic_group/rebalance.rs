//! From one generation to the next: who is waited for, how long, and what happens to those who do not come.

use bytes::Bytes;
use tablog_wire::ErrorCode;
use tablog_wire::messages::SyncGroupResponse;
use tablog_wire::records::GroupMetadataValue;

use super::join::refused;
use super::member::{Age, Member};
use super::{ClassicGroup, InitialDelay, MemberAdded, Phase, Turn};
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::GroupReply;
use crate::event::{Departure, GroupEvent, RebalanceCause};
use crate::timers::Timer;

impl ClassicGroup {
    pub(super) fn rebalance_or_complete(
        &mut self,
        turn: &mut Turn<'_>,
        cause: RebalanceCause,
        member_id: &str,
        reason: Option<String>,
    ) {
        match self.phase {
            Phase::PreparingRebalance { .. } => self.complete_if_all_joined(turn),
            _ => self.prepare_rebalance(turn, cause, member_id, reason),
        }
    }

    /// The first rebalance of a group waits out its delay even when everybody known is there.
    pub(super) fn complete_if_all_joined(&mut self, turn: &mut Turn<'_>) {
        if self.phase == (Phase::PreparingRebalance { initial: None }) && self.has_all_joined() {
            self.complete_join(turn);
        }
    }

    pub fn prepare_rebalance(
        &mut self,
        turn: &mut Turn<'_>,
        cause: RebalanceCause,
        member_id: &str,
        client_reason: Option<String>,
    ) {
        if self.phase == Phase::CompletingRebalance {
            self.answer_syncs(turn, ErrorCode::RebalanceInProgress);
        }
        self.pending_sync.clear();
        turn.timers.cancel(&self.id, Timer::Sync);
        self.rebalance_started_ms = turn.now.monotonic_ms;
        turn.out.events.push(GroupEvent::RebalanceStarted {
            group_id: self.id.clone(),
            generation: self.generation,
            cause,
            member_id: member_id.to_owned(),
            client_reason,
        });
        if self.phase == Phase::Empty {
            let delay_ms = turn.config.group_initial_rebalance_delay_ms;
            let remaining_ms = self.rebalance_timeout_ms().saturating_sub(delay_ms);
            let initial = InitialDelay { delay_ms, remaining_ms, member_added: MemberAdded::No };
            self.phase = Phase::PreparingRebalance { initial: Some(initial) };
            turn.timers.set(&self.id, Timer::Join, turn.now.monotonic_ms + delay_ms);
            return;
        }
        self.phase = Phase::PreparingRebalance { initial: None };
        if self.has_all_joined() {
            self.complete_join(turn);
        } else {
            self.wait_for_joins(turn);
        }
    }

    fn wait_for_joins(&self, turn: &mut Turn<'_>) {
        turn.timers.set(&self.id, Timer::Join, turn.now.monotonic_ms + self.rebalance_timeout_ms());
    }

    /// The join timer ran out. As long as members keep coming to a new group it gets more time, up to the
    /// rebalance timeout.
    pub fn join_timed_out(&mut self, turn: &mut Turn<'_>) {
        let Phase::PreparingRebalance { initial } = self.phase else { return };
        match initial {
            Some(InitialDelay { delay_ms, remaining_ms, member_added: MemberAdded::SinceLastDelay })
                if remaining_ms > 0 =>
            {
                let next = InitialDelay {
                    delay_ms: turn.config.group_initial_rebalance_delay_ms.min(remaining_ms),
                    remaining_ms: remaining_ms.saturating_sub(delay_ms),
                    member_added: MemberAdded::No,
                };
                self.phase = Phase::PreparingRebalance { initial: Some(next) };
                turn.timers.set(&self.id, Timer::Join, turn.now.monotonic_ms + next.delay_ms);
            }
            _ => self.complete_join(turn),
        }
    }

    /// The join phase is over: dynamic members that did not come are out, static ones keep their place until
    /// their session ends, and the others start the next generation.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) {
        turn.timers.cancel(&self.id, Timer::Join);
        let missing = self.members.values().filter(|m| m.awaiting_join.is_none() && m.instance_id.is_none());
        let missing: Vec<String> = missing.map(|member| member.id.clone()).collect();
        for member_id in missing {
            if let Some(member) = self.remove(&member_id) {
                self.dismiss(turn, member, Departure::MissedRebalance);
            }
        }
        if !self.members.is_empty() && !self.elect_joined_leader() {
            // Only static members are left and none has come: wait for one to, or for their sessions to end.
            self.phase = Phase::PreparingRebalance { initial: None };
            return self.wait_for_joins(turn);
        }
        // A generation is never negative: that would read as a commit by nobody.
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        self.pending_sync.clear();
        if self.members.is_empty() { self.become_empty(turn) } else { self.start_sync(turn) }
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.phase = Phase::Empty;
        self.protocol = None;
        self.leader = None;
        self.subscribed_topics = self.compute_subscribed_topics();
        turn.out.records.push(self.generation_record(turn, |_| Bytes::new()));
        let event = GroupEvent::GroupEmptied { group_id: self.id.clone(), generation: self.generation };
        turn.out.events.push(event);
    }

    fn start_sync(&mut self, turn: &mut Turn<'_>) {
        self.phase = Phase::CompletingRebalance;
        self.protocol = self.select_protocol();
        assert!(self.protocol.is_some(), "members are let in only with a protocol that all support");
        self.subscribed_topics = self.compute_subscribed_topics();
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in member_ids {
            let reply = self.joined(&member_id, self.is_leader(&member_id));
            if let Some(member) = self.members.get_mut(&member_id) {
                member.age = Age::Known;
                if let Some(to) = member.awaiting_join.take() {
                    turn.out.reply(to, GroupReply::Join(reply));
                }
            }
            self.keep_session(turn, &member_id);
            self.pending_sync.insert(member_id);
        }
        let deadline_ms = turn.now.monotonic_ms + self.rebalance_timeout_ms();
        turn.timers.set(&self.id, Timer::Sync, deadline_ms);
    }

    /// Keeps the leader if it has joined, takes the first member that has otherwise.
    fn elect_joined_leader(&mut self) -> bool {
        let has_joined = |member: &Member| member.awaiting_join.is_some();
        let leader = self.leader.as_ref().and_then(|leader| self.members.get(leader));
        if leader.is_some_and(has_joined) {
            return true;
        }
        let Some(next) = self.members.values().find(|member| has_joined(member)) else { return false };
        self.leader = Some(next.id.clone());
        true
    }

    /// A member's session, or a pending member's time to join, has run out.
    pub fn session_timed_out(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        if self.pending_join.remove(member_id) {
            return self.complete_if_all_joined_after_loss(turn);
        }
        if self.members.get(member_id).is_none_or(Member::is_heard) {
            return;
        }
        if let Some(member) = self.remove(member_id) {
            self.dismiss(turn, member, Departure::SessionExpired);
            self.after_loss(turn, RebalanceCause::SessionExpired, member_id, None);
        }
    }

    /// The others go on without members that are gone.
    pub(super) fn after_loss(
        &mut self,
        turn: &mut Turn<'_>,
        cause: RebalanceCause,
        member_id: &str,
        reason: Option<String>,
    ) {
        match self.phase {
            Phase::Stable | Phase::CompletingRebalance => {
                self.prepare_rebalance(turn, cause, member_id, reason);
            }
            Phase::PreparingRebalance { .. } => self.complete_if_all_joined_after_loss(turn),
            Phase::Empty => {}
        }
    }

    /// A group that has just lost somebody does not wait out its initial delay.
    fn complete_if_all_joined_after_loss(&mut self, turn: &mut Turn<'_>) {
        if matches!(self.phase, Phase::PreparingRebalance { .. }) && self.has_all_joined() {
            self.complete_join(turn);
        }
    }

    /// Answers whatever a removed member waits for, ends its session and says that it is gone.
    pub(super) fn dismiss(&mut self, turn: &mut Turn<'_>, member: Member, why: Departure) {
        self.end_session(turn, &member.id);
        let (join_code, told_id) = match why {
            Departure::Fenced { .. } => (ErrorCode::FencedInstanceId, member.id.as_str()),
            _ => (ErrorCode::UnknownMemberId, ""),
        };
        if let Some(to) = member.awaiting_join {
            turn.out.reply(to, refused(told_id, join_code));
        }
        if let Some(to) = member.awaiting_sync {
            let reply = SyncGroupResponse { error_code: join_code.code(), ..Default::default() };
            turn.out.reply(to, GroupReply::Sync(reply));
        }
        let member = member.identity();
        turn.out.events.push(GroupEvent::MemberLeft { group_id: self.id.clone(), member, why });
    }

    /// This generation as a record.
    pub(super) fn generation_record(
        &self,
        turn: &Turn<'_>,
        assignment: impl Fn(&str) -> Bytes,
    ) -> CoordinatorRecord {
        self.record_at(turn.now.wall.0, assignment)
    }

    pub fn record_at(&self, wall_ms: i64, assignment: impl Fn(&str) -> Bytes) -> CoordinatorRecord {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values().map(|member| member.store(protocol, assignment(&member.id)));
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: wall_ms,
            members: members.collect(),
        };
        CoordinatorRecord::group(&self.id, &value)
    }

    pub(super) fn rebalance_duration_ms(&self, turn: &Turn<'_>) -> u64 {
        turn.now.monotonic_ms.saturating_sub(self.rebalance_started_ms)
    }
}
