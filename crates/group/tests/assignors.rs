//! What the assignors promise: examples in text, then random groups.
//!
//! An example is a line a member (`name/instance topics owned @generation`), then topics with their partition
//! counts; the answer is a line a member.

use tablog_group::assignor::{Assignment, Assignor, Input, Member, TopicMetadata};
use tablog_record::{SortedMap, SortedSet, TopicPartition};

#[track_caller]
fn check(assignor: Assignor, topics: &str, members: &str, expected: &str) {
    let input = Input { members: lines(members).map(member).collect(), topics: topic_counts(topics) };
    let actual: Vec<String> =
        assignor.assign(&input).iter().map(|(id, owned)| format!("{id}: {}", names(owned))).collect();
    let actual: Vec<&str> = actual.iter().map(|line| line.trim_end()).collect();
    assert_eq!(actual, lines(expected).collect::<Vec<_>>(), "{}", assignor.name());
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn names(owned: &[TopicPartition]) -> String {
    owned.iter().map(TopicPartition::to_string).collect::<Vec<_>>().join(" ")
}

fn topic_counts(text: &str) -> SortedMap<String, TopicMetadata> {
    let topics = text.split_whitespace().map(|word| word.split_once(':').expect("topic:count"));
    topics
        .map(|(name, count)| {
            (
                name.to_owned(),
                TopicMetadata {
                    partition_count: count.parse().expect("a count"),
                    ..TopicMetadata::default()
                },
            )
        })
        .collect()
}

fn member(line: &str) -> Member {
    let mut words = line.split_whitespace();
    let name = words.next().expect("a name");
    let (id, instance) = name.split_once('/').map_or((name, None), |(id, instance)| (id, Some(instance)));
    let topics = words.next().unwrap_or("-");
    let mut member = Member {
        id: id.to_owned(),
        group_instance_id: instance.map(str::to_owned),
        topics: topics.split(',').filter(|name| *name != "-").map(str::to_owned).collect(),
        ..Member::default()
    };
    for word in words {
        match word.strip_prefix('@') {
            Some(generation) => member.generation = Some(generation.parse().expect("a generation")),
            None => {
                let (topic, partition) = word.rsplit_once('-').expect("topic-partition");
                let partition = partition.parse().expect("a partition");
                member.owned_partitions.push(TopicPartition::new(topic, partition));
            }
        }
    }
    member
}

#[test]
fn range_cuts_each_topic_by_itself() {
    check(Assignor::Range, "t:3 u:3", "c0 t,u\n c1 t,u", "c0: t-0 t-1 u-0 u-1\n c1: t-2 u-2");
    check(Assignor::Range, "t:2", "a t\n b t\n c t", "a: t-0\n b: t-1\n c:");
    check(Assignor::Range, "t:7", "a t\n b t\n c t", "a: t-0 t-1 t-2\n b: t-3 t-4\n c: t-5 t-6");
    check(Assignor::Range, "t:2 u:3", "a t\n b t,u,gone\n c -", "a: t-0\n b: t-1 u-0 u-1 u-2\n c:");
}

#[test]
fn range_orders_static_members_by_instance_before_the_others() {
    check(Assignor::Range, "t:3", "z/i1 t\n a t\n y/i2 t", "a: t-2\n y: t-1\n z: t-0");
}

#[test]
fn members_are_ordered_as_java_orders_strings() {
    // U+FF5E is one UTF-16 unit above the surrogates that U+1F600 is made of.
    check(Assignor::Range, "t:1", "～ t\n 😀 t", "～:\n 😀: t-0");
    check(Assignor::Sticky, "t:1", "～ t\n 😀 t", "～:\n 😀: t-0");
}

#[test]
fn round_robin_deals_out_all_topics_in_turn() {
    check(Assignor::RoundRobin, "t:3 u:3", "c0 t,u\n c1 t,u", "c0: t-0 t-2 u-1\n c1: t-1 u-0 u-2");
    check(
        Assignor::RoundRobin,
        "t:1 u:2 v:3",
        "a t\n b t,u\n c t,u,v",
        "a: t-0\n b: u-0\n c: u-1 v-0 v-1 v-2",
    );
}

#[test]
fn cooperative_sticky_starts_even() {
    check(Assignor::CooperativeSticky, "t:6", "a t\n b t\n c t", "a: t-0 t-3\n b: t-1 t-4\n c: t-2 t-5");
    check(Assignor::CooperativeSticky, "t:1", "a t\n b t", "a: t-0\n b:");
    check(Assignor::CooperativeSticky, "", "a t\n b t", "a:\n b:");
}

#[test]
fn cooperative_sticky_withholds_what_is_still_owned() {
    // d is to get t-4 or so, but only once its owner has let go.
    check(
        Assignor::CooperativeSticky,
        "t:6",
        "a t t-0 t-3 @1\n b t t-1 t-4 @1\n c t t-2 t-5 @1\n d t",
        "a: t-0 t-3\n b: t-1 t-4\n c: t-2\n d:",
    );
    check(
        Assignor::CooperativeSticky,
        "t:6",
        "a t t-0 t-3 @2\n b t t-1 t-4 @2\n c t t-2 @2\n d t @2",
        "a: t-0 t-3\n b: t-1 t-4\n c: t-2\n d: t-5",
    );
}

#[test]
fn cooperative_sticky_spreads_what_a_leaver_had() {
    check(
        Assignor::CooperativeSticky,
        "t:6",
        "a t t-0 t-3 @1\n c t t-2 t-5 @1",
        "a: t-0 t-3 t-1\n c: t-2 t-5 t-4",
    );
}

#[test]
fn an_old_generation_s_claim_gives_way() {
    check(Assignor::CooperativeSticky, "t:2", "a t t-0 t-1 @1\n b t t-0 @2", "a: t-1\n b: t-0");
    // Two claims of one generation cancel: nobody may go on with it, and it is handed out in the next round.
    check(Assignor::CooperativeSticky, "t:2", "a t t-0 @2\n b t t-0 @2", "a:\n b: t-1");
}

#[test]
fn a_claim_of_what_does_not_exist_is_dropped() {
    check(Assignor::CooperativeSticky, "t:2", "a t t-0 t-7 t--1 gone-0 @1\n b t t-1 @1", "a: t-0\n b: t-1");
}

#[test]
fn sticky_remembers_through_user_data() {
    let owned = [TopicPartition::new("t", 1), TopicPartition::new("t", 3)];
    let member = |id: &str, owned: &[TopicPartition]| Member {
        id: id.to_owned(),
        topics: vec!["t".to_owned()],
        user_data: Assignor::Sticky.user_data(owned, 4),
        ..Member::default()
    };
    let input = Input { members: vec![member("a", &[]), member("b", &owned)], topics: topic_counts("t:4") };
    let assignment = Assignor::Sticky.assign(&input);
    assert_eq!(names(&assignment["b"]), "t-1 t-3");
    assert_eq!(names(&assignment["a"]), "t-0 t-2");
}

#[test]
fn members_with_different_topics_are_evened_out() {
    // KIP-54's example: c0 reads t0, c1 t0 and t1, c2 all three; then c0 goes.
    check(
        Assignor::CooperativeSticky,
        "t0:1 t1:2 t2:3",
        "c0 t0\n c1 t0,t1\n c2 t0,t1,t2",
        "c0: t0-0\n c1: t1-0 t1-1\n c2: t2-0 t2-1 t2-2",
    );
    check(
        Assignor::CooperativeSticky,
        "t0:1 t1:2 t2:3",
        "c1 t0,t1 t1-0 t1-1 @1\n c2 t0,t1,t2 t2-0 t2-1 t2-2 @1",
        "c1: t0-0 t1-0 t1-1\n c2: t2-0 t2-1 t2-2",
    );
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn random_input(random: &mut Random, alike: bool) -> Input {
    let topics: Vec<String> = (0..1 + random.below(4)).map(|n| format!("t{n}")).collect();
    let members = (0..1 + random.below(6)).map(|n| Member {
        id: format!("m{n}"),
        topics: topics.iter().filter(|_| alike || random.below(3) > 0).cloned().collect(),
        ..Member::default()
    });
    let members = members.collect();
    let counts = topics.iter().map(|name| {
        (name.clone(), TopicMetadata { partition_count: random.below(7) as i32, ..TopicMetadata::default() })
    });
    Input { topics: counts.collect(), members }
}

/// Everything that somebody reads is owned once, by somebody who reads it, but for what is withheld.
fn assert_sound(input: &Input, assignment: &Assignment, withheld: usize) {
    let mut owned = SortedSet::new();
    for member in &input.members {
        for partition in &assignment[&member.id] {
            assert!(member.topics.contains(&partition.topic), "{input:?} {assignment:?}");
            assert!(owned.insert(partition.clone()), "{partition} twice: {input:?} {assignment:?}");
        }
    }
    let read: SortedSet<&String> = input.members.iter().flat_map(|member| &member.topics).collect();
    let wanted: i32 =
        read.iter().filter_map(|topic| input.topics.get(*topic)).map(|t| t.partition_count).sum();
    assert_eq!(owned.len() + withheld, wanted as usize, "{input:?} {assignment:?}");
}

/// Nobody owns a partition that somebody with at least two fewer could have.
fn assert_no_move_helps(input: &Input, assignment: &Assignment) {
    for poor in &input.members {
        for (rich, owned) in assignment {
            let helps = owned.len() > assignment[&poor.id].len() + 1
                && owned.iter().any(|partition| poor.topics.contains(&partition.topic));
            assert!(!helps, "{rich} could give to {}: {input:?} {assignment:?}", poor.id);
        }
    }
}

/// As consumers do: what was assigned is owned when the group is joined again.
fn rejoin(input: &mut Input, assignment: &Assignment, generation: i32) {
    for member in &mut input.members {
        member.owned_partitions = assignment[&member.id].clone();
        member.generation = Some(generation);
    }
}

#[test]
fn every_assignor_gives_each_partition_to_one_reader() {
    for seed in 0..2_000 {
        let mut random = Random(seed);
        let input = random_input(&mut random, seed % 2 == 0);
        for assignor in Assignor::ALL {
            let assignment = assignor.assign(&input);
            assert_sound(&input, &assignment, 0);
            if matches!(assignor, Assignor::Sticky | Assignor::CooperativeSticky) {
                assert_no_move_helps(&input, &assignment);
            }
            if seed % 2 == 0 && assignor != Assignor::Range {
                let counts = assignment.values().map(Vec::len);
                assert!(
                    counts.clone().max() <= counts.min().map(|least| least + 1),
                    "{assignor:?} {input:?}"
                );
            }
        }
    }
}

#[test]
fn cooperative_sticky_moves_little_and_never_what_is_owned() {
    let mut moved_in_all = 0;
    for seed in 0..2_000 {
        let mut random = Random(seed);
        let alike = seed % 2 == 0;
        let mut input = random_input(&mut random, alike);
        let mut assignment = Assignor::CooperativeSticky.assign(&input);
        for generation in 1..8 {
            rejoin(&mut input, &assignment, generation);
            let again = Assignor::CooperativeSticky.assign(&input);
            assert_eq!(sorted(&again), sorted(&assignment), "nothing changed, nothing moves: seed {seed}");
            // Somebody goes, somebody comes, a topic grows.
            match random.below(3) {
                0 if input.members.len() > 1 => {
                    let at = random.below(input.members.len() as u64) as usize;
                    input.members.remove(at);
                }
                1 => {
                    let topics = input.members[0].topics.clone();
                    input.members.push(Member { id: format!("n{generation}"), topics, ..Member::default() });
                }
                _ => {
                    let at = random.below(input.topics.len() as u64) as usize;
                    let topic = input.topics.values_mut().nth(at).expect("a topic");
                    topic.partition_count += 2;
                }
            }
            let owner =
                owners(&input.members.iter().map(|m| (m.id.clone(), m.owned_partitions.clone())).collect());
            let first = Assignor::CooperativeSticky.assign(&input);
            for (partition, member) in owners(&first) {
                if let Some(before) = owner.get(&partition) {
                    assert_eq!(*before, member, "{partition} was still owned: seed {seed}");
                }
            }
            let kept = owners(&first).keys().filter(|partition| owner.contains_key(*partition)).count();
            moved_in_all += owner.len() - kept;
            rejoin(&mut input, &first, generation);
            assignment = Assignor::CooperativeSticky.assign(&input);
            assert_sound(&input, &assignment, 0);
            if alike {
                let counts = assignment.values().map(Vec::len);
                assert!(
                    counts.clone().max() <= counts.min().map(|least| least + 1),
                    "seed {seed} {assignment:?}"
                );
                // No more moves than it takes: a member above the larger quota gives up just what is too much.
                let most = assignment.values().map(Vec::len).max().unwrap_or(0);
                let least = assignment.values().map(Vec::len).min().unwrap_or(0);
                for member in &input.members {
                    let before = owner.values().filter(|owner| **owner == member.id).count();
                    let kept = first[&member.id].iter().filter(|p| owner.contains_key(*p)).count();
                    assert!(kept >= before.min(least) && kept <= most, "seed {seed}");
                }
            }
        }
    }
    assert!(moved_in_all > 1_000, "the test moved hardly anything: {moved_in_all}");
}

fn sorted(assignment: &Assignment) -> SortedMap<String, SortedSet<TopicPartition>> {
    assignment.iter().map(|(id, owned)| (id.clone(), owned.iter().cloned().collect())).collect()
}

fn owners(assignment: &Assignment) -> SortedMap<TopicPartition, String> {
    assignment.iter().flat_map(|(id, owned)| owned.iter().map(move |p| (p.clone(), id.clone()))).collect()
}
