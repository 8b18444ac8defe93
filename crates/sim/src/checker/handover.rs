//! A member of the consumer protocol is given a partition only after the member before it let go of it, or was out.
//!
//! Who is out the coordinator alone knows; but whoever was answered a moment ago was in, and whoever was told a moment
//! ago to let go is still waited for.

use super::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use tablog_record::TopicPartition;

/// The shortest session, and less than the rebalance timeout of any member.
const SURELY_IN_MS: u64 = 1_400;

#[derive(Debug, Default)]
pub struct Handover {
    groups: BTreeMap<String, BTreeMap<String, Holder>>,
    /// Said farewell: what they are still answered was asked before.
    left: BTreeSet<(String, String)>,
}

#[derive(Debug, Default)]
struct Holder {
    /// What it was given and did not say to have let go of.
    holds: BTreeSet<TopicPartition>,
    given: BTreeSet<TopicPartition>,
    /// Of what it was given, what it said not to own when it last asked: it takes that from the answer, or not at all.
    disowned: BTreeSet<TopicPartition>,
    answered_at_ms: u64,
    /// Since when it is to let go of something.
    letting_go_since_ms: Option<u64>,
}

impl Handover {
    /// A member asks, and perhaps says what it owns: the rest it has let go of.
    pub fn asks(&mut self, group: &str, member: &str, owned: Option<&BTreeSet<TopicPartition>>) {
        if let Some(holder) = self.groups.get_mut(group).and_then(|members| members.get_mut(member)) {
            let Holder { holds, given, disowned, letting_go_since_ms, .. } = holder;
            disowned.clear();
            let Some(owned) = owned else { return };
            disowned.extend(given.difference(owned).cloned());
            holds.retain(|partition| given.contains(partition) || owned.contains(partition));
            if holds == given {
                *letting_go_since_ms = None;
            }
        }
    }

    pub fn leaves(&mut self, group: &str, member: &str) {
        self.is_out(group, member);
        self.left.insert((group.to_owned(), member.to_owned()));
    }

    pub fn joins(&mut self, group: &str, member: &str) {
        self.is_out(group, member);
        self.left.remove(&(group.to_owned(), member.to_owned()));
    }

    /// It left, joins anew, or was told that it is out.
    pub fn is_out(&mut self, group: &str, member: &str) {
        if let Some(members) = self.groups.get_mut(group) {
            members.remove(member);
        }
    }

    /// An answer to a member: it owns this, or is to.
    pub fn given(
        &mut self,
        now_ms: u64,
        group: &str,
        member: &str,
        partitions: &[TopicPartition],
    ) -> Verdict {
        let members = self.groups.entry(group.to_owned()).or_default();
        for (other, holder) in members.iter().filter(|(other, _)| *other != member) {
            let is_surely_in = now_ms < holder.answered_at_ms + SURELY_IN_MS
                && holder.letting_go_since_ms.is_none_or(|since_ms| now_ms < since_ms + SURELY_IN_MS);
            if let Some(partition) = partitions.iter().find(|it| holder.holds.contains(*it))
                && is_surely_in
            {
                return Err(format!(
                    "handover: {partition} of {group} is given to {member} while {other} holds it"
                ));
            }
        }
        if self.left.contains(&(group.to_owned(), member.to_owned())) {
            return Ok(());
        }
        let holder = members.entry(member.to_owned()).or_default();
        holder.given = partitions.iter().cloned().collect();
        let disowned = std::mem::take(&mut holder.disowned);
        holder.holds.retain(|partition| !disowned.contains(partition));
        holder.holds.extend(partitions.iter().cloned());
        holder.answered_at_ms = now_ms;
        if holder.holds != holder.given {
            holder.letting_go_since_ms.get_or_insert(now_ms);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(indexes: &[i32]) -> Vec<TopicPartition> {
        indexes.iter().map(|&index| TopicPartition::new("t", index)).collect()
    }

    #[test]
    fn a_partition_is_given_on_when_its_holder_has_let_go_or_is_not_heard_of() {
        let mut checker = Handover::default();
        checker.given(0, "g", "a", &at(&[0, 1])).expect("nobody else");
        assert!(checker.given(500, "g", "b", &at(&[1])).is_err(), "a has it");
        checker.given(1_000, "g", "a", &at(&[0])).expect("less");
        assert!(checker.given(1_100, "g", "b", &at(&[1])).is_err(), "a was only told");
        checker.asks("g", "a", Some(&at(&[0, 1]).into_iter().collect()));
        assert!(checker.given(1_200, "g", "b", &at(&[1])).is_err(), "a says that it has it");
        checker.asks("g", "a", Some(&at(&[0]).into_iter().collect()));
        checker.given(1_300, "g", "b", &at(&[1])).expect("a has let go");
        checker.given(9_000, "g", "c", &at(&[0])).expect("a was not heard of for long");
    }

    #[test]
    fn what_a_member_had_not_taken_when_it_asked_is_not_waited_for() {
        let mut checker = Handover::default();
        checker.given(0, "g", "a", &at(&[0, 1])).expect("nobody else");
        checker.asks("g", "a", None);
        checker.given(100, "g", "a", &at(&[0])).expect("less");
        assert!(checker.given(200, "g", "b", &at(&[1])).is_err(), "a may have it");
        checker.given(300, "g", "a", &at(&[0, 1])).expect("it is still a's");
        checker.asks("g", "a", Some(&at(&[0]).into_iter().collect()));
        checker.given(400, "g", "a", &at(&[0])).expect("less");
        checker.given(500, "g", "b", &at(&[1])).expect("a never took it");
    }
}
