//! One group of one assignor: what its members own, and the rebalances by which a step becomes an assignment.
//!
//! ```text
//! eager         everybody lets go of everything; sticky remembers through its user data        1 rebalance
//! cooperative   what moves is withheld; who lost something joins again                         1, or 2
//! KIP-848       the broker starts from the target assignment that stands                       1 new target
//! ```

use crate::model::lab::answer::LabAssignor;
use crate::model::lab::{LabMember, LabTopic, Membership, Situation, Step};
use tablog_group::assignor::{
    Assignor, GroupSpec, Input, Member, MemberSpec, PartitionsByTopic, ServerAssignor, TopicMetadata,
    TopicSpec,
};
use tablog_record::{SortedMap, TopicPartition, Uuid};

/// Partitions by member.
pub type Owned = SortedMap<String, Vec<TopicPartition>>;

type Owners<'a> = Vec<Option<&'a str>>;

/// A cooperative group settles in two rebalances; where racks or subscriptions differ, letting go may lead to another
/// move, and then it takes a few more.
const REBALANCES_MAX: usize = 20;

#[derive(Clone, Debug)]
pub struct Group {
    assignor: LabAssignor,
    pub owned: Owned,
    generation: i32,
    /// In the last step.
    pub paused: usize,
    pub rebalances: usize,
}

impl Group {
    /// All members are there when the group is formed first.
    pub fn begin(assignor: LabAssignor, situation: &Situation) -> Group {
        let nothing = Group { assignor, owned: Owned::new(), generation: -1, paused: 0, rebalances: 0 };
        match situation.members.is_empty() {
            true => nothing,
            false => nothing.rebalanced(situation, &owners(&Owned::new(), situation)),
        }
    }

    pub fn after(&self, step: &Step, before: &Situation, situation: &Situation) -> Group {
        let mut group = Group { paused: 0, rebalances: 0, ..self.clone() };
        group.owned.retain(|name, _| situation.member(name).is_some());
        let lost = self.owned.values().map(Vec::len).sum::<usize>()
            - group.owned.values().map(Vec::len).sum::<usize>();
        if situation.members.is_empty() {
            return Group { paused: lost, ..group };
        }
        if !concerns_the_group(step, before, situation) {
            return group;
        }
        group.rebalanced(situation, &owners(&self.owned, situation))
    }

    /// `had` is what every partition's owner was, also one that is gone.
    fn rebalanced(&self, situation: &Situation, had: &Owners) -> Group {
        let mut after = match self.assignor {
            LabAssignor::Range => self.eager(Assignor::Range, situation),
            LabAssignor::RoundRobin => self.eager(Assignor::RoundRobin, situation),
            LabAssignor::Sticky => self.eager(Assignor::Sticky, situation),
            LabAssignor::CooperativeSticky => return self.cooperative(situation, had),
            LabAssignor::Uniform => self.by_the_broker(ServerAssignor::Uniform, situation),
            LabAssignor::BrokerRange => self.by_the_broker(ServerAssignor::Range, situation),
        };
        after.paused = if self.assignor.is_eager() {
            had.iter().flatten().count()
        } else {
            moved(had, &owners(&after.owned, situation)).count()
        };
        after
    }

    fn eager(&self, assignor: Assignor, situation: &Situation) -> Group {
        let owned = assignor.assign(&self.input(assignor, situation));
        Group { owned, generation: self.next_generation(), rebalances: 1, ..self.clone() }
    }

    fn cooperative(&self, situation: &Situation, had: &Owners) -> Group {
        let assignor = Assignor::CooperativeSticky;
        let mut stopped = vec![false; had.len()];
        let mut group = self.clone();
        group.rebalances = 0;
        // What a member does not subscribe to any more it lets go of before it joins.
        for member in &situation.members {
            if let Some(owned) = group.owned.get_mut(member.name.as_str()) {
                owned.retain(|p| member.subscription.reads(&p.topic));
            }
        }
        loop {
            let assignment = assignor.assign(&group.input(assignor, situation));
            let now = owners(&assignment, situation);
            moved(had, &now).for_each(|p| stopped[p] = true);
            let somebody_lost = moved(&owners(&group.owned, situation), &now).next().is_some();
            group.owned = assignment;
            group.generation = group.next_generation();
            group.rebalances += 1;
            if !somebody_lost || group.rebalances == REBALANCES_MAX {
                break;
            }
        }
        Group { paused: stopped.into_iter().filter(|stopped| *stopped).count(), ..group }
    }

