//! The cluster at one moment, as it was read through the Kafka protocol. Nothing here is guessed.

use crate::model::packing::packed_struct;
use tablog_record::SortedMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    pub at_ms: i64,
    pub cluster_id: String,
    pub brokers: Vec<Broker>,
    pub topics: SortedMap<String, Topic>,
    pub groups: SortedMap<String, Group>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Broker {
    pub node_id: i32,
    pub host: String,
    pub port: i32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topic {
    pub internal: bool,
    pub partitions: Vec<Partition>,
    /// Settings by Kafka's names, as DescribeConfigs told them.
    pub settings: SortedMap<String, Setting>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    /// Nobody set it: the default.
    pub inherited: bool,
    pub read_only: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partition {
    pub log_start: i64,
    /// The end, exclusive: the next offset to be read.
    pub high_watermark: i64,
    pub bytes: u64,
    pub leader: i32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Kafka's word: `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`, `Dead`; of the consumer kind
    /// `Assigning` and `Reconciling` instead of the two in the middle.
    pub state: String,
    /// `classic` or `consumer` (KIP-848); empty where the broker does not say.
    pub kind: String,
    /// The assignor that the members agreed on, or that the broker uses.
    pub assignor: String,
    pub members: Vec<Member>,
    pub committed: SortedMap<TopicPartition, i64>,
    /// Of the consumer kind only.
    pub epochs: Option<Epochs>,
}

/// A consumer group's epoch, that of its target assignment, and the times that the broker gives its members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epochs {
    pub group: i32,
    pub assignment: i32,
    pub session_timeout_ms: Option<i64>,
    pub heartbeat_interval_ms: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    pub member_id: String,
    pub client_id: String,
    pub host: String,
    pub owned: Vec<TopicPartition>,
    pub instance_id: Option<String>,
    pub topics: Vec<String>,
    /// Of groups of the consumer kind only.
    pub progress: Option<Progress>,
}

/// How far a member of a consumer group has come on its way to its target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    pub epoch: i32,
    pub target: Vec<TopicPartition>,
    /// What it was told to let go of and still holds; no API tells it, so it is worked out from what happened.
    pub revoking: Vec<TopicPartition>,
    pub rack: Option<String>,
    pub pattern: Option<String>,
    /// `classic` or `consumer`: in an upgrade both are there. Empty where the broker does not say.
    pub protocol: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: String,
    pub partition: i32,
}

impl TopicPartition {
    pub fn new(topic: impl Into<String>, partition: i32) -> Self {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl Partition {
    pub fn records(&self) -> i64 {
        (self.high_watermark - self.log_start).max(0)
    }
}

impl Topic {
    pub fn records(&self) -> i64 {
        self.partitions.iter().map(Partition::records).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.partitions.iter().map(|p| p.bytes).sum()
    }

    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|s| s.value.as_str())
    }
}

impl Member {
    /// What it is to own and does not yet.
    pub fn awaited(&self) -> Vec<TopicPartition> {
        let target = self.progress.iter().flat_map(|p| &p.target);
        target.filter(|p| !self.owned.contains(p)).cloned().collect()
    }

    pub fn revoking(&self) -> &[TopicPartition] {
        self.progress.as_ref().map_or(&[], |p| &p.revoking)
    }

    pub fn epoch(&self) -> Option<i32> {
        self.progress.as_ref().map(|p| p.epoch)
    }
}

impl Group {
    /// Everybody stands still: only a classic group does that.
    pub fn is_rebalancing(&self) -> bool {
        matches!(self.state.as_str(), "PreparingRebalance" | "CompletingRebalance")
    }

    pub fn is_consumer(&self) -> bool {
        self.kind == "consumer"
    }

    pub fn owner(&self, partition: &TopicPartition) -> Option<&Member> {
        self.members.iter().find(|m| m.owned.contains(partition))
    }

    /// Who still holds what it was told to let go of.
    pub fn holder(&self, partition: &TopicPartition) -> Option<&Member> {
        self.members.iter().find(|m| m.revoking().contains(partition))
    }

    /// Who is to own a partition and waits for it.
    pub fn heir(&self, partition: &TopicPartition) -> Option<&Member> {
        let is_target = |m: &&Member| m.progress.as_ref().is_some_and(|p| p.target.contains(partition));
        self.members.iter().find(is_target).filter(|m| !m.owned.contains(partition))
    }

    /// Whom the broker takes for subscribers of a topic.
    pub fn subscribers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Member> {
        let owns = move |list: &[TopicPartition]| list.iter().any(|p| p.topic == topic);
        self.members.iter().filter(move |m| {
            let target = m.progress.as_ref().is_some_and(|p| owns(&p.target));
            m.topics.iter().any(|t| t == topic) || owns(&m.owned) || target
        })
    }

    /// What is on its way from one member to another: nobody reads it.
    pub fn awaited(&self) -> Vec<TopicPartition> {
        let mut awaited: Vec<_> = self.members.iter().flat_map(Member::awaited).collect();
        awaited.sort();
        awaited
    }

