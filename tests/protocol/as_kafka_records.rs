//! Produce, Fetch and ListOffsets asked oddly: the answers are those that Apache Kafka 4.1 was seen to give.

use crate::{Bench, batch, fetch_request, produce_request};
use bytes::{Bytes, BytesMut};
use tablog_record::{BatchBuilder, Compression, Timestamp, crc32c};
use tablog_wire::messages::fetch_request::{FetchRequest, ReplicaState};
use tablog_wire::messages::fetch_response::PartitionData;
use tablog_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use tablog_wire::messages::produce_response::PartitionProduceResponse;

const NOW: i64 = 1_790_000_000_000;
const ATTRIBUTES_AT: usize = 21;

/// The batch with other bytes at a place behind its checksum, which is made right again.
fn patched(batch: &Bytes, at: usize, with: &[u8]) -> Bytes {
    let mut bytes = BytesMut::from(&batch[..]);
    bytes[at..at + with.len()].copy_from_slice(with);
    let crc = crc32c(&bytes[ATTRIBUTES_AT..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.freeze()
}

fn compressed(compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    builder.append(Timestamp(NOW), Some(b"key"), Some(&[b'a'; 300]), &[]);
    builder.build()
}

fn timed(times: &[i64]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for &time in times {
        builder.append(Timestamp(time), Some(b"key"), Some(b"value"), &[]);
    }
    builder.build()
}

fn produce_at(bench: &mut Bench, version: i16, topic: &str, records: Bytes) -> PartitionProduceResponse {
    let request = produce_request(-1, topic, 0, records);
    bench.broker.call(bench.connection, version, &request).responses.remove(0).partition_responses.remove(0)
}

#[test]
fn zstd_is_for_produce_7_and_later() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    // No codec is needed to say that a batch is compressed so.
    let zstd = patched(&batch(&["a"]), ATTRIBUTES_AT, &[0, 4]);
    for version in [3, 6] {
        assert_eq!(produce_at(&mut bench, version, "t", zstd.clone()).error_code, 76, "version {version}");
    }
    for version in [3, 7, 9] {
        for compression in [Compression::Gzip, Compression::Snappy, Compression::Lz4] {
            let answer = produce_at(&mut bench, version, "t", compressed(compression));
            assert_eq!(answer.error_code, 0, "{compression:?} in version {version}");
        }
    }
}

#[test]
fn one_transactional_batch_has_the_whole_request_refused() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[]);
    let transactional = patched(&batch(&["a"]), ATTRIBUTES_AT, &[0, 0x10]);
    for transactional_id in [None, Some("x".to_string())] {
        let mut request = produce_request(-1, "t", 0, batch(&["a"]));
        let more = produce_request(-1, "t", 1, transactional.clone()).topic_data.remove(0);
        request.transactional_id = transactional_id;
        request.topic_data.push(more);
        let answer = bench.broker.call(bench.connection, 9, &request);
        let codes: Vec<i16> = answer
            .responses
            .iter()
            .flat_map(|topic| &topic.partition_responses)
            .map(|p| p.error_code)
            .collect();
        assert_eq!(codes, [53, 53]);
    }
    assert!(bench.values("t", 0, 0).is_empty());
    // An id alone promises nothing.
    let mut request = produce_request(-1, "t", 0, batch(&["a"]));
    request.transactional_id = Some("x".into());
    let answer = bench.broker.call(bench.connection, 9, &request);
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
}

