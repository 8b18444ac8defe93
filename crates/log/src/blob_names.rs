//! The names of a log's blobs, read and written.
//!
//! ```text
//! 00000000000000000042.log         a segment by its base offset, as Apache Kafka names it
//! 00000000000000000042.index       its offset index
//! 00000000000000000042.timeindex   its time index
//! 00000000000000000042.checkpoint  the active segment's indexes and producer state so far
//! 00000000000000000042.snapshot    the producers' state as it was before offset 42
//! 00000000000000000042-7.log       what the seventh compaction made of the segments from 42 on,
//! 00000000000000000042-7.index       with its indexes,
//! 00000000000000000042-7.timeindex
//! 00000000000000000042-7.cleaned     which are valid once this one is whole
//! leader-epoch-checkpoint          Kafka's text file; written after its double
//! leader-epoch-checkpoint.next     the double, in case the other one is torn
//! log-start-offset                 where the log begins, if not with its first segment; with a double too
//! log-start-offset.next
//! ```
//!
//! Never knows: what the blobs hold.

use tablog_record::Offset;

pub(crate) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
pub(crate) const LEADER_EPOCHS_NEXT: &str = "leader-epoch-checkpoint.next";
pub(crate) const LOG_START: &str = "log-start-offset";
pub(crate) const LOG_START_NEXT: &str = "log-start-offset.next";

/// How often the bytes of a segment were rewritten: 0 for those that were appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Generation(pub u32);

/// Which segment a blob belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentName {
    pub base_offset: Offset,
    pub generation: Generation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SegmentFile {
    Log,
    Index,
    TimeIndex,
    Checkpoint,
    Cleaned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogFile {
    Segment(SegmentName, SegmentFile),
    Snapshot(Offset),
    LeaderEpochs,
    LeaderEpochsNext,
    LogStart,
    LogStartNext,
}

impl SegmentName {
    pub fn appended(base_offset: Offset) -> SegmentName {
        SegmentName { base_offset, generation: Generation(0) }
    }

    pub fn file(self, file: SegmentFile) -> String {
        let ending = file.ending();
        match self.generation {
            Generation(0) => format!("{:020}.{ending}", self.base_offset.0),
            Generation(generation) => format!("{:020}-{generation}.{ending}", self.base_offset.0),
        }
    }
}

impl SegmentFile {
    pub const ALL: [SegmentFile; 5] = [
        SegmentFile::Log,
        SegmentFile::Index,
        SegmentFile::TimeIndex,
        SegmentFile::Checkpoint,
        SegmentFile::Cleaned,
    ];

    fn ending(self) -> &'static str {
        match self {
            SegmentFile::Log => "log",
            SegmentFile::Index => "index",
            SegmentFile::TimeIndex => "timeindex",
            SegmentFile::Checkpoint => "checkpoint",
            SegmentFile::Cleaned => "cleaned",
        }
    }
}

pub(crate) fn snapshot(offset: Offset) -> String {
    format!("{:020}.snapshot", offset.0)
}

/// Reads a name without its prefix; `None` for what is not a log's.
pub(crate) fn parse(name: &str) -> Option<LogFile> {
    match name {
        LEADER_EPOCHS => return Some(LogFile::LeaderEpochs),
        LEADER_EPOCHS_NEXT => return Some(LogFile::LeaderEpochsNext),
        LOG_START => return Some(LogFile::LogStart),
        LOG_START_NEXT => return Some(LogFile::LogStartNext),
        _ => {}
    }
    let (stem, ending) = name.split_once('.')?;
    let (offset, generation) = match stem.split_once('-') {
        Some((offset, generation)) => (offset, digits(generation)?),
        None => (stem, 0),
    };
    if offset.len() != 20 {
        return None;
    }
    let base_offset = Offset(digits(offset)?);
    let generation = u32::try_from(generation).ok()?;
    let name_read = SegmentName { base_offset, generation: Generation(generation) };
    let file = if ending == "snapshot" && generation == 0 {
        LogFile::Snapshot(base_offset)
    } else {
        let file = SegmentFile::ALL.into_iter().find(|file| file.ending() == ending)?;
        LogFile::Segment(name_read, file)
    };
    // One blob, one name: `-0` and leading zeros of a generation are not ours.
    (file.name() == name).then_some(file)
}

impl LogFile {
    pub fn name(self) -> String {
        match self {
            LogFile::Segment(name, file) => name.file(file),
            LogFile::Snapshot(offset) => snapshot(offset),
            LogFile::LeaderEpochs => LEADER_EPOCHS.to_owned(),
            LogFile::LeaderEpochsNext => LEADER_EPOCHS_NEXT.to_owned(),
            LogFile::LogStart => LOG_START.to_owned(),
            LogFile::LogStartNext => LOG_START_NEXT.to_owned(),
        }
    }
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_strangers_are_refused() {
        let appended = SegmentName::appended(Offset(42));
        let cleaned = SegmentName { base_offset: Offset(42), generation: Generation(7) };
        for (file, name) in [
            (LogFile::Segment(appended, SegmentFile::Log), "00000000000000000042.log"),
            (LogFile::Segment(appended, SegmentFile::TimeIndex), "00000000000000000042.timeindex"),
            (LogFile::Segment(cleaned, SegmentFile::Cleaned), "00000000000000000042-7.cleaned"),
            (LogFile::Snapshot(Offset(3)), "00000000000000000003.snapshot"),
            (LogFile::LogStartNext, "log-start-offset.next"),
            (LogFile::LeaderEpochsNext, "leader-epoch-checkpoint.next"),
        ] {
            assert_eq!(file.name(), name);
            assert_eq!(parse(name), Some(file));
        }
        for name in [
            "42.log",
            "00000000000000000042-0.log",
            "00000000000000000042-07.log",
            "00000000000000000042-7.snapshot",
            "0000000000000000004x.log",
            "99999999999999999999.log",
            "+0000000000000000042.log",
            "00000000000000000042",
            "log-start-offset.other",
            "",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
