//! Compaction: of every key the last value stays.
//!
//! Two passes over closed segments, bounded in memory, driven by whoever has time. The first reads the *dirty*
//! segments, those after the last cleaning, and notes the last offset of each key. The second rewrites all closed
//! segments up to there without the records that have a successor, joining small ones.
//!
//! There is no rename. A cleaned segment is written beside the old ones under a name of its own generation, and
//! counts once its marker is there (`cleaned_marker`); a marker beats every segment of an older generation that
//! begins within its range. The order of the writes makes every prefix of them a log:
//!
//! ```text
//!  segments 0, 40 and 70 become 0-3           what an opening finds
//! ┌─────────────────────────────────────────┬─────────────────────────────────────────────┐
//! │ delete 0-3.log   of a compaction that    │ 0, 40, 70; nothing has a marker              │
//! │                  did not come to its end │                                              │
//! │ append 0-3.log   piece by piece          │ 0, 40, 70; 0-3 has no marker: deleted        │
//! │ put    0-3.index, 0-3.timeindex          │ the same                                     │
//! │ put    0-3-100-….cleaned                 │ 0-3 up to offset 100; 0, 40, 70 lie in its   │
//! │                                          │ range: deleted                               │
//! │ delete 0.log, 0.index, …, 40.log, …      │ 0-3                                          │
//! └─────────────────────────────────────────┴─────────────────────────────────────────────┘
//! ```
//!
//! Several cleaned segments of one compaction are swapped in the order of their offsets, each whole before the next:
//! a tombstone never goes before the values that it deletes.
//!
//! What stays besides the last values: tombstones until `delete.retention.ms` after the first cleaning that saw
//! them (their batch carries that time as its delete horizon); the header of the last batch of each producer, so
//! that its sequence is not forgotten; control batches; everything past the last offset that was looked at.
//!
//! Never knows: the active segment, when it is called.

mod offset_map;
mod output;
mod segment_reader;

use crate::blob_names::{Generation, SegmentName};
use crate::config::LogLocation;
use crate::log::{Change, Log};
use crate::segment::Segment;
use crate::storage::{Position, Read, StorageFault, Write};
use bytes::Bytes;
use offset_map::OffsetMap;
use output::Output;
use segment_reader::SegmentReader;
use std::collections::VecDeque;
use tablog_record::{
    BatchError, EmptyBatch, Now, Offset, ProducerId, Record, SortedSet, Timestamp, ValidBatch,
};

/// A compaction under way. `poll_read` and `handle_read` until `is_done`; what `writes` gives on the way is committed
/// in order. When those commits have completed, `Log::apply`; if one failed, `Log::abandon`.
#[derive(Debug)]
pub struct Compaction {
    location: LogLocation,
    now: Timestamp,
    generation: Generation,
    index_interval_bytes: u32,
    delete_retention_ms: u64,
    segment_bytes_max: u64,
    sources: Vec<Source>,
    map: OffsetMap,
    dirty_from: Offset,
    /// Up to where keys were looked at.
    clean_end: Offset,
    last_of_producers: SortedSet<(ProducerId, Offset)>,
    stage: Stage,
    reader: Option<SegmentReader>,
    /// Segments that are still to be read in this stage.
    queue: VecDeque<usize>,
    output: Option<Output>,
    output_sources: Vec<Source>,
    cleaned: Vec<Cleaned>,
    writes: Vec<Write>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Mapping,
    Cleaning,
    Done,
}

/// A segment that is rewritten.
#[derive(Clone, Copy, Debug)]
struct Source {
    name: SegmentName,
    end_offset: Offset,
    bytes: u64,
    /// Where in it the dirty part begins.
    dirty_position: u64,
}

/// What a run of segments became.
#[derive(Debug)]
struct Cleaned {
    sources: Vec<Source>,
    segment: Segment,
}

/// What a compaction saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionFacts {
    pub bytes_before: u64,
    pub bytes_after: u64,
}

