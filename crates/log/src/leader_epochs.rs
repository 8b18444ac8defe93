//! Which leader epoch began at which offset.
//!
//! ```text
//! 0\n                     version
//! <count>\n
//! <epoch> <start offset>\n   for each, both ascending
//! ```
//!
//! Never knows: who leads, how an epoch is come by.

use crate::limits::LEADER_EPOCHS_MAX;
use bytes::Bytes;
use std::fmt::Write as _;
use tablog_record::{LeaderEpoch, Offset};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    pub epoch: LeaderEpoch,
    pub start_offset: Offset,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeaderEpochs {
    entries: Vec<EpochEntry>,
}

impl LeaderEpochs {
    pub const UNKNOWN_OFFSET: Offset = Offset(-1);

    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    pub fn latest(&self) -> Option<LeaderEpoch> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// Notes that this epoch's records begin here; `false` if that was known. An epoch that began at or past this
    /// offset wrote nothing and is forgotten; an older epoch than the latest changes nothing.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) -> Changed {
        if epoch.0 < 0 || self.latest().is_some_and(|latest| epoch <= latest) {
            return Changed::No;
        }
        while self.entries.last().is_some_and(|last| last.start_offset >= start_offset) {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
        if self.entries.len() > LEADER_EPOCHS_MAX {
            // The oldest two become one: what the second wrote counts as the first's.
            self.entries.remove(1);
        }
        Changed::Yes
    }

    /// The log ends here now. The latest epoch stays: it goes on from the new end.
    pub fn truncate_from_end(&mut self, end: Offset) {
        let Some(latest) = self.entries.last().copied() else { return };
        self.entries.retain(|entry| entry.start_offset < end);
        if self.latest() != Some(latest.epoch) {
            self.entries.push(EpochEntry { epoch: latest.epoch, start_offset: end });
        }
    }

    /// The log begins here now: epochs that ended before are forgotten, the one that reaches over begins here.
    pub fn truncate_from_start(&mut self, start: Offset) -> Changed {
        let before = self.entries.clone();
        let ended = self.entries.partition_point(|entry| entry.start_offset <= start);
        if ended > 0 {
            self.entries.drain(..ended - 1);
            self.entries[0].start_offset = start;
        }
        if self.entries == before { Changed::No } else { Changed::Yes }
    }

    /// The epoch that an offset was written under.
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        let began = self.entries.partition_point(|entry| entry.start_offset <= offset);
        self.entries[..began].last().map(|entry| entry.epoch)
    }

    /// Kafka's OffsetForLeaderEpoch: the largest epoch not above the one asked for, and where it ended.
    pub fn end_offset_for(&self, asked: LeaderEpoch, log_end: Offset) -> (LeaderEpoch, Offset) {
        const UNKNOWN: (LeaderEpoch, Offset) = (LeaderEpoch::UNKNOWN, LeaderEpochs::UNKNOWN_OFFSET);
        if asked.0 < 0 {
            return UNKNOWN;
        }
        if self.latest() == Some(asked) {
            return (asked, log_end);
        }
        let not_above = self.entries.partition_point(|entry| entry.epoch <= asked);
        match (self.entries[..not_above].last(), self.entries.get(not_above)) {
            (_, None) => UNKNOWN,
            (None, Some(higher)) => (asked, higher.start_offset),
            (Some(floor), Some(higher)) => (floor.epoch, higher.start_offset),
        }
    }

    pub fn encode(&self) -> Bytes {
        let mut text = format!("0\n{}\n", self.entries.len());
        for entry in &self.entries {
            writeln!(text, "{} {}", entry.epoch, entry.start_offset).expect("a string takes any text");
        }
        text.into_bytes().into()
    }

    /// `None` for a file that is torn or none of ours.
    pub fn decode(bytes: &[u8]) -> Option<LeaderEpochs> {
        let text = std::str::from_utf8(bytes).ok()?;
        // Without its last newline the last number may be cut short.
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != "0" {
            return None;
        }
        let count: usize = lines.next()?.parse().ok()?;
        let mut entries: Vec<EpochEntry> = Vec::new();
        for line in lines {
            let (epoch, start_offset) = line.split_once(' ')?;
            let entry = EpochEntry {
                epoch: LeaderEpoch(epoch.parse().ok()?),
                start_offset: Offset(start_offset.parse().ok()?),
            };
            let ascends = entries
                .last()
                .is_none_or(|last| entry.epoch > last.epoch && entry.start_offset >= last.start_offset);
            if !ascends || entry.epoch.0 < 0 || entry.start_offset.0 < 0 {
                return None;
            }
            entries.push(entry);
        }
        (entries.len() == count).then_some(LeaderEpochs { entries })
    }
}

/// Whether storage has the epochs as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Current,
    Stale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for &(epoch, start) in entries {
            epochs.assign(LeaderEpoch(epoch), Offset(start));
        }
        epochs
    }

    #[test]
    fn answers_as_kafka_does() {
        let epochs = epochs(&[(2, 10), (4, 20), (7, 35)]);
        let ask = |epoch| {
            let (epoch, end) = epochs.end_offset_for(LeaderEpoch(epoch), Offset(50));
            (epoch.0, end.0)
        };
        assert_eq!(ask(-1), (-1, -1));
        assert_eq!(ask(1), (1, 10), "before the first epoch");
        assert_eq!(ask(2), (2, 20));
        assert_eq!(ask(3), (2, 20), "an epoch that wrote nothing");
        assert_eq!(ask(4), (4, 35));
        assert_eq!(ask(7), (7, 50), "the latest ends with the log");
        assert_eq!(ask(8), (-1, -1), "one that is not known yet");
    }

    #[test]
    fn an_epoch_without_records_gives_way() {
        assert_eq!(epochs(&[(0, 0), (1, 5), (2, 5)]), epochs(&[(0, 0), (2, 5)]));
        assert_eq!(epochs(&[(3, 0), (2, 5)]), epochs(&[(3, 0)]));
    }

    #[test]
    fn truncates_at_both_ends() {
        let mut all = epochs(&[(1, 0), (2, 10), (3, 20)]);
        all.truncate_from_end(Offset(15));
        assert_eq!(all, epochs(&[(1, 0), (2, 10), (3, 15)]));
        all.truncate_from_start(Offset(12));
        assert_eq!(all, epochs(&[(2, 12), (3, 15)]));
        assert_eq!(all.epoch_at(Offset(11)), None);
        assert_eq!(all.epoch_at(Offset(14)), Some(LeaderEpoch(2)));
    }

    #[test]
    fn every_cut_of_the_file_is_noticed() {
        let epochs = epochs(&[(1, 0), (12, 123)]);
        let bytes = epochs.encode();
        assert_eq!(&bytes[..], b"0\n2\n1 0\n12 123\n");
        assert_eq!(LeaderEpochs::decode(&bytes), Some(epochs));
        for cut in 0..bytes.len() {
            assert_eq!(LeaderEpochs::decode(&bytes[..cut]), None, "{cut}");
        }
    }
}
