//! A tab's membership as its page shows it, worked out from what the tab's worker told: which partitions it reads, is
//! about to lose, has just got or waits for, from whom and to whom, and one sentence why.
//!
//! What came and went stays in sight until the group goes on to its next generation, so that a look a while later still
//! tells the story.
//!
//! Never knows: a client, the clock, words.

use crate::model::colour::Tile;
use crate::model::limits::{HEARTBEATS_MAX, MEMBER_RECORDS_MAX, RATE_WINDOW_MS};
use crate::model::member::{Heartbeat, MemberRecord, MemberReport, Peer, Standing};
use crate::model::message::Message;
use std::collections::VecDeque;
use tablog_record::SortedMap;

/// Changes that follow one another within this time are one rebalance.
const ONE_REBALANCE_MS: i64 = 1_500;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Membership {
    /// Without its heartbeats and records, which are below.
    pub newest: MemberReport,
    pub heartbeats: VecDeque<Heartbeat>,
    /// The newest first.
    pub records: VecDeque<MemberRecord>,
    pub joined_at_ms: Option<i64>,
    trail: Trail,
    counted: VecDeque<(i64, u64)>,
}

/// What the last rebalance changed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trail {
    changed_at_ms: i64,
    /// What this member owned.
    before: Vec<i32>,
    /// Who is in the group, and when each was seen first.
    since_ms: SortedMap<String, i64>,
    /// Who had a partition last, this member aside.
    owners: SortedMap<i32, String>,
    came_from: SortedMap<i32, String>,
}

/// How it is with a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    Reads,
    Came,
    /// Still owned, and about to be somebody else's.
    Going,
    Left,
    /// To be this member's when its owner lets go of it.
    Waits,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub hold: Hold,
    pub at: Standing,
    /// From whom it came or comes, to whom it goes or went, where that is known.
    pub other: Option<String>,
}

impl Membership {
    pub fn observe(&mut self, mut report: MemberReport) {
        let at_ms = report.at_ms;
        self.heartbeats.extend(std::mem::take(&mut report.heartbeats));
        self.heartbeats.drain(..self.heartbeats.len().saturating_sub(HEARTBEATS_MAX));
        for record in std::mem::take(&mut report.records) {
            self.records.push_front(record);
        }
        self.records.truncate(MEMBER_RECORDS_MAX);
        self.count(at_ms, report.records_read);
        match (self.newest.epoch, report.epoch) {
            (None, Some(_)) => self.joined_at_ms = Some(at_ms),
            (_, None) => self.joined_at_ms = None,
            _ => {}
        }
        let others = report.peers.iter().filter(|peer| peer.client_id != report.client_id);
        self.trail.owners.extend(
            others.flat_map(|peer| peer.owned.iter().map(|partition| (*partition, peer.client_id.clone()))),
        );
        if !report.peers.is_empty() {
            let known = std::mem::take(&mut self.trail.since_ms);
            let since = |name: &String| known.get(name).copied().unwrap_or(at_ms);
            let names = report.peers.iter().map(|peer| &peer.client_id);
            self.trail.since_ms = names.map(|name| (name.clone(), since(name))).collect();
        }
        self.follow(&report);
        self.newest = report;
    }

    /// What changed hands since the report before.
    fn follow(&mut self, report: &MemberReport) {
        let (trail, before) = (&mut self.trail, &self.newest);
        let (was, is) = (numbers(&before.owned), numbers(&report.owned));
        let has_left = before.is_running && !report.is_running;
        let has_come = !before.is_running && report.is_running;
        let is_long_ago = report.at_ms - trail.changed_at_ms >= ONE_REBALANCE_MS;
        if was != is || has_left || has_come {
            // In the midst of a classic rebalance everything was given up for as long as it takes.
            let is_midst = before.is_rebalancing && was.is_empty();
            if has_left || has_come || (is_long_ago && !is_midst) {
                trail.before = was;
                trail.came_from.clear();
            }
            trail.changed_at_ms = report.at_ms;
            for partition in is.iter().filter(|p| !trail.before.contains(p)) {
                if let Some(owner) = trail.owners.get(partition) {
                    trail.came_from.entry(*partition).or_insert_with(|| owner.clone());
                }
            }
        } else if report.epoch != before.epoch && is_long_ago && !report.is_rebalancing {
            // Another generation, in which this member keeps what it has.
            trail.before = is;
            trail.came_from.clear();
        }
    }

    fn count(&mut self, at_ms: i64, records: u64) {
        // A consumer that began anew counts from zero.
        if self.counted.back().is_some_and(|(_, before)| *before > records) {
            self.counted.clear();
        }
        self.counted.push_back((at_ms, records));
        while self.counted.len() > 2 && self.counted[1].0 <= at_ms - RATE_WINDOW_MS {
            self.counted.pop_front();
        }
    }

