//! Round trips of kcat, which speaks through librdkafka, against `tablog broker`.

mod program;

use program::{Broker, Ended, Running};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn kcat(broker: &Broker, arguments: &[&str]) -> Command {
    let mut command = Command::new("kcat");
    command.args(["-b", &broker.address]).args(arguments);
    command
}

fn run(broker: &Broker, arguments: &[&str], input: &[u8]) -> Ended {
    Running::start(&mut kcat(broker, arguments), input).end()
}

fn produce(broker: &Broker, arguments: &[&str], input: &[u8]) {
    let ended = run(broker, &[&["-P"], arguments].concat(), input);
    assert_eq!(ended.code, Some(0), "kcat -P {arguments:?}: {}", ended.complaints);
}

/// From what `arguments` say to the end of every partition, in that format.
fn consume(broker: &Broker, arguments: &[&str], format: &str) -> String {
    let ended = run(broker, &[&["-C", "-e", "-q", "-f", format], arguments].concat(), b"");
    assert_eq!(ended.code, Some(0), "kcat -C {arguments:?}: {}", ended.complaints);
    String::from_utf8(ended.output).expect("these tests consume text")
}

fn numbered(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("record number {number}\n")).collect()
}

#[test]
fn keys_values_and_offsets_come_back() {
    let broker = Broker::start(&[]);
    produce(
        &broker,
        &["-t", "people", "-K", ":"],
        b"ada:1815\ngrace:1906\nada:1852\n:no key but an empty one\n",
    );
    let expected = "0 0 ada=1815\n0 1 grace=1906\n0 2 ada=1852\n0 3 =no key but an empty one\n";
    assert_eq!(consume(&broker, &["-t", "people"], "%p %o %k=%s\n"), expected);
}

#[test]
fn equal_keys_share_a_partition_and_keep_their_order() {
    let broker = Broker::start(&["num.partitions=6"]);
    let lines: String = (0..600).map(|number| format!("key-{}:{number}\n", number % 17)).collect();
    produce(
        &broker,
        &["-t", "spread", "-K", ":", "-X", "topic.partitioner=murmur2_random"],
        lines.as_bytes(),
    );
    let mut partitions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut latest: BTreeMap<String, u32> = BTreeMap::new();
    let mut count = 0;
    for line in consume(&broker, &["-t", "spread"], "%p %k %s\n").lines() {
        let words: Vec<_> = line.split(' ').collect();
        partitions.entry(words[1].to_owned()).or_default().insert(words[0].to_owned());
        let number = words[2].parse().expect("a number");
        let before = latest.insert(words[1].to_owned(), number);
        assert!(before.is_none_or(|before| before < number), "{line} came after {before:?}");
        count += 1;
    }
    assert_eq!(count, 600);
    assert!(partitions.values().all(|found| found.len() == 1), "{partitions:?}");
    let used: BTreeSet<_> = partitions.values().flatten().collect();
    assert!(used.len() > 3, "{used:?}");
}

#[test]
fn headers_come_back_in_order_and_twice_if_sent_twice() {
    let broker = Broker::start(&[]);
    produce(&broker, &["-t", "headed", "-H", "trace=1", "-H", "empty=", "-H", "trace=2"], b"value\n");
    assert_eq!(consume(&broker, &["-t", "headed"], "%h %s\n"), "trace=1,empty=,trace=2 value\n");
}

#[test]
fn every_codec_is_understood() {
    let broker = Broker::start(&[]);
    let text = numbered(0..2000);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("packed-{codec}");
        produce(&broker, &["-t", &topic, "-z", codec, "-X", "linger.ms=100"], text.as_bytes());
        assert_eq!(consume(&broker, &["-t", &topic], "%s\n"), text, "{codec}");
        // From the middle of a batch.
        assert_eq!(consume(&broker, &["-t", &topic, "-o", "1997"], "%o %s\n").lines().count(), 3, "{codec}");
    }
}

#[test]
fn reading_begins_where_asked() {
    let broker = Broker::start(&[]);
    produce(&broker, &["-t", "tape"], numbered(0..10).as_bytes());
    let offsets = |from: &str| consume(&broker, &["-t", "tape", "-p", "0", "-o", from], "%o ");
    assert_eq!(offsets("beginning"), "0 1 2 3 4 5 6 7 8 9 ");
    assert_eq!(offsets("7"), "7 8 9 ");
    assert_eq!(offsets("-2"), "8 9 ");
    assert_eq!(offsets("end"), "");
}

