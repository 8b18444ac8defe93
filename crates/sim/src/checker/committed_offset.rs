//! A group's committed offset is the last one that was acknowledged, or a later one whose fate is not known; and
//! since members commit what they read, in order, it never goes back.

use super::Verdict;
use std::collections::BTreeMap;
use tablog_record::TopicPartition;

/// Where a commit is remembered: its place in the order of requests.
pub type CommitNumber = usize;

#[derive(Debug, Default)]
pub struct CommittedOffsets {
    places: BTreeMap<(String, TopicPartition), Place>,
    /// Members read some offsets again after a loss, and commit them again.
    may_go_back: bool,
}

#[derive(Debug, Default)]
struct Place {
    /// In the order in which the broker was asked.
    commits: Vec<Commit>,
    /// The last one that is known to be stored.
    settled: Option<CommitNumber>,
}

#[derive(Debug)]
struct Commit {
    offset: i64,
    was_refused: bool,
}

impl CommittedOffsets {
    pub fn asked(&mut self, group: &str, partition: &TopicPartition, offset: i64) -> CommitNumber {
        let place = self.places.entry((group.to_owned(), partition.clone())).or_default();
        place.commits.push(Commit { offset, was_refused: false });
        place.commits.len() - 1
    }

    pub fn acknowledged(&mut self, group: &str, partition: &TopicPartition, number: CommitNumber) -> Verdict {
        let Some(place) = self.places.get_mut(&(group.to_owned(), partition.clone())) else { return Ok(()) };
        let offset = place.commits[number].offset;
        if let Some(settled) = place.settled.filter(|&settled| settled < number)
            && place.commits[settled].offset > offset
            && !self.may_go_back
        {
            let before = place.commits[settled].offset;
            return Err(format!(
                "committed offset: {group} went back from {before} to {offset} in {partition}"
            ));
        }
        place.settled = place.settled.max(Some(number));
        Ok(())
    }

    /// Refused for a reason that says it was not stored: fenced.
    pub fn refused(&mut self, group: &str, partition: &TopicPartition, number: CommitNumber) {
        if let Some(place) = self.places.get_mut(&(group.to_owned(), partition.clone())) {
            place.commits[number].was_refused = true;
        }
    }

    /// A member asked what is committed; `None`: nothing.
    pub fn fetched(&mut self, group: &str, partition: &TopicPartition, offset: Option<i64>) -> Verdict {
        let place = self.places.entry((group.to_owned(), partition.clone())).or_default();
        let Some(offset) = offset else {
            return match place.settled {
                None => Ok(()),
                Some(settled) => Err(format!(
                    "committed offset: {group} had committed {} in {partition}, now there is none",
                    place.commits[settled].offset
                )),
            };
        };
        let first = place.settled.unwrap_or(0);
        let found = (first..place.commits.len())
            .find(|&number| place.commits[number].offset == offset && !place.commits[number].was_refused);
        match found {
            Some(number) => {
                place.settled = Some(number);
                Ok(())
            }
            None => {
                let known = place.settled.map(|settled| place.commits[settled].offset);
                Err(format!(
                    "committed offset: {group} is told {offset} in {partition}, the last acknowledged was {known:?}"
                ))
            }
        }
    }

    pub fn relaxed_lost(&mut self) {
        self.may_go_back = true;
    }

    pub fn finish(&self) -> Verdict {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_acknowledged_or_something_later_may_be_told() {
        let partition = TopicPartition::new("t", 0);
        let mut checker = CommittedOffsets::default();
        assert_eq!(checker.fetched("g", &partition, None), Ok(()));
        let first = checker.asked("g", &partition, 5);
        checker.acknowledged("g", &partition, first).unwrap();
        checker.asked("g", &partition, 8);
        assert!(checker.fetched("g", &partition, None).is_err());
        assert_eq!(checker.fetched("g", &partition, Some(5)), Ok(()));
        assert_eq!(checker.fetched("g", &partition, Some(8)), Ok(()));
        assert!(checker.fetched("g", &partition, Some(5)).is_err(), "8 was seen to be there");
        let back = checker.asked("g", &partition, 3);
        assert!(checker.acknowledged("g", &partition, back).is_err());
    }
}
