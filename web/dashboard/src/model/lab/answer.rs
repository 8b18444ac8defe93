//! What each assignor makes of the step at which a history stands: who has what, who had it, and what that cost.
//!
//! ```text
//! partitions   numbered through the topics   lab-0 lab-1 … lab-11 orders-0 …
//! owners       by partition: a place among the rows, or -1, nobody
//! ```

use super::situation::LabTopic;
use crate::model::message::Message;
use crate::model::packing::{packed_enum, packed_struct};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabAssignor {
    Range,
    RoundRobin,
    Sticky,
    CooperativeSticky,
    Uniform,
    BrokerRange,
}

/// `owners` where nobody has a partition.
pub const NOBODY: i32 = -1;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub topics: Vec<LabTopic>,
    /// By name, as Kafka compares member ids.
    pub rows: Vec<Row>,
    /// In the order of [`LabAssignor::ALL`].
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub member: String,
    pub presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Here,
    /// It left or crashed in this step.
    Gone,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub assignor: LabAssignor,
    pub owners: Vec<i32>,
    pub before: Vec<i32>,
    pub cost: Cost,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Had an owner before and have another now.
    pub moved: usize,
    /// The most partitions of a member less the fewest.
    pub spread: usize,
    /// Had an owner before and were for a while read by nobody.
    pub paused: usize,
    /// Of a group of the consumer protocol: new target assignments.
    pub rebalances: usize,
}

/// Why it is so: how the assignor works, and what that did to this step. Places in [`SENTENCES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reason {
    pub rule: usize,
    pub change: Option<usize>,
    pub facts: Facts,
}

/// All that a sentence may name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub partitions: usize,
    pub members: usize,
    pub each: usize,
    /// So many members have one more.
    pub extra: usize,
    /// The first and the last of those who have one more.
    pub first: String,
    pub last: String,
    pub most: usize,
    pub least: usize,
    pub rich: String,
    pub poor: String,
    /// Had an owner before; of those: still with it, with another, taken from somebody who is still there.
    pub had: usize,
    pub kept: usize,
    pub moved: usize,
    pub taken: usize,
    /// Had nobody who could keep them.
    pub free: usize,
    pub paused: usize,
    /// Lie in the rack of who reads them.
    pub near: usize,
}

macro_rules! sentences {
    ($($constant:ident $key:literal),* $(,)?) => {
        sentences! { @ 0usize; $($constant)* }
        /// The keys of the sentences of a [`Reason`].
        pub const SENTENCES: &[&str] = &[$($key),*];
    };
    (@ $at:expr; $constant:ident $($rest:ident)*) => {
        pub const $constant: usize = $at;
        sentences! { @ $at + 1; $($rest)* }
    };
    (@ $at:expr;) => {};
}

sentences! {
    NOBODY_READS "lab-why-nobody",
    UNTOUCHED "lab-why-untouched",
    RANGE_EVEN "lab-why-range-even",
    RANGE_MORE "lab-why-range-more",
    RANGE_FEW "lab-why-range-few",
    RANGE_TOPICS_EVEN "lab-why-range-topics-even",
    RANGE_TOPICS_MORE "lab-why-range-topics-more",
    RANGE_TOPICS "lab-why-range-topics",
    RANGE_READERS "lab-why-range-readers",
    RANGE_RACKS "lab-why-range-racks",
    RANGE_SHIFTS "lab-why-range-shifts",
    RANGE_ORPHANS "lab-why-range-orphans",
    BROKER_SHIFTS "lab-why-broker-shifts",
    BROKER_ORPHANS "lab-why-broker-orphans",
    STILL "lab-why-still",
    DEAL_EVEN "lab-why-deal-even",
    DEAL_MORE "lab-why-deal-more",
    DEAL_READERS "lab-why-deal-readers",
    DEAL_AGAIN "lab-why-deal-again",
    STICKY_FRESH "lab-why-sticky-fresh",
    STICKY_FRESH_DEAL "lab-why-sticky-fresh-deal",
    STICKY_KEEPS "lab-why-sticky-keeps",
    STICKY_FREE "lab-why-sticky-free",
    STICKY_TAKEN "lab-why-sticky-taken",
    STICKY_BOTH "lab-why-sticky-both",
    COOPERATIVE_SAME "lab-why-cooperative-same",
    COOPERATIVE_OWN "lab-why-cooperative-own",
    COOPERATIVE_TWICE "lab-why-cooperative-twice",
    UNIFORM_EVEN "lab-why-uniform-even",
    UNIFORM_MORE "lab-why-uniform-more",
    UNIFORM_READERS "lab-why-uniform-readers",
    UNIFORM_KEEPS "lab-why-uniform-keeps",
    UNIFORM_MOVES "lab-why-uniform-moves",
}

