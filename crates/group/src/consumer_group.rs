//! One group of the consumer protocol (KIP-848), as its records make it: members, epochs, what everybody is to own
//! and what everybody owns.
//!
//! ```text
//!  member joins, leaves, subscribes ─► group epoch + 1 ─► target assignment ─► each member by itself:
//!
//!            target moved                          revoked
//!  STABLE ───────────────► UNREVOKED_PARTITIONS ───────────► UNRELEASED_PARTITIONS ─► STABLE
//!     └──── nothing to revoke ──────────────────────────────────────▲    others let go
//! ```
//!
//! All of it is on record and changed by replay alone; a call reads the group and drafts records. Each kind of
//! record is kept by itself, so that a compacted log means what the whole one meant.
//!
//! Never knows: time, who waits, the bytes of records.

mod classic_member;
mod current_assignment;
mod describe;
mod draft;
mod fence;
mod heartbeat;
mod member;
mod migration;
mod regular_expression;
mod subscription;
mod target_assignment;

use tablog_record::{SortedMap, SortedSet, Uuid};
use tablog_wire::records::{ConsumerGroupMemberMetadataValue, ConsumerGroupRegularExpressionValue};

pub(crate) use self::draft::{Call, Deadline, Draft, Refusal};
pub(crate) use self::heartbeat::{check as check_heartbeat, refused as refused_heartbeat};
pub(crate) use self::member::{ConsumerMember, CurrentAssignment, MemberState};
pub(crate) use self::migration::Downgraded;
use crate::assignor::PartitionsByTopic;

