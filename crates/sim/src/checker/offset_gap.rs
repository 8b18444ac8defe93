//! Offsets have no holes: nothing is compacted here, and only DeleteRecords takes records away, from the start.

use super::{Endings, Sighting, Verdict};
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct OffsetGap {
    next: BTreeMap<(String, TopicPartition), i64>,
    /// The furthest that a DeleteRecords asked for.
    deletable_end: BTreeMap<TopicPartition, i64>,
    /// What it was told to have done.
    deleted_end: BTreeMap<TopicPartition, i64>,
}

impl OffsetGap {
    pub fn read(&mut self, reader: &str, sighting: &Sighting) -> Verdict {
        let (partition, offset) = (&sighting.partition, sighting.offset);
        let deletable_end = self.deletable_end.get(partition).copied().unwrap_or(0);
        match self.next.insert((reader.to_owned(), partition.clone()), offset + 1) {
            Some(next) if offset > next && offset > deletable_end => {
                Err(format!("offset gap: {reader} got {partition} {offset} where {next} was next"))
            }
            _ => Ok(()),
        }
    }

    pub fn reader_moved(&mut self, reader: &str, partition: &TopicPartition) {
        self.next.remove(&(reader.to_owned(), partition.clone()));
    }

    /// A DeleteRecords is asked for.
    pub fn deleting(&mut self, partition: &TopicPartition, end: i64) {
        let known = self.deletable_end.entry(partition.clone()).or_default();
        *known = end.max(*known);
    }

    pub fn deleted(&mut self, partition: &TopicPartition, low_watermark: i64) {
        let known = self.deleted_end.entry(partition.clone()).or_default();
        *known = low_watermark.max(*known);
    }

    pub fn finish(&self, endings: &Endings) -> Verdict {
        for (partition, ending) in endings {
            let mut next = ending.start_offset;
            for &offset in ending.records.keys() {
                if offset != next {
                    return Err(format!("offset gap: {partition} has {offset} where {next} should be"));
                }
                next = offset + 1;
            }
            if next != ending.high_watermark {
                return Err(format!(
                    "offset gap: {partition} ends at {next}, its high watermark is {}",
                    ending.high_watermark
                ));
            }
            let deletable_end = self.deletable_end.get(partition).copied().unwrap_or(0);
            let deleted_end = self.deleted_end.get(partition).copied().unwrap_or(0);
            if ending.start_offset > deletable_end || ending.start_offset < deleted_end {
                return Err(format!(
                    "offset gap: {partition} begins at {}, where records were deleted up to {deleted_end} \
                     (asked for: {deletable_end})",
                    ending.start_offset
                ));
            }
        }
        Ok(())
    }
}
