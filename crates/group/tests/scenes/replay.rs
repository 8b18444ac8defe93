//! Random lives of groups: whatever happens, the records alone say what is durable, every request gets exactly one
//! answer, and what a group believes of itself holds together.

use crate::scene::Scene;
use tablog_group::{CoordinatorRecord, Durable, GroupConfig, Shard, offsets_partition};
use tablog_record::SortedMap;

pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// One act, sensible more often than not: members are those that were seen, generations the last ones.
fn act(random: &mut Random, members: &[String], generation: i32) -> String {
    let group = random.pick(&["g", "g", "g", "h", "s"]);
    let known: Vec<&str> = members.iter().map(String::as_str).chain(["ghost"]).collect();
    let member = random.pick(&known);
    let generation = generation - random.below(5).saturating_sub(3) as i32;
    let instance = random.pick(&["", "", "", " instance=one", " instance=two"]);
    let session = random.pick(&["6000", "10000", "30000"]);
    let topics = random.pick(&["t", "t,u"]);
    match random.below(24) {
        0..3 => {
            format!("q join {group} client=c v=3 session={session} rebalance=15000 topics={topics}{instance}")
        }
        3 => format!("q join {group} client=c v=9 session={session} rebalance=15000{instance}"),
        4..8 => format!(
            "q join {group} member={member} session={session} rebalance=15000 topics={topics} protocols={}{}",
            random.pick(&["range", "range,sticky", "sticky"]),
            if random.below(8) == 0 { instance } else { "" },
        ),
        8..13 => {
            let given: Vec<String> = members.iter().map(|member| format!("{member}:t-0")).collect();
            format!("q sync {group} member={member} gen={generation} assign={}", given.join(";"))
        }
        13..15 => format!("q heartbeat {group} member={member} gen={generation}"),
        15 => format!("q leave {group} {member}"),
        16..18 => format!("q commit {group} member={member} gen={generation} t-{}=5", random.below(3)),
        18 => format!("q commit {group} u-{}=7", random.below(3)),
        19 => format!("q forget {group} t-0 u-0"),
        20 => format!("q delete {group}"),
        21 => format!("+{}", random.below(20_000)),
        22 => random.pick(&["topic-deleted t", "topic-deleted u", "+700000", "+0", "+0"]).to_owned(),
        _ => format!("q describe {group}"),
    }
}

pub fn replayed(log: &[CoordinatorRecord]) -> Durable {
    let mut shard = Shard::new(GroupConfig::default(), 0);
    for record in log {
        shard.replay(record).expect("our own records");
    }
    shard.durable().clone()
}

/// The last record of each key, as compaction leaves them once tombstones are old enough to go.
pub fn compacted(log: &[CoordinatorRecord]) -> Vec<CoordinatorRecord> {
    let last: SortedMap<_, _> = log.iter().enumerate().map(|(at, record)| (&record.key, at)).collect();
    let kept =
        log.iter().enumerate().filter(|(at, record)| last[&record.key] == *at && record.value.is_some());
    kept.map(|(_, record)| record.clone()).collect()
}

