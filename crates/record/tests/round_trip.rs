//! What is written is what is read, in every compression and after every patch.

use bytes::Bytes;
use proptest::prelude::*;
use tablog_record::{
    BatchBuilder, BatchHeader, Compression, EmptyBatch, LeaderEpoch, Offset, OffsetRule, ProducerEpoch,
    ProducerId, Record, RecordHeader, RecordRules, Sequence, Timestamp, TimestampType, Transactionality,
    ValidBatch,
};

fn any_bytes() -> impl Strategy<Value = Option<Bytes>> {
    prop::option::of(prop::collection::vec(any::<u8>(), 0..80).prop_map(Bytes::from))
}

fn any_record() -> impl Strategy<Value = Record> {
    let headers = prop::collection::vec(("[a-z]{0,5}", any_bytes()), 0..3);
    (any_bytes(), any_bytes(), headers, prop_oneof![0..2_000_000_000_000i64, any::<i64>()]).prop_map(
        |(key, value, headers, timestamp)| Record {
            offset: Offset(0),
            timestamp: Timestamp(timestamp),
            key,
            value,
            headers: headers
                .into_iter()
                .map(|(key, value)| RecordHeader { key: key.into(), value })
                .collect(),
        },
    )
}

fn any_records() -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(any_record(), 1..40).prop_map(|mut records| {
        (0..).zip(&mut records).for_each(|(offset, record)| record.offset = Offset(offset));
        records
    })
}

fn any_compression() -> impl Strategy<Value = Compression> {
    (0usize..5).prop_map(|index| Compression::ALL[index])
}

fn build(compression: Compression, records: &[Record]) -> ValidBatch {
    let mut builder = BatchBuilder::new(compression)
        .producer(ProducerId(7), ProducerEpoch(1), Sequence(10))
        .transactionality(Transactionality::Transactional);
    for record in records {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.append(record.timestamp, key, value, &record.headers);
    }
    builder.build_batch()
}