    /// Every partition that the group owns, is to own or has committed for.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let mut all: Vec<_> = self.members.iter().flat_map(|m| m.owned.iter().cloned()).collect();
        all.extend(self.awaited());
        all.extend(self.members.iter().flat_map(|m| m.revoking().iter().cloned()));
        all.extend(self.committed.keys().cloned());
        all.sort();
        all.dedup();
        all
    }

    pub fn topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.partitions().into_iter().map(|p| p.topic).collect();
        topics.dedup();
        topics
    }
}

impl Snapshot {
    pub fn partition(&self, partition: &TopicPartition) -> Option<&Partition> {
        self.topics.get(&partition.topic)?.partitions.get(usize::try_from(partition.partition).ok()?)
    }

    /// Records written and not yet committed. Nothing committed and not owned: nothing to be behind of.
    pub fn lag(&self, group: &Group, partition: &TopicPartition) -> Option<i64> {
        let log = self.partition(partition)?;
        match group.committed.get(partition) {
            Some(offset) => Some((log.high_watermark - (*offset).max(log.log_start)).max(0)),
            None => group.owner(partition).or_else(|| group.heir(partition)).map(|_| log.records()),
        }
    }

    pub fn group_lag(&self, group: &Group) -> i64 {
        group.partitions().iter().filter_map(|p| self.lag(group, p)).sum()
    }

    pub fn member_lag(&self, group: &Group, member: &Member) -> i64 {
        member.owned.iter().filter_map(|p| self.lag(group, p)).sum()
    }

    pub fn user_topics(&self) -> impl Iterator<Item = (&String, &Topic)> {
        self.topics.iter().filter(|(_, t)| !t.internal)
    }

    pub fn records(&self) -> i64 {
        self.user_topics().map(|(_, t)| t.records()).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.topics.values().map(Topic::bytes).sum()
    }

    /// Where a topic's partitions begin in the row of colours: counted through the user's topics by name.
    pub fn first_place(&self, topic: &str) -> usize {
        let mut place = 0;
        for (name, t) in self.user_topics() {
            if name == topic {
                return place;
            }
            place += t.partitions.len();
        }
        0
    }

    pub fn tile(&self, partition: &TopicPartition) -> crate::model::colour::Tile {
        crate::model::colour::Tile::new(partition.partition, self.first_place(&partition.topic))
    }
}

packed_struct! {
    Snapshot { at_ms, cluster_id, brokers, topics, groups }
    Broker { node_id, host, port }
    Topic { internal, partitions, settings }
    Setting { value, inherited, read_only }
    Partition { log_start, high_watermark, bytes, leader }
    Group { state, kind, assignor, members, committed, epochs }
    Epochs { group, assignment, session_timeout_ms, heartbeat_interval_ms }
    Member { member_id, client_id, host, owned, instance_id, topics, progress }
    Progress { epoch, target, revoking, rack, pattern, protocol }
    TopicPartition { topic, partition }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Six partitions of `flights`, three readers, one of them slow.
    pub fn flights() -> Snapshot {
        let ends = [2186, 5539, 3116, 4574, 2343, 2242];
        let lags = [3, 7, 488, 716, 2, 4];
        let partitions = ends
            .iter()
            .map(|end| Partition { high_watermark: *end, bytes: *end as u64 * 67, ..Partition::default() })
            .collect();
        let at = |p: i32| TopicPartition::new("flights", p);
        let member = |n: i32| Member {
            member_id: format!("consumer-{n}-abc"),
            client_id: format!("consumer-{n}"),
            owned: vec![at(2 * n - 2), at(2 * n - 1)],
            ..Member::default()
        };
        let committed = (0..6).map(|p| (at(p), ends[p as usize] - lags[p as usize])).collect();
        let group = Group {
            state: "Stable".into(),
            assignor: "range".into(),
            members: (1..=3).map(member).collect(),
            committed,
            ..Group::default()
        };
        Snapshot {
            at_ms: 1_000_000,
            topics: SortedMap::from([("flights".into(), Topic { partitions, ..Topic::default() })]),
            groups: SortedMap::from([("flights-readers".into(), group)]),
            ..Snapshot::default()
        }
    }

    #[test]
    fn lag_counts_from_the_commit_or_from_the_log_start_whichever_is_later() {
        let mut s = flights();
        let group = s.groups["flights-readers"].clone();
        assert_eq!(s.group_lag(&group), 1220);
        assert_eq!(s.member_lag(&group, &group.members[1]), 1204);
        s.topics.get_mut("flights").unwrap().partitions[2].log_start = 3100;
        assert_eq!(s.lag(&group, &TopicPartition::new("flights", 2)), Some(16));
    }

    #[test]
    fn colours_are_counted_through_the_topics() {
        let mut s = flights();
        s.topics.insert("gates".into(), Topic { partitions: vec![Partition::default()], ..Topic::default() });
        assert_eq!(s.first_place("gates"), 6);
    }
}
