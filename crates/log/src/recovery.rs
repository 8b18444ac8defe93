//! Opening a log, which is recovering it: a crash is the only shutdown.
//!
//! First the small blobs are read, all at once if the caller likes. They tell which segments count (a cleaned one
//! replaces those that its marker covers), where the log begins, and the indexes of the closed segments. Then the
//! active segment is scanned from its checkpoint on, batch by batch, and ends where the first thing is that is no
//! whole batch. A closed segment is scanned only if its index is damaged.
//!
//! Why this is enough: the writes that survive a crash are a prefix of those that were made, the last one possibly
//! torn. A segment that has a successor is whole, since its last byte and its indexes were written before; so only
//! the last one can be torn, and every other blob whose tearing would hurt carries a checksum and has a stand-in.
//!
//! Never knows: which leader epoch comes next.

mod plan;
mod scan;

use crate::blob_names::{self, LogFile, SegmentFile, SegmentName};
use crate::cleaned_marker::CleanedMarker;
use crate::config::{LogConfig, LogLocation};
use crate::leader_epochs::Stored;
use crate::limits::RECOVERY_READS_MAX;
use crate::log::{Log, RepairDue};
use crate::segment::Segment;
use crate::storage::{BlobInfo, FaultKind, Position, Read, StorageFault, Write};
use bytes::Bytes;
use plan::Plan;
use std::collections::VecDeque;
use tablog_record::{LeaderEpoch, Now, Offset, SortedMap, SortedSet};

#[derive(Debug)]
pub struct Recovery {
    location: LogLocation,
    config: LogConfig,
    /// All blobs of this log and their lengths.
    listed: SortedMap<LogFile, u64>,
    /// The contents of the small ones.
    contents: SortedMap<LogFile, Bytes>,
    wanted: VecDeque<LogFile>,
    in_flight: VecDeque<Asked>,
    plan: Option<Plan>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Small(LogFile),
    Scan { len: u64 },
}

#[derive(Debug)]
pub struct Recovered {
    pub log: Log,
    /// Repairs, and the new leader epoch. The first append brings what it needs of them along again.
    pub writes: Vec<Write>,
    /// What was cut off: the torn end of the last write.
    pub truncated_bytes: u64,
}

impl Log {
    /// Begins to open a log from the list of its blobs; those of others are passed over.
    pub fn open(location: LogLocation, config: LogConfig, blobs: Vec<BlobInfo>) -> Recovery {
        let listed: SortedMap<LogFile, u64> = blobs
            .iter()
            .filter_map(|info| {
                let name = info.blob.as_str().strip_prefix(&location.prefix)?;
                Some((blob_names::parse(name)?, info.len))
            })
            .collect();
        let wanted = listed.keys().copied().filter(|file| {
            let by_content = !matches!(
                file,
                LogFile::Segment(_, SegmentFile::Log) | LogFile::Start(_) | LogFile::Cleaned(_)
            );
            by_content && listed[file] > 0
        });
        let wanted = wanted.collect();
        Recovery {
            location,
            config,
            listed,
            contents: SortedMap::new(),
            wanted,
            in_flight: VecDeque::new(),
            plan: None,
        }
    }
}

impl Recovery {
    /// The next read, if there is one to make before an answer comes. Several may be under way; the answers are
    /// handed in in the order in which the reads were given out. `None` with nothing under way: `finish`.
    pub fn poll_read(&mut self) -> Option<Read> {
        if let Some(&file) = self.wanted.front() {
            if self.in_flight.len() >= RECOVERY_READS_MAX {
                return None;
            }
            self.wanted.pop_front();
            self.in_flight.push_back(Asked::Small(file));
            return Some(self.read(file, 0, self.listed[&file]));
        }
        if !self.in_flight.is_empty() {
            return None;
        }
        let plan = self.plan.get_or_insert_with(|| Plan::new(&self.listed, &self.contents));
        let (name, from, len) = plan.next_read()?;
        self.in_flight.push_back(Asked::Scan { len });
        Some(self.read(LogFile::Segment(name, SegmentFile::Log), from, len))
    }

    fn read(&self, file: LogFile, from: u64, len: u64) -> Read {
        let blob = self.location.blob(&file.name());
        Read { tier: self.location.tier, blob, from: Position(from), len }
    }

    /// An `Err` ends the opening: the storage could not be read. Damaged small blobs are made anew.
    pub fn handle_read(&mut self, result: Result<Bytes, StorageFault>) -> Result<(), StorageFault> {
        let asked = self.in_flight.pop_front().expect("an answer has a read before it");
        match (asked, result) {
            (Asked::Small(file), Ok(bytes)) => {
                self.contents.insert(file, bytes);
            }
            (Asked::Small(_), Err(fault)) if fault.kind == FaultKind::Corrupt => {}
            (Asked::Scan { len }, Ok(bytes)) => {
                let plan = self.plan.as_mut().expect("scans follow a plan");
                let outcome = plan.handle_read(bytes, len, self.config.index_interval_bytes);
                if let scan::Outcome::CheckpointIsStale(name) = outcome {
                    self.contents.remove(&LogFile::Segment(name, SegmentFile::Checkpoint));
                    self.plan = None;
                }
            }
            (_, Err(fault)) => return Err(fault),
        }
        Ok(())
    }

