//! When nothing goes wrong any more, the members of a group come to own every partition, each by one of them.
//!
//! Never knows: how they share.

use std::collections::{BTreeMap, BTreeSet};
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct Settlement {
    groups: BTreeMap<String, Group>,
}

#[derive(Debug, Default)]
struct Group {
    /// What each member said last, since the work was over.
    owned: BTreeMap<String, Option<BTreeSet<TopicPartition>>>,
    is_settled: bool,
}

impl Settlement {
    pub fn belongs_to(&mut self, group: &str, member: &str) {
        let group = self.groups.entry(group.to_owned()).or_default();
        group.owned.entry(member.to_owned()).or_default();
    }

    /// The work is over, and this is what a member owns. Whether its group is settled.
    pub fn owns(
        &mut self,
        group: &str,
        member: &str,
        owned: BTreeSet<TopicPartition>,
        topic: &BTreeSet<TopicPartition>,
    ) -> bool {
        let group = self.groups.entry(group.to_owned()).or_default();
        group.owned.insert(member.to_owned(), Some(owned));
        let mut count = 0;
        let mut all = BTreeSet::new();
        for owned in group.owned.values() {
            let Some(owned) = owned else { return false };
            count += owned.len();
            all.extend(owned);
        }
        // Who was frozen may still believe in what it owned: then more is owned than there is.
        group.is_settled |= count == topic.len() && all.into_iter().eq(topic.iter());
        group.is_settled
    }

    pub fn is_settled(&self, group: &str) -> bool {
        self.groups.get(group).is_some_and(|group| group.is_settled)
    }

    /// Members that stay until all is owned would be stuck otherwise; this says why.
    pub fn unsettled(&self) -> Vec<&str> {
        let unsettled = self.groups.iter().filter(|(_, group)| !group.is_settled);
        unsettled.map(|(name, _)| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partitions(indexes: &[i32]) -> BTreeSet<TopicPartition> {
        indexes.iter().map(|&index| TopicPartition::new("t", index)).collect()
    }

    #[test]
    fn a_group_is_settled_when_all_is_owned_once() {
        let mut checker = Settlement::default();
        checker.belongs_to("g", "a");
        checker.belongs_to("g", "b");
        let topic = partitions(&[0, 1]);
        assert!(!checker.owns("g", "a", partitions(&[0, 1]), &topic), "b has not spoken");
        assert!(!checker.owns("g", "b", partitions(&[1]), &topic), "1 is owned twice");
        assert!(!checker.owns("g", "a", partitions(&[]), &topic), "0 is owned by nobody");
        assert_eq!(checker.unsettled(), ["g"]);
        assert!(checker.owns("g", "a", partitions(&[0]), &topic));
        assert!(checker.is_settled("g"));
    }
}
