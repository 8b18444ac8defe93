//! The admin client: item by item, at the right node.

use crate::producer::{create, record};
use crate::world::World;
use tablog_client::{
    Admin, AdminConfig, ConfigChange, ConfigResource, NewTopic, OffsetSpec, Producer, ProducerConfig,
};
use tablog_record::{SortedMap, SortedSet, TopicPartition};
use tablog_wire::ErrorCode;

fn admin(world: &World) -> Admin<World> {
    Admin::new(world.cluster("admin"), AdminConfig::default())
}

#[test]
fn topics_are_made_described_grown_emptied_and_deleted() {
    let world = World::new(1);
    world.run(async {
        let admin = admin(&world);
        let wanted = [NewTopic::new("a", 2), NewTopic::new("b/b", 1)];
        let made = admin.create_topics(&wanted).await.expect("an answer");
        assert!(made["a"].is_ok());
        let refused = made["b/b"].as_ref().expect_err("an illegal name");
        assert_eq!(refused.code(), Some(ErrorCode::InvalidTopicException));
        let again = admin.create_topics(&wanted[..1]).await.expect("an answer");
        let refused = again["a"].as_ref().expect_err("it is there");
        assert_eq!(refused.code(), Some(ErrorCode::TopicAlreadyExists));

        let names = ["a".to_owned(), "ghost".to_owned()];
        let described = admin.describe_topics(Some(&names)).await.expect("an answer");
        assert_eq!(described["a"].as_ref().expect("a description").partitions.len(), 2);
        let missing = described["ghost"].as_ref().expect_err("no such topic");
        assert_eq!(missing.code(), Some(ErrorCode::UnknownTopicOrPartition));
        // Describing makes nothing.
        let all = admin.describe_topics(None).await.expect("an answer");
        assert!(!all.contains_key("ghost"));

        admin.create_partitions(&[("a".to_owned(), 3)].into()).await.expect("an answer")["a"]
            .as_ref()
            .expect("grown");
        let producer = Producer::new(world.cluster("producer"), ProducerConfig::default());
        world.spawn(producer.run());
        for index in 0..30 {
            let mut record = record("a", "k", "v");
            record.partition = Some(index % 3);
            producer.send(record).await.expect("room").await.expect("stored");
        }
        let at = |index| TopicPartition::new("a", index);
        let deleted = admin.delete_records(&[(at(0), 4), (at(7), 1)].into()).await.expect("an answer");
        assert_eq!(deleted[&at(0)], Ok(4));
        assert!(deleted[&at(7)].is_err());
        let specs: SortedMap<TopicPartition, OffsetSpec> = [
            (at(0), OffsetSpec::Earliest),
            (at(1), OffsetSpec::Latest),
            (at(2), OffsetSpec::Timestamp(i64::MAX)),
        ]
        .into();
        let listed = admin.list_offsets(&specs).await.expect("an answer");
        assert_eq!(listed[&at(0)].as_ref().expect("an offset").offset, 4);
        assert_eq!(listed[&at(1)].as_ref().expect("an offset").offset, 10);
        assert_eq!(listed[&at(2)].as_ref().expect("none").offset, -1);
        let producers = admin.describe_producers(&SortedSet::from([at(1)])).await.expect("an answer");
        assert_eq!(producers[&at(1)].as_ref().expect("producers").len(), 1);

        let deleted = admin.delete_topics(&names).await.expect("an answer");
        assert!(deleted["a"].is_ok() && deleted["ghost"].is_err());
        let gone = admin.describe_topics(Some(&names[..1])).await.expect("an answer");
        assert!(gone["a"].is_err());
    });
}

#[test]
fn settings_and_the_cluster_are_described() {
    let world = World::new(2);
    world.run(async {
        create(&world, "t", 1).await;
        let admin = admin(&world);
        let topic = ConfigResource::Topic("t".to_owned());
        let change = ConfigChange::Set("60000".to_owned());
        let changes = [(topic.clone(), [("retention.ms".to_owned(), change)].into())].into();
        admin.incremental_alter_configs(&changes).await.expect("an answer")[&topic]
            .as_ref()
            .expect("altered");
        let described =
            admin.describe_configs(&[topic.clone(), ConfigResource::Broker(1)]).await.expect("an answer");
        let entries = described[&topic].as_ref().expect("settings");
        let retention = &entries["retention.ms"];
        assert_eq!(retention.value.as_deref(), Some("60000"));
        assert!(!retention.is_default() && entries["cleanup.policy"].is_default());
        assert!(described[&ConfigResource::Broker(1)].is_ok());
        let cluster = admin.describe_cluster().await.expect("a description");
        assert_eq!(cluster.brokers.len(), 1);
        let dirs = admin.describe_log_dirs(None).await.expect("an answer");
        let dirs = dirs[&1].as_ref().expect("the broker's");
        let dir = dirs[0].as_ref().expect("a directory");
        assert!(dir.replicas.contains_key(&TopicPartition::new("t", 0)));
    });
}
