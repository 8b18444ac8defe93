//! Control records: what a broker writes into a log for its readers, such as the end of a transaction.
//!
//! ```text
//! key:   version i16 | type i16
//! value of an end-of-transaction marker: version i16 = 0 | coordinator epoch i32
//! ```
//!
//! Never knows: transactions beyond their markers.

use crate::attributes::{BatchKind, Transactionality};
use crate::batch::ValidBatch;
use crate::batch_builder::BatchBuilder;
use crate::compression::Compression;
use crate::record::Record;
use crate::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlType {
    Abort,
    Commit,
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KraftVersion,
    KraftVoters,
    /// One that is newer than we are. Kafka's readers pass over it.
    Unknown(i16),
}

impl ControlType {
    pub fn from_id(id: i16) -> ControlType {
        match id {
            0 => ControlType::Abort,
            1 => ControlType::Commit,
            2 => ControlType::LeaderChange,
            3 => ControlType::SnapshotHeader,
            4 => ControlType::SnapshotFooter,
            5 => ControlType::KraftVersion,
            6 => ControlType::KraftVoters,
            other => ControlType::Unknown(other),
        }
    }

    pub fn id(self) -> i16 {
        match self {
            ControlType::Abort => 0,
            ControlType::Commit => 1,
            ControlType::LeaderChange => 2,
            ControlType::SnapshotHeader => 3,
            ControlType::SnapshotFooter => 4,
            ControlType::KraftVersion => 5,
            ControlType::KraftVoters => 6,
            ControlType::Unknown(id) => id,
        }
    }

    /// Reads a control record's key. Newer versions add fields at the end.
    pub fn of(record: &Record) -> Option<ControlType> {
        let key = record.key.as_ref()?;
        let version = i16::from_be_bytes(*key.first_chunk()?);
        let id = i16::from_be_bytes(key.get(2..4)?.try_into().ok()?);
        (version >= 0).then(|| ControlType::from_id(id))
    }
}

/// A transaction's end, as the one record of a control batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlBatch {
    pub outcome: TransactionOutcome,
    pub coordinator_epoch: i32,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub timestamp: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionOutcome {
    Abort,
    Commit,
}

impl ControlBatch {
    pub fn build(&self, base_offset: Offset, epoch: LeaderEpoch) -> ValidBatch {
        let control_type = match self.outcome {
            TransactionOutcome::Abort => ControlType::Abort,
            TransactionOutcome::Commit => ControlType::Commit,
        };
        let mut key = [0; 4];
        key[2..].copy_from_slice(&control_type.id().to_be_bytes());
        let mut value = [0; 6];
        value[2..].copy_from_slice(&self.coordinator_epoch.to_be_bytes());
        let mut builder = BatchBuilder::new(Compression::None)
            .base_offset(base_offset, epoch)
            .producer(self.producer_id, self.producer_epoch, Sequence::NONE)
            .transactionality(Transactionality::Transactional)
            .kind(BatchKind::Control);
        builder.append(self.timestamp, Some(&key), Some(&value), &[]);
        builder.build_batch()
    }

    /// Reads the marker that a control batch holds; `None` if it is another kind of batch.
    pub fn read(batch: &ValidBatch) -> Option<ControlBatch> {
        let header = batch.header();
        if !header.attributes.is_control() {
            return None;
        }
        let record = batch.iter().ok()?.next()?.ok()?;
        let outcome = match ControlType::of(&record)? {
            ControlType::Abort => TransactionOutcome::Abort,
            ControlType::Commit => TransactionOutcome::Commit,
            _ => return None,
        };
        let value = record.value.as_ref()?;
        Some(ControlBatch {
            outcome,
            coordinator_epoch: i32::from_be_bytes(value.get(2..6)?.try_into().ok()?),
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            timestamp: record.timestamp,
        })
    }
}
