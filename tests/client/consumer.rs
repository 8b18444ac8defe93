//! What a consumer promises: partitions shared as the group says, offsets that survive, callbacks at their moments,
//! recovery after standing still.

use crate::producer::{create, record, text};
use crate::world::{Weather, World};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tablog_client::{
    Admin, AdminConfig, Assignor, ConsumeError, Consumer, ConsumerConfig, ConsumerRecord, OffsetAndMetadata,
    OffsetReset, Producer, ProducerConfig, RebalanceListener,
};
use tablog_record::{Timestamp, TopicPartition};

pub type Log = Rc<RefCell<Vec<String>>>;

/// A consumer and the application around it.
pub struct Member {
    pub consumer: Rc<Consumer<World>>,
    pub seen: Rc<RefCell<Vec<ConsumerRecord>>>,
    pub errors: Log,
    pub events: Log,
    pub tasks: [u64; 2],
}

pub struct Listener {
    pub events: Log,
}

fn indexes(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(|partition| partition.partition.to_string()).collect::<Vec<_>>().join(",")
}

impl RebalanceListener for Listener {
    fn on_partitions_assigned(&self, partitions: &[TopicPartition]) {
        self.events.borrow_mut().push(format!("+{}", indexes(partitions)));
    }

    fn on_partitions_revoked(&self, partitions: &[TopicPartition]) {
        self.events.borrow_mut().push(format!("-{}", indexes(partitions)));
    }

    fn on_partitions_lost(&self, partitions: &[TopicPartition]) {
        self.events.borrow_mut().push(format!("!{}", indexes(partitions)));
    }
}

pub fn group_config(assignor: Assignor) -> ConsumerConfig {
    ConsumerConfig {
        group_id: Some("g".to_owned()),
        partition_assignment_strategy: vec![assignor],
        auto_offset_reset: OffsetReset::Earliest,
        auto_commit_interval_ms: 200,
        ..ConsumerConfig::default()
    }
}

impl Member {
    pub fn join(world: &World, name: &str, config: ConsumerConfig) -> Member {
        let consumer = Rc::new(Consumer::new(world.cluster(name), config));
        let events = Log::default();
        consumer.subscribe(&["t".to_owned()], Listener { events: events.clone() }).expect("a group");
        Member::at_work(world, consumer, events)
    }

    /// A consumer that has subscribed, driven and polled.
    pub fn at_work(world: &World, consumer: Rc<Consumer<World>>, events: Log) -> Member {
        let (seen, errors) = (Rc::default(), Log::default());
        let run = world.spawn(consumer.run());
        let member = Member { consumer, seen, errors, events, tasks: [run, 0] };
        let application = member.application();
        Member { tasks: [run, world.spawn(application)], ..member }
    }

    fn application(&self) -> impl Future<Output = ()> + 'static + use<> {
        let (consumer, seen, errors) = (self.consumer.clone(), self.seen.clone(), self.errors.clone());
        async move {
            loop {
                match consumer.poll(100).await {
                    Ok(records) => seen.borrow_mut().extend(records),
                    Err(ConsumeError::Closed) => return,
                    Err(error) => errors.borrow_mut().push(error.to_string()),
                }
            }
        }
    }

    pub fn freeze(&self, world: &World, is_frozen: bool) {
        self.tasks.iter().for_each(|&task| world.freeze(task, is_frozen));
    }

    pub fn owned(&self) -> BTreeSet<i32> {
        self.consumer.assignment().into_iter().map(|partition| partition.partition).collect()
    }

    pub fn events(&self) -> Vec<String> {
        self.events.borrow().clone()
    }
}

pub async fn produce(world: &World, count: usize, partitions: i32) {
    let producer = Producer::new(world.cluster("producer"), ProducerConfig::default());
    world.spawn(producer.run());
    for index in 0..count {
        let mut record = record("t", "k", &index.to_string());
        record.partition = Some(index as i32 % partitions);
        record.timestamp = Some(Timestamp(1_000 + index as i64));
        // Its fate is told by flush.
        drop(producer.send(record).await.expect("room"));
    }
    producer.flush().await;
    assert_eq!(producer.metrics().records_acked as usize, count);
}