#[test]
fn the_records_alone_say_what_is_durable() {
    let mut done = SortedMap::new();
    for seed in 0..150 {
        let mut random = Random(seed);
        let config = GroupConfig {
            group_initial_rebalance_delay_ms: random.below(2) * 3_000,
            group_max_size: 5,
            offsets_retention_ms: 1_000_000,
            ..GroupConfig::default()
        };
        let mut scene = Scene::new(config);
        let mut members: Vec<String> = Vec::new();
        let mut generation = 0;
        for _ in 0..200 {
            let line = act(&mut random, &members, generation);
            for out in scene.act(&line) {
                let words: Vec<&str> = out.split_whitespace().collect();
                for word in &words {
                    *done.entry((*word).to_owned()).or_insert(0) += 1;
                }
                for word in words {
                    let word = word.split('[').next().unwrap_or_default();
                    if word.contains('#') && !word.contains(['=', ':']) && !members.iter().any(|m| m == word)
                    {
                        members.push(word.to_owned());
                    }
                    if let Some(number) =
                        word.strip_prefix("gen=").and_then(|text| text.trim_end_matches(':').parse().ok())
                    {
                        generation = number;
                    }
                }
            }
            if members.len() > 8 {
                members.remove(0);
            }
            scene.shard.check_consistency();
            assert_eq!(*scene.shard.durable(), replayed(&scene.log), "seed {seed}: {line}");
        }
        assert_eq!(*scene.shard.durable(), replayed(&compacted(&scene.log)), "seed {seed} compacted");
        // Everybody who waits is let go in the end, and nobody was answered twice.
        scene.act("+900000");
        assert_eq!(scene.unanswered(), 0, "seed {seed}");
        scene.act("crash");
        scene.shard.check_consistency();
        scene.act("+2000000");
        let members_left: usize = scene.shard.member_count();
        assert_eq!(members_left, 0, "seed {seed}");
    }
    for happened in [
        "joined",
        "assigned",
        "fenced",
        "left",
        "session-expired",
        "missed-sync",
        "missed-rebalance",
        "expired",
        "UNKNOWN_MEMBER_ID",
        "ILLEGAL_GENERATION",
        "FENCED_INSTANCE_ID",
        "GROUP_MAX_SIZE_REACHED",
        "MEMBER_ID_REQUIRED",
        "REBALANCE_IN_PROGRESS",
        "NON_EMPTY_GROUP",
    ] {
        assert!(done.get(happened).is_some_and(|count| *count > 3), "{happened} hardly ever happened");
    }
}

#[test]
fn one_seed_gives_one_life() {
    let live = |seed| {
        let mut random = Random(seed);
        let mut scene = Scene::new(GroupConfig::default());
        (0..200).flat_map(|_| scene.act(&act(&mut random, &[], 1))).collect::<Vec<_>>()
    };
    assert_eq!(live(1), live(1));
    assert_ne!(live(1), live(2));
}

#[test]
fn records_that_are_no_records_are_errors_and_unknown_types_are_skipped() {
    use bytes::Bytes;
    let mut scene = Scene::new(GroupConfig { group_initial_rebalance_delay_ms: 0, ..Default::default() });
    for line in [
        "a join g v=3",
        "+0",
        "a sync g member=c#1 gen=1 assign=c#1:t-0,u-1",
        "a commit g member=c#1 gen=1 t-0=1@note",
    ] {
        scene.act(line);
    }
    let mut shard = Shard::new(GroupConfig::default(), 0);
    for record in &scene.log {
        for end in 0..record.key.len() {
            let cut = CoordinatorRecord { key: record.key.slice(..end), value: record.value.clone() };
            assert!(shard.replay(&cut).is_err(), "a key of {end} bytes");
        }
        let value = record.value.clone().expect("a value");
        for end in 0..value.len() {
            let cut = CoordinatorRecord { key: record.key.clone(), value: Some(value.slice(..end)) };
            assert!(shard.replay(&cut).is_err(), "a value of {end} bytes");
        }
        // Any byte may be any other: no panic, whatever the result.
        for at in 0..value.len() {
            let mut bytes = value.to_vec();
            bytes[at] ^= 0xff;
            let bent = CoordinatorRecord { key: record.key.clone(), value: Some(Bytes::from(bytes)) };
            let _ = shard.replay(&bent);
        }
    }
    shard.loaded(scene.now);
    let unknown = CoordinatorRecord {
        key: Bytes::from_static(&[0, 99, 0, 1, b'g']),
        value: Some(Bytes::from_static(b"?")),
    };
    assert_eq!(shard.replay(&unknown), Ok(()));
    assert_eq!(shard.durable().skipped(), 1);
}

#[test]
fn groups_map_to_partitions_by_java_s_hash() {
    for (group_id, partition) in [
        ("", 0),
        ("flights-readers", 42),
        ("polygenelubricants", 0),
        ("группа", 8),
        ("console-consumer-12345", 6),
        ("😀", 49),
    ] {
        assert_eq!(offsets_partition(group_id, 50), partition, "{group_id}");
    }
    assert_eq!(offsets_partition("flights-readers", 4), 1_327_299_142 % 4);
}
