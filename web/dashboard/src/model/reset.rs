//! What a reset of a group's offsets would change, partition by partition, as Kafka's own tool works it out: what lies
//! outside the log is brought to its nearest end, a time after the last record means the end, and a shift needs
//! something to shift from.
//!
//! Never knows: how it is drawn, how it is done.

use crate::model::message::Message;
use crate::model::quantity::{civil, days_from_civil};
use crate::model::snapshot::{Group, Snapshot, TopicPartition};
use tablog_record::SortedMap;

/// Where to go on from.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    Earliest,
    Latest,
    /// The first record of this time or later, as the brokers told it; nothing while they are asked.
    Time(Option<SortedMap<TopicPartition, i64>>),
    Offset(i64),
    Shift(i64),
    Group(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub partition: TopicPartition,
    pub start: i64,
    pub end: i64,
    pub now: Option<i64>,
    /// None: it is left as it is, and the note says why.
    pub after: Option<i64>,
    pub note: Option<Note>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The log begins later.
    BeforeStart,
    /// The log ends before.
    BeyondEnd,
    /// No record is as new as that.
    NoneSince,
    NothingToShift,
    NothingToCopy,
    Unknown,
}

/// All of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub set: usize,
    pub again: i64,
    pub skipped: i64,
    /// Brought to an end of the log.
    pub clamped: usize,
    pub none_since: usize,
    pub left_out: usize,
}

pub fn plan(s: &Snapshot, group: &Group, partitions: &[TopicPartition], way: &Way) -> Vec<Change> {
    let other = match way {
        Way::Group(id) => s.groups.get(id),
        _ => None,
    };
    let change = |partition: &TopicPartition| {
        let log = s.partition(partition)?;
        let (start, end) = (log.log_start, log.high_watermark);
        let now = group.committed.get(partition).copied();
        let (wanted, note) = match way {
            Way::Earliest => (Some(start), None),
            Way::Latest => (Some(end), None),
            Way::Time(found) => match found.as_ref().map(|found| found.get(partition)) {
                None | Some(None) => (None, Some(Note::Unknown)),
                Some(Some(offset)) if *offset < 0 => (Some(end), Some(Note::NoneSince)),
                Some(Some(offset)) => (Some(*offset), None),
            },
            Way::Offset(offset) => (Some(*offset), None),
            Way::Shift(by) => {
                (now.map(|now| now.saturating_add(*by)), now.is_none().then_some(Note::NothingToShift))
            }
            Way::Group(_) => {
                let copied = other.and_then(|g| g.committed.get(partition).copied());
                (copied, copied.is_none().then_some(Note::NothingToCopy))
            }
        };
        let note = match wanted {
            Some(offset) if offset < start => Some(Note::BeforeStart),
            Some(offset) if offset > end => Some(Note::BeyondEnd),
            _ => note,
        };
        let after = wanted.map(|offset| offset.max(start).min(end));
        Some(Change { partition: partition.clone(), start, end, now, after, note })
    };
    partitions.iter().filter_map(change).collect()
}

pub fn sums(changes: &[Change]) -> Sums {
    let mut sums = Sums::default();
    for change in changes {
        let by = change.by().unwrap_or(0);
        sums.again += (-by).max(0);
        sums.skipped += by.max(0);
        sums.set += usize::from(change.after.is_some());
        match change.note {
            Some(Note::BeforeStart | Note::BeyondEnd) => sums.clamped += 1,
            Some(Note::NoneSince) => sums.none_since += 1,
            Some(Note::NothingToShift | Note::NothingToCopy | Note::Unknown) => sums.left_out += 1,
            None => {}
        }
    }
    sums
}

impl Change {
    /// Records skipped, or read again where it is less than nothing. Without a commit it stood nowhere.
    pub fn by(&self) -> Option<i64> {
        // What was deleted since cannot be read again.
        Some(self.after? - self.now?.max(self.start))
    }

