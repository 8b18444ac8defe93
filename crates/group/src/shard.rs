//! The coordinator of all groups of one partition of `__consumer_offsets`.
//!
//! What a crash must not lose is in [`Durable`], changed by `replay` alone; the rest (who waits, sessions, ids that
//! were given out) is in [`ClassicGroup`]s, changed by the calls themselves. A group without members and without
//! given ids is only on record. Groups of the consumer protocol are on record altogether.
//!
//! Never knows: which partition it is, how its records are stored, who sends its replies.

mod consumer_groups;
mod listing;
mod offsets;

use std::sync::Arc;

use tablog_record::{Now, SortedMap};
use tablog_wire::ErrorCode;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::leave_group_response::MemberResponse;
use tablog_wire::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, LeaveGroupRequest, LeaveGroupResponse,
    SyncGroupRequest,
};
use tablog_wire::records::GroupMetadataValue;

use crate::classic_group::{ClassicGroup, Joining, Turn, refused_join, refused_sync};
use crate::config::{GroupConfig, GroupSettings};
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::{ClientContext, Decision, GroupReply, ReplyTo};
use crate::durable::{Durable, ReplayError};
use crate::event::RebalanceCause;
use crate::limits;
use crate::member_id::MemberIds;
use crate::timers::{Timer, Timers};
use crate::topics::Topics;

/// Up to this version LeaveGroup is about one member.
const LEAVE_VERSION_MAX_OF_ONE: i16 = 2;

#[derive(Clone, Debug)]
pub struct Shard {
    config: GroupConfig,
    ids: MemberIds,
    timers: Timers,
    durable: Durable,
    live: SortedMap<String, ClassicGroup>,
    topics: Arc<Topics>,
    /// Of consumer groups that have settings of their own.
    settings: SortedMap<String, GroupSettings>,
    /// The version of the topics that each consumer group has taken notice of.
    noticed: SortedMap<String, i64>,
    /// When expired offsets are looked for next; `None` until the shard is loaded.
    expiry_due_ms: Option<u64>,
}

/// The partition of `__consumer_offsets` that a group belongs to: Java's `String.hashCode`, masked positive.
pub fn offsets_partition(group_id: &str, partition_count: i32) -> i32 {
    assert!(partition_count > 0, "__consumer_offsets has partitions");
    let hash =
        group_id.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & 0x7fff_ffff) % partition_count
}

impl Shard {
    /// The seed makes member ids: a seed used before would give out ids that were used before.
    pub fn new(config: GroupConfig, seed: u64) -> Shard {
        Shard {
            config,
            ids: MemberIds::new(seed),
            timers: Timers::default(),
            durable: Durable::default(),
            live: SortedMap::new(),
            topics: Arc::default(),
            settings: SortedMap::new(),
            noticed: SortedMap::new(),
            expiry_due_ms: None,
        }
    }

    /// Takes in one record of the partition, in the order of the log: all of them before [`Shard::loaded`], those
    /// of its own decisions afterwards.
    pub fn replay(&mut self, record: &CoordinatorRecord) -> Result<(), ReplayError> {
        self.durable.replay(record)
    }

    /// The cluster's topics as they are from now on.
    pub fn set_topics(&mut self, topics: Arc<Topics>) {
        self.topics = topics;
    }

    /// What was set for one group; `None` where nothing is any more.
    pub fn set_group_settings(&mut self, group_id: &str, settings: Option<GroupSettings>) {
        match settings {
            Some(settings) => drop(self.settings.insert(group_id.to_owned(), settings)),
            None => drop(self.settings.remove(group_id)),
        }
    }

    /// The log has been read: the members on record get a session in which to be heard from.
    pub fn loaded(&mut self, now: Now) {
        let Shard { durable, timers, live, .. } = self;
        for (id, stored) in &durable.groups {
            if stored.consumer.is_some() {
                continue;
            }
            let group = ClassicGroup::load(id, stored.metadata.as_ref());
            for member in group.members.values() {
                let deadline_ms = now.monotonic_ms + member.session_timeout_ms;
                timers.set(id, Timer::Session { member_id: member.id.clone() }, deadline_ms);
            }
            if !group.is_vacant() {
                live.insert(id.clone(), group);
            }
        }
        self.rebalance_what_is_too_large(now);
        self.consumer_groups_loaded(now);
        self.expiry_due_ms = Some(now.monotonic_ms + self.config.offsets_retention_check_interval_ms);
    }

    /// `group.max.size` was lowered: the last ones to join again will find no room.
    fn rebalance_what_is_too_large(&mut self, now: Now) {
        let size_max = self.config.group_max_size;
        let large = self.live.iter().filter(|(_, group)| group.members.len() > size_max);
        let large: Vec<String> = large.map(|(id, _)| id.clone()).collect();
        for group_id in large {
            let (decision, ()) = self.with_group(now, &group_id, |group, turn| {
                let first = group.members.keys().next().cloned().unwrap_or_default();
                group.prepare_rebalance(turn, RebalanceCause::GroupTooLarge, &first, None);
            });
            assert!(decision.records.is_empty() && decision.replies.is_empty(), "nobody waits yet");
        }
    }