#[test]
fn offsets_are_found_by_time() {
    let broker = Broker::start(&[]);
    for value in ["first\n", "second\n", "third\n"] {
        produce(&broker, &["-t", "times"], value.as_bytes());
    }
    let stamps = consume(&broker, &["-t", "times"], "%T\n");
    let stamps: Vec<i64> = stamps.lines().map(|line| line.parse().expect("milliseconds")).collect();
    assert!(stamps[0] < stamps[1] && stamps[1] < stamps[2], "{stamps:?}");
    let found = |timestamp: i64| {
        let ended = run(&broker, &["-Q", "-t", &format!("times:0:{timestamp}")], b"");
        assert_eq!(ended.code, Some(0), "{}", ended.complaints);
        let text = String::from_utf8(ended.output).expect("text");
        text.trim().rsplit(' ').next().map(str::to_owned)
    };
    assert_eq!(found(0).as_deref(), Some("0"));
    assert_eq!(found(stamps[1]).as_deref(), Some("1"));
    assert_eq!(found(stamps[1] + 1).as_deref(), Some("2"));
    assert_eq!(found(stamps[2] + 1).as_deref(), Some("-1"), "nothing is that young");
    assert_eq!(found(-1).as_deref(), Some("3"), "the end");
    assert_eq!(found(-2).as_deref(), Some("0"), "the beginning");
    let from = format!("s@{}", stamps[1]);
    assert_eq!(consume(&broker, &["-t", "times", "-o", &from], "%s "), "second third ");
}

#[test]
fn metadata_names_the_broker_and_its_topics() {
    let broker = Broker::start(&["num.partitions=3", "auto.create.topics.enable=true"]);
    produce(&broker, &["-t", "listed"], b"x\n");
    let ended = run(&broker, &["-L"], b"");
    let listing = String::from_utf8(ended.output).expect("text");
    assert!(listing.contains(&format!("broker 1 at {}", broker.address)), "{listing}");
    assert!(listing.contains("(controller)"), "{listing}");
    assert!(listing.contains("topic \"listed\" with 3 partitions"), "{listing}");
    assert!(listing.contains("partition 2, leader 1, replicas: 1, isrs: 1"), "{listing}");
}

#[test]
fn two_members_share_a_group_and_the_survivor_takes_all() {
    let broker = Broker::start(&["num.partitions=4", "group.initial.rebalance.delay.ms=200"]);
    produce(&broker, &["-t", "work"], numbered(0..100).as_bytes());
    let member = || {
        let quick = ["-X", "heartbeat.interval.ms=200", "-X", "session.timeout.ms=6000"];
        let place = ["-X", "auto.offset.reset=earliest", "-u", "-f", "%p:%o\n"];
        Running::start(&mut kcat(&broker, &[&["-G", "crew"], &quick[..], &place, &["work"]].concat()), b"")
    };
    let assigned = |complaints: &str| {
        let last =
            complaints.lines().rev().find(|line| line.contains("rebalanced") && line.contains("assigned:"));
        last.filter(|line| !line.contains("revoked")).map_or(0, |line| line.matches("work [").count())
    };
    let first = member();
    first.wait_for("all four partitions", |_, complaints| assigned(complaints) == 4);
    let all = first.wait_for("what was produced", |output, _| output.lines().count() >= 100);
    let second = member();
    second.wait_for("two partitions", |_, complaints| assigned(complaints) == 2);
    first.wait_for("two partitions", |_, complaints| assigned(complaints) == 2);

    for partition in 0..4 {
        produce(&broker, &["-t", "work", "-p", &partition.to_string()], b"more\n");
    }
    second.wait_for("its share of the new records", |output, _| output.lines().count() >= 2);
    first.wait_for("its share of the new records", |output, _| output.lines().count() >= 102);

    first.interrupt();
    let ended = first.end();
    let from_first = String::from_utf8(ended.output).expect("text");
    second.wait_for("all four partitions", |_, complaints| assigned(complaints) == 4);
    for partition in 0..4 {
        produce(&broker, &["-t", "work", "-p", &partition.to_string()], b"again\n");
    }
    let from_second = second.wait_for("the last records", |output, _| output.lines().count() >= 6);
    second.interrupt();
    second.end();

    let seen: Vec<&str> = from_first.lines().chain(from_second.lines()).collect();
    let distinct: BTreeSet<&str> = seen.iter().copied().collect();
    assert_eq!(distinct.len(), 108, "every record was read");
    assert_eq!(seen.len(), 108, "and none twice, since the first left in order");
    assert_eq!(all.lines().count(), 100);
}

