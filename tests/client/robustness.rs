//! Answers that are no answers, and futures that are dropped half way: nothing panics, nothing hangs, and what comes
//! after works.

use crate::producer::{create, read_all, record, text};
use crate::world::{Weather, World};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use tablog_client::{
    Admin, AdminConfig, Assignor, Consumer, ConsumerConfig, Node, OffsetReset, Producer, ProducerConfig,
};
use tablog_wire::messages::DescribeClusterRequest;

/// Polls `future` so many times, then drops it. What it gave, if it got that far.
async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[test]
fn a_request_may_be_dropped_at_any_await() {
    for polls in 0..12 {
        let world = World::new(polls as u64);
        world.run(async {
            let cluster = world.cluster("c");
            dropped_after(polls, cluster.request(Node::Controller, DescribeClusterRequest::default())).await;
            dropped_after(polls, cluster.metadata(None)).await;
            dropped_after(polls, cluster.coordinator("g")).await;
            let response =
                cluster.request(Node::Any, DescribeClusterRequest::default()).await.expect("an answer");
            assert_eq!(response.brokers.len(), 1);
            assert!(cluster.coordinator("g").await.is_ok());
        });
    }
}

#[test]
fn sends_flushes_polls_commits_and_closes_may_be_dropped_at_any_await() {
    for polls in 0..10 {
        let world = World::new(polls as u64);
        world.run(async {
            create(&world, "t", 2).await;
            let producer = Producer::new(
                world.cluster("p"),
                ProducerConfig { buffer_memory: 300, ..Default::default() },
            );
            world.spawn(producer.run());
            let mut taken = 0;
            for index in 0..30 {
                let sent =
                    dropped_after(polls + 1, producer.send(record("t", "k", &index.to_string()))).await;
                taken += usize::from(sent.is_some());
                dropped_after(polls, producer.flush()).await;
            }
            producer.flush().await;
            let read = read_all(&world, "t", 2).await;
            assert_eq!(read.values().map(Vec::len).sum::<usize>(), taken);
            let config = ConsumerConfig {
                group_id: Some("g".to_owned()),
                partition_assignment_strategy: vec![Assignor::CooperativeSticky],
                auto_offset_reset: OffsetReset::Earliest,
                ..ConsumerConfig::default()
            };
            let consumer = Consumer::new(world.cluster("c"), config);
            consumer.subscribe(&["t".to_owned()], ()).expect("a group");
            world.spawn(consumer.run());
            let mut seen = Vec::new();
            for _ in 0..100_000 {
                if seen.len() == taken {
                    break;
                }
                if let Some(Ok(records)) = dropped_after(polls + 1, consumer.poll(1_000)).await {
                    seen.extend(
                        records.into_iter().map(|record| text(&record.value).parse::<i32>().unwrap()),
                    );
                }
                dropped_after(polls, consumer.commit()).await;
                world.sleep_ms(5).await;
            }
            assert_eq!(seen.len(), taken, "polls {polls}");
            dropped_after(polls, consumer.close()).await;
            consumer.close().await;
        });
    }
}

#[test]
fn answers_that_are_no_answers_end_in_errors_and_pass() {
    let mut refused = 0;
    for seed in 1..=40 {
        let world = World::new(seed);
        world.run(async {
            create(&world, "t", 2).await;
            let config = ProducerConfig {
                delivery_timeout_ms: 3_000,
                request_timeout_ms: 1_000,
                linger_ms: 0,
                ..ProducerConfig::default()
            };
            let producer = Producer::new(world.cluster("p"), config);
            world.spawn(producer.run());
            let config = ConsumerConfig {
                group_id: Some("g".to_owned()),
                auto_offset_reset: OffsetReset::Earliest,
                ..ConsumerConfig::default()
            };
            let consumer = Consumer::new(world.cluster("c"), config);
            consumer.subscribe(&["t".to_owned()], ()).expect("a group");
            world.spawn(consumer.run());
            let admin = Admin::new(world.cluster("a"), AdminConfig { default_api_timeout_ms: 500 });
            world.set_weather(Weather { garbled: 300, ..Weather::default() });
            for index in 0..30 {
                // Whatever comes of it: it comes.
                if let Ok(delivery) = producer.send(record("t", &index.to_string(), "v")).await {
                    refused += usize::from(delivery.await.is_err());
                }
                refused += usize::from(consumer.poll(50).await.is_err());
                refused += usize::from(consumer.commit().await.is_err());
                refused += usize::from(admin.list_groups().await.is_err());
                refused += usize::from(admin.describe_topics(None).await.is_err());
                let groups = ["g".to_owned()];
                refused += usize::from(admin.describe_groups(&groups).await.is_err());
            }
            world.set_weather(Weather::default());
            let producer = Producer::new(world.cluster("p2"), ProducerConfig::default());
            world.spawn(producer.run());
            let landed = producer.send(record("t", "k", "after")).await.expect("room").await;
            assert!(landed.is_ok(), "seed {seed}: {landed:?}");
            let admin = Admin::new(world.cluster("a2"), AdminConfig::default());
            assert!(admin.list_groups().await.is_ok());
        });
    }
    assert!(refused > 50, "{refused} refused");
}
