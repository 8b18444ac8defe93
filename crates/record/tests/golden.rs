//! Batches as other programs write them: kafka-python's builder, and its batch with the records compressed by
//! the reference libraries in the ways that other clients choose.

use bytes::Bytes;
use tablog_record::{
    BatchBuilder, Compression, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Record, RecordHeader,
    RecordRules, Sequence, Timestamp, ValidBatch,
};

const FIXTURES: &[(&str, Compression, &str)] = &[
    ("none", Compression::None, include_str!("fixtures/none.hex")),
    ("gzip", Compression::Gzip, include_str!("fixtures/gzip.hex")),
    ("gzip-two-members", Compression::Gzip, include_str!("fixtures/gzip-two-members.hex")),
    ("snappy-xerial", Compression::Snappy, include_str!("fixtures/snappy-xerial.hex")),
    ("snappy-raw", Compression::Snappy, include_str!("fixtures/snappy-raw.hex")),
    ("lz4", Compression::Lz4, include_str!("fixtures/lz4.hex")),
    ("lz4-linked-checksums", Compression::Lz4, include_str!("fixtures/lz4-linked-checksums.hex")),
    ("zstd", Compression::Zstd, include_str!("fixtures/zstd.hex")),
    ("zstd-level-22", Compression::Zstd, include_str!("fixtures/zstd-level-22.hex")),
    ("zstd-two-frames", Compression::Zstd, include_str!("fixtures/zstd-two-frames.hex")),
];

fn bytes_of(hex: &str) -> Bytes {
    let digits: Vec<u32> = hex.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect::<Vec<u8>>().into()
}

fn expected() -> Vec<Record> {
    (0..3)
        .map(|index| Record {
            offset: Offset(index),
            timestamp: Timestamp(1_700_000_000_000 + index * 5),
            key: (index != 1).then(|| format!("key-{index}").into()),
            value: (index != 2).then(|| format!("value value value value value {index}").into()),
            headers: if index == 0 {
                vec![RecordHeader::new("h", "x"), RecordHeader { key: "nul".into(), value: None }]
            } else {
                Vec::new()
            },
        })
        .collect()
}

#[test]
fn batches_of_other_programs_are_read() {
    for &(name, compression, hex) in FIXTURES {
        let batch = ValidBatch::parse_produced(bytes_of(hex)).expect(name);
        assert_eq!(batch.compression(), compression, "{name}");
        assert_eq!(batch.records().expect(name), expected(), "{name}");
        let facts = batch.validate_records(&RecordRules::default()).expect(name);
        assert_eq!(facts.max_timestamp, batch.header().max_timestamp, "{name}");
        assert_eq!(facts.offset_of_max_timestamp, Offset(2), "{name}");
        for other in Compression::ALL {
            let recompressed = batch.recompress(other).expect(name);
            assert_eq!(recompressed.records().expect(name), expected(), "{name} as {other}");
        }
    }
}

#[test]
fn uncompressed_bytes_are_those_of_other_programs() {
    let mut builder = BatchBuilder::new(Compression::None)
        .base_offset(Offset::ZERO, LeaderEpoch(0))
        .producer(ProducerId(4711), ProducerEpoch(3), Sequence(17));
    for record in expected() {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let estimate = builder.estimated_len_with(record.timestamp, key, value, &record.headers);
        builder.append(record.timestamp, key, value, &record.headers);
        assert_eq!(builder.estimated_len(), estimate);
    }
    assert_eq!(builder.build(), bytes_of(include_str!("fixtures/idempotent.hex")));
}
