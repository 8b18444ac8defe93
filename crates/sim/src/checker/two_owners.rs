//! In one generation of a group a partition has one owner.

use super::Verdict;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct TwoOwners {
    owners: BTreeMap<(String, i32, TopicPartition), String>,
    /// By group: the protocol of the last member that joined, and the newest generation or epoch.
    groups: BTreeMap<String, (Kind, i32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Classic,
    Consumer,
}

impl TwoOwners {
    /// A member joined. An empty group that a member of the other kind joins is made anew and counts from the
    /// beginning; whether that is so.
    pub fn joined(&mut self, group: &str, kind: Kind, generation: i32) -> bool {
        let (kind_before, newest) = self.groups.get(group).copied().unwrap_or((kind, generation));
        let is_anew = kind != kind_before && generation < newest;
        if is_anew {
            self.owners.retain(|place, _| place.0 != group);
        }
        let newest = if is_anew { generation } else { newest.max(generation) };
        self.groups.insert(group.to_owned(), (kind, newest));
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
