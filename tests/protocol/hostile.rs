//! Frames that lie: the broker closes the connection or answers with a code, takes little memory and lives.

use crate::allocation::allocated;
use crate::requests::{Said, TOPIC, all, prepare};
use crate::{Bench, batch, produce_request};
use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;
use tablog_record::{BatchBuilder, Compression, Timestamp};
use tablog_wire::messages::{ApiVersionsRequest, MetadataRequest};
use tablog_wire::{ApiKey, frame, served};

/// What a request may ask of the allocator: its own size many times over, and what the broker's answers take.
const BYTES_MAX: usize = 4 << 20;

fn header(api_key: i16, version: i16) -> Bytes {
    let mut out = BytesMut::new();
    out.put_i16(api_key);
    out.put_i16(version);
    out.put_i32(7);
    out.put_i16(-1);
    out.freeze()
}

/// A header as versions have it that are flexible: no tagged fields behind it.
fn flexible_header(api_key: i16, version: i16) -> Bytes {
    Bytes::from([&header(api_key, version)[..], &[0]].concat())
}

/// Sends on a connection of its own; whether it was answered, and whether it was closed.
fn put(bench: &mut Bench, frame: Bytes) -> (Option<Bytes>, bool) {
    let connection = bench.broker.connect();
    bench.broker.send_frame(connection, frame);
    let answer = bench.broker.receive_frame(connection);
    let closed = bench.broker.is_closed(connection);
    if !closed {
        bench.broker.disconnect(connection);
    }
    (answer, closed)
}

fn assert_lives(bench: &mut Bench) {
    let connection = bench.broker.connect();
    let answer = bench.broker.call(connection, 0, &ApiVersionsRequest::default());
    assert_eq!(answer.error_code, 0);
    bench.broker.disconnect(connection);
}

#[test]
fn a_frame_too_short_for_its_header_closes_the_connection() {
    let mut bench = Bench::new();
    let whole = frame::encode_request(&ApiVersionsRequest::default(), 2, 7, Some("test")).unwrap();
    for end in 0..whole.len() {
        assert_eq!(put(&mut bench, whole.slice(..end)), (None, true), "{end} bytes");
    }
    assert!(put(&mut bench, whole.clone()).0.is_some());
    assert_lives(&mut bench);
}

/// As librdkafka 2.16 writes a Metadata request for all topics: three bytes are left behind the last field.
#[test]
fn what_stands_behind_a_request_is_ignored() {
    let mut bench = Bench::new();
    prepare(&mut bench);
    let mut frame = flexible_header(ApiKey::Metadata.code(), 13).to_vec();
    frame.extend([0, 0, 0, 0, 1, 0, 0]);
    let answer = put(&mut bench, Bytes::from(frame)).0.expect("an answer");
    let (_, answer) = frame::decode_response::<MetadataRequest>(answer, 13).unwrap();
    assert!(answer.topics.iter().any(|topic| topic.name.as_deref() == Some(TOPIC)));
}

#[test]
fn unknown_apis_and_versions_close_the_connection() {
    let mut bench = Bench::new();
    for api_key in [-1, 4, 7, 93, 1000, i16::MIN, i16::MAX] {
        assert_eq!(put(&mut bench, header(api_key, 0)), (None, true), "API {api_key}");
    }
    for &(api, _, max) in served::SERVED {
        let first = served::min_accepted(api).unwrap();
        for version in [-1, first - 1, max + 1, i16::MIN, i16::MAX] {
            if api != ApiKey::ApiVersions {
                assert_eq!(put(&mut bench, header(api.code(), version)), (None, true), "{api:?} {version}");
            }
        }
    }
    for code in 0..100 {
        let Some(api) = ApiKey::from_i16(code) else { continue };
        if served::versions(api).is_none() {
            assert_eq!(put(&mut bench, header(code, 0)), (None, true), "{api:?} is known, not served");
        }
    }
    assert_lives(&mut bench);
}

#[test]
fn an_unknown_version_of_api_versions_is_answered_in_version_0() {
    let mut bench = Bench::new();
    for version in [5, 99, i16::MAX] {
        let (answer, closed) = put(&mut bench, flexible_header(ApiKey::ApiVersions.code(), version));
        assert!(!closed, "version {version}");
        let answer = answer.expect("an answer in version 0");
        let (correlation, answer) = frame::decode_response::<ApiVersionsRequest>(answer, 0).unwrap();
        assert_eq!((correlation, answer.error_code), (7, 35), "version {version}");
        assert!(answer.api_keys.iter().any(|api| api.api_key == 18 && api.max_version == 4));
    }
}

/// A body's bytes begin behind the header, whose client id is "test".
fn body_at(said: &Said) -> usize {
    2 + 2 + 4 + 2 + 4 + usize::from(said.api.request_header_version(said.version) >= 2)
}

