//! The high watermark is never beyond what is durable: a record that somebody read is there after every crash, with
//! the same content.

use super::{Endings, Holds, Sighting, Verdict};
use crate::stamp::Stamp;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct HighWatermark {
    seen: BTreeMap<TopicPartition, BTreeMap<i64, Stamp>>,
}

impl HighWatermark {
    pub fn read(&mut self, sighting: &Sighting, holds: Holds) -> Verdict {
        let Sighting { partition, offset, stamp, .. } = sighting;
        // What power took may still be in the hands of a reader that had fetched it before.
        if holds != Holds::Surely {
            return Ok(());
        }
        let seen = self.seen.entry(partition.clone()).or_default();
        match seen.insert(*offset, *stamp).filter(|before| before != stamp) {
            Some(before) => {
                Err(format!("high watermark: {partition} {offset} was read as {before}, now it is {stamp}"))
            }
            None => Ok(()),
        }
    }

    /// An acknowledgement says where the record is; a relaxed one that comes late may speak of a lost place.
    pub fn acknowledged(&mut self, partition: &TopicPartition, offset: i64, stamp: Stamp) -> Verdict {
        match self.seen.get(partition).and_then(|seen| seen.get(&offset)) {
            Some(seen) if *seen != stamp && stamp.promise.survives_power_loss() => Err(format!(
                "lost write: {stamp} was acknowledged at {partition} {offset}, {seen} was read there"
            )),
            _ => Ok(()),
        }
    }

    pub fn relaxed_lost(&mut self) {
        for seen in self.seen.values_mut() {
            seen.retain(|_, stamp| stamp.promise.survives_power_loss());
        }
    }

    pub fn finish(&self, endings: &Endings) -> Verdict {
        for (partition, seen) in &self.seen {
            let Some(ending) = endings.get(partition) else {
                return Err(format!("high watermark: {partition} was read and is gone"));
            };
            for (offset, stamp) in seen.range(ending.start_offset..) {
                if !ending.records.contains_key(offset) {
                    return Err(format!(
                        "high watermark: {stamp} was read at {partition} {offset}, the log ends at {}",
                        ending.high_watermark
                    ));
                }
            }
        }
        Ok(())
    }
}
