//! What Apache Kafka's assignors make of a history of the lab: the real ones, walked through step by step, so that each
//! sees what its members owned before.
//!
//! Only the tab's worker calls this: the page, which never does, is linked without it.
//!
//! Never knows: the DOM, a connection, time. A crash is a leave that the group learns of later.

mod rebalance;

use crate::model::lab::answer::{Answer, Column, Cost, LabAssignor, NOBODY, Presence, Row};
use crate::model::lab::reasons::{self, Case};
use crate::model::lab::{History, LabMember, Situation, Step};
use rebalance::Group;
use tablog_record::SortedMap;

/// A history as far as it was walked. What the next one has in common with it is not walked again.
#[derive(Debug, Default)]
pub struct Walk {
    moments: Vec<Moment>,
}

/// After a step, or at the start.
#[derive(Debug)]
struct Moment {
    step: Option<Step>,
    situation: Situation,
    /// In the order of [`LabAssignor::ALL`].
    groups: Vec<Group>,
}

impl Walk {
    /// What each assignor makes of the step at which the history stands.
    pub fn answer(&mut self, history: &History) -> Answer {
        self.forget_what_differs(history);
        if self.moments.is_empty() {
            let situation = history.start().clone();
            let groups = LabAssignor::ALL.map(|assignor| Group::begin(assignor, &situation)).into();
            self.moments.push(Moment { step: None, situation, groups });
        }
        for step in history.steps().iter().take(history.at()).skip(self.moments.len() - 1) {
            let before = &self.moments[self.moments.len() - 1];
            let mut situation = before.situation.clone();
            if step.apply(&mut situation).is_err() {
                break;
            }
            let groups =
                before.groups.iter().map(|group| group.after(step, &before.situation, &situation)).collect();
            self.moments.push(Moment { step: Some(step.clone()), situation, groups });
        }
        answer(&self.moments, history.at().min(self.moments.len() - 1))
    }

    fn forget_what_differs(&mut self, history: &History) {
        if self.moments.first().is_none_or(|first| first.situation != *history.start()) {
            self.moments.clear();
        }
        let steps = self.moments.iter().skip(1).zip(history.steps());
        let same = 1 + steps.take_while(|(moment, step)| moment.step.as_ref() == Some(step)).count();
        self.moments.truncate(same);
    }
}

fn answer(moments: &[Moment], at: usize) -> Answer {
    let (moment, before) = (&moments[at], at.checked_sub(1).map(|at| &moments[at]));
    let situation = &moment.situation;
    let mut rows: SortedMap<&str, Presence> = SortedMap::new();
    for member in before.iter().flat_map(|before| &before.situation.members) {
        rows.insert(&member.name, Presence::Gone);
    }
    for member in &situation.members {
        rows.insert(&member.name, Presence::Here);
    }
    let rows: Vec<Row> =
        rows.into_iter().map(|(member, presence)| Row { member: member.to_owned(), presence }).collect();
    let mut by_name: SortedMap<&str, &LabMember> = SortedMap::new();
    for member in &situation.members {
        by_name.insert(&member.name, member);
    }
    let members: Vec<Option<&LabMember>> =
        rows.iter().map(|row| by_name.get(row.member.as_str()).copied()).collect();
    let nobody = || vec![NOBODY; situation.partition_count() as usize];
    let mut columns: Vec<Column> = Vec::new();
    for (place, &assignor) in LabAssignor::ALL.iter().enumerate() {
        let group = &moment.groups[place];
        let owners = owners(&group.owned, situation, &rows);
        let was =
            before.map_or_else(nobody, |before| self::owners(&before.groups[place].owned, situation, &rows));
        let mut counts = vec![0; rows.len()];
        owners.iter().filter(|owner| **owner != NOBODY).for_each(|owner| counts[*owner as usize] += 1);
        let here = || members.iter().zip(&counts).filter(|(member, _)| member.is_some()).map(|(_, n)| *n);
        let cost = Cost {
            moved: owners
                .iter()
                .zip(&was)
                .filter(|(now, was)| **was != NOBODY && **now != NOBODY && now != was)
                .count(),
            spread: here().max().unwrap_or(0) - here().min().unwrap_or(0),
            paused: group.paused,
            rebalances: group.rebalances,
        };
        let case = Case {
            assignor,
            situation,
            is_start: before.is_none(),
            members: &members,
            counts: &counts,
            owners: &owners,
            before: &was,
            cost,
            like: place.checked_sub(1).map(|place| &columns[place].owners[..]),
        };
        let reason = reasons::explain(&case);
        columns.push(Column { assignor, owners, before: was, cost, reason });
    }
    Answer { topics: situation.topics.clone(), rows, columns }
}

/// By partition of the situation: the place of its owner among the rows.
fn owners(owned: &rebalance::Owned, situation: &Situation, rows: &[Row]) -> Vec<i32> {
    let mut first = 0;
    let mut firsts: SortedMap<&str, usize> = SortedMap::new();
    for topic in &situation.topics {
        firsts.insert(&topic.name, first);
        first += topic.partitions as usize;
    }
    let mut owners = vec![NOBODY; first];
    for (row, member) in rows.iter().enumerate() {
        for partition in owned.get(member.member.as_str()).into_iter().flatten() {
            if let Some(first) = firsts.get(partition.topic.as_str()) {
                owners[first + partition.partition as usize] = row as i32;
            }
        }
    }
    owners
}
