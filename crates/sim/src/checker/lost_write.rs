//! An acknowledged write is there at the end, at the offset that it was acknowledged with.

use super::{Endings, Holds, Verdict};
use crate::stamp::{Promise, Stamp};
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

#[derive(Debug, Default)]
pub struct LostWrite {
    /// -1: stored, but the broker no longer knew where.
    acknowledged: BTreeMap<(TopicPartition, Stamp), i64>,
}

impl LostWrite {
    pub fn acknowledged(&mut self, partition: &TopicPartition, offset: i64, stamp: Stamp, holds: Holds) {
        if holds == Holds::Surely && stamp.promise != Promise::None {
            self.acknowledged.insert((partition.clone(), stamp), offset);
        }
    }

    pub fn relaxed_lost(&mut self) {
        self.acknowledged.retain(|(_, stamp), _| stamp.promise.survives_power_loss());
    }

    pub fn finish(&self, endings: &Endings) -> Verdict {
        for ((partition, stamp), &offset) in &self.acknowledged {
            let Some(ending) = endings.get(partition) else {
                return Err(format!("lost write: {partition} is gone, and with it {stamp}"));
            };
            let is_there = match offset {
                -1 => ending.start_offset > 0 || ending.records.values().any(|(_, found)| found == stamp),
                offset if offset < ending.start_offset => true,
                offset => ending.records.get(&offset).is_some_and(|(_, found)| found == stamp),
            };
            if !is_there {
                let found = ending.records.get(&offset).map(|(_, found)| found.to_string());
                let instead =
                    found.unwrap_or_else(|| format!("nothing, the log ends at {}", ending.high_watermark));
                return Err(format!(
                    "lost write: {stamp} was acknowledged at {partition} {offset}, there is {instead}"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::Ending;

    #[test]
    fn an_acknowledged_record_must_be_where_it_was_said_to_be() {
        let partition = TopicPartition::new("t", 0);
        let stamp = Stamp { producer: 1, sequence: 1, promise: Promise::Relaxed };
        let mut checker = LostWrite::default();
        checker.acknowledged(&partition, 5, stamp, Holds::Surely);
        let mut ending = Ending { high_watermark: 5, ..Ending::default() };
        let endings = |ending: &Ending| Endings::from([(partition.clone(), ending.clone())]);
        assert!(checker.finish(&endings(&ending)).is_err());
        ending.records.insert(5, (0, stamp));
        assert_eq!(checker.finish(&endings(&ending)), Ok(()));
        ending.records.clear();
        checker.relaxed_lost();
        assert_eq!(checker.finish(&endings(&ending)), Ok(()));
    }
}
