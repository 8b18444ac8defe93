//! Every assignor at 1,000 members and 10,000 partitions; beside it the Java one, where `TABLOG_JAVA_TIMES` names a
//! file with its times. Sticky with uneven subscriptions is measured at a tenth of that: in Java it takes a minute.
//! What counts is the fastest of some runs: the others were disturbed.
//!
//! The situations are those of `tests/vectors`, Bench.java: 100 topics of 100 partitions, to which all subscribe
//! (uneven: half of them each, shifted by member); then ten of the members are gone.

#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::hint::black_box;
use std::time::{Duration, Instant};
use tablog_group::assignor::{
    Assignor, GroupSpec, Input, Member, MemberSpec, ServerAssignor, TopicMetadata, TopicSpec,
};
use tablog_record::Uuid;

const MEMBERS: usize = 1_000;
const TOPICS: usize = 100;
const PARTITIONS_EACH: i32 = 100;
const RUNS: usize = 31;

fn main() {
    let java = std::env::var("TABLOG_JAVA_TIMES").ok().and_then(|path| std::fs::read_to_string(path).ok());
    let java = java.unwrap_or_default();
    for assignor in Assignor::ALL {
        client(assignor.name(), assignor, MEMBERS, Subscriptions::Even, &java);
    }
    client("sticky-uneven", Assignor::Sticky, MEMBERS / 10, Subscriptions::Uneven, &java);
    server("server-range", ServerAssignor::Range, Subscriptions::Even, &java);
    server("server-uniform", ServerAssignor::Uniform, Subscriptions::Even, &java);
    server("server-uniform-uneven", ServerAssignor::Uniform, Subscriptions::Uneven, &java);
}

#[derive(Clone, Copy, PartialEq)]
enum Subscriptions {
    Even,
    Uneven,
}

impl Subscriptions {
    /// The places of the topics that a member subscribes to.
    fn of(self, member: usize, topics: usize) -> impl Iterator<Item = usize> {
        (0..topics).filter(move |topic| self == Subscriptions::Even || (topic + member) % topics < topics / 2)
    }
}

fn client(name: &str, assignor: Assignor, members: usize, subscriptions: Subscriptions, java: &str) {
    let topics = members * TOPICS / MEMBERS;
    let members_of = |member| Member {
        id: member_id(member),
        topics: subscriptions.of(member, topics).map(topic_name).collect(),
        ..Member::default()
    };
    let metadata = TopicMetadata { partition_count: PARTITIONS_EACH, ..TopicMetadata::default() };
    let mut input = Input {
        members: (0..members).map(members_of).collect(),
        topics: (0..topics).map(|topic| (topic_name(topic), metadata.clone())).collect(),
    };
    print(name, "new", fastest(|| assignor.assign(&input)), java);
    let assignment = assignor.assign(&input);
    let mut place = 0;
    input.members.retain(|_| {
        place += 1;
        (place - 1) % (members / 10) != 0
    });
    for member in &mut input.members {
        let owned = &assignment[member.id.as_str()];
        member.user_data = assignor.user_data(owned, 1);
        member.generation = Some(1);
        // Whoever is eager let go of everything.
        member.owned_partitions = if assignor == Assignor::Sticky { Vec::new() } else { owned.clone() };
    }
    print(name, "ten-left", fastest(|| assignor.assign(&input)), java);
}

fn server(name: &str, assignor: ServerAssignor, subscriptions: Subscriptions, java: &str) {
    let ids: Vec<Uuid> = (0..TOPICS as u64).map(topic_id).collect();
    let spec_of = |member| MemberSpec {
        subscribed_topic_ids: subscriptions.of(member, TOPICS).map(|topic| ids[topic]).collect(),
        ..MemberSpec::default()
    };
    let topics = ids
        .iter()
        .enumerate()
        .map(|(topic, &id)| (id, TopicSpec { name: topic_name(topic), partition_count: PARTITIONS_EACH }));
    let members = (0..MEMBERS).map(|member| (member_id(member), spec_of(member)));
    let mut group = GroupSpec::new(members.collect(), topics.collect());
    print(name, "new", fastest(|| assignor.assign(&group)), java);
    for (id, target) in assignor.assign(&group) {
        if let Some(member) = group.members.get_mut(&id) {
            member.target = target;
        }
    }
    for leaver in (0..MEMBERS).step_by(MEMBERS / 10) {
        group.members.remove(&member_id(leaver));
    }
    print(name, "ten-left", fastest(|| assignor.assign(&group)), java);
}

fn fastest<T>(mut run: impl FnMut() -> T) -> Duration {
    let times = (0..RUNS).map(|_| {
        let begin = Instant::now();
        let answer = run();
        let elapsed = begin.elapsed();
        // Java's collector does its work at another time, too.
        drop(black_box(answer));
        elapsed
    });
    times.min().unwrap_or_default()
}

fn print(name: &str, situation: &str, ours: Duration, java: &str) {
    let label = format!("{name} {situation} ");
    let theirs = java.lines().find_map(|line| line.strip_prefix(&label)?.parse::<u64>().ok());
    let beside = theirs.map(Duration::from_nanos).map(|theirs| {
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        format!("; Apache Kafka's {:>9.3} ms, warm: {ratio:.2} of its time", theirs.as_secs_f64() * 1e3)
    });
    println!("{name:<22} {situation:<9} {:>8.3} ms{}", ours.as_secs_f64() * 1e3, beside.unwrap_or_default());
}

fn member_id(number: usize) -> String {
    format!("consumer-{number:04}")
}

fn topic_name(number: usize) -> String {
    format!("topic-{number:03}")
}

fn topic_id(number: u64) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&0x0123_4567_89ab_cdef_u64.wrapping_mul(number + 1).to_be_bytes());
    bytes[8..].copy_from_slice(&0xfedc_ba98_7654_3210_u64.wrapping_mul(number + 3).to_be_bytes());
    Uuid(bytes)
}