    pub fn message(&self) -> Message {
        let (key, n) = match (self.after, self.by(), self.note) {
            (None, _, Some(Note::NothingToShift)) => ("reset-nothing-to-shift", 0),
            (None, _, Some(Note::NothingToCopy)) => ("reset-nothing-to-copy", 0),
            (None, ..) => ("reset-unknown", 0),
            (Some(_), None, _) => ("reset-begins", 0),
            (_, Some(0), _) => ("reset-stays", 0),
            (_, Some(by), _) if by < 0 => ("reset-again", -by),
            (_, Some(by), _) => ("reset-skipped", by),
        };
        Message { key, arguments: Vec::new() }.number("n", n as f64)
    }
}

/// How many were done, or what was refused, partition by partition under each error.
pub fn outcome(outcomes: Vec<(TopicPartition, Option<String>)>) -> Result<usize, Message> {
    let all = outcomes.len();
    let mut refused: SortedMap<String, Vec<String>> = SortedMap::new();
    let mut failed = 0;
    for (at, code) in outcomes {
        if let Some(code) = code {
            failed += 1;
            refused.entry(code).or_default().push(format!("{}-{}", at.topic, at.partition));
        }
    }
    if failed == 0 {
        return Ok(all);
    }
    let has_joined = refused.len() == 1 && refused.contains_key("UNKNOWN_MEMBER_ID");
    let said: Vec<String> =
        refused.iter().map(|(code, partitions)| format!("{code} ({})", partitions.join(", "))).collect();
    let key = if has_joined { "offsets-joined" } else { "offsets-partly" };
    let message = Message { key, arguments: Vec::new() };
    Err(message.number("done", (all - failed) as f64).text("refused", said.join("; ")))
}

/// Names in a sentence, as many as fit.
pub fn names(names: &[String]) -> Message {
    let key = match names.len() {
        0 | 1 => "names-one",
        2 => "names-two",
        3 => "names-three",
        _ => "names-more",
    };
    let name = |i: usize| names.get(i).map_or("", String::as_str);
    Message { key, arguments: Vec::new() }
        .text("a", name(0))
        .text("b", name(1))
        .text("c", name(2))
        .number("more", names.len().saturating_sub(2) as f64)
}

