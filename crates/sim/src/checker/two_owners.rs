//! In one generation of a group a partition has one owner.

use super::Verdict;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct TwoOwners {
    owners: BTreeMap<(String, i32, TopicPartition), String>,
}

impl TwoOwners {
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
