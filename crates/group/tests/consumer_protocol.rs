//! The bytes that consumers send each other: Kafka's own, there and back, and nothing else.

use bytes::Bytes;
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription};
use tablog_record::TopicPartition;
use tablog_wire::messages::{
    consumer_protocol_assignment as assigned, consumer_protocol_subscription as subscribed,
};
use tablog_wire::{Decode, Encode};

fn subscription() -> ConsumerSubscription {
    ConsumerSubscription {
        topics: vec!["flights".to_owned(), "t".to_owned()],
        user_data: Some(Bytes::from_static(&[0, 0, 0, 4])),
        owned_partitions: vec![
            TopicPartition::new("flights", 4),
            TopicPartition::new("t", 0),
            TopicPartition::new("flights", 5),
        ],
        generation: 4,
        rack_id: Some("r1".to_owned()),
    }
}

#[test]
fn bytes_are_those_of_kafka_s_schemas() {
    for version in 0..=3 {
        let theirs = subscribed::ConsumerProtocolSubscription {
            topics: subscription().topics,
            user_data: subscription().user_data,
            owned_partitions: vec![
                subscribed::TopicPartition { topic: "flights".to_owned(), partitions: vec![4, 5] },
                subscribed::TopicPartition { topic: "t".to_owned(), partitions: vec![0] },
            ],
            generation_id: 4,
            rack_id: Some("r1".to_owned()),
        };
        let mut ours = subscription().encode(version);
        assert_eq!(ours.split_to(2)[..], version.to_be_bytes());
        let mut out = bytes::BytesMut::new();
        theirs.encode(&mut out, version).expect("encodes");
        assert_eq!(ours, out.freeze(), "version {version}");
    }
    let assignment = ConsumerAssignment { partitions: vec![TopicPartition::new("t", 3)], user_data: None };
    let mut bytes = assignment.encode(1);
    assert_eq!(bytes.split_to(2)[..], [0, 1]);
    let theirs = assigned::ConsumerProtocolAssignment::decode(&mut bytes, 1).expect("decodes");
    assert_eq!(theirs.assigned_partitions[0].partitions, [3]);
}

#[test]
fn every_version_comes_back() {
    for version in 0..=3 {
        let decoded = ConsumerSubscription::decode(subscription().encode(version)).expect("decodes");
        assert_eq!(decoded.topics, subscription().topics);
        assert_eq!(decoded.user_data, subscription().user_data);
        assert_eq!(decoded.owned_partitions.len(), if version >= 1 { 3 } else { 0 });
        assert_eq!(decoded.generation, if version >= 2 { 4 } else { -1 });
        assert_eq!(decoded.rack_id.is_some(), version >= 3);
        assert_eq!(ConsumerSubscription::decode_topics(subscription().encode(version)), Ok(decoded.topics));
    }
}

#[test]
fn what_is_newer_is_read_as_far_as_it_is_known() {
    let mut bytes = subscription().encode(3).to_vec();
    bytes[1] = 9;
    bytes.extend_from_slice(b"more");
    let decoded = ConsumerSubscription::decode(Bytes::from(bytes)).expect("decodes");
    assert_eq!(decoded.rack_id.as_deref(), Some("r1"));
}

#[test]
fn hostile_bytes_are_errors() {
    let whole = subscription().encode(3);
    for end in 0..whole.len() {
        assert!(ConsumerSubscription::decode(whole.slice(..end)).is_err(), "{end} bytes");
    }
    for lie in [
        &[0, 0, 0x7f, 0xff, 0xff, 0xff][..],
        &[0, 0, 0xff, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 1, 0, 2, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff],
        &[0, 0, 0, 0, 0, 1, 0xff, 0xff],
        &[0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 1, b't', 0x7f, 0xff, 0xff, 0xff],
    ] {
        assert!(ConsumerSubscription::decode(Bytes::copy_from_slice(lie)).is_err(), "{lie:?}");
    }
    let lie = [0, 0, 0, 0, 0, 1, 0, 1, b't', 0x10, 0, 0, 0, 0, 0, 0, 0];
    assert!(ConsumerAssignment::decode(Bytes::copy_from_slice(&lie)).is_err());
}
