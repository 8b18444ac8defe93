//! Bytes that were written by hand from the protocol's description.

use crate::api_key::ApiKey;
use crate::codec::{DecodeError, Encode, EncodeError};
use crate::frame;
use crate::header::RequestHeader;
use crate::messages::metadata_request::MetadataRequestTopic;
use crate::messages::produce_request::{PartitionProduceData, TopicProduceData};
use crate::messages::*;
use crate::records::{self, MetadataFrame};
use bytes::{Bytes, BytesMut};
use tablog_record::Uuid;

#[test]
fn api_versions_0_has_no_body() {
    let frame = frame::encode_request(&ApiVersionsRequest::default(), 0, 7, Some("kcat")).unwrap();
    assert_eq!(&frame[..], b"\x00\x12\x00\x00\x00\x00\x00\x07\x00\x04kcat");
}

#[test]
fn api_versions_3_has_a_flexible_header_with_a_classic_client_id() {
    let request = ApiVersionsRequest {
        client_software_name: "librdkafka".into(),
        client_software_version: "2.8.0".into(),
    };
    let frame = frame::encode_request(&request, 3, 1, Some("rdkafka")).unwrap();
    assert_eq!(&frame[..], b"\x00\x12\x00\x03\x00\x00\x00\x01\x00\x07rdkafka\x00\x0blibrdkafka\x062.8.0\x00");
    let mut body = frame.clone();
    let header = RequestHeader::decode(&mut body).unwrap();
    assert_eq!((header.api_key, header.api_version, header.client_id.as_deref()), (18, 3, Some("rdkafka")));
    assert_eq!(frame::decode_body::<ApiVersionsRequest>(body, 3), Ok(request));
}

#[test]
fn the_response_of_api_versions_has_the_oldest_header() {
    let response = ApiVersionsResponse { error_code: 35, ..Default::default() };
    let frame = frame::encode_response(ApiKey::ApiVersions, 3, 9, &response).unwrap();
    assert_eq!(&frame[..], b"\x00\x00\x00\x09\x00\x23\x01\x00\x00\x00\x00\x00");
    let frame = frame::encode_response(ApiKey::Metadata, 9, 9, &MetadataResponse::default()).unwrap();
    assert_eq!(&frame[..5], b"\x00\x00\x00\x09\x00");
}

#[test]
fn metadata_1_tells_all_topics_from_none() {
    let all = MetadataRequest { topics: None, ..Default::default() };
    let named = MetadataRequestTopic { name: Some("flights".into()), ..Default::default() };
    let one = MetadataRequest { topics: Some(vec![named]), ..Default::default() };
    let mut out = BytesMut::new();
    all.encode(&mut out, 1).unwrap();
    one.encode(&mut out, 1).unwrap();
    assert_eq!(&out[..], b"\xff\xff\xff\xff\x00\x00\x00\x01\x00\x07flights");
    let refused = all.encode(&mut out, 0);
    assert_eq!(refused, Err(EncodeError::NullNotAllowed { field: "MetadataRequest.topics" }));
}

#[test]
fn produce_3_is_classic_throughout() {
    let partition = PartitionProduceData { index: 2, records: Some(Bytes::from_static(b"batch")) };
    let topic = TopicProduceData { name: "t".into(), partition_data: vec![partition], ..Default::default() };
    let request =
        ProduceRequest { acks: -1, timeout_ms: 1500, topic_data: vec![topic], ..Default::default() };
    let mut out = BytesMut::new();
    request.encode(&mut out, 3).unwrap();
    assert_eq!(
        &out[..],
        b"\xff\xff\xff\xff\x00\x00\x05\xdc\x00\x00\x00\x01\x00\x01t\
          \x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x05batch"
    );
}

#[test]
fn a_field_that_the_version_lacks_is_refused_unless_it_may_be_ignored() {
    let member = HeartbeatRequest { group_instance_id: Some("a".into()), ..Default::default() };
    assert!(matches!(member.encode(&mut BytesMut::new(), 2), Err(EncodeError::FieldNotInVersion { .. })));
    let rack = FetchRequest { rack_id: "r".into(), ..Default::default() };
    assert_eq!(rack.encode(&mut BytesMut::new(), 10), Ok(()));
}

#[test]
fn unknown_tagged_fields_are_skipped() {
    let body = Bytes::from_static(b"\x02g\x00\x00\x00\x05\x02m\x00\x01\x63\x03abc");
    let request: HeartbeatRequest = frame::decode_body(body, 4).unwrap();
    assert_eq!((request.generation_id, request.group_instance_id), (5, None));
}

#[test]
fn a_few_hostile_bytes_are_an_error() {
    // A Metadata request that claims two thousand million topics.
    let body = Bytes::from_static(b"\x7f\xff\xff\xff");
    assert_eq!(frame::decode_body::<MetadataRequest>(body, 1), Err(DecodeError::Truncated));
    let body = Bytes::from_static(b"\x80\x80\x80\x80\x80\x80\x00\x00");
    assert_eq!(frame::decode_body::<MetadataRequest>(body, 12), Err(DecodeError::VarintTooLong));
}

#[test]
fn coordinator_records_have_their_type_and_version_in_front() {
    let key = records::OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 3 };
    let bytes = records::encode_key(&key).unwrap();
    assert_eq!(&bytes[..], b"\x00\x01\x00\x01g\x00\x01t\x00\x00\x00\x03");
    assert_eq!(records::key_type(&bytes), Ok(1));
    assert_eq!(records::decode_key(bytes.clone()), Ok(key));
    let wrong = records::decode_key::<records::GroupMetadataKey>(bytes);
    assert_eq!(wrong, Err(DecodeError::WrongRecordType { got: 1 }));

    let value =
        records::OffsetCommitValue { offset: 10, leader_epoch: 0, commit_timestamp: 5, ..Default::default() };
    let bytes = records::encode_value(&value, 3).unwrap();
    assert_eq!(&bytes[..], b"\x00\x03\0\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x05");
    assert_eq!(records::decode_value(bytes), Ok(value));
}

#[test]
fn metadata_records_have_a_frame_in_front() {
    let record = records::TopicRecord { name: "t".into(), topic_id: Uuid([1; 16]) };
    let bytes = records::encode_metadata(&record, 0).unwrap();
    assert_eq!(&bytes[..5], b"\x01\x02\x00\x02t");
    let frame = MetadataFrame::decode(bytes).unwrap();
    assert_eq!((frame.api_key, frame.version), (2, 0));
    assert_eq!(frame.record(), Ok(record));
}
