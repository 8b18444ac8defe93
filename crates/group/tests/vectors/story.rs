//! A story as `tests/vectors` tells it: lines that change a group, and answers.

use bytes::Bytes;
use tablog_group::assignor::{
    Assignor, GroupAssignment, GroupSpec, Input, MemberSpec, PartitionsByTopic, TopicMetadata, TopicSpec,
};
use tablog_record::{SortedMap, SortedSet, TopicPartition, Uuid};

pub struct Story<'a> {
    pub group: Group,
    lines: Vec<&'a str>,
    next: usize,
    last_said: SortedSet<String>,
    last_answer: &'a str,
}

#[derive(Default)]
pub struct Group {
    pub topics: SortedMap<String, Topic>,
    pub members: SortedMap<String, Member>,
    broker_racks: Vec<String>,
    generation: i32,
}

#[derive(Clone, Default)]
pub struct Topic {
    id: Uuid,
    partition_count: i32,
    replicas: usize,
    first_broker: usize,
}

#[derive(Clone, Default)]
pub struct Member {
    pub topics: SortedSet<String>,
    instance: Option<String>,
    rack: Option<String>,
    client: Client,
    claim: Claim,
    /// What it claimed before it heard of the last assignment.
    before: Claim,
    lie: Option<Claim>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Client {
    NoGeneration,
    GenerationInUserData,
    #[default]
    Newest,
}

#[derive(Clone)]
struct Claim {
    owned: Vec<TopicPartition>,
    generation: i32,
}

impl Default for Claim {
    fn default() -> Claim {
        Claim { owned: Vec::new(), generation: -1 }
    }
}

impl<'a> Story<'a> {
    pub fn all(text: &'a str) -> impl Iterator<Item = Story<'a>> {
        let stories = text.split("\nstory ").skip(1);
        stories.map(|story| Story {
            group: Group::default(),
            lines: story.lines().collect(),
            next: 1,
            last_said: SortedSet::new(),
            last_answer: "",
        })
    }

    /// Plays what happens up to the next answer: who has each partition, or `None` where there is no sound one.
    pub fn next_answer(&mut self) -> Option<Option<String>> {
        loop {
            let line = *self.lines.get(self.next)?;
            self.next += 1;
            match line.split_at(1) {
                ("=", "!") => return Some(None),
                ("=", "=") => return Some(Some(spelt_out(self.last_answer))),
                ("=", answer) => {
                    self.last_answer = answer;
                    return Some(Some(spelt_out(answer)));
                }
                (_, rest) => self.play(line, rest),
            }
        }
    }

    pub fn told(&self) -> String {
        format!("story {}", self.lines[..self.next].join("\n"))
    }

    fn play(&mut self, line: &str, rest: &str) {
        let words: Vec<&str> = rest.split(' ').collect();
        let group = &mut self.group;
        match (&line[..1], &words[..]) {
            ("b", ["", racks]) => group.broker_racks = racks.split(',').map(str::to_owned).collect(),
            ("t", ["", name, count, more @ ..]) => {
                let topic = group.topics.entry((*name).to_owned()).or_default();
                topic.partition_count = number(count);
                match more {
                    [] => {}
                    [id] => topic.id = Uuid::parse(id).expect("a topic id"),
                    [replicas, first] => {
                        (topic.replicas, topic.first_broker) = (number(replicas), number(first))
                    }
                    _ => panic!("{line}"),
                }
            }
            ("+", [id, attributes @ ..]) => {
                let mut member = group.members.get(*id).cloned().unwrap_or_default();
                for word in attributes {
                    match word.split_once('=') {
                        Some(("i", instance)) => member.instance = Some(instance.to_owned()),
                        Some(("r", rack)) => member.rack = Some(rack.to_owned()),
                        Some(("v", "0")) => member.client = Client::NoGeneration,
                        Some(("v", "1")) => member.client = Client::GenerationInUserData,
                        Some(_) => panic!("{line}"),
                        None => self.last_said = names(word),
                    }
                }
                member.topics = self.last_said.clone();
                group.members.insert((*id).to_owned(), member);
            }
            ("-", [id]) => drop(group.members.remove(*id)),
            ("*", [topics]) => {
                group.members.values_mut().for_each(|member| member.topics = names(topics));
            }
            (">", [before, id]) => {
                let member = group.members.remove(*before).expect("a member");
                group.members.insert((*id).to_owned(), member);
            }
            ("~", [id]) => {
                let member = group.members.get_mut(*id).expect("a member");
                member.claim = member.before.clone();
            }
            ("!", [id, generation, owned @ ..]) => {
                let member = group.members.get_mut(*id).expect("a member");
                let owned = owned.iter().map(|text| {
                    let (topic, partition) = text.split_once('-').expect("topic-partition");
                    TopicPartition::new(topic, number::<i32>(partition))
                });
                member.lie = Some(Claim { owned: owned.collect(), generation: number(generation) });
            }
            _ => panic!("{line}"),
        }
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn names(text: &str) -> SortedSet<String> {
    text.split(',').filter(|name| *name != "-").map(str::to_owned).collect()
}

/// `a4b` is `aaaab`.
fn spelt_out(answer: &str) -> String {
    let mut out = String::new();
    let mut rest = answer;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let times = if digits > 0 { number(&rest[..digits]) } else { 1 };
        rest = &rest[digits..];
        out.extend(std::iter::repeat_n(letter, times));
    }
    out
}

impl Group {
    pub fn hear(&mut self, mut assignment: SortedMap<String, Vec<TopicPartition>>) {
        self.generation += 1;
        for (id, member) in &mut self.members {
            let owned = assignment.remove(id.as_str()).unwrap_or_default();
            let heard = Claim { owned, generation: self.generation };
            member.before = std::mem::replace(&mut member.claim, heard);
            member.lie = None;
        }
    }

    pub fn client_input(&self, assignor: Assignor) -> Input {
        let members = self.members.iter().map(|(id, member)| member.as_client(id, assignor)).collect();
        let topics = self.topics.iter().map(|(name, topic)| {
            let racks =
                (0..topic.partition_count as usize).map(|partition| self.replica_racks(topic, partition));
            let metadata =
                TopicMetadata { partition_count: topic.partition_count, replica_racks: racks.collect() };
            (name.clone(), metadata)
        });
        Input { members, topics: topics.collect() }
    }

    fn replica_racks(&self, topic: &Topic, partition: usize) -> Vec<String> {
        let rack = |replica| {
            &self.broker_racks[(topic.first_broker + partition + replica) % self.broker_racks.len()]
        };
        (0..topic.replicas).map(rack).filter(|rack| *rack != "-").cloned().collect()
    }

    pub fn spec(&self) -> GroupSpec {
        let members = self.members.iter().map(|(id, member)| {
            let mut target = PartitionsByTopic::new();
            for owned in &member.claim.owned {
                target.entry(self.topics[owned.topic.as_str()].id).or_default().push(owned.partition);
            }
            let spec = MemberSpec {
                instance_id: member.instance.clone(),
                rack_id: None,
                subscribed_topic_ids: member
                    .topics
                    .iter()
                    .map(|name| self.topics[name.as_str()].id)
                    .collect(),
                target,
            };
            (id.clone(), spec)
        });
        let topics = self.topics.iter().map(|(name, topic)| {
            (topic.id, TopicSpec { name: name.clone(), partition_count: topic.partition_count })
        });
        GroupSpec::new(members.collect(), topics.collect())
    }

    pub fn named(&self, assignment: &GroupAssignment) -> SortedMap<String, Vec<TopicPartition>> {
        let names: SortedMap<Uuid, &String> =
            self.topics.iter().map(|(name, topic)| (topic.id, name)).collect();
        let owned = |by_topic: &PartitionsByTopic| {
            let named = by_topic.iter().flat_map(|(id, partitions)| {
                partitions.iter().map(|&partition| TopicPartition::new(names[id].as_str(), partition))
            });
            named.collect()
        };
        assignment.iter().map(|(id, by_topic)| (id.clone(), owned(by_topic))).collect()
    }

    pub fn letters(&self, assignment: &SortedMap<String, Vec<TopicPartition>>) -> String {
        let mut topics: SortedMap<&str, Vec<char>> = SortedMap::new();
        for (name, topic) in &self.topics {
            topics.insert(name, vec!['.'; topic.partition_count as usize]);
        }
        let letters = ('a'..='z').chain('A'..='Z');
        for (id, letter) in self.members.keys().zip(letters) {
            for owned in &assignment[id.as_str()] {
                topics.get_mut(owned.topic.as_str()).expect("a topic")[owned.partition as usize] = letter;
            }
        }
        topics.values().map(|letters| letters.iter().collect::<String>()).collect::<Vec<_>>().join("/")
    }

    /// Every partition that somebody reads is owned once, by somebody who reads it; or withheld where that may be.
    pub fn check_sound(
        &self,
        assignment: &SortedMap<String, Vec<TopicPartition>>,
        may_withhold: bool,
    ) -> Result<(), String> {
        if assignment.len() != self.members.len() {
            return Err("a member is missing".to_owned());
        }
        let mut owners = SortedSet::new();
        for (id, owned) in assignment {
            for partition in owned {
                let reads = self.members[id.as_str()].topics.contains(partition.topic.as_str());
                let exists = self
                    .topics
                    .get(&partition.topic)
                    .is_some_and(|t| (0..t.partition_count).contains(&partition.partition));
                if !reads || !exists || !owners.insert(partition.clone()) {
                    return Err(format!("{partition} went to {id}"));
                }
            }
        }
        let is_read = |name: &str| self.members.values().any(|member| member.topics.contains(name));
        let wanted: i32 =
            self.topics.iter().filter(|(name, _)| is_read(name)).map(|(_, t)| t.partition_count).sum();
        if owners.len() == wanted as usize || may_withhold {
            Ok(())
        } else {
            Err(format!("{} of {wanted} partitions are owned", owners.len()))
        }
    }
}

impl Member {
    fn as_client(&self, id: &str, assignor: Assignor) -> tablog_group::assignor::Member {
        let claim = self.lie.as_ref().unwrap_or(&self.claim);
        let generation =
            Some(claim.generation).filter(|&generation| generation >= 0 && self.client == Client::Newest);
        let said = assignor.user_data(&claim.owned, claim.generation);
        let (user_data, owned): (Option<Bytes>, &[TopicPartition]) = match assignor {
            // Eager: it let go of everything before it joined. The first format ends before the generation.
            Assignor::Sticky if self.client == Client::NoGeneration => {
                (said.map(|data| data.slice(..data.len() - 4)), &[])
            }
            Assignor::Sticky => (said, &[]),
            _ if self.client == Client::NoGeneration => (None, &claim.owned),
            _ => (said, &claim.owned),
        };
        tablog_group::assignor::Member {
            id: id.to_owned(),
            group_instance_id: self.instance.clone(),
            topics: self.topics.iter().cloned().collect(),
            user_data,
            owned_partitions: owned.to_vec(),
            generation,
            rack_id: self.rack.clone(),
        }
    }
}
