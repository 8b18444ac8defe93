//! One group of the classic protocol while it lives: who is in it, who waits, which phase it is in.
//!
//! ```text
//!            join                 all joined, or time is up            leader's assignment
//!  Empty ───────────► Preparing ───────────────────────► Completing ───────────────────► Stable
//!    ▲                  ▲   │                                │                              │
//!    └── nobody is left ────┘ ◄─────── join, leave, expiry ──┴──────────────────────────────┘
//! ```
//!
//! All of this is soft: after a crash it is built anew from the last generation on record. What has to survive is
//! written as records; nothing here is read back from them but at loading and for assignments.
//!
//! Never knows: offsets, other groups, the bytes of records.

mod join;
mod leave;
mod member;
mod rebalance;
mod sync;

use bytes::Bytes;
use tablog_record::{Now, SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::records::GroupMetadataValue;

pub(crate) use self::join::{Joining, refused as refused_join};
pub(crate) use self::member::Member;
pub(crate) use self::sync::refused as refused_sync;
use crate::config::GroupConfig;
use crate::consumer_protocol::{self, ConsumerSubscription};
use crate::decision::{Decision, ReplyTo};
use crate::durable::Durable;
use crate::member_id::MemberIds;
use crate::timers::{Timer, Timers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Empty,
    /// `initial` where the group was empty before: it waits a while for more members to come.
    PreparingRebalance {
        initial: Option<InitialDelay>,
    },
    CompletingRebalance,
    Stable,
}

/// How the first rebalance of an empty group is drawn out while members keep coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InitialDelay {
    pub delay_ms: u64,
    pub remaining_ms: u64,
    pub member_added: MemberAdded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberAdded {
    SinceLastDelay,
    No,
}

/// What a call on a group may use besides the group itself.
pub(crate) struct Turn<'a> {
    pub now: Now,
    pub config: &'a GroupConfig,
    pub durable: &'a Durable,
    pub timers: &'a mut Timers,
    pub ids: &'a mut MemberIds,
    pub out: Decision,
}

#[derive(Clone, Debug)]
pub(crate) struct ClassicGroup {
    pub id: String,
    pub phase: Phase,
    pub generation: i32,
    pub protocol_type: Option<String>,
    /// The protocol that the members of this generation agreed on.
    pub protocol: Option<String>,
    pub leader: Option<String>,
    pub members: SortedMap<String, Member>,
    /// Member ids by instance id.
    pub static_members: SortedMap<String, String>,
    /// Ids that were given out with MEMBER_ID_REQUIRED and have not come back.
    pub pending_join: SortedSet<String>,
    pub pending_sync: SortedSet<String>,
    /// How many members offer a protocol.
    supported: SortedMap<String, usize>,
    /// `None` where the members' metadata do not say.
    pub subscribed_topics: Option<SortedSet<String>>,
    rebalance_started_ms: u64,
}

impl Phase {
    /// Kafka's name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Empty => "Empty",
            Phase::PreparingRebalance { .. } => "PreparingRebalance",
            Phase::CompletingRebalance => "CompletingRebalance",
            Phase::Stable => "Stable",
        }
    }
}

impl ClassicGroup {
    /// The group as its last generation on record left it; with members, it is stable.
    pub fn load(id: &str, stored: Option<&GroupMetadataValue>) -> ClassicGroup {
        let mut group = ClassicGroup {
            id: id.to_owned(),
            phase: Phase::Empty,
            generation: stored.map_or(0, |stored| stored.generation),
            protocol_type: stored.map(|s| s.protocol_type.clone()).filter(|name| !name.is_empty()),
            protocol: stored.and_then(|stored| stored.protocol.clone()),
            leader: stored.and_then(|stored| stored.leader.clone()),
            members: SortedMap::new(),
            static_members: SortedMap::new(),
            pending_join: SortedSet::new(),
            pending_sync: SortedSet::new(),
            supported: SortedMap::new(),
            subscribed_topics: None,
            rebalance_started_ms: 0,
        };
        let protocol = group.protocol.clone().unwrap_or_default();
        for stored in stored.map_or(&[][..], |stored| &stored.members) {
            // A record that names a member twice is not ours; the first one counts.
            if !group.members.contains_key(&stored.member_id) {
                group.insert(Member::load(stored, &protocol));
            }
        }
        if group.members.is_empty() {
            group.leader = None;
        } else {
            group.phase = Phase::Stable;
            let leader_is_member = group.leader.as_ref().is_some_and(|id| group.members.contains_key(id));
            if !leader_is_member {
                group.leader = group.members.keys().next().cloned();
            }
        }
        group.subscribed_topics = group.compute_subscribed_topics();
        group
    }

