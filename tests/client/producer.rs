//! What a producer promises: every record told its fate, order kept by key, nothing doubled under idempotence.

use crate::world::{Weather, World};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tablog_client::{
    Acks, Admin, AdminConfig, ConfigChange, ConfigResource, Consumer, ConsumerConfig, ConsumerRecord,
    NewTopic, OffsetReset, ProduceError, Producer, ProducerConfig, ProducerRecord, TrySendError,
};
use tablog_record::{Compression, TopicPartition, partition_for_key};

pub fn record(topic: &str, key: &str, value: &str) -> ProducerRecord {
    let bytes = |text: &str| Some(Bytes::copy_from_slice(text.as_bytes()));
    ProducerRecord::new(topic, bytes(key), bytes(value))
}

pub fn text(bytes: &Option<Bytes>) -> String {
    String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned()
}

/// A topic that keeps what it gets: the records' times are made up.
pub async fn create(world: &World, topic: &str, partitions: i32) {
    let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
    let mut wanted = NewTopic::new(topic, partitions);
    wanted.configs.insert("retention.ms".to_owned(), "-1".to_owned());
    let outcomes = admin.create_topics(&[wanted]).await.expect("an answer");
    outcomes[topic].as_ref().expect("a topic");
}

/// Everything in a topic, by partition.
pub async fn read_all(world: &World, topic: &str, partitions: i32) -> BTreeMap<i32, Vec<ConsumerRecord>> {
    let config = ConsumerConfig { auto_offset_reset: OffsetReset::Earliest, ..ConsumerConfig::default() };
    let consumer = Consumer::new(world.cluster("reader"), config);
    world.spawn(consumer.run());
    let all: Vec<TopicPartition> = (0..partitions).map(|index| TopicPartition::new(topic, index)).collect();
    consumer.assign(&all);
    let mut read: BTreeMap<i32, Vec<ConsumerRecord>> =
        (0..partitions).map(|index| (index, Vec::new())).collect();
    loop {
        let records = consumer.poll(3_000).await.expect("records");
        if records.is_empty() {
            return read;
        }
        for record in records {
            read.entry(record.partition).or_default().push(record);
        }
    }
}

fn producer(world: &World, config: ProducerConfig) -> (Producer<World>, u64) {
    let producer = Producer::new(world.cluster("producer"), config);
    let task = world.spawn(producer.run());
    (producer, task)
}

#[test]
fn records_land_where_their_key_says_in_order_and_batched() {
    let world = World::new(1);
    world.run(async {
        create(&world, "flights", 6).await;
        let config = ProducerConfig { compression_type: Compression::Lz4, ..ProducerConfig::default() };
        let (producer, _) = producer(&world, config);
        let mut deliveries = Vec::new();
        for index in 0..500 {
            let key = ["ATL", "ORD", "LAX", "DFW", "DEN"][index % 5];
            let sent = producer.send(record("flights", key, &index.to_string())).await.expect("room");
            deliveries.push((key, sent));
        }
        for (key, delivery) in deliveries {
            let landed = delivery.await.expect("acknowledged");
            assert_eq!(landed.partition, partition_for_key(key.as_bytes(), 6));
        }
        let metrics = producer.metrics();
        assert_eq!((metrics.records_sent, metrics.records_acked, metrics.records_failed), (500, 500, 0));
        assert!(metrics.batches_sent <= 5, "{} batches", metrics.batches_sent);
        assert_eq!(metrics.bytes_queued, 0);
        let read = read_all(&world, "flights", 6).await;
        for records in read.values() {
            let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
            assert_eq!(offsets, (0..records.len() as i64).collect::<Vec<_>>());
            let values: Vec<i32> =
                records.iter().map(|record| text(&record.value).parse().unwrap()).collect();
            assert!(values.is_sorted());
            assert!(records.iter().all(|record| record.batch.compression == Compression::Lz4));
        }
        assert_eq!(read.values().map(Vec::len).sum::<usize>(), 500);
    });
}

