//! Rates worked out from read offsets, and nothing else: how fast each partition grows, how fast each group commits,
//! how lag changes. A rate is a difference of two readings, never a guess between them.

use crate::model::limits::{GROWING_AT, LAG_WORTH_SAYING, RATE_WINDOW_MS, SERIES_SAMPLES_MAX};
use crate::model::snapshot::{Snapshot, TopicPartition};
use std::collections::VecDeque;
use tablog_record::SortedMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Records a second written to a partition.
    written: SortedMap<TopicPartition, Window>,
    /// Records a second committed by a group.
    read: SortedMap<(String, TopicPartition), Window>,
    /// Records behind, by group: of each partition, since what a member owns changes at once when it joins.
    lag: SortedMap<(String, TopicPartition), Window>,
    pub written_series: Series,
    pub read_series: Series,
    pub lag_series: Series,
    pub bytes_series: Series,
    pub commit_series: Series,
}

/// Two minutes of a total, one sample a second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    samples: VecDeque<f64>,
    last_at_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Window {
    readings: VecDeque<(i64, f64)>,
}

impl Rates {
    pub fn observe(&mut self, s: &Snapshot) {
        let at = s.at_ms;
        for (name, topic) in &s.topics {
            for (i, partition) in topic.partitions.iter().enumerate() {
                let key = TopicPartition::new(name.clone(), i as i32);
                self.written.entry(key).or_default().push(at, partition.high_watermark as f64);
            }
        }
        for (id, group) in &s.groups {
            for (partition, offset) in &group.committed {
                let key = (id.clone(), partition.clone());
                self.read.entry(key).or_default().push(at, *offset as f64);
            }
            for partition in group.partitions() {
                if let Some(lag) = s.lag(group, &partition) {
                    self.lag.entry((id.clone(), partition)).or_default().push(at, lag as f64);
                }
            }
        }
        self.written.retain(|key, _| s.partition(key).is_some());
        self.read.retain(|(id, key), _| s.groups.get(id).is_some_and(|g| g.committed.contains_key(key)));
        self.lag.retain(|(id, key), w| {
            s.groups.contains_key(id) && s.partition(key).is_some() && w.is_read_at(at)
        });
        self.written_series.push(at, self.written_total(s));
        self.read_series.push(at, self.read_total());
        self.lag_series.push(at, running_lag(s) as f64);
        self.bytes_series.push(at, s.bytes() as f64);
    }

    pub fn written(&self, partition: &TopicPartition) -> f64 {
        self.written.get(partition).map_or(0.0, |w| w.slope().max(0.0))
    }

    pub fn read(&self, group: &str, partition: &TopicPartition) -> f64 {
        self.read.get(&(group.to_owned(), partition.clone())).map_or(0.0, |w| w.slope().max(0.0))
    }

    pub fn topic_written(&self, topic: &str) -> f64 {
        self.written.iter().filter(|(k, _)| k.topic == topic).map(|(_, w)| w.slope().max(0.0)).sum()
    }

    /// To the user's topics only: the broker's own books are not traffic.
    pub fn written_total(&self, s: &Snapshot) -> f64 {
        let user = |k: &TopicPartition| s.topics.get(&k.topic).is_some_and(|t| !t.internal);
        self.written.iter().filter(|(k, _)| user(k)).map(|(_, w)| w.slope().max(0.0)).sum()
    }

    pub fn read_total(&self) -> f64 {
        self.read.values().map(|w| w.slope().max(0.0)).sum()
    }

    /// Records a second by which a group falls behind on these partitions; below zero it catches up. Zero when it is
    /// small beside what is written: commits come in steps.
    pub fn lag_growth(&self, group: &str, partitions: &[TopicPartition]) -> f64 {
        let slope =
            |p: &TopicPartition| self.lag.get(&(group.to_owned(), p.clone())).map_or(0.0, Window::slope);
        let growth: f64 = partitions.iter().map(slope).sum();
        if growth.abs() > GROWING_AT.max(self.written_to(partitions) / 10.0) { growth } else { 0.0 }
    }

    /// A lag that is worth words: more than what is on its way within a second.
    pub fn is_worth_saying(&self, lag: i64, partitions: &[TopicPartition]) -> bool {
        lag > LAG_WORTH_SAYING.max(self.written_to(partitions) as i64)
    }

    fn written_to(&self, partitions: &[TopicPartition]) -> f64 {
        partitions.iter().map(|p| self.written(p)).sum()
    }
}

/// Records behind, of groups that have members.
pub fn running_lag(s: &Snapshot) -> i64 {
    s.groups.values().filter(|g| !g.members.is_empty()).map(|g| s.group_lag(g)).sum()
}

impl Window {
    fn push(&mut self, at_ms: i64, value: f64) {
        self.readings.push_back((at_ms, value));
        while self.readings.len() > 2 && at_ms - self.readings[1].0 >= RATE_WINDOW_MS {
            self.readings.pop_front();
        }
    }

    fn is_read_at(&self, at_ms: i64) -> bool {
        self.readings.back().is_some_and(|(last_ms, _)| *last_ms == at_ms)
    }

    fn slope(&self) -> f64 {
        let (Some(first), Some(last)) = (self.readings.front(), self.readings.back()) else { return 0.0 };
        if last.0 - first.0 < 400 { 0.0 } else { (last.1 - first.1) * 1e3 / (last.0 - first.0) as f64 }
    }
}

impl Series {
    pub fn push(&mut self, at_ms: i64, value: f64) {
        if at_ms - self.last_at_ms < 1_000 && !self.samples.is_empty() {
            if let Some(last) = self.samples.back_mut() {
                *last = value;
            }
            return;
        }
        self.last_at_ms = at_ms;
        self.samples.push_back(value);
        while self.samples.len() > SERIES_SAMPLES_MAX {
            self.samples.pop_front();
        }
    }

    pub fn last(&self) -> f64 {
        self.samples.back().copied().unwrap_or(0.0)
    }

    pub fn samples(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.samples.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn a_rate_is_a_difference_of_readings_in_the_window() {
        let (mut rates, mut s) = (Rates::default(), flights());
        let p = TopicPartition::new("flights", 1);
        for step in 0..20 {
            s.at_ms = 1_000_000 + step * 250;
            s.topics.get_mut("flights").unwrap().partitions[1].high_watermark = 6_000 + step * 10;
            rates.observe(&s);
        }
        assert!((rates.written(&p) - 40.0).abs() < 0.01);
        assert_eq!(rates.written(&TopicPartition::new("flights", 0)), 0.0);
        let all: Vec<_> = (0..6).map(|n| TopicPartition::new("flights", n)).collect();
        assert!((rates.lag_growth("flights-readers", &all) - 40.0).abs() < 0.01);
    }

    #[test]
    fn a_partition_that_changes_hands_is_no_growth() {
        let (mut rates, mut s) = (Rates::default(), flights());
        for step in 0..8 {
            s.at_ms = 1_000_000 + step * 250;
            if step == 4 {
                let members = &mut s.groups.get_mut("flights-readers").unwrap().members;
                let moved = std::mem::take(&mut members[1].owned);
                members[0].owned.extend(moved);
            }
            rates.observe(&s);
        }
        let owned = &s.groups["flights-readers"].members[0].owned;
        assert_eq!(rates.lag_growth("flights-readers", owned), 0.0);
    }
}
