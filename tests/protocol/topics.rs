//! Topics made, grown, deleted, and found again after a crash.

use crate::{Bench, batch};
use tablog_wire::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use tablog_wire::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use tablog_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use tablog_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use tablog_wire::messages::metadata_response::MetadataResponseTopic;

fn metadata(bench: &mut Bench, name: &str, create: bool) -> MetadataResponseTopic {
    let topic = MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
    let request = MetadataRequest {
        topics: Some(vec![topic]),
        allow_auto_topic_creation: create,
        ..Default::default()
    };
    bench.broker.call(bench.connection, 12, &request).topics.remove(0)
}

fn delete(bench: &mut Bench, name: &str) -> i16 {
    let topic = DeleteTopicState { name: Some(name.into()), ..Default::default() };
    let request = DeleteTopicsRequest { topics: vec![topic], ..Default::default() };
    bench.broker.call(bench.connection, 6, &request).responses[0].error_code
}

#[test]
fn illegal_topics_are_refused_in_kafkas_codes() {
    let mut bench = Bench::new();
    assert_eq!(bench.create_topic("t.a", 1, &[]), 0);
    for (name, partitions, configs, code) in [
        ("t.a", 1, vec![], 36),
        ("a b", 1, vec![], 17),
        ("t_a", 1, vec![], 17),
        ("none", 0, vec![], 37),
        ("many", 1_000_000, vec![], 44),
        ("odd", 1, vec![("retention.ms", "soon")], 40),
        ("odd", 1, vec![("retention.years", "1")], 40),
    ] {
        assert_eq!(bench.create_topic(name, partitions, &configs), code, "{name} {partitions} {configs:?}");
    }
}

#[test]
fn metadata_makes_topics_only_where_it_may() {
    let mut bench = Bench::new();
    assert_eq!(metadata(&mut bench, "auto", false).error_code, 3);
    let made = metadata(&mut bench, "auto", true);
    assert_eq!((made.error_code, made.partitions.len()), (0, 1));
    assert!(!made.topic_id.is_zero());
    assert_eq!(metadata(&mut bench, "a b", true).error_code, 17);
    bench.crash();
    assert_eq!(metadata(&mut bench, "auto", false).topic_id, made.topic_id, "the id outlives a crash");
}

#[test]
fn a_topic_made_anew_never_meets_the_old_records() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    bench.produce("t", 0, batch(&["old"]));
    let before = metadata(&mut bench, "t", false).topic_id;
    assert_eq!(delete(&mut bench, "t"), 0);
    assert_eq!(delete(&mut bench, "t"), 3);
    assert_eq!(delete(&mut bench, "__tablog_events"), 42);
    bench.create_topic("t", 1, &[]);
    assert_ne!(metadata(&mut bench, "t", false).topic_id, before);
    assert!(bench.values("t", 0, 0).is_empty());
    bench.crash();
    assert!(bench.values("t", 0, 0).is_empty());
}

#[test]
fn partitions_are_added_while_running_and_never_taken_away() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[]);
    for (count, code) in [(2, 37), (1, 37), (3, 0)] {
        let topic = CreatePartitionsTopic { name: "t".into(), count, assignments: None };
        let request = CreatePartitionsRequest { topics: vec![topic], ..Default::default() };
        let answer = bench.broker.call(bench.connection, 2, &request);
        assert_eq!(answer.results[0].error_code, code, "{count}");
    }
    assert_eq!(bench.produce("t", 2, batch(&["a"])).error_code, 0);
    bench.crash();
    assert_eq!(bench.values("t", 2, 0).len(), 1);
}

#[test]
fn deleted_records_stay_deleted() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    for value in ["a", "b", "c"] {
        bench.produce("t", 0, batch(&[value]));
    }
    for (offset, low, code) in [(2, 2, 0), (1, 2, 0), (9, -1, 1), (-1, 3, 0)] {
        let partition = DeleteRecordsPartition { partition_index: 0, offset };
        let topic = DeleteRecordsTopic { name: "t".into(), partitions: vec![partition] };
        let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 1000 };
        let answer = bench.broker.call(bench.connection, 2, &request).topics[0].partitions[0].clone();
        assert_eq!((answer.low_watermark, answer.error_code), (low, code), "{offset}");
    }
    assert_eq!(bench.fetch("t", 0, 0).error_code, 1);
    bench.crash();
    assert_eq!(bench.fetch("t", 0, 0).error_code, 1);
    assert_eq!(bench.produce("t", 0, batch(&["d"])).base_offset, 3);
}