#[test]
fn a_length_at_its_maximum_takes_little_memory() {
    let mut bench = Bench::new();
    let topic_id = prepare(&mut bench);
    let mut tried = 0;
    for said in all(topic_id) {
        let mut at_most = 0;
        for at in body_at(&said)..said.frame.len() {
            let (before, after) =
                (&said.frame[..at], |skip: usize| said.frame.get(at + skip..).unwrap_or(&[]));
            let lies: [Vec<u8>; 5] = [
                [before, &[0x7f, 0xff, 0xff, 0xff], after(4)].concat(),
                [before, &[0x7f, 0xff], after(2)].concat(),
                [before, &[0xff, 0xff, 0xff, 0xff, 0x0f], after(1)].concat(),
                [before, &[0xff, 0xff, 0xff, 0xff, 0x07], after(1)].concat(),
                [before, &[0x80, 0, 0, 0], after(4)].concat(),
            ];
            for lie in lies {
                let (_, bytes) = allocated(|| put(&mut bench, Bytes::from(lie)));
                at_most = at_most.max(bytes);
                tried += 1;
            }
        }
        assert!(at_most < BYTES_MAX, "{:?} v{}: {at_most} bytes", said.api, said.version);
        if tried > 3000 {
            tried = 0;
            bench = Bench::new();
            prepare(&mut bench);
        }
    }
    assert_lives(&mut bench);
}

fn random_frames() -> impl Strategy<Value = Vec<u8>> {
    let body = proptest::collection::vec(any::<u8>(), 0..200);
    let which = 0..served::SERVED.len();
    (which, any::<u16>(), body).prop_map(|(which, version, body)| {
        let (api, _, max) = served::SERVED[which];
        let min = served::min_accepted(api).unwrap();
        let version = min + (version as i16).rem_euclid(max - min + 1);
        let mut frame = header(api.code(), version).to_vec();
        if api.request_header_version(version) >= 2 {
            frame.push(0);
        }
        frame.extend(body);
        frame
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_bytes_never_panic_the_broker(
        frames in proptest::collection::vec(random_frames(), 1..40),
        noise in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut bench = Bench::new();
        put(&mut bench, Bytes::from(noise));
        for frame in frames {
            put(&mut bench, Bytes::from(frame));
        }
        assert_lives(&mut bench);
    }

    #[test]
    fn valid_requests_with_changed_bytes_never_panic_the_broker(
        changes in proptest::collection::vec(
            (
                any::<prop::sample::Index>(),
                proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            ),
            1..60,
        ),
    ) {
        let mut bench = Bench::new();
        let topic_id = prepare(&mut bench);
        let said = all(topic_id);
        for (which, flips) in changes {
            let said = which.get(&said);
            let from = body_at(said);
            let mut frame = said.frame.to_vec();
            for (at, byte) in flips {
                if frame.len() > from {
                    let at = from + at.index(frame.len() - from);
                    frame[at] = byte;
                }
            }
            put(&mut bench, Bytes::from(frame));
        }
        bench.broker.advance(60_000);
        assert_lives(&mut bench);
        bench.crash();
        assert_lives(&mut bench);
    }

    #[test]
    fn keys_and_values_of_any_bytes_come_back(
        key in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..60)),
        value in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..60)),
    ) {
        let mut bench = Bench::new();
        bench.create_topic(TOPIC, 1, &[]);
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(Timestamp(1_790_000_000_000), key.as_deref(), value.as_deref(), &[]);
        assert_eq!(bench.produce(TOPIC, 0, builder.build()).error_code, 0);
        bench.crash();
        let records = bench.fetch(TOPIC, 0, 0).records.unwrap();
        let batch = tablog_record::batches(records).next().unwrap().unwrap();
        let record = batch.records().unwrap().remove(0);
        prop_assert_eq!(record.key.map(|key| key.to_vec()), key);
        prop_assert_eq!(record.value.map(|value| value.to_vec()), value);
    }
}

#[test]
fn a_decompression_bomb_is_refused_and_bounded() {
    let mut bench = Bench::new();
    bench.create_topic(TOPIC, 1, &[]);
    let zeros = vec![0u8; 80 << 20];
    let mut builder = BatchBuilder::new(Compression::Gzip);
    builder.append(Timestamp(1_790_000_000_000), Some(b"key"), Some(&zeros), &[]);
    let bomb = builder.build();
    drop(zeros);
    assert!(bomb.len() < 200_000, "{} bytes would be refused for their size", bomb.len());
    let (answer, bytes) = allocated(|| bench.produce(TOPIC, 0, bomb));
    assert_eq!((answer.error_code, answer.base_offset), (10, -1));
    assert!(bytes < 400 << 20, "{bytes} bytes");
    assert_eq!(bench.produce(TOPIC, 0, batch(&["a"])).base_offset, 0);
}

#[test]
fn illegal_names_are_refused_wherever_they_stand() {
    let mut bench = Bench::new();
    let long = "x".repeat(250);
    for name in ["", ".", "..", "a b", "a/b", "ä", "a\0b", "<b>", &long] {
        assert_eq!(bench.create_topic(name, 1, &[]), 17, "{name:?}");
        let answer = bench.broker.call(bench.connection, 9, &produce_request(-1, name, 0, batch(&["a"])));
        let code = answer.responses[0].partition_responses[0].error_code;
        assert!([3, 17].contains(&code), "{name:?} was answered with {code}");
    }
    assert_eq!(bench.create_topic(&long[1..], 1, &[]), 0, "249 letters are a name");
}