fn shifted(records: &[Record], by: i64) -> Vec<Record> {
    records.iter().map(|record| Record { offset: record.offset.plus(by), ..record.clone() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn built_and_read(compression in any_compression(), other in any_compression(), records in any_records()) {
        let batch = build(compression, &records);
        let read = ValidBatch::parse_produced(batch.bytes().clone()).unwrap();
        prop_assert_eq!(&read, &batch);
        prop_assert_eq!(BatchHeader::peek(&batch.bytes()[..BatchHeader::LEN]), Ok(Some(*batch.header())));
        prop_assert_eq!(batch.records().unwrap(), records.clone());
        let facts = batch.validate_records(&RecordRules::default()).unwrap();
        prop_assert_eq!(facts.max_timestamp, batch.header().max_timestamp);
        prop_assert_eq!(Some(facts.min_timestamp), records.iter().map(|record| record.timestamp).min());

        let again = batch.recompress(other).unwrap();
        prop_assert_eq!(again.records().unwrap(), records);
        prop_assert_eq!(again.compression(), other);
        prop_assert_eq!(again.header().producer_id, ProducerId(7));
    }

    #[test]
    fn patched(compression in any_compression(), records in any_records(), base in 0..1i64 << 40, shared: bool) {
        let batch = build(compression, &records);
        let crc = batch.header().crc;
        let holder = shared.then(|| batch.clone());
        let batch = batch.with_base_offset(Offset(base), LeaderEpoch(3));
        prop_assert_eq!(batch.header().crc, crc);
        prop_assert_eq!(&ValidBatch::parse(batch.bytes().clone()).unwrap(), &batch);
        prop_assert_eq!(batch.records().unwrap(), shifted(&records, base));
        if let Some(holder) = holder {
            prop_assert_eq!(holder.records().unwrap(), records, "a shared batch is not written into");
        }

        let stamped = batch.clone().with_log_append_time(Timestamp(99));
        prop_assert_eq!(&ValidBatch::parse(stamped.bytes().clone()).unwrap(), &stamped);
        prop_assert_eq!(stamped.header().attributes.timestamp_type(), TimestampType::LogAppendTime);
        prop_assert!(stamped.records().unwrap().iter().all(|record| record.timestamp == Timestamp(99)));

        let renewed = batch.with_producer(ProducerId(8), ProducerEpoch(0), Sequence(0));
        prop_assert_eq!(&ValidBatch::parse(renewed.bytes().clone()).unwrap(), &renewed);
        prop_assert_eq!(renewed.header().producer_id, ProducerId(8));
    }

    #[test]
    fn retained(
        compression in any_compression(),
        records in any_records(),
        keep: u64,
        horizon in prop::option::of(0..1i64 << 50),
    ) {
        let wanted = |record: &Record| keep >> (record.offset.0 % 64) & 1 == 1;
        let batch = build(compression, &records);
        let expected: Vec<Record> = records.iter().filter(|record| wanted(record)).cloned().collect();
        let horizon = horizon.map(Timestamp);
        let Some(kept) = batch.retain(EmptyBatch::Drop, horizon, wanted).unwrap() else {
            prop_assert!(expected.is_empty());
            let kept = batch.retain(EmptyBatch::Keep, horizon, wanted).unwrap().unwrap();
            prop_assert_eq!(kept.records().unwrap(), vec![]);
            prop_assert_eq!(kept.header().last_sequence(), batch.header().last_sequence());
            prop_assert_eq!(&ValidBatch::parse(kept.bytes().clone()).unwrap(), &kept);
            prop_assert_eq!(kept.retain(EmptyBatch::Drop, None, wanted).unwrap(), None);
            return Ok(());
        };
        prop_assert_eq!(&ValidBatch::parse(kept.bytes().clone()).unwrap(), &kept);
        prop_assert_eq!(kept.records().unwrap(), expected);
        prop_assert_eq!(kept.header().end_offset(), batch.header().end_offset());
        prop_assert_eq!(kept.header().last_sequence(), batch.header().last_sequence());
        prop_assert_eq!(kept.header().delete_horizon(), horizon);
        prop_assert!(kept.header().attributes.is_transactional());
        let stored = RecordRules { offsets: OffsetRule::Ascending, ..RecordRules::default() };
        let facts = kept.validate_records(&stored).unwrap();
        prop_assert_eq!(facts.max_timestamp, kept.header().max_timestamp);
        // A horizon once set stays.
        let again = kept.retain(EmptyBatch::Drop, Some(Timestamp(1)), |_| true).unwrap().unwrap();
        prop_assert_eq!(again.header().delete_horizon(), horizon.or(Some(Timestamp(1))));
    }

    #[test]
    fn any_content_in_every_codec(
        words in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 1..12),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..4000),
    ) {
        let content: Vec<u8> = picks.iter().flat_map(|pick| words[pick.index(words.len())].clone()).collect();
        for codec in Compression::ALL {
            let compressed = codec.compress(&content);
            prop_assert_eq!(&codec.decompress(&compressed, content.len()).unwrap(), &content, "{}", codec);
        }
    }
}

#[test]
fn an_unshared_batch_is_patched_in_place() {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(1), Some(b"k"), Some(b"v"), &[]);
    let batch = builder.build_batch();
    let place = batch.bytes().as_ptr();
    let batch = batch.with_base_offset(Offset(42), LeaderEpoch(1));
    assert_eq!(batch.bytes().as_ptr(), place);
    let held = batch.bytes().clone();
    assert_ne!(batch.with_base_offset(Offset(43), LeaderEpoch(1)).bytes().as_ptr(), held.as_ptr());
}

#[test]
fn records_are_slices_of_the_batch() {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(1), Some(b"key"), Some(b"value"), &[]);
    let batch = builder.build_batch();
    let value = batch.records().unwrap()[0].value.clone().unwrap();
    assert!(batch.bytes().as_ptr_range().contains(&value.as_ptr()));
}
