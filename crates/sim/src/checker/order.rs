//! Readers see offsets ascend, and an idempotent producer's records lie in the order in which it sent them. A key
//! always goes to one partition, so order by partition is order by key.

use super::{Endings, Sighting, Verdict};
use crate::stamp::Promise;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct Order {
    last: BTreeMap<(String, TopicPartition), Last>,
    losses: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Last {
    offset: Option<i64>,
    /// How often it went back to where the log ended after a loss, or to its start: once for each loss at most.
    went_back: u32,
}

impl Order {
    pub fn read(&mut self, reader: &str, sighting: &Sighting) -> Verdict {
        let (partition, offset) = (&sighting.partition, sighting.offset);
        let losses = self.losses;
        let last = self.last.entry((reader.to_owned(), partition.clone())).or_default();
        let before = last.offset.replace(offset);
        let Some(before) = before.filter(|&before| before >= offset) else { return Ok(()) };
        if last.went_back >= losses {
            return Err(format!(
                "reordered read: {reader} got {partition} {offset} after {before}; relaxed commits were lost \
                 {losses} times"
            ));
        }
        last.went_back += 1;
        Ok(())
    }

    pub fn reader_moved(&mut self, reader: &str, partition: &TopicPartition) {
        if let Some(last) = self.last.get_mut(&(reader.to_owned(), partition.clone())) {
            last.offset = None;
        }
    }

    pub fn relaxed_lost(&mut self) {
        self.losses += 1;
    }
}

pub fn finish(endings: &Endings) -> Verdict {
    for (partition, ending) in endings {
        let mut last = BTreeMap::new();
        for (offset, (_, stamp)) in &ending.records {
            if stamp.promise != Promise::ExactlyOnce {
                continue;
            }
            if let Some(before) = last.insert(stamp.producer, stamp.sequence)
                && before >= stamp.sequence
            {
                return Err(format!("order: {stamp} at {partition} {offset} comes after number {before}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::Stamp;

    #[test]
    fn a_reader_goes_back_once_for_each_loss() {
        let mut order = Order::default();
        let read = |order: &mut Order, offset| {
            let stamp = Stamp { producer: 1, sequence: 1, promise: Promise::Relaxed };
            let partition = TopicPartition::new("t", 0);
            order.read("r", &Sighting { partition, offset, leader_epoch: 0, stamp })
        };
        assert_eq!(read(&mut order, 5), Ok(()));
        order.relaxed_lost();
        assert_eq!(read(&mut order, 3), Ok(()));
        assert_eq!(read(&mut order, 4), Ok(()));
        assert!(read(&mut order, 4).is_err());
    }
}
