//! Appends, rolls, compaction, retention, failing commits and crashes in any order.

use crate::disk::Disk;
use crate::rig::*;
use proptest::prelude::*;
use tablog_log::storage::Write;
use tablog_log::{Cleanup, Compaction, Log, LogConfig, MinOne, compaction, retention};
use tablog_record::{LeaderEpoch, Offset, SortedMap};

#[derive(Clone, Debug)]
enum Step {
    Append {
        key: u8,
        count: usize,
    },
    Commit,
    Fail {
        kept: u8,
        torn: u8,
    },
    Crash {
        kept: u8,
        torn: u8,
    },
    /// A commit without appends fails, and nobody tells the log.
    Lose {
        kept: u8,
        torn: u8,
    },
    Checkpoint,
    Roll,
    /// Begins a compaction, goes on with one, applies one that is done.
    Compact {
        reads: u8,
    },
    /// Moves the start to this share of the durable log, in 1/256.
    DeleteRecords {
        share: u8,
    },
    Drop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => (0..4_u8, 1..4_usize).prop_map(|(key, count)| Step::Append { key, count }),
        4 => Just(Step::Commit),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(kept, torn)| Step::Fail { kept, torn }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(kept, torn)| Step::Lose { kept, torn }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(kept, torn)| Step::Crash { kept, torn }),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Roll),
        3 => (0..9_u8).prop_map(|reads| Step::Compact { reads }),
        1 => (0..40_u8).prop_map(|share| Step::DeleteRecords { share }),
        1 => Just(Step::Drop),
    ];
    prop::collection::vec(step, 1..120)
}

struct World {
    config: LogConfig,
    log: Log,
    disk: Disk,
    queued: Vec<Write>,
    compaction: Option<Compaction>,
    /// Every record that was given an offset, by it: key and value.
    records: SortedMap<i64, (String, String)>,
    /// The start that a queued write brings, and the one that a completed commit promised.
    asked_start: Offset,
    promised_start: Offset,
    clock: i64,
    epoch: i32,
}

impl World {
    fn new() -> World {
        let config = LogConfig { cleanup: Cleanup::CompactDelete, retention_ms: None, ..compacted() };
        let log = Log::create(location(), config.clone(), LeaderEpoch(0), at(1000));
        World {
            config,
            log,
            disk: Disk::default(),
            queued: Vec::new(),
            compaction: None,
            records: SortedMap::new(),
            asked_start: Offset::ZERO,
            promised_start: Offset::ZERO,
            clock: 1000,
            epoch: 0,
        }
    }

    fn commit(&mut self) {
        write_all(&mut self.disk, &std::mem::take(&mut self.queued));
        self.log.made_durable(self.log.end_offset());
        self.promised_start = self.promised_start.max(self.asked_start);
    }

    fn partly(&mut self, kept: u8, torn: u8) {
        self.asked_start = self.promised_start;
        let queued = std::mem::take(&mut self.queued);
        let whole = queued.len() * usize::from(kept) / 256;
        write_all(&mut self.disk, &queued[..whole]);
        if let Some(next) = queued.get(whole) {
            let cut = next.bytes_len() * usize::from(torn) / 256;
            if cut > 0 {
                self.disk.apply_torn(next, cut);
            }
        }
    }

    fn append(&mut self, key: u8, count: usize) {
        let base = self.log.end_offset().0;
        let rows: Vec<(String, String)> = (0..count)
            .map(|place| {
                (format!("key {}", (usize::from(key) + place) % 4), format!("{}.{place}", self.clock))
            })
            .collect();
        let content: Vec<_> =
            rows.iter().map(|(key, value)| (self.clock, key.as_str(), Some(value.as_str()))).collect();
        let appended = append(&mut self.log, at(self.clock), batch(&content)).expect("appended");
        self.queued.extend(appended.writes);
        self.records.extend((base..).zip(rows));
    }

    fn compact(&mut self, reads: u8) {
        if let Some(done) = self.compaction.take_if(|compaction| compaction.is_done()) {
            // The writes of a compaction are in storage before it is applied.
            self.commit();
            let writes = self.log.apply(done);
            self.queued.extend(writes);
            return;
        }
        if self.compaction.is_none() {
            self.compaction = compaction::choose(&self.log, at(self.clock));
        }
        let Some(compaction) = &mut self.compaction else { return };
        for _ in 0..reads {
            let Some(read) = compaction.poll_read() else { break };
            match self.disk.read(&read) {
                Ok(bytes) => compaction.handle_read(Ok(bytes)).expect("whole"),
                // Retention deleted it.
                Err(_) => {
                    let compaction = self.compaction.take().expect("it is under way");
                    self.queued.extend(self.log.abandon(compaction));
                    return;
                }
            }
            self.queued.extend(compaction.writes());
        }
        self.queued.extend(compaction.writes());
    }