/// A member's epoch when it left for good, and when a static one left to come back.
pub(crate) const LEAVE_EPOCH: i32 = -1;
pub(crate) const LEAVE_STATIC_EPOCH: i32 = -2;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConsumerGroup {
    epoch: Option<GroupEpoch>,
    assignment_epoch: Option<i32>,
    members: SortedMap<String, ConsumerGroupMemberMetadataValue>,
    current: SortedMap<String, CurrentAssignment>,
    targets: SortedMap<String, PartitionsByTopic>,
    regexes: SortedMap<String, ConsumerGroupRegularExpressionValue>,
    /// Who owns a partition, or has not said yet that it let go of it. Follows from `current`.
    holders: SortedMap<Uuid, SortedMap<i32, String>>,
    /// Member ids by instance id. Follows from `members`.
    static_members: SortedMap<String, String>,
    /// How many members subscribe to a regular expression. Follows from `members`.
    regex_subscribers: SortedMap<String, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupEpoch {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl ConsumerGroup {
    /// Nothing of it is on record.
    pub fn is_gone(&self) -> bool {
        self.epoch.is_none()
            && self.assignment_epoch.is_none()
            && self.members.is_empty()
            && self.current.is_empty()
            && self.targets.is_empty()
            && self.regexes.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    pub fn member_ids(&self) -> impl Iterator<Item = &String> {
        self.members.keys()
    }

    pub fn epoch(&self) -> i32 {
        self.epoch.map_or(0, |epoch| epoch.epoch)
    }

    fn metadata_hash(&self) -> i64 {
        self.epoch.map_or(0, |epoch| epoch.metadata_hash)
    }

    pub fn assignment_epoch(&self) -> i32 {
        self.assignment_epoch.unwrap_or(0)
    }

    /// Kafka's name of the state.
    pub fn state(&self) -> &'static str {
        if self.members.is_empty() {
            "Empty"
        } else if self.epoch() > self.assignment_epoch() {
            "Assigning"
        } else if self.members.keys().all(|id| self.current_of(id).is_reconciled_to(self.assignment_epoch()))
        {
            "Stable"
        } else {
            "Reconciling"
        }
    }

    pub fn member(&self, member_id: &str) -> Option<ConsumerMember> {
        let metadata = self.members.get(member_id)?.clone();
        let current = self.current.get(member_id).cloned().unwrap_or_default();
        Some(ConsumerMember { id: member_id.to_owned(), metadata, current })
    }

    fn known_member(&self, group_id: &str, member_id: &str) -> Result<ConsumerMember, Refusal> {
        self.member(member_id).ok_or_else(|| Refusal::unknown_member(group_id, member_id))
    }

    fn members(&self) -> impl Iterator<Item = ConsumerMember> + '_ {
        self.members.keys().filter_map(|id| self.member(id))
    }

    fn current_of(&self, member_id: &str) -> CurrentAssignment {
        self.current.get(member_id).cloned().unwrap_or_default()
    }

    pub fn static_member_id(&self, instance_id: Option<&str>) -> Option<&String> {
        self.static_members.get(instance_id?)
    }

    /// What a member is to own; a static one that came back takes what its predecessor was to own.
    fn target_of(&self, member_id: &str, instance_id: Option<&str>) -> PartitionsByTopic {
        let target = self.targets.get(member_id);
        let before = || self.targets.get(self.static_member_id(instance_id)?);
        target.or_else(before).cloned().unwrap_or_default()
    }

    fn is_held(&self, topic: &Uuid, partition: i32) -> bool {
        self.holders.get(topic).is_some_and(|partitions| partitions.contains_key(&partition))
    }

    pub fn set_epoch(&mut self, epoch: Option<GroupEpoch>) {
        self.epoch = epoch;
    }

    pub fn set_assignment_epoch(&mut self, epoch: Option<i32>) {
        self.assignment_epoch = epoch;
    }

    pub fn set_member(&mut self, member_id: String, value: Option<ConsumerGroupMemberMetadataValue>) {
        let before = match value {
            Some(value) => {
                if let Some(instance_id) = &value.instance_id {
                    self.static_members.insert(instance_id.clone(), member_id.clone());
                }
                if let Some(regex) = subscribed_regex(&value) {
                    *self.regex_subscribers.entry(regex.to_owned()).or_default() += 1;
                }
                self.members.insert(member_id.clone(), value)
            }
            None => {
                let before = self.members.remove(&member_id);
                let instance_id = before.as_ref().and_then(|before| before.instance_id.as_ref());
                if let Some(instance_id) = instance_id
                    && self.static_members.get(instance_id) == Some(&member_id)
                {
                    self.static_members.remove(instance_id);
                }
                before
            }
        };
        if let Some(regex) = before.as_ref().and_then(subscribed_regex)
            && let Some(count) = self.regex_subscribers.get_mut(regex)
        {
            *count -= 1;
            if *count == 0 {
                self.regex_subscribers.remove(regex);
            }
        }
    }

    pub fn set_target(&mut self, member_id: String, target: Option<PartitionsByTopic>) {
        match target {
            Some(target) => drop(self.targets.insert(member_id, target)),
            None => drop(self.targets.remove(&member_id)),
        }
    }

    pub fn set_current(&mut self, member_id: String, value: Option<CurrentAssignment>) {
        if let Some(before) = self.current.remove(&member_id) {
            for (topic, partition) in before.held() {
                let Some(partitions) = self.holders.get_mut(&topic) else { continue };
                if partitions.get(&partition) == Some(&member_id) {
                    partitions.remove(&partition);
                }
                if partitions.is_empty() {
                    self.holders.remove(&topic);
                }
            }
        }
        if let Some(value) = value {
            for (topic, partition) in value.held() {
                self.holders.entry(topic).or_default().insert(partition, member_id.clone());
            }
            self.current.insert(member_id, value);
        }
    }

    pub fn set_regex(&mut self, regex: String, value: Option<ConsumerGroupRegularExpressionValue>) {
        match value {
            Some(value) => drop(self.regexes.insert(regex, value)),
            None => drop(self.regexes.remove(&regex)),
        }
    }

    /// # Panics
    /// If the group contradicts itself.
    pub fn check_consistency(&self, group_id: &str) {
        let mut owned: SortedMap<(Uuid, i32), &String> = SortedMap::new();
        for (member_id, current) in &self.current {
            assert!(
                self.members.contains_key(member_id),
                "{group_id}: {member_id} owns without being a member"
            );
            assert!(current.epoch <= self.epoch(), "{group_id}: {member_id} is ahead of its group");
            for place in current.held() {
                let other = owned.insert(place, member_id);
                assert_eq!(other, None, "{group_id}: {place:?} has two owners, one is {member_id}");
            }
        }
        assert!(self.assignment_epoch() <= self.epoch(), "{group_id}");
        let mut targets = SortedSet::new();
        for (member_id, target) in &self.targets {
            assert!(self.members.contains_key(member_id), "{group_id}: {member_id} is to own");
            for place in places(target) {
                assert!(targets.insert(place), "{group_id}: {place:?} is to have two owners");
            }
        }
    }
}

/// Each partition with its topic.
pub(crate) fn places(partitions: &PartitionsByTopic) -> impl Iterator<Item = (Uuid, i32)> + '_ {
    partitions.iter().flat_map(|(topic, partitions)| partitions.iter().map(|&partition| (*topic, partition)))
}

/// An empty expression subscribes to nothing.
fn subscribed_regex(member: &ConsumerGroupMemberMetadataValue) -> Option<&str> {
    member.subscribed_topic_regex.as_deref().filter(|regex| !regex.is_empty())
}
