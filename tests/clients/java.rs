//! Members of one group by three hands: Apache Kafka's consumer, from its jar and by both protocols; kcat, which
//! speaks through librdkafka; and Tablog's own client. `TABLOG_JAVA_MEMBER` is the classpath of `java/`.

#![allow(clippy::disallowed_methods, reason = "each member of ours has a thread, as a process would be")]

mod program;
mod tcp;

use program::{Broker, Running};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tablog_client::{
    Admin, AdminConfig, Assignor, Cluster, ClusterConfig, Consumer, ConsumerConfig, GroupProtocol, NewTopic,
    OffsetReset,
};
use tcp::Tcp;

const PARTITIONS: usize = 12;
const TOPIC: &str = "work";
const GROUP: &str = "crew";

const CLASSIC: &str = "group.protocol=classic";
const RANGE: &str = "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor";

#[test]
fn a_classic_group_of_three_hands() {
    let broker = broker();
    let java = Member::java(&broker, "java", &[CLASSIC, RANGE]);
    let kcat = Member::kcat(&broker);
    let ours = Member::ours(&broker, GroupProtocol::Classic);
    let crew = [&java, &kcat, &ours];
    share(&crew, 4);
    read_all(&broker, &crew, 1);
    assert_eq!(kind_of_group(&broker), "classic");

    kcat.leave();
    share(&[&java, &ours], 6);
    read_all(&broker, &crew, 2);
    ours.leave();
    share(&[&java], 12);
    read_all(&broker, &crew, 3);
}

#[test]
fn a_group_of_the_consumer_protocol_with_classic_members_beside() {
    let broker = broker();
    let java = Member::java(&broker, "java-consumer", &["group.protocol=consumer"]);
    let ours = Member::ours(&broker, GroupProtocol::Consumer);
    share(&[&java, &ours], 6);
    let classic = Member::java(&broker, "java-classic", &[CLASSIC, RANGE]);
    let kcat = Member::kcat(&broker);
    let crew = [&java, &ours, &classic, &kcat];
    share(&crew, 3);
    read_all(&broker, &crew, 1);
    assert_eq!(kind_of_group(&broker), "consumer");

    java.leave();
    share(&[&ours, &classic, &kcat], 4);
    read_all(&broker, &crew, 2);
    kcat.leave();
    classic.leave();
    share(&[&ours], 12);
    read_all(&broker, &crew, 3);
}

/// The last member of the new protocol leaves: those who are left are a classic group again, and read on.
#[test]
fn a_group_goes_from_one_protocol_to_the_other_and_back() {
    let broker = broker();
    let classic = Member::java(&broker, "java-classic", &[CLASSIC, RANGE]);
    share(&[&classic], 12);
    assert_eq!(kind_of_group(&broker), "classic");
    let ours = Member::ours(&broker, GroupProtocol::Consumer);
    share(&[&classic, &ours], 6);
    read_all(&broker, &[&classic, &ours], 1);
    assert_eq!(kind_of_group(&broker), "consumer");
    ours.leave();
    share(&[&classic], 12);
    read_all(&broker, &[&classic, &ours], 2);
    assert_eq!(kind_of_group(&broker), "classic");
}

fn broker() -> Broker {
    let broker = Broker::start(&[
        "group.initial.rebalance.delay.ms=200",
        "group.consumer.min.heartbeat.interval.ms=200",
        "group.consumer.heartbeat.interval.ms=200",
    ]);
    with_admin(&broker, async |admin| {
        let made = admin.create_topics(&[NewTopic::new(TOPIC, PARTITIONS as i32)]).await;
        assert!(made.expect("an answer").values().all(Result::is_ok));
    });
    broker
}

/// One of the crew, whoever made it.
enum Member {
    Program { running: Running, place: fn(&str, &str) -> BTreeSet<i32> },
    Ours { said: Arc<Said>, thread: Mutex<Option<JoinHandle<()>>> },
}

#[derive(Default)]
struct Said {
    owned: Mutex<BTreeSet<i32>>,
    read: Mutex<Vec<(i32, i64)>>,
    is_to_leave: AtomicBool,
}

impl Member {
    fn java(broker: &Broker, client_id: &str, settings: &[&str]) -> Member {
        let classpath = std::env::var("TABLOG_JAVA_MEMBER").expect("`cargo xtask test --only java` sets it");
        let mut command = Command::new("java");
        command.args(["-classpath", &classpath, "tablog.clients.Member", &broker.address, GROUP, TOPIC]);
        command.arg(format!("client.id={client_id}")).args(settings);
        Member::Program { running: Running::start(&mut command, b""), place: java_owns }
    }

    fn kcat(broker: &Broker) -> Member {
        let mut command = Command::new("kcat");
        command.args(["-b", &broker.address, "-G", GROUP, "-u", "-f", "%p:%o\n"]);
        for setting in ["heartbeat.interval.ms=200", "session.timeout.ms=6000", "auto.offset.reset=earliest"]
        {
            command.args(["-X", setting]);
        }
        command.arg(TOPIC);
        Member::Program { running: Running::start(&mut command, b""), place: kcat_owns }
    }

    fn ours(broker: &Broker, protocol: GroupProtocol) -> Member {
        let said = Arc::<Said>::default();
        let (address, telling) = (broker.address.clone(), said.clone());
        let thread = std::thread::spawn(move || on_this_thread(be_a_member(&address, protocol, &telling)));
        Member::Ours { said, thread: Mutex::new(Some(thread)) }
    }