    /// Records a second, of the last two seconds.
    pub fn rate(&self) -> f64 {
        let (Some((from_ms, first)), Some((to_ms, last))) = (self.counted.front(), self.counted.back())
        else {
            return 0.0;
        };
        (last - first) as f64 * 1e3 / (to_ms - from_ms).max(1) as f64
    }

    pub fn lag(&self) -> i64 {
        self.newest.owned.iter().filter_map(|standing| standing.lag).sum()
    }

    pub fn has_left(&self) -> bool {
        !self.newest.client_id.is_empty() && !self.newest.is_running
    }

    /// First what it has, then what went and what is to come.
    pub fn held(&self) -> Vec<Held> {
        let (report, trail) = (&self.newest, &self.trail);
        let owned = numbers(&report.owned);
        let target = self.target();
        let mut held: Vec<Held> = Vec::new();
        for at in &report.owned {
            let partition = at.partition;
            let (hold, other) = if target.is_some_and(|target| !target.contains(&partition)) {
                (Hold::Going, self.heir(partition))
            } else if trail.before.contains(&partition) {
                (Hold::Reads, None)
            } else {
                (Hold::Came, trail.came_from.get(&partition).cloned())
            };
            held.push(Held { hold, at: *at, other });
        }
        let bare = |partition: i32| Standing { partition, ..Standing::default() };
        let waits = |partition: &i32| target.is_some_and(|target| target.contains(partition));
        for partition in trail.before.iter().filter(|p| !owned.contains(p) && !waits(p)) {
            let (hold, other) = match self.stands_still() {
                true => (Hold::Going, None),
                false => (Hold::Left, self.heir(*partition)),
            };
            held.push(Held { hold, at: bare(*partition), other });
        }
        for partition in target.into_iter().flatten().filter(|p| !owned.contains(p)) {
            let owner = self.others().find(|peer| peer.owned.contains(partition));
            let other = owner.map(|peer| peer.client_id.clone());
            held.push(Held { hold: Hold::Waits, at: bare(*partition), other });
        }
        held
    }

    /// What the coordinator means this member to own, unless it was asked before the last change.
    fn target(&self) -> Option<&Vec<i32>> {
        let report = &self.newest;
        let is_known = report.is_running && report.peers_at_ms >= self.trail.changed_at_ms;
        let me = report.peers.iter().find(|peer| is_known && peer.member_id == report.member_id);
        me?.target.as_ref()
    }

    fn others(&self) -> impl Iterator<Item = &Peer> {
        self.newest.peers.iter().filter(|peer| peer.client_id != self.newest.client_id)
    }

    /// Who gets a partition, or has got it.
    fn heir(&self, partition: i32) -> Option<String> {
        let wanted = |peer: &&Peer| peer.target.as_ref().is_some_and(|target| target.contains(&partition));
        let owner = || self.others().find(|peer| peer.owned.contains(&partition));
        self.others().find(wanted).or_else(owner).map(|peer| peer.client_id.clone())
    }

    /// In the midst of a classic rebalance everything was given up, and nobody knows to whom.
    fn stands_still(&self) -> bool {
        let report = &self.newest;
        let is_classic = report.peers.iter().all(|peer| peer.target.is_none());
        report.is_running && report.is_rebalancing && report.owned.is_empty() && is_classic
    }

