//! A real producer and consumer for the tests: numbers go in, numbers with their offsets come out.

use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_sdk::TabTransport;
use tablog_sdk::client::{
    Cluster, ClusterConfig, Consumer, ConsumerConfig, Node, OffsetReset, Producer, ProducerConfig,
    ProducerRecord, RequestOptions, Transport,
};
use tablog_sdk::record::{BatchBuilder, Compression, TopicPartition};
use tablog_sdk::wire::messages::create_topics_request::CreatableTopic;
use tablog_sdk::wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use tablog_sdk::wire::messages::{CreateTopicsRequest, ProduceRequest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// In flight at most: enough that a death catches several batches.
const UNACKNOWLEDGED_MAX: u32 = 500;

pub fn cluster(transport: &TabTransport, client_id: &str) -> Cluster<TabTransport> {
    let config = ClusterConfig {
        bootstrap_servers: vec![(transport.host(), 9092)],
        client_id: client_id.to_owned(),
        ..ClusterConfig::default()
    };
    Cluster::new(transport.clone(), config)
}

#[wasm_bindgen]
pub struct Load {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    acknowledged: RefCell<Vec<f64>>,
    failures: RefCell<Vec<String>>,
    unacknowledged: Cell<u32>,
    last_ms: Cell<u64>,
    longest_ms: Cell<u64>,
    stop: Cell<bool>,
    stopped: Cell<bool>,
}

/// Sends 1, 2, 3 … to partition 0 until it is stopped, with acks=all and idempotence.
pub fn produce(transport: &TabTransport, topic: String) -> Load {
    let shared: Rc<Shared> = Rc::default();
    let load = Load { shared: shared.clone() };
    let transport = transport.clone();
    spawn_local(async move {
        let config = ProducerConfig::default();
        let producer = Rc::new(Producer::new(cluster(&transport, "load"), config));
        spawn_local(producer.run());
        shared.last_ms.set(transport.now().monotonic_ms);
        for number in 1u32.. {
            if shared.stop.get() {
                break;
            }
            let value = Some(Bytes::from(number.to_string()));
            let record = ProducerRecord { partition: Some(0), ..ProducerRecord::new(&*topic, None, value) };
            match producer.send(record).await {
                Ok(delivery) => {
                    shared.unacknowledged.set(shared.unacknowledged.get() + 1);
                    let (shared, transport) = (shared.clone(), transport.clone());
                    spawn_local(async move {
                        let outcome = delivery.await;
                        shared.unacknowledged.set(shared.unacknowledged.get() - 1);
                        match outcome {
                            Ok(_) => shared.acknowledged.borrow_mut().push(f64::from(number)),
                            Err(error) => shared.failures.borrow_mut().push(format!("{number}: {error}")),
                        }
                        let now = transport.now().monotonic_ms;
                        let waited = now - shared.last_ms.replace(now);
                        shared.longest_ms.set(shared.longest_ms.get().max(waited));
                    });
                }
                Err(error) => shared.failures.borrow_mut().push(format!("{number}: {error}")),
            }
            while shared.unacknowledged.get() >= UNACKNOWLEDGED_MAX {
                transport.sleep(1).await;
            }
            if number.is_multiple_of(10) {
                transport.sleep(1).await;
            }
        }
        producer.flush().await;
        transport.sleep(1).await;
        shared.stopped.set(true);
        drop(producer);
    });
    load
}

#[wasm_bindgen]
impl Load {
    pub fn count(&self) -> usize {
        self.shared.acknowledged.borrow().len()
    }

    pub fn acknowledged(&self) -> Vec<f64> {
        self.shared.acknowledged.borrow().clone()
    }

    pub fn failures(&self) -> Vec<String> {
        self.shared.failures.borrow().clone()
    }

    /// The longest time without an acknowledgement.
    pub fn longest_ms(&self) -> f64 {
        self.shared.longest_ms.get() as f64
    }

    pub fn stop(&self) {
        self.shared.stop.set(true);
    }

    pub fn stopped(&self) -> bool {
        self.shared.stopped.get()
    }
}

/// Everything in partition 0, as `offset:value`, until nothing comes for a second.
pub async fn read_all(transport: &TabTransport, topic: String) -> Result<Vec<String>, String> {
    let consumer = Consumer::new(cluster(transport, "reader"), ConsumerConfig::default());
    spawn_local(consumer.run());
    let partition = TopicPartition::new(&*topic, 0);
    consumer.assign(std::slice::from_ref(&partition));
    consumer.seek_to_beginning(&partition).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    let mut empty = 0;
    while empty < 2 {
        let records = consumer.poll(1000).await.map_err(|error| error.to_string())?;
        empty = if records.is_empty() { empty + 1 } else { 0 };
        for record in records {
            let value = record.value.unwrap_or_default();
            let value = if value.len() < 100 { String::from_utf8_lossy(&value) } else { "large".into() };
            lines.push(format!("{}:{value}", record.offset));
        }
    }
    Ok(lines)
}

/// One batch of one record of so many bytes, with acks=all and no retries: Kafka's error code.
pub async fn produce_once(transport: &TabTransport, topic: String, bytes: usize) -> Result<i16, String> {
    let mut builder = BatchBuilder::new(Compression::None);
    // The browser compresses what it stores.
    let value: Vec<u8> = (0..bytes.div_ceil(8)).flat_map(|_| transport.random().to_le_bytes()).collect();
    builder.append(transport.now().wall, None, Some(&value), &[]);
    let partition = PartitionProduceData { index: 0, records: Some(builder.build()) };
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic,
            partition_data: vec![partition],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    let cluster = cluster(transport, "once");
    spawn_local(cluster.run());
    // By name, not by topic id.
    let options = RequestOptions { max_version: Some(12), ..RequestOptions::default() };
    let response =
        cluster.request_with(Node::Any, options, |_| request).await.map_err(|error| error.to_string())?;
    Ok(response.responses[0].partition_responses[0].error_code)
}

/// A member of the group `readers`, which polls until its page ends.
#[wasm_bindgen]
pub struct Member {
    consumer: Rc<Consumer<TabTransport>>,
    consumed: Rc<Cell<u32>>,
}

pub fn join(transport: &TabTransport, topic: String, session_timeout_ms: u32) -> Result<Member, String> {
    let config = ConsumerConfig {
        group_id: Some("readers".to_owned()),
        session_timeout_ms: u64::from(session_timeout_ms),
        heartbeat_interval_ms: u64::from(session_timeout_ms) / 6,
        auto_offset_reset: OffsetReset::Earliest,
        ..ConsumerConfig::default()
    };
    let consumer = Rc::new(Consumer::new(cluster(transport, "member"), config));
    spawn_local(consumer.run());
    consumer.subscribe(&[topic], ()).map_err(|error| error.to_string())?;
    let member = Member { consumer: consumer.clone(), consumed: Rc::default() };
    let consumed = member.consumed.clone();
    spawn_local(async move {
        loop {
            if let Ok(records) = consumer.poll(100).await {
                consumed.set(consumed.get() + records.len() as u32);
            }
        }
    });
    Ok(member)
}

#[wasm_bindgen]
impl Member {
    pub fn partitions(&self) -> Vec<i32> {
        self.consumer.assignment().into_iter().map(|partition| partition.partition).collect()
    }

    pub fn consumed(&self) -> u32 {
        self.consumed.get()
    }
}

pub async fn create_topic(transport: &TabTransport, topic: String, partitions: i32) -> Result<i16, String> {
    let cluster = cluster(transport, "admin");
    spawn_local(cluster.run());
    let topic = CreatableTopic {
        name: topic,
        num_partitions: partitions,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request =
        CreateTopicsRequest { topics: vec![topic], timeout_ms: 10_000, ..CreateTopicsRequest::default() };
    let response = cluster.request(Node::Any, request).await.map_err(|error| error.to_string())?;
    Ok(response.topics[0].error_code)
}