    fn fail(&mut self, kept: u8, torn: u8) {
        self.partly(kept, torn);
        if let Some(compaction) = self.compaction.take() {
            self.log.abandon(compaction);
        }
        self.queued = self.log.roll_back();
        let end = self.log.end_offset().0;
        self.records.retain(|&offset, _| offset < end);
    }

    fn lose(&mut self, kept: u8, torn: u8) {
        if self.log.end_offset() > self.log.durable_end_offset() {
            return;
        }
        self.partly(kept, torn);
        if let Some(compaction) = self.compaction.take() {
            self.queued = self.log.abandon(compaction);
        }
    }

    fn crash(&mut self, kept: u8, torn: u8) -> Result<(), TestCaseError> {
        let durable = self.log.durable_end_offset();
        self.partly(kept, torn);
        self.compaction = None;
        self.epoch += 1;
        let recovered = recover(&self.disk, &self.config, self.epoch);
        self.log = recovered.log;
        self.queued = recovered.writes;
        prop_assert!(self.log.end_offset() >= durable, "{} < {durable}", self.log.end_offset());
        prop_assert!(self.log.start_offset() >= self.promised_start);
        self.promised_start = self.log.start_offset();
        // Past the durable end anything may stand that was appended there once.
        self.records.retain(|&offset, _| offset < durable.0);
        for record in read_records(&self.log, &self.disk) {
            let text =
                |bytes: Option<bytes::Bytes>| String::from_utf8(bytes.expect("some").to_vec()).expect("text");
            if record.offset >= durable {
                self.records.insert(record.offset.0, (text(record.key), text(record.value)));
            }
        }
        let tail = self.log.end_offset().0 - durable.0;
        prop_assert_eq!(self.records.range(durable.0..).count() as i64, tail, "no gap past the durable end");
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let (start, end) = (self.log.start_offset().0, self.log.durable_end_offset().0);
        let mut last = SortedMap::new();
        for (offset, (key, _)) in self.records.range(start..end) {
            last.insert(key.clone(), *offset);
        }
        let mut missing: Vec<i64> = last.into_values().collect();
        let mut next = start;
        for record in read_records(&self.log, &self.disk) {
            let offset = record.offset.0;
            prop_assert!(offset >= next && offset < end);
            next = offset + 1;
            let (key, value) = &self.records[&offset];
            prop_assert_eq!(record.key.as_deref(), Some(key.as_bytes()));
            prop_assert_eq!(record.value.as_deref(), Some(value.as_bytes()));
            missing.retain(|&last| last != offset);
        }
        prop_assert_eq!(missing, Vec::<i64>::new(), "the last value of every key is there");
        let at_end = self.log.read(Offset(end), Offset(end), 1, MinOne::Yes);
        prop_assert_eq!(at_end.map(|plan| plan.read), Ok(None));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_durable_is_lost_whatever_happens(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.clock += 10;
            match step {
                Step::Append { key, count } => world.append(key, count),
                Step::Commit => world.commit(),
                Step::Fail { kept, torn } => world.fail(kept, torn),
                Step::Lose { kept, torn } => world.lose(kept, torn),
                Step::Crash { kept, torn } => world.crash(kept, torn)?,
                Step::Checkpoint => {
                    let writes = world.log.checkpoint();
                    world.queued.extend(writes);
                }
                Step::Roll => {
                    world.clock += 8 * 24 * 60 * 60 * 1000;
                    let writes = world.log.maybe_roll(at(world.clock));
                    world.queued.extend(writes);
                }
                Step::Compact { reads } => world.compact(reads),
                Step::DeleteRecords { share } => {
                    let (start, end) = (world.log.start_offset().0, world.log.durable_end_offset().0);
                    let before = Offset(start + (end - start) * i64::from(share) / 256);
                    let writes = world.log.delete_records(before).expect("in range");
                    world.asked_start = before;
                    world.queued.extend(writes);
                }
                Step::Drop => {
                    let choice = retention::choose(&world.log, at(world.clock));
                    let writes = world.log.drop_segments(choice, at(world.clock));
                    world.queued.extend(writes);
                }
            }
            if world.queued.is_empty() {
                world.check()?;
            }
        }
        world.commit();
        world.check()?;
        world.crash(0, 0)?;
        world.commit();
        world.check()?;
    }
}