    /// One sentence: what it reads of the topic's `all` partitions, and why.
    pub fn sentence(&self, all: usize, tile: impl Fn(i32) -> Tile) -> Message {
        let held = self.held();
        let of = |hold: Hold| {
            let these = held.iter().filter(move |h| h.hold == hold);
            these.map(|h| tile(h.at.partition)).collect::<Vec<Tile>>()
        };
        // Said by name only where it is one for all of them.
        let one = |hold: Hold| {
            let mut others = held.iter().filter(|h| h.hold == hold).map(|h| h.other.clone());
            let first = others.next().flatten()?;
            others.all(|other| other.as_ref() == Some(&first)).then_some(first)
        };
        let (came, going, left, waits) = (of(Hold::Came), of(Hold::Going), of(Hold::Left), of(Hold::Waits));
        let n = self.newest.owned.len();
        let counted = |key: &'static str| Message::new(key).number("n", n as f64).number("all", all as f64);
        let named = |key: &'static str, tiles: Vec<Tile>, name: String| {
            counted(key).tiles("tiles", tiles).text("name", name)
        };
        let is_new = |name: &String| {
            let since_ms = self.trail.since_ms.get(name).copied().unwrap_or(0);
            since_ms >= self.trail.changed_at_ms - ONE_REBALANCE_MS
        };
        let is_gone = |name: &String| !self.others().any(|peer| peer.client_id == *name);
        if self.has_left() {
            return match (left.is_empty(), one(Hold::Left)) {
                (true, _) => Message::new("membership-left-nothing"),
                (false, Some(name)) => named("membership-left-to", left, name),
                (false, None) if self.others().next().is_none() => {
                    Message::new("membership-left-alone").tiles("tiles", left)
                }
                (false, None) => Message::new("membership-left-others").tiles("tiles", left),
            };
        }
        if self.newest.epoch.is_none() {
            return Message::new(if self.heartbeats.is_empty() {
                "membership-joins"
            } else {
                "membership-joins-again"
            });
        }
        if !going.is_empty() {
            return match one(Hold::Going) {
                Some(name) => named("membership-hands-over", going, name),
                None if self.stands_still() => Message::new("membership-stands-still").tiles("tiles", going),
                None => counted("membership-hands-over-several").tiles("tiles", going),
            };
        }
        if !waits.is_empty() {
            return match one(Hold::Waits) {
                Some(name) => named("membership-waits-for", waits, name),
                None => counted("membership-waits").tiles("tiles", waits),
            };
        }
        match (came.is_empty(), left.is_empty()) {
            (false, false) => counted("membership-changed").tiles("came", came).tiles("left", left),
            (false, true) if self.trail.before.is_empty() => match one(Hold::Came) {
                _ if n == all => counted("membership-joined-alone"),
                Some(name) => named("membership-joined-from", came, name),
                None => counted("membership-joined").tiles("tiles", came),
            },
            (false, true) => match one(Hold::Came) {
                Some(name) if is_gone(&name) => named("membership-came-left", came, name),
                Some(name) => named("membership-came-from", came, name),
                None => counted("membership-came").tiles("tiles", came),
            },
            (true, false) => match one(Hold::Left) {
                Some(name) if is_new(&name) => named("membership-went-joined", left, name),
                Some(name) => named("membership-went-to", left, name),
                None => counted("membership-went").tiles("tiles", left),
            },
            (true, true) if n == 0 => {
                counted("membership-idle").number("members", self.newest.peers.len() as f64)
            }
            (true, true) if n == 1 && self.newest.peers.len() == all => counted("membership-one-each"),
            (true, true) => counted("membership-reads"),
        }
    }
}

