//! Produce and fetch through the engine in memory: what the engine costs without sockets and disks.

use bytes::Bytes;
use std::hint::black_box;
use tablog_broker::{Broker, BrokerConfig, ConnectionId, Peer};
use tablog_host::{Clock, Connections, MemoryStorage, Pump, Tiers};
use tablog_log::storage::StorageFault;
use tablog_record::{BatchBuilder, Compression, Timestamp};
use tablog_wire::Request;
use tablog_wire::frame::{decode_response, encode_request};
use tablog_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use tablog_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use tablog_wire::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};

const TOTAL_BYTES: usize = 400 << 20;
const TOPIC: &str = "bench";
/// The last versions that name topics instead of giving their ids.
const PRODUCE: i16 = 12;
const FETCH: i16 = 12;

fn main() {
    for records in [100, 1000] {
        for acks in [1, -1] {
            let mut engine = Engine::start();
            let batch = batch(records);
            let rounds = TOTAL_BYTES / batch.len();
            let produced = engine.produce(&batch, acks, rounds);
            let fetched = engine.fetch(rounds * records);
            let bytes = rounds * batch.len();
            println!(
                "{records:>4} × 100 B a batch, acks={acks:>2}: \
                 produce {:>5.0} MB/s, {:>8.0} records/s; fetch {:>5.0} MB/s",
                rate(bytes, produced) / 1e6,
                rate(rounds * records, produced),
                rate(bytes, fetched) / 1e6,
            );
        }
    }
}

fn rate(count: usize, elapsed_ms: u64) -> f64 {
    count as f64 * 1000.0 / elapsed_ms.max(1) as f64
}

fn batch(records: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for number in 0..records {
        let value = format!("{number:0100}");
        builder.append(Timestamp(1_700_000_000_000), None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}

struct Engine {
    pump: Pump<Broker, Tiers<MemoryStorage>>,
    replies: Replies,
    connection: ConnectionId,
}

#[derive(Default)]
struct Replies {
    frames: Vec<Bytes>,
}

impl Connections for Replies {
    fn reply(&mut self, _connection: ConnectionId, frame: Bytes) {
        self.frames.push(frame);
    }

    fn close(&mut self, connection: ConnectionId) {
        panic!("{connection:?} was closed");
    }

    fn fatal(&mut self, fault: &StorageFault) {
        panic!("{fault:?}");
    }
}

impl Engine {
    fn start() -> Engine {
        let broker = Broker::new(BrokerConfig::default(), 1);
        let mut pump = Pump::new(broker, Tiers::new(MemoryStorage::new()), Clock::new());
        let mut replies = Replies::default();
        pump.drain(&mut replies);
        let connection = pump.connect(Peer { host: "/bench".to_owned() }, &mut replies);
        let mut engine = Engine { pump, replies, connection };
        let topic = CreatableTopic {
            name: TOPIC.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            ..CreatableTopic::default()
        };
        let created =
            engine.ask(&CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() }, 7);
        assert_eq!(created.topics[0].error_code, 0, "{created:?}");
        engine
    }

    fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        let frame = encode_request(request, version, 7, Some("bench")).expect("a request");
        self.send(frame);
        let reply = self.replies.frames.pop().expect("a reply, since memory answers at once");
        decode_response::<R>(reply, version).expect("a response").1
    }

    fn send(&mut self, frame: Bytes) {
        self.pump.frame(self.connection, frame, &mut self.replies);
    }

    /// Milliseconds. Every frame is a copy, as one from a socket would be.
    fn produce(&mut self, batch: &Bytes, acks: i16, rounds: usize) -> u64 {
        let partition = PartitionProduceData { index: 0, records: Some(batch.clone()) };
        let topic = TopicProduceData {
            name: TOPIC.to_owned(),
            partition_data: vec![partition],
            ..TopicProduceData::default()
        };
        let request =
            ProduceRequest { acks, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() };
        let frame = encode_request(&request, PRODUCE, 7, Some("bench")).expect("a request");
        let first = self.ask(&request, PRODUCE);
        assert_eq!(first.responses[0].partition_responses[0].error_code, 0, "{first:?}");
        let began = self.pump.now().monotonic_ms;
        for _ in 1..rounds {
            self.send(Bytes::copy_from_slice(&frame));
        }
        let elapsed = self.pump.now().monotonic_ms - began;
        assert_eq!(self.replies.frames.len(), rounds - 1, "every request was answered");
        self.replies.frames.clear();
        elapsed
    }

    /// Milliseconds.
    fn fetch(&mut self, end_offset: usize) -> u64 {
        let began = self.pump.now().monotonic_ms;
        let mut offset = 0;
        while offset < end_offset as i64 {
            let partition = FetchPartition {
                partition: 0,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..FetchPartition::default()
            };
            let topic =
                FetchTopic { topic: TOPIC.to_owned(), partitions: vec![partition], ..FetchTopic::default() };
            let request = FetchRequest {
                max_wait_ms: 0,
                min_bytes: 1,
                max_bytes: 50 << 20,
                session_epoch: -1,
                topics: vec![topic],
                ..FetchRequest::default()
            };
            let response = self.ask(&request, FETCH);
            let records = response.responses[0].partitions[0].records.clone().expect("records");
            for batch in tablog_record::batches(black_box(records)) {
                offset = batch.expect("a whole batch").header().end_offset().0;
            }
        }
        self.pump.now().monotonic_ms - began
    }
}
