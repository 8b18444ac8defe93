//! Members that lie, bytes that are no subscription, groups that are too large: every assignor still gives each
//! partition to one member that asked for it, the same to the same input, and does not fall over.

use bytes::Bytes;
use tablog_group::assignor::{
    Assignment, Assignor, GroupSpec, Input, Member, MemberSpec, PartitionsByTopic, ServerAssignor,
    SubscriptionType, TopicMetadata, TopicSpec,
};
use tablog_group::consumer_protocol::ConsumerSubscription;
use tablog_record::{SortedMap, SortedSet, TopicPartition, Uuid};

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn topics(counts: &[i32]) -> SortedMap<String, TopicMetadata> {
    let topic = |(place, &partition_count): (usize, &i32)| {
        (format!("t{place}"), TopicMetadata { partition_count, ..TopicMetadata::default() })
    };
    counts.iter().enumerate().map(topic).collect()
}

fn reader(id: &str, topics: &[&str]) -> Member {
    Member {
        id: id.to_owned(),
        topics: topics.iter().map(|&name| name.to_owned()).collect(),
        ..Member::default()
    }
}

#[track_caller]
fn assert_sound(assignor: Assignor, input: &Input) -> Assignment {
    let assignment = assignor.assign(input);
    let ids: SortedSet<&str> = input.members.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(assignment.len(), ids.len());
    let mut owned = SortedSet::new();
    for (id, partitions) in &assignment {
        for partition in partitions {
            let asked = |member: &Member| member.id == *id && member.topics.contains(&partition.topic);
            assert!(input.members.iter().any(asked), "{assignor:?}: {partition} went to {id}");
            let count = input.topics[partition.topic.as_str()].partition_count;
            assert!((0..count).contains(&partition.partition), "{assignor:?}: there is no {partition}");
            assert!(owned.insert(partition.clone()), "{assignor:?}: {partition} twice");
        }
    }
    let is_read = |name: &String| input.members.iter().any(|member| member.topics.contains(name));
    let wanted: i32 = input
        .topics
        .iter()
        .filter(|(name, _)| is_read(name))
        .map(|(_, topic)| topic.partition_count.max(0))
        .sum();
    assert!(assignor == Assignor::CooperativeSticky || owned.len() == wanted as usize, "{assignor:?}");
    assert_eq!(assignor.assign(input), assignment, "{assignor:?}");
    assignment
}

#[test]
fn liars_get_no_more_than_others() {
    for seed in 0..400 {
        let mut random = Random(seed);
        let mut topics = topics(&[random.below(9) as i32, random.below(9) as i32, -1]);
        for topic in topics.values_mut() {
            // Fewer than partitions, or more; replicas of one partition in one rack.
            let mut rack = || ["a", "b", "c"][random.below(3) as usize].to_owned();
            topic.replica_racks = (0..7).map(|_| vec![rack(), rack()]).collect();
        }
        let member = |random: &mut Random, place: u64| {
            let names = ["t0", "t1", "t2", "gone", "t0"];
            let names: Vec<&str> = names.into_iter().filter(|_| random.below(3) > 0).collect();
            // Names may repeat: two members of one id.
            let mut member = reader(&format!("m{}", random.below(place + 3)), &names);
            for _ in 0..random.below(30) {
                let partition =
                    [random.below(9) as i32, -1, i32::MAX, i32::MIN][random.below(6).min(3) as usize];
                let topic = ["t0", "t1", "t2", "gone", ""][random.below(5) as usize];
                member.owned_partitions.push(TopicPartition::new(topic, partition));
            }
            let generation = [7, 8, i32::MAX, i32::MIN, -1][random.below(5) as usize];
            member.generation = Some(generation).filter(|_| random.below(2) == 0);
            member.user_data = Assignor::Sticky.user_data(&member.owned_partitions, generation);
            member.rack_id = Some(["", "a", "b"][random.below(3) as usize].to_owned());
            member
        };
        let members = (0..1 + random.below(6)).map(|place| member(&mut random, place)).collect();
        let input = Input { members, topics };
        for assignor in Assignor::ALL {
            // Of two members with one id the first counts; soundness is asked of both together.
            let mut seen = SortedSet::new();
            let mut once = input.clone();
            once.members.retain(|member| seen.insert(member.id.clone()));
            assert_eq!(assert_sound(assignor, &once), assignor.assign(&input), "{assignor:?}, seed {seed}");
        }
    }
}

#[test]
fn user_data_that_cannot_be_read_claims_nothing() {
    // Otherwise they would stay where they are; and without claims b gets the others.
    let owned = [TopicPartition::new("t0", 0), TopicPartition::new("t0", 2)];
    let whole = Assignor::Sticky.user_data(&owned, 4).expect("user data");
    let hostile =
        [&b"\xff\xff\xff\xff"[..], b"\x7f\xff\xff\xff", b"\x00\x00\x00\x01\x00\x02t0\x7f\xff\xff\xff"];
    let cut_short = (0..whole.len() - 4).map(|end| whole.slice(..end));
    for data in cut_short.chain(hostile.map(Bytes::from_static)) {
        let mut liar = reader("b", &["t0"]);
        liar.user_data = Some(data);
        let input = Input { members: vec![reader("a", &["t0"]), liar], topics: topics(&[4]) };
        let assignment = assert_sound(Assignor::Sticky, &input);
        assert_eq!(assignment["b"], [TopicPartition::new("t0", 1), TopicPartition::new("t0", 3)]);
    }
    let mut honest = reader("b", &["t0"]);
    honest.user_data = Some(whole);
    let input = Input { members: vec![reader("a", &["t0"]), honest], topics: topics(&[4]) };
    assert_eq!(assert_sound(Assignor::Sticky, &input)["b"], owned);
}