/// A compaction if one is due: by `min.cleanable.dirty.ratio` or `max.compaction.lag.ms`.
pub fn choose(log: &Log, now: Now) -> Option<Compaction> {
    if !log.config.cleanup.compacts() {
        return None;
    }
    let dirty_from = log.first_dirty_offset();
    let end_max = log.durable_end.min(log.last_stable_offset());
    let active = log.active().base_offset();
    let min_lag_ms = i64::try_from(log.config.min_compaction_lag_ms).unwrap_or(i64::MAX);
    let sources: Vec<&Segment> = log
        .segments
        .values()
        .take_while(|segment| {
            let is_young = min_lag_ms > 0
                && segment.end_offset > dirty_from
                && segment.max_timestamp.0 > now.wall.0.saturating_sub(min_lag_ms);
            segment.base_offset() != active && segment.end_offset <= end_max && !is_young
        })
        .collect();
    let (dirty, clean): (Vec<&Segment>, Vec<&Segment>) =
        sources.iter().partition(|segment| segment.end_offset > dirty_from);
    let bytes = |segments: &[&Segment]| segments.iter().map(|segment| segment.bytes).sum::<u64>();
    let (dirty_bytes, clean_bytes) = (bytes(&dirty), bytes(&clean));
    if dirty_bytes == 0 {
        return None;
    }
    let ratio = dirty_bytes as f64 / (dirty_bytes + clean_bytes) as f64;
    let max_lag_ms = i64::try_from(log.config.max_compaction_lag_ms).unwrap_or(i64::MAX);
    let oldest = dirty.iter().filter_map(|segment| segment.oldest_known_timestamp()).min();
    let is_overdue = oldest.is_some_and(|oldest| now.wall.0.saturating_sub(oldest.0) > max_lag_ms);
    if ratio <= log.config.min_cleanable_dirty_ratio && !is_overdue {
        return None;
    }
    Some(Compaction::new(log, now, &sources, dirty_from))
}

impl Log {
    /// Up to where the last cleaning looked.
    fn first_dirty_offset(&self) -> Offset {
        let cleaned = self.segments.values().filter_map(|segment| Some(segment.marker?.clean_end));
        let first = self.segments.values().next().map(Segment::base_offset);
        cleaned.chain(first).max().expect("a log has a segment")
    }

    /// The last batch of each producer, as it is and as it would be after a failed commit.
    fn last_of_producers(&self) -> SortedSet<(ProducerId, Offset)> {
        let now = self.producers.iter().map(|(id, entry)| (id, Some(entry)));
        let before = self.pending.iter().filter_map(|pending| match &pending.change {
            Change::Append { producer: Some((id, before)), .. } => Some((*id, before.as_ref())),
            _ => None,
        });
        now.chain(before).filter_map(|(id, entry)| Some((id, entry?.batches.back()?.last_offset))).collect()
    }

    /// Puts the cleaned segments in the place of the old ones. To be called when the commits of everything that
    /// `Compaction::writes` gave have completed: from now on readers are sent to the new segments. The writes here
    /// validate these and delete the old ones; a read that is still under way there may find its blob gone, and is to
    /// be planned anew.
    pub fn apply(&mut self, compaction: Compaction) -> Vec<Write> {
        assert_eq!(compaction.stage, Stage::Done, "a compaction is applied when it is done");
        let is_current = |source: &Source| {
            self.segments.get(&source.name.base_offset).is_some_and(|segment| segment.name == source.name)
        };
        if !compaction.cleaned.iter().flat_map(|cleaned| &cleaned.sources).all(is_current) {
            // Retention was faster.
            return self.abandon(compaction);
        }
        self.next_generation = self.next_generation.max(compaction.generation.0 + 1);
        let mut writes = Vec::new();
        let mut deletes = Vec::new();
        for cleaned in compaction.cleaned {
            let marker = cleaned.segment.marker.expect("it was cleaned").name();
            writes.push(self.put(&marker, Bytes::from_static(b"\n")));
            for source in &cleaned.sources {
                let segment = self.segments.remove(&source.name.base_offset).expect("seen to be there");
                deletes.extend(self.segment_deletes(&segment));
            }
            self.segments.insert(cleaned.segment.base_offset(), cleaned.segment);
        }
        writes.extend(deletes);
        self.leave_unsettled(&writes);
        writes
    }

