//! A history played by real members: what is asked for, what is told of it, and the figures. One [`Act`] is one step in
//! one way; its times are milliseconds since a little before the step.
//!
//! Never knows: who plays, how any of it is drawn.

use super::history::History;
use crate::model::packing::{packed_enum, packed_struct};
use crate::model::snapshot::TopicPartition;

/// All of what a run's topics and groups are called begins with it.
pub const NAME_PREFIX: &str = "lab-run-";
/// An act begins this long before its step.
pub const LEAD_MS: i64 = 100;
/// In all ways the same, so that they compare: how soon a member hears of what it did not ask for, and how soon one that
/// says nothing is taken for dead.
pub const HEARTBEAT_INTERVAL_MS: u64 = 300;
pub const SESSION_TIMEOUT_MS: u64 = 2_000;
/// Members and partitions that one tab plays.
pub const RUN_MEMBERS_MAX: usize = 24;
pub const RUN_PARTITIONS_MAX: i32 = 48;
pub const RUN_STEPS_MAX: usize = 12;

#[derive(Clone, Debug, PartialEq)]
pub struct RunOrder {
    pub history: History,
    pub ways: Vec<Way>,
}

/// What a group goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub protocol: Protocol,
    pub assignor: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Classic: everybody gives everything up before the group is assigned anew.
    Eager,
    /// Classic: what stays is kept; what moves takes a second round.
    Cooperative,
    /// KIP-848: the broker assigns, member by member.
    Consumer,
}

impl Protocol {
    pub const ALL: [Protocol; 3] = [Protocol::Eager, Protocol::Cooperative, Protocol::Consumer];

    pub fn name(self) -> &'static str {
        match self {
            Protocol::Eager => "eager",
            Protocol::Cooperative => "cooperative",
            Protocol::Consumer => "KIP-848",
        }
    }

    /// The first one is what a run takes unless it is told otherwise.
    pub fn assignors(self) -> &'static [&'static str] {
        match self {
            Protocol::Eager => &["range", "roundrobin", "sticky"],
            Protocol::Cooperative => &["cooperative-sticky"],
            Protocol::Consumer => &["uniform", "range"],
        }
    }
}

/// Why a history is not played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplayable {
    TooManyMembers,
    TooManyPartitions,
    TooManySteps,
    NoMember,
}

/// Whether one tab can play it.
pub fn check(history: &History) -> Result<(), Unplayable> {
    let situations = history.situations();
    let most_members = situations.iter().map(|s| s.members.len()).max().unwrap_or(0);
    let most_partitions = situations.iter().map(|s| s.partition_count()).max().unwrap_or(0);
    match () {
        () if most_members == 0 => Err(Unplayable::NoMember),
        () if most_members > RUN_MEMBERS_MAX => Err(Unplayable::TooManyMembers),
        () if most_partitions > RUN_PARTITIONS_MAX => Err(Unplayable::TooManyPartitions),
        () if history.steps().len() > RUN_STEPS_MAX => Err(Unplayable::TooManySteps),
        () => Ok(()),
    }
}

/// A record goes to every partition this often; many partitions get them less often.
pub fn record_interval_ms(partitions: i32) -> u64 {
    (u64::try_from(partitions).unwrap_or(0) * 5 / 4).clamp(20, 60)
}

/// Where one way is in the history. Replaces what was told of the same step in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub way: usize,
    /// 0: the group forms; n: the n-th step.
    pub step: usize,
    pub act: Act,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// So far, if it is not over.
    pub end_ms: i64,
    pub outcome: Outcome,
    pub partitions: Vec<ActPartition>,
    pub lanes: Vec<Lane>,
    pub stills: Vec<Still>,
    /// The longest time between two records of a partition that kept its owner.
    pub kept_gap_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Outcome {
    #[default]
    UnderWay,
    Settled,
    /// Not within its time, and what a member complained of last.
    Unsettled {
        detail: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ActPartition {
    pub at: TopicPartition,
    /// Whether somebody is to read it once the step is done.
    pub has_reader: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    pub member: String,
    /// When it came, if it came in this act.
    pub from_ms: Option<i64>,
    pub departed: Option<(i64, Departure)>,
    pub holdings: Vec<Holding>,
    pub calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    Left,
    Crashed,
}

/// A member's time with a partition, as its callbacks told it; it may reach beyond the act.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Which of the act's partitions.
    pub partition: usize,
    pub from_ms: i64,
    /// When it had read the first record.
    pub read_ms: Option<i64>,
    pub until_ms: Option<i64>,
}

/// From the last record that was read of a partition before its owner gave it up, left or crashed, to the next record
/// that was read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Still {
    pub partition: usize,
    pub from_ms: i64,
    pub until_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub kind: CallKind,
    pub sent_ms: i64,
    pub answered_ms: Option<i64>,
    /// Kafka's name of the error; empty where there is none.
    pub error: String,
    /// It says more than that a member is alive, or is answered with more.
    pub is_news: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    JoinGroup,
    SyncGroup,
    LeaveGroup,
    Heartbeat,
    ConsumerGroupHeartbeat,
    OffsetCommit,
}