impl LabAssignor {
    pub const ALL: [LabAssignor; 6] = [
        LabAssignor::Range,
        LabAssignor::RoundRobin,
        LabAssignor::Sticky,
        LabAssignor::CooperativeSticky,
        LabAssignor::Uniform,
        LabAssignor::BrokerRange,
    ];

    pub fn name(self) -> &'static str {
        ["range", "roundrobin", "sticky", "cooperative-sticky", "uniform", "range"][self as usize]
    }

    /// Where the broker decides, so that two of one name are told apart.
    pub fn is_of_the_broker(self) -> bool {
        self >= LabAssignor::Uniform
    }

    pub fn full_name(self) -> String {
        if self.is_of_the_broker() { format!("{} (KIP-848)", self.name()) } else { self.name().to_owned() }
    }

    /// Everybody stops while the group is formed anew.
    pub fn is_eager(self) -> bool {
        self <= LabAssignor::Sticky
    }
}

impl Answer {
    /// The topic and the number in it of each partition.
    pub fn partitions(&self) -> impl Iterator<Item = (&str, i32)> {
        self.topics.iter().flat_map(|topic| (0..topic.partitions).map(|p| (topic.name.as_str(), p)))
    }
}

impl Column {
    pub fn is_moved(&self, partition: usize) -> bool {
        let (before, now) = (self.before[partition], self.owners[partition]);
        before != NOBODY && now != NOBODY && before != now
    }
}

impl Reason {
    pub fn messages(&self) -> Vec<Message> {
        let sentences = std::iter::once(self.rule).chain(self.change);
        sentences.filter_map(|at| SENTENCES.get(at)).map(|key| self.facts.in_sentence(key)).collect()
    }
}

impl Facts {
    fn in_sentence(&self, key: &'static str) -> Message {
        let numbers = [
            ("partitions", self.partitions),
            ("members", self.members),
            ("each", self.each),
            ("more", self.each + 1),
            ("extra", self.extra),
            ("most", self.most),
            ("least", self.least),
            ("had", self.had),
            ("kept", self.kept),
            ("moved", self.moved),
            ("taken", self.taken),
            ("free", self.free),
            ("paused", self.paused),
            ("near", self.near),
        ];
        let texts =
            [("first", &self.first), ("last", &self.last), ("rich", &self.rich), ("poor", &self.poor)];
        let message = Message { key, arguments: Vec::new() };
        let message = numbers.into_iter().fold(message, |m, (name, n)| m.number(name, n as f64));
        texts.into_iter().fold(message, |m, (name, text)| m.text(name, text))
    }
}

packed_struct! {
    Answer { topics, rows, columns }
    Row { member, presence }
    Column { assignor, owners, before, cost, reason }
    Cost { moved, spread, paused, rebalances }
    Reason { rule, change, facts }
    Facts {
        partitions, members, each, extra, first, last, most, least, rich, poor, had, kept, moved, taken, free, paused,
        near,
    }
}

packed_enum! { Presence { 0 Here, 1 Gone } }
packed_enum! {
    LabAssignor { 0 Range, 1 RoundRobin, 2 Sticky, 3 CooperativeSticky, 4 Uniform, 5 BrokerRange }
}
