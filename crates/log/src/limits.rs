//! Every limit of this crate.

/// A segment's positions and relative offsets are written as signed 32-bit numbers by Apache Kafka.
pub const SEGMENT_BYTES_MAX: u64 = i32::MAX as u64;

/// Kafka's `segment.index.bytes`: a segment whose index is full is closed.
pub const INDEX_BYTES_MAX: usize = 10 * 1024 * 1024;

/// What recovery and compaction read at once; more only where a single batch is larger.
pub const SCAN_BYTES_MAX: u64 = 1024 * 1024;

/// How many small blobs recovery asks for before it waits for the first answer.
pub const RECOVERY_READS_MAX: usize = 64;

/// Batches remembered of each producer, to know a duplicate by. Kafka's number; clients rely on it.
pub const REMEMBERED_BATCHES_MAX: usize = 5;

/// Producers remembered in one partition; the one unheard of for longest gives way.
pub const PRODUCERS_MAX: usize = 50_000;

/// Leader epochs kept; past it the oldest are joined. An epoch is begun by every opening.
pub const LEADER_EPOCHS_MAX: usize = 10_000;

/// Records that a refusal names one by one; the rest is only refused.
pub const NAMED_RECORDS_MAX: usize = 100;

/// Memory for the keys of one compaction. It cleans as far as the keys fit; the next one goes on.
pub const OFFSET_MAP_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What the map of keys costs beside the key itself, about.
pub const OFFSET_MAP_ENTRY_BYTES: usize = 48;

/// Cleaned bytes are handed out for writing in pieces of about this size.
pub const CLEANED_WRITE_BYTES: usize = 1024 * 1024;

/// How far a search by time reads where DeleteRecords cut into a segment and its index cannot say more.
pub const TIMESTAMP_FALLBACK_BYTES_MAX: u64 = 1024 * 1024;

/// Older markers of a log's start whose deletion is repeated with the next one.
pub const START_MARKERS_MAX: usize = 8;
