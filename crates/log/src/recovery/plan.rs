//! What the small blobs say: the segments that count, and which of their bytes must be looked at.
//!
//! Never knows: how bytes are read.

use super::scan::{Outcome, Scan, Task};
use crate::blob_names::{LogFile, SegmentFile, SegmentName};
use crate::checkpoint;
use crate::cleaned_marker::CleanedMarker;
use crate::leader_epochs::LeaderEpochs;
use crate::offset_index::OffsetIndex;
use crate::producer_snapshot;
use crate::producer_state::ProducerState;
use crate::segment::Segment;
use crate::time_index::TimeIndex;
use bytes::Bytes;
use std::collections::VecDeque;
use tablog_record::{Offset, SortedMap, Timestamp, stable_sort_by};

#[derive(Debug)]
pub(super) struct Plan {
    pub segments: SortedMap<Offset, Segment>,
    pub log_start: Offset,
    pub epochs: LeaderEpochs,
    pub producers: ProducerState,
    /// Whole ones, ascending.
    pub snapshots: Vec<Offset>,
    pub checkpoint_end: Option<Offset>,
    /// Segments whose indexes were made anew.
    pub rebuilt: Vec<SegmentName>,
    pub truncated_bytes: u64,
    scans: VecDeque<Scan>,
}

/// A segment that counts, before its indexes were looked at.
#[derive(Clone, Copy, Debug)]
struct Found {
    name: SegmentName,
    bytes: u64,
    marker: Option<CleanedMarker>,
}

/// Where the opening time is not known yet.
const LATER: Timestamp = Timestamp::NONE;

impl Plan {
    pub fn new(listed: &SortedMap<LogFile, u64>, contents: &SortedMap<LogFile, Bytes>) -> Plan {
        let starts = listed.keys().filter_map(|file| match file {
            LogFile::Start(offset) => Some(*offset),
            _ => None,
        });
        let log_start = starts.max().unwrap_or(Offset::ZERO);
        let epochs = [LogFile::LeaderEpochsNext, LogFile::LeaderEpochs]
            .iter()
            .find_map(|file| LeaderEpochs::decode(contents.get(file)?));
        let mut plan = Plan {
            segments: SortedMap::new(),
            log_start,
            epochs: epochs.unwrap_or_default(),
            producers: ProducerState::default(),
            snapshots: Vec::new(),
            checkpoint_end: None,
            rebuilt: Vec::new(),
            truncated_bytes: 0,
            scans: VecDeque::new(),
        };
        let found = find_segments(listed, log_start);
        let last = found.last().copied();
        let active = last.filter(|last| last.marker.is_none());
        let mut states = read_snapshots(contents);
        plan.snapshots = states.keys().copied().collect();

        // Producer state is known up to here; batches from here on are replayed.
        let replay_from;
        let mut active_segment = None;
        let resumed = active.and_then(|active| {
            let file = LogFile::Segment(active.name, SegmentFile::Checkpoint);
            checkpoint::decode(contents.get(&file)?, active.name, active.bytes, LATER)
        });
        if let Some((segment, producers)) = resumed {
            replay_from = segment.end_offset;
            plan.checkpoint_end = Some(segment.end_offset);
            plan.producers = producers;
            active_segment = Some(segment);
        } else {
            // A snapshot above the active segment's base would be that of a roll that did not come to be.
            let base = active.map_or(Offset(i64::MAX), |active| active.name.base_offset);
            let latest = states.range(..=base).next_back().map(|(&offset, _)| offset);
            replay_from = latest.unwrap_or(Offset::ZERO);
            plan.producers = latest.and_then(|offset| states.remove(&offset)).unwrap_or_default();
        }

        for (place, segment) in found.iter().enumerate() {
            if active.is_some_and(|active| active.name == segment.name) {
                break;
            }
            let end_offset = match found.get(place + 1) {
                Some(next) => next.name.base_offset,
                None => segment.marker.expect("the last one is cleaned").end_offset,
            };
            plan.add_closed(segment, end_offset, listed, contents, replay_from);
        }
        match (active, last) {
            (Some(active), _) => {
                let segment = active_segment.unwrap_or_else(|| Segment::empty(active.name, LATER));
                plan.scans.push_back(Scan::new(segment, active.bytes, replay_from, Task::Active));
            }
            (None, Some(Found { marker: Some(marker), .. })) => {
                let base = marker.end_offset;
                plan.segments.insert(base, Segment::empty(SegmentName::appended(base), LATER));
            }
            _ => {}
        }
        plan
    }

