//! Sees everything: frames at the broker's door in the order in which the broker handles them, commits, crashes, and
//! what clients say of themselves. It keeps the trace and the tally and hands facts to the checkers.
//!
//! Never knows: how to change anything.

mod frames;

use crate::checker::{Checkers, Endings, Sighting, Verdict};
use crate::disk::{Crash, Survival};
use crate::executor::Executor;
use crate::network::LinkId;
use crate::stamp::Stamp;
use crate::tally::Tally;
use bytes::Bytes;
use frames::Frames;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::rc::Rc;
use tablog_log::storage::{CommitId, FaultKind, StorageFault};
use tablog_record::TopicPartition;

#[derive(Clone)]
pub struct Witness {
    state: Rc<RefCell<State>>,
    executor: Executor,
}

struct State {
    trace: Option<String>,
    tally: Tally,
    checkers: Checkers,
    frames: Frames,
    violation: Option<String>,
}

/// Whether a run writes down what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracing {
    On,
    Off,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("tally", &self.state.borrow().tally).finish_non_exhaustive()
    }
}

impl Witness {
    pub fn new(executor: Executor, tracing: Tracing) -> Witness {
        let state = State {
            trace: (tracing == Tracing::On).then(String::new),
            tally: Tally::default(),
            checkers: Checkers::default(),
            frames: Frames::default(),
            violation: None,
        };
        Witness { state: Rc::new(RefCell::new(state)), executor }
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        let mut state = self.state.borrow_mut();
        if let Some(trace) = &mut state.trace {
            writeln!(trace, "{:>11} {}", self.executor.now_us(), line()).expect("a string takes any text");
        }
    }

    /// The first one counts: what follows may follow from it.
    pub fn violation(&self, sentence: String) {
        self.note(|| format!("VIOLATION {sentence}"));
        let seconds = self.executor.now_us() as f64 / 1e6;
        self.state.borrow_mut().violation.get_or_insert_with(|| format!("{sentence} (at {seconds:.3} s)"));
    }

    pub fn found_violation(&self) -> Option<String> {
        self.state.borrow().violation.clone()
    }

    pub fn tally(&self) -> Tally {
        self.state.borrow().tally
    }

    pub fn take_trace(&self) -> String {
        self.state.borrow_mut().trace.take().unwrap_or_default()
    }

    pub fn count(&self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.state.borrow_mut().tally);
    }

    fn check(&self, check: impl FnOnce(&mut State) -> Verdict) {
        let verdict = check(&mut self.state.borrow_mut());
        if let Err(sentence) = verdict {
            self.violation(sentence);
        }
    }

    pub fn request(&self, link: LinkId, frame: &Bytes) {
        self.note(|| format!("> {} {}", link.0, frames::describe_request(frame)));
        self.check(|state| state.frames.request(link, frame.clone(), &mut state.checkers));
    }

    pub fn reply(&self, link: LinkId, frame: &Bytes) {
        self.note(|| format!("< {} {} bytes {:08x}", link.0, frame.len(), tablog_record::crc32c(frame)));
        let now_ms = self.executor.now_us() / 1_000;
        self.check(|state| {
            let State { frames, checkers, tally, .. } = state;
            frames.reply(now_ms, link, frame.clone(), checkers, tally)
        });
    }

    pub fn committed(&self, commit: CommitId, result: &Result<(), StorageFault>) {
        match result {
            Ok(()) => self.note(|| format!("commit {} is durable", commit.0)),
            Err(fault) => {
                self.note(|| format!("commit {} failed: {fault}", commit.0));
                let mut state = self.state.borrow_mut();
                state.checkers.fencing.unstored_lost();
                if fault.kind != FaultKind::Predecessor {
                    state.tally.commits_failed += 1;
                }
            }
        }
    }

    pub fn crashed(&self, crash: Crash, survival: Survival) {
        self.note(|| format!("{crash:?} crash: {}", crate::process::survived(survival)));
        let mut state = self.state.borrow_mut();
        state.tally.commits_lost += survival.commits_lost;
        match crash {
            Crash::Process => state.tally.crashes += 1,
            Crash::PowerLoss => state.tally.power_losses += 1,
        }
        if survival.completed_lost > 0 {
            state.checkers.relaxed_lost();
        }
        state.checkers.leader_epoch.crashed();
        state.checkers.fencing.unstored_lost();
        state.frames.forget_links();
    }

    pub fn sending(&self, stamp: Stamp) {
        self.state.borrow_mut().checkers.sending(stamp);
    }

    pub fn acknowledged(&self, partition: &TopicPartition, offset: i64, stamp: Stamp) {
        self.note(|| format!("{stamp} acknowledged at {partition} {offset}"));
        self.check(|state| {
            state.tally.acknowledgements += 1;
            state.checkers.acknowledged(partition, offset, stamp)
        });
    }

    pub fn read(&self, reader: &str, sighting: &Sighting) {
        self.note(|| {
            let Sighting { partition, offset, leader_epoch, stamp } = sighting;
            format!("{reader} read {partition} {offset} epoch {leader_epoch}: {stamp}")
        });
        self.check(|state| {
            state.tally.records_read += 1;
            state.checkers.read(reader, sighting)
        });
    }

    pub fn reader_moved(&self, reader: &str, partition: &TopicPartition) {
        self.state.borrow_mut().checkers.reader_moved(reader, partition);
    }

    /// A member of the group, which has not said anything since the work was over.
    pub fn belongs_to(&self, group: &str, member: &str) {
        self.state.borrow_mut().checkers.settlement.belongs_to(group, member);
    }

    pub fn owns(
        &self,
        group: &str,
        member: &str,
        owned: BTreeSet<TopicPartition>,
        topic: &BTreeSet<TopicPartition>,
    ) {
        let mut state = self.state.borrow_mut();
        if !state.checkers.settlement.is_settled(group)
            && state.checkers.settlement.owns(group, member, owned, topic)
        {
            state.tally.groups_settled += 1;
        }
    }

    /// Whether every partition is owned by one of the group's members.
    pub fn is_settled(&self, group: &str) -> bool {
        self.state.borrow().checkers.settlement.is_settled(group)
    }

    pub fn unsettled_groups(&self) -> String {
        self.state.borrow().checkers.settlement.unsettled().join(", ")
    }

    pub fn deleting(&self, partition: &TopicPartition, end: i64) {
        self.note(|| format!("deleting {partition} up to {end}"));
        self.state.borrow_mut().checkers.offset_gap.deleting(partition, end);
    }

    pub fn deleted(&self, partition: &TopicPartition, low_watermark: i64) {
        self.note(|| format!("{partition} deleted up to {low_watermark}"));
        let mut state = self.state.borrow_mut();
        state.tally.records_deleted += 1;
        state.checkers.offset_gap.deleted(partition, low_watermark);
    }

    pub fn finish(&self, endings: &Endings) {
        self.check(|state| state.checkers.finish(endings));
    }
}
