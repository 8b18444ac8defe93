//! What must never happen, one file for each. Checkers are told facts in the order in which they became true and
//! answer with a sentence as soon as something is wrong.
//!
//! Never knows: how a fact came about.

pub mod committed_offset;
pub mod duplicate;
pub mod fencing;
pub mod handover;
pub mod high_watermark;
pub mod leader_epoch;
pub mod lost_write;
pub mod offset_gap;
pub mod order;
pub mod settlement;
pub mod two_owners;

use crate::stamp::Stamp;
use std::collections::{BTreeMap, BTreeSet};
use tablog_record::TopicPartition;

/// A sentence that says what went wrong.
pub type Verdict = Result<(), String>;

/// A record as some reader got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub partition: TopicPartition,
    pub offset: i64,
    pub leader_epoch: i32,
    pub stamp: Stamp,
}

/// A partition as it stands when all is over.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub start_offset: i64,
    pub high_watermark: i64,
    pub leader_epoch: i32,
    /// By offset: epoch and content.
    pub records: BTreeMap<i64, (i32, Stamp)>,
}

pub type Endings = BTreeMap<TopicPartition, Ending>;

#[derive(Debug, Default)]
pub struct Checkers {
    pub lost_write: lost_write::LostWrite,
    pub order: order::Order,
    pub offset_gap: offset_gap::OffsetGap,
    pub high_watermark: high_watermark::HighWatermark,
    pub leader_epoch: leader_epoch::LeaderEpochs,
    pub two_owners: two_owners::TwoOwners,
    pub committed_offset: committed_offset::CommittedOffsets,
    pub fencing: fencing::Fencing,
    pub handover: handover::Handover,
    pub settlement: settlement::Settlement,
    /// First sent since relaxed commits were lost, or since the beginning.
    since_loss: BTreeSet<Stamp>,
}

/// Whether what is heard of a record speaks of what the disk has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Surely,
    /// It may have been said before a loss of power.
    Perhaps,
}

impl Checkers {
    /// A producer is about to send a record for the first time.
    pub fn sending(&mut self, stamp: Stamp) {
        self.since_loss.insert(stamp);
    }

    /// A record is acknowledged, by an answer to its producer.
    pub fn acknowledged(&mut self, partition: &TopicPartition, offset: i64, stamp: Stamp) -> Verdict {
        self.lost_write.acknowledged(partition, offset, stamp, self.holds(stamp));
        if offset < 0 {
            return Ok(());
        }
        // Who has an acknowledgement may as well have read the record.
        self.high_watermark.acknowledged(partition, offset, stamp)
    }

    /// What is heard of a relaxed record may have been on its way since before it was lost; not so of one that was
    /// first sent after the last loss.
    fn holds(&self, stamp: Stamp) -> Holds {
        let holds = stamp.promise.survives_power_loss() || self.since_loss.contains(&stamp);
        if holds { Holds::Surely } else { Holds::Perhaps }
    }

    /// A reader got a record.
    pub fn read(&mut self, reader: &str, sighting: &Sighting) -> Verdict {
        self.order.read(reader, sighting)?;
        self.offset_gap.read(reader, sighting)?;
        self.high_watermark.read(sighting, self.holds(sighting.stamp))?;
        self.leader_epoch.read(sighting)
    }

    /// A member joined a group in this generation or epoch.
    pub fn joined(&mut self, group: &str, kind: two_owners::Kind, generation: i32) {
        if self.two_owners.joined(group, kind, generation) {
            self.fencing.begun_anew(group);
        }
    }

    /// A reader begins anew at a place of its own choosing.
    pub fn reader_moved(&mut self, reader: &str, partition: &TopicPartition) {
        self.order.reader_moved(reader, partition);
        self.offset_gap.reader_moved(reader, partition);
    }

    /// The machine lost relaxed commits: what they held may be gone, and its offsets given out again.
    pub fn relaxed_lost(&mut self) {
        self.since_loss.clear();
        self.lost_write.relaxed_lost();
        self.high_watermark.relaxed_lost();
        self.order.relaxed_lost();
        self.committed_offset.relaxed_lost();
    }

    /// What every partition holds at the end, against all that was promised.
    pub fn finish(&mut self, endings: &Endings) -> Verdict {
        for (partition, ending) in endings {
            for (&offset, &(leader_epoch, stamp)) in &ending.records {
                let sighting = Sighting { partition: partition.clone(), offset, leader_epoch, stamp };
                self.high_watermark.read(&sighting, Holds::Perhaps)?;
                self.leader_epoch.read(&sighting)?;
            }
        }
        self.lost_write.finish(endings)?;
        duplicate::finish(endings)?;
        order::finish(endings)?;
        self.offset_gap.finish(endings)?;
        self.high_watermark.finish(endings)?;
        self.leader_epoch.finish(endings)?;
        self.committed_offset.finish()
    }
}
