//! Deletes records, adds partitions, looks around.

use super::{Life, TOPIC};
use tablog_client::{Admin, AdminConfig, NewTopic, OffsetSpec};
use tablog_record::{SortedMap, TopicPartition};

#[derive(Clone, Copy, Debug)]
pub struct Administration {
    pub deletes_records: bool,
    pub partitions_end: i32,
}

/// Makes the topic, before all others begin.
pub async fn set_up(life: Life, partitions: i32, segment_bytes: u64) {
    let admin = Admin::new(life.cluster(), AdminConfig { default_api_timeout_ms: 10_000 });
    let configs = [("retention.ms", "-1".to_owned()), ("internal.segment.bytes", segment_bytes.to_string())];
    let mut topic = NewTopic::new(TOPIC, partitions);
    topic.configs = configs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    match admin.create_topics(&[topic]).await {
        Ok(outcomes) => {
            for (topic, outcome) in outcomes {
                if let Err(error) = outcome {
                    life.witness.violation(format!("set-up: {topic}: {error}"));
                }
            }
        }
        Err(error) => life.witness.violation(format!("set-up: {error}")),
    }
}

pub async fn run(life: Life, plan: Administration) {
    let cluster = life.cluster();
    let admin = Admin::new(cluster.clone(), AdminConfig { default_api_timeout_ms: 6_000 });
    let topic = TOPIC.to_owned();
    while !life.is_over() {
        life.sleep_ms(life.between(300, 3_000)).await;
        if life.is_over() {
            break;
        }
        let Ok(metadata) = cluster.metadata(Some(std::slice::from_ref(&topic))).await else { continue };
        let partitions: Vec<TopicPartition> = metadata.partitions_of(TOPIC).collect();
        if partitions.is_empty() {
            continue;
        }
        let partition = partitions[life.between(0, partitions.len() as u64 - 1) as usize].clone();
        if plan.deletes_records && life.one_in(3) {
            delete_records(&life, &admin, partition).await;
        } else if (partitions.len() as i32) < plan.partitions_end && life.one_in(4) {
            let counts = SortedMap::from([(topic.clone(), partitions.len() as i32 + 1)]);
            let outcome = admin.create_partitions(&counts).await;
            life.witness.note(|| format!("partitions added: {outcome:?}"));
        } else {
            let listed = admin.list_offsets(&SortedMap::from([(partition, OffsetSpec::Latest)])).await;
            life.witness.note(|| format!("listed: {listed:?}"));
        }
    }
}

async fn delete_records(life: &Life, admin: &Admin<crate::network::SimTransport>, partition: TopicPartition) {
    let listed = admin.list_offsets(&SortedMap::from([(partition.clone(), OffsetSpec::Latest)])).await;
    let Some(Ok(latest)) = listed.ok().and_then(|mut listed| listed.remove(&partition)) else { return };
    let end = life.between(0, latest.offset.max(0) as u64) as i64;
    life.witness.deleting(&partition, end);
    let deleted = admin.delete_records(&SortedMap::from([(partition.clone(), end)])).await;
    if let Some(Ok(low_watermark)) = deleted.ok().and_then(|mut deleted| deleted.remove(&partition)) {
        life.witness.deleted(&partition, low_watermark);
    }
}
