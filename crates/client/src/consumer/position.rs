//! One assigned partition: where its reader stands, and what was fetched but not handed out.
//!
//! Never knows: requests, groups.

use std::collections::VecDeque;
use tablog_record::{ControlType, Records, SortedSet, TimestampType, TopicPartition, ValidBatch};

use super::record::{BatchFacts, ConsumerRecord};
use crate::error::ConsumeError;

/// Where reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Not asked for yet: the committed offset, or the reset policy.
    Unset,
    Reset(ResetTo),
    At {
        offset: i64,
        leader_epoch: i32,
    },
    /// Nothing to go by: waits for a seek.
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResetTo {
    Earliest,
    Latest,
    /// The first record of this time or later; the end if there is none.
    Timestamp(i64),
}

pub(crate) struct Assigned {
    position: Position,
    /// No other assignment has it, nor one of the same partition at another time.
    pub assignment: u64,
    /// Changes with each seek: what was asked for an older one is thrown away.
    pub token: u64,
    pub is_paused: bool,
    pub not_before_ms: u64,
    /// Where the next fetch begins: behind what is buffered.
    pub fetch_offset: i64,
    pub high_watermark: Option<i64>,
    pub log_start_offset: Option<i64>,
    /// What may be committed without asking: the position when `poll` was last called.
    pub committable: Option<(i64, i32)>,
    pub committed: Option<i64>,
    buffered: VecDeque<ValidBatch>,
    buffered_bytes: usize,
    reading: Option<Reading>,
    aborted: SortedSet<(i64, i64)>,
    aborting: SortedSet<i64>,
}

struct Reading {
    records: Records,
    facts: BatchFacts,
    end_offset: i64,
    leader_epoch: i32,
    timestamp_type: TimestampType,
}

impl Assigned {
    pub fn new(token: u64) -> Assigned {
        Assigned {
            position: Position::Unset,
            assignment: token,
            token,
            is_paused: false,
            not_before_ms: 0,
            fetch_offset: -1,
            high_watermark: None,
            log_start_offset: None,
            committable: None,
            committed: None,
            buffered: VecDeque::new(),
            buffered_bytes: 0,
            reading: None,
            aborted: SortedSet::new(),
            aborting: SortedSet::new(),
        }
    }

    pub fn position(&self) -> Position {
        self.position
    }

    pub fn offset(&self) -> Option<i64> {
        match self.position {
            Position::At { offset, .. } => Some(offset),
            _ => None,
        }
    }

    pub fn buffered_bytes(&self) -> usize {
        self.buffered_bytes
    }

    /// Goes somewhere else; what is buffered is forgotten.
    pub fn seek(&mut self, position: Position, token: u64) {
        self.position = position;
        self.token = token;
        self.not_before_ms = 0;
        self.forget_buffered();
    }

    pub fn forget_buffered(&mut self) {
        self.buffered.clear();
        self.buffered_bytes = 0;
        self.reading = None;
        self.aborted.clear();
        self.aborting.clear();
        self.fetch_offset = self.offset().unwrap_or(-1);
    }

    /// `poll` is called: all that was handed out counts as processed.
    pub fn mark_committable(&mut self) {
        if let Position::At { offset, leader_epoch } = self.position {
            self.committable = Some((offset, leader_epoch));
        }
    }

    /// A fetched batch. Whether it brought reading on.
    pub fn buffer(&mut self, batch: ValidBatch) -> Progress {
        let end_offset = batch.header().end_offset().0;
        if end_offset <= self.fetch_offset {
            return Progress::None;
        }
        self.fetch_offset = end_offset;
        self.buffered_bytes += batch.bytes().len();
        self.buffered.push_back(batch);
        Progress::Made
    }

    /// Transactions that were aborted, as the broker lists them beside fetched batches.
    pub fn note_aborted(&mut self, first_offset: i64, producer_id: i64) {
        self.aborted.insert((first_offset, producer_id));
    }

    /// The next record to hand out. An error is told once a fetch; the position stays before it.
    pub fn next(&mut self, partition: &TopicPartition) -> Option<Result<ConsumerRecord, ConsumeError>> {
        loop {
            let Position::At { offset: position, leader_epoch } = self.position else { return None };
            if let Some(reading) = &mut self.reading {
                match reading.records.next() {
                    Some(Ok(record)) if record.offset.0 < position => {}
                    Some(Ok(record)) => {
                        self.position = Position::At {
                            offset: record.offset.0.saturating_add(1),
                            leader_epoch: reading.leader_epoch,
                        };
                        return Some(Ok(ConsumerRecord {
                            topic: partition.topic.clone(),
                            partition: partition.partition,
                            offset: record.offset.0,
                            leader_epoch: reading.leader_epoch,
                            timestamp: record.timestamp,
                            timestamp_type: reading.timestamp_type,
                            key: record.key,
                            value: record.value,
                            headers: record.headers,
                            batch: reading.facts,
                        }));
                    }
                    Some(Err(error)) => {
                        return Some(Err(self.corrupt(partition, position, error.to_string())));
                    }
                    None => {
                        let offset = position.max(reading.end_offset);
                        self.position = Position::At { offset, leader_epoch: reading.leader_epoch };
                        self.reading = None;
                    }
                }
                continue;
            }
            let batch = self.buffered.pop_front()?;
            self.buffered_bytes -= batch.bytes().len();
            let end_offset = batch.header().end_offset().0;
            if end_offset <= position {
                continue;
            }
            if self.is_hidden(&batch) {
                self.position = Position::At { offset: end_offset, leader_epoch };
                continue;
            }
            let header = batch.header();
            match batch.iter() {
                Ok(records) => {
                    self.reading = Some(Reading {
                        records,
                        facts: BatchFacts::of(&batch),
                        end_offset,
                        leader_epoch: header.partition_leader_epoch.0,
                        timestamp_type: header.attributes.timestamp_type(),
                    });
                }
                Err(error) => return Some(Err(self.corrupt(partition, position, error.to_string()))),
            }
        }
    }

    /// Control batches are for readers, not for applications; those of aborted transactions are for nobody.
    fn is_hidden(&mut self, batch: &ValidBatch) -> bool {
        let header = batch.header();
        let last_offset = header.last_offset().0;
        while let Some(&(first_offset, producer_id)) = self.aborted.first() {
            if first_offset > last_offset {
                break;
            }
            self.aborted.pop_first();
            self.aborting.insert(producer_id);
        }
        if header.attributes.is_control() {
            let first = batch.iter().ok().and_then(|mut records| records.next()).and_then(Result::ok);
            if first.as_ref().and_then(ControlType::of) == Some(ControlType::Abort) {
                self.aborting.remove(&header.producer_id.0);
            }
            return true;
        }
        header.attributes.is_transactional() && self.aborting.contains(&header.producer_id.0)
    }

    fn corrupt(&mut self, partition: &TopicPartition, offset: i64, detail: String) -> ConsumeError {
        self.forget_buffered();
        ConsumeError::Corrupt { partition: partition.clone(), offset, detail }
    }
}

/// Whether a fetch brought something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Made,
    None,
}