/// The property that matters: under cut connections and a crashing broker nothing acknowledged is lost, nothing
/// is there twice, and each key's records are in the order of sending.
#[test]
fn idempotence_keeps_order_and_count_through_cuts_and_crashes() {
    let (mut cuts, mut retried) = (0, 0);
    for seed in 1..=25 {
        let world = World::new(seed);
        world.run(async {
            create(&world, "t", 3).await;
            let config = ProducerConfig { linger_ms: 2, batch_size: 300, ..ProducerConfig::default() };
            let (producer, _) = producer(&world, config);
            let producer = Rc::new(producer);
            world.set_weather(Weather { cut_before: 60, cut_after: 60, ..Weather::default() });
            let mut deliveries = Vec::new();
            for index in 0..400 {
                let key = format!("k{}", index % 7);
                deliveries.push(producer.send(record("t", &key, &index.to_string())).await.expect("room"));
                if index % 10 == 0 {
                    world.sleep_ms(3).await;
                }
                if index == 200 && seed % 3 == 0 {
                    world.crash_broker();
                }
            }
            for delivery in deliveries {
                delivery.await.expect("acknowledged in the end");
            }
            world.set_weather(Weather::default());
            retried += producer.metrics().batches_retried;
            // Everything arrived in the end, so no sequence was lost.
            assert_eq!(producer.metrics().epoch_bumps, 0, "seed {seed}");
            let read = read_all(&world, "t", 3).await;
            let mut values = BTreeSet::new();
            for records in read.values() {
                let mut last: BTreeMap<String, i32> = BTreeMap::new();
                for record in records {
                    let value: i32 = text(&record.value).parse().unwrap();
                    assert!(values.insert(value), "seed {seed}: {value} is there twice");
                    if let Some(before) = last.insert(text(&record.key), value) {
                        assert!(before < value, "seed {seed}: {value} comes after {before}");
                    }
                }
            }
            assert_eq!(values.len(), 400, "seed {seed}");
        });
        cuts += world.cuts();
    }
    assert!(cuts > 100 && retried > 100, "{cuts} cuts, {retried} batches sent again");
}

#[test]
fn what_cannot_be_delivered_in_time_is_told_and_what_follows_goes_on() {
    let world = World::new(5);
    world.run(async {
        create(&world, "t", 1).await;
        let config = ProducerConfig {
            delivery_timeout_ms: 5_000,
            request_timeout_ms: 1_000,
            linger_ms: 0,
            ..ProducerConfig::default()
        };
        let (producer, _) = producer(&world, config);
        let send = async |value: &str| producer.send(record("t", "k", value)).await.expect("room").await;
        assert_eq!(send("a").await.expect("stored").offset, 0);
        world.set_weather(Weather { is_silent: true, ..Weather::default() });
        let began_ms = world.now_ms();
        assert!(matches!(send("b").await, Err(ProduceError::Expired { .. })));
        let took_ms = world.now_ms() - began_ms;
        assert!((5_000..7_000).contains(&took_ms), "{took_ms} ms");
        world.set_weather(Weather::default());
        assert_eq!(send("c").await.expect("stored").offset, 1);
        assert_eq!(send("d").await.expect("stored").offset, 2);
        assert_eq!(producer.metrics().epoch_bumps, 1);
        let read = read_all(&world, "t", 1).await;
        let values: Vec<String> = read[&0].iter().map(|record| text(&record.value)).collect();
        assert_eq!(values, ["a", "c", "d"]);
    });
}