#[test]
fn a_group_goes_on_where_it_committed() {
    let broker = Broker::start(&["group.initial.rebalance.delay.ms=0"]);
    let read = |count: &str| {
        let arguments =
            ["-G", "readers", "-q", "-c", count, "-X", "auto.offset.reset=earliest", "-f", "%o ", "chapters"];
        let ended = run(&broker, &arguments, b"");
        assert_eq!(ended.code, Some(0), "{}", ended.complaints);
        String::from_utf8(ended.output).expect("text")
    };
    produce(&broker, &["-t", "chapters"], numbered(0..10).as_bytes());
    assert_eq!(read("4"), "0 1 2 3 ");
    assert_eq!(read("3"), "4 5 6 ");
}

#[test]
fn a_tombstone_is_no_empty_value() {
    let broker = Broker::start(&[]);
    produce(&broker, &["-t", "graves", "-K", ":", "-Z"], b"a:1\na:\n");
    produce(&broker, &["-t", "graves", "-K", ":"], b"a:\n");
    assert_eq!(consume(&broker, &["-t", "graves"], "%k %S\n"), "a 1\na -1\na 0\n");
}

#[test]
fn large_values_up_to_the_limit() {
    let broker = Broker::start(&[]);
    let value = "x".repeat(900_000);
    produce(&broker, &["-t", "large"], format!("{value}\n{value}\n").as_bytes());
    assert_eq!(consume(&broker, &["-t", "large"], "%S "), "900000 900000 ");
    // Larger than a fetch wants to be: the first batch comes all the same.
    let stingy = ["-t", "large", "-X", "fetch.message.max.bytes=1000", "-X", "fetch.max.bytes=1000000"];
    assert_eq!(
        consume(&broker, &[&stingy[..], &["-X", "message.max.bytes=1000000"]].concat(), "%S "),
        "900000 900000 "
    );
    let ended = run(
        &broker,
        &["-P", "-t", "large", "-X", "message.max.bytes=3000000"],
        "y".repeat(2_000_000).as_bytes(),
    );
    assert_ne!(ended.code, Some(0));
    assert!(ended.complaints.contains("Message size too large"), "{}", ended.complaints);
    assert_eq!(consume(&broker, &["-t", "large"], "%S "), "900000 900000 ");
}

#[test]
fn any_bytes_at_all() {
    let broker = Broker::start(&[]);
    let value: Vec<u8> = (0..=255).collect();
    let file = std::env::temp_dir().join(format!("tablog-bytes-{}", std::process::id()));
    std::fs::write(&file, &value).expect("a temporary file");
    produce(&broker, &["-t", "bytes", &file.display().to_string()], b"");
    let ended = run(&broker, &["-C", "-e", "-q", "-t", "bytes", "-D", ""], b"");
    let _ = std::fs::remove_file(&file);
    assert_eq!(ended.output, value);
}

#[test]
fn every_level_of_acknowledgement_and_idempotence() {
    let broker = Broker::start(&[]);
    for setting in ["acks=0", "acks=1", "acks=all", "enable.idempotence=true"] {
        produce(&broker, &["-t", "acked", "-X", setting], numbered(0..500).as_bytes());
    }
    // A producer that wants no answer is gone before its records are in.
    let seen = consume(&broker, &["-t", "acked"], "%o\n");
    let offsets: Vec<usize> = seen.lines().map(|line| line.parse().expect("an offset")).collect();
    assert_eq!(offsets, (0..2000).collect::<Vec<_>>());
}

#[test]
fn a_topic_that_is_not_there_is_said_so() {
    let broker = Broker::start(&["auto.create.topics.enable=false"]);
    let ended = run(&broker, &["-P", "-t", "missing", "-X", "topic.metadata.propagation.max.ms=500"], b"x\n");
    assert_ne!(ended.code, Some(0));
    assert!(ended.complaints.contains("Unknown topic"), "{}", ended.complaints);
    let ended = run(&broker, &["-C", "-e", "-t", "not a name!"], b"");
    assert_ne!(ended.code, Some(0));
    let listing = run(&broker, &["-L"], b"");
    assert!(!String::from_utf8_lossy(&listing.output).contains("missing"));
}
