//! Every way in which a batch can be wrong, and Kafka's code for it.

use bytes::Bytes;
use tablog_record::{
    BatchBuilder, BatchError, BatchHeader, Compression, ControlBatch, KeyRule, LeaderEpoch, Offset,
    OffsetRule, ProducerEpoch, ProducerId, RecordHeader, RecordRules, Sequence, Timestamp,
    TransactionOutcome, ValidBatch, batches, crc32c,
};

fn good() -> Vec<u8> {
    let mut builder = BatchBuilder::new(Compression::None);
    for index in 0..3 {
        builder.append(Timestamp(1000 + index), Some(b"k"), Some(b"v"), &[RecordHeader::new("h", "x")]);
    }
    builder.build().to_vec()
}

/// Overwrites and makes the CRC right again.
fn patched(at: usize, field: &[u8]) -> Vec<u8> {
    let mut bytes = good();
    bytes[at..at + field.len()].copy_from_slice(field);
    reseal(bytes)
}

fn reseal(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = (bytes.len() - BatchHeader::PREFIX_LEN) as i32;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn produced_code(bytes: impl Into<Bytes>) -> i16 {
    ValidBatch::parse_produced(bytes.into()).expect_err("it must be refused").kafka_code()
}

fn records_error(bytes: Vec<u8>) -> BatchError {
    let batch = ValidBatch::parse_produced(bytes.into()).expect("the header is right");
    assert!(batch.records().is_err(), "a reader refuses it too");
    batch.validate_records(&RecordRules::default()).expect_err("it must be refused")
}

#[test]
fn the_good_one_passes() {
    let batch = ValidBatch::parse_produced(good().into()).unwrap();
    assert_eq!(batch.validate_records(&RecordRules::default()).unwrap().max_timestamp, Timestamp(1002));
}

#[test]
fn headers_that_lie() {
    let invalid = BatchError::INVALID_RECORD;
    assert_eq!(produced_code(Bytes::new()), invalid, "no batch");
    assert_eq!(produced_code([good(), good()].concat()), invalid, "two batches");
    assert_eq!(produced_code([good(), vec![0]].concat()), invalid, "a byte too many");
    for len in 0..good().len() {
        assert_eq!(produced_code(good()[..len].to_vec()), invalid, "cut at {len}");
    }
    assert_eq!(produced_code(patched(16, &[0])), invalid, "magic 0");
    assert_eq!(produced_code(patched(16, &[1])), invalid, "magic 1");
    assert_eq!(produced_code(patched(16, &[3])), BatchError::CORRUPT_MESSAGE, "magic 3");
    assert_eq!(produced_code(patched(0, &7i64.to_be_bytes())), invalid, "base offset");
    assert_eq!(produced_code(patched(0, &(-1i64).to_be_bytes())), invalid, "negative base offset");
    for count in [-1, 0, 2, 4, i32::MAX, i32::MIN] {
        assert_eq!(produced_code(patched(57, &count.to_be_bytes())), invalid, "count {count}");
    }
    for delta in [-1, 0, 1, 3, i32::MAX, i32::MIN] {
        assert_eq!(produced_code(patched(23, &delta.to_be_bytes())), invalid, "last offset delta {delta}");
    }
    assert_eq!(produced_code(patched(43, &9i64.to_be_bytes())), invalid, "a producer without sequence");
    for id in 5..8 {
        let code = BatchError::UNSUPPORTED_COMPRESSION_TYPE;
        assert_eq!(produced_code(patched(21, &[0, id])), code, "compression {id}");
    }
}

#[test]
fn lengths_that_lie() {
    for length in [-1, 0, 13, 48, i32::MIN] {
        let mut bytes = good();
        bytes[8..12].copy_from_slice(&i32::to_be_bytes(length));
        assert_eq!(produced_code(bytes), BatchError::CORRUPT_MESSAGE, "length {length}");
    }
    let mut bytes = good();
    bytes[8..12].copy_from_slice(&i32::MAX.to_be_bytes());
    assert_eq!(produced_code(bytes), BatchError::INVALID_RECORD);
}

#[test]
fn every_byte_under_the_checksum_counts() {
    for at in 17..good().len() {
        let mut bytes = good();
        bytes[at] ^= 0x40;
        let error = ValidBatch::parse(bytes.into()).expect_err("a flipped bit");
        // The sign of the last offset delta is looked at before the checksum can be.
        let early = matches!(error, BatchError::OffsetOutOfRange { .. });
        assert!(early || error.kafka_code() == BatchError::CORRUPT_MESSAGE, "byte {at}: {error}");
    }
}

#[test]
fn control_batches_are_the_brokers() {
    let marker = ControlBatch {
        outcome: TransactionOutcome::Commit,
        coordinator_epoch: 5,
        producer_id: ProducerId(1),
        producer_epoch: ProducerEpoch(2),
        timestamp: Timestamp(3),
    };
    let batch = marker.build(Offset(0), LeaderEpoch(0));
    assert_eq!(ValidBatch::parse_produced(batch.bytes().clone()), Err(BatchError::ControlBatch));
    assert_eq!(ControlBatch::read(&ValidBatch::parse(batch.into_bytes()).unwrap()), Some(marker));
    assert_eq!(ControlBatch::read(&ValidBatch::parse(good().into()).unwrap()), None);
}

#[test]
fn offsets_past_the_number_line() {
    let batch = patched(0, &(i64::MAX - 2).to_be_bytes());
    assert!(matches!(ValidBatch::parse(batch.into()), Err(BatchError::OffsetOutOfRange { .. })));
    let batch = patched(0, &(i64::MAX - 3).to_be_bytes());
    assert_eq!(ValidBatch::parse(batch.into()).unwrap().header().end_offset(), Offset(i64::MAX));
}

/// One record by hand, after a good header that claims one.
fn with_record(record: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(0), None, None, &[]);
    let mut bytes = builder.build().to_vec();
    bytes.truncate(BatchHeader::LEN);
    bytes.extend_from_slice(record);
    reseal(bytes)
}

