//! What the browser measures: appending, the latency of one record, reading back, committing offsets.

#![allow(clippy::disallowed_methods, reason = "it measures time")]

use crate::client::cluster;
use futures_util::StreamExt;
use futures_util::stream;
use tablog_sdk::TabTransport;
use tablog_sdk::client::{Cluster, Consumer, ConsumerConfig, Node, RequestOptions, Transport};
use tablog_sdk::record::{BatchBuilder, Compression, Timestamp, TopicPartition};
use tablog_sdk::wire::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use tablog_sdk::wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use tablog_sdk::wire::messages::{FindCoordinatorRequest, OffsetCommitRequest, ProduceRequest};
use wasm_bindgen_futures::spawn_local;

const IN_FLIGHT: usize = 5;
const VALUE_BYTES: usize = 100;

/// Milliseconds, finer than the transport's clock.
fn now_ms() -> f64 {
    js_sys::Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|performance| wasm_bindgen::JsCast::dyn_into::<web_sys::Performance>(performance).ok())
        .map_or(0.0, |performance| performance.now())
}

fn batch(transport: &TabTransport, records: u32) -> bytes::Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    let Timestamp(wall) = transport.now().wall;
    for record in 0..records {
        let mut value = [0u8; VALUE_BYTES];
        for chunk in value.chunks_mut(8) {
            let random = transport.random().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        let key = record.to_be_bytes();
        builder.append(Timestamp(wall), Some(&key), Some(&value), &[]);
    }
    builder.build()
}

async fn produce(
    cluster: &Cluster<TabTransport>,
    topic: &str,
    acks: i16,
    records: bytes::Bytes,
) -> Result<(), String> {
    let partition = PartitionProduceData { index: 0, records: Some(records) };
    let topic = TopicProduceData {
        name: topic.to_owned(),
        partition_data: vec![partition],
        ..TopicProduceData::default()
    };
    let request =
        ProduceRequest { acks, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() };
    let options = RequestOptions { max_version: Some(12), ..RequestOptions::default() };
    let response =
        cluster.request_with(Node::Id(1), options, |_| request).await.map_err(|error| error.to_string())?;
    match response.responses[0].partition_responses[0].error_code {
        0 => Ok(()),
        code => Err(format!("error {code}")),
    }
}

async fn connected(transport: &TabTransport, topic: &str) -> Result<Cluster<TabTransport>, String> {
    let cluster = cluster(transport, "bench");
    spawn_local(cluster.run());
    let topics = [topic.to_owned()];
    cluster.metadata(Some(&topics)).await.map_err(|error| error.to_string())?;
    Ok(cluster)
}

pub async fn append(
    transport: &TabTransport,
    topic: String,
    acks: i16,
    batches: u32,
    records: u32,
) -> Result<f64, String> {
    let cluster = connected(transport, &topic).await?;
    let batch = batch(transport, records);
    let began = now_ms();
    let mut requests =
        stream::iter(0..batches).map(|_| produce(&cluster, &topic, acks, batch.clone())).buffered(IN_FLIGHT);
    while let Some(outcome) = requests.next().await {
        outcome?;
    }
    Ok((now_ms() - began) / 1000.0)
}

pub async fn latency(
    transport: &TabTransport,
    topic: String,
    acks: i16,
    rounds: u32,
) -> Result<Vec<f64>, String> {
    let cluster = connected(transport, &topic).await?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let batch = batch(transport, 1);
        let began = now_ms();
        produce(&cluster, &topic, acks, batch).await?;
        times.push(now_ms() - began);
    }
    Ok(times)
}

/// `rounds` commits of all partitions of a topic, by a group without members.
pub async fn commit(
    transport: &TabTransport,
    topic: String,
    partitions: i32,
    rounds: u32,
) -> Result<f64, String> {
    let cluster = connected(transport, &topic).await?;
    let commit = async |round: u32| {
        let partition = |partition_index| OffsetCommitRequestPartition {
            partition_index,
            committed_offset: i64::from(round),
            ..OffsetCommitRequestPartition::default()
        };
        let committed = OffsetCommitRequestTopic {
            name: topic.clone(),
            partitions: (0..partitions).map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: "bench".to_owned(),
            generation_id_or_member_epoch: -1,
            topics: vec![committed],
            ..OffsetCommitRequest::default()
        };
        let options = RequestOptions { max_version: Some(8), ..RequestOptions::default() };
        let response = cluster
            .request_with(Node::Id(1), options, |_| request)
            .await
            .map_err(|error| error.to_string())?;
        match response.topics[0].partitions[0].error_code {
            0 => Ok(()),
            code => Err(format!("error {code}")),
        }
    };
    let began = now_ms();
    // Asking for the coordinator makes its topic, which takes a moment.
    while commit(0).await.is_err() {
        let wanted = FindCoordinatorRequest { key: "bench".to_owned(), ..FindCoordinatorRequest::default() };
        let options = RequestOptions { max_version: Some(3), ..RequestOptions::default() };
        let asked = cluster.request_with(Node::Id(1), options, |_| wanted).await;
        asked.map_err(|error| error.to_string())?;
        if now_ms() - began > 30_000.0 {
            return Err("the coordinator does not come".to_owned());
        }
    }
    let mut requests = stream::iter(1..rounds).map(commit).buffered(IN_FLIGHT);
    while let Some(outcome) = requests.next().await {
        outcome?;
    }
    Ok((now_ms() - began) / 1000.0)
}

pub async fn read(transport: &TabTransport, topic: String, records: u32) -> Result<f64, String> {
    let cluster = connected(transport, &topic).await?;
    let config = ConsumerConfig {
        max_poll_records: 100_000,
        max_partition_fetch_bytes: 8 << 20,
        ..ConsumerConfig::default()
    };
    let consumer = Consumer::new(cluster, config);
    spawn_local(consumer.run());
    let partition = TopicPartition::new(&*topic, 0);
    consumer.assign(std::slice::from_ref(&partition));
    consumer.seek_to_beginning(&partition).map_err(|error| error.to_string())?;
    let began = now_ms();
    let mut read = 0;
    while read < records as usize {
        let polled = consumer.poll(5000).await.map_err(|error| error.to_string())?;
        if polled.is_empty() {
            return Err(format!("only {read} of {records} records came"));
        }
        read += polled.len();
    }
    Ok((now_ms() - began) / 1000.0)
}