#[test]
fn what_the_log_refuses_tells_where_the_log_starts() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[("max.message.bytes", "200")]);
    let good = batch(&["a"]);
    let count = |count: i32| patched(&good, 57, &count.to_be_bytes());
    let cases = [
        (
            "a base offset",
            {
                let mut b = BytesMut::from(&good[..]);
                b[7] = 9;
                b.freeze()
            },
            87,
            0,
        ),
        ("two in the count", count(2), 87, 0),
        ("-1 in the count", count(-1), 87, 0),
        ("a last offset delta of 5", patched(&good, 23, &5i32.to_be_bytes()), 87, 0),
        ("a control batch", patched(&good, ATTRIBUTES_AT, &[0, 0x20]), 87, 0),
        ("a producer without a sequence", patched(&good, 43, &5i64.to_be_bytes()), 87, 0),
        ("a time far ahead", timed(&[1 << 60]), 32, 0),
        ("no batch", Bytes::new(), 87, -1),
        ("two batches", Bytes::from([&good[..], &good[..]].concat()), 87, -1),
        ("a batch cut short", good.slice(..good.len() - 1), 87, -1),
        (
            "magic 0",
            {
                let mut b = BytesMut::from(&good[..]);
                b[16] = 0;
                b.freeze()
            },
            87,
            -1,
        ),
        (
            "magic 3",
            {
                let mut b = BytesMut::from(&good[..]);
                b[16] = 3;
                b.freeze()
            },
            2,
            -1,
        ),
        (
            "a wrong checksum",
            {
                let mut b = BytesMut::from(&good[..]);
                b[18] ^= 1;
                b.freeze()
            },
            2,
            -1,
        ),
        ("a large batch", batch(&[&"x".repeat(200)]), 10, -1),
    ];
    for (what, records, code, log_start_offset) in cases {
        let answer = produce_at(&mut bench, 9, "t", records);
        let found = (answer.error_code, answer.base_offset, answer.log_start_offset);
        assert_eq!(found, (code, -1, log_start_offset), "{what}");
    }
    // What Apache Kafka takes: bits without meaning, an epoch or LogAppendTime that the client cannot know.
    let taken = [
        patched(&good, ATTRIBUTES_AT, &[0x40, 0x40]),
        patched(&good, ATTRIBUTES_AT, &[0, 8]),
        {
            let mut b = BytesMut::from(&good[..]);
            b[15] = 77;
            b.freeze()
        },
        patched(&good, 51, &5i16.to_be_bytes()),
        timed(&[-5]),
        timed(&[-1]),
    ];
    for (at, records) in taken.into_iter().enumerate() {
        assert_eq!(produce_at(&mut bench, 9, "t", records).error_code, 0, "case {at}");
    }
}

#[test]
fn record_errors_name_their_records_from_version_8_on() {
    let mut bench = Bench::new();
    let limits = [("message.timestamp.before.max.ms", "10000"), ("message.timestamp.after.max.ms", "10000")];
    bench.create_topic("times", 1, &limits);
    bench.create_topic("keys", 1, &[("cleanup.policy", "compact")]);
    let old = timed(&[NOW, NOW - 60_000, NOW, NOW - 70_000]);
    let answer = produce_at(&mut bench, 8, "times", old.clone());
    assert_eq!((answer.error_code, answer.log_start_offset), (32, 0));
    let message = "One or more records have been rejected due to invalid timestamp";
    assert_eq!(answer.error_message.as_deref(), Some(message));
    let indexes: Vec<i32> = answer.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!(indexes, [1, 3]);
    let (min, max) = (NOW - 10_000, NOW + 10_000);
    let expected = format!(
        "Timestamp {} of message with offset 1 is out of range. The timestamp should be within [{min}, {max}]",
        NOW - 60_000
    );
    assert_eq!(answer.record_errors[0].batch_index_error_message, Some(expected));
    let answer = produce_at(&mut bench, 7, "times", old);
    assert_eq!((answer.error_code, answer.record_errors.len()), (32, 0));

    let mut keyless = BatchBuilder::new(Compression::Gzip);
    keyless.append(Timestamp(NOW), None, Some(b"x"), &[]);
    keyless.append(Timestamp(NOW), Some(b"key"), Some(b"x"), &[]);
    let answer = produce_at(&mut bench, 9, "keys", keyless.build());
    assert_eq!((answer.error_code, answer.record_errors.len()), (87, 1));
    let expected = "Compacted topic cannot accept message without key in topic partition keys-0";
    assert_eq!(answer.record_errors[0].batch_index_error_message.as_deref(), Some(expected));
}

#[test]
fn a_topics_settings_change_what_is_stored() {
    let mut bench = Bench::new();
    bench.create_topic("appended", 1, &[("message.timestamp.type", "LogAppendTime")]);
    let now = bench.broker.now().wall.0;
    for (version, times) in [(3, [5, 5]), (9, [1 << 61, -9])] {
        let answer = produce_at(&mut bench, version, "appended", timed(&times));
        assert_eq!((answer.error_code, answer.log_append_time_ms), (0, now), "version {version}");
    }
    let attributes = |bench: &mut Bench, topic: &str| {
        let records = bench.fetch(topic, 0, 0).records.unwrap();
        tablog_record::batches(records).map(|batch| batch.unwrap().bytes()[22] & 7).collect::<Vec<_>>()
    };
    let codecs = [("uncompressed", 0), ("gzip", 1), ("snappy", 2), ("lz4", 3), ("zstd", 4)];
    for (codec, id) in codecs {
        bench.create_topic(codec, 1, &[("compression.type", codec)]);
        for records in [batch(&["a", "b"]), compressed(Compression::Gzip)] {
            assert_eq!(produce_at(&mut bench, 9, codec, records).error_code, 0, "{codec}");
        }
        assert_eq!(attributes(&mut bench, codec), [id, id], "{codec}");
    }
    bench.create_topic("producer", 1, &[("compression.type", "producer")]);
    for records in [batch(&["a", "b"]), compressed(Compression::Gzip)] {
        bench.produce("producer", 0, records);
    }
    assert_eq!(attributes(&mut bench, "producer"), [0, 1]);
    // One replica is in sync with itself: more cannot be asked for than there are.
    bench.create_topic("isr", 1, &[("min.insync.replicas", "2")]);
    assert_eq!(produce_at(&mut bench, 9, "isr", batch(&["a"])).error_code, 0);
}

