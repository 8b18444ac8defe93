//! In one generation of a group a partition has one owner.

use super::Verdict;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct TwoOwners {
    owners: BTreeMap<(String, i32, TopicPartition), String>,
    groups: BTreeMap<String, Joined>,
}

#[derive(Debug)]
struct Joined {
    /// The protocol of the last member that joined.
    last: Kind,
    /// Members of both kinds were seen: such a group may come to be empty, and to be of the other kind.
    has_both: bool,
    newest: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Classic,
    Consumer,
}

impl TwoOwners {
    /// A member joined. An empty group that a member of the other kind joins is made anew and counts from the
    /// beginning; whether that may be so.
    pub fn joined(&mut self, group: &str, kind: Kind, generation: i32) -> bool {
        let first = Joined { last: kind, has_both: false, newest: generation };
        let joined = self.groups.entry(group.to_owned()).or_insert(first);
        joined.has_both |= joined.last != kind;
        let is_anew = joined.has_both && (generation == 1 || generation < joined.newest);
        joined.newest = if is_anew { generation } else { joined.newest.max(generation) };
        joined.last = kind;
        if is_anew {
            self.owners.retain(|place, _| place.0 != group);
        }
        is_anew
    }

    /// A member was handed its assignment.
    pub fn assigned(
        &mut self,
        group: &str,
        generation: i32,
        member: &str,
        partitions: Vec<TopicPartition>,
    ) -> Verdict {
        for partition in partitions {
            let place = (group.to_owned(), generation, partition);
            match self.owners.insert(place.clone(), member.to_owned()) {
                Some(other) if other != member => {
                    let partition = place.2;
                    return Err(format!(
                        "two owners: in generation {generation} of {group}, \
                         {partition} belongs to {other} and to {member}"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
