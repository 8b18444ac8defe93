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
    /// Kafka's word: `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`, `Dead`.
    pub state: String,
    pub kind: String,
    /// The assignor that the members agreed on.
    pub assignor: String,
    pub members: Vec<Member>,
    pub committed: SortedMap<TopicPartition, i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    pub member_id: String,
    pub client_id: String,
    pub host: String,
    pub owned: Vec<TopicPartition>,
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

impl Group {
    pub fn is_rebalancing(&self) -> bool {
        matches!(
            self.state.as_str(),
            "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling"
        )
    }

    pub fn owner(&self, partition: &TopicPartition) -> Option<&Member> {
        self.members.iter().find(|m| m.owned.contains(partition))
    }

    /// Every partition that the group owns or has committed for.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let mut all: Vec<_> = self.members.iter().flat_map(|m| m.owned.iter().cloned()).collect();
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
            None => group.owner(partition).map(|_| log.records()),
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
    Group { state, kind, assignor, members, committed }
    Member { member_id, client_id, host, owned }
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
