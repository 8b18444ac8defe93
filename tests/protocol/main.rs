//! Requests in, answers out: the broker behind real frames, on storage in memory, under a clock turned by hand.

#[path = "../../crates/wire/src/tests/counting.rs"]
mod allocation;
mod as_kafka_admin;
mod as_kafka_records;
mod cleanup;
mod consumer_groups;
mod every_version;
mod groups;
mod hostile;
mod log_reads;
mod produce;
mod requests;
mod storage_faults;
mod topics;

use bytes::Bytes;
use tablog_broker::{BrokerConfig, ConnectionId};
use tablog_host::MemoryStorage;
use tablog_log::storage::StorageFault;
use tablog_record::{BatchBuilder, Compression, Timestamp, batches};
use tablog_tests::BrokerOnMemory;
use tablog_wire::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use tablog_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use tablog_wire::messages::fetch_response::PartitionData;
use tablog_wire::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use tablog_wire::messages::produce_response::PartitionProduceResponse;

/// A broker with one client connected.
struct Bench {
    broker: BrokerOnMemory,
    connection: ConnectionId,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(BrokerConfig::default())
    }

    fn with(config: BrokerConfig) -> Bench {
        let mut broker = BrokerOnMemory::new(config);
        let connection = broker.connect();
        Bench { broker, connection }
    }

    fn on_a_disk_that_refuses_once(fault: StorageFault) -> Bench {
        let mut storage = MemoryStorage::new();
        storage.fail_next_commit(fault);
        let mut broker = BrokerOnMemory::on(BrokerConfig::default(), storage);
        let connection = broker.connect();
        Bench { broker, connection }
    }

    fn crash(&mut self) {
        self.broker.crash();
        self.connection = self.broker.connect();
    }

    fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) -> i16 {
        let configs = configs
            .iter()
            .map(|(name, value)| CreatableTopicConfig {
                name: name.to_string(),
                value: Some(value.to_string()),
            })
            .collect();
        let topic = CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: 1,
            configs,
            ..Default::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() };
        self.broker.call(self.connection, 6, &request).topics[0].error_code
    }

    fn produce(&mut self, topic: &str, partition: i32, records: Bytes) -> PartitionProduceResponse {
        let request = produce_request(-1, topic, partition, records);
        self.broker.call(self.connection, 9, &request).responses.remove(0).partition_responses.remove(0)
    }

    /// What a fetch that does not wait brings.
    fn fetch(&mut self, topic: &str, partition: i32, offset: i64) -> PartitionData {
        let request = fetch_request(topic, partition, offset, 0);
        self.broker.call(self.connection, 12, &request).responses.remove(0).partitions.remove(0)
    }

    /// Values from `offset` on, with their offsets.
    fn values(&mut self, topic: &str, partition: i32, offset: i64) -> Vec<(i64, String)> {
        let answer = self.fetch(topic, partition, offset);
        assert_eq!(answer.error_code, 0);
        values_of(answer.records.expect("records or none"))
    }
}

fn values_of(records: Bytes) -> Vec<(i64, String)> {
    let mut values = Vec::new();
    for batch in batches(records) {
        for record in batch.expect("a whole batch").records().expect("readable records") {
            let value = String::from_utf8(record.value.expect("a value").to_vec()).expect("text");
            values.push((record.offset.0, value));
        }
    }
    values
}

fn batch(values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for value in values {
        builder.append(Timestamp(1_790_000_000_000), Some(b"key"), Some(value.as_bytes()), &[]);
    }
    builder.build()
}

fn produce_request(acks: i16, topic: &str, index: i32, records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData { index, records: Some(records) };
    let topic =
        TopicProduceData { name: topic.into(), partition_data: vec![partition], ..Default::default() };
    ProduceRequest { acks, timeout_ms: 1000, topic_data: vec![topic], ..Default::default() }
}

fn fetch_request(topic: &str, partition: i32, fetch_offset: i64, max_wait_ms: i32) -> FetchRequest {
    let partition =
        FetchPartition { partition, fetch_offset, partition_max_bytes: 1 << 20, ..Default::default() };
    let topic = FetchTopic { topic: topic.into(), partitions: vec![partition], ..Default::default() };
    FetchRequest { max_wait_ms, min_bytes: 1, session_epoch: -1, topics: vec![topic], ..Default::default() }
}