    /// What is on record so far.
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    pub fn poll_timeout(&self) -> Option<u64> {
        [self.timers.next_deadline_ms(), self.expiry_due_ms].into_iter().flatten().min()
    }

    /// Does what is due. Where that needs records, some may be left for the next call: call until
    /// [`Shard::poll_timeout`] lies ahead.
    pub fn handle_timeout(&mut self, now: Now) -> Decision {
        let mut decision = Decision::default();
        while let Some((group_id, timer)) = self.timers.take_due(now.monotonic_ms) {
            let out = if self.durable.consumer(&group_id).is_some() {
                self.consumer_timed_out(now, &group_id, &timer)
            } else if self.live.contains_key(&group_id) {
                self.classic_timed_out(now, &group_id, &timer)
            } else {
                continue;
            };
            decision.replies.extend(out.replies);
            decision.events.extend(out.events);
            if !out.records.is_empty() {
                // They are not replayed yet, and what is due next may build on them.
                decision.records = out.records;
                return decision;
            }
        }
        if self.expiry_due_ms.is_some_and(|due_ms| due_ms <= now.monotonic_ms) {
            self.expiry_due_ms = Some(now.monotonic_ms + self.config.offsets_retention_check_interval_ms);
            self.expire_offsets(now, &mut decision);
        }
        decision
    }

    fn classic_timed_out(&mut self, now: Now, group_id: &str, timer: &Timer) -> Decision {
        let (out, ()) = self.with_group(now, group_id, |group, turn| match timer {
            Timer::Join => group.join_timed_out(turn),
            Timer::Sync => group.sync_timed_out(turn),
            Timer::Session { member_id } => group.session_timed_out(turn, member_id),
            // Of the consumer group that this one was.
            Timer::Revocation { .. }
            | Timer::ClassicJoin { .. }
            | Timer::ClassicSync { .. }
            | Timer::Regexes => {}
        });
        out
    }

    pub fn join(
        &mut self,
        now: Now,
        to: ReplyTo,
        client: ClientContext,
        request: JoinGroupRequest,
    ) -> Decision {
        let group_id = request.group_id.clone();
        let member_id = request.member_id.clone();
        let joining = match self.check_join(to, client, request) {
            Ok(joining) => joining,
            Err(code) => return answer(to, refused_join(&member_id, code)),
        };
        let mut emptied = Vec::new();
        if let Some(group) = self.durable.consumer(&group_id) {
            if !group.is_empty() {
                return self.join_consumer_group(now, &group_id, joining);
            }
            if !member_id.is_empty() {
                return answer(to, refused_join(&member_id, ErrorCode::UnknownMemberId));
            }
            // Nobody is left in it: it becomes a classic group.
            emptied = group.tombstones(&group_id);
        }
        let is_recorded = self.durable.metadata(&group_id).is_some();
        let (mut decision, ()) = self.with_group(now, &group_id, |group, turn| group.join(turn, joining));
        decision.records.splice(0..0, emptied);
        let has_generation = decision.records.iter().any(CoordinatorRecord::is_generation);
        if !is_recorded && !has_generation && self.live.contains_key(&group_id) {
            // So that the group is known after a crash, as those are who were told its members' ids.
            let value = GroupMetadataValue {
                protocol: None,
                leader: None,
                current_state_timestamp: now.wall.0,
                ..Default::default()
            };
            decision.records.push(CoordinatorRecord::group(&group_id, &value));
        }
        decision
    }

    fn check_join(
        &self,
        to: ReplyTo,
        client: ClientContext,
        request: JoinGroupRequest,
    ) -> Result<Joining, ErrorCode> {
        check_group_id(&request.group_id)?;
        let session_timeouts =
            self.config.group_min_session_timeout_ms..=self.config.group_max_session_timeout_ms;
        if !session_timeouts.contains(&request.session_timeout_ms) {
            return Err(ErrorCode::InvalidSessionTimeout);
        }
        if !self.exists(&request.group_id) {
            if !request.member_id.is_empty() {
                return Err(ErrorCode::UnknownMemberId);
            }
            if self.durable.groups.len().max(self.live.len()) >= limits::GROUPS_PER_SHARD_MAX {
                return Err(ErrorCode::PolicyViolation);
            }
        }
        Joining::parse(to, client, request)
    }

    pub fn sync(&mut self, now: Now, to: ReplyTo, request: SyncGroupRequest) -> Decision {
        if let Err(code) = check_group_id(&request.group_id) {
            return answer(to, refused_sync(code));
        }
        if self.durable.consumer(&request.group_id).is_some() {
            return self.sync_consumer_group(now, to, request);
        }
        if !self.live.contains_key(&request.group_id) {
            return answer(to, refused_sync(ErrorCode::UnknownMemberId));
        }
        let group_id = request.group_id.clone();
        self.with_group(now, &group_id, |group, turn| group.sync(turn, to, request)).0
    }

