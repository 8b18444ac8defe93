//! One thing that happens to a group, and why it cannot.

use super::situation::{LabMember, LabTopic, Situation, Subscription};
use crate::model::limits::{
    LAB_MEMBERS_MAX, LAB_NAME_BYTES_MAX, LAB_PARTITIONS_MAX, LAB_RACKS_MAX, LAB_STEPS_MAX, LAB_TOPICS_MAX,
};
use crate::model::message::Message;
use crate::model::packing::packed_enum;

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Join(LabMember),
    /// It says goodbye.
    Leave(String),
    /// It says nothing more: the group learns of it when the session timeout is over.
    Crash(String),
    /// A topic grows to this many.
    AddPartitions {
        topic: String,
        partitions: i32,
    },
    CreateTopic(LabTopic),
    Subscribe {
        member: String,
        subscription: Subscription,
    },
}

/// Why a situation cannot be, or a step cannot be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    Name(String),
    NoTopic,
    NoSuchTopic(String),
    NoSuchMember(String),
    TopicTwice(String),
    MemberTwice(String),
    NoPartition(String),
    /// Partitions are only ever added.
    NotMore(String),
    TooManyPartitions,
    TooManyMembers,
    TooManyTopics,
    TooManyRacks,
    TooManySteps,
}

impl Step {
    pub fn apply(&self, situation: &mut Situation) -> Result<(), Refusal> {
        match self {
            Step::Join(member) => situation.add_member(member.clone()),
            Step::Leave(name) | Step::Crash(name) => {
                let at = situation.members.iter().position(|m| m.name == *name);
                situation.members.remove(at.ok_or_else(|| Refusal::NoSuchMember(name.clone()))?);
                Ok(())
            }
            Step::AddPartitions { topic, partitions } => {
                let unknown = || Refusal::NoSuchTopic(topic.clone());
                let at = situation.topics.iter().position(|t| t.name == *topic).ok_or_else(unknown)?;
                let before = situation.topics[at].partitions;
                if *partitions <= before {
                    return Err(Refusal::NotMore(topic.clone()));
                }
                situation.has_room_for(partitions.saturating_sub(before))?;
                situation.topics[at].partitions = *partitions;
                Ok(())
            }
            Step::CreateTopic(topic) => situation.add_topic(topic.clone()),
            Step::Subscribe { member, subscription } => {
                let mut subscription = subscription.clone();
                situation.check_subscription(&mut subscription)?;
                let unknown = || Refusal::NoSuchMember(member.clone());
                let known = situation.members.iter_mut().find(|m| m.name == *member).ok_or_else(unknown)?;
                known.subscription = subscription;
                Ok(())
            }
        }
    }

    /// What happened, in a few words; `before` is the situation to which it happens.
    pub fn message(&self, before: &Situation) -> Message {
        match self {
            Step::Join(member) => Message::new("lab-step-join").text("member", &member.name),
            Step::Leave(name) => Message::new("lab-step-leave").text("member", name),
            Step::Crash(name) => Message::new("lab-step-crash").text("member", name),
            Step::AddPartitions { topic, partitions } => {
                let had = before.topic(topic).map_or(0, |t| t.partitions);
                let key = if before.topics.len() > 1 { "lab-step-grow-topic" } else { "lab-step-grow" };
                let message = Message { key, arguments: Vec::new() };
                message.number("n", f64::from(partitions - had)).text("topic", topic)
            }
            Step::CreateTopic(topic) => Message::new("lab-step-topic")
                .text("topic", &topic.name)
                .number("n", f64::from(topic.partitions)),
            Step::Subscribe { member, subscription } => {
                let message = match subscription {
                    Subscription::All => Message::new("lab-step-reads-all"),
                    Subscription::Only(names) if names.is_empty() => Message::new("lab-step-reads-nothing"),
                    Subscription::Only(names) => {
                        Message::new("lab-step-reads").text("topics", names.join(", "))
                    }
                };
                message.text("member", member)
            }
        }
    }
}

impl Refusal {
    pub fn message(&self) -> Message {
        let most = |key, most: usize| Message { key, arguments: Vec::new() }.number("most", most as f64);
        match self {
            Refusal::Name(name) => {
                Message::new("lab-no-name").text("name", name).number("most", LAB_NAME_BYTES_MAX as f64)
            }
            Refusal::NoTopic => Message::new("lab-no-topic"),
            Refusal::NoSuchTopic(name) => Message::new("lab-unknown-topic").text("name", name),
            Refusal::NoSuchMember(name) => Message::new("lab-unknown-member").text("name", name),
            Refusal::TopicTwice(name) => Message::new("lab-topic-twice").text("name", name),
            Refusal::MemberTwice(name) => Message::new("lab-member-twice").text("name", name),
            Refusal::NoPartition(name) => Message::new("lab-no-partition").text("name", name),
            Refusal::NotMore(name) => Message::new("lab-not-more").text("name", name),
            Refusal::TooManyPartitions => most("lab-too-many-partitions", LAB_PARTITIONS_MAX as usize),
            Refusal::TooManyMembers => most("lab-too-many-members", LAB_MEMBERS_MAX),
            Refusal::TooManyTopics => most("lab-too-many-topics", LAB_TOPICS_MAX),
            Refusal::TooManyRacks => most("lab-too-many-racks", LAB_RACKS_MAX),
            Refusal::TooManySteps => most("lab-too-many-steps", LAB_STEPS_MAX),
        }
    }
}

packed_enum! {
    Step {
        0 Join(member),
        1 Leave(name),
        2 Crash(name),
        3 AddPartitions { topic, partitions },
        4 CreateTopic(topic),
        5 Subscribe { member, subscription },
    }
}