    /// Deletes what a compaction wrote that is not to be applied.
    pub fn abandon(&mut self, compaction: Compaction) -> Vec<Write> {
        // Its name is not used again: its bytes may outlive a delete that fails.
        self.next_generation = self.next_generation.max(compaction.generation.0 + 1);
        let finished = compaction.cleaned.iter().map(|cleaned| &cleaned.segment);
        let unfinished = compaction.output.as_ref().map(Output::segment);
        let writes: Vec<Write> =
            finished.chain(unfinished).flat_map(|segment| self.segment_deletes(segment)).collect();
        self.leave_unsettled(&writes);
        writes
    }
}

impl Compaction {
    fn new(log: &Log, now: Now, segments: &[&Segment], dirty_from: Offset) -> Compaction {
        let source = |segment: &&Segment| Source {
            name: segment.name,
            end_offset: segment.end_offset,
            bytes: segment.bytes,
            dirty_position: segment.stretch_from(dirty_from.min(segment.end_offset)).0,
        };
        let sources: Vec<Source> = segments.iter().map(source).collect();
        let dirty = (0..sources.len()).filter(|&place| sources[place].end_offset > dirty_from);
        let queue = dirty.collect();
        Compaction {
            location: log.location.clone(),
            now: now.wall,
            generation: Generation(log.next_generation),
            index_interval_bytes: log.config.index_interval_bytes,
            delete_retention_ms: log.config.delete_retention_ms,
            segment_bytes_max: log.config.segment_bytes_max(),
            clean_end: sources.last().map_or(dirty_from, |last| last.end_offset),
            sources,
            map: OffsetMap::default(),
            dirty_from,
            last_of_producers: log.last_of_producers(),
            stage: Stage::Mapping,
            reader: None,
            queue,
            output: None,
            output_sources: Vec::new(),
            cleaned: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// The next read; `None` while one is under way or when all is done.
    pub fn poll_read(&mut self) -> Option<Read> {
        loop {
            if self.stage == Stage::Done {
                return None;
            }
            if let Some(reader) = &mut self.reader {
                if reader.is_waiting() {
                    return None;
                }
                if let Some((from, len)) = reader.next_read() {
                    let blob = self.location.blob(&reader.file());
                    return Some(Read { tier: self.location.tier, blob, from: Position(from), len });
                }
            }
            self.next_segment();
        }
    }

    /// An `Err` ends the compaction: `Log::abandon` it.
    pub fn handle_read(&mut self, result: Result<Bytes, StorageFault>) -> Result<(), StorageFault> {
        let mut reader = self.reader.take().expect("an answer has a read before it");
        reader.feed(result?)?;
        while let Some(batch) = reader.next_batch()? {
            let handled = match self.stage {
                Stage::Mapping => self.map_keys(&batch),
                Stage::Cleaning => self.clean(&batch),
                Stage::Done => unreachable!("nothing is read any more"),
            };
            handled.map_err(|error| reader.corrupt(&error.to_string()))?;
            if self.stage == Stage::Mapping && self.map.is_full() {
                self.clean_end = batch.header().end_offset();
                self.queue.clear();
                return Ok(());
            }
        }
        self.reader = Some(reader);
        Ok(())
    }

    /// What is to be written since the last call.
    pub fn writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    pub fn facts(&self) -> CompactionFacts {
        let replaced = self.cleaned.iter().flat_map(|cleaned| &cleaned.sources);
        CompactionFacts {
            bytes_before: replaced.map(|source| source.bytes).sum(),
            bytes_after: self.cleaned.iter().map(|cleaned| cleaned.segment.bytes).sum(),
        }
    }

    fn next_segment(&mut self) {
        self.reader = None;
        let Some(place) = self.queue.pop_front() else { return self.next_stage() };
        let source = self.sources[place];
        let mut from = 0;
        if self.stage == Stage::Mapping {
            from = source.dirty_position;
        } else {
            self.place_source(&source);
        }
        self.reader = Some(SegmentReader::new(&self.location, source.name, from, source.bytes));
    }

    fn next_stage(&mut self) {
        self.stage = match self.stage {
            Stage::Mapping => {
                let reached = |place: &usize| self.sources[*place].name.base_offset < self.clean_end;
                self.queue = (0..self.sources.len()).take_while(reached).collect();
                Stage::Cleaning
            }
            Stage::Cleaning => {
                self.complete_output();
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
    }

    /// What stays of this segment goes into the same new one as long as it certainly fits.
    fn place_source(&mut self, source: &Source) {
        let fits = self.output.as_ref().is_some_and(|output| {
            let span = source.end_offset.distance_from(output.segment().base_offset());
            output.segment().bytes + source.bytes <= self.segment_bytes_max
                && span <= i64::from(i32::MAX)
                && output.segment().has_room_for(source.end_offset)
        });
        if !fits {
            self.complete_output();
            let name = SegmentName { base_offset: source.name.base_offset, generation: self.generation };
            self.output = Some(Output::new(&self.location, name, self.now, &mut self.writes));
        }
        self.output_sources.push(*source);
    }

    fn complete_output(&mut self) {
        let Some(output) = self.output.take() else { return };
        let sources = std::mem::take(&mut self.output_sources);
        let end_offset = sources.last().expect("an output has a source").end_offset;
        let clean_end = self.clean_end.min(end_offset);
        let segment = output.complete(&self.location, end_offset, clean_end, &mut self.writes);
        self.cleaned.push(Cleaned { sources, segment });
    }

    fn map_keys(&mut self, batch: &ValidBatch) -> Result<(), BatchError> {
        let header = batch.header();
        if header.attributes.is_control() || header.end_offset() <= self.dirty_from {
            return Ok(());
        }
        for record in batch.iter()? {
            let record = record?;
            if let Some(key) = &record.key {
                self.map.put(key, record.offset);
            }
        }
        Ok(())
    }

    fn clean(&mut self, batch: &ValidBatch) -> Result<(), BatchError> {
        let header = batch.header();
        let kept = if header.attributes.is_control() || header.base_offset >= self.clean_end {
            Some(batch.clone())
        } else {
            self.cleaned_batch(batch)?
        };
        if let Some(batch) = kept {
            let output = self.output.as_mut().expect("cleaning has an output");
            output.push(&self.location, &batch, self.index_interval_bytes, &mut self.writes);
        }
        Ok(())
    }

    fn cleaned_batch(&self, batch: &ValidBatch) -> Result<Option<ValidBatch>, BatchError> {
        let header = batch.header();
        let tombstones_expired = header.delete_horizon().is_some_and(|horizon| horizon <= self.now);
        let keep = |record: &Record| {
            // Without a key there is no telling what it would be the last value of.
            record.key.as_ref().is_some_and(|key| self.map.is_last(key, record.offset))
                && (record.value.is_some() || !tombstones_expired)
        };
        let (mut all, mut tombstones) = (true, false);
        for record in batch.iter()? {
            let record = record?;
            let kept = keep(&record);
            all &= kept;
            tombstones |= kept && record.value.is_none();
        }
        let needs_horizon = tombstones && header.delete_horizon().is_none();
        if all && header.record_count > 0 && !needs_horizon {
            return Ok(Some(batch.clone()));
        }
        let retention_ms = i64::try_from(self.delete_retention_ms).unwrap_or(i64::MAX);
        let horizon = needs_horizon.then(|| Timestamp(self.now.0.saturating_add(retention_ms)));
        let is_last = self.last_of_producers.contains(&(header.producer_id, header.last_offset()));
        batch.retain(if is_last { EmptyBatch::Keep } else { EmptyBatch::Drop }, horizon, keep)
    }
}