#[test]
fn records_that_lie() {
    // length 6: attributes, timestamp delta, offset delta, no key, no value, no headers
    let fine = [12, 0, 0, 0, 1, 1, 0];
    assert!(
        ValidBatch::parse(with_record(&fine).into())
            .unwrap()
            .validate_records(&RecordRules::default())
            .is_ok()
    );
    for (what, record) in [
        ("no record", &[][..]),
        ("length past the end", &[14, 0, 0, 0, 1, 1, 0]),
        ("length too short", &[10, 0, 0, 0, 1, 1, 0]),
        ("length past its content", &[14, 0, 0, 0, 1, 1, 0, 0]),
        ("negative length", &[1, 0, 0, 0, 1, 1, 0]),
        ("length that never ends", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("a huge length", &[0xfe, 0xff, 0xff, 0xff, 0x0f, 0]),
        ("bytes after the last record", &[12, 0, 0, 0, 1, 1, 0, 0]),
        ("an offset that is not its place", &[12, 0, 0, 2, 1, 1, 0]),
        ("a negative offset", &[12, 0, 0, 1, 1, 1, 0]),
        ("a key past the end", &[12, 0, 0, 0, 40, 1, 0]),
        ("a value past the end", &[12, 0, 0, 0, 1, 40, 0]),
        ("a negative header count", &[12, 0, 0, 0, 1, 1, 1]),
        ("headers that are not there", &[12, 0, 0, 0, 1, 1, 2]),
        ("a huge header count", &[20, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]),
        ("a header without key", &[16, 0, 0, 0, 1, 1, 2, 1, 1]),
        ("a header key past the end", &[16, 0, 0, 0, 1, 1, 2, 30, 1]),
        ("a timestamp that never ends", &[24, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
    ] {
        let error = records_error(with_record(record));
        assert!(matches!(error, BatchError::BadRecord { .. }), "{what}: {error}");
        assert_eq!(error.kafka_code(), BatchError::INVALID_RECORD, "{what}");
    }
}

#[test]
fn content_that_is_not_compressed_so() {
    for compression in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let error = records_error(patched(21, &[0, compression.id()]));
        assert!(matches!(error, BatchError::Undecodable { .. }), "{compression}: {error}");
        assert_eq!(error.kafka_code(), BatchError::INVALID_RECORD);
    }
}

#[test]
fn checksums_of_the_codecs_count() {
    let content = b"some content, some content, some more content";
    // gzip ends with crc and length, lz4 with a content checksum.
    for (codec, from_end) in [(Compression::Gzip, 8), (Compression::Lz4, 4), (Compression::Zstd, 4)] {
        let mut bytes = codec.compress(content);
        assert!(codec.decompress(&bytes, 1000).is_ok());
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        assert!(matches!(codec.decompress(&bytes, 1000), Err(BatchError::Undecodable { .. })), "{codec}");
    }
}

#[test]
fn broken_rules_are_facts_with_their_records() {
    let mut builder = BatchBuilder::new(Compression::Lz4);
    for (index, timestamp) in [5, 9, -1, 9, 1].into_iter().enumerate() {
        builder.append(Timestamp(timestamp), (index % 2 == 0).then_some(b"k".as_slice()), None, &[]);
    }
    let rules = RecordRules {
        keys: KeyRule::Required,
        timestamp_min: Some(Timestamp(2)),
        timestamp_max: Some(Timestamp(8)),
        ..RecordRules::default()
    };
    let facts = builder.build_batch().validate_records(&rules).unwrap();
    assert_eq!(facts.without_key.first, [1, 3]);
    assert_eq!(facts.outside_timestamps.first, [1, 3, 4]);
    assert_eq!((facts.max_timestamp, facts.offset_of_max_timestamp), (Timestamp(9), Offset(1)));
    assert_eq!(facts.min_timestamp, Timestamp(-1));

    let mut builder = BatchBuilder::new(Compression::None);
    (0..1000).for_each(|_| builder.append(Timestamp(0), None, Some(b"v"), &[]));
    let facts = builder.build_batch().validate_records(&rules).unwrap();
    assert_eq!((facts.without_key.count, facts.without_key.first.len()), (1000, 100), "the list is bounded");
}

#[test]
fn gaps_are_for_stored_batches() {
    let whole = ValidBatch::parse(good().into()).unwrap();
    let gappy = whole
        .retain(tablog_record::EmptyBatch::Drop, None, |record| record.offset != Offset(1))
        .unwrap()
        .unwrap();
    assert!(ValidBatch::parse_produced(gappy.bytes().clone()).is_err());
    assert!(gappy.validate_records(&RecordRules::default()).is_err());
    let stored = RecordRules { offsets: OffsetRule::Ascending, ..RecordRules::default() };
    assert!(gappy.validate_records(&stored).is_ok());
}

#[test]
fn a_range_ends_with_a_partial_batch_or_an_error() {
    let whole = good();
    let at = |base: i64| {
        let batch = ValidBatch::parse(good().into()).unwrap();
        batch.with_base_offset(Offset(base), LeaderEpoch(4)).bytes().to_vec()
    };
    let range = [at(0), at(3), at(6)].concat();
    for cut in 0..=range.len() {
        let found: Vec<_> = batches(range[..cut].to_vec().into()).map(|batch| batch.unwrap()).collect();
        assert_eq!(found.len(), cut / whole.len(), "cut at {cut}");
        assert!(
            found.iter().enumerate().all(|(index, b)| b.header().base_offset == Offset(3 * index as i64))
        );
    }
    let mut damaged = range.clone();
    damaged[whole.len() + 70] ^= 1;
    let found: Vec<_> = batches(damaged.into()).collect();
    assert_eq!(found.len(), 2);
    assert!(matches!(found[1], Err(BatchError::WrongCrc { .. })));
    let garbage: Vec<_> = batches(vec![0xab; 500].into()).collect();
    assert_eq!(garbage.len(), 1);
    assert!(garbage[0].is_err());
}

#[test]
fn sequences_wrap() {
    let mut builder =
        BatchBuilder::new(Compression::None).producer(ProducerId(1), ProducerEpoch(0), Sequence(i32::MAX));
    (0..3).for_each(|_| builder.append(Timestamp(0), None, None, &[]));
    assert_eq!(builder.build_batch().header().last_sequence(), Sequence(1));
}
