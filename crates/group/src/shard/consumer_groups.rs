//! Groups of the consumer protocol: which group a request meets, and what becomes of what it drafts.

use tablog_record::Now;
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_describe_response::DescribedGroup;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::leave_group_response::MemberResponse;
use tablog_wire::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, HeartbeatRequest, HeartbeatResponse,
    SyncGroupRequest,
};

use super::{Shard, answer};
use crate::classic_group::{ClassicGroup, Joining, Phase, Turn, refused_join, refused_sync};
use crate::consumer_group::{
    Call, ConsumerGroup, Deadline, Draft, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, MemberState, Refusal,
    check_heartbeat, refused_heartbeat,
};
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::{ClientContext, Decision, GroupReply, ReplyTo};
use crate::event::Departure;
use crate::limits;
use crate::timers::Timer;

/// Which group a ConsumerGroupHeartbeat that may make one is about.
enum Entry {
    Consumer,
    /// None yet, or one that has nobody in it.
    Vacant,
    /// A group of the classic protocol, with members.
    Classic,
}

impl Shard {
    pub fn consumer_group_heartbeat(
        &mut self,
        now: Now,
        to: ReplyTo,
        client: &ClientContext,
        request: ConsumerGroupHeartbeatRequest,
    ) -> Decision {
        let checked = check_heartbeat(&self.config, client.api_version, &request);
        let beaten = checked.and_then(|()| self.consumer_heartbeat(now, client, request));
        match beaten {
            Ok((mut decision, response)) => {
                decision.reply(to, GroupReply::ConsumerHeartbeat(response));
                decision
            }
            Err(refusal) => answer(to, refused_heartbeat(refusal)),
        }
    }

    fn consumer_heartbeat(
        &mut self,
        now: Now,
        client: &ClientContext,
        request: ConsumerGroupHeartbeatRequest,
    ) -> Result<(Decision, ConsumerGroupHeartbeatResponse), Refusal> {
        let group_id = request.group_id.clone();
        let new_id = self.ids.draw_uuid();
        if [LEAVE_EPOCH, LEAVE_STATIC_EPOCH].contains(&request.member_epoch) {
            return self.with_consumer(now, &group_id, |group, call| group.leave(call, request));
        }
        match self.entry(&group_id, request.member_epoch)? {
            Entry::Consumer => self
                .with_consumer(now, &group_id, |group, call| group.heartbeat(call, client, request, new_id)),
            Entry::Vacant => {
                let tombstone =
                    self.durable.groups.get(&group_id).map(|_| CoordinatorRecord::group_tombstone(&group_id));
                let mut call = self.call(now, &group_id);
                call.draft.records.extend(tombstone);
                let group = ConsumerGroup::default();
                let response = group.heartbeat(&mut call, client, request, new_id)?;
                let draft = call.draft;
                let mut decision = self.dismiss_classic(now, &group_id);
                self.carry_out(now, &group_id, draft, &mut decision);
                Ok((decision, response))
            }
            Entry::Classic => {
                let live = self.live.get(&group_id).ok_or_else(|| not_found(&group_id))?;
                let mut call = self.call(now, &group_id);
                let group = ConsumerGroup::upgrade(&mut call, live, &self.durable.assignments(&group_id))?;
                let response = group.heartbeat(&mut call, client, request, new_id)?;
                let draft = call.draft;
                let mut decision = self.dismiss_classic(now, &group_id);
                self.carry_out(now, &group_id, draft, &mut decision);
                Ok((decision, response))
            }
        }
    }

    fn entry(&self, group_id: &str, member_epoch: i32) -> Result<Entry, Refusal> {
        if self.durable.consumer(group_id).is_some() {
            return Ok(Entry::Consumer);
        }
        if member_epoch != 0 {
            return Err(not_found(group_id));
        }
        if self.live.get(group_id).is_some_and(|group| group.phase != Phase::Empty) {
            return Ok(Entry::Classic);
        }
        let count = self.durable.groups.len().max(self.live.len());
        if !self.exists(group_id) && count >= limits::GROUPS_PER_SHARD_MAX {
            return Err(Refusal::new(ErrorCode::PolicyViolation, "There are too many groups."));
        }
        Ok(Entry::Vacant)
    }

