//! The subscribers of one topic as a landscape: the low end is filled up level by level while the high end is taken
//! down level by level, until the two differ by no more than one.
//!
//! ```text
//! count   ·        #        sorted by count; [0, low_end) is being filled to `low_level` + 1,
//!         ·      ###        [high_start, high_end) is being taken down to `high_level` - 1;
//!         ·####  ###        behind high_end stand those that have nothing to give
//!         ##########
//! ```
//! Counts are read only of members that have not been reached: those say where the next level begins.

use super::MemberIndex;
use tablog_record::stable_sort_by;

pub(super) struct Levels {
    sorted: Vec<MemberIndex>,
    low_end: usize,
    low_level: isize,
    low_next: usize,
    high_start: usize,
    high_end: usize,
    high_level: isize,
    /// One past the place of the next to give.
    high_next: usize,
}

impl Levels {
    pub(super) fn new(subscribers: &[MemberIndex], counts: &[usize]) -> Levels {
        let mut sorted = subscribers.to_vec();
        stable_sort_by(&mut sorted, |&a, &b| counts[a].cmp(&counts[b]));
        let level = |member: Option<&MemberIndex>| member.map_or(0, |&member| counts[member] as isize);
        let end = sorted.len();
        Levels {
            low_end: 0,
            low_level: level(sorted.first()) - 1,
            low_next: 0,
            high_start: end,
            high_end: end,
            high_level: level(sorted.last()) + 1,
            high_next: end,
            sorted,
        }
    }

    pub(super) fn has_met(&self) -> bool {
        self.high_level - self.low_level <= 1
    }

    /// Who is to get the next partition.
    pub(super) fn next_least_loaded(&mut self, counts: &[usize]) -> MemberIndex {
        if self.low_next >= self.low_end {
            self.low_level += 1;
            while self.low_end < self.sorted.len() && self.is_at(self.low_end, self.low_level, counts) {
                self.low_end += 1;
            }
            self.low_next = 0;
        }
        self.low_next += 1;
        self.sorted[self.low_next - 1]
    }

    /// Who is to give the next partition, if anybody still can.
    pub(super) fn next_most_loaded(&mut self, counts: &[usize]) -> Option<MemberIndex> {
        if self.high_next <= self.high_start {
            if self.high_end <= self.high_start && self.high_start > 0 {
                // All of this level had nothing to give: the next one may lie anywhere below.
                self.high_level = counts[self.sorted[self.high_start - 1]] as isize;
            } else {
                self.high_level -= 1;
            }
            while self.high_start > 0 && self.is_at(self.high_start - 1, self.high_level, counts) {
                self.high_start -= 1;
            }
            self.high_next = self.high_end;
        }
        self.high_next = self.high_next.checked_sub(1)?;
        Some(self.sorted[self.high_next])
    }

    /// The member that was to give last has nothing: it moves behind the end.
    pub(super) fn exclude_most_loaded(&mut self) {
        self.high_end -= 1;
        self.sorted.swap(self.high_next, self.high_end);
    }

    fn is_at(&self, place: usize, level: isize, counts: &[usize]) -> bool {
        counts[self.sorted[place]] as isize == level
    }
}