    /// A stable group of members that are known from elsewhere; the first of them leads.
    pub fn from_members(id: &str, generation: i32, members: Vec<Member>) -> ClassicGroup {
        let mut group = ClassicGroup::load(id, None);
        group.phase = Phase::Stable;
        group.generation = generation;
        group.protocol_type = Some(consumer_protocol::PROTOCOL_TYPE.to_owned());
        for member in members {
            group.insert(member);
        }
        group.protocol = group.select_protocol();
        group.subscribed_topics = group.compute_subscribed_topics();
        group
    }

    /// Whoever waits is sent back, and nothing is timed any more: the group is one of the other protocol now.
    pub fn give_up(mut self, turn: &mut Turn<'_>) {
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            let member = self.members.get_mut(member_id);
            if let Some(to) = member.and_then(|member| member.awaiting_join.take()) {
                turn.out.reply(to, refused_join(member_id, ErrorCode::RebalanceInProgress));
            }
        }
        self.answer_syncs(turn, ErrorCode::RebalanceInProgress);
        for member_id in self.pending_join.iter().chain(&member_ids) {
            self.end_session(turn, member_id);
        }
        turn.timers.cancel(&self.id, Timer::Join);
        turn.timers.cancel(&self.id, Timer::Sync);
    }

    /// Nothing here that a record does not say.
    pub fn is_vacant(&self) -> bool {
        self.phase == Phase::Empty && self.members.is_empty() && self.pending_join.is_empty()
    }

    pub fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(consumer_protocol::PROTOCOL_TYPE)
    }

    pub fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// A member must be known, and one that names its instance must be the one that holds it.
    pub fn check_member(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(holder) if holder != member_id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// Whether a heartbeat is good news, bad news or too late.
    pub fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(), ErrorCode> {
        self.check_member(member_id, instance_id)?;
        #[cfg(feature = "known-bugs")]
        let generation = tablog_record::known_bugs::heartbeat_generation(generation, self.generation);
        if generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        self.keep_session(turn, member_id);
        match self.phase {
            Phase::Empty => Err(ErrorCode::UnknownMemberId),
            Phase::PreparingRebalance { .. } => Err(ErrorCode::RebalanceInProgress),
            Phase::CompletingRebalance | Phase::Stable => Ok(()),
        }
    }

    /// Whether offsets may be committed by this member in this generation; a commit keeps its session.
    pub fn check_offset_commit(
        &mut self,
        turn: &mut Turn<'_>,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(), ErrorCode> {
        if generation < 0 && self.phase == Phase::Empty {
            return Ok(());
        }
        if generation < 0 && member_id.is_empty() && instance_id.is_none() {
            return Err(ErrorCode::UnknownMemberId);
        }
        self.check_member(member_id, instance_id)?;
        if generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        match self.phase {
            // The member knows of the generation, but nobody has got partitions in it.
            Phase::CompletingRebalance => return Err(ErrorCode::RebalanceInProgress),
            Phase::Stable | Phase::PreparingRebalance { .. } => self.keep_session(turn, member_id),
            Phase::Empty => {}
        }
        Ok(())
    }

    pub fn keep_session(&self, turn: &mut Turn<'_>, member_id: &str) {
        if let Some(member) = self.members.get(member_id) {
            let deadline_ms = turn.now.monotonic_ms + member.session_timeout_ms;
            turn.timers.set(&self.id, Timer::Session { member_id: member_id.to_owned() }, deadline_ms);
        }
    }

    fn end_session(&self, turn: &mut Turn<'_>, member_id: &str) {
        turn.timers.cancel(&self.id, Timer::Session { member_id: member_id.to_owned() });
    }

    /// # Panics
    /// If the group contradicts itself or its last generation on record.
    pub fn check_consistency(&self, stored: Option<&GroupMetadataValue>) {
        let id = &self.id;
        assert!(!self.is_vacant(), "{id} is vacant and should be dropped");
        for (instance_id, member_id) in &self.static_members {
            assert_eq!(self.members[member_id].instance_id.as_ref(), Some(instance_id), "{id}");
        }
        let statics = self.members.values().filter(|member| member.instance_id.is_some()).count();
        assert_eq!(statics, self.static_members.len(), "{id}");
        assert_eq!(self.leader.is_some(), !self.members.is_empty(), "{id} has a leader where it has members");
        assert!(self.leader.as_ref().is_none_or(|leader| self.members.contains_key(leader)), "{id}");
        assert!(self.pending_sync.iter().all(|member| self.members.contains_key(member)), "{id}");
        let waits = |phase: Phase| match phase {
            Phase::Empty | Phase::Stable => (0, 0),
            Phase::PreparingRebalance { .. } => (usize::MAX, 0),
            Phase::CompletingRebalance => (0, usize::MAX),
        };
        let (joins_max, syncs_max) = waits(self.phase);
        assert!(self.members.values().filter(|m| m.awaiting_join.is_some()).count() <= joins_max, "{id}");
        assert!(self.members.values().filter(|m| m.awaiting_sync.is_some()).count() <= syncs_max, "{id}");
        match self.phase {
            Phase::Empty => assert!(self.members.is_empty(), "{id}"),
            Phase::Stable => {
                let stored = stored.expect("a stable group is on record");
                assert_eq!((stored.generation, &stored.protocol), (self.generation, &self.protocol), "{id}");
                assert!(self.members.len() <= stored.members.len(), "{id}");
            }
            _ => {}
        }
    }

    fn has_all_joined(&self) -> bool {
        self.pending_join.is_empty() && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    fn rebalance_timeout_ms(&self) -> u64 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0)
    }

    fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    fn insert(&mut self, member: Member) {
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.id.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        self.pending_join.remove(&member.id);
        self.count_protocols(&member, 1);
        let replaced = self.members.insert(member.id.clone(), member);
        assert!(replaced.is_none(), "a member joins once");
    }

    /// Takes a member or a pending id out; the next in order inherits the leadership.
    fn remove(&mut self, member_id: &str) -> Option<Member> {
        self.pending_join.remove(member_id);
        self.pending_sync.remove(member_id);
        let member = self.members.remove(member_id)?;
        self.count_protocols(&member, -1);
        if let Some(instance_id) = &member.instance_id {
            self.static_members.remove(instance_id);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    fn count_protocols(&mut self, member: &Member, by: isize) {
        for (name, _) in &member.protocols {
            let count = self.supported.entry(name.clone()).or_default();
            *count = count.checked_add_signed(by).expect("a protocol is given up once by each who offers it");
            if *count == 0 {
                self.supported.remove(name);
            }
        }
    }

    fn supports(&self, protocol_type: &str, protocols: &[(String, Bytes)]) -> bool {
        if self.members.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let by_all = |name: &String| self.supported.get(name) == Some(&self.members.len());
        self.protocol_type.as_deref() == Some(protocol_type) && protocols.iter().any(|(name, _)| by_all(name))
    }

    /// Each member votes for the first of its protocols that all support; ties go by name.
    fn select_protocol(&self) -> Option<String> {
        let mut votes: SortedMap<&String, usize> = SortedMap::new();
        for member in self.members.values() {
            let mut offered = member.protocols.iter().map(|(name, _)| name);
            if let Some(vote) = offered.find(|name| self.supported.get(*name) == Some(&self.members.len())) {
                *votes.entry(vote).or_default() += 1;
            }
        }
        let most = votes.values().copied().max()?;
        votes.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name.clone())
    }

    fn compute_subscribed_topics(&self) -> Option<SortedSet<String>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(SortedSet::new());
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = SortedSet::new();
        for member in self.members.values() {
            topics.extend(ConsumerSubscription::decode_topics(member.metadata(protocol)).ok()?);
        }
        Some(topics)
    }
}

/// A request that waits for its answer.
pub(crate) type Waiting = ReplyTo;
