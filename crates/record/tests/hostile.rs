//! Bytes from outside: bombs stay below their bound, and nothing panics.

use bytes::Bytes;
use proptest::prelude::*;
use tablog_record::{
    BatchBuilder, BatchError, BatchHeader, Compression, ControlBatch, ControlType, RecordHeader, RecordRules,
    Timestamp, ValidBatch, batches, crc32c, limits,
};

const CODECS: [Compression; 4] =
    [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

#[test]
fn bombs_are_refused_at_the_bound() {
    let content = vec![0; 3_000_000];
    for codec in CODECS {
        let bomb = codec.compress(&content);
        assert!(bomb.len() < content.len() / 15, "{codec}: {} bytes are no bomb", bomb.len());
        for bytes_max in [0, 1, 1000, 65_536, content.len() - 1] {
            let error = codec.decompress(&bomb, bytes_max).expect_err("too much");
            assert_eq!(error, BatchError::TooLarge { bytes_max }, "{codec}");
            assert_eq!(error.kafka_code(), BatchError::MESSAGE_TOO_LARGE);
        }
        assert_eq!(codec.decompress(&bomb, content.len()).unwrap(), content, "{codec}: exactly the bound");
    }
}

#[test]
fn a_batch_that_is_a_bomb() {
    for codec in [Compression::Gzip, Compression::Zstd, Compression::Lz4] {
        let bomb = codec.compress(&vec![0; limits::DECOMPRESSED_BYTES_MAX + 1]);
        let batch = ValidBatch::parse_produced(batch_around(codec, &bomb)).unwrap();
        let bytes_max = limits::DECOMPRESSED_BYTES_MAX;
        let error = batch.validate_records(&RecordRules::default()).unwrap_err();
        assert_eq!(error, BatchError::TooLarge { bytes_max }, "{codec}");
    }
}

#[test]
fn snappy_lengths_that_lie() {
    // A raw block that claims 2^32 - 1 bytes, one that claims 60 MiB, and framed blocks cut short.
    for block in [
        &[0xff, 0xff, 0xff, 0xff, 0x0f][..],
        &[0x80, 0x80, 0x80, 0x1e, 0],
        b"\x82SNAPPY\0",
        b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\x7f\xff\xff\xff",
        b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff",
        b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\0\0",
    ] {
        let error = Compression::Snappy.decompress(block, 64 << 20).unwrap_err();
        assert!(matches!(error, BatchError::Undecodable { .. }), "{error}");
    }
}

/// A header that fits, around anything.
fn batch_around(compression: Compression, content: &[u8]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(Timestamp(0), None, None, &[]);
    let mut bytes = builder.build().to_vec();
    bytes.truncate(BatchHeader::LEN);
    bytes.extend_from_slice(content);
    bytes[22] = compression.id();
    let length = (bytes.len() - BatchHeader::PREFIX_LEN) as i32;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

fn sample(compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    for index in 0..40u8 {
        let value = vec![index % 7; usize::from(index) * 3];
        builder.append(Timestamp(1000), Some(&[index]), Some(&value), &[RecordHeader::new("h", vec![index])]);
    }
    builder.build()
}

/// Everything that a reader may do with the bytes.
fn exercise(bytes: Bytes) {
    let _ = BatchHeader::peek(&bytes);
    let _ = ValidBatch::parse_produced(bytes.clone());
    for batch in batches(bytes.clone()) {
        let Ok(batch) = batch else { break };
        let _ = batch.validate_records(&RecordRules::default());
        let _ = ControlBatch::read(&batch);
        if let Ok(records) = batch.records() {
            for record in &records {
                let _ = ControlType::of(record);
            }
        }
        let _ = batch.recompress(Compression::None);
        let _ = batch.retain(tablog_record::EmptyBatch::Keep, Some(Timestamp(5)), |r| r.offset.0 % 2 == 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        exercise(bytes.clone().into());
        for codec in CODECS {
            let _ = codec.decompress(&bytes, 100_000);
        }
        for compression in Compression::ALL {
            exercise(batch_around(compression, &bytes));
        }
    }

    /// Damage under a right checksum reaches every parser behind it.
    #[test]
    fn mutated_batches(
        which in 0usize..5,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        resealed: bool,
    ) {
        let mut bytes = sample(Compression::ALL[which]).to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if resealed {
            let crc = crc32c(&bytes[21..]);
            bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        }
        exercise(bytes.into());
    }

    #[test]
    fn mutated_content(
        which in 0usize..4,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut: prop::sample::Index,
    ) {
        let codec = CODECS[which];
        let mut bytes = codec.compress(&sample(Compression::None));
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = codec.decompress(&bytes, 100_000);
        let _ = codec.decompress(&bytes[..cut.index(bytes.len())], 100_000);
        exercise(batch_around(codec, &bytes));
    }
}