    /// Of one request those groups that belong to this shard.
    pub fn describe_consumer_groups(&self, to: ReplyTo, group_ids: &[String]) -> Decision {
        let described = group_ids.iter().map(|group_id| self.describe_consumer_group(group_id)).collect();
        answer(to, GroupReply::ConsumerDescribe(described))
    }

    fn describe_consumer_group(&self, group_id: &str) -> DescribedGroup {
        let default = self.config.consumer_default_assignor();
        match self.durable.consumer(group_id) {
            Some(group) => group.describe(group_id, default, &self.topics),
            None => {
                let why = if self.exists(group_id) { "is not a consumer group" } else { "not found" };
                DescribedGroup {
                    group_id: group_id.to_owned(),
                    error_code: ErrorCode::GroupIdNotFound.code(),
                    error_message: Some(format!("Group {group_id} {why}.")),
                    ..Default::default()
                }
            }
        }
    }

    pub(super) fn join_consumer_group(&mut self, now: Now, group_id: &str, joining: Joining) -> Decision {
        let (to, member_id) = (joining.to, joining.member_id.clone());
        let new_id = self.ids.draw_uuid();
        let joined =
            self.with_consumer(now, group_id, |group, call| group.classic_join(call, joining, new_id));
        match joined {
            Ok((mut decision, response)) => {
                decision.reply(to, GroupReply::Join(response));
                decision
            }
            Err(refusal) => answer(to, refused_join(&member_id, refusal.code)),
        }
    }

    pub(super) fn sync_consumer_group(
        &mut self,
        now: Now,
        to: ReplyTo,
        request: SyncGroupRequest,
    ) -> Decision {
        let group_id = request.group_id.clone();
        match self.with_consumer(now, &group_id, |group, call| group.classic_sync(call, request)) {
            Ok((mut decision, response)) => {
                decision.reply(to, GroupReply::Sync(response));
                decision
            }
            Err(refusal) => answer(to, refused_sync(refusal.code)),
        }
    }

    pub(super) fn heartbeat_consumer_group(
        &mut self,
        now: Now,
        to: ReplyTo,
        request: &HeartbeatRequest,
    ) -> Decision {
        let beaten =
            self.with_consumer(now, &request.group_id, |group, call| group.classic_heartbeat(call, request));
        let (mut decision, code) = match beaten {
            Ok(beaten) => beaten,
            Err(refusal) => (Decision::default(), refusal.code),
        };
        let response = HeartbeatResponse { error_code: code.code(), ..Default::default() };
        decision.reply(to, GroupReply::Heartbeat(response));
        decision
    }

    pub(super) fn leave_consumer_group(
        &mut self,
        now: Now,
        group_id: &str,
        leaving: Vec<MemberIdentity>,
    ) -> (Decision, Vec<MemberResponse>) {
        let left = self.with_consumer(now, group_id, |group, call| Ok(group.classic_leave(call, leaving)));
        left.unwrap_or_default()
    }

    pub(super) fn consumer_timed_out(&mut self, now: Now, group_id: &str, timer: &Timer) -> Decision {
        let done = self.with_consumer(now, group_id, |group, call| {
            let (member_id, why) = match timer {
                Timer::Regexes => {
                    group.refresh_regexes(call);
                    return Ok(());
                }
                Timer::Session { member_id } => (member_id, Departure::SessionExpired),
                Timer::Revocation { member_id } => (member_id, Departure::MissedRevocation),
                Timer::ClassicJoin { member_id } => (member_id, Departure::MissedRebalance),
                Timer::ClassicSync { member_id } => (member_id, Departure::MissedSync),
                // Of the classic group that this one was.
                Timer::Join | Timer::Sync => return Ok(()),
            };
            let Some(member) = group.member(member_id) else { return Ok(()) };
            let still_revokes = member.current.state == MemberState::UnrevokedPartitions;
            if why != Departure::MissedRevocation || still_revokes {
                group.fence(call, &[member.id], &why);
            }
            Ok(())
        });
        done.map(|(decision, ())| decision).unwrap_or_default()
    }