    fn by_the_broker(&self, assignor: ServerAssignor, situation: &Situation) -> Group {
        let id = |place: usize| Uuid::from_random(0, place as u64 + 1);
        let ids: SortedMap<&str, Uuid> =
            situation.topics.iter().enumerate().map(|(place, t)| (t.name.as_str(), id(place))).collect();
        let member = |m: &LabMember| {
            let mut target = PartitionsByTopic::new();
            for owned in self.owned.get(m.name.as_str()).into_iter().flatten() {
                if let Some(id) = ids.get(owned.topic.as_str()) {
                    target.entry(*id).or_default().push(owned.partition);
                }
            }
            let spec = MemberSpec {
                instance_id: instance_id(m),
                rack_id: m.rack.clone(),
                subscribed_topic_ids: situation.topics_of(m).map(|t| ids[t.name.as_str()]).collect(),
                target,
            };
            (m.name.clone(), spec)
        };
        let topic = |t: &LabTopic| {
            (ids[t.name.as_str()], TopicSpec { name: t.name.clone(), partition_count: t.partitions })
        };
        let spec = GroupSpec::new(
            situation.members.iter().map(member).collect(),
            situation.topics.iter().map(topic).collect(),
        );
        let names: SortedMap<Uuid, &str> = ids.iter().map(|(name, id)| (*id, *name)).collect();
        let named = |by_topic: PartitionsByTopic| {
            let of_topic = |(id, numbers): (Uuid, Vec<i32>)| {
                numbers.into_iter().map(move |n| (id, n)).collect::<Vec<_>>()
            };
            by_topic
                .into_iter()
                .flat_map(of_topic)
                .map(|(id, n)| TopicPartition::new(names[&id], n))
                .collect()
        };
        let owned =
            assignor.assign(&spec).into_iter().map(|(name, by_topic)| (name, named(by_topic))).collect();
        Group { owned, generation: self.next_generation(), rebalances: 1, ..self.clone() }
    }

    /// The first generation is 1.
    fn next_generation(&self) -> i32 {
        self.generation.max(0) + 1
    }

    /// What the leader of the group sees.
    fn input(&self, assignor: Assignor, situation: &Situation) -> Input {
        let member = |m: &LabMember| {
            let known = self.owned.get(m.name.as_str());
            let owned = known.cloned().unwrap_or_default();
            let generation = if known.is_some() { self.generation } else { -1 };
            Member {
                id: m.name.clone(),
                group_instance_id: instance_id(m),
                topics: situation.topics_of(m).map(|t| t.name.clone()).collect(),
                user_data: assignor.user_data(&owned, generation),
                owned_partitions: if assignor == Assignor::CooperativeSticky { owned } else { Vec::new() },
                generation: Some(generation).filter(|&generation| generation >= 0),
                rack_id: m.rack.clone(),
            }
        };
        let topic = |t: &LabTopic| {
            let racks = (0..t.partitions as usize).map(|p| t.racks.get(p % t.racks.len().max(1)).cloned());
            let replica_racks = racks.map(|rack| rack.into_iter().collect()).collect();
            (t.name.clone(), TopicMetadata { partition_count: t.partitions, replica_racks })
        };
        Input {
            members: situation.members.iter().map(member).collect(),
            topics: situation.topics.iter().map(topic).collect(),
        }
    }
}

/// Whether a step is a reason to assign anew.
fn concerns_the_group(step: &Step, before: &Situation, situation: &Situation) -> bool {
    let is_read = |topic: &str| situation.members.iter().any(|m| m.subscription.reads(topic));
    match step {
        Step::Join(_) | Step::Leave(_) | Step::Crash(_) => true,
        Step::AddPartitions { topic, .. } => is_read(topic),
        Step::CreateTopic(topic) => is_read(&topic.name),
        Step::Subscribe { member, .. } => {
            let read = |situation: &Situation| -> Option<Vec<String>> {
                let member = situation.member(member)?;
                Some(situation.topics_of(member).map(|t| t.name.clone()).collect())
            };
            read(before) != read(situation)
        }
    }
}

fn instance_id(member: &LabMember) -> Option<String> {
    (member.membership == Membership::Static).then(|| member.name.clone())
}

/// By partition, numbered through the topics of a situation.
fn owners<'a>(owned: &'a Owned, situation: &Situation) -> Owners<'a> {
    let mut owners = vec![None; situation.partition_count() as usize];
    for (name, owned) in owned {
        let mut topic = (situation.topics.first().map_or("", |t| t.name.as_str()), 0);
        for partition in owned {
            if topic.0 != partition.topic {
                let before = situation.topics.iter().take_while(|t| t.name != partition.topic);
                topic = (&partition.topic, before.map(|t| t.partitions as usize).sum());
            }
            if let Some(owner) = owners.get_mut(topic.1 + partition.partition as usize) {
                *owner = Some(name.as_str());
            }
        }
    }
    owners
}

/// What had an owner that is not its owner now.
fn moved<'a>(had: &'a Owners, now: &'a Owners) -> impl Iterator<Item = usize> + 'a {
    (0..had.len()).filter(|&p| had[p].is_some() && had[p] != now[p])
}
