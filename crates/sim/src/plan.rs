//! What a seed will be like, drawn before it begins.

use crate::chance::Chance;
use crate::faults::Power;
use crate::stamp::Promise;
use crate::workload::administration::Administration;
use crate::workload::membership::{Commits, Membership, Staying};
use crate::workload::producing::Producing;
use crate::workload::reading::Reading;
use tablog_client::{Assignor, GroupProtocol};
use tablog_record::Compression;

#[derive(Clone, Debug)]
pub struct Plan {
    pub trouble_ms: u64,
    pub fault_pause_ms_max: u64,
    pub power: Power,
    pub slow_commit_one_in: u64,
    pub partitions: i32,
    pub segment_bytes: u64,
    pub broker: Vec<(&'static str, String)>,
    pub producers: Vec<Producing>,
    pub members: Vec<Membership>,
    pub readers: Vec<Reading>,
    pub administration: Administration,
}

impl Plan {
    pub fn draw(chance: &mut Chance) -> Plan {
        let partitions = chance.between(1, 4) as i32;
        let power = if chance.one_in(4) { Power::MayFail } else { Power::Steady };
        let broker = vec![
            ("offsets.topic.num.partitions", chance.between(1, 3).to_string()),
            ("group.initial.rebalance.delay.ms", chance.between(0, 300).to_string()),
            ("group.min.session.timeout.ms", "1000".to_owned()),
            ("group.consumer.min.session.timeout.ms", "1000".to_owned()),
            ("group.consumer.session.timeout.ms", chance.between(1_500, 6_000).to_string()),
            ("group.consumer.min.heartbeat.interval.ms", "100".to_owned()),
            ("group.consumer.heartbeat.interval.ms", chance.between(200, 1_000).to_string()),
            ("num.partitions", "1".to_owned()),
            ("log.cleaner.backoff.ms", chance.between(500, 15_000).to_string()),
            ("log.retention.check.interval.ms", chance.between(1_000, 20_000).to_string()),
            ("advertised.listeners", "PLAINTEXT://broker-1.sim:9092".to_owned()),
            ("tablog.events.enable", (!chance.one_in(3)).to_string()),
        ];
        let producer_count = chance.between(2, 3);
        let weight = if chance.one_in(12) { Weight::Heavy } else { Weight::Light };
        let member_count = chance.between(2, 4);
        let assignors = match chance.below(4) {
            0 => vec![Assignor::CooperativeSticky],
            1 => vec![Assignor::Range],
            2 => vec![Assignor::RoundRobin],
            _ => vec![Assignor::Range, Assignor::CooperativeSticky],
        };
        Plan {
            trouble_ms: match weight {
                Weight::Light => chance.between(8_000, 20_000),
                Weight::Heavy => chance.between(4_000, 6_000),
            },
            slow_commit_one_in: match weight {
                Weight::Light => 40,
                Weight::Heavy => 2,
            },
            fault_pause_ms_max: *chance.pick(&[600, 1_500, 3_000]),
            power,
            partitions,
            segment_bytes: *chance.pick(&[1_500, 6_000, 40_000, 1_000_000]),
            broker,
            producers: (0..producer_count).map(|index| producing(chance, index, weight)).collect(),
            members: memberships(chance, member_count, &assignors),
            readers: (0..chance.between(1, 2)).map(|_| reading(chance)).collect(),
            administration: Administration {
                deletes_records: chance.one_in(2),
                partitions_end: if chance.one_in(3) { partitions + 2 } else { 0 },
            },
        }
    }
}

/// How large the records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Light,
    /// So large that a second commit goes out beside the first.
    Heavy,
}

/// The first one is idempotent in every seed.
fn producing(chance: &mut Chance, index: u64, weight: Weight) -> Producing {
    let promises =
        [Promise::ExactlyOnce, Promise::ExactlyOnce, Promise::Relaxed, Promise::AtLeastOnce, Promise::None];
    let compressions =
        [Compression::None, Compression::None, Compression::Snappy, Compression::Lz4, Compression::Gzip];
    Producing {
        promise: if index == 0 { Promise::ExactlyOnce } else { *chance.pick(&promises) },
        compression: *chance.pick(&compressions),
        linger_ms: chance.between(0, 20),
        batch_size: *chance.pick(&[100, 400, 2_000]),
        burst_records_max: match weight {
            Weight::Light => chance.between(1, 8),
            Weight::Heavy => 20,
        },
        pause_ms_max: match weight {
            Weight::Light => chance.between(20, 250),
            Weight::Heavy => 900,
        },
        padding: match weight {
            Weight::Light => chance.between(0, 60) as usize,
            Weight::Heavy => chance.between(40_000, 90_000) as usize,
        },
    }
}

/// A group of either kind, or both in one group, which goes from one kind to the other as they come and go.
fn memberships(chance: &mut Chance, count: u64, assignors: &[Assignor]) -> Vec<Membership> {
    use GroupProtocol::{Classic, Consumer};
    let protocols = *chance.pick(&[[Classic, Classic], [Consumer, Consumer], [Classic, Consumer]]);
    let groups = *chance.pick(&[["packers", "packers"], ["packers", "packers"], ["packers", "sorters"]]);
    (0..count as usize)
        .map(|index| Membership {
            group: groups[index % 2],
            protocol: protocols[index % 2],
            ..membership(chance, assignors)
        })
        .collect()
}

fn membership(chance: &mut Chance, assignors: &[Assignor]) -> Membership {
    Membership {
        group: "packers",
        protocol: GroupProtocol::Classic,
        work_ms_max: if chance.one_in(6) { 4_000 } else { 30 },
        assignors: assignors.to_vec(),
        session_timeout_ms: chance.between(1_500, 6_000),
        commits: if chance.one_in(2) { Commits::Automatic } else { Commits::ByHand },
        is_static: if chance.one_in(4) { Staying::Static } else { Staying::Dynamic },
    }
}

fn reading(chance: &mut Chance) -> Reading {
    Reading {
        fetch_max_wait_ms: chance.between(50, 500),
        max_partition_fetch_bytes: *chance.pick(&[300, 5_000, 1_048_576]),
        max_poll_records: chance.between(5, 500) as usize,
    }
}
