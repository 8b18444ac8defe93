//! What the members of a run tell, as it comes, and the act that it makes: which partition was whose, when it was read,
//! what was asked of the coordinator. Times are a clock's milliseconds.
//!
//! Never knows: a clock, Kafka.

use super::run::{Act, ActPartition, Call, CallKind, Departure, Holding, LEAD_MS, Lane, Outcome, Still};
use crate::model::snapshot::TopicPartition;
use tablog_record::{SortedMap, SortedSet};

/// Calls of one member that are kept for one act.
const CALLS_MAX: usize = 400;
/// An act goes on this long behind the last thing that happened in it.
const TAIL_MS: i64 = 80;

#[derive(Debug, Default)]
pub struct Ledger {
    partitions: SortedMap<TopicPartition, Standing>,
    /// In the order in which they came.
    members: Vec<Trace>,
    stills: Vec<(TopicPartition, i64, Option<i64>)>,
    begun_ms: i64,
    kept_gap_ms: i64,
    /// When something last changed that has to do with who owns what.
    changed_ms: i64,
}

#[derive(Debug, Default)]
struct Standing {
    owner: Option<String>,
    read_ms: Option<i64>,
    /// Which of `stills` goes on.
    still: Option<usize>,
}

#[derive(Debug)]
struct Trace {
    name: String,
    joined_ms: i64,
    departed: Option<(i64, Departure)>,
    holdings: Vec<(TopicPartition, Holding)>,
    calls: Vec<(u64, Call)>,
}

/// To what a member asked.
#[derive(Clone, Debug)]
pub struct Answer {
    pub at_ms: i64,
    pub error: String,
    pub is_news: bool,
}

impl Ledger {
    /// The act that follows begins now; what ended before is forgotten.
    pub fn begin(&mut self, now_ms: i64) {
        self.begun_ms = now_ms;
        self.changed_ms = now_ms;
        self.kept_gap_ms = 0;
        self.members.retain(|m| m.departed.is_none());
        for member in &mut self.members {
            member.holdings.retain(|(_, h)| h.until_ms.is_none());
            member.calls.retain(|(_, call)| call.answered_ms.is_none());
        }
        let open: Vec<_> = std::mem::take(&mut self.stills);
        for standing in self.partitions.values_mut() {
            if let Some(at) = standing.still.take() {
                standing.still = Some(self.stills.len());
                self.stills.push(open[at].clone());
            }
        }
    }

    /// Nobody has read it yet.
    pub fn created(&mut self, partition: TopicPartition, now_ms: i64) {
        self.changed_ms = now_ms;
        let still = Some(self.stills.len());
        self.stills.push((partition.clone(), now_ms, None));
        self.partitions.insert(partition, Standing { still, ..Standing::default() });
    }

    pub fn joins(&mut self, member: &str, now_ms: i64) {
        self.changed_ms = now_ms;
        let (name, holdings, calls) = (member.to_owned(), Vec::new(), Vec::new());
        self.members.push(Trace { name, joined_ms: now_ms, departed: None, holdings, calls });
    }

    /// It reads nothing more, whatever the group knows of it.
    pub fn departs(&mut self, member: &str, how: Departure, now_ms: i64) {
        let Some(trace) = self.trace(member) else { return };
        trace.departed = Some((now_ms, how));
        let held = trace.holdings.iter().filter(|(_, h)| h.until_ms.is_none());
        let held: Vec<TopicPartition> = held.map(|(partition, _)| partition.clone()).collect();
        self.gives_up(member, &held, now_ms);
    }

    pub fn is_assigned(&mut self, member: &str, partitions: &[TopicPartition], now_ms: i64) {
        self.changed_ms = now_ms;
        let Some(trace) = self.trace(member).filter(|trace| trace.departed.is_none()) else { return };
        for partition in partitions {
            let holding = Holding { partition: 0, from_ms: now_ms, read_ms: None, until_ms: None };
            trace.holdings.push((partition.clone(), holding));
        }
        for partition in partitions {
            self.partitions.entry(partition.clone()).or_default().owner = Some(member.to_owned());
        }
    }

    pub fn gives_up(&mut self, member: &str, partitions: &[TopicPartition], now_ms: i64) {
        self.changed_ms = now_ms;
        let Some(trace) = self.trace(member) else { return };
        for (partition, holding) in &mut trace.holdings {
            if holding.until_ms.is_none() && partitions.contains(partition) {
                holding.until_ms = Some(now_ms);
            }
        }
        for partition in partitions {
            let Some(standing) = self.partitions.get_mut(partition) else { continue };
            if standing.owner.as_deref() != Some(member) {
                continue;
            }
            standing.owner = None;
            if standing.still.is_none() {
                standing.still = Some(self.stills.len());
                self.stills.push((partition.clone(), standing.read_ms.unwrap_or(now_ms), None));
            }
        }
    }