    fn owned(&self) -> BTreeSet<i32> {
        match self {
            Member::Program { running, place } => {
                let (output, complaints) = running.said();
                place(&output, &complaints)
            }
            Member::Ours { said, .. } => said.owned.lock().expect("whole").clone(),
        }
    }

    fn read(&self) -> Vec<(i32, i64)> {
        match self {
            Member::Program { running, .. } => running.said().0.lines().filter_map(read_line).collect(),
            Member::Ours { said, .. } => said.read.lock().expect("whole").clone(),
        }
    }

    fn leave(&self) {
        match self {
            Member::Program { running, .. } => running.interrupt(),
            Member::Ours { said, thread } => {
                said.is_to_leave.store(true, Ordering::Relaxed);
                let thread = thread.lock().expect("whole").take().expect("it leaves once");
                thread.join().expect("it ends well");
            }
        }
    }
}

/// `owns 0 1 2`, the last of them.
fn java_owns(output: &str, _: &str) -> BTreeSet<i32> {
    let last = output.lines().rev().find_map(|line| line.strip_prefix("owns"));
    last.map(|list| list.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        .unwrap_or_default()
}

/// `% Group crew rebalanced (memberid …): assigned: work [0], work [1]`, the last of them.
fn kcat_owns(_: &str, complaints: &str) -> BTreeSet<i32> {
    let last = complaints.lines().rev().find(|line| line.contains("rebalanced"));
    let list = last.and_then(|line| line.split_once("assigned: ")).map_or("", |(_, list)| list);
    list.split(['[', ']']).filter_map(|word| word.parse().ok()).collect()
}

fn read_line(line: &str) -> Option<(i32, i64)> {
    let (partition, offset) = line.split_once(':')?;
    Some((partition.parse().ok()?, offset.parse().ok()?))
}

fn on_this_thread<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

fn cluster(address: &str, client_id: &str) -> Cluster<Tcp> {
    let (host, port) = address.rsplit_once(':').expect("host and port");
    let config = ClusterConfig {
        bootstrap_servers: vec![(host.to_owned(), port.parse().expect("a port"))],
        client_id: client_id.to_owned(),
        ..ClusterConfig::default()
    };
    Cluster::new(Tcp::new(), config)
}

async fn be_a_member(address: &str, protocol: GroupProtocol, said: &Said) {
    let config = ConsumerConfig {
        group_id: Some(GROUP.to_owned()),
        group_protocol: protocol,
        partition_assignment_strategy: vec![Assignor::Range],
        heartbeat_interval_ms: 200,
        session_timeout_ms: 6_000,
        auto_offset_reset: OffsetReset::Earliest,
        ..ConsumerConfig::default()
    };
    let consumer = Consumer::new(cluster(address, "ours"), config);
    consumer.subscribe(&[TOPIC.to_owned()], ()).expect("a subscription");
    let driver = tokio::task::spawn_local(consumer.run());
    while !said.is_to_leave.load(Ordering::Relaxed) {
        let records = consumer.poll(50).await.expect("it reads");
        let read = records.iter().map(|record| (record.partition, record.offset));
        said.read.lock().expect("whole").extend(read);
        let owned = consumer.assignment().iter().map(|partition| partition.partition).collect();
        *said.owned.lock().expect("whole") = owned;
    }
    consumer.close().await;
    driver.abort();
}

/// Waits until each of these has that many partitions, and all of them together every one.
fn share(crew: &[&Member], each: usize) {
    program::wait_for(&format!("{each} partitions each"), || {
        let owned: Vec<_> = crew.iter().map(|member| member.owned()).collect();
        let all: BTreeSet<i32> = owned.iter().flatten().copied().collect();
        let is_shared = owned.iter().all(|owned| owned.len() == each) && all.len() == PARTITIONS;
        if is_shared { Ok(()) } else { Err(format!("{owned:?}")) }
    });
}

/// Writes a record to every partition and waits until all that was written was read, each once.
fn read_all(broker: &Broker, crew: &[&Member], times: usize) {
    for partition in 0..PARTITIONS {
        let arguments = ["-b", &broker.address, "-P", "-t", TOPIC, "-p", &partition.to_string()];
        let ended = Running::start(Command::new("kcat").args(arguments), b"more\n").end();
        assert_eq!(ended.code, Some(0), "{}", ended.complaints);
    }
    program::wait_for(&format!("{} records", times * PARTITIONS), || {
        let mut count = BTreeMap::<(i32, i64), usize>::new();
        crew.iter().flat_map(|member| member.read()).for_each(|read| *count.entry(read).or_default() += 1);
        let expected =
            (0..PARTITIONS as i32).flat_map(|partition| (0..times as i64).map(move |o| (partition, o)));
        let is_all =
            count.len() == times * PARTITIONS && expected.clone().all(|read| count.get(&read) == Some(&1));
        if is_all { Ok(()) } else { Err(format!("{count:?}")) }
    });
}

fn kind_of_group(broker: &Broker) -> String {
    with_admin(broker, async |admin| {
        let groups = admin.list_groups().await.expect("a list");
        groups.into_iter().find(|group| group.group_id == GROUP).expect("it is there").group_type
    })
}

fn with_admin<T>(broker: &Broker, ask: impl AsyncFnOnce(Admin<Tcp>) -> T) -> T {
    on_this_thread(async {
        let cluster = cluster(&broker.address, "asks");
        let driver = tokio::task::spawn_local(cluster.run());
        let answer = ask(Admin::new(cluster, AdminConfig::default())).await;
        driver.abort();
        answer
    })
}
