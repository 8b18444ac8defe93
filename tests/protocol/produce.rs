//! Produce: what is taken, what is refused with which code, and when an answer may leave.

use crate::{Bench, batch, produce_request};
use bytes::{Bytes, BytesMut};
use tablog_record::{BatchBuilder, Compression, ProducerEpoch, ProducerId, Sequence, Timestamp};
use tablog_wire::messages::produce_request::ProduceRequest;

fn idempotent(epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None).producer(
        ProducerId(7),
        ProducerEpoch(epoch),
        Sequence(sequence),
    );
    for value in values {
        builder.append(Timestamp(1_790_000_000_000), None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}

#[test]
fn records_come_back_in_order_under_their_offsets() {
    let mut bench = Bench::new();
    assert_eq!(bench.create_topic("t", 2, &[]), 0);
    assert_eq!(bench.produce("t", 0, batch(&["a", "b"])).base_offset, 0);
    assert_eq!(bench.produce("t", 0, batch(&["c"])).base_offset, 2);
    assert_eq!(bench.produce("t", 1, batch(&["d"])).base_offset, 0);
    let texts = |values: &[(i64, &str)]| values.iter().map(|(o, v)| (*o, v.to_string())).collect::<Vec<_>>();
    assert_eq!(bench.values("t", 0, 0), texts(&[(0, "a"), (1, "b"), (2, "c")]));
    assert_eq!(
        bench.values("t", 0, 1),
        texts(&[(0, "a"), (1, "b"), (2, "c")]),
        "a fetch mid-batch has all of it"
    );
    assert_eq!(bench.values("t", 0, 2), texts(&[(2, "c")]));
    assert_eq!(bench.values("t", 1, 0), texts(&[(0, "d")]));
    assert_eq!(bench.fetch("t", 0, 4).error_code, 1, "past the end");
    assert_eq!(bench.fetch("t", 2, 0).error_code, 3, "no such partition");
}

#[test]
fn what_kafka_refuses_is_refused_with_its_code() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[("max.message.bytes", "200")]);
    bench.create_topic("c", 1, &[("cleanup.policy", "compact")]);
    let good = batch(&["a"]);
    let patched = |at: usize, with: &[u8]| {
        let mut bytes = BytesMut::from(&good[..]);
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes.freeze()
    };
    let two = Bytes::from([&good[..], &good[..]].concat());
    let mut keyless = BatchBuilder::new(Compression::None);
    keyless.append(Timestamp(1), None, Some(b"x"), &[]);
    let cases = [
        ("t", "magic 1", patched(16, &[1]), 87),
        ("t", "two batches", two, 87),
        ("t", "no batch", Bytes::new(), 87),
        ("t", "a base offset", patched(0, &9i64.to_be_bytes()), 87),
        ("t", "a truncated batch", good.slice(..good.len() - 1), 87),
        ("t", "a wrong CRC", patched(good.len() - 1, &[77]), 2),
        ("t", "a large batch", batch(&[&"x".repeat(300)]), 10),
        ("c", "no key on a compacted topic", keyless.build(), 87),
        ("__consumer_offsets", "an internal topic", good.clone(), 3),
        ("unknown", "an unknown topic", good.clone(), 3),
    ];
    for (topic, what, records, code) in cases {
        let answer = bench.produce(topic, 0, records);
        assert_eq!((answer.error_code, answer.base_offset), (code, -1), "{what}");
    }
    let acks = bench.broker.call(bench.connection, 9, &produce_request(5, "t", 0, good));
    assert_eq!(acks.responses[0].partition_responses[0].error_code, 21);
    assert!(bench.values("t", 0, 0).is_empty(), "nothing of it was appended");
}

#[test]
fn a_batch_sent_again_is_answered_with_its_first_offsets() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    assert_eq!(bench.produce("t", 0, idempotent(0, 0, &["a", "b"])).base_offset, 0);
    assert_eq!(bench.produce("t", 0, idempotent(0, 2, &["c"])).base_offset, 2);
    let again = bench.produce("t", 0, idempotent(0, 0, &["a", "b"]));
    assert_eq!((again.error_code, again.base_offset), (0, 0));
    assert_eq!(bench.produce("t", 0, idempotent(0, 9, &["z"])).error_code, 45, "a gap");
    assert_eq!(bench.produce("t", 0, idempotent(1, 0, &["d"])).base_offset, 3, "a new epoch begins at 0");
    assert_eq!(bench.produce("t", 0, idempotent(0, 3, &["e"])).error_code, 47, "the old epoch is fenced");
    bench.crash();
    let again = bench.produce("t", 0, idempotent(1, 0, &["d"]));
    assert_eq!((again.error_code, again.base_offset), (0, 3), "remembered after a crash");
    assert_eq!(bench.values("t", 0, 0).len(), 4);
}

#[test]
fn acks_0_is_silent_and_an_error_closes_the_connection() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    bench.broker.send(bench.connection, 9, &produce_request(0, "t", 0, batch(&["a"])));
    assert!(bench.broker.receive::<ProduceRequest>(bench.connection, 9).is_none());
    assert_eq!(bench.values("t", 0, 0).len(), 1);
    bench.broker.send(bench.connection, 9, &produce_request(0, "none", 0, batch(&["a"])));
    assert!(bench.broker.is_closed(bench.connection));
}
