//! Under one leader epoch an offset has one content for ever, even where relaxed commits were lost; and every
//! opening has epochs of its own.

use super::{Endings, Sighting, Verdict};
use crate::stamp::Stamp;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct LeaderEpochs {
    contents: BTreeMap<(TopicPartition, i64, i32), Stamp>,
    /// The newest that clients were told, before the last crash and since.
    told_before: BTreeMap<TopicPartition, i32>,
    told: BTreeMap<TopicPartition, i32>,
}

impl LeaderEpochs {
    pub fn read(&mut self, sighting: &Sighting) -> Verdict {
        let Sighting { partition, offset, leader_epoch, stamp } = sighting;
        match self.contents.insert((partition.clone(), *offset, *leader_epoch), *stamp) {
            Some(before) if before != *stamp => Err(format!(
                "leader epoch: {partition} {offset} under epoch {leader_epoch} was {before}, now it is {stamp}"
            )),
            _ => Ok(()),
        }
    }

    /// A client learnt from Metadata who leads. Answers of one opening may overtake each other.
    pub fn told(&mut self, partition: TopicPartition, epoch: i32) {
        let known = self.told.entry(partition).or_insert(epoch);
        *known = epoch.max(*known);
    }

    pub fn crashed(&mut self) {
        self.told_before.append(&mut self.told.clone());
    }

    pub fn finish(&self, endings: &Endings) -> Verdict {
        for (partition, ending) in endings {
            if let Some(&before) = self.told_before.get(partition)
                && ending.leader_epoch <= before
            {
                return Err(format!(
                    "leader epoch: {partition} was opened again and is still under {before}"
                ));
            }
        }
        Ok(())
    }
}
