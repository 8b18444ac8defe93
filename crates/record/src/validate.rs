//! The records of a batch checked as Kafka checks them before it appends, in one pass.
//!
//! Never knows: topic configuration; the rules are handed in.

use crate::batch::ValidBatch;
use crate::batch_error::BatchError;
use crate::limits::NAMED_RECORDS_MAX;
use crate::records::RawRecords;
use crate::{Offset, Timestamp};

/// What is asked of the records beyond being readable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordRules {
    pub offsets: OffsetRule,
    pub keys: KeyRule,
    /// Records outside these limits are named in the facts; a timestamp of -1 is always inside.
    pub timestamp_min: Option<Timestamp>,
    pub timestamp_max: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetRule {
    /// 0, 1, 2 … as a producer sends them.
    #[default]
    Consecutive,
    /// Ascending with gaps, as compaction leaves them.
    Ascending,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyRule {
    #[default]
    Optional,
    /// On compacted topics; records without one are named in the facts.
    Required,
}

/// What one pass over the records found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFacts {
    /// Decompressed, without the batch header.
    pub content_len: usize,
    /// Over all records, -1 included; `NONE` for a batch without records.
    pub min_timestamp: Timestamp,
    /// The largest, and the first record that has it. Not what the header claims: compare.
    pub max_timestamp: Timestamp,
    pub offset_of_max_timestamp: Offset,
    pub without_key: NamedRecords,
    pub outside_timestamps: NamedRecords,
}

/// Records that break a rule: how many, and the first of them by their index in the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRecords {
    pub count: i32,
    pub first: Vec<i32>,
}

impl NamedRecords {
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, index: i32) {
        self.count += 1;
        if self.first.len() < NAMED_RECORDS_MAX {
            self.first.push(index);
        }
    }
}

impl ValidBatch {
    /// Reads every record once, without allocating for it. Unreadable records are an error; records that
    /// break `keys` or the timestamp limits are facts, since Kafka answers them with record errors.
    pub fn validate_records(&self, rules: &RecordRules) -> Result<RecordFacts, BatchError> {
        let content = self.content()?;
        let mut walk = RawRecords::new(*self.header());
        let mut facts = RecordFacts {
            content_len: content.len(),
            min_timestamp: Timestamp::NONE,
            max_timestamp: Timestamp::NONE,
            offset_of_max_timestamp: self.header().base_offset,
            ..RecordFacts::default()
        };
        let mut index = 0;
        while let Some(record) = walk.next(&content) {
            let record = record?;
            if rules.offsets == OffsetRule::Consecutive && record.offset_delta != index {
                return Err(BatchError::BadRecord { index, problem: "its offset is not its place" });
            }
            let (offset, timestamp) = walk.place(&record);
            if index == 0 || timestamp > facts.max_timestamp {
                facts.max_timestamp = timestamp;
                facts.offset_of_max_timestamp = offset;
            }
            if index == 0 || timestamp < facts.min_timestamp {
                facts.min_timestamp = timestamp;
            }
            if rules.keys == KeyRule::Required && record.key.is_none() {
                facts.without_key.add(index);
            }
            let early = rules.timestamp_min.is_some_and(|min| timestamp < min);
            let late = rules.timestamp_max.is_some_and(|max| timestamp > max);
            if timestamp != Timestamp::NONE && (early || late) {
                facts.outside_timestamps.add(index);
            }
            index += 1;
        }
        Ok(facts)
    }
}