/// `2001-03-15` and `21:16` or `21:16:07`, read as UTC. Nothing else is a time.
pub fn parse_utc(date: &str, time: &str) -> Option<i64> {
    let numbers = |text: &str, by: char, widths: &[usize]| {
        let parts: Vec<&str> = text.split(by).collect();
        let is_plain =
            |(part, width): (&&str, &usize)| part.len() == *width && part.bytes().all(|b| b.is_ascii_digit());
        let fits = parts.len() == widths.len() && parts.iter().zip(widths).all(is_plain);
        fits.then(|| parts.iter().map(|part| part.parse::<i64>().unwrap_or(0)).collect::<Vec<_>>())
    };
    let date = numbers(date, '-', &[4, 2, 2])?;
    let time = numbers(time, ':', &[2, 2]).or_else(|| numbers(time, ':', &[2, 2, 2]))?;
    let (hour, minute, second) = (time[0], time[1], time.get(2).copied().unwrap_or(0));
    let days = days_from_civil(date[0], date[1], date[2]);
    let is_real = civil(days) == (date[0], date[1], date[2]) && hour < 24 && minute < 60 && second < 60;
    is_real.then_some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    fn planned(way: Way) -> Vec<Change> {
        let mut s = flights();
        s.topics.get_mut("flights").unwrap().partitions[3].log_start = 1_000;
        let at: Vec<_> = (0..6).map(|p| TopicPartition::new("flights", p)).collect();
        let mut group = s.groups["flights-readers"].clone();
        group.committed.remove(&at[5]);
        s.groups
            .insert("audit".into(), Group { committed: [(at[0].clone(), 9_000)].into(), ..Group::default() });
        plan(&s, &group, &at, &way)
    }

    fn after(way: Way) -> Vec<Option<i64>> {
        planned(way).iter().map(|change| change.after).collect()
    }

    #[test]
    fn what_lies_outside_the_log_is_brought_to_its_nearest_end() {
        let some = |offsets: [i64; 6]| offsets.map(Some).to_vec();
        assert_eq!(after(Way::Earliest), some([0, 0, 0, 1_000, 0, 0]));
        assert_eq!(after(Way::Latest), some([2186, 5539, 3116, 4574, 2343, 2242]));
        assert_eq!(after(Way::Offset(900)), some([900, 900, 900, 1_000, 900, 900]));
        assert_eq!(after(Way::Offset(i64::MAX)), after(Way::Latest));
        assert_eq!(after(Way::Offset(-1)), after(Way::Earliest));
        let sums = sums(&planned(Way::Offset(2_300)));
        assert_eq!((sums.set, sums.clamped, sums.left_out), (6, 2, 0));
    }

    #[test]
    fn a_shift_needs_a_commit_and_a_copy_a_source() {
        let shifted = [Some(1683), Some(5032), Some(2128), Some(3358), Some(1841), None];
        assert_eq!(after(Way::Shift(-500)), shifted);
        assert_eq!(after(Way::Shift(i64::MIN))[..5], after(Way::Earliest)[..5]);
        let copied = planned(Way::Group("audit".into()));
        assert_eq!((copied[0].after, copied[0].note), (Some(2186), Some(Note::BeyondEnd)));
        assert_eq!((copied[1].after, copied[1].note), (None, Some(Note::NothingToCopy)));
        assert_eq!(sums(&copied).left_out, 5);
    }

    #[test]
    fn a_time_is_what_the_brokers_say_and_after_the_last_record_it_is_the_end() {
        assert_eq!(sums(&planned(Way::Time(None))).set, 0);
        let at = |p| TopicPartition::new("flights", p);
        let found = SortedMap::from([(at(0), 1_748), (at(1), -1)]);
        let planned = planned(Way::Time(Some(found)));
        assert_eq!((planned[0].after, planned[0].by()), (Some(1_748), Some(-435)));
        assert_eq!((planned[1].after, planned[1].note), (Some(5_539), Some(Note::NoneSince)));
        assert_eq!(planned[2].note, Some(Note::Unknown));
    }

    #[test]
    fn read_again_and_skipped_are_counted_from_where_it_stands() {
        let told: Vec<_> = planned(Way::Offset(2_183)).iter().map(|c| (c.message().key, c.by())).collect();
        assert_eq!(told[0], ("reset-stays", Some(0)));
        assert_eq!(told[1], ("reset-again", Some(2_183 - 5_532)));
        assert_eq!(told[5], ("reset-begins", None));
    }

    #[test]
    fn what_was_refused_is_told_by_partition() {
        let at = |p| TopicPartition::new("flights", p);
        assert_eq!(outcome(vec![(at(0), None), (at(1), None)]), Ok(2));
        let code = |code: &str| Some(code.to_owned());
        let some = outcome(vec![
            (at(0), None),
            (at(1), code("UNKNOWN_TOPIC_OR_PARTITION")),
            (at(2), code("UNKNOWN_TOPIC_OR_PARTITION")),
        ]);
        let some = some.unwrap_err();
        assert!(some.says("refused", "UNKNOWN_TOPIC_OR_PARTITION (flights-1, flights-2)"), "{some:?}");
        assert_eq!(outcome(vec![(at(0), code("UNKNOWN_MEMBER_ID"))]).unwrap_err().key, "offsets-joined");
    }

    #[test]
    fn only_a_real_time_is_one() {
        assert_eq!(parse_utc("2001-03-15", "00:00"), Some(984_614_400_000));
        assert_eq!(parse_utc("2001-03-15", "01:02:03"), Some(984_618_123_000));
        for (date, time) in [
            ("2001-02-29", "00:00"),
            ("2001-13-01", "00:00"),
            ("", "00:00"),
            ("2001-03-15", ""),
            ("2001-03-15", "24:00"),
            ("2001-3-15", "00:00"),
            ("2001-03-15", "0:0"),
            ("+001-03-15", "00:00"),
            ("2001-03-15", "00:00:00:00"),
        ] {
            assert_eq!(parse_utc(date, time), None, "{date} {time}");
        }
    }
}
