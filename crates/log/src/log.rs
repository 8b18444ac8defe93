//! The log as a value: what it consists of, where it begins and ends, what of it is durable.
//!
//! Offsets are given out at once; `durable_end` follows when commits complete, and `roll_back` returns to it when
//! one fails. Every change since the durable end is kept with what it takes to undo it (`pending`).
//!
//! Never knows: whether its writes were performed, unless it is told.

use crate::blob_names::{self, SegmentFile, SegmentName};
use crate::checkpoint;
use crate::config::{LogConfig, LogLocation};
use crate::leader_epochs::{Changed, EpochEntry, LeaderEpochs, Stored};
use crate::limits::START_MARKERS_MAX;
use crate::producer_snapshot;
use crate::producer_state::{ProducerEntry, ProducerFacts, ProducerState};
use crate::segment::{Segment, SegmentMark};
use crate::storage::{Position, Write};
use bytes::Bytes;
use std::collections::VecDeque;
use tablog_record::{LeaderEpoch, Now, Offset, ProducerId, SortedMap, SortedSet, Timestamp};

#[derive(Debug)]
pub struct Log {
    pub(crate) location: LogLocation,
    pub(crate) config: LogConfig,
    pub(crate) epoch: LeaderEpoch,
    /// By base offset; the last one is active. Never empty.
    pub(crate) segments: SortedMap<Offset, Segment>,
    pub(crate) start_offset: Offset,
    pub(crate) durable_end: Offset,
    pub(crate) epochs: LeaderEpochs,
    pub(crate) epochs_stored: Stored,
    /// Once the log is durable up to here, so is the epochs' checkpoint.
    pub(crate) epochs_settled_at: Offset,
    /// Of the start markers that may be in storage, ascending; the last one is the log's start.
    pub(crate) start_markers: SortedSet<Offset>,
    pub(crate) producers: ProducerState,
    /// Oldest first.
    pub(crate) pending: VecDeque<Pending>,
    /// Bases of segments that were rolled back; that they are deleted is settled once a later append is durable.
    pub(crate) removed: SortedSet<Offset>,
    /// Writes without an offset of their own that a failed commit may have swallowed.
    pub(crate) unsettled: Vec<Unsettled>,
    pub(crate) repair_due: RepairDue,
    /// Of the producer snapshots in storage, ascending.
    pub(crate) snapshots: Vec<Offset>,
    /// What the active segment's checkpoint reaches to.
    pub(crate) checkpoint_end: Option<Offset>,
    /// Of the next compaction.
    pub(crate) next_generation: u32,
}

/// Whether storage may hold what failed commits left, or a torn end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepairDue {
    Yes,
    No,
}

/// A change that is undone if its commit fails. It is settled once the log is durable up to `settled_at`.
#[derive(Debug)]
pub(crate) struct Pending {
    pub settled_at: Offset,
    pub change: Change,
}

#[derive(Debug)]
pub(crate) enum Change {
    Append { segment: Offset, before: SegmentMark, producer: Option<(ProducerId, Option<ProducerEntry>)> },
    Roll { closed: SegmentName, time_index_len: usize },
}

#[derive(Debug)]
pub(crate) struct Unsettled {
    pub settled_at: Offset,
    pub write: Write,
}

/// A segment as the outside sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentFacts {
    pub base_offset: Offset,
    pub end_offset: Offset,
    pub bytes: u64,
    /// `NONE` without records that have one.
    pub max_timestamp: Timestamp,
    /// How many compactions its bytes went through, in the log's counting; 0 for none.
    pub generation: u32,
    pub is_active: bool,
}

/// The extent of a segment as far as it is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DurableExtent {
    pub bytes: u64,
    pub max_timestamp: Timestamp,
    pub max_timestamp_offset: Offset,
}

impl Log {
    /// A log that does not exist yet. Its first append brings it into being.
    pub fn create(location: LogLocation, config: LogConfig, epoch: LeaderEpoch, now: Now) -> Log {
        let mut log = Log::empty(location, config, Offset::ZERO, now);
        log.epoch = epoch;
        log.epochs.assign(epoch, Offset::ZERO);
        log.epochs_stored = Stored::Stale;
        log
    }

    pub(crate) fn empty(location: LogLocation, config: LogConfig, start: Offset, now: Now) -> Log {
        let active = Segment::empty(SegmentName::appended(start), now.wall);
        Log {
            location,
            config,
            epoch: LeaderEpoch::UNKNOWN,
            segments: SortedMap::from([(start, active)]),
            start_offset: start,
            durable_end: start,
            epochs: LeaderEpochs::default(),
            epochs_stored: Stored::Current,
            epochs_settled_at: start,
            start_markers: SortedSet::new(),
            producers: ProducerState::default(),
            pending: VecDeque::new(),
            removed: SortedSet::new(),
            unsettled: Vec::new(),
            repair_due: RepairDue::No,
            snapshots: Vec::new(),
            checkpoint_end: None,
            next_generation: 1,
        }
    }