    pub fn heartbeat(&mut self, now: Now, to: ReplyTo, request: HeartbeatRequest) -> Decision {
        if self.durable.consumer(&request.group_id).is_some() {
            return self.heartbeat_consumer_group(now, to, &request);
        }
        let result = check_group_id(&request.group_id).and_then(|()| {
            if !self.live.contains_key(&request.group_id) {
                return Err(ErrorCode::UnknownMemberId);
            }
            let instance_id = request.group_instance_id.as_deref();
            let (_, result) = self.with_group(now, &request.group_id, |group, turn| {
                group.heartbeat(turn, &request.member_id, instance_id, request.generation_id)
            });
            result
        });
        let error_code = result.err().unwrap_or(ErrorCode::None).code();
        answer(to, GroupReply::Heartbeat(HeartbeatResponse { error_code, ..Default::default() }))
    }

    pub fn leave(
        &mut self,
        now: Now,
        to: ReplyTo,
        client: &ClientContext,
        request: LeaveGroupRequest,
    ) -> Decision {
        if let Err(code) = check_group_id(&request.group_id) {
            let reply = LeaveGroupResponse { error_code: code.code(), ..Default::default() };
            return answer(to, GroupReply::Leave(reply));
        }
        let of_one = client.api_version <= LEAVE_VERSION_MAX_OF_ONE;
        let leaving = if of_one {
            vec![MemberIdentity { member_id: request.member_id, ..Default::default() }]
        } else {
            request.members
        };
        let (mut decision, members) = if self.durable.consumer(&request.group_id).is_some() {
            self.leave_consumer_group(now, &request.group_id, leaving)
        } else if self.live.contains_key(&request.group_id) {
            self.with_group(now, &request.group_id, |group, turn| group.leave(turn, leaving))
        } else {
            let unknown = leaving.into_iter().map(|identity| MemberResponse {
                member_id: identity.member_id,
                group_instance_id: identity.group_instance_id,
                error_code: ErrorCode::UnknownMemberId.code(),
            });
            (Decision::default(), unknown.collect())
        };
        let reply = if of_one {
            let error_code = members.first().map_or(ErrorCode::None.code(), |member| member.error_code);
            LeaveGroupResponse { error_code, ..Default::default() }
        } else {
            LeaveGroupResponse { members, ..Default::default() }
        };
        decision.reply(to, GroupReply::Leave(reply));
        decision
    }

    /// How many members the groups have between them.
    pub fn member_count(&self) -> usize {
        let consumers = self.durable.groups.values().filter_map(|stored| stored.consumer.as_ref());
        let classic = self.live.values().map(|group| group.members.len());
        classic.chain(consumers.map(|group| group.member_count())).sum()
    }

    /// # Panics
    /// If what is held in memory contradicts itself or what is on record: a bug.
    pub fn check_consistency(&self) {
        for (group_id, group) in &self.live {
            assert_eq!(*group_id, group.id);
            assert!(self.durable.groups.contains_key(group_id), "{group_id} lives without being on record");
            assert!(self.durable.consumer(group_id).is_none(), "{group_id} is of both protocols");
            group.check_consistency(self.durable.metadata(group_id));
        }
        for (group_id, stored) in &self.durable.groups {
            if let Some(group) = &stored.consumer {
                group.check_consistency(group_id);
            }
        }
    }

    fn exists(&self, group_id: &str) -> bool {
        self.live.contains_key(group_id) || self.durable.groups.contains_key(group_id)
    }

    /// Lets a group act; it is made from what is on record where it was at rest, and dropped where it is again.
    fn with_group<R>(
        &mut self,
        now: Now,
        group_id: &str,
        act: impl FnOnce(&mut ClassicGroup, &mut Turn<'_>) -> R,
    ) -> (Decision, R) {
        let Shard { config, ids, timers, durable, live, .. } = self;
        let mut group =
            live.remove(group_id).unwrap_or_else(|| ClassicGroup::load(group_id, durable.metadata(group_id)));
        let mut turn = Turn { now, config, durable, timers, ids, out: Decision::default() };
        let result = act(&mut group, &mut turn);
        let decision = turn.out;
        if !group.is_vacant() {
            live.insert(group_id.to_owned(), group);
        }
        (decision, result)
    }
}

fn answer(to: ReplyTo, reply: GroupReply) -> Decision {
    let mut decision = Decision::default();
    decision.reply(to, reply);
    decision
}

/// JoinGroup, SyncGroup, Heartbeat and LeaveGroup want a name; offsets may be committed without one.
fn check_group_id(group_id: &str) -> Result<(), ErrorCode> {
    if group_id.is_empty() || group_id.len() > limits::GROUP_ID_BYTES_MAX {
        return Err(ErrorCode::InvalidGroupId);
    }
    Ok(())
}