#[test]
fn a_batch_that_is_too_large_is_split_and_a_record_that_is_too_large_refused() {
    let world = World::new(6);
    world.run(async {
        create(&world, "t", 1).await;
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let topic = ConfigResource::Topic("t".to_owned());
        let limit = ConfigChange::Set("1000".to_owned());
        let changes = [(topic.clone(), [("max.message.bytes".to_owned(), limit)].into())].into();
        admin.incremental_alter_configs(&changes).await.expect("an answer")[&topic]
            .as_ref()
            .expect("altered");
        let (producer, _) =
            producer(&world, ProducerConfig { batch_size: 2_000, linger_ms: 0, ..ProducerConfig::default() });
        let mut deliveries = Vec::new();
        let first = producer.send(record("t", "k", "small")).await.expect("room").await;
        assert_eq!(first.expect("stored").offset, 0);
        // Two batches that are too large and a small one.
        for index in 0..31 {
            let value = format!("{index:0100}");
            deliveries.push(producer.send(record("t", "k", &value)).await.expect("room"));
        }
        let mut offsets = Vec::new();
        for delivery in deliveries {
            offsets.push(delivery.await.expect("stored in a smaller batch").offset);
        }
        assert_eq!(offsets, (1..32).collect::<Vec<i64>>());
        assert!(producer.metrics().batches_split >= 2);
        // What followed came too early, and kept its sequences all the same.
        assert!(producer.metrics().batches_retried > 0);
        assert_eq!(producer.metrics().epoch_bumps, 0);
        let large = producer.send(record("t", "k", &"x".repeat(2_000))).await.expect("room").await;
        assert!(matches!(large, Err(ProduceError::Refused { .. })), "{large:?}");
        let after = producer.send(record("t", "k", "fits")).await.expect("room").await;
        assert_eq!(after.expect("stored").offset, 32);
        let huge = producer.try_send(record("t", "k", &"x".repeat(2_000_000)));
        assert!(matches!(huge, Err(TrySendError::Refused(_, ProduceError::RecordTooLarge { .. }))));
    });
}

/// A broker takes any sequence from a producer that it does not know: were there two batches in flight at first, the
/// second could be stored before the first.
#[test]
fn the_first_batch_that_is_refused_is_not_overtaken() {
    let world = World::new(12);
    world.run(async {
        create(&world, "t", 1).await;
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let topic = ConfigResource::Topic("t".to_owned());
        let limit = ConfigChange::Set("1000".to_owned());
        let changes = [(topic.clone(), [("max.message.bytes".to_owned(), limit)].into())].into();
        admin.incremental_alter_configs(&changes).await.expect("an answer")[&topic]
            .as_ref()
            .expect("altered");
        let config = ProducerConfig { batch_size: 2_000, linger_ms: 0, ..ProducerConfig::default() };
        let (producer, _) = producer(&world, config);
        let mut deliveries = Vec::new();
        for index in 0..31 {
            deliveries.push(producer.send(record("t", "k", &format!("{index:0100}"))).await.expect("room"));
        }
        for (index, delivery) in (0..).zip(deliveries) {
            assert_eq!(delivery.await.expect("stored").offset, index);
        }
    });
}

#[test]
fn memory_is_bounded_and_waited_for() {
    let world = World::new(7);
    world.run(async {
        create(&world, "t", 1).await;
        let config = ProducerConfig { buffer_memory: 2_000, linger_ms: 10_000, ..ProducerConfig::default() };
        let (producer, _) = producer(&world, config);
        let mut taken = 0;
        while producer.try_send(record("t", "k", &"x".repeat(100))).is_ok() {
            taken += 1;
        }
        assert!((10..20).contains(&taken), "{taken} records");
        let began_ms = world.now_ms();
        // Somebody waits for memory: nothing lingers.
        producer.send(record("t", "k", &"x".repeat(100))).await.expect("room in the end");
        assert!(world.now_ms() - began_ms < 1_000);
        producer.flush().await;
        assert_eq!(producer.metrics().records_acked, taken + 1);
    });
}