    /// Some records of this partition.
    pub fn reads(&mut self, member: &str, partition: &TopicPartition, now_ms: i64) {
        let Some(trace) = self.trace(member) else { return };
        let held = trace.holdings.iter_mut().rev().find(|(p, h)| p == partition && h.until_ms.is_none());
        let Some((_, holding)) = held else { return };
        holding.read_ms.get_or_insert(now_ms);
        let Some(standing) = self.partitions.get_mut(partition) else { return };
        match (standing.still.take(), standing.read_ms) {
            (Some(at), _) => {
                self.stills[at].2 = Some(now_ms);
                self.changed_ms = now_ms;
            }
            (None, Some(before_ms)) if before_ms >= self.begun_ms => {
                self.kept_gap_ms = self.kept_gap_ms.max(now_ms - before_ms);
            }
            _ => {}
        }
        standing.read_ms = Some(now_ms);
    }

    /// Whether it is answered is not known yet.
    pub fn asks(&mut self, member: &str, number: u64, call: Call) {
        let Some(trace) = self.trace(member) else { return };
        if trace.calls.len() < CALLS_MAX {
            trace.calls.push((number, call));
        }
    }

    pub fn is_answered(&mut self, member: &str, number: u64, answer: Answer) {
        let Some(trace) = self.trace(member) else { return };
        let Some((_, call)) = trace.calls.iter_mut().rev().find(|(n, _)| *n == number) else { return };
        call.answered_ms = Some(answer.at_ms);
        call.error = answer.error;
        call.is_news |= answer.is_news;
        if call.is_news && call.kind != CallKind::OffsetCommit {
            self.changed_ms = answer.at_ms;
        }
    }

    /// Since when nothing moves: each of these partitions is read, no round is under way. None: something does.
    pub fn still_since_ms(&self, expected: &SortedSet<TopicPartition>) -> Option<i64> {
        let is_read = |p: &TopicPartition| {
            self.partitions.get(p).is_some_and(|s| s.owner.is_some() && s.still.is_none())
        };
        let is_round = |call: &Call| {
            call.answered_ms.is_none() && matches!(call.kind, CallKind::JoinGroup | CallKind::SyncGroup)
        };
        let is_asking = |m: &Trace| m.departed.is_none() && m.calls.iter().any(|(_, call)| is_round(call));
        let is_quiet = expected.iter().all(is_read) && !self.members.iter().any(is_asking);
        is_quiet.then_some(self.changed_ms)
    }

    /// What has happened since `begin`; `readable` are the partitions that somebody is to read once it is over.
    pub fn act(&self, readable: &SortedSet<TopicPartition>, outcome: Outcome, now_ms: i64) -> Act {
        let since = |at_ms: i64| at_ms - self.begun_ms;
        let is_over = outcome == Outcome::Settled;
        let last_ms = if is_over { (self.changed_ms + TAIL_MS).min(now_ms) } else { now_ms };
        let end_ms = since(last_ms).max(LEAD_MS + TAIL_MS);
        let names: Vec<&TopicPartition> = self.partitions.keys().collect();
        let index = |p: &TopicPartition| names.binary_search(&p).ok();
        let is_within = |at_ms: i64| since(at_ms) <= end_ms;
        let lane = |trace: &Trace| Lane {
            member: trace.name.clone(),
            from_ms: (trace.joined_ms >= self.begun_ms).then(|| since(trace.joined_ms)),
            departed: trace.departed.map(|(at_ms, how)| (since(at_ms), how)),
            holdings: trace
                .holdings
                .iter()
                .filter_map(|(p, h)| {
                    let partition = index(p)?;
                    let (read_ms, until_ms) = (h.read_ms.map(since), h.until_ms.map(since));
                    Some(Holding { partition, from_ms: since(h.from_ms), read_ms, until_ms })
                })
                .collect(),
            calls: trace
                .calls
                .iter()
                .filter(|(_, call)| is_within(call.sent_ms))
                .map(|(_, call)| {
                    let (sent_ms, answered_ms) = (since(call.sent_ms), call.answered_ms.map(since));
                    Call { sent_ms, answered_ms, ..call.clone() }
                })
                .collect(),
        };
        let still = |(p, from_ms, until_ms): &(TopicPartition, i64, Option<i64>)| {
            let partition = index(p)?;
            Some(Still { partition, from_ms: since(*from_ms), until_ms: until_ms.map(since) })
        };
        let mut lanes: Vec<Lane> = self.members.iter().map(lane).collect();
        // As the rows of the lab, where names stand for member ids.
        lanes.sort_by(|a, b| a.member.cmp(&b.member));
        Act {
            end_ms,
            outcome,
            partitions: names
                .iter()
                .map(|p| ActPartition { at: (*p).clone(), has_reader: readable.contains(*p) })
                .collect(),
            lanes,
            stills: self.stills.iter().filter_map(still).collect(),
            kept_gap_ms: self.kept_gap_ms,
        }
    }

