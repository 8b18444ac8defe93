//! The nouns and the bytes of a Kafka log: offsets, epochs, record batch v2, CRC-32C, compression.
//!
//! Never knows: any other crate of ours, C code, clocks, IO.

mod attributes;
mod batch;
mod batch_builder;
mod batch_error;
mod batch_header;
mod batches;
mod compression;
mod control;
mod crc32c;
mod epoch;
#[cfg(feature = "known-bugs")]
pub mod known_bugs;
pub mod limits;
mod murmur2;
mod offset;
mod producer_id;
mod record;
mod records;
mod retain;
mod sorted_map;
mod sorted_set;
mod stable_sort;
mod timestamp;
mod topic;
mod uuid;
mod validate;
pub mod varint;

pub use attributes::{Attributes, BatchKind, TimestampType, Transactionality};
pub use batch::ValidBatch;
pub use batch_builder::BatchBuilder;
pub use batch_error::BatchError;
pub use batch_header::BatchHeader;
pub use batches::{Batches, batches};
pub use compression::Compression;
pub use control::{ControlBatch, ControlType, TransactionOutcome};
pub use crc32c::crc32c;
pub use epoch::{LeaderEpoch, ProducerEpoch};
pub use murmur2::{murmur2, partition_for_key, to_positive};
pub use offset::Offset;
pub use producer_id::{ProducerId, Sequence};
pub use record::{Record, RecordHeader};
pub use records::Records;
pub use retain::EmptyBatch;
pub use sorted_map::SortedMap;
pub use sorted_set::SortedSet;
pub use stable_sort::{stable_sort, stable_sort_by};
pub use timestamp::{Now, Timestamp};
pub use topic::{PartitionIndex, TopicPartition};
pub use uuid::Uuid;
pub use validate::{KeyRule, NamedRecords, OffsetRule, RecordFacts, RecordRules};
