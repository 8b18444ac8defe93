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
//! 00000000000000000042-7-99-98-99-512.cleaned
//!                                    which are valid once this is there (`cleaned_marker`)
//! 00000000000000000050.start       the log begins at offset 50; of several the largest counts
//! leader-epoch-checkpoint          Kafka's text file; written after its double
//! leader-epoch-checkpoint.next     the double, in case the other one is torn
//! ```
//!
//! Where a blob's being there says all that it has to say, the name says it and the content is for people: a torn
//! write cannot damage what is not read, and writing it again harms nothing.
//!
//! Never knows: what the blobs hold.

use crate::cleaned_marker::CleanedMarker;
use tablog_record::Offset;

pub(crate) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
pub(crate) const LEADER_EPOCHS_NEXT: &str = "leader-epoch-checkpoint.next";

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogFile {
    Segment(SegmentName, SegmentFile),
    Snapshot(Offset),
    LeaderEpochs,
    LeaderEpochsNext,
    Start(Offset),
    Cleaned(CleanedMarker),
}

impl SegmentName {
    pub fn appended(base_offset: Offset) -> SegmentName {
        SegmentName { base_offset, generation: Generation(0) }
    }

    pub fn file(self, file: SegmentFile) -> String {
        format!("{}.{}", self.stem(), file.ending())
    }

    pub fn stem(self) -> String {
        match self.generation {
            Generation(0) => format!("{:020}", self.base_offset.0),
            Generation(generation) => format!("{:020}-{generation}", self.base_offset.0),
        }
    }
}

impl SegmentFile {
    pub const ALL: [SegmentFile; 4] =
        [SegmentFile::Log, SegmentFile::Index, SegmentFile::TimeIndex, SegmentFile::Checkpoint];

    fn ending(self) -> &'static str {
        match self {
            SegmentFile::Log => "log",
            SegmentFile::Index => "index",
            SegmentFile::TimeIndex => "timeindex",
            SegmentFile::Checkpoint => "checkpoint",
        }
    }
}

pub(crate) fn snapshot(offset: Offset) -> String {
    format!("{:020}.snapshot", offset.0)
}

pub(crate) fn start(offset: Offset) -> String {
    format!("{:020}.start", offset.0)
}

/// Reads a name without its prefix; `None` for what is not a log's.
pub(crate) fn parse(name: &str) -> Option<LogFile> {
    match name {
        LEADER_EPOCHS => return Some(LogFile::LeaderEpochs),
        LEADER_EPOCHS_NEXT => return Some(LogFile::LeaderEpochsNext),
        _ => {}
    }
    let (stem, ending) = name.split_once('.')?;
    let mut numbers = stem.split('-').map(digits);
    let base_offset = Offset(numbers.next()??);
    let generation = match numbers.next() {
        Some(generation) => u32::try_from(generation?).ok()?,
        None => 0,
    };
    let segment = SegmentName { base_offset, generation: Generation(generation) };
    let file = match ending {
        "snapshot" => LogFile::Snapshot(base_offset),
        "start" => LogFile::Start(base_offset),
        "cleaned" => LogFile::Cleaned(CleanedMarker {
            segment,
            end_offset: Offset(numbers.next()??),
            data_end: Offset(numbers.next()??),
            clean_end: Offset(numbers.next()??),
            bytes: u64::try_from(numbers.next()??).ok()?,
        }),
        _ => {
            let file = SegmentFile::ALL.into_iter().find(|file| file.ending() == ending)?;
            LogFile::Segment(segment, file)
        }
    };
    // One blob, one name: `-0`, leading zeros, and numbers to spare are not ours.
    (file.name() == name).then_some(file)
}

impl LogFile {
    pub fn name(self) -> String {
        match self {
            LogFile::Segment(name, file) => name.file(file),
            LogFile::Snapshot(offset) => snapshot(offset),
            LogFile::LeaderEpochs => LEADER_EPOCHS.to_owned(),
            LogFile::LeaderEpochsNext => LEADER_EPOCHS_NEXT.to_owned(),
            LogFile::Start(offset) => start(offset),
            LogFile::Cleaned(marker) => marker.name(),
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
        let marker = CleanedMarker {
            segment: cleaned,
            end_offset: Offset(99),
            data_end: Offset(98),
            clean_end: Offset(97),
            bytes: 512,
        };
        for (file, name) in [
            (LogFile::Segment(appended, SegmentFile::Log), "00000000000000000042.log"),
            (LogFile::Segment(appended, SegmentFile::TimeIndex), "00000000000000000042.timeindex"),
            (LogFile::Segment(cleaned, SegmentFile::Log), "00000000000000000042-7.log"),
            (LogFile::Cleaned(marker), "00000000000000000042-7-99-98-97-512.cleaned"),
            (LogFile::Snapshot(Offset(3)), "00000000000000000003.snapshot"),
            (LogFile::Start(Offset(50)), "00000000000000000050.start"),
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
            "00000000000000000042-7.cleaned",
            "00000000000000000042-7-99-98-97-512-1.cleaned",
            "00000000000000000042-7-99.log",
            "00000000000000000042-7.start",
            "",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
