//! Random lives of consumer groups: members that keep to the protocol, some that freeze or vanish, some of the classic
//! protocol, topics that come and go, crashes. No partition ever has two owners, and in the end every one has one.

use crate::replay::{Random, compacted, replayed};
use crate::scene::Scene;
use tablog_group::GroupConfig;
use tablog_record::SortedSet;

/// A consumer as the protocol wants it: it lets go first, says so, and takes what it is given.
#[derive(Debug, Default)]
struct Consumer {
    id: String,
    epoch: i32,
    owned: SortedSet<String>,
    /// What it was last told to own.
    told: Option<SortedSet<String>>,
    is_frozen: bool,
    /// An answer was lost: the next request says and asks everything.
    is_unsure: bool,
}

impl Consumer {
    fn beat(&mut self, random: &mut Random, scene: &mut Scene) {
        if let Some(told) = &self.told
            && random.below(3) > 0
        {
            // Revoked first, which takes a heartbeat to be known; only then is the new taken.
            let excess: Vec<String> = self.owned.difference(told).cloned().collect();
            if excess.is_empty() {
                self.owned = told.clone();
                self.told = None;
            }
            self.owned.retain(|place| !excess.contains(place));
        }
        let owned: Vec<&str> = self.owned.iter().map(String::as_str).collect();
        let (id, epoch, owned) = (&self.id, self.epoch, owned.join(","));
        let line = match epoch {
            0 => format!("q beat g member={id} topics=t,u rebalance=20000"),
            _ if self.is_unsure => {
                format!("q beat g member={id} epoch={epoch} owned={owned} topics=t,u rebalance=20000")
            }
            _ => format!("q beat g member={id} epoch={epoch} owned={owned}"),
        };
        let lines = scene.act(&line);
        let reply = lines.iter().find(|line| line.starts_with("q <-")).expect("an answer");
        self.is_unsure = random.below(20) == 0;
        if self.is_unsure {
            return;
        }
        match reply.split_once("epoch=") {
            Some((_, rest)) => {
                let (epoch, told) = rest.split_once(' ').unwrap_or((rest, ""));
                self.epoch = epoch.parse().expect("an epoch");
                if let Some(told) = told.strip_prefix('[') {
                    let places = told.trim_end_matches(']').split_whitespace();
                    self.told = Some(places.map(str::to_owned).collect());
                }
            }
            None => {
                self.epoch = 0;
                self.owned.clear();
                self.told = None;
            }
        }
    }
}

fn live(seed: u64) {
    let mut random = Random(seed);
    let mut scene = Scene::new(GroupConfig { group_initial_rebalance_delay_ms: 0, ..GroupConfig::default() });
    let mut consumers: Vec<Consumer> = Vec::new();
    let (mut t, mut u) = (6, 0);
    let mut born = 0;
    scene.act("topics t:6");
    for _ in 0..120 {
        match random.below(20) {
            0 | 1 if consumers.len() < 6 => {
                born += 1;
                consumers.push(Consumer { id: format!("m{born}"), ..Consumer::default() });
            }
            2 if !consumers.is_empty() => {
                let at = random.below(consumers.len() as u64) as usize;
                let gone = consumers.remove(at);
                scene.act(&format!("q beat g member={} epoch=-1", gone.id));
            }
            3 if !consumers.is_empty() => {
                let at = random.below(consumers.len() as u64) as usize;
                consumers[at].is_frozen = true;
            }
            4 => {
                (t, u) = (t + random.below(2), random.below(4));
                let rest = if u > 0 { format!(" u:{u}") } else { String::new() };
                scene.act(&format!("topics t:{t}{rest}"));
            }
            5 => drop(scene.act("q join g client=c v=3 session=6000 rebalance=10000")),
            6 => {
                scene.act("crash");
            }
            7..10 => {
                scene.act("+5000");
                let awake = consumers.iter_mut().filter(|consumer| !consumer.is_frozen);
                awake.for_each(|consumer| consumer.beat(&mut random, &mut scene));
            }
            _ if !consumers.is_empty() => {
                let at = random.below(consumers.len() as u64) as usize;
                if !consumers[at].is_frozen {
                    consumers[at].beat(&mut random, &mut scene);
                }
            }
            _ => {}
        }
        scene.shard.check_consistency();
        assert_eq!(*scene.shard.durable(), replayed(&scene.log), "seed {seed}");
        let mut owned = SortedSet::new();
        for place in consumers.iter().filter(|c| !c.is_frozen).flat_map(|consumer| consumer.owned.iter()) {
            assert!(owned.insert(place), "seed {seed}: {place} has two owners: {consumers:?}");
        }
    }
    assert_eq!(*scene.shard.durable(), replayed(&compacted(&scene.log)), "seed {seed} compacted");
    consumers.retain(|consumer| !consumer.is_frozen);
    for _ in 0..40 {
        scene.act("+5000");
        consumers.iter_mut().for_each(|consumer| consumer.beat(&mut random, &mut scene));
    }
    let owned: SortedSet<String> =
        consumers.iter().flat_map(|consumer| consumer.owned.iter().cloned()).collect();
    let places = (0..t).map(|p| format!("t-{p}")).chain((0..u).map(|p| format!("u-{p}")));
    let expected: SortedSet<String> = if consumers.is_empty() { SortedSet::new() } else { places.collect() };
    assert_eq!(owned, expected, "seed {seed}: {consumers:?}");
}

#[test]
fn a_partition_has_one_owner_and_in_the_end_each_has_one() {
    (0..100).for_each(live);
}
