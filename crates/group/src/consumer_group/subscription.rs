//! What the members of a group read between them, by names and by regular expressions.

use tablog_record::{SortedMap, SortedSet, Uuid};
use tablog_wire::records::ConsumerGroupMemberMetadataValue;

use super::{ConsumerGroup, ConsumerMember, subscribed_regex};
use crate::assignor::SubscriptionType;
use crate::topics::Topics;

/// The members of a group as they are about to be.
#[derive(Clone, Copy)]
pub(super) struct Roster<'a> {
    group: &'a ConsumerGroup,
    updated: Option<&'a ConsumerMember>,
    /// Members that go, among them one whose place another takes.
    gone: &'a [String],
}

pub(super) struct Subscriptions {
    pub topics: SortedSet<String>,
    pub kind: SubscriptionType,
}

impl<'a> Roster<'a> {
    pub fn new(
        group: &'a ConsumerGroup,
        updated: Option<&'a ConsumerMember>,
        gone: &'a [String],
    ) -> Roster<'a> {
        Roster { group, updated, gone }
    }

    pub fn members(self) -> impl Iterator<Item = (&'a String, &'a ConsumerGroupMemberMetadataValue)> {
        let stays = move |id: &String| {
            !self.gone.contains(id) && self.updated.is_none_or(|updated| updated.id != *id)
        };
        let others = self.group.members.iter().filter(move |(id, _)| stays(id));
        others.chain(self.updated.map(|updated| (&updated.id, &updated.metadata)))
    }

    /// Homogeneous is a group whose members all name the same topics, or all the same expression and no topics.
    pub fn subscriptions(self) -> Subscriptions {
        let mut by_name: SortedMap<&str, usize> = SortedMap::new();
        let mut by_regex: SortedMap<&str, usize> = SortedMap::new();
        let mut member_count = 0;
        for (_, member) in self.members() {
            member_count += 1;
            for topic in &member.subscribed_topic_names {
                *by_name.entry(topic).or_default() += 1;
            }
            if let Some(regex) = subscribed_regex(member) {
                *by_regex.entry(regex).or_default() += 1;
            }
        }
        let same_names = by_name.values().all(|&count| count == member_count);
        let same_regex = by_name.is_empty() && by_regex.values().all(|&count| count == member_count);
        let alike = if by_regex.is_empty() { same_names } else { same_regex };
        let kind = if alike { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous };
        let mut topics: SortedSet<String> = by_name.keys().map(|&topic| topic.to_owned()).collect();
        for resolved in by_regex.keys().filter_map(|regex| self.group.regexes.get(*regex)) {
            topics.extend(resolved.topics.iter().cloned());
        }
        Subscriptions { topics, kind }
    }
}

impl ConsumerGroup {
    /// The ids of the topics that a member reads and that exist.
    pub(super) fn subscribed_ids(
        &self,
        member: &ConsumerGroupMemberMetadataValue,
        topics: &Topics,
    ) -> SortedSet<Uuid> {
        let resolved = subscribed_regex(member).and_then(|regex| self.regexes.get(regex));
        let resolved = resolved.into_iter().flat_map(|resolved| &resolved.topics);
        let names = member.subscribed_topic_names.iter().chain(resolved);
        names.filter_map(|name| Some(topics.get(name)?.id)).collect()
    }

    pub fn is_subscribed_to(&self, topic: &str) -> bool {
        let named = |member: &ConsumerGroupMemberMetadataValue| {
            member.subscribed_topic_names.iter().any(|name| name == topic)
        };
        let mut resolved = self.regex_subscribers.keys().filter_map(|regex| self.regexes.get(regex));
        self.members.values().any(named)
            || resolved.any(|found| found.topics.iter().any(|name| name == topic))
    }
}