    pub fn location(&self) -> &LogLocation {
        &self.location
    }

    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    pub fn start_offset(&self) -> Offset {
        self.start_offset
    }

    pub fn end_offset(&self) -> Offset {
        self.active().end_offset
    }

    pub fn durable_end_offset(&self) -> Offset {
        self.durable_end
    }

    /// With a single replica, what is durable here is durable everywhere.
    pub fn high_watermark(&self) -> Offset {
        #[cfg(feature = "known-bugs")]
        if tablog_record::known_bugs::has(tablog_record::known_bugs::KnownBug::HighWatermarkEarly) {
            return self.end_offset();
        }
        self.durable_end
    }

    /// Up to where no transaction is open, as far as that is durable.
    pub fn last_stable_offset(&self) -> Offset {
        let undone = self.pending.iter().filter_map(|pending| match &pending.change {
            Change::Append { producer: Some((_, Some(before))), .. } => before.transaction_start,
            _ => None,
        });
        let open = self.producers.first_transaction_start().into_iter().chain(undone).min();
        open.map_or(self.durable_end, |start| start.min(self.durable_end))
    }

    pub fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest()
    }

    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.epoch_at(offset)
    }

    /// OffsetForLeaderEpoch: the largest epoch not above this one, and its end; both -1 where unknown.
    pub fn epoch_end_offset(&self, epoch: LeaderEpoch) -> (LeaderEpoch, Offset) {
        self.epochs.end_offset_for(epoch, self.durable_end)
    }

    pub fn epochs(&self) -> &[EpochEntry] {
        self.epochs.entries()
    }

    pub fn producers(&self) -> impl Iterator<Item = ProducerFacts> {
        self.producers.facts()
    }

    /// Forgets producers that were silent for `producer.id.expiration.ms`. To be called now and then.
    pub fn expire_producers(&mut self, now: Now) {
        self.producers.expire(now.wall, self.config.producer_id_expiration_ms);
    }

    pub fn segments(&self) -> impl DoubleEndedIterator<Item = SegmentFacts> {
        let active = self.active().base_offset();
        self.segments.values().map(move |segment| SegmentFacts {
            base_offset: segment.base_offset(),
            end_offset: segment.end_offset,
            bytes: segment.bytes,
            max_timestamp: segment.max_timestamp,
            generation: segment.name.generation.0,
            is_active: segment.base_offset() == active,
        })
    }

    pub fn size_bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    /// From now on batches are written under this epoch.
    pub fn start_epoch(&mut self, epoch: LeaderEpoch) -> Vec<Write> {
        assert!(epoch >= self.epoch, "leader epochs only grow");
        self.epoch = epoch;
        if self.epochs.assign(epoch, self.end_offset()) == Changed::Yes {
            self.epochs_stored = Stored::Stale;
        }
        self.store_epochs()
    }

    /// Everything up to here is in storage.
    pub fn made_durable(&mut self, end: Offset) {
        assert!(end <= self.end_offset(), "what was not appended is not durable");
        if end <= self.durable_end {
            return;
        }
        self.durable_end = end;
        while self.pending.front().is_some_and(|pending| pending.settled_at <= end) {
            self.pending.pop_front();
        }
        self.unsettled.retain(|unsettled| unsettled.settled_at > end);
        // All that was rolled back lay past the durable end, which has now moved.
        self.removed.clear();
    }

    /// A commit failed, and with it all that were queued: the log returns to its durable end. The writes repair
    /// what the failed commits may have left. They may be made at once; the next append brings them along again, so
    /// that no append is ever stored without them.
    pub fn roll_back(&mut self) -> Vec<Write> {
        let mut deletes = Vec::new();
        while let Some(pending) = self.pending.pop_back() {
            match pending.change {
                Change::Append { segment, before, producer } => {
                    let segment =
                        self.segments.get_mut(&segment).expect("pending segments are never dropped");
                    segment.restore(&before);
                    #[cfg(feature = "known-bugs")]
                    if tablog_record::known_bugs::has(
                        tablog_record::known_bugs::KnownBug::NoRollbackOfProducerState,
                    ) {
                        continue;
                    }
                    match producer {
                        Some((id, None)) => self.producers.forget_batches(id),
                        Some((id, before)) => self.producers.restore(id, before),
                        None => {}
                    }
                }
                Change::Roll { closed, time_index_len } => {
                    deletes.extend(self.undo_roll(closed, time_index_len));
                }
            }
        }
        assert_eq!(self.end_offset(), self.durable_end, "the log ends where it is durable");
        if self.checkpoint_end.is_some_and(|end| end > self.durable_end) {
            deletes.push(self.delete(&self.active().name.file(SegmentFile::Checkpoint)));
            self.checkpoint_end = None;
        }
        let kept = self.snapshots.partition_point(|&offset| offset <= self.durable_end);
        let lost = self.snapshots.split_off(kept);
        deletes.extend(lost.iter().map(|&offset| self.delete(&blob_names::snapshot(offset))));
        self.leave_unsettled(&deletes);
        let epochs = self.epochs.clone();
        self.epochs.truncate_from_end(self.durable_end);
        if self.epochs != epochs {
            self.epochs_stored = Stored::Stale;
        }
        self.repair_due = RepairDue::Yes;
        self.repairs()
    }

    /// Brings storage to the state of a log without pending changes, whatever of earlier writes it has.
    pub(crate) fn repairs(&mut self) -> Vec<Write> {
        assert!(self.pending.is_empty(), "repairs would undo what is under way");
        // The newest goes first: at no time may a segment end before the next one begins.
        let mut writes = Vec::new();
        for &base in self.removed.iter().rev() {
            writes.extend(SegmentFile::ALL.map(|file| self.delete(&SegmentName::appended(base).file(file))));
            if !self.snapshots.contains(&base) {
                writes.push(self.delete(&blob_names::snapshot(base)));
            }
        }
        let active = self.active();
        let blob = self.location.blob(&active.name.file(SegmentFile::Log));
        writes.push(match active.bytes {
            // It may not be there at all.
            0 => Write::Delete { blob },
            bytes => Write::Truncate { blob, to: Position(bytes) },
        });
        // The start is stored before what lies below it is deleted.
        writes.extend(self.store_start());
        writes.extend(self.unsettled.iter().map(|unsettled| unsettled.write.clone()));
        if self.epochs_settled_at > self.durable_end {
            self.epochs_stored = Stored::Stale;
        }
        writes.extend(self.store_epochs());
        writes
    }

    fn undo_roll(&mut self, closed: SegmentName, time_index_len: usize) -> Vec<Write> {
        // The closed segment may have been dropped or cleaned since: then the empty one stays.
        let before = self.segments.values().nth_back(1).map(|segment| segment.name);
        if before != Some(closed) || !self.active().is_empty() {
            return Vec::new();
        }
        let (base, _) = self.segments.pop_last().expect("there is an active segment");
        self.removed.insert(base);
        self.snapshots.retain(|&offset| offset != base);
        self.checkpoint_end = None;
        self.active_mut().time_index.truncate(time_index_len);
        // Its indexes would be taken for whole once it is closed again under other contents.
        [SegmentFile::Index, SegmentFile::TimeIndex, SegmentFile::Checkpoint]
            .map(|file| self.delete(&closed.file(file)))
            .to_vec()
    }

    /// Remembers deletes and markers, which no offset stands for, until a later append is durable. Only writes that
    /// may be made again at any time: a torn one must not harm what the first one had stored.
    pub(crate) fn leave_unsettled(&mut self, writes: &[Write]) {
        let settled_at = self.end_offset().plus(1);
        let is_repeatable = |write: &&Write| match write {
            Write::Delete { .. } => true,
            Write::Put { blob, .. } => blob.as_str().ends_with(".cleaned"),
            Write::Append { .. } | Write::Truncate { .. } => false,
        };
        for write in writes.iter().filter(is_repeatable) {
            self.unsettled.retain(|unsettled| unsettled.write.blob() != write.blob());
            self.unsettled.push(Unsettled { settled_at, write: write.clone() });
        }
    }

    pub(crate) fn delete(&self, name: &str) -> Write {
        Write::Delete { blob: self.location.blob(name) }
    }

    /// Replaces a small blob. An earlier delete of it is not to be repeated.
    pub(crate) fn put(&mut self, name: &str, bytes: Bytes) -> Write {
        let blob = self.location.blob(name);
        self.unsettled.retain(|unsettled| *unsettled.write.blob() != blob);
        Write::Put { blob, bytes }
    }

    /// Optional, now and then: with it the next opening need not scan the active segment from its beginning.
    pub fn checkpoint(&mut self) -> Vec<Write> {
        let end = self.end_offset();
        if self.checkpoint_end == Some(end) || self.active().is_empty() {
            return Vec::new();
        }
        self.checkpoint_end = Some(end);
        let bytes = checkpoint::encode(self.active(), &self.producers);
        vec![Write::Put {
            blob: self.location.blob(&self.active().name.file(SegmentFile::Checkpoint)),
            bytes,
        }]
    }

    /// The topic is gone.
    pub fn delete_all(&self) -> Vec<Write> {
        let mut writes: Vec<Write> =
            self.segments.values().rev().flat_map(|segment| self.segment_deletes(segment)).collect();
        let snapshots = self.snapshots.iter().map(|&offset| blob_names::snapshot(offset));
        let starts = self.start_markers.iter().map(|&offset| blob_names::start(offset));
        let epochs = [blob_names::LEADER_EPOCHS, blob_names::LEADER_EPOCHS_NEXT].map(str::to_owned);
        writes.extend(snapshots.chain(starts).chain(epochs).map(|name| self.delete(&name)));
        // What an earlier delete may have failed to remove.
        writes.extend(self.unsettled.iter().filter_map(|unsettled| match &unsettled.write {
            write @ Write::Delete { .. } => Some(write.clone()),
            _ => None,
        }));
        writes
    }

    pub(crate) fn active(&self) -> &Segment {
        self.segments.last_key_value().expect("a log has an active segment").1
    }

    pub(crate) fn active_mut(&mut self) -> &mut Segment {
        self.segments.last_value_mut().expect("a log has an active segment")
    }

    /// The blobs of a segment; its bytes go first, so that no index is ever missing for bytes that are there.
    pub(crate) fn segment_deletes(&self, segment: &Segment) -> Vec<Write> {
        let files = SegmentFile::ALL.into_iter();
        let files = files.filter(|&file| file != SegmentFile::Checkpoint || segment.marker.is_none());
        let names = files.map(|file| segment.name.file(file));
        let marker = segment.marker.map(|marker| marker.name());
        names.chain(marker).map(|name| self.delete(&name)).collect()
    }

    /// The start of the log, if it was ever moved: a marker for where it is, and no others.
    pub(crate) fn store_start(&mut self) -> Vec<Write> {
        let Some(&start) = self.start_markers.last() else { return Vec::new() };
        let text = format!("{start}\n");
        let mut writes = vec![self.put(&blob_names::start(start), text.into_bytes().into())];
        let older = self.start_markers.range(..start).map(|&offset| self.delete(&blob_names::start(offset)));
        writes.extend(older);
        // Those of long ago are gone, or else the next opening deletes them.
        while self.start_markers.len() > START_MARKERS_MAX {
            self.start_markers.pop_first();
        }
        writes
    }

    /// The epochs' checkpoint, if it changed. Its double goes first: one of the two is always whole.
    pub(crate) fn store_epochs(&mut self) -> Vec<Write> {
        if self.epochs_stored == Stored::Current {
            return Vec::new();
        }
        self.epochs_stored = Stored::Current;
        self.epochs_settled_at = self.end_offset().plus(1);
        let bytes = self.epochs.encode();
        vec![
            self.put(blob_names::LEADER_EPOCHS_NEXT, bytes.clone()),
            self.put(blob_names::LEADER_EPOCHS, bytes),
        ]
    }

    pub(crate) fn store_snapshot(&mut self) -> Vec<Write> {
        let end = self.end_offset();
        let bytes = producer_snapshot::encode(&self.producers);
        let mut writes = vec![self.put(&blob_names::snapshot(end), bytes)];
        self.snapshots.retain(|&offset| offset < end);
        self.snapshots.push(end);
        // The latest is used, the one before stands in for it.
        let surplus = self.snapshots.len().saturating_sub(2);
        let older: Vec<Offset> = self.snapshots.drain(..surplus).collect();
        writes.extend(older.iter().map(|&offset| self.delete(&blob_names::snapshot(offset))));
        writes
    }

    pub(crate) fn durable_extent(&self, segment: &Segment) -> DurableExtent {
        let pending = match segment.end_offset > self.durable_end {
            true => self.pending.iter(),
            false => Default::default(),
        };
        let first_pending = pending.into_iter().find_map(|pending| match &pending.change {
            Change::Append { segment: base, before, .. } if *base == segment.base_offset() => Some(before),
            _ => None,
        });
        match first_pending {
            Some(mark) => DurableExtent {
                bytes: mark.bytes,
                max_timestamp: mark.max_timestamp,
                max_timestamp_offset: mark.max_timestamp_offset,
            },
            None => DurableExtent {
                bytes: segment.bytes,
                max_timestamp: segment.max_timestamp,
                max_timestamp_offset: segment.max_timestamp_offset,
            },
        }
    }
}