#[test]
fn a_batch_may_be_as_large_as_the_limit() {
    let mut bench = Bench::new();
    let exact = batch(&["a"]).len();
    bench.create_topic("t", 1, &[("max.message.bytes", &exact.to_string())]);
    assert_eq!(produce_at(&mut bench, 9, "t", batch(&["a"])).error_code, 0);
    assert_eq!(produce_at(&mut bench, 9, "t", batch(&["ab"])).error_code, 10);
}

fn fetch_with(bench: &mut Bench, version: i16, change: impl FnOnce(&mut FetchRequest)) -> PartitionData {
    let mut request = fetch_request("t", 0, 0, 0);
    request.max_bytes = 1 << 20;
    change(&mut request);
    bench.broker.call(bench.connection, version, &request).responses.remove(0).partitions.remove(0)
}

/// Topics, partitions and offsets.
type Asked<'a> = &'a [(&'a str, i32, i64)];

fn fetch_bench() -> Bench {
    let mut bench = Bench::new();
    bench.create_topic("t", 3, &[]);
    for value in ["a", "b", "c"] {
        bench.produce("t", 0, batch(&[value]));
    }
    bench
}

#[test]
fn a_fetch_that_is_refused_tells_no_offsets() {
    let mut bench = fetch_bench();
    for (offset, code) in [(3, 0), (4, 1), (-1, 1), (-5, 1)] {
        let answer =
            fetch_with(&mut bench, 11, |request| request.topics[0].partitions[0].fetch_offset = offset);
        let offsets = (answer.high_watermark, answer.last_stable_offset, answer.log_start_offset);
        let expected = if code == 0 { (3, 3, 0) } else { (-1, -1, -1) };
        assert_eq!((answer.error_code, offsets), (code, expected), "offset {offset}");
        assert_eq!(answer.aborted_transactions, None, "offset {offset}");
    }
    let epochs = [(0, 0), (5, 75), (-1, 0), (-2, 0)];
    for (epoch, code) in epochs {
        let answer = fetch_with(&mut bench, 11, |request| {
            request.topics[0].partitions[0].current_leader_epoch = epoch
        });
        assert_eq!(answer.error_code, code, "epoch {epoch}");
    }
    let answer = fetch_with(&mut bench, 11, |request| request.topics[0].partitions[0].partition = 9);
    assert_eq!((answer.error_code, answer.aborted_transactions), (3, Some(Vec::new())));
    let answer = fetch_with(&mut bench, 11, |request| request.isolation_level = 1);
    assert_eq!((answer.error_code, answer.aborted_transactions), (0, Some(Vec::new())));
    let answer = fetch_with(&mut bench, 11, |request| request.replica_id = 5);
    assert_eq!(answer.error_code, 6, "nobody follows");
    let mut request = fetch_request("", 0, 0, 0);
    request.replica_state = ReplicaState { replica_id: 5, replica_epoch: 1 };
    let described = bench.broker.call(
        bench.connection,
        12,
        &tablog_wire::messages::MetadataRequest { topics: None, ..Default::default() },
    );
    let topic = described.topics.iter().find(|topic| topic.name.as_deref() == Some("t")).unwrap();
    request.topics[0].topic_id = topic.topic_id;
    let answer = bench.broker.call(bench.connection, 17, &request);
    assert_eq!(answer.responses[0].partitions[0].error_code, 6, "by its state, too");
}

#[test]
fn the_last_fetched_epoch_is_compared_with_the_log() {
    let mut bench = fetch_bench();
    let cases = [(0, 1, 0, -1), (0, 99, 0, 3), (5, 1, 1, -1)];
    for (epoch, offset, code, parted_at) in cases {
        let answer = fetch_with(&mut bench, 12, |request| {
            request.topics[0].partitions[0].last_fetched_epoch = epoch;
            request.topics[0].partitions[0].fetch_offset = offset;
        });
        let found = (answer.error_code, answer.diverging_epoch.end_offset);
        assert_eq!(found, (code, parted_at), "epoch {epoch}, offset {offset}");
    }
}

#[test]
fn a_fetch_waits_beside_partitions_that_do_not_exist() {
    let mut bench = fetch_bench();
    let asks = |partitions: Asked| {
        let mut request = fetch_request("t", 0, 0, 500);
        request.max_bytes = 1 << 20;
        request.topics.clear();
        for &(topic, partition, offset) in partitions {
            request.topics.extend(fetch_request(topic, partition, offset, 0).topics);
        }
        request
    };
    let cases: [(Asked, bool); 6] = [
        (&[("t", 1, 0)], true),
        (&[("t", 1, 0), ("t", 9, 0)], true),
        (&[("t", 1, 0), ("none", 0, 0)], true),
        (&[("none", 0, 0)], false),
        (&[], false),
        (&[("t", 1, 0), ("t", 0, 77)], false),
    ];
    for (partitions, waits) in cases {
        let connection = bench.broker.connect();
        bench.broker.send(connection, 12, &asks(partitions));
        let at_once = bench.broker.receive::<FetchRequest>(connection, 12);
        assert_eq!(at_once.is_none(), waits, "{partitions:?}");
        if waits {
            bench.broker.advance(500);
            assert!(bench.broker.receive::<FetchRequest>(connection, 12).is_some(), "{partitions:?}");
        }
    }
}

#[test]
fn fetch_sessions_are_refused_as_kafka_refuses_them() {
    let mut bench = fetch_bench();
    let mut full = fetch_request("t", 0, 0, 0);
    (full.session_id, full.session_epoch) = (0, 0);
    let answer = bench.broker.call(bench.connection, 12, &full);
    let id = answer.session_id;
    assert!(id > 0 && answer.responses.len() == 1);
    let code = |bench: &mut Bench, version: i16, session_id: i32, session_epoch: i32| {
        let request = FetchRequest { session_id, session_epoch, ..Default::default() };
        bench.broker.call(bench.connection, version, &request).error_code
    };
    assert_eq!(code(&mut bench, 12, id, 1), 0);
    assert_eq!(code(&mut bench, 12, id, 9), 71, "an epoch to come");
    assert_eq!(code(&mut bench, 12, id, 1), 71, "an epoch that was");
    assert_eq!(code(&mut bench, 12, id ^ 1, 1), 70, "no such session");
    assert_eq!(code(&mut bench, 12, 0, 1), 70, "no session at all");
    assert_eq!(code(&mut bench, 12, 0, -7), 70, "an epoch below -1");
    assert_eq!(code(&mut bench, 13, id, 2), 106, "names and ids do not mix");
    assert_eq!(code(&mut bench, 12, id, -1), 0, "closed");
    assert_eq!(code(&mut bench, 12, id, 2), 70);
    let empty = FetchRequest { session_epoch: 0, ..Default::default() };
    assert!(bench.broker.call(bench.connection, 12, &empty).session_id > 0, "a session of nothing yet");
}

#[test]
fn list_offsets_knows_its_special_times_by_version() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[]);
    for start in [NOW, NOW + 10, NOW + 20] {
        bench.produce("t", 0, timed(&[start, start + 5, start + 2]));
    }
    let mut ask = |version: i16, partition_index: i32, timestamp: i64| {
        let partition = ListOffsetsPartition { partition_index, timestamp, ..Default::default() };
        let topics = vec![ListOffsetsTopic { name: "t".into(), partitions: vec![partition] }];
        let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
        let answer = bench.broker.call(bench.connection, version, &request);
        let answer = &answer.topics[0].partitions[0];
        (answer.error_code, answer.offset, answer.timestamp, answer.leader_epoch)
    };
    for version in 1..=10 {
        let epoch = if version >= 4 { 0 } else { -1 };
        let since = |first: i16, answer| if version >= first { answer } else { (35, -1, -1, -1) };
        let cases = [
            (-1, (0, 9, -1, epoch)),
            (-2, (0, 0, -1, epoch)),
            (-3, since(7, (0, 7, NOW + 25, epoch))),
            (-4, since(8, (0, 0, -1, epoch))),
            (-5, since(9, (0, -1, -1, -1))),
            (-6, (35, -1, -1, -1)),
            (-100, (35, -1, -1, -1)),
            (0, (0, 0, NOW, epoch)),
            (NOW + 1, (0, 1, NOW + 5, epoch)),
            (NOW + 6, (0, 3, NOW + 10, epoch)),
            (NOW + 25, (0, 7, NOW + 25, epoch)),
            (NOW + 26, (0, -1, -1, -1)),
        ];
        for (timestamp, expected) in cases {
            assert_eq!(ask(version, 0, timestamp), expected, "version {version}, time {timestamp}");
        }
        assert_eq!(ask(version, 9, -1), (3, -1, -1, -1));
    }
    let partition = |timestamp| ListOffsetsPartition { partition_index: 0, timestamp, ..Default::default() };
    let partitions = vec![partition(-1), partition(-2)];
    let topics = vec![ListOffsetsTopic { name: "t".into(), partitions }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
    let answer = bench.broker.call(bench.connection, 7, &request);
    assert!(answer.topics[0].partitions.iter().all(|partition| partition.error_code == 42), "asked twice");
}