    /// Members on record get a session to be heard from, and those that revoke all the time they have for it.
    pub(super) fn consumer_groups_loaded(&mut self, now: Now) {
        for (group_id, stored) in &self.durable.groups {
            let Some(group) = &stored.consumer else { continue };
            let settings = self.settings.get(group_id).copied().unwrap_or(self.config.consumer);
            for member in group.member_ids().filter_map(|id| group.member(id)) {
                let session = Timer::Session { member_id: member.id.clone() };
                self.timers.set(group_id, session, now.monotonic_ms + settings.session_timeout_ms);
                if member.current.state == MemberState::UnrevokedPartitions && !member.has_left() {
                    let deadline_ms = now.monotonic_ms + member.rebalance_timeout_ms();
                    self.timers.set(group_id, Timer::Revocation { member_id: member.id }, deadline_ms);
                }
            }
        }
    }

    /// Lets a group that is on record act; what a refused act drafted is thrown away.
    fn with_consumer<R>(
        &mut self,
        now: Now,
        group_id: &str,
        act: impl FnOnce(&ConsumerGroup, &mut Call<'_>) -> Result<R, Refusal>,
    ) -> Result<(Decision, R), Refusal> {
        let group = self.durable.consumer(group_id).ok_or_else(|| not_found(group_id))?;
        let mut call = self.call(now, group_id);
        let result = act(group, &mut call)?;
        let draft = call.draft;
        let mut decision = Decision::default();
        self.carry_out(now, group_id, draft, &mut decision);
        Ok((decision, result))
    }

    fn call<'a>(&'a self, now: Now, group_id: &'a str) -> Call<'a> {
        Call {
            now,
            group_id,
            config: &self.config,
            settings: self.settings.get(group_id).copied().unwrap_or(self.config.consumer),
            topics: &self.topics,
            noticed_version: self.noticed.get(group_id).copied(),
            draft: Draft::default(),
        }
    }

    fn carry_out(&mut self, now: Now, group_id: &str, draft: Draft, decision: &mut Decision) {
        decision.records.extend(draft.records);
        decision.events.extend(draft.events);
        for (timer, deadline) in draft.timers {
            match deadline {
                Deadline::At(at_ms) => self.timers.set(group_id, timer, at_ms),
                Deadline::AtLatest(_) if self.timers.is_set(group_id, &timer) => {}
                Deadline::AtLatest(at_ms) => self.timers.set(group_id, timer, at_ms),
                Deadline::None => self.timers.cancel(group_id, timer),
            }
        }
        if draft.has_noticed_topics {
            self.noticed.insert(group_id.to_owned(), self.topics.version);
        }
        let Some(downgraded) = draft.downgraded else { return };
        self.noticed.remove(group_id);
        self.live.insert(group_id.to_owned(), downgraded.group);
        let (out, ()) = self.with_group(now, group_id, |group, turn| {
            for member_id in group.members.keys() {
                group.keep_session(turn, member_id);
            }
            if let Some((cause, member_id)) = &downgraded.rebalance {
                group.prepare_rebalance(turn, *cause, member_id, None);
            }
        });
        decision.records.extend(out.records);
        decision.replies.extend(out.replies);
        decision.events.extend(out.events);
    }

    /// What lives of a classic group ends, since it is one of the consumer protocol from now on.
    fn dismiss_classic(&mut self, now: Now, group_id: &str) -> Decision {
        let Some(group) = self.live.remove(group_id) else { return Decision::default() };
        let Shard { config, ids, timers, durable, .. } = self;
        let mut turn = Turn { now, config, durable, timers, ids, out: Decision::default() };
        ClassicGroup::give_up(group, &mut turn);
        turn.out
    }
}

fn not_found(group_id: &str) -> Refusal {
    Refusal::new(
        ErrorCode::GroupIdNotFound,
        format!("Group {group_id} is not a consumer group, or not there."),
    )
}