#[test]
fn flush_does_not_wait_for_linger_and_close_ends_run() {
    let world = World::new(8);
    world.run(async {
        create(&world, "t", 1).await;
        let config = ProducerConfig { linger_ms: 60_000, ..ProducerConfig::default() };
        let producer = Producer::new(world.cluster("producer"), config);
        let has_ended = Rc::new(std::cell::Cell::new(false));
        let (run, flag) = (producer.run(), has_ended.clone());
        world.spawn(async move {
            run.await;
            flag.set(true);
        });
        let began_ms = world.now_ms();
        let first = producer.try_send(record("t", "k", "a")).expect("room");
        producer.flush().await;
        assert_eq!(first.await.expect("stored").offset, 0);
        let second = producer.try_send(record("t", "k", "b")).expect("room");
        producer.close().await;
        assert_eq!(second.await.expect("stored").offset, 1);
        assert!(world.now_ms() - began_ms < 1_000);
        world.sleep_ms(10).await;
        assert!(has_ended.get());
        let late = producer.try_send(record("t", "k", "c"));
        assert!(matches!(late, Err(TrySendError::Refused(_, ProduceError::Closed))));
    });
}

#[test]
fn acks_none_and_leader_deliver_too_and_an_unknown_partition_is_told() {
    for acks in [Acks::None, Acks::Leader] {
        let world = World::new(9);
        world.run(async {
            create(&world, "t", 1).await;
            let (producer, _) = producer(&world, ProducerConfig { acks, ..ProducerConfig::default() });
            let landed = producer.send(record("t", "k", "v")).await.expect("room").await.expect("sent");
            assert_eq!(landed.offset, if acks == Acks::None { -1 } else { 0 });
            let mut astray = record("t", "k", "v");
            astray.partition = Some(4);
            let outcome = producer.send(astray).await.expect("room").await;
            assert!(matches!(outcome, Err(ProduceError::UnknownPartition { .. })));
            assert_eq!(read_all(&world, "t", 1).await[&0].len(), 1);
        });
    }
}

#[test]
fn a_producer_that_is_frozen_or_whose_run_is_dropped_goes_on_later() {
    let world = World::new(10);
    world.run(async {
        create(&world, "t", 1).await;
        let (producer, task) = producer(&world, ProducerConfig::default());
        let first = producer.try_send(record("t", "k", "a")).expect("room");
        world.sleep_ms(4).await;
        world.freeze(task, true);
        world.sleep_ms(10_000).await;
        let second = producer.try_send(record("t", "k", "b")).expect("room");
        // The frozen task stays where it is for good; another one takes its place.
        world.spawn(producer.run());
        assert_eq!(first.await.expect("stored").offset, 0);
        assert_eq!(second.await.expect("stored").offset, 1);
        drop(producer);
    });
}

#[test]
fn records_of_a_dropped_producer_are_told() {
    let world = World::new(11);
    world.run(async {
        let producer = Producer::new(world.cluster("producer"), ProducerConfig::default());
        let delivery = producer.try_send(record("t", "k", "a")).expect("room");
        drop(producer);
        assert_eq!(delivery.await, Err(ProduceError::Closed));
    });
}

#[test]
fn a_partition_that_was_added_meanwhile_is_asked_for_and_one_that_is_not_there_is_refused() {
    let world = World::new(1);
    world.run(async {
        create(&world, "t", 1).await;
        let (producer, _) = producer(&world, ProducerConfig::default());
        let to = |partition| ProducerRecord { partition: Some(partition), ..record("t", "k", "v") };
        producer.send(to(0)).await.expect("room").await.expect("acknowledged");
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let grown = admin.create_partitions(&[("t".to_owned(), 3)].into()).await.expect("an answer");
        grown["t"].as_ref().expect("grown");
        world.sleep_ms(10).await;
        let landed = producer.send(to(2)).await.expect("room").await.expect("acknowledged");
        assert_eq!((landed.partition, landed.offset), (2, 0));
        let begun_ms = world.now_ms();
        let refused = producer.send(to(3)).await.expect("room").await;
        assert!(matches!(refused, Err(ProduceError::UnknownPartition { .. })), "{refused:?}");
        assert!(world.now_ms() - begun_ms < 5_000, "it is told soon");
    });
}