#[test]
fn a_subscription_that_is_cut_short_is_refused_wherever_it_ends() {
    let whole = ConsumerSubscription {
        topics: vec!["t0".to_owned()],
        user_data: Some(Bytes::from_static(b"data")),
        owned_partitions: vec![TopicPartition::new("t0", 1)],
        generation: 4,
        rack_id: Some("a".to_owned()),
    }
    .encode(3);
    assert!(Member::from_metadata("m", None, whole.clone()).is_ok());
    for end in 0..whole.len() {
        assert!(Member::from_metadata("m", None, whole.slice(..end)).is_err(), "{end} bytes");
    }
    // Lengths that no bytes stand behind allocate nothing.
    for start in 0..whole.len() - 4 {
        let mut bytes = whole.to_vec();
        bytes[start..start + 4].copy_from_slice(&i32::MAX.to_be_bytes());
        let _ = Member::from_metadata("m", None, Bytes::from(bytes));
    }
}

#[test]
fn a_subscription_to_nothing_gets_nothing() {
    for assignor in Assignor::ALL {
        // The first by id, the last, and all.
        for members in [
            vec![reader("a", &[]), reader("b", &["t0"]), reader("c", &["t0"])],
            vec![reader("a", &["t0"]), reader("b", &["t0"]), reader("c", &[])],
            vec![reader("a", &[]), reader("b", &["gone"])],
            vec![reader("a", &[]), reader("b", &[])],
            vec![],
        ] {
            assert_sound(assignor, &Input { members, topics: topics(&[5]) });
        }
    }
}

#[test]
fn ten_thousand_members_are_served() {
    for alike in [true, false] {
        let members = (0..10_000).map(|place| {
            let names: &[&str] = if alike || place % 2 == 0 { &["t0", "t1"] } else { &["t1", "t2"] };
            let mut member = reader(&format!("m{place}"), names);
            // All of them claim the same, too.
            member.owned_partitions = (0..3).map(|partition| TopicPartition::new("t1", partition)).collect();
            member.generation = Some(place % 5);
            member.user_data = Assignor::Sticky.user_data(&member.owned_partitions, place % 5);
            member
        });
        let input = Input { members: members.collect(), topics: topics(&[300, 200, 600]) };
        for assignor in Assignor::ALL {
            assert_eq!(assignor.assign(&input).len(), 10_000);
        }
        let ids: Vec<Uuid> = (0..3).map(|place| Uuid::from_random(place, place)).collect();
        let spec = |place: usize| MemberSpec {
            subscribed_topic_ids: if alike || place.is_multiple_of(2) { &ids[..2] } else { &ids[1..] }
                .iter()
                .copied()
                .collect(),
            ..MemberSpec::default()
        };
        let specs = (0..10_000).map(|place| (format!("m{place}"), spec(place)));
        let counts = ids.iter().zip([300, 200, 600]);
        let topics =
            counts.map(|(&id, partition_count)| (id, TopicSpec { name: String::new(), partition_count }));
        let group = GroupSpec::new(specs.collect(), topics.collect());
        for assignor in ServerAssignor::ALL {
            assert_eq!(assignor.assign(&group).len(), 10_000);
        }
    }
}

#[test]
fn a_target_that_cannot_be_is_kept_as_far_as_it_can() {
    let [known, other, gone] = [1, 2, 3].map(|number| Uuid::from_random(number, number));
    let target = |partitions: &[i32]| -> PartitionsByTopic {
        [known, other, gone].into_iter().map(|topic| (topic, partitions.to_vec())).collect()
    };
    let member = |topics: &[Uuid], partitions: &[i32]| MemberSpec {
        subscribed_topic_ids: topics.iter().copied().collect(),
        target: target(partitions),
        ..MemberSpec::default()
    };
    let members: SortedMap<String, MemberSpec> = SortedMap::from([
        ("a".to_owned(), member(&[known, gone], &[-1, 0, 0, 1, 7, i32::MAX])),
        ("b".to_owned(), member(&[known, gone], &[0, 1, 2])),
    ]);
    let topics = [(known, 4), (other, -1)];
    let topics = topics.map(|(id, partition_count)| (id, TopicSpec { name: String::new(), partition_count }));
    for subscription_type in [SubscriptionType::Homogeneous, SubscriptionType::Heterogeneous] {
        for assignor in ServerAssignor::ALL {
            let group = GroupSpec {
                members: members.clone(),
                topics: SortedMap::from(topics.clone()),
                subscription_type,
            };
            let assignment = assignor.assign(&group);
            let mut owned: Vec<(Uuid, i32)> = Vec::new();
            for by_topic in assignment.values() {
                owned.extend(
                    by_topic.iter().flat_map(|(&topic, all)| all.iter().map(move |&one| (topic, one))),
                );
            }
            owned.sort();
            assert_eq!(owned, [0, 1, 2, 3].map(|partition| (known, partition)), "{assignor:?}");
            assert!(assignment.values().all(|by_topic| by_topic[&known].len() == 2), "{assignor:?}");
        }
    }
}
