//! The keys of a tape: which key each record bears, as far as the records were read, the busiest keys, and the share of
//! each along the tape.

use crate::model::limits::STRATA_SAMPLES_MAX;
use std::collections::VecDeque;
use tablog_record::{SortedMap, stable_sort_by};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys {
    names: Vec<String>,
    ids: SortedMap<String, u32>,
    counts: Vec<u64>,
    /// Offset and key of each record, oldest first.
    samples: VecDeque<(i64, u32)>,
}

/// How many of a tape's keys have a colour.
pub const RANKS: usize = 8;

impl Keys {
    pub fn push(&mut self, offset: i64, key: Option<&str>) {
        if self.samples.back().is_some_and(|(last, _)| *last >= offset) {
            return;
        }
        let name = key.unwrap_or_default();
        let id = match self.ids.get(name) {
            Some(id) => *id,
            None => {
                let id = self.names.len() as u32;
                self.names.push(name.to_owned());
                self.ids.insert(name.to_owned(), id);
                self.counts.push(0);
                id
            }
        };
        self.counts[id as usize] += 1;
        self.samples.push_back((offset, id));
        if self.samples.len() > STRATA_SAMPLES_MAX {
            self.samples.pop_front();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    pub fn end(&self) -> i64 {
        self.samples.back().map_or(0, |(offset, _)| offset + 1)
    }

    /// The eight busiest keys by id; a record without a key has no colour.
    pub fn busiest(&self) -> Vec<u32> {
        let mut ids: Vec<u32> =
            (0..self.names.len() as u32).filter(|id| !self.names[*id as usize].is_empty()).collect();
        stable_sort_by(&mut ids, |a, b| {
            self.counts[*b as usize].cmp(&self.counts[*a as usize]).then(a.cmp(b))
        });
        ids.truncate(RANKS);
        ids
    }

    /// The newest records: offset, key, rank of the key.
    pub fn newest(&self, n: usize) -> Vec<(i64, &str, Option<usize>)> {
        let busiest = self.busiest();
        let skip = self.samples.len().saturating_sub(n);
        let rank = |id: u32| busiest.iter().position(|b| *b == id);
        self.samples
            .iter()
            .skip(skip)
            .map(|(o, id)| (*o, self.names[*id as usize].as_str(), rank(*id)))
            .collect()
    }

    /// At `columns + 1` places from `from` to `to`, the share of each busiest key among the records around.
    pub fn shares(&self, from: i64, to: i64, columns: usize, around: i64) -> Vec<[f64; RANKS]> {
        let busiest = self.busiest();
        let mut rank_of = vec![usize::MAX; self.names.len()];
        for (rank, id) in busiest.iter().enumerate() {
            rank_of[*id as usize] = rank;
        }
        let at = |offset: i64| self.samples.partition_point(|(o, _)| *o < offset);
        (0..=columns)
            .map(|i| {
                let place = from + ((to - from) as f64 * i as f64 / columns.max(1) as f64) as i64;
                let (a, b) = (at(place - around / 2), at(place + around / 2));
                let mut shares = [0.0; RANKS];
                let step = ((b - a) / 240).max(1);
                let mut seen = 0.0;
                for (_, id) in self.samples.range(a..b).step_by(step) {
                    seen += 1.0;
                    if let Some(share) = shares.get_mut(rank_of[*id as usize]) {
                        *share += 1.0;
                    }
                }
                if seen > 0.0 {
                    shares.iter_mut().for_each(|s| *s /= seen);
                }
                shares
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_busiest_and_the_rest_is_neutral() {
        let mut keys = Keys::default();
        for offset in 0..100 {
            keys.push(offset, if offset % 4 == 0 { None } else { Some("DFW") });
        }
        let shares = keys.shares(0, 100, 4, 40);
        assert_eq!(shares.len(), 5);
        assert!((shares[2][0] - 0.75).abs() < 0.05);
        assert_eq!(keys.newest(1), vec![(99, "DFW", Some(0))]);
        keys.push(99, Some("again"));
        assert_eq!(keys.end(), 100);
    }
}
