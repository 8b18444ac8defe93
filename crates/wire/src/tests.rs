//! Every message at every version: sent round, cut short, with lengths that lie, and as random bytes.

mod counting;
mod golden;

use crate::codec::{DecodeError, Filled, Form, Message, lengths};
use crate::filled::every_message;
use crate::frame::decode_body;
use bytes::{Bytes, BytesMut};
use std::fmt::Debug;

/// One message as the tests see it.
struct Case {
    name: &'static str,
    versions: (i16, i16),
    encode_filled: fn(i16) -> Bytes,
    decode: fn(Bytes, i16) -> Result<(), DecodeError>,
    round_trips: fn(i16),
}

fn case<T: Message + Filled + Default + PartialEq + Debug>() -> Case {
    Case {
        name: T::NAME,
        versions: T::VERSIONS,
        encode_filled: |version| encode(&T::filled(version), version),
        decode: |bytes, version| decode_body::<T>(bytes, version).map(|_| ()),
        round_trips: |version| {
            for value in [T::filled(version), T::default()] {
                let bytes = encode(&value, version);
                assert!(bytes.is_empty() || bytes.len() >= T::LEAST_SIZE, "{} {version}", T::NAME);
                assert_eq!(decode_body::<T>(bytes, version).as_ref(), Ok(&value), "{} {version}", T::NAME);
            }
        },
    }
}

fn encode<T: Message>(value: &T, version: i16) -> Bytes {
    let mut out = BytesMut::new();
    lengths::take();
    match value.encode(&mut out, version) {
        Ok(()) => out.freeze(),
        Err(error) => panic!("{} {version}: {error}", T::NAME),
    }
}

macro_rules! cases {
    ($($message:ty,)*) => { vec![$(case::<$message>()),*] };
}

fn cases() -> Vec<(Case, i16)> {
    let all: Vec<Case> = every_message!(cases);
    assert!(all.len() > 100);
    all.into_iter()
        .flat_map(|case| (case.versions.0..=case.versions.1).map(move |version| (Case { ..case }, version)))
        .collect()
}

#[test]
fn every_message_round_trips_at_every_version() {
    for (case, version) in cases() {
        (case.round_trips)(version);
    }
}

#[test]
fn versions_outside_the_schema_are_refused() {
    for (case, _) in cases() {
        for version in [case.versions.0 - 1, case.versions.1 + 1, i16::MIN, i16::MAX] {
            let refused = DecodeError::UnsupportedVersion { message: case.name, version };
            assert_eq!((case.decode)(Bytes::from_static(&[0; 64]), version), Err(refused));
        }
    }
}

#[test]
fn a_message_cut_anywhere_is_an_error() {
    for (case, version) in cases() {
        let bytes = (case.encode_filled)(version);
        for end in 0..bytes.len() {
            assert!((case.decode)(bytes.slice(..end), version).is_err(), "{} {version} at {end}", case.name);
        }
        let mut longer = BytesMut::from(&bytes[..]);
        longer.extend_from_slice(&[0]);
        assert_eq!((case.decode)(longer.freeze(), version), Err(DecodeError::TrailingBytes), "{}", case.name);
    }
}

#[test]
fn a_length_at_its_maximum_is_an_error_and_allocates_little() {
    let mut tried = 0;
    for (case, version) in cases() {
        let bytes = (case.encode_filled)(version);
        for length in lengths::take() {
            let (maximum, after): (&[u8], usize) = match length.form {
                Form::Flexible => {
                    (&[0xff, 0xff, 0xff, 0xff, 0x0f], length.at + uvarint_size(&bytes[length.at..]))
                }
                Form::Classic if length.is_short => (&[0x7f, 0xff], length.at + 2),
                Form::Classic => (&[0x7f, 0xff, 0xff, 0xff], length.at + 4),
            };
            let hostile = Bytes::from([&bytes[..length.at], maximum, &bytes[after..]].concat());
            let bound = 4096 + 64 * hostile.len();
            let (result, allocated) = counting::allocated(|| (case.decode)(hostile, version));
            assert!(result.is_err(), "{} {version}: length at {}", case.name, length.at);
            assert!(allocated < bound, "{} {version}: {allocated} bytes for a length", case.name);
            tried += 1;
        }
    }
    assert!(tried > 5000, "{tried} lengths");
}

fn uvarint_size(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte & 0x80 != 0).count() + 1
}

#[test]
fn random_bytes_never_panic() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for (case, version) in cases() {
        for _ in 0..40 {
            let size = (random() % 80) as usize;
            // Small numbers are what gets a decoder far; high bits are what gets it wrong.
            let bytes: Vec<u8> =
                (0..size).map(|_| (random() >> (8 * (random() % 8))) as u8 & random() as u8).collect();
            let bound = 4096 + 256 * size;
            let (_, allocated) = counting::allocated(|| (case.decode)(Bytes::from(bytes), version));
            assert!(allocated < bound, "{} {version}: {allocated} bytes for {size}", case.name);
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for (case, version) in cases() {
        let bytes = (case.encode_filled)(version);
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] ^= flip;
                let _ = (case.decode)(Bytes::from(changed), version);
            }
        }
    }
}