impl CallKind {
    pub fn name(self) -> &'static str {
        match self {
            CallKind::JoinGroup => "JoinGroup",
            CallKind::SyncGroup => "SyncGroup",
            CallKind::LeaveGroup => "LeaveGroup",
            CallKind::Heartbeat => "Heartbeat",
            CallKind::ConsumerGroupHeartbeat => "ConsumerGroupHeartbeat",
            CallKind::OffsetCommit => "OffsetCommit",
        }
    }

    pub fn letter(self) -> &'static str {
        match self {
            CallKind::JoinGroup => "J",
            CallKind::SyncGroup => "S",
            CallKind::LeaveGroup => "L",
            CallKind::Heartbeat => "H",
            CallKind::ConsumerGroupHeartbeat => "C",
            CallKind::OffsetCommit => "O",
        }
    }
}

/// What an act comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub stood_still: usize,
    /// Partitions that somebody is to read.
    pub of: usize,
    pub longest_ms: i64,
    pub partition_seconds: f64,
}

impl Act {
    /// What nobody is to read any more does not stand still: it is done with.
    pub fn figures(&self) -> Figures {
        let mut figures =
            Figures { of: self.partitions.iter().filter(|p| p.has_reader).count(), ..Figures::default() };
        let mut stood = vec![false; self.partitions.len()];
        for still in &self.stills {
            if !self.partitions.get(still.partition).is_some_and(|p| p.has_reader) {
                continue;
            }
            let ms = still.lasts_ms(self.end_ms);
            stood[still.partition] = true;
            figures.longest_ms = figures.longest_ms.max(ms);
            figures.partition_seconds += ms as f64 / 1e3;
        }
        figures.stood_still = stood.into_iter().filter(|stood| *stood).count();
        figures
    }

    /// How often the member asked what.
    pub fn call_counts(lane: &Lane) -> Vec<(CallKind, usize)> {
        let mut kinds: Vec<CallKind> = lane.calls.iter().map(|call| call.kind).collect();
        kinds.sort_unstable();
        let mut counts: Vec<(CallKind, usize)> = Vec::new();
        for kind in kinds {
            match counts.last_mut() {
                Some((last, count)) if *last == kind => *count += 1,
                _ => counts.push((kind, 1)),
            }
        }
        counts
    }

    /// What the member holds at this time.
    pub fn held_at(lane: &Lane, at_ms: i64) -> impl Iterator<Item = usize> + '_ {
        let holds = move |h: &&Holding| h.from_ms <= at_ms && h.until_ms.is_none_or(|until| until > at_ms);
        lane.holdings.iter().filter(holds).map(|h| h.partition)
    }
}

impl Still {
    pub fn lasts_ms(&self, end_ms: i64) -> i64 {
        (self.until_ms.unwrap_or(end_ms) - self.from_ms).max(0)
    }
}

packed_struct! {
    RunOrder { history, ways }
    Way { protocol, assignor }
    Told { way, step, act }
    Act { end_ms, outcome, partitions, lanes, stills, kept_gap_ms }
    ActPartition { at, has_reader }
    Lane { member, from_ms, departed, holdings, calls }
    Holding { partition, from_ms, read_ms, until_ms }
    Still { partition, from_ms, until_ms }
    Call { kind, sent_ms, answered_ms, error, is_news }
}

packed_enum! { Protocol { 0 Eager, 1 Cooperative, 2 Consumer } }
packed_enum! { Outcome { 0 UnderWay, 1 Settled, 2 Unsettled { detail } } }
packed_enum! { Departure { 0 Left, 1 Crashed } }
packed_enum! {
    CallKind { 0 JoinGroup, 1 SyncGroup, 2 LeaveGroup, 3 Heartbeat, 4 ConsumerGroupHeartbeat, 5 OffsetCommit }
}
