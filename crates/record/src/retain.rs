//! A batch with some of its records taken out, as compaction rewrites it: offsets, producer and sequences
//! stay, so the log's order and its idempotence do not notice.
//!
//! Never knows: which records are wanted; the caller says so record by record.

use crate::Timestamp;
use crate::batch::ValidBatch;
use crate::batch_builder::BatchBuilder;
use crate::batch_error::BatchError;
use crate::record::Record;

/// What becomes of a batch none of whose records stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyBatch {
    Drop,
    /// Its header stays: it is the last of its producer's, whose sequence must not be forgotten.
    Keep,
}

impl ValidBatch {
    /// Keeps the records for which `keep` holds, at their offsets. `delete_horizon` is set if given and none
    /// was set before. `Ok(None)` when nothing is left of the batch. If all records stay and no horizon is to be
    /// set, the batch is the same, byte for byte.
    pub fn retain(
        &self,
        empty: EmptyBatch,
        delete_horizon: Option<Timestamp>,
        mut keep: impl FnMut(&Record) -> bool,
    ) -> Result<Option<ValidBatch>, BatchError> {
        let header = self.header();
        let delete_horizon = delete_horizon.filter(|_| header.delete_horizon().is_none());
        let mut builder = BatchBuilder::for_retained(*header, delete_horizon);
        for record in self.iter()? {
            let record = record?;
            if keep(&record) {
                builder.append_at(
                    (record.offset.0 - header.base_offset.0) as i32,
                    record.timestamp,
                    record.key.as_deref(),
                    record.value.as_deref(),
                    &record.headers,
                );
            }
        }
        if builder.record_count() == header.record_count && delete_horizon.is_none() {
            // Also an empty batch that was kept before.
            return Ok((header.record_count > 0 || empty == EmptyBatch::Keep).then(|| self.clone()));
        }
        if builder.is_empty() && empty == EmptyBatch::Drop {
            return Ok(None);
        }
        Ok(Some(builder.build_retained(header)))
    }
}
