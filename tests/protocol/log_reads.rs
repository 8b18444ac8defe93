//! Fetch and ListOffsets: waiting, sessions, seeking by time.

use crate::{Bench, batch, fetch_request, produce_request, values_of};
use tablog_record::{BatchBuilder, Compression, Timestamp};
use tablog_wire::messages::fetch_request::FetchRequest;
use tablog_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

fn list(bench: &mut Bench, timestamp: i64) -> (i64, i64) {
    let partition = ListOffsetsPartition { timestamp, current_leader_epoch: -1, ..Default::default() };
    let topic = ListOffsetsTopic { name: "t".into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    let answer = bench.broker.call(bench.connection, 7, &request).topics.remove(0).partitions.remove(0);
    assert_eq!(answer.error_code, 0);
    (answer.offset, answer.timestamp)
}

#[test]
fn a_fetch_waits_for_records_and_gives_up_in_time() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    let reader = bench.broker.connect();
    bench.broker.send(reader, 12, &fetch_request("t", 0, 0, 500));
    bench.broker.advance(499);
    assert!(bench.broker.receive_frame(reader).is_none());
    bench.produce("t", 0, batch(&["a"]));
    let answer = bench.broker.receive::<FetchRequest>(reader, 12).expect("the produce woke it");
    assert_eq!(values_of(answer.responses[0].partitions[0].records.clone().unwrap()).len(), 1);

    bench.broker.send(reader, 12, &fetch_request("t", 0, 1, 500));
    bench.broker.advance(499);
    assert!(bench.broker.receive_frame(reader).is_none());
    bench.broker.advance(1);
    let answer = bench.broker.receive::<FetchRequest>(reader, 12).expect("its time is over");
    assert_eq!(answer.responses[0].partitions[0].high_watermark, 1);
}

#[test]
fn answers_of_one_connection_keep_their_order() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    bench.broker.send(bench.connection, 12, &fetch_request("t", 0, 0, 500));
    bench.broker.send(bench.connection, 9, &produce_request(1, "t", 0, batch(&["a"])));
    let fetched =
        bench.broker.receive::<FetchRequest>(bench.connection, 12).expect("the fetch is answered first");
    assert_eq!(fetched.responses[0].partitions[0].high_watermark, 1);
    assert!(bench.broker.receive_frame(bench.connection).is_some());
}

#[test]
fn times_lead_to_offsets() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[("segment.bytes", "1048576"), ("retention.ms", "-1")]);
    for step in 0..200 {
        let mut builder = BatchBuilder::new(Compression::None);
        for record in 0..3 {
            // Three segments in all.
            let time = 1_000_000 + step * 30 + record * 10;
            builder.append(Timestamp(time), None, Some(&[b'x'; 5_000]), &[]);
        }
        assert_eq!(bench.produce("t", 0, builder.build()).error_code, 0);
    }
    for (what, asked, offset, time) in [
        ("before all", 0, 0, 1_000_000),
        ("the first", 1_000_000, 0, 1_000_000),
        ("between two", 1_000_001, 1, 1_000_010),
        ("one inside a batch", 1_003_010, 301, 1_003_010),
        ("the last", 1_005_990, 599, 1_005_990),
        ("after all", 1_005_991, -1, -1),
        ("the newest", -3, 599, 1_005_990),
        ("the end", -1, 600, -1),
        ("the start", -2, 0, -1),
    ] {
        assert_eq!(list(&mut bench, asked), (offset, time), "{what}");
    }
    bench.crash();
    assert_eq!(list(&mut bench, 1_003_010), (301, 1_003_010), "after a crash");
    assert_eq!(bench.values("t", 0, 301)[0].0, 300, "old segments are read from the store");
}

#[test]
fn a_session_tells_only_what_changed() {
    let mut bench = Bench::new();
    bench.create_topic("t", 2, &[]);
    let mut request = fetch_request("t", 0, 0, 0);
    let mut second = request.topics[0].partitions[0].clone();
    second.partition = 1;
    request.topics[0].partitions.push(second);
    request.session_epoch = 0;
    let first = bench.broker.call(bench.connection, 12, &request);
    assert!(first.session_id != 0);
    assert_eq!(first.responses[0].partitions.len(), 2);

    bench.produce("t", 1, batch(&["a"]));
    let next =
        FetchRequest { session_id: first.session_id, session_epoch: 1, topics: vec![], ..request.clone() };
    let answer = bench.broker.call(bench.connection, 12, &next);
    let told: Vec<i32> = answer.responses[0].partitions.iter().map(|one| one.partition_index).collect();
    assert_eq!(told, [1]);
    let wrong = bench.broker.call(bench.connection, 12, &next);
    assert_eq!(wrong.error_code, 71, "INVALID_FETCH_SESSION_EPOCH");
}
