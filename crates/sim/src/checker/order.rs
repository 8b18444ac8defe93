//! Readers see offsets ascend, and an idempotent producer's records lie in the order in which it sent them. A key
//! always goes to one partition, so order by partition is order by key.

use super::{Endings, Sighting, Verdict};
use crate::stamp::Promise;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct Order {
    last: BTreeMap<(String, TopicPartition), i64>,
    /// Then readers that had seen them start over.
    were_relaxed_lost: bool,
}

impl Order {
    pub fn read(&mut self, reader: &str, sighting: &Sighting) -> Verdict {
        let (partition, offset) = (&sighting.partition, sighting.offset);
        match self.last.insert((reader.to_owned(), partition.clone()), offset) {
            Some(last) if last >= offset && !self.were_relaxed_lost => {
                Err(format!("reordered read: {reader} got {partition} {offset} after {last}"))
            }
            _ => Ok(()),
        }
    }

    pub fn reader_moved(&mut self, reader: &str, partition: &TopicPartition) {
        self.last.remove(&(reader.to_owned(), partition.clone()));
    }

    pub fn relaxed_lost(&mut self) {
        self.were_relaxed_lost = true;
    }
}

pub fn finish(endings: &Endings) -> Verdict {
    for (partition, ending) in endings {
        let mut last = BTreeMap::new();
        for (offset, (_, stamp)) in &ending.records {
            if stamp.promise != Promise::ExactlyOnce {
                continue;
            }
            if let Some(before) = last.insert(stamp.producer, stamp.sequence)
                && before >= stamp.sequence
            {
                return Err(format!("order: {stamp} at {partition} {offset} comes after number {before}"));
            }
        }
    }
    Ok(())
}