    fn add_closed(
        &mut self,
        found: &Found,
        end_offset: Offset,
        listed: &SortedMap<LogFile, u64>,
        contents: &SortedMap<LogFile, Bytes>,
        replay_from: Offset,
    ) {
        let name = found.name;
        // One of no bytes is whole: all that was to say is that there is nothing to say.
        let content = |file| {
            let file = LogFile::Segment(name, file);
            contents.get(&file).cloned().or_else(|| (listed.get(&file) == Some(&0)).then(Bytes::new))
        };
        let index = content(SegmentFile::Index).and_then(|bytes| OffsetIndex::decode(&bytes, found.bytes));
        let time_index = content(SegmentFile::TimeIndex).and_then(|bytes| TimeIndex::decode(&bytes));
        let span = u64::try_from(end_offset.distance_from(name.base_offset)).unwrap_or(0);
        let fits = |relative: u32| u64::from(relative) < span;
        let whole = index.zip(time_index).filter(|(index, time_index)| {
            index.last().is_none_or(|last| fits(last.relative_offset))
                && time_index.last().is_none_or(|last| fits(last.relative_offset))
        });
        let (mut segment, task) = match whole {
            Some((index, time_index)) => {
                let segment = Segment::closed(name, end_offset, found.bytes, index, time_index, LATER);
                (segment, Task::ReplayOnly)
            }
            None => (Segment::empty(name, LATER), Task::Rebuild { end_offset }),
        };
        if let Some(marker) = &found.marker {
            segment.marker = Some(*marker);
            if task == Task::ReplayOnly {
                segment.data_end = marker.data_end;
            }
        }
        if task == Task::ReplayOnly && end_offset <= replay_from {
            self.segments.insert(name.base_offset, segment);
        } else {
            self.scans.push_back(Scan::new(segment, found.bytes, replay_from, task));
        }
    }

    pub fn next_read(&mut self) -> Option<(SegmentName, u64, u64)> {
        loop {
            let scan = self.scans.front()?;
            if let Some(read) = scan.next_read() {
                return Some(read);
            }
            self.complete_scan();
        }
    }

    pub fn handle_read(&mut self, bytes: Bytes, asked: u64, index_interval_bytes: u32) -> Outcome {
        let scan = self.scans.front_mut().expect("a scan is under way");
        let from_checkpoint = self.checkpoint_end.is_some();
        let outcome =
            scan.handle_read(bytes, asked, index_interval_bytes, &mut self.producers, &mut self.epochs);
        match outcome {
            Outcome::CheckpointIsStale(_) if !from_checkpoint => Outcome::GoOn,
            outcome => outcome,
        }
    }

    fn complete_scan(&mut self) {
        let scan = self.scans.pop_front().expect("a scan is under way");
        let (segment, task, truncated_bytes) = scan.complete();
        self.truncated_bytes += truncated_bytes;
        if let Task::Rebuild { .. } = task {
            self.rebuilt.push(segment.name);
        }
        self.segments.insert(segment.base_offset(), segment);
    }

    pub fn is_done(&mut self) -> bool {
        self.next_read().is_none()
    }
}

fn read_snapshots(contents: &SortedMap<LogFile, Bytes>) -> SortedMap<Offset, ProducerState> {
    let whole = contents.iter().filter_map(|(file, bytes)| match file {
        LogFile::Snapshot(offset) => Some((*offset, producer_snapshot::decode(bytes, LATER)?)),
        _ => None,
    });
    whole.collect()
}

/// The segments that count, ascending: cleaned ones that are whole, the latest first, and what they leave over.
fn find_segments(listed: &SortedMap<LogFile, u64>, log_start: Offset) -> Vec<Found> {
    let log_bytes = |name| listed.get(&LogFile::Segment(name, SegmentFile::Log)).copied();
    let mut markers: Vec<CleanedMarker> = listed
        .keys()
        .filter_map(|file| match file {
            LogFile::Cleaned(marker) => Some(*marker),
            _ => None,
        })
        .filter(|marker| log_bytes(marker.segment).unwrap_or(0) == marker.bytes)
        .collect();
    stable_sort_by(&mut markers, |a, b| b.segment.generation.cmp(&a.segment.generation));
    let mut valid: Vec<CleanedMarker> = Vec::new();
    for marker in markers {
        let replaced = valid.iter().any(|newer| {
            newer.covers(marker.segment.base_offset) || marker.covers(newer.segment.base_offset)
        });
        if !replaced {
            valid.push(marker);
        }
    }
    let mut found: Vec<Found> = valid
        .iter()
        .map(|marker| Found { name: marker.segment, bytes: marker.bytes, marker: Some(*marker) })
        .collect();
    found.extend(listed.iter().filter_map(|(file, &bytes)| match file {
        LogFile::Segment(name, SegmentFile::Log)
            if name.generation.0 == 0 && !valid.iter().any(|marker| marker.covers(name.base_offset)) =>
        {
            Some(Found { name: *name, bytes, marker: None })
        }
        _ => None,
    }));
    stable_sort_by(&mut found, |a, b| a.name.base_offset.cmp(&b.name.base_offset));
    // What ends at or below the log's start was deleted, or was about to be.
    let mut kept = found.clone();
    let ends_below = |place: usize| match (found.get(place + 1), found[place].marker) {
        (Some(next), _) => next.name.base_offset <= log_start,
        (None, Some(marker)) => marker.end_offset <= log_start,
        (None, None) => false,
    };
    let below = (0..found.len()).take_while(|&place| ends_below(place)).count();
    kept.drain(..below);
    kept
}
