//! The records of one batch, one after the other.
//!
//! Never knows: compression, CRC.

use crate::attributes::TimestampType;
use crate::batch_error::BatchError;
use crate::batch_header::BatchHeader;
use crate::record::{RawRecord, Record, read_record};
use crate::{Offset, Timestamp};
use bytes::Bytes;

/// Ends after the first error, and errs if the bytes do not end with the last record.
#[derive(Debug)]
pub struct Records {
    content: Bytes,
    walk: RawRecords,
}

impl Records {
    pub(crate) fn new(header: BatchHeader, content: Bytes) -> Records {
        Records { content, walk: RawRecords::new(header) }
    }
}

impl Iterator for Records {
    type Item = Result<Record, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.walk.next(&self.content)?;
        Some(record.map(|raw| {
            let (offset, timestamp) = self.walk.place(&raw);
            raw.to_record(&self.content, offset, timestamp)
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A record has seven bytes or more: the count is not believed beyond that.
        let left = (self.walk.header.record_count - self.walk.index).max(0) as usize;
        (0, Some(left.min(self.content.len() / 7 + 1)))
    }
}

/// The walk behind `Records`, without its allocations.
#[derive(Debug)]
pub(crate) struct RawRecords {
    header: BatchHeader,
    at: usize,
    /// Of the next record.
    index: i32,
    offset_delta_min: i32,
    finished: bool,
}

impl RawRecords {
    pub(crate) fn new(header: BatchHeader) -> RawRecords {
        RawRecords { header, at: 0, index: 0, offset_delta_min: 0, finished: false }
    }

    pub(crate) fn next(&mut self, content: &[u8]) -> Option<Result<RawRecord, BatchError>> {
        if self.finished {
            return None;
        }
        if self.index >= self.header.record_count {
            self.finished = true;
            let problem = "bytes follow the last record";
            return (self.at != content.len())
                .then_some(Err(BatchError::BadRecord { index: self.index, problem }));
        }
        let record = self.read(content).map_err(|problem| {
            self.finished = true;
            BatchError::BadRecord { index: self.index, problem }
        });
        self.index = self.index.saturating_add(1);
        Some(record)
    }

    fn read(&mut self, content: &[u8]) -> Result<RawRecord, &'static str> {
        let record = read_record(content, &mut self.at)?;
        if record.offset_delta < self.offset_delta_min {
            return Err("its offset does not follow the one before");
        }
        if record.offset_delta > self.header.last_offset_delta {
            return Err("its offset lies past the batch's last");
        }
        // Saturates at the largest delta, which only a last record can have.
        self.offset_delta_min = record.offset_delta.saturating_add(1);
        Ok(record)
    }

    pub(crate) fn place(&self, record: &RawRecord) -> (Offset, Timestamp) {
        let timestamp = match self.header.attributes.timestamp_type() {
            TimestampType::LogAppendTime => self.header.max_timestamp,
            // Wraps as Java's long does.
            TimestampType::CreateTime => {
                Timestamp(self.header.base_timestamp.0.wrapping_add(record.timestamp_delta))
            }
        };
        (Offset(self.header.base_offset.0 + i64::from(record.offset_delta)), timestamp)
    }
}
