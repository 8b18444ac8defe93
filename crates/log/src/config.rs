//! What a log is told about itself: Kafka's topic settings, with Kafka's defaults.
//!
//! Never knows: how settings are written, where they come from, who may change them.

use crate::limits::SEGMENT_BYTES_MAX;
use crate::storage::{BlobName, Tier};
use tablog_record::{Compression, TimestampType};

/// Where a log lives: the names of its blobs begin with `prefix` (`1/<topic id>/<partition>/`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLocation {
    pub prefix: String,
    pub tier: Tier,
}

impl LogLocation {
    pub(crate) fn blob(&self, name: &str) -> BlobName {
        BlobName::new(format!("{}{name}", self.prefix))
    }
}

/// `cleanup.policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cleanup {
    #[default]
    Delete,
    Compact,
    CompactDelete,
}

impl Cleanup {
    pub fn compacts(self) -> bool {
        matches!(self, Cleanup::Compact | Cleanup::CompactDelete)
    }

    pub fn deletes(self) -> bool {
        matches!(self, Cleanup::Delete | Cleanup::CompactDelete)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LogConfig {
    pub segment_bytes: u64,
    pub segment_ms: u64,
    pub index_interval_bytes: u32,
    /// `None` keeps records for ever (`retention.ms=-1`).
    pub retention_ms: Option<u64>,
    pub retention_bytes: Option<u64>,
    pub cleanup: Cleanup,
    pub delete_retention_ms: u64,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: u64,
    pub max_compaction_lag_ms: u64,
    pub timestamp_type: TimestampType,
    pub timestamp_before_max_ms: u64,
    pub timestamp_after_max_ms: u64,
    pub max_message_bytes: u32,
    /// `None` keeps what the producer chose.
    pub compression: Option<Compression>,
    pub producer_id_expiration_ms: u64,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig {
            segment_bytes: 1024 * 1024 * 1024,
            segment_ms: 7 * DAY_MS,
            index_interval_bytes: 4096,
            retention_ms: Some(7 * DAY_MS),
            retention_bytes: None,
            cleanup: Cleanup::Delete,
            delete_retention_ms: DAY_MS,
            min_cleanable_dirty_ratio: 0.5,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX as u64,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX as u64,
            timestamp_after_max_ms: HOUR_MS,
            max_message_bytes: 1024 * 1024 + 12,
            compression: None,
            producer_id_expiration_ms: DAY_MS,
        }
    }
}

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

impl LogConfig {
    /// What a segment may hold, whatever the setting says.
    pub(crate) fn segment_bytes_max(&self) -> u64 {
        self.segment_bytes.min(SEGMENT_BYTES_MAX)
    }

    /// How long a segment stays open: a record must leave the active segment before its compaction is due.
    pub(crate) fn segment_ms_max(&self) -> u64 {
        if self.cleanup.compacts() {
            self.segment_ms.min(self.max_compaction_lag_ms)
        } else {
            self.segment_ms
        }
    }
}
