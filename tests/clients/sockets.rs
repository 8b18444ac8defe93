//! `tablog broker` under clients that are slow, rude or many. They speak bytes.

mod program;

use bytes::{Bytes, BytesMut};
use program::Broker;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tablog_record::{BatchBuilder, Compression, Timestamp};
use tablog_wire::Request;
use tablog_wire::frame::{decode_response, encode_request};
use tablog_wire::messages::api_versions_request::ApiVersionsRequest;
use tablog_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use tablog_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use tablog_wire::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};

struct Client {
    stream: TcpStream,
}

impl Client {
    fn connect(broker: &Broker) -> Client {
        let stream = TcpStream::connect(&broker.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        Client { stream }
    }

    fn send<R: Request>(&mut self, request: &R, version: i16, correlation_id: i32) {
        let frame = encode_request(request, version, correlation_id, Some("sockets")).expect("a request");
        self.stream.write_all(&(frame.len() as i32).to_be_bytes()).expect("it reads");
        self.stream.write_all(&frame).expect("it reads");
    }

    fn receive(&mut self) -> Bytes {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).expect("a reply");
        let mut frame = BytesMut::zeroed(usize::try_from(i32::from_be_bytes(length)).expect("a length"));
        self.stream.read_exact(&mut frame).expect("a whole reply");
        frame.freeze()
    }

    fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.send(request, version, 1);
        decode_response::<R>(self.receive(), version).expect("a response").1
    }

    /// Makes the topic and waits until it has a leader.
    fn touch(&mut self, topic: &str) {
        let topic = MetadataRequestTopic { name: Some(topic.to_owned()), ..MetadataRequestTopic::default() };
        let request = MetadataRequest {
            topics: Some(vec![topic]),
            allow_auto_topic_creation: true,
            ..MetadataRequest::default()
        };
        for _ in 0..1000 {
            let response = self.ask(&request, 9);
            if response.topics[0].error_code == 0 && !response.topics[0].partitions.is_empty() {
                return;
            }
        }
        panic!("the topic never came");
    }

    fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 1]), Ok(0) | Err(_))
    }
}

fn produce(topic: &str, value: &[u8]) -> ProduceRequest {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(1_700_000_000_000), None, Some(value), &[]);
    let partition = PartitionProduceData { index: 0, records: Some(builder.build()) };
    let topic = TopicProduceData {
        name: topic.to_owned(),
        partition_data: vec![partition],
        ..TopicProduceData::default()
    };
    ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() }
}

fn fetch(topic: &str) -> FetchRequest {
    let partition = FetchPartition { partition_max_bytes: 1 << 20, ..FetchPartition::default() };
    let topic = FetchTopic { topic: topic.to_owned(), partitions: vec![partition], ..FetchTopic::default() };
    FetchRequest {
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![topic],
        ..FetchRequest::default()
    }
}

#[test]
fn a_client_that_does_not_read_stops_itself_alone() {
    const REQUESTS: i32 = 300;
    let broker = Broker::start(&[]);
    let mut slow = Client::connect(&broker);
    slow.touch("large");
    let produced = slow.ask(&produce("large", &vec![7; 1_000_000]), 9);
    assert_eq!(produced.responses[0].partition_responses[0].error_code, 0, "{produced:?}");
    // 300 MB of replies, of which none is read for now.
    for correlation_id in 0..REQUESTS {
        slow.send(&fetch("large"), 11, correlation_id);
    }
    let mut other = Client::connect(&broker);
    for _ in 0..100 {
        assert!(!other.ask(&ApiVersionsRequest::default(), 0).api_keys.is_empty());
    }
    if let Some(kilobytes) = broker.resident_kilobytes() {
        assert!(kilobytes < 150_000, "{kilobytes} kB are held for a client that does not read");
    }
    for correlation_id in 0..REQUESTS {
        let (answered, response) = decode_response::<FetchRequest>(slow.receive(), 11).expect("a response");
        assert_eq!(answered, correlation_id, "replies keep the order of the requests");
        let records = response.responses[0].partitions[0].records.as_ref();
        assert!(records.is_some_and(|records| records.len() > 1_000_000));
    }
}

#[test]
fn a_claimed_length_is_no_memory() {
    let broker = Broker::start(&[]);
    let mut claimants: Vec<_> = (0..50).map(|_| Client::connect(&broker)).collect();
    for client in &mut claimants {
        client.stream.write_all(&(100_i32 << 20).to_be_bytes()).expect("it reads");
        client.stream.write_all(&[0; 1000]).expect("it reads");
    }
    assert!(!Client::connect(&broker).ask(&ApiVersionsRequest::default(), 0).api_keys.is_empty());
    if let Some(kilobytes) = broker.resident_kilobytes() {
        assert!(kilobytes < 100_000, "{kilobytes} kB are held for bytes that never came");
    }
}

#[test]
fn what_breaks_the_protocol_is_disconnected_and_nobody_else_notices() {
    let broker = Broker::start(&["socket.request.max.bytes=1000"]);
    let mut other = Client::connect(&broker);
    // Longer than the limit; negative; an unknown API; a body that is not what its header says; nothing at all.
    let rude: [&[u8]; 5] = [
        b"\0\0\x03\xe9",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x0a\x7f\xff\0\0\0\0\0\x01\xff\xff",
        b"\0\0\0\x0c\0\x03\0\x01\0\0\0\x01\xff\xff\x7f\xff",
        b"\0\0\0\0",
    ];
    for bytes in rude {
        let mut client = Client::connect(&broker);
        client.stream.write_all(bytes).expect("it reads");
        assert!(client.is_closed(), "{bytes:?}");
        assert!(!other.ask(&ApiVersionsRequest::default(), 0).api_keys.is_empty());
    }
}

#[test]
fn a_frame_may_come_in_pieces() {
    let broker = Broker::start(&[]);
    let mut client = Client::connect(&broker);
    client.stream.set_nodelay(true).expect("no delay");
    let frame = encode_request(&ApiVersionsRequest::default(), 0, 9, None).expect("a request");
    let bytes = [&(frame.len() as i32).to_be_bytes()[..], &frame].concat();
    for byte in bytes {
        client.stream.write_all(&[byte]).expect("it reads");
    }
    assert_eq!(&client.receive()[..4], &9_i32.to_be_bytes());
}
