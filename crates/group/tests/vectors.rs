//! Our assignors against the answers of Apache Kafka 4.1.1, kept in `tests/vectors`; the format is told there.
//!
//! An answer `=!` is none: Kafka's assignor gave a partition to two members, to one that did not ask for it, or
//! threw. There ours only has to be sound.

#[path = "vectors/story.rs"]
mod story;

use std::path::PathBuf;
use story::{Group, Story};
use tablog_group::assignor::{Assignor, ServerAssignor};
use tablog_record::{SortedMap, SortedSet, TopicPartition};

/// Who owns what, by member id.
type Owned = SortedMap<String, Vec<TopicPartition>>;

#[track_caller]
fn check(name: &str, situations_min: usize, assign: impl Fn(&Group) -> Owned) {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/kept");
    // Another folder: to look further than what is kept.
    let folder = std::env::var_os("TABLOG_VECTORS").map_or_else(|| PathBuf::from(kept), PathBuf::from);
    let path = folder.join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut compared = 0;
    for mut story in Story::all(&text) {
        while let Some(expected) = story.next_answer() {
            let actual = assign(&story.group);
            if let Err(fault) = story.group.check_sound(&actual, name == "cooperative-sticky") {
                panic!("{name}: {fault}\n{}", story.told());
            }
            let Some(expected) = expected else { break };
            let letters = story.group.letters(&actual);
            assert_eq!(letters, expected, "{name}: ours is left\n{}", story.told());
            story.group.hear(actual);
            compared += 1;
        }
    }
    assert!(compared >= situations_min, "{name}: only {compared} situations");
}

fn client(assignor: Assignor) -> impl Fn(&Group) -> Owned {
    move |group| assignor.assign(&group.client_input(assignor))
}

fn server(assignor: ServerAssignor) -> impl Fn(&Group) -> Owned {
    move |group| group.named(&assignor.assign(&group.spec()))
}

#[test]
fn range_is_kafka_s() {
    check("range", 2_000, client(Assignor::Range));
}

#[test]
fn round_robin_is_kafka_s() {
    check("roundrobin", 2_000, client(Assignor::RoundRobin));
}

#[test]
fn sticky_is_kafka_s() {
    check("sticky", 2_000, client(Assignor::Sticky));
}

#[test]
fn cooperative_sticky_is_kafka_s() {
    check("cooperative-sticky", 2_000, client(Assignor::CooperativeSticky));
}

#[test]
fn the_broker_s_range_is_kafka_s() {
    check("server-range", 2_000, server(ServerAssignor::Range));
}

#[test]
fn uniform_is_kafka_s_where_all_subscribe_alike() {
    check("server-uniform", 2_000, |group| {
        let owned = server(ServerAssignor::Uniform)(group);
        let counts = owned.values().map(Vec::len);
        assert!(counts.clone().max() <= counts.min().map(|least| least + 1), "{owned:?}");
        owned
    });
}

#[test]
fn uniform_is_kafka_s_where_subscriptions_differ() {
    check("server-uniform-uneven", 2_000, |group| {
        let owned = server(ServerAssignor::Uniform)(group);
        assert_topics_are_even(group, &owned);
        owned
    });
}

/// Where all subscribers of a topic subscribe to the same, none of them could take one from another.
fn assert_topics_are_even(group: &Group, owned: &Owned) {
    for topic in group.topics.keys() {
        let subscribers: Vec<_> =
            group.members.iter().filter(|(_, member)| member.topics.contains(topic)).collect();
        let kinds: Vec<&SortedSet<String>> = subscribers.iter().map(|(_, member)| &member.topics).collect();
        if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
            continue;
        }
        let counts = subscribers.iter().map(|(id, _)| owned[id.as_str()].len());
        let most = subscribers.iter().filter(|(id, _)| owned[id.as_str()].iter().any(|p| p.topic == *topic));
        let most = most.map(|(id, _)| owned[id.as_str()].len()).max().unwrap_or(0);
        assert!(most <= counts.min().unwrap_or(0) + 1, "{topic} is uneven: {owned:?}");
    }
}
