//! Reads partitions from their beginning, without a group; now and then from the beginning again.

use super::{Life, TOPIC};
use futures_util::future::select;
use std::pin::pin;
use tablog_client::{Consumer, ConsumerConfig, OffsetReset};
use tablog_record::TopicPartition;

#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub fetch_max_wait_ms: u64,
    pub max_partition_fetch_bytes: usize,
    pub max_poll_records: usize,
}

pub async fn run(life: Life, plan: Reading) {
    let reader = format!("{}/{}", life.name, life.number());
    let config = ConsumerConfig {
        auto_offset_reset: OffsetReset::Earliest,
        enable_auto_commit: false,
        fetch_max_wait_ms: plan.fetch_max_wait_ms,
        max_partition_fetch_bytes: plan.max_partition_fetch_bytes,
        max_poll_records: plan.max_poll_records,
        default_api_timeout_ms: 10_000,
        ..ConsumerConfig::default()
    };
    let cluster = life.cluster();
    let consumer = Consumer::new(cluster.clone(), config);
    let driver = pin!(consumer.run());
    let work = pin!(async {
        let mut known: Vec<TopicPartition> = Vec::new();
        while !life.is_over() {
            if known.is_empty() || life.one_in(50) {
                match cluster.metadata(Some(&[TOPIC.to_owned()])).await {
                    Ok(metadata) => known = metadata.partitions_of(TOPIC).collect(),
                    Err(_) => life.sleep_ms(100).await,
                }
                consumer.assign(&known);
            }
            if life.one_in(200)
                && let Some(partition) = known.first()
            {
                life.witness.reader_moved(&reader, partition);
                // Refused where it is not assigned: then nothing moved.
                let _ = consumer.seek_to_beginning(partition);
            }
            match consumer.poll(life.between(50, 500)).await {
                Ok(records) => life.saw(&reader, &records),
                Err(error) => {
                    life.witness.note(|| format!("{reader}: {error}"));
                    life.sleep_ms(50).await;
                }
            }
        }
        consumer.close().await;
    });
    select(driver, work).await;
}