fn numbers(owned: &[Standing]) -> Vec<i32> {
    owned.iter().map(|standing| standing.partition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str, owned: &[i32], target: Option<&[i32]>) -> Peer {
        let target = target.map(<[i32]>::to_vec);
        Peer { member_id: format!("{name}-id"), client_id: name.into(), owned: owned.to_vec(), target }
    }

    fn report(at_ms: i64, epoch: i32, owned: &[i32], peers: Vec<Peer>) -> MemberReport {
        MemberReport {
            at_ms,
            is_running: true,
            client_id: "tab-1".into(),
            member_id: "tab-1-id".into(),
            epoch: Some(epoch),
            owned: owned.iter().map(|p| Standing { partition: *p, ..Standing::default() }).collect(),
            peers,
            peers_at_ms: at_ms,
            ..MemberReport::default()
        }
    }

    fn shown(m: &Membership) -> Vec<(i32, Hold, Option<String>)> {
        m.held().into_iter().map(|h| (h.at.partition, h.hold, h.other)).collect()
    }

    fn key(m: &Membership) -> &'static str {
        m.sentence(6, |p| Tile::new(p, 0)).key
    }

    #[test]
    fn a_partition_goes_over_and_its_trail_stays_until_the_next_generation() {
        let mut m = Membership::default();
        let alone = |t| vec![peer("tab-1", &[0, 1, 2], Some(t))];
        m.observe(report(0, 1, &[], Vec::new()));
        m.observe(report(200, 1, &[0, 1, 2], alone(&[0, 1, 2])));
        assert_eq!(key(&m), "membership-joined");
        // A newcomer is to have 2, and does not own it yet.
        let both = |mine: &[i32], theirs: &[i32]| {
            vec![peer("tab-1", mine, Some(&[0, 1])), peer("tab-2", theirs, Some(&[2]))]
        };
        m.observe(report(10_000, 1, &[0, 1, 2], both(&[0, 1, 2], &[])));
        assert_eq!(shown(&m)[2], (2, Hold::Going, Some("tab-2".into())));
        assert_eq!(key(&m), "membership-hands-over");
        m.observe(report(10_200, 1, &[0, 1], both(&[0, 1, 2], &[])));
        m.observe(report(10_700, 2, &[0, 1], both(&[0, 1], &[2])));
        assert_eq!(shown(&m)[2], (2, Hold::Left, Some("tab-2".into())));
        assert_eq!(key(&m), "membership-went-joined");
        m.observe(report(20_000, 3, &[0, 1], both(&[0, 1], &[2])));
        assert_eq!(shown(&m), [(0, Hold::Reads, None), (1, Hold::Reads, None)]);
        assert_eq!(key(&m), "membership-reads");
        // It goes, and what it had comes back.
        m.observe(report(30_000, 4, &[0, 1, 2], alone(&[0, 1, 2])));
        assert_eq!(shown(&m)[2], (2, Hold::Came, Some("tab-2".into())));
        assert_eq!(key(&m), "membership-came-left");
    }

    #[test]
    fn what_its_owner_has_not_let_go_of_is_waited_for() {
        let mut m = Membership::default();
        m.observe(report(0, 0, &[], Vec::new()));
        let peers = vec![peer("tab-1", &[2], Some(&[2, 5])), peer("tab-2", &[3, 4, 5], Some(&[3, 4]))];
        m.observe(report(200, 1, &[2], peers));
        assert_eq!(shown(&m), [(2, Hold::Came, None), (5, Hold::Waits, Some("tab-2".into()))]);
        assert_eq!(key(&m), "membership-waits-for");
    }

    #[test]
    fn a_target_that_was_read_before_a_change_says_nothing_of_what_came() {
        let mut m = Membership::default();
        m.observe(report(0, 1, &[0], vec![peer("tab-1", &[0], Some(&[0]))]));
        let late = MemberReport {
            peers_at_ms: 9_900,
            ..report(10_000, 2, &[0, 1], vec![peer("tab-1", &[0], Some(&[0]))])
        };
        m.observe(late);
        assert_eq!(shown(&m), [(0, Hold::Reads, None), (1, Hold::Came, None)]);
    }

    #[test]
    fn an_eager_rebalance_stops_everything_and_is_one_change() {
        let mut m = Membership::default();
        m.observe(report(0, 1, &[], Vec::new()));
        m.observe(report(200, 1, &[0, 1, 2], vec![peer("tab-1", &[0, 1, 2], None)]));
        m.observe(report(10_000, 2, &[0, 1, 2], vec![peer("tab-1", &[0, 1, 2], None)]));
        let told = vec![peer("tab-1", &[0, 1, 2], None)];
        m.observe(MemberReport { is_rebalancing: true, ..report(19_800, 2, &[0, 1, 2], told) });
        let stopped = MemberReport { is_rebalancing: true, ..report(20_000, 2, &[], Vec::new()) };
        m.observe(stopped.clone());
        assert!(shown(&m).iter().all(|(_, hold, _)| *hold == Hold::Going));
        assert_eq!(key(&m), "membership-stands-still");
        m.observe(MemberReport { at_ms: 29_000, ..stopped });
        m.observe(report(29_200, 3, &[0, 1], vec![peer("tab-1", &[0, 1], None), peer("tab-2", &[2], None)]));
        assert_eq!(shown(&m)[2], (2, Hold::Left, Some("tab-2".into())));
        assert_eq!(key(&m), "membership-went-joined");
    }

    #[test]
    fn whoever_left_is_told_who_goes_on() {
        let mut m = Membership::default();
        m.observe(report(0, 1, &[0, 1], vec![peer("tab-1", &[0, 1], None), peer("tab-2", &[2], None)]));
        let gone = MemberReport {
            is_running: false,
            epoch: None,
            member_id: String::new(),
            ..report(5_000, 0, &[], vec![peer("tab-1", &[0, 1], None), peer("tab-2", &[2], None)])
        };
        m.observe(gone.clone());
        assert_eq!(shown(&m), [(0, Hold::Left, None), (1, Hold::Left, None)]);
        m.observe(MemberReport { at_ms: 5_500, peers: vec![peer("tab-2", &[0, 1, 2], None)], ..gone });
        assert_eq!(shown(&m)[0], (0, Hold::Left, Some("tab-2".into())));
        assert_eq!(key(&m), "membership-left-to");
        // It joins again, with nothing of before.
        m.observe(report(9_000, 3, &[1], vec![peer("tab-1", &[1], None), peer("tab-2", &[0, 2], None)]));
        assert_eq!(shown(&m), [(1, Hold::Came, Some("tab-2".into()))]);
    }

    #[test]
    fn lists_are_bounded_and_a_rate_is_of_the_last_seconds() {
        let mut m = Membership::default();
        for i in 0..50 {
            let mut report = report(i * 200, 1, &[0], Vec::new());
            report.records_read = 20 * i as u64;
            report.records = vec![MemberRecord { offset: i, ..MemberRecord::default() }; 3];
            report.heartbeats = vec![Heartbeat { at_ms: i, is_hidden: false }; 3];
            m.observe(report);
        }
        assert_eq!((m.records.len(), m.heartbeats.len()), (MEMBER_RECORDS_MAX, HEARTBEATS_MAX));
        assert_eq!((m.records[0].offset, m.rate()), (49, 100.0));
    }
}
