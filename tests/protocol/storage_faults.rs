//! The disk says no: nothing acknowledged is lost, nothing unacknowledged is seen.

use crate::{Bench, batch, produce_request};
use tablog_host::Storage;
use tablog_log::storage::{
    BlobName, Commit, CommitId, Durability, FaultKind, Position, StorageFault, Tier, Write,
};
use tablog_wire::messages::produce_request::ProduceRequest;
use tablog_wire::messages::{DeleteTopicsRequest, DescribeClusterRequest};

fn full() -> StorageFault {
    StorageFault { kind: FaultKind::QuotaExceeded, detail: "the test's disk is full".into() }
}

#[test]
fn a_full_disk_refuses_writes_and_reads_go_on() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    bench.produce("t", 0, batch(&["kept"]));
    bench.broker.storage().fail_next_commit(full());
    let answer = bench.produce("t", 0, batch(&["refused"]));
    assert_eq!((answer.error_code, answer.base_offset), (56, -1));
    assert_eq!(bench.values("t", 0, 0), [(0, "kept".to_string())]);
    assert_eq!(bench.produce("t", 0, batch(&["after"])).base_offset, 1, "no hole is left");
    bench.crash();
    let values: Vec<String> = bench.values("t", 0, 0).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["kept", "after"]);
}

#[test]
fn a_topic_that_could_not_be_stored_is_not_there() {
    let mut bench = Bench::new();
    bench.broker.storage().fail_next_commit(full());
    assert_eq!(bench.create_topic("t", 1, &[]), 56);
    assert_eq!(bench.fetch("t", 0, 0).error_code, 3);
    assert_eq!(bench.create_topic("t", 1, &[]), 0);
    bench.crash();
    assert_eq!(bench.fetch("t", 0, 0).error_code, 0);
}

#[test]
fn a_lost_store_ends_the_broker() {
    let mut bench = Bench::new();
    bench.create_topic("t", 1, &[]);
    let lost = StorageFault { kind: FaultKind::Lost, detail: "closed by the browser".into() };
    bench.broker.storage().fail_next_commit(lost.clone());
    bench.broker.send(bench.connection, 9, &produce_request(-1, "t", 0, batch(&["a"])));
    let answer = bench.broker.receive::<ProduceRequest>(bench.connection, 9).expect("the client is told");
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 56);
    assert_eq!(bench.broker.fatal(), Some(&lost));
}

#[test]
fn a_cluster_keeps_the_id_that_a_full_disk_would_not_store_at_first() {
    let mut bench = Bench::on_a_disk_that_refuses_once(full());
    let id = |bench: &mut Bench| {
        let request = DescribeClusterRequest { endpoint_type: 1, ..Default::default() };
        bench.broker.call(bench.connection, 1, &request).cluster_id
    };
    let first = id(&mut bench);
    bench.broker.advance(30_000);
    bench.crash();
    assert_eq!(id(&mut bench), first);
}

/// What a value's damage comes to: recovery keeps what stands before it.
fn cut(bench: &mut Bench, blob: &str, to: u64) {
    let blob = BlobName::new(blob.to_owned());
    let writes = vec![Write::Truncate { blob, to: Position(to) }];
    let (id, tier, durability) = (CommitId(u64::MAX), Tier::Durable, Durability::Strict);
    let storage = bench.broker.storage();
    storage.commit(Commit { id, predecessor: None, tier, durability, writes });
    while storage.poll_completion().is_some() {}
}

#[test]
fn a_broker_whose_metadata_are_damaged_deletes_nothing() {
    const METADATA: &str = "1/AAAAAAAAAAAAAAAAAAAAAQ/0/00000000000000000000.log";
    let mut bench = Bench::new();
    bench.create_topic("kept", 1, &[]);
    bench.create_topic("deleted", 1, &[]);
    bench.produce("kept", 0, batch(&["a"]));
    bench.produce("deleted", 0, batch(&["b"]));
    let topics = vec!["deleted".to_owned()];
    let request = DeleteTopicsRequest { topic_names: topics, timeout_ms: 1000, ..Default::default() };
    assert_eq!(bench.broker.call(bench.connection, 5, &request).responses[0].error_code, 0);
    bench.crash();
    assert_eq!(bench.broker.fatal(), None, "what was deleted may be missing");
    cut(&mut bench, METADATA, 100);
    let bytes = bench.broker.storage().bytes_len();
    for _ in 0..2 {
        bench.broker.crash();
        assert_eq!(bench.broker.fatal().map(|fault| fault.kind), Some(FaultKind::Corrupt));
        assert_eq!(bench.broker.storage().bytes_len(), bytes);
    }
}