pub fn values(members: &[&Member]) -> Vec<i32> {
    let mut values: Vec<i32> = members
        .iter()
        .flat_map(|member| {
            member.seen.borrow().iter().map(|record| text(&record.value).parse().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    values.sort_unstable();
    values
}

pub fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

#[test]
fn a_group_shares_partitions_and_hands_them_over_without_loss_or_double() {
    for assignor in Assignor::ALL {
        let world = World::new(1);
        world.run(async {
            create(&world, "t", 6).await;
            let a = Member::join(&world, "a", group_config(assignor));
            world.sleep_ms(8_000).await;
            assert_eq!(a.owned(), (0..6).collect(), "{assignor:?}: {:?}", a.errors.borrow());
            produce(&world, 60, 6).await;
            world.sleep_ms(1_000).await;
            let b = Member::join(&world, "b", group_config(assignor));
            let c = Member::join(&world, "c", group_config(assignor));
            world.sleep_ms(12_000).await;
            let members = [&a, &b, &c];
            assert!(members.iter().all(|member| member.owned().len() == 2), "{assignor:?}");
            produce(&world, 60, 6).await;
            world.sleep_ms(1_000).await;
            let generations: BTreeSet<i32> =
                members.iter().map(|member| member.consumer.group_metadata().generation).collect();
            assert_eq!(generations.len(), 1);
            let began_ms = world.now_ms();
            c.consumer.close().await;
            assert!(world.now_ms() - began_ms < 1_000);
            world.sleep_ms(8_000).await;
            assert_eq!((a.owned().len(), b.owned().len()), (3, 3), "{assignor:?}");
            produce(&world, 60, 6).await;
            world.sleep_ms(1_000).await;
            let expected: Vec<i32> = (0..60).flat_map(|value| [value; 3]).collect();
            assert_eq!(values(&members), expected, "{assignor:?}");
            assert!(members.iter().all(|member| member.errors.borrow().is_empty()));
        });
    }
}

#[test]
fn eager_gives_everything_up_and_cooperative_only_what_moves() {
    for (assignor, expected) in [
        (Assignor::Range, ["+0,1,2,3", "-0,1,2,3", "+0,1"]),
        (Assignor::CooperativeSticky, ["+0,1,2,3", "-2,3", "+"]),
    ] {
        let world = World::new(2);
        world.run(async {
            create(&world, "t", 4).await;
            let a = Member::join(&world, "a", group_config(assignor));
            world.sleep_ms(6_000).await;
            let b = Member::join(&world, "b", group_config(assignor));
            world.sleep_ms(12_000).await;
            let events: Vec<String> = a.events();
            let moved: Vec<&String> = events.iter().filter(|event| event.as_str() != "+").collect();
            match assignor {
                Assignor::Range => assert_eq!(events, expected),
                _ => {
                    assert_eq!(moved[0], "+0,1,2,3");
                    assert!(
                        moved.len() == 2 && moved[1].starts_with('-') && moved[1].len() == 4,
                        "{events:?}"
                    );
                }
            }
            assert_eq!((a.owned().len(), b.owned().len()), (2, 2));
            assert!(a.owned().is_disjoint(&b.owned()));
            b.consumer.close().await;
            assert!(b.events().last().is_some_and(|event| event.starts_with('-')), "{:?}", b.events());
        });
    }
}

#[test]
fn reading_goes_on_where_it_was_committed() {
    let world = World::new(3);
    world.run(async {
        create(&world, "t", 1).await;
        produce(&world, 20, 1).await;
        let config = ConsumerConfig {
            enable_auto_commit: false,
            max_poll_records: 5,
            ..group_config(Assignor::Range)
        };
        let first = Consumer::new(world.cluster("first"), config.clone());
        first.subscribe(&["t".to_owned()], ()).expect("a group");
        world.spawn(first.run());
        let mut read = Vec::new();
        while read.len() < 10 {
            read.extend(first.poll(1_000).await.expect("records"));
        }
        first.commit().await.expect("committed");
        assert_eq!(first.poll(1_000).await.expect("records").len(), 5);
        assert_eq!(first.committed(&[at(0)]).await.expect("offsets")[&at(0)].offset, 10);
        // Not committed: read again by the next one.
        first.close().await;
        let second = Consumer::new(world.cluster("second"), config);
        second.subscribe(&["t".to_owned()], ()).expect("a group");
        world.spawn(second.run());
        let mut records = Vec::new();
        while records.is_empty() {
            records = second.poll(1_000).await.expect("records");
        }
        assert_eq!(records[0].offset, 10);
        let noted = OffsetAndMetadata { metadata: "note".to_owned(), ..OffsetAndMetadata::new(3) };
        second.commit_offsets(&[(at(0), noted.clone())].into()).await.expect("committed");
        assert_eq!(second.committed(&[at(0)]).await.expect("offsets")[&at(0)], noted);
    });
}

#[test]
fn a_frozen_member_loses_its_partitions_and_comes_back() {
    let world = World::new(4);
    world.run(async {
        create(&world, "t", 4).await;
        let config = ConsumerConfig { session_timeout_ms: 10_000, ..group_config(Assignor::Range) };
        let a = Member::join(&world, "a", config.clone());
        let b = Member::join(&world, "b", config);
        world.sleep_ms(12_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (2, 2));
        a.freeze(&world, true);
        world.sleep_ms(30_000).await;
        assert_eq!(b.owned().len(), 4);
        produce(&world, 40, 4).await;
        world.sleep_ms(1_000).await;
        assert_eq!(values(&[&b]).len(), 40);
        a.freeze(&world, false);
        world.sleep_ms(20_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (2, 2));
        assert!(a.events().iter().any(|event| event.starts_with('!')), "{:?}", a.events());
        produce(&world, 40, 4).await;
        world.sleep_ms(2_000).await;
        assert_eq!(values(&[&a, &b]).len(), 80);
    });
}

#[test]
fn an_application_that_does_not_poll_is_put_out_and_joins_again() {
    let world = World::new(5);
    world.run(async {
        create(&world, "t", 2).await;
        let config = ConsumerConfig { max_poll_interval_ms: 5_000, ..group_config(Assignor::Range) };
        let a = Member::join(&world, "a", config.clone());
        let b = Member::join(&world, "b", config);
        world.sleep_ms(10_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (1, 1));
        // Only the application: heartbeats go on.
        world.freeze(a.tasks[1], true);
        produce(&world, 2, 2).await;
        world.sleep_ms(20_000).await;
        // Its poll is under way all the time, so it counts as polling.
        assert_eq!(b.owned().len(), 1);
        world.freeze(a.tasks[1], false);
        world.sleep_ms(1_000).await;
        let lazy = Consumer::new(world.cluster("lazy"), group_config(Assignor::Range));
        drop(lazy);
        assert_eq!(values(&[&a, &b]), [0, 1]);
    });
    let world = World::new(6);
    world.run(async {
        create(&world, "t", 1).await;
        let config = ConsumerConfig { max_poll_interval_ms: 5_000, ..group_config(Assignor::Range) };
        let slow = Consumer::new(world.cluster("slow"), config);
        slow.subscribe(&["t".to_owned()], ()).expect("a group");
        world.spawn(slow.run());
        while slow.assignment().is_empty() {
            slow.poll(100).await.expect("nothing yet");
        }
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let members = async || {
            let described = admin.describe_groups(&["g".to_owned()]).await.expect("an answer");
            described["g"].as_ref().expect("a group").members.len()
        };
        assert_eq!(members().await, 1);
        world.sleep_ms(7_000).await;
        assert_eq!(members().await, 0);
        for _ in 0..100 {
            slow.poll(100).await.expect("nothing");
        }
        assert_eq!(members().await, 1);
    });
}

#[test]
fn every_record_is_read_through_cuts_and_crashes() {
    let mut cuts = 0;
    for seed in 1..=12 {
        let world = World::new(seed);
        world.run(async {
            create(&world, "t", 4).await;
            let assignor = Assignor::ALL[seed as usize % 4];
            let members: Vec<Member> =
                ["a", "b"].iter().map(|name| Member::join(&world, name, group_config(assignor))).collect();
            world.sleep_ms(8_000).await;
            world.set_weather(Weather { cut_before: 60, cut_after: 60, ..Weather::default() });
            produce(&world, 200, 4).await;
            if seed % 2 == 0 {
                world.crash_broker();
            }
            world.sleep_ms(5_000).await;
            world.set_weather(Weather::default());
            world.sleep_ms(60_000).await;
            let members: Vec<&Member> = members.iter().collect();
            let read: BTreeSet<i32> = values(&members).into_iter().collect();
            assert_eq!(read.len(), 200, "seed {seed}, {assignor:?}: {:?}", members[0].errors.borrow());
            for member in members {
                let mut last: BTreeMap<i32, i64> = BTreeMap::new();
                // In order, but where reading began again after a rebalance.
                let seen = member.seen.borrow();
                let steps_back = seen.iter().filter(|record| {
                    last.insert(record.partition, record.offset).is_some_and(|before| before >= record.offset)
                });
                assert!(steps_back.count() < 20);
            }
        });
        cuts += world.cuts();
    }
    assert!(cuts > 50, "{cuts} cuts");
}

#[test]
fn seek_pause_and_reset_policies() {
    let world = World::new(7);
    world.run(async {
        create(&world, "t", 2).await;
        produce(&world, 20, 2).await;
        let config = ConsumerConfig { auto_offset_reset: OffsetReset::None, ..ConsumerConfig::default() };
        let consumer = Consumer::new(world.cluster("reader"), config);
        world.spawn(consumer.run());
        consumer.assign(&[at(0)]);
        assert_eq!(
            consumer.poll(1_000).await,
            Err(ConsumeError::NoOffset { partition: at(0), position: None })
        );
        assert!(consumer.poll(1_000).await.expect("nothing").is_empty());
        consumer.seek(&at(0), 7).expect("assigned");
        let offsets = async || -> Vec<i64> {
            consumer.poll(1_000).await.expect("records").iter().map(|record| record.offset).collect()
        };
        assert_eq!(offsets().await, [7, 8, 9]);
        assert_eq!(consumer.position(&at(0)), Some(10));
        // Record n of partition 0 has the time 1000 + 2n.
        consumer.seek_to_timestamp(&at(0), 1_011).expect("assigned");
        assert_eq!(offsets().await, [6, 7, 8, 9]);
        consumer.seek_to_timestamp(&at(0), i64::MAX).expect("assigned");
        assert!(offsets().await.is_empty());
        assert_eq!(consumer.position(&at(0)), Some(10));
        consumer.seek_to_beginning(&at(0)).expect("assigned");
        consumer.pause(&[at(0)]);
        assert!(offsets().await.is_empty());
        consumer.resume(&[at(0)]);
        assert_eq!(offsets().await.len(), 10);
        consumer.seek(&at(0), 99).expect("assigned");
        assert_eq!(
            consumer.poll(2_000).await,
            Err(ConsumeError::NoOffset { partition: at(0), position: Some(99) })
        );
        assert!(matches!(consumer.seek(&at(1), 0), Err(ConsumeError::NotAssigned { .. })));
        consumer.assign(&[at(1)]);
        consumer.seek(&at(1), 0).expect("assigned");
        assert_eq!(offsets().await.len(), 10);
    });
}

#[test]
fn topics_that_come_later_and_partitions_that_are_added_are_taken_up() {
    let world = World::new(8);
    world.run(async {
        let cluster = |name: &str| {
            tablog_client::Cluster::new(
                world.clone(),
                tablog_client::ClusterConfig {
                    bootstrap_servers: vec![("broker".to_owned(), 9092)],
                    client_id: name.to_owned(),
                    metadata_max_age_ms: 5_000,
                    allow_auto_create_topics: false,
                    ..Default::default()
                },
            )
        };
        let consumer = Consumer::new(cluster("early"), group_config(Assignor::CooperativeSticky));
        consumer.subscribe(&["t".to_owned()], ()).expect("a group");
        world.spawn(consumer.run());
        for _ in 0..60 {
            consumer.poll(100).await.expect("nothing yet");
        }
        assert!(consumer.assignment().is_empty());
        create(&world, "t", 1).await;
        for _ in 0..100 {
            consumer.poll(100).await.expect("nothing yet");
        }
        assert_eq!(consumer.assignment().len(), 1);
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        admin.create_partitions(&[("t".to_owned(), 3)].into()).await.expect("an answer")["t"]
            .as_ref()
            .expect("grown");
        for _ in 0..150 {
            consumer.poll(100).await.expect("nothing yet");
        }
        assert_eq!(consumer.assignment().len(), 3);
    });
}

#[test]
fn the_will_makes_a_dead_member_leave_at_once() {
    let world = World::new(9);
    world.run(async {
        create(&world, "t", 2).await;
        let a = Member::join(&world, "a", group_config(Assignor::Range));
        let b = Member::join(&world, "b", group_config(Assignor::Range));
        world.sleep_ms(10_000).await;
        assert_eq!((a.owned().len(), b.owned().len()), (1, 1));
        assert!(a.consumer.leave_frame().is_some());
        a.freeze(&world, true);
        assert_eq!(world.execute_wills("a"), 1);
        world.sleep_ms(8_000).await;
        assert_eq!(b.owned().len(), 2);
        b.consumer.close().await;
        // It left by itself: nothing is left to be said.
        assert_eq!(world.execute_wills("b"), 0);
    });
}

#[test]
fn groups_are_listed_described_and_their_offsets_changed() {
    let world = World::new(10);
    world.run(async {
        create(&world, "t", 2).await;
        produce(&world, 10, 2).await;
        let a = Member::join(&world, "a", group_config(Assignor::Range));
        world.sleep_ms(8_000).await;
        let admin = Admin::new(world.cluster("admin"), AdminConfig::default());
        let groups = admin.list_groups().await.expect("groups");
        assert_eq!((groups.len(), groups[0].group_id.as_str(), groups[0].state.as_str()), (1, "g", "Stable"));
        let names = ["g".to_owned()];
        let described = admin.describe_groups(&names).await.expect("an answer");
        let group = described["g"].as_ref().expect("a group");
        assert_eq!((group.state.as_str(), group.protocol.as_str()), ("Stable", "range"));
        assert_eq!(group.members[0].client_id, "a");
        assert_eq!(group.members[0].subscribed_topics, ["t"]);
        assert_eq!(group.members[0].assignment, [at(0), at(1)].into());
        let offsets = admin.list_consumer_group_offsets("g", None).await.expect("offsets");
        assert_eq!(offsets[&at(0)].as_ref().expect("an offset").offset, 5);
        let busy = admin.delete_groups(&names).await.expect("an answer");
        assert!(busy["g"].is_err());
        a.consumer.close().await;
        let moved = [(at(0), OffsetAndMetadata::new(2))].into();
        admin.alter_consumer_group_offsets("g", &moved).await.expect("an answer")[&at(0)]
            .as_ref()
            .expect("moved");
        admin.delete_consumer_group_offsets("g", &[at(1)].into()).await.expect("an answer")[&at(1)]
            .as_ref()
            .expect("deleted");
        let offsets = admin.list_consumer_group_offsets("g", None).await.expect("offsets");
        assert_eq!(offsets.len(), 1);
        assert_eq!(offsets[&at(0)].as_ref().expect("an offset").offset, 2);
        assert!(admin.delete_groups(&names).await.expect("an answer")["g"].is_ok());
        assert!(admin.list_groups().await.expect("groups").is_empty());
    });
}

#[test]
fn a_static_member_that_comes_back_keeps_its_partitions_and_nobody_notices() {
    let world = World::new(11);
    world.run(async {
        create(&world, "t", 4).await;
        let named = |name: &str| ConsumerConfig {
            group_instance_id: Some(name.to_owned()),
            ..group_config(Assignor::Range)
        };
        let a = Member::join(&world, "a", named("a"));
        let b = Member::join(&world, "b", named("b"));
        world.sleep_ms(12_000).await;
        let (owned, generation) = (b.owned(), a.consumer.group_metadata().generation);
        assert_eq!(owned.len(), 2);
        assert!(b.consumer.leave_frame().is_none());
        b.consumer.close().await;
        world.sleep_ms(5_000).await;
        assert_eq!(a.owned().len(), 2);
        let again = Member::join(&world, "b2", named("b"));
        world.sleep_ms(5_000).await;
        assert_eq!(again.owned(), owned);
        assert_eq!(a.consumer.group_metadata().generation, generation);
    });
}

struct CommittingListener {
    consumer: std::rc::Weak<Consumer<World>>,
}

impl RebalanceListener for CommittingListener {
    fn on_partitions_revoked(&self, partitions: &[TopicPartition]) {
        if let Some(consumer) = self.consumer.upgrade() {
            let offsets = partitions.iter().map(|partition| (partition.clone(), OffsetAndMetadata::new(3)));
            consumer.queue_commit(offsets.collect());
        }
    }
}

#[test]
fn what_is_queued_while_partitions_are_revoked_is_committed_before_they_go() {
    let world = World::new(12);
    world.run(async {
        create(&world, "t", 2).await;
        produce(&world, 10, 2).await;
        let config = ConsumerConfig { enable_auto_commit: false, ..group_config(Assignor::Range) };
        let first = Rc::new(Consumer::new(world.cluster("first"), config.clone()));
        let listener = CommittingListener { consumer: Rc::downgrade(&first) };
        first.subscribe(&["t".to_owned()], listener).expect("a group");
        world.spawn(first.run());
        while first.assignment().is_empty() {
            first.poll(100).await.expect("records");
        }
        let (polling, second) = (first.clone(), Member::join(&world, "second", config));
        world.spawn(async move { while polling.poll(100).await.is_ok() {} });
        world.sleep_ms(12_000).await;
        assert_eq!(second.owned().len(), 1);
        // It began where the first one said.
        assert_eq!(second.seen.borrow()[0].offset, 3);
    });
}

#[test]
fn twenty_thousand_records_reach_three_members() {
    let world = World::new(13);
    world.run(async {
        create(&world, "t", 6).await;
        let members: Vec<Member> = ["a", "b", "c"]
            .iter()
            .map(|name| Member::join(&world, name, group_config(Assignor::Range)))
            .collect();
        world.sleep_ms(10_000).await;
        produce(&world, 20_000, 6).await;
        world.sleep_ms(5_000).await;
        let members: Vec<&Member> = members.iter().collect();
        assert_eq!(values(&members), (0..20_000).collect::<Vec<_>>());
        let lag: i64 = members.iter().flat_map(|it| it.consumer.partitions()).filter_map(|it| it.lag).sum();
        assert_eq!(lag, 0);
    });
}

#[test]
fn what_was_processed_is_committed_before_partitions_go_and_on_close() {
    for assignor in [Assignor::Range, Assignor::CooperativeSticky] {
        let world = World::new(14);
        world.run(async {
            create(&world, "t", 4).await;
            produce(&world, 40, 4).await;
            // Too rarely to help.
            let config = ConsumerConfig { auto_commit_interval_ms: 3_600_000, ..group_config(assignor) };
            let a = Member::join(&world, "a", config.clone());
            world.sleep_ms(6_000).await;
            let b = Member::join(&world, "b", config.clone());
            world.sleep_ms(12_000).await;
            assert_eq!(b.owned().len(), 2);
            a.consumer.close().await;
            b.consumer.close().await;
            let c = Member::join(&world, "c", config);
            world.sleep_ms(8_000).await;
            assert_eq!(c.owned().len(), 4);
            assert_eq!(values(&[&a, &b, &c]), (0..40).collect::<Vec<_>>(), "{assignor:?}");
        });
    }
}
