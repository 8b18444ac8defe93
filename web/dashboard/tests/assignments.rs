//! The lab's answers: what Apache Kafka is known to answer, and what must hold whatever happens to a group.

use tablog_dashboard::assignments::Walk;
use tablog_dashboard::i18n::{Language, say};
use tablog_dashboard::model::lab::address;
use tablog_dashboard::model::lab::answer::{Answer, Column, LabAssignor, NOBODY, Presence, SENTENCES};
use tablog_dashboard::model::lab::{History, LabMember, LabTopic, Membership, Situation, Step, Subscription};
use tablog_dashboard::model::packing::{packed, unpacked};

fn answer(history: &History) -> Answer {
    Walk::default().answer(history)
}

/// `c1 0,1,2 c2 3,4 …`, for a single topic.
fn owned(answer: &Answer, column: &Column) -> String {
    let of_row = |(place, row): (usize, &tablog_dashboard::model::lab::answer::Row)| {
        let has = |p: &usize| column.owners[*p] == place as i32;
        let owned: Vec<String> = (0..column.owners.len()).filter(has).map(|p| p.to_string()).collect();
        format!("{} {}", row.member, owned.join(","))
    };
    let here =
        |(_, row): &(usize, &tablog_dashboard::model::lab::answer::Row)| row.presence == Presence::Here;
    answer.rows.iter().enumerate().filter(here).map(of_row).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(history: &History, expected: [(&str, [usize; 4]); 6]) {
    let answer = answer(history);
    assert_eq!(unpacked(&packed(&answer)).as_ref(), Some(&answer));
    for (column, (assignment, [moved, spread, paused, rebalances])) in answer.columns.iter().zip(expected) {
        let name = column.assignor.full_name();
        assert_eq!(owned(&answer, column), assignment, "{name}");
        let cost = column.cost;
        let cost = [cost.moved, cost.spread, cost.paused, cost.rebalances];
        assert_eq!(cost, [moved, spread, paused, rebalances], "{name}: moved, spread, paused, rebalances");
    }
}

const RUNS: &str = "c1 0,1,2 c2 3,4,5 c3 6,7 c4 8,9 c5 10,11";
const DEALT: &str = "c1 0,5,10 c2 1,6,11 c3 2,7 c4 3,8 c5 4,9";

/// Who comes last has one more: the shares of the first are found first, and are the smaller ones.
const FILLED: &str = "c1 0,1 c2 2,3 c3 4,5 c4 6,7,8 c5 9,10,11";

#[test]
fn twelve_over_five_and_then_c3_leaves() {
    let mut history = History::example();
    let fresh = [0, 1, 0, 1];
    check(&history, [RUNS, DEALT, DEALT, DEALT, FILLED, RUNS].map(|assignment| (assignment, fresh)));
    for step in [Step::Leave("c3".into()), Step::Crash("c3".into())] {
        history.go(0);
        history.add(step).unwrap();
        let kept = "c1 0,5,10 c2 1,6,11 c4 2,3,8 c5 4,7,9";
        let recut = "c1 0,1,2 c2 3,4,5 c4 6,7,8 c5 9,10,11";
        check(
            &history,
            [
                (recut, [3, 0, 12, 1]),
                ("c1 0,4,8 c2 1,5,9 c4 2,6,10 c5 3,7,11", [10, 0, 12, 1]),
                (kept, [2, 0, 12, 1]),
                (kept, [2, 0, 2, 1]),
                ("c1 0,1,4 c2 2,3,5 c4 6,7,8 c5 9,10,11", [2, 0, 2, 1]),
                (recut, [3, 0, 3, 1]),
            ],
        );
    }
}

#[test]
fn a_newcomer_costs_cooperative_sticky_a_second_rebalance() {
    let mut history = History::example();
    history.add(Step::Leave("c3".into())).unwrap();
    history.add(Step::Join(LabMember::new("c6"))).unwrap();
    let answer = answer(&history);
    let costs: Vec<_> =
        answer.columns.iter().map(|c| (c.cost.moved, c.cost.paused, c.cost.rebalances)).collect();
    assert_eq!(costs[2], (2, 12, 1), "sticky");
    assert_eq!(costs[3], (2, 2, 2), "cooperative-sticky");
    assert_eq!(answer.columns[3].owners.iter().filter(|owner| **owner == NOBODY).count(), 0);
    // Who leaves altogether leaves nobody to rebalance.
    let mut history = History::new(Situation::simple(3, 1)).unwrap();
    history.add(Step::Leave("c1".into())).unwrap();
    check(&history, [("", [0, 0, 3, 0]); 6]);
}

#[test]
fn more_partitions_move_nothing_that_is_sticky() {
    let mut history = History::example();
    history.add(Step::AddPartitions { topic: "lab".into(), partitions: 15 }).unwrap();
    let moved: Vec<usize> = answer(&history).columns.iter().map(|c| c.cost.moved).collect();
    assert_eq!(moved, [3, 0, 0, 0, 0, 3]);
}

#[test]
fn what_nobody_reads_concerns_nobody() {
    let mut start = Situation::simple(4, 2);
    for member in &mut start.members {
        member.subscription = Subscription::Only(vec!["lab".into()]);
    }
    let mut history = History::new(start).unwrap();
    history.add(Step::CreateTopic(LabTopic::new("orders", 3))).unwrap();
    for column in answer(&history).columns {
        assert_eq!((column.cost.rebalances, column.cost.paused), (0, 0));
        assert_eq!(column.owners.iter().filter(|owner| **owner == NOBODY).count(), 3);
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let n = all.len() as u64;
        if n == 0 { None } else { all.get(self.below(n) as usize).cloned() }
    }
}

const TOPICS: [&str; 3] = ["lab", "orders", "a.b"];
const RACKS: [&str; 3] = ["x", "y", "z"];

fn subscription(random: &mut Random, situation: &Situation) -> Subscription {
    let some = situation.topics.iter().filter(|_| random.below(2) == 0).map(|t| t.name.clone());
    let some: Vec<String> = some.collect();
    if random.below(2) == 0 { Subscription::All } else { Subscription::Only(some) }
}

fn member(random: &mut Random, situation: &Situation) -> LabMember {
    LabMember {
        subscription: subscription(random, situation),
        rack: random.of(&[None, Some("x".to_owned()), Some("y".to_owned())]).flatten(),
        membership: if random.below(3) == 0 { Membership::Static } else { Membership::Dynamic },
        ..LabMember::new(format!("m{}", random.below(15)))
    }
}

fn topic(random: &mut Random) -> LabTopic {
    let racks = RACKS.iter().filter(|_| random.below(2) == 0).map(|rack| (*rack).to_owned()).collect();
    let name = TOPICS[random.below(3) as usize];
    LabTopic { racks, ..LabTopic::new(name, 1 + random.below(14) as i32) }
}

fn step(random: &mut Random, situation: &Situation) -> Step {
    let somebody = random.of(&situation.members).map_or_else(String::new, |m| m.name);
    let some_topic = situation.topics[random.below(situation.topics.len() as u64) as usize].clone();
    match random.below(7) {
        0 | 1 => Step::Join(member(random, situation)),
        2 => Step::Leave(somebody),
        3 => Step::Crash(somebody),
        4 => Step::AddPartitions {
            topic: some_topic.name,
            partitions: some_topic.partitions + 1 + random.below(3) as i32,
        },
        5 => Step::CreateTopic(topic(random)),
        _ => Step::Subscribe { member: somebody, subscription: subscription(random, situation) },
    }
}

fn random_history(random: &mut Random) -> History {
    let mut start = Situation { topics: vec![topic(random)], members: Vec::new() };
    start.members.extend((0..random.below(6)).map(|n| LabMember::new(format!("m{n}"))));
    let mut history = History::new(start).unwrap();
    for _ in 0..4 + random.below(14) {
        let next = step(random, &history.situation());
        // What cannot be is refused; that is another test.
        let _ = history.add(next);
    }
    history
}

#[test]
fn every_partition_that_is_read_has_one_owner_who_reads_it_and_every_sentence_has_words() {
    let mut said = vec![0; SENTENCES.len()];
    for seed in 0..80 {
        let mut random = Random(seed);
        let mut history = random_history(&mut random);
        assert_eq!(address::read(&address::write(&history)), Ok(Some(history.clone())));
        let mut walk = Walk::default();
        for at in 0..=history.steps().len() {
            history.go(at);
            let answer = walk.answer(&history);
            if at % 5 == 0 {
                assert_eq!(
                    answer,
                    Walk::default().answer(&history),
                    "a walk goes on as it would have gone from the start"
                );
            }
            let situation = history.situation();
            for column in &answer.columns {
                check_owners(&answer, column, &situation);
                check_words(column, &mut said);
            }
        }
    }
    let never: Vec<&str> =
        SENTENCES.iter().zip(&said).filter(|(_, n)| **n == 0).map(|(key, _)| *key).collect();
    assert!(never.is_empty(), "never said: {never:?}");
}

fn check_owners(answer: &Answer, column: &Column, situation: &Situation) {
    for ((topic, _), &owner) in answer.partitions().zip(&column.owners) {
        let is_read = situation.members.iter().any(|m| m.subscription.reads(topic));
        let owner = answer.rows.get(owner as usize).and_then(|row| situation.member(&row.member));
        assert_eq!(owner.is_some(), is_read, "{}: {topic} in {situation:?}", column.assignor.full_name());
        assert!(owner.is_none_or(|m| m.subscription.reads(topic)));
    }
    let cost = column.cost;
    assert!(cost.moved <= cost.paused || cost.rebalances == 0);
    // Two, but for racks and uneven subscriptions, where letting go may lead to another move.
    let is_plain = situation.members.iter().all(|m| m.rack.is_none() && m.subscription == Subscription::All);
    let most = match (column.assignor, is_plain) {
        (LabAssignor::CooperativeSticky, true) => 2,
        (LabAssignor::CooperativeSticky, false) => 8,
        _ => 1,
    };
    assert!(cost.rebalances <= most, "{cost:?} in {situation:?}");
}

fn check_words(column: &Column, said: &mut [usize]) {
    for message in column.reason.messages() {
        said[SENTENCES.iter().position(|key| *key == message.key).unwrap()] += 1;
        for language in [Language::English, Language::Korean] {
            let words = say(language, &message);
            assert!(!words.contains(['{', '}']) && words != message.key, "{words}");
        }
    }
}
