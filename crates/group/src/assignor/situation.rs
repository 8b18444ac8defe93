//! The clients' input with names turned into places, so that an assignor counts instead of comparing names.
//!
//! ```text
//! members      by member id                 m0 m1 m2 …
//! topics       by name, those that exist    t0: partitions 0..6   t1: partitions 6..9   …
//! partitions   numbered through             0 1 2 3 4 5            6 7 8
//! ```
//! Left out: topics that do not exist or that nobody subscribes to; members named twice; topics that a member names
//! twice.
//!
//! Never knows: how partitions are given away.

use std::ops::Range;
use std::rc::Rc;
use tablog_record::{SortedMap, TopicPartition, stable_sort_by};

use super::java_order::java_order;
use super::{Assignment, Input, Member, TopicMetadata};

/// The place of a member in [`Situation::members`].
pub(super) type MemberIndex = usize;
/// The place of a topic in [`Situation::topics`].
pub(super) type TopicIndex = usize;
/// The number of a partition when those of all topics are numbered through.
pub(super) type PartitionNumber = usize;

pub(super) struct Situation<'a> {
    /// By member id, as Java compares strings.
    pub members: Vec<&'a Member>,
    pub topics: Vec<Topic<'a>>,
    pub topic_of: Vec<TopicIndex>,
    /// By member; ascending. Members that say the same share it.
    pub subscriptions: Vec<Rc<Subscription>>,
    /// Whether all members subscribe to the same. Topics that do not exist count as well.
    pub all_subscribe_alike: bool,
}

pub(super) struct Topic<'a> {
    pub name: &'a str,
    pub metadata: &'a TopicMetadata,
    pub partitions: Range<PartitionNumber>,
}

pub(super) struct Subscription {
    /// Ascending.
    pub topics: Vec<TopicIndex>,
    has: Vec<bool>,
}

impl Subscription {
    pub(super) fn contains(&self, topic: TopicIndex) -> bool {
        self.has[topic]
    }
}

impl<'a> Situation<'a> {
    pub(super) fn new(input: &'a Input) -> Situation<'a> {
        let mut members: Vec<&Member> = input.members.iter().collect();
        stable_sort_by(&mut members, |a, b| java_order(&a.id, &b.id));
        members.dedup_by(|again, first| again.id == first.id);
        let all: Vec<(&String, &TopicMetadata)> =
            input.topics.iter().filter(|(_, t)| t.partition_count > 0).collect();
        let places = places_of_topics(&members, &all);
        let mut wanted = vec![false; all.len()];
        for &place in places.iter().filter(|place| place.0).flat_map(|place| &place.1) {
            wanted[place] = true;
        }
        let is_said_twice = |&(is_new, _): &(bool, Vec<usize>)| !is_new;
        let mut situation = Situation {
            all_subscribe_alike: places.iter().skip(1).all(is_said_twice) || all_subscribe_alike(&members),
            members,
            topics: Vec::new(),
            topic_of: Vec::new(),
            subscriptions: Vec::new(),
        };
        let mut index_of = vec![0; all.len()];
        for (place, &(name, metadata)) in all.iter().enumerate().filter(|(place, _)| wanted[*place]) {
            index_of[place] = situation.topics.len();
            let first = situation.topic_of.len();
            let end = first + metadata.partition_count as usize;
            situation.topic_of.resize(end, situation.topics.len());
            situation.topics.push(Topic { name, metadata, partitions: first..end });
        }
        for (is_new, places) in places {
            let subscription = match situation.subscriptions.last() {
                Some(last) if !is_new => last.clone(),
                _ => {
                    Rc::new(subscription(places.iter().map(|&place| index_of[place]), situation.topics.len()))
                }
            };
            situation.subscriptions.push(subscription);
        }
        situation
    }

    pub(super) fn partition_count(&self) -> usize {
        self.topic_of.len()
    }

    /// By topic; ascending.
    pub(super) fn subscribers(&self) -> Vec<Vec<MemberIndex>> {
        let mut subscribers = vec![Vec::new(); self.topics.len()];
        for (member, subscription) in self.subscriptions.iter().enumerate() {
            for &topic in &subscription.topics {
                subscribers[topic].push(member);
            }
        }
        subscribers
    }

    /// Static members first, by instance id, then the others by member id.
    pub(super) fn static_members_first(&self) -> Vec<MemberIndex> {
        let mut order: Vec<MemberIndex> = (0..self.members.len()).collect();
        stable_sort_by(&mut order, |&a, &b| {
            let (a, b) = (self.members[a], self.members[b]);
            match (&a.group_instance_id, &b.group_instance_id) {
                (Some(a), Some(b)) => java_order(a, b),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                // They are in the order of their ids.
                (None, None) => std::cmp::Ordering::Equal,
            }
        });
        order
    }

    /// The number of a partition that exists and somebody subscribes to.
    pub(super) fn number_of(&self, partition: &TopicPartition) -> Option<PartitionNumber> {
        let topic = self.topics.binary_search_by(|topic| topic.name.cmp(&partition.topic)).ok()?;
        self.number_in(topic, partition.partition)
    }

    pub(super) fn number_in(&self, topic: TopicIndex, partition: i32) -> Option<PartitionNumber> {
        let partitions = &self.topics[topic].partitions;
        let number = partitions.start.checked_add(usize::try_from(partition).ok()?)?;
        partitions.contains(&number).then_some(number)
    }

    pub(super) fn index_in_topic(&self, number: PartitionNumber) -> i32 {
        (number - self.topics[self.topic_of[number]].partitions.start) as i32
    }

    /// With names again; `owned` is by member.
    pub(super) fn named(&self, owned: Vec<Vec<PartitionNumber>>) -> Assignment {
        let name = |number: PartitionNumber| {
            TopicPartition::new(self.topics[self.topic_of[number]].name, self.index_in_topic(number))
        };
        let ids = self.members.iter().map(|member| member.id.clone());
        ids.zip(owned).map(|(id, owned)| (id, owned.into_iter().map(name).collect())).collect()
    }
}

/// By member: whether it says something else than the one before it, and if so the places of its topics in `all`.
fn places_of_topics(members: &[&Member], all: &[(&String, &TopicMetadata)]) -> Vec<(bool, Vec<usize>)> {
    let mut before: Option<&[String]> = None;
    let places = members.iter().map(|member| {
        if before == Some(&member.topics) {
            return (false, Vec::new());
        }
        before = Some(&member.topics);
        let place = |name: &String| all.binary_search_by(|(topic, _)| (*topic).cmp(name)).ok();
        (true, member.topics.iter().filter_map(place).collect())
    });
    places.collect()
}

fn all_subscribe_alike(members: &[&Member]) -> bool {
    let Some(first) = members.first() else { return true };
    let sorted = |topics: &'_ [String]| {
        let names: SortedMap<&str, ()> = topics.iter().map(|name| (name.as_str(), ())).collect();
        names.into_keys().map(str::to_owned).collect::<Vec<String>>()
    };
    let wanted = sorted(&first.topics);
    members.iter().all(|member| member.topics == first.topics || sorted(&member.topics) == wanted)
}

fn subscription(topics: impl Iterator<Item = TopicIndex>, topic_count: usize) -> Subscription {
    let mut has = vec![false; topic_count];
    topics.for_each(|topic| has[topic] = true);
    Subscription { topics: (0..topic_count).filter(|&topic| has[topic]).collect(), has }
}
