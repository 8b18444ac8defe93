//! One partition's log: segments, sparse indexes, producer state, leader epochs, retention, compaction and
//! recovery. It decides; it never performs: writes and reads leave it as data (`storage`).
//!
//! Never knows: the wire protocol, async, `web-sys`, `std::fs`, clocks.

mod append;
mod blob_names;
mod checkpoint;
mod cleaned_marker;
pub mod compaction;
mod config;
mod leader_epochs;
pub mod limits;
mod log;
mod offset_index;
mod producer_snapshot;
mod producer_state;
mod read;
mod recovery;
pub mod retention;
mod segment;
pub mod storage;
mod time_index;
mod timestamp_search;

pub use append::{AppendError, AppendOrigin, AppendOutcome, Appended, Rolled};
pub use compaction::{Compaction, CompactionFacts};
pub use config::{Cleanup, LogConfig, LogLocation};
pub use leader_epochs::EpochEntry;
pub use log::{Log, SegmentFacts};
pub use producer_state::ProducerFacts;
pub use read::{MinOne, ReadError, ReadPlan};
pub use recovery::{Recovered, Recovery};
pub use retention::DeleteRecordsError;
pub use timestamp_search::{FoundTimestamp, TimestampSearch};
