//! The history of a group: who owned what in which generation, how long each rebalance stopped it, who came and who
//! went. Fed by the broker's events where there are any; on a cluster without them by polled assignments, and then
//! a generation has no number of the group's own.

use crate::model::epochs::Epochs;
use crate::model::limits::GENERATIONS_MAX;
use crate::model::packing::packed_struct;
use crate::model::snapshot::{Group, Member, TopicPartition};
use tablog_record::{SortedMap, stable_sort_by};

/// Client id (or member id where two share one) to what it owns.
pub type Ownership = SortedMap<String, Vec<TopicPartition>>;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub generations: Vec<Generation>,
    /// A rebalance that has begun and not ended.
    pub forming_since_ms: Option<i64>,
    pub departures: Vec<Departure>,
    pub by_events: bool,
    /// Of a consumer group: there a generation is the target of an epoch, and what became of it is here.
    pub epochs: Epochs,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    pub number: Option<i32>,
    pub from_ms: i64,
    pub stopped_ms: i64,
    pub assignor: String,
    pub owners: Ownership,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    pub at_ms: i64,
    pub client: String,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Left,
    Expired,
}

/// A partition that changed hands between two generations.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    pub partition: TopicPartition,
    pub from: String,
    pub to: String,
}

impl History {
    pub fn rebalance_started(&mut self, at_ms: i64) {
        self.by_events = true;
        self.forming_since_ms.get_or_insert(at_ms);
    }

    pub fn departed(&mut self, at_ms: i64, client: &str, why: Why) {
        self.by_events = true;
        self.departures.push(Departure { at_ms, client: client.to_owned(), why });
        if self.departures.len() > GENERATIONS_MAX {
            self.departures.remove(0);
        }
    }

    pub fn completed(&mut self, generation: Generation) {
        self.by_events = true;
        self.forming_since_ms = None;
        if self.generations.last().is_some_and(|g| g.number == generation.number && g.number.is_some()) {
            self.generations.pop();
        }
        self.push(generation);
    }

    /// The target of an epoch, told once or twice: by the broker, and by a reading.
    pub fn aimed(&mut self, target: Generation) {
        self.by_events = true;
        self.forming_since_ms = None;
        let known = self.generations.iter_mut().rev().take(3).find(|g| g.number == target.number);
        match known {
            // Too much to tell: the reading had it.
            Some(known) if target.owners.is_empty() => known.from_ms = target.from_ms,
            Some(known) => *known = target,
            None => self.push(target),
        }
        stable_sort_by(&mut self.generations, |a: &Generation, b| a.from_ms.cmp(&b.from_ms));
    }

    fn observe_target(&mut self, at_ms: i64, group: &Group, number: i32) {
        self.forming_since_ms = None;
        let owners = target(group);
        match self.generations.iter_mut().rev().find(|g| g.number == Some(number)) {
            Some(known) if known.owners.is_empty() => known.owners = owners,
            Some(_) => {}
            None if owners.is_empty() => {}
            None => {
                let assignor = group.assignor.clone();
                self.push(Generation {
                    number: Some(number),
                    from_ms: at_ms,
                    stopped_ms: 0,
                    assignor,
                    owners,
                });
            }
        }
    }

    /// A reading of the group. Without events an assignment that changed begins a generation.
    pub fn observe(&mut self, at_ms: i64, group: &Group) {
        if let Some(epochs) = &group.epochs {
            return self.observe_target(at_ms, group, epochs.assignment);
        }
        if group.is_rebalancing() {
            self.forming_since_ms.get_or_insert(at_ms);
            return;
        }
        let owners = ownership(group);
        let known = self.generations.last().map(|g| &g.owners);
        let begun = self.forming_since_ms.take();
        if known == Some(&owners) || (owners.is_empty() && known.is_none()) {
            return;
        }
        let recent_event =
            self.by_events && self.generations.last().is_some_and(|g| at_ms - g.from_ms < 3_000);
        if recent_event {
            return;
        }
        let stopped_ms = begun.map_or(0, |begun| at_ms - begun);
        let assignor = group.assignor.clone();
        self.push(Generation { number: None, from_ms: at_ms, stopped_ms, assignor, owners });
    }

    fn push(&mut self, generation: Generation) {
        self.generations.push(generation);
        if self.generations.len() > GENERATIONS_MAX {
            self.generations.remove(0);
        }
    }

    pub fn current(&self) -> Option<&Generation> {
        self.generations.last()
    }

    /// What moved when the generation at `index` was formed.
    pub fn moves(&self, index: usize) -> Vec<Move> {
        let (Some(now), Some(before)) = (
            self.generations.get(index),
            index.checked_sub(1).and_then(|before| self.generations.get(before)),
        ) else {
            return Vec::new();
        };
        let owner_of = |owners: &Ownership, p: &TopicPartition| {
            owners.iter().find(|(_, owned)| owned.contains(p)).map(|(client, _)| client.clone())
        };
        let mut moves = Vec::new();
        for (to, owned) in &now.owners {
            for partition in owned {
                if let Some(from) = owner_of(&before.owners, partition).filter(|from| from != to) {
                    moves.push(Move { partition: partition.clone(), from, to: to.clone() });
                }
            }
        }
        moves.sort_by(|a, b| a.partition.cmp(&b.partition));
        moves
    }

    pub fn departure(&self, client: &str, after_ms: i64) -> Option<&Departure> {
        self.departures.iter().rev().find(|d| d.client == client && d.at_ms >= after_ms)
    }
}

pub fn ownership(group: &Group) -> Ownership {
    let owned = |m: &Member| {
        let mut owned = m.owned.clone();
        owned.sort();
        (name(group, m), owned)
    };
    group.members.iter().map(owned).collect()
}

/// Who is to own what.
fn target(group: &Group) -> Ownership {
    let target = |m: &Member| (name(group, m), m.progress.as_ref().map_or(Vec::new(), |p| p.target.clone()));
    group.members.iter().map(target).collect()
}

/// A member's name within its group.
pub fn name(group: &Group, member: &Member) -> String {
    name_among(&member.client_id, &member.member_id, group.members.iter().map(|m| &m.client_id))
}

/// The client id; where two members share one, or it is empty, the member id tells them apart.
pub fn name_among<'a>(client: &str, member_id: &str, clients: impl Iterator<Item = &'a String>) -> String {
    let shared = clients.filter(|other| *other == client).count() > 1;
    if shared || client.is_empty() { member_id.to_owned() } else { client.to_owned() }
}

packed_struct! {
    Generation { number, from_ms, stopped_ms, assignor, owners }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn a_changed_assignment_is_a_generation_and_its_moves_are_known() {
        let mut group = flights().groups["flights-readers"].clone();
        let mut history = History::default();
        history.observe(1_000, &group);
        history.observe(1_250, &group);
        assert_eq!(history.generations.len(), 1);
        let lost = group.members.pop().unwrap();
        group.members[0].owned.extend(lost.owned);
        group.state = "PreparingRebalance".into();
        history.observe(2_000, &group);
        assert_eq!(history.forming_since_ms, Some(2_000));
        group.state = "Stable".into();
        history.observe(2_900, &group);
        assert_eq!(history.current().unwrap().stopped_ms, 900);
        let moves = history.moves(1);
        assert_eq!(moves.len(), 2);
        assert_eq!((moves[0].from.as_str(), moves[0].to.as_str()), ("consumer-3", "consumer-1"));
    }
}
