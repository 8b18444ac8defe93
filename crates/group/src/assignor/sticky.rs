//! `sticky` (KIP-54), and what `cooperative-sticky` shares with it.
//!
//! Promises, in this order: counts as even as the subscriptions allow; then as few moves as possible. Where all
//! members subscribe to the same topics ([`constrained`]) no two counts differ by more than one; where they do
//! not ([`general`]) partitions are moved until no single move makes it more even.
//!
//! Differs from Apache Kafka: a claim of a partition that does not exist is dropped, a member without topics never
//! takes the short way, and ties go by member id rather than by hash.

mod constrained;
mod general;

use bytes::{BufMut, Bytes, BytesMut};
use tablog_record::{SortedMap, SortedSet, TopicPartition, stable_sort_by};

use super::{Assignment, Input, java_order};
use crate::consumer_protocol::{put_topic_partitions, take_topic_partitions};

pub(super) const NO_GENERATION: i32 = -1;

/// What a member says it owns, and since when.
#[derive(Clone, Debug, Default)]
pub(super) struct Claim {
    pub owned: Vec<TopicPartition>,
    pub generation: Option<i32>,
}

pub(super) struct Outcome {
    pub assignment: Assignment,
    /// The partitions that move, with their new owner; `None` where it has to be worked out from the assignment.
    pub transferring: Option<SortedMap<TopicPartition, String>>,
}

/// A member and a partition while it is computed: places in [`Problem`]'s lists. They sort as their names do.
type MemberIndex = usize;
type Partition = (usize, i32);

/// The input with names turned into places, and claims that contradict each other settled.
struct Problem<'a> {
    members: Vec<&'a str>,
    topics: Vec<(&'a str, i32)>,
    /// By member: places in `topics`.
    subscriptions: Vec<SortedSet<usize>>,
    /// By member: what it owned, in the order in which it said so.
    owned: Vec<Vec<Partition>>,
    /// Claimed by two members in one generation: neither keeps it.
    claimed_twice: SortedSet<Partition>,
    /// By partition: who claimed it in an older generation than the newest, and in which.
    previous: SortedMap<Partition, (MemberIndex, i32)>,
}

/// Sticky is eager: everything was revoked before joining, so what a member owned travels in its user data.
pub(super) fn assign(input: &Input) -> Assignment {
    let claims = input.members.iter().map(|member| claim_of(member.user_data.as_ref())).collect();
    assign_claims(input, claims).assignment
}

/// `previous_assignment [topic [partition]]`, then `generation` (since version 1 of this format).
pub(super) fn user_data(last_assignment: &[TopicPartition], generation: i32) -> Option<Bytes> {
    if last_assignment.is_empty() {
        return None;
    }
    let mut out = BytesMut::new();
    put_topic_partitions(&mut out, last_assignment);
    out.put_i32(generation);
    Some(out.freeze())
}

fn claim_of(user_data: Option<&Bytes>) -> Claim {
    let Some(mut data) = user_data.cloned().filter(|data| !data.is_empty()) else { return Claim::default() };
    let Ok(owned) = take_topic_partitions(&mut data) else { return Claim::default() };
    let generation = data.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes));
    Claim { owned, generation }
}

pub(super) fn assign_claims(input: &Input, claims: Vec<Claim>) -> Outcome {
    if input.members.is_empty() {
        return Outcome { assignment: Assignment::new(), transferring: Some(SortedMap::new()) };
    }
    let problem = Problem::new(input, claims);
    let alike = all_subscribe_alike(input);
    let (owned, transferring) = if alike {
        let (owned, transferring) = constrained::assign(&problem);
        (owned, Some(transferring))
    } else {
        (general::assign(&problem), None)
    };
    let named = |partition: Partition| TopicPartition::new(problem.topics[partition.0].0, partition.1);
    let assignment = problem
        .members
        .iter()
        .zip(owned)
        .map(|(member, owned)| ((*member).to_owned(), owned.into_iter().map(named).collect()))
        .collect();
    let transferring = transferring.map(|moves| {
        moves
            .into_iter()
            .map(|(partition, member)| (named(partition), problem.members[member].to_owned()))
            .collect()
    });
    Outcome { assignment, transferring }
}

fn all_subscribe_alike(input: &Input) -> bool {
    let mut subscriptions =
        input.members.iter().map(|member| member.topics.iter().collect::<SortedSet<&String>>());
    let first = subscriptions.next();
    subscriptions.all(|other| Some(&other) == first.as_ref())
}

impl<'a> Problem<'a> {
    fn new(input: &'a Input, claims: Vec<Claim>) -> Problem<'a> {
        let topics: Vec<(&str, i32)> = input.subscribed_topics().into_iter().collect();
        let mut order: Vec<usize> = (0..input.members.len()).collect();
        stable_sort_by(&mut order, |&a, &b| java_order(&input.members[a].id, &input.members[b].id));
        let topic_index = |name: &str| topics.binary_search_by(|(topic, _)| (*topic).cmp(name)).ok();
        let subscriptions = order
            .iter()
            .map(|&place| input.members[place].topics.iter().filter_map(|name| topic_index(name)).collect())
            .collect();
        let claims: Vec<(Vec<Partition>, Option<i32>)> = order
            .iter()
            .map(|&place| {
                let mut seen = SortedSet::new();
                let owned = claims[place].owned.iter().filter_map(|owned| {
                    let topic = topic_index(&owned.topic)?;
                    let exists = (0..topics[topic].1).contains(&owned.partition);
                    (exists && seen.insert((topic, owned.partition))).then_some((topic, owned.partition))
                });
                (owned.collect(), claims[place].generation)
            })
            .collect();
        let mut problem = Problem {
            members: order.iter().map(|&place| input.members[place].id.as_str()).collect(),
            topics,
            subscriptions,
            owned: Vec::new(),
            claimed_twice: SortedSet::new(),
            previous: SortedMap::new(),
        };
        problem.settle(claims);
        problem
    }

    /// Of two claims the newer generation wins; two of one generation cancel each other.
    fn settle(&mut self, claims: Vec<(Vec<Partition>, Option<i32>)>) {
        let generation_of = |claim: &(Vec<Partition>, Option<i32>)| claim.1.unwrap_or(NO_GENERATION);
        let newest = claims.iter().map(generation_of).max().unwrap_or(NO_GENERATION);
        let mut owners: SortedMap<Partition, MemberIndex> = SortedMap::new();
        self.owned = vec![Vec::new(); claims.len()];
        for (member, claim) in claims.iter().enumerate() {
            let generation = generation_of(claim);
            for &partition in &claim.0 {
                if generation < newest {
                    let previous = self.previous.entry(partition).or_insert((member, generation));
                    if generation > previous.1 {
                        *previous = (member, generation);
                    }
                }
                let Some(&other) = owners.get(&partition) else {
                    self.owned[member].push(partition);
                    owners.insert(partition, member);
                    continue;
                };
                let other_generation = generation_of(&claims[other]);
                if generation < other_generation {
                    continue;
                }
                self.owned[other].retain(|owned| *owned != partition);
                owners.insert(partition, member);
                if generation == other_generation {
                    self.claimed_twice.insert(partition);
                } else {
                    self.owned[member].push(partition);
                }
            }
        }
    }

    fn partition_count(&self) -> usize {
        self.topics.iter().map(|topic| topic.1 as usize).sum()
    }
}
