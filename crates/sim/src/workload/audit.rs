//! Reads every partition from its start to its high watermark, by hand: what is there when all is over.

use super::{Life, TOPIC};
use crate::checker::{Ending, Endings};
use crate::stamp::Stamp;
use std::collections::BTreeMap;
use tablog_client::{Admin, AdminConfig, Cluster, Metadata, Node, OffsetSpec, RequestOptions};
use tablog_record::{SortedMap, TopicPartition, batches};
use tablog_wire::messages::FetchRequest;
use tablog_wire::messages::fetch_request::{FetchPartition, FetchTopic};

/// An error says what could not be read.
pub async fn run(life: Life) -> Result<Endings, String> {
    let cluster = life.cluster();
    let admin = Admin::new(cluster.clone(), AdminConfig { default_api_timeout_ms: 20_000 });
    let metadata = described(&life, &cluster).await?;
    let mut endings = Endings::new();
    for partition in metadata.partitions_of(TOPIC).collect::<Vec<_>>() {
        let leader = metadata.leader(TOPIC, partition.partition);
        let leader = leader.ok_or_else(|| format!("audit: {partition} has no leader"))?;
        let start_offset = offset_of(&admin, &partition, OffsetSpec::Earliest).await?;
        let high_watermark = offset_of(&admin, &partition, OffsetSpec::Latest).await?;
        let mut ending =
            Ending { start_offset, high_watermark, leader_epoch: leader.epoch, records: BTreeMap::new() };
        let mut next = start_offset;
        while next < high_watermark {
            let end = fetch(&cluster, leader.node, &partition, next, &mut ending).await?;
            if end <= next {
                return Err(format!("audit: {partition} has nothing at {next}, its end is {high_watermark}"));
            }
            next = end;
        }
        ending.records.retain(|&offset, _| offset >= start_offset);
        endings.insert(partition, ending);
    }
    Ok(endings)
}

async fn described(life: &Life, cluster: &Cluster<crate::network::SimTransport>) -> Result<Metadata, String> {
    let mut last = String::new();
    while !life.is_over() {
        match cluster.metadata(Some(&[TOPIC.to_owned()])).await {
            Ok(metadata) if metadata.partition_count(TOPIC).is_some() => return Ok(metadata),
            Ok(metadata) => last = format!("{:?}", metadata.topics),
            Err(error) => last = error.to_string(),
        }
        life.sleep_ms(200).await;
    }
    Err(format!("audit: no metadata: {last}"))
}

async fn offset_of(
    admin: &Admin<crate::network::SimTransport>,
    partition: &TopicPartition,
    spec: OffsetSpec,
) -> Result<i64, String> {
    let listed = admin.list_offsets(&SortedMap::from([(partition.clone(), spec)])).await;
    let mut listed = listed.map_err(|error| format!("audit: {partition}: {error}"))?;
    match listed.remove(partition) {
        Some(Ok(listed)) => Ok(listed.offset),
        Some(Err(error)) => Err(format!("audit: {partition}: {error}")),
        None => Err(format!("audit: {partition}: no answer")),
    }
}

/// Where the fetched records end.
async fn fetch(
    cluster: &Cluster<crate::network::SimTransport>,
    node: i32,
    partition: &TopicPartition,
    offset: i64,
    ending: &mut Ending,
) -> Result<i64, String> {
    // Up to version 12 topics are known by name.
    let options = RequestOptions { max_version: Some(12), ..RequestOptions::default() };
    let wanted = FetchPartition {
        partition: partition.partition,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let topics = vec![FetchTopic {
        topic: partition.topic.clone(),
        partitions: vec![wanted],
        ..FetchTopic::default()
    }];
    let request = FetchRequest {
        replica_id: -1,
        max_wait_ms: 100,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics,
        ..FetchRequest::default()
    };
    let response = cluster.request_with(Node::Id(node), options, |_| request).await;
    let response = response.map_err(|error| format!("audit: {partition} {offset}: {error}"))?;
    let data = response.responses.into_iter().flat_map(|topic| topic.partitions).next();
    let data = data.ok_or_else(|| format!("audit: {partition} {offset}: no answer"))?;
    if data.error_code != 0 {
        return Err(format!("audit: {partition} {offset}: error {}", data.error_code));
    }
    let mut end = offset;
    for batch in batches(data.records.unwrap_or_default()) {
        let batch = batch.map_err(|error| format!("audit: {partition} {offset}: {error}"))?;
        let epoch = batch.header().partition_leader_epoch.0;
        for record in batch.records().map_err(|error| format!("audit: {partition} {offset}: {error}"))? {
            let stamp = record.value.as_deref().and_then(Stamp::read);
            let stamp =
                stamp.ok_or_else(|| format!("audit: {partition} {}: what nobody wrote", record.offset))?;
            if ending.records.insert(record.offset.0, (epoch, stamp)).is_some() {
                return Err(format!("audit: {partition} {} came twice", record.offset));
            }
        }
        end = batch.header().end_offset().0;
    }
    Ok(end)
}
