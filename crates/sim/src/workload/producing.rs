//! Writes stamps with keys, in bursts, and tells which were acknowledged.

use super::{Life, TOPIC};
use crate::stamp::{Promise, Stamp};
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::pin::pin;
use tablog_client::{Acks, Producer, ProducerConfig, ProducerRecord};
use tablog_record::{Compression, TopicPartition};

#[derive(Clone, Copy, Debug)]
pub struct Producing {
    pub promise: Promise,
    pub compression: Compression,
    pub linger_ms: u64,
    pub batch_size: usize,
    pub burst_records_max: u64,
    pub pause_ms_max: u64,
    pub padding: usize,
}

pub async fn run(life: Life, plan: Producing) {
    let (acks, enable_idempotence) = match plan.promise {
        Promise::None => (Acks::None, false),
        Promise::Relaxed => (Acks::Leader, false),
        Promise::AtLeastOnce => (Acks::All, false),
        Promise::ExactlyOnce => (Acks::All, true),
    };
    let config = ProducerConfig {
        acks,
        enable_idempotence,
        linger_ms: plan.linger_ms,
        batch_size: plan.batch_size,
        compression_type: plan.compression,
        retry_backoff_ms: 30,
        delivery_timeout_ms: 12_000,
        request_timeout_ms: 3_000,
        max_block_ms: 5_000,
        ..ProducerConfig::default()
    };
    let producer = Producer::new(life.cluster(), config);
    let driver = pin!(producer.run());
    select(driver, pin!(work(&life, plan, &producer))).await;
    let retried = producer.metrics().batches_retried;
    life.witness.count(|tally| tally.batches_sent_again += retried);
}

async fn work(life: &Life, plan: Producing, producer: &Producer<crate::network::SimTransport>) {
    let number = life.number();
    let mut sequence = 0;
    let mut deliveries = FuturesUnordered::new();
    while !life.is_over() {
        for _ in 0..life.between(1, plan.burst_records_max) {
            let stamp = Stamp { producer: number, sequence, promise: plan.promise };
            sequence += 1;
            let key = Bytes::from(format!("key-{}", life.between(0, 7)));
            life.witness.sending(stamp);
            let record = ProducerRecord::new(TOPIC, Some(key), Some(stamp.value(plan.padding)));
            match producer.send(record).await {
                Ok(delivery) => deliveries.push(async move { (stamp, delivery.await) }),
                Err(error) => life.witness.note(|| format!("{} cannot send: {error}", life.name)),
            }
        }
        let mut pause = pin!(life.sleep_ms(life.between(1, plan.pause_ms_max)));
        loop {
            if deliveries.is_empty() {
                pause.await;
                break;
            }
            match select(deliveries.next(), &mut pause).await {
                Either::Left((settled, _)) => settled.into_iter().for_each(|settled| settle(life, settled)),
                Either::Right(_) => break,
            }
        }
    }
    producer.flush().await;
    while let Some(settled) = deliveries.next().await {
        settle(life, settled);
    }
    producer.close().await;
}

type Settled = (Stamp, Result<tablog_client::RecordMetadata, tablog_client::ProduceError>);

fn settle(life: &Life, (stamp, outcome): Settled) {
    match outcome {
        Ok(place) => {
            life.witness.acknowledged(
                &TopicPartition::new(place.topic, place.partition),
                place.offset,
                stamp,
            );
        }
        Err(error) => life.witness.note(|| format!("{stamp} is given up: {error}")),
    }
}
