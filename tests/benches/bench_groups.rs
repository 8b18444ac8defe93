//! A group of 1,000 members in the simulator: formed, ten of them gone, five come. Told is the simulated time until
//! every partition has its one owner again, and the time that this machine computed meanwhile for everybody: the
//! broker, a thousand clients, the network between them.
//!
//! 1,000 partitions of one topic; sessions of 45 s, heartbeats every 3 s by the classic protocol, every 5 s by the
//! consumer protocol: Apache Kafka's own settings.

#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;
use tablog_broker::BrokerConfig;
use tablog_client::{
    Admin, AdminConfig, Assignor, Cluster, ClusterConfig, Consumer, ConsumerConfig, GroupProtocol, NewTopic,
};
use tablog_sim::chance::Chance;
use tablog_sim::disk::Disk;
use tablog_sim::executor::{Executor, TaskId};
use tablog_sim::network::{HostId, Network, SimTransport};
use tablog_sim::process::BrokerProcess;
use tablog_sim::witness::{Tracing, Witness};

const MEMBERS: usize = 1_000;
const PARTITIONS: i32 = 1_000;
const LEAVING: usize = 10;
const COMING: usize = 5;
const TOPIC: &str = "orders";
/// Whatever takes longer is not a group.
const SETTLED_WITHIN_MS: u64 = 300_000;
const SEED: u64 = 0x7ab106;

#[derive(Clone, Copy)]
enum Way {
    Classic(Assignor),
    Consumer(&'static str),
}

fn main() {
    let ways = [
        ("classic, range", Way::Classic(Assignor::Range)),
        ("classic, cooperative-sticky", Way::Classic(Assignor::CooperativeSticky)),
        ("consumer, uniform", Way::Consumer("uniform")),
        ("consumer, range", Way::Consumer("range")),
    ];
    println!("{:<28} {:>26} {:>26} {:>26}", "", "1,000 join", "10 leave", "5 join");
    println!("{:<28} {}", "", "     simulated    computed".repeat(3));
    for (name, way) in ways {
        let mut world = World::new();
        let members: Vec<_> = (0..MEMBERS).map(|number| world.member(number, way)).collect();
        let mut times = vec![world.settle()];
        members.into_iter().take(LEAVING).for_each(|member| world.leave(member));
        times.push(world.settle());
        for number in 0..COMING {
            world.member(MEMBERS + number, way);
        }
        times.push(world.settle());
        let times = times.iter().map(|(simulated_ms, computed_ms)| {
            format!("{:>11.1} s {:>9.2} s", *simulated_ms as f64 / 1e3, *computed_ms as f64 / 1e3)
        });
        println!("{name:<28} {}", times.collect::<Vec<_>>().join(" "));
    }
}

struct World {
    executor: Executor,
    network: Network,
    process: BrokerProcess,
    members: BTreeMap<usize, (Rc<Consumer<SimTransport>>, [TaskId; 2])>,
}

impl World {
    fn new() -> World {
        let executor = Executor::new(Chance::stream(SEED, "executor"));
        let network = Network::new(executor.clone(), Chance::stream(SEED, "network"));
        let settings =
            [("advertised.listeners", "PLAINTEXT://broker-1.sim:9092"), ("tablog.events.enable", "true")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let process = BrokerProcess::new(
            executor.clone(),
            network.clone(),
            Witness::new(executor.clone(), Tracing::Off),
            BrokerConfig::from_settings(settings).expect("the settings are valid"),
            Disk::new(Chance::stream(SEED, "disk"), u64::MAX),
            Chance::stream(SEED, "process"),
        );
        process.start();
        let world = World { executor, network, process, members: BTreeMap::new() };
        let admin = Admin::new(world.cluster(MEMBERS * 2), AdminConfig { default_api_timeout_ms: 10_000 });
        world.executor.spawn(async move {
            let made = admin.create_topics(&[NewTopic::new(TOPIC, PARTITIONS)]).await;
            assert!(made.is_ok_and(|topics| topics.values().all(Result::is_ok)), "the topic was not made");
        });
        world.advance(5_000);
        world
    }

    fn cluster(&self, host: usize) -> Cluster<SimTransport> {
        let chance = Chance::stream(SEED, &format!("transport-{host}"));
        let transport = SimTransport::new(self.network.clone(), HostId(host as u32 + 1), chance);
        let config = ClusterConfig {
            bootstrap_servers: vec![("broker-1.sim".to_owned(), 9092)],
            client_id: format!("consumer-{host:04}"),
            ..ClusterConfig::default()
        };
        Cluster::new(transport, config)
    }

    fn member(&mut self, number: usize, way: Way) -> usize {
        let mut config = ConsumerConfig { group_id: Some("packers".to_owned()), ..ConsumerConfig::default() };
        match way {
            Way::Classic(assignor) => config.partition_assignment_strategy = vec![assignor],
            Way::Consumer(assignor) => {
                config.group_protocol = GroupProtocol::Consumer;
                config.group_remote_assignor = Some(assignor.to_owned());
            }
        }
        let consumer = Rc::new(Consumer::new(self.cluster(number), config));
        consumer.subscribe(&[TOPIC.to_owned()], ()).expect("a subscription");
        let (runs, polls) = (consumer.clone(), consumer.clone());
        let driver = self.executor.spawn(async move { runs.run().await });
        let poller = self.executor.spawn(async move {
            loop {
                // What is not over by itself is tried again by the next poll.
                let _ = polls.poll(1_000).await;
            }
        });
        self.members.insert(number, (consumer, [driver, poller]));
        number
    }

    fn leave(&mut self, number: usize) {
        let Some((consumer, [driver, poller])) = self.members.remove(&number) else { return };
        self.executor.abort(poller);
        let executor = self.executor.clone();
        self.executor.spawn(async move {
            consumer.close().await;
            executor.abort(driver);
        });
    }

    /// Until every partition has one owner, and everybody one at least: how long it took there, and here.
    fn settle(&self) -> (u64, u128) {
        let (begin_us, begun) = (self.executor.now_us(), Instant::now());
        loop {
            self.advance(100);
            let mut owners = vec![0; PARTITIONS as usize];
            let mut is_idle = false;
            for (consumer, _) in self.members.values() {
                let assignment = consumer.assignment();
                is_idle |= assignment.is_empty();
                assignment.iter().for_each(|owned| owners[owned.partition as usize] += 1);
            }
            let simulated_ms = (self.executor.now_us() - begin_us) / 1_000;
            if !is_idle && owners.iter().all(|owners| *owners == 1) {
                return (simulated_ms, begun.elapsed().as_millis());
            }
            assert!(simulated_ms < SETTLED_WITHIN_MS, "the group does not settle");
        }
    }

    fn advance(&self, duration_ms: u64) {
        self.executor.run_until(self.executor.now_us() + duration_ms * 1_000);
        assert!(self.process.take_fatal().is_none(), "the broker gave up");
    }
}
