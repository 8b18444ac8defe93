//! What goes by itself: old records by time and size, old values of a key.

use crate::{Bench, batch, values_of};
use tablog_record::{BatchBuilder, Compression, Timestamp};

fn produce_keyed(bench: &mut Bench, topic: &str, key: &str, value: Option<&str>) {
    let mut builder = BatchBuilder::new(Compression::None);
    let now = bench.broker.now().wall;
    builder.append(now, Some(key.as_bytes()), value.map(str::as_bytes), &[]);
    let answer = bench.produce(topic, 0, builder.build());
    assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
}

/// Everything that a reader from the start sees.
fn all(bench: &mut Bench, topic: &str) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    let mut offset = bench.fetch(topic, 0, 0).log_start_offset;
    offset = if offset < 0 { bench.fetch(topic, 0, i64::MAX).log_start_offset.max(0) } else { offset };
    loop {
        let answer = bench.fetch(topic, 0, offset);
        assert_eq!(answer.error_code, 0, "at {offset}");
        let records = answer.records.unwrap();
        let batches: Vec<_> = tablog_record::batches(records.clone()).map(Result::unwrap).collect();
        let Some(last) = batches.last() else { return found };
        offset = last.header().end_offset().0;
        found.extend(values_of(records));
    }
}

#[test]
fn compaction_keeps_the_last_value_of_each_key_at_its_offset() {
    let mut bench = Bench::new();
    let configs = [("cleanup.policy", "compact"), ("internal.segment.bytes", "2000")];
    assert_eq!(bench.create_topic("t", 1, &configs), 0);
    for round in 0..50 {
        for key in ["a", "b", "c"] {
            produce_keyed(&mut bench, "t", key, Some(&format!("{key}{round}")));
        }
    }
    let before = all(&mut bench, "t").len();
    bench.broker.advance(120_000);
    let after = all(&mut bench, "t");
    assert!(after.len() < before / 2, "{} of {before} are left", after.len());
    let newest: Vec<&(i64, String)> = after.iter().rev().take(3).rev().collect();
    assert_eq!(newest, [&(147, "a49".into()), &(148, "b49".into()), &(149, "c49".into())]);
    bench.crash();
    assert_eq!(all(&mut bench, "t"), after, "the same after a crash");
    produce_keyed(&mut bench, "t", "a", Some("a50"));
    assert_eq!(all(&mut bench, "t").last(), Some(&(150, "a50".into())));
}

#[test]
fn retention_by_time_takes_whole_segments_and_says_so() {
    let mut bench = Bench::new();
    let configs = [("retention.ms", "60000"), ("internal.segment.bytes", "2000")];
    assert_eq!(bench.create_topic("t", 1, &configs), 0);
    for _ in 0..100 {
        produce_keyed(&mut bench, "t", "a", Some("old"));
    }
    bench.broker.advance(400_000);
    assert_eq!(bench.fetch("t", 0, 0).error_code, 1, "OFFSET_OUT_OF_RANGE");
    produce_keyed(&mut bench, "t", "a", Some("new"));
    assert_eq!(bench.values("t", 0, 100), [(100, "new".to_string())]);
    let told: Vec<String> =
        bench.values("__tablog_events", 0, 0).into_iter().map(|(_, value)| value).collect();
    assert!(told.iter().any(|value| value.contains("records_deleted")), "{told:?}");
}

#[test]
fn numbers_of_segments_are_told_when_they_change() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[("segment.bytes", "1048576"), ("retention.bytes", "1048576")]);
    let newest = |bench: &mut Bench| {
        let told = bench.values("__tablog_events", 0, 0);
        let mut totals =
            told.into_iter().map(|(_, value)| value).filter(|v| v.contains("\"segment_totals\""));
        totals.next_back().expect("numbers of segments were told")
    };
    bench.broker.advance(1_000);
    assert!(newest(&mut bench).contains(r#"{"topic":"t","segments":[1,1]}"#), "{}", newest(&mut bench));
    let large = "x".repeat(600_000);
    for _ in 0..4 {
        assert_eq!(bench.produce("t", 1, batch(&[&large])).error_code, 0);
    }
    bench.broker.advance(1_000);
    assert!(newest(&mut bench).contains(r#"{"topic":"t","segments":[1,4]}"#), "{}", newest(&mut bench));
    bench.broker.advance(300_000);
    bench.broker.advance(1_000);
    let after = newest(&mut bench);
    assert!(after.contains(r#"{"topic":"t","segments":[1,2]}"#), "{after}");
}

#[test]
fn an_idle_broker_tells_nothing() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    bench.broker.advance(2_000);
    let before = bench.values("__tablog_events", 0, 0).len();
    for _ in 0..60 {
        bench.broker.advance(1_000);
        bench.values("__tablog_events", 0, 0);
    }
    assert_eq!(bench.values("__tablog_events", 0, 0).len(), before);
}

#[test]
fn old_records_of_a_seeded_time_are_refused_or_expire() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[("retention.ms", "-1")]);
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(1_000_000), Some(b"k"), Some(b"of 1970"), &[]);
    assert_eq!(bench.produce("t", 0, builder.build()).error_code, 0);
    bench.broker.advance(1_000_000);
    assert_eq!(bench.values("t", 0, 0).len(), 1, "retention.ms=-1 keeps it");
}