    pub fn is_done(&mut self) -> bool {
        self.wanted.is_empty()
            && self.in_flight.is_empty()
            && self.plan.get_or_insert_with(|| Plan::new(&self.listed, &self.contents)).is_done()
    }

    /// The log as it was found, under a new leader epoch.
    pub fn finish(mut self, epoch: LeaderEpoch, now: Now) -> Recovered {
        assert!(self.is_done(), "all reads were made");
        let mut plan = self.plan.take().expect("made by is_done");
        plan.producers.heard_at(now.wall);
        let mut writes = Vec::new();
        let mut segments: SortedMap<Offset, Segment> = SortedMap::new();
        for (base, mut segment) in std::mem::take(&mut plan.segments) {
            segment.opened_at = now.wall;
            segments.insert(base, segment);
        }
        let truncated_bytes = plan.truncated_bytes;
        if truncated_bytes > 0 {
            let active = segments.last_key_value().expect("the truncated one").1;
            let blob = self.location.blob(&active.name.file(SegmentFile::Log));
            writes.push(match active.bytes {
                0 => Write::Delete { blob },
                bytes => Write::Truncate { blob, to: Position(bytes) },
            });
        }
        for name in &plan.rebuilt {
            let Some(segment) = segments.get(&name.base_offset) else { continue };
            let blob = |file| self.location.blob(&name.file(file));
            // Without an offset index both are made anew, so a torn time index is never taken for whole.
            writes.push(Write::Delete { blob: blob(SegmentFile::Index) });
            let bytes = segment.time_index.encode();
            writes.push(Write::Put { blob: blob(SegmentFile::TimeIndex), bytes });
            writes.push(Write::Put { blob: blob(SegmentFile::Index), bytes: segment.index.encode() });
        }

        let mut log = Log::empty(self.location.clone(), self.config.clone(), plan.log_start, now);
        if let Some((&first, _)) = segments.first_key_value() {
            log.start_offset = plan.log_start.max(first);
            log.segments = segments;
        }
        if log.end_offset() < log.start_offset {
            // Records below the start are gone, and so is what should follow: begin anew where the log begins.
            log.segments =
                Log::empty(self.location.clone(), self.config.clone(), plan.log_start, now).segments;
        }
        log.producers = plan.producers;
        log.epochs = plan.epochs;
        log.epochs.truncate_from_end(log.end_offset());
        log.epochs.truncate_from_start(log.start_offset);
        log.epochs_stored = Stored::Stale;
        log.durable_end = log.end_offset();
        log.start_markers = (plan.log_start > Offset::ZERO).then_some(plan.log_start).into_iter().collect();
        log.checkpoint_end = plan.checkpoint_end;
        log.next_generation = self.next_generation();
        log.snapshots = plan.snapshots.into_iter().filter(|&offset| offset <= log.durable_end).collect();
        let surplus = log.snapshots.len().saturating_sub(2);
        log.snapshots.drain(..surplus);

        let strays = self.stray_deletes(&log);
        log.leave_unsettled(&strays);
        writes.extend(strays);
        log.repair_due = RepairDue::Yes;
        writes.extend(log.start_epoch(epoch));
        Recovered { log, writes, truncated_bytes }
    }

    fn next_generation(&self) -> u32 {
        let generations = self.listed.keys().filter_map(|file| match file {
            LogFile::Segment(name, _) => Some(name.generation.0),
            LogFile::Cleaned(marker) => Some(marker.segment.generation.0),
            _ => None,
        });
        generations.max().unwrap_or(0).checked_add(1).expect("fewer than 2^32 compactions")
    }

    /// What is listed but not the log's: replaced by compaction, below the start, or half made.
    fn stray_deletes(&self, log: &Log) -> Vec<Write> {
        let live: SortedSet<SegmentName> = log.segments.values().map(|segment| segment.name).collect();
        let active = log.active().name;
        let markers: SortedSet<CleanedMarker> =
            log.segments.values().filter_map(|segment| segment.marker).collect();
        let is_stray = |file: &LogFile| match file {
            LogFile::Segment(name, SegmentFile::Checkpoint) => {
                *name != active || log.checkpoint_end.is_none()
            }
            // Left by a roll whose segment did not come to be.
            LogFile::Segment(name, SegmentFile::Index | SegmentFile::TimeIndex) => {
                *name == active || !live.contains(name)
            }
            LogFile::Segment(name, _) => !live.contains(name),
            LogFile::Snapshot(offset) => !log.snapshots.contains(offset),
            LogFile::Start(offset) => !log.start_markers.contains(offset),
            LogFile::Cleaned(marker) => !markers.contains(marker),
            LogFile::LeaderEpochs | LogFile::LeaderEpochsNext => false,
        };
        let strays = self.listed.keys().filter(|file| is_stray(file));
        strays.map(|file| Write::Delete { blob: self.location.blob(&file.name()) }).collect()
    }
}
