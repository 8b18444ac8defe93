//! The nouns and the bytes of a Kafka log: offsets, epochs, record batch v2, CRC-32C, compression.
//!
//! Never knows: any other crate of ours, C code, clocks, IO.

mod epoch;
mod offset;
mod producer_id;
mod timestamp;
mod topic;
mod uuid;

pub use epoch::{LeaderEpoch, ProducerEpoch};
pub use offset::Offset;
pub use producer_id::{ProducerId, Sequence};
pub use timestamp::{Now, Timestamp};
pub use topic::{PartitionIndex, TopicPartition};
pub use uuid::Uuid;