    fn trace(&mut self, member: &str) -> Option<&mut Trace> {
        self.members.iter_mut().rev().find(|m| m.name == member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(partition: i32) -> TopicPartition {
        TopicPartition::new("lab", partition)
    }

    fn all(count: i32) -> SortedSet<TopicPartition> {
        (0..count).map(at).collect()
    }

    /// Two members read two partitions each; the clock stands at 1,000.
    fn formed() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.begin(0);
        (0..4).for_each(|p| ledger.created(at(p), 100));
        for (member, owned) in [("a", [at(0), at(1)]), ("b", [at(2), at(3)])] {
            ledger.joins(member, 100);
            ledger.is_assigned(member, &owned, 600);
            owned.iter().for_each(|p| ledger.reads(member, p, 620));
        }
        let act = ledger.act(&all(4), Outcome::Settled, 900);
        let figures = act.figures();
        assert_eq!((figures.stood_still, figures.of, figures.longest_ms), (4, 4, 520));
        assert_eq!(act.end_ms, 700, "the last change and a little");
        ledger.begin(1_000);
        ledger
    }

    #[test]
    fn a_partition_stands_still_from_the_last_record_before_its_owner_gave_it_up_to_the_next_one() {
        let mut ledger = formed();
        (0..4).for_each(|p| ledger.reads(if p < 2 { "a" } else { "b" }, &at(p), 1_090));
        ledger.departs("b", Departure::Left, 1_100);
        assert_eq!(ledger.still_since_ms(&all(4)), None);
        ledger.gives_up("a", &[at(0), at(1)], 1_200);
        ledger.reads("a", &at(0), 1_210);
        ledger.is_assigned("a", &[at(0), at(1), at(2), at(3)], 1_300);
        for p in [0, 1, 2] {
            ledger.reads("a", &at(p), 1_320);
        }
        let open = ledger.act(&all(4), Outcome::UnderWay, 1_340);
        assert_eq!(open.figures().longest_ms, 250, "one still stands still");
        ledger.reads("a", &at(3), 1_350);
        assert_eq!(ledger.still_since_ms(&all(4)), Some(1_350));
        let act = ledger.act(&all(4), Outcome::Settled, 2_000);
        let figures = act.figures();
        assert_eq!((figures.stood_still, figures.longest_ms), (4, 260));
        assert!((figures.partition_seconds - (3.0 * 0.230 + 0.260)).abs() < 1e-9);
        assert_eq!(act.end_ms, 430);
        assert_eq!(act.lanes[1].departed, Some((100, Departure::Left)));
        ledger.begin(3_000);
        let next = ledger.act(&all(4), Outcome::Settled, 3_500);
        assert_eq!(
            (next.lanes.len(), next.figures().stood_still),
            (1, 0),
            "who is gone and what is over is forgotten"
        );
    }

    #[test]
    fn what_is_kept_does_not_stand_still_and_what_nobody_is_to_read_does_not_count() {
        let mut ledger = formed();
        ledger.reads("a", &at(0), 1_010);
        ledger.reads("a", &at(0), 1_055);
        ledger.departs("b", Departure::Crashed, 1_100);
        let act = ledger.act(&all(2), Outcome::Settled, 1_400);
        assert_eq!((act.figures().stood_still, act.figures().of, act.kept_gap_ms), (0, 2, 45));
        assert_eq!(ledger.still_since_ms(&all(2)), Some(1_100));
    }

    #[test]
    fn a_round_that_is_not_answered_is_not_settled_and_calls_are_bounded() {
        let mut ledger = formed();
        let call =
            |kind| Call { kind, sent_ms: 1_100, answered_ms: None, error: String::new(), is_news: true };
        ledger.asks("a", 1, call(CallKind::JoinGroup));
        assert_eq!(ledger.still_since_ms(&all(4)), None);
        ledger.is_answered(
            "a",
            1,
            Answer { at_ms: 1_150, error: "MEMBER_ID_REQUIRED".into(), is_news: true },
        );
        assert_eq!(ledger.still_since_ms(&all(4)), Some(1_150));
        for number in 2..2_000 {
            ledger.asks("a", number, call(CallKind::Heartbeat));
        }
        ledger.asks("nobody", 1, call(CallKind::Heartbeat));
        ledger.is_answered("nobody", 1, Answer { at_ms: 1_150, error: String::new(), is_news: false });
        ledger.reads("nobody", &at(0), 1_200);
        ledger.reads("a", &at(77), 1_200);
        let act = ledger.act(&all(4), Outcome::Settled, 1_300);
        assert_eq!(act.lanes[0].calls.len(), CALLS_MAX);
        assert_eq!(act.lanes[0].calls[0].error, "MEMBER_ID_REQUIRED");
        assert_eq!(act.lanes[0].calls[0].answered_ms, Some(150));
    }
}
