//! A group as it stands at one moment: the topics and the members, with all that an assignor looks at.
//!
//! A member's name is its member id, and the instance id of a static member: what the lab shows is what Apache Kafka
//! does with members that bear these ids.

use super::step::Refusal;
use crate::model::limits::{
    LAB_MEMBERS_MAX, LAB_NAME_BYTES_MAX, LAB_PARTITIONS_MAX, LAB_RACKS_MAX, LAB_TOPICS_MAX,
};
use crate::model::packing::{packed_enum, packed_struct};

/// The topic of the simple mode.
pub const TOPIC: &str = "lab";

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    pub topics: Vec<LabTopic>,
    /// In the order in which they joined.
    pub members: Vec<LabMember>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LabTopic {
    pub name: String,
    pub partitions: i32,
    /// Where the replicas stand: that of partition p in rack `p mod` their number. None: nobody said.
    pub racks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LabMember {
    pub name: String,
    pub subscription: Subscription,
    pub rack: Option<String>,
    pub membership: Membership,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Subscription {
    All,
    /// Ascending; may be none at all.
    Only(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    Dynamic,
    /// `group.instance.id` is the name.
    Static,
}

impl Situation {
    /// One topic, and members `c1`, `c2` and so on.
    pub fn simple(partitions: i32, members: usize) -> Self {
        Situation {
            topics: vec![LabTopic::new(TOPIC, partitions)],
            members: (1..=members).map(|n| LabMember::new(format!("c{n}"))).collect(),
        }
    }

    /// One topic `lab`, and nothing of members but their names.
    pub fn is_simple(&self) -> bool {
        let plain = |m: &LabMember| *m == LabMember::new(m.name.clone());
        matches!(&self.topics[..], [one] if *one == LabTopic::new(TOPIC, one.partitions))
            && self.members.iter().all(plain)
    }

    pub fn topic(&self, name: &str) -> Option<&LabTopic> {
        self.topics.iter().find(|t| t.name == name)
    }

    pub fn member(&self, name: &str) -> Option<&LabMember> {
        self.members.iter().find(|m| m.name == name)
    }

    pub fn partition_count(&self) -> i32 {
        self.topics.iter().map(|t| t.partitions).sum()
    }

    /// The topics that a member reads, in the order of the situation.
    pub fn topics_of<'a>(&'a self, member: &'a LabMember) -> impl Iterator<Item = &'a LabTopic> {
        self.topics.iter().filter(|topic| member.subscription.reads(&topic.name))
    }

    /// What a member subscribes to once this topic is added or taken out.
    pub fn toggled(&self, member: &str, topic: &str) -> Option<Subscription> {
        let member = self.member(member)?;
        let reads = |t: &LabTopic| member.subscription.reads(&t.name) != (t.name == topic);
        let read: Vec<String> = self.topics.iter().filter(|t| reads(t)).map(|t| t.name.clone()).collect();
        Some(if read.len() == self.topics.len() { Subscription::All } else { Subscription::Only(read) })
    }

    /// `c` and the lowest number that nobody has or had.
    pub fn free_name<'a>(taken: impl Iterator<Item = &'a str> + Clone) -> String {
        let mut numbered = (1..).map(|n| format!("c{n}"));
        numbered.find(|name| taken.clone().all(|t| t != name)).unwrap_or_default()
    }

    /// With subscriptions in order, or why it cannot be.
    pub fn checked(&self) -> Result<Situation, Refusal> {
        let mut checked = Situation::default();
        for topic in &self.topics {
            checked.add_topic(topic.clone())?;
        }
        for member in &self.members {
            checked.add_member(member.clone())?;
        }
        match self.topics.is_empty() {
            true => Err(Refusal::NoTopic),
            false => Ok(checked),
        }
    }

    pub(super) fn add_topic(&mut self, topic: LabTopic) -> Result<(), Refusal> {
        check_name(&topic.name)?;
        topic.racks.iter().try_for_each(|rack| check_name(rack))?;
        if topic.racks.len() > LAB_RACKS_MAX {
            return Err(Refusal::TooManyRacks);
        }
        if self.topic(&topic.name).is_some() {
            return Err(Refusal::TopicTwice(topic.name));
        }
        if self.topics.len() >= LAB_TOPICS_MAX {
            return Err(Refusal::TooManyTopics);
        }
        if topic.partitions < 1 {
            return Err(Refusal::NoPartition(topic.name));
        }
        self.has_room_for(topic.partitions)?;
        self.topics.push(topic);
        Ok(())
    }

    pub(super) fn add_member(&mut self, mut member: LabMember) -> Result<(), Refusal> {
        check_name(&member.name)?;
        member.rack.iter().try_for_each(|rack| check_name(rack))?;
        if self.member(&member.name).is_some() {
            return Err(Refusal::MemberTwice(member.name));
        }
        if self.members.len() >= LAB_MEMBERS_MAX {
            return Err(Refusal::TooManyMembers);
        }
        self.check_subscription(&mut member.subscription)?;
        self.members.push(member);
        Ok(())
    }

    pub(super) fn check_subscription(&self, subscription: &mut Subscription) -> Result<(), Refusal> {
        let Subscription::Only(names) = subscription else { return Ok(()) };
        names.sort_unstable();
        names.dedup();
        match names.iter().find(|name| self.topic(name).is_none()) {
            Some(unknown) => Err(Refusal::NoSuchTopic(unknown.clone())),
            None => Ok(()),
        }
    }

    pub(super) fn has_room_for(&self, partitions: i32) -> Result<(), Refusal> {
        match partitions > LAB_PARTITIONS_MAX - self.partition_count() {
            true => Err(Refusal::TooManyPartitions),
            false => Ok(()),
        }
    }
}

impl LabTopic {
    pub fn new(name: impl Into<String>, partitions: i32) -> Self {
        LabTopic { name: name.into(), partitions, racks: Vec::new() }
    }
}

impl LabMember {
    /// Dynamic, reads everything, and nobody knows where it stands.
    pub fn new(name: impl Into<String>) -> Self {
        LabMember {
            name: name.into(),
            subscription: Subscription::All,
            rack: None,
            membership: Membership::Dynamic,
        }
    }
}

impl Subscription {
    pub fn reads(&self, topic: &str) -> bool {
        match self {
            Subscription::All => true,
            Subscription::Only(names) => names.iter().any(|name| name == topic),
        }
    }
}

/// Letters, digits, dot, underscore and hyphen, the first one a letter or a digit: so that an address stays readable.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    match begins_well && name.chars().all(allowed) && name.len() <= LAB_NAME_BYTES_MAX {
        true => Ok(()),
        false => Err(Refusal::Name(name.chars().take(LAB_NAME_BYTES_MAX).collect())),
    }
}

packed_struct! {
    Situation { topics, members }
    LabTopic { name, partitions, racks }
    LabMember { name, subscription, rack, membership }
}

packed_enum! { Subscription { 0 All, 1 Only(topics) } }
packed_enum! { Membership { 0 Dynamic, 1 Static } }
