//! What an opening reads, and what it makes of damage.

use crate::disk::Disk;
use crate::rig::*;
use tablog_log::storage::{Position, Write};
use tablog_log::{AppendOrigin, Log, LogConfig};
use tablog_record::{
    BatchBuilder, Compression, ControlBatch, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence,
    Timestamp, TransactionOutcome, Transactionality,
};

/// A megabyte of records, 200 kB a segment.
fn large(checkpoint_after: Option<i64>) -> (LogConfig, Disk) {
    let config = LogConfig { segment_bytes: 200_000, ..LogConfig::default() };
    let mut log = Log::create(location(), config.clone(), LeaderEpoch(0), at(1000));
    let mut disk = Disk::default();
    let value = "x".repeat(1000);
    for step in 0..1000 {
        store(&mut log, &mut disk, at(1000), batch(&[(1000 + step, "key", Some(&value))]));
        if checkpoint_after == Some(step) {
            write_all(&mut disk, &log.checkpoint());
        }
    }
    assert!(log.segments().count() >= 5);
    assert!(log.segments().last().expect("active").bytes > 50_000);
    (config, disk)
}

/// How many bytes of segments, and how many others, an opening reads.
fn bytes_read(disk: &Disk, config: &LogConfig) -> (u64, u64) {
    let mut recovery = Log::open(location(), config.clone(), disk.list());
    let (mut segments, mut small) = (0, 0);
    while let Some(read) = recovery.poll_read() {
        *(if read.blob.as_str().ends_with(".log") { &mut segments } else { &mut small }) += read.len;
        recovery.handle_read(disk.read(&read)).expect("there");
    }
    assert!(recovery.is_done());
    (segments, small)
}

#[test]
fn reads_the_active_segment_only_and_of_that_what_no_checkpoint_tells() {
    let (config, disk) = large(None);
    let (segments, small) = bytes_read(&disk, &config);
    assert!(segments < 200_000 && small < 10_000, "{segments} {small}");
    let (config, disk) = large(Some(990));
    let (segments, small) = bytes_read(&disk, &config);
    assert!(segments < 20_000 && small < 10_000, "{segments} {small}");
}

#[test]
fn damaged_indexes_are_made_anew() {
    let (config, disk) = large(None);
    let expected = read_records(&recover(&disk, &config, 1).log, &disk);
    assert_eq!(expected.len(), 1000);
    let indexes: Vec<String> = disk.blobs.keys().filter(|name| name.ends_with("index")).cloned().collect();
    assert!(indexes.len() >= 8);
    for name in indexes {
        for damage in [0, 1, 2] {
            let mut damaged = disk.clone();
            match damage {
                0 => drop(damaged.blobs.remove(&name)),
                1 => drop(damaged.blobs.get_mut(&name).expect("there").pop()),
                _ => damaged.blobs.get_mut(&name).expect("there")[0] = 0xff,
            }
            let recovered = recover(&damaged, &config, 1);
            assert_eq!(recovered.truncated_bytes, 0);
            write_all(&mut damaged, &recovered.writes);
            assert_eq!(read_records(&recovered.log, &damaged), expected, "{name} {damage}");
            assert_eq!(damaged.blobs[&name], disk.blobs[&name], "{name} {damage}");
        }
    }
}

#[test]
fn a_checkpoint_of_other_bytes_is_not_believed() {
    let (config, mut disk) = large(Some(990));
    let name = disk.blobs.keys().find(|name| name.ends_with(".checkpoint")).expect("one").clone();
    let log = name.replace(".checkpoint", ".log");
    // The batches that followed the checkpoint are gone, and others stand in their place.
    let first = disk.blobs[&log].clone();
    let blob = disk.blobs.get_mut(&log).expect("there");
    blob.extend_from_slice(&first);
    let recovered = recover(&disk, &config, 1);
    assert_eq!(recovered.truncated_bytes, first.len() as u64);
    assert_eq!(recovered.log.end_offset(), Offset(1000));
    write_all(&mut disk, &recovered.writes);
    let cut = Write::Truncate { blob: tablog_log::storage::BlobName::new(log.as_str()), to: Position(1100) };
    disk.apply(&cut);
    let recovered = recover(&disk, &config, 2);
    assert!(recovered.log.end_offset() < Offset(990), "the checkpoint told of more than there is");
    write_all(&mut disk, &recovered.writes);
    assert_eq!(read_records(&recovered.log, &disk).len() as i64, recovered.log.end_offset().0);
}

#[test]
fn blobs_of_others_are_left_alone() {
    let mut disk = Disk::default();
    for name in ["1/topic/1/00000000000000000000.log", "1/topic/0/notes.txt", "meta.properties"] {
        disk.blobs.insert(name.to_owned(), b"not ours".to_vec());
    }
    let recovered = recover(&disk, &small_segments(), 1);
    assert_eq!(recovered.log.end_offset(), Offset(0));
    let before = disk.clone();
    write_all(&mut disk, &recovered.writes);
    disk.blobs.retain(|name, _| before.blobs.contains_key(name));
    assert_eq!(disk, before);
}

#[test]
fn the_last_stable_offset_waits_for_the_end_of_a_transaction() {
    let mut disk = Disk::default();
    let mut log = Log::create(location(), small_segments(), LeaderEpoch(0), at(1000));
    store(&mut log, &mut disk, at(1000), batch(&[(1000, "key", Some("v"))]));
    let (id, epoch) = (ProducerId(5), ProducerEpoch(0));
    let mut builder = BatchBuilder::new(Compression::None)
        .producer(id, epoch, Sequence(0))
        .transactionality(Transactionality::Transactional);
    builder.append(Timestamp(1000), Some(b"key"), Some(b"v"), &[]);
    store(&mut log, &mut disk, at(1000), builder.build_batch());
    store(&mut log, &mut disk, at(1000), batch(&[(1000, "key", Some("v"))]));
    assert_eq!((log.last_stable_offset(), log.high_watermark()), (Offset(1), Offset(3)));
    let mut log = recover(&disk, &small_segments(), 1).log;
    assert_eq!(log.last_stable_offset(), Offset(1));

    let marker = ControlBatch {
        outcome: TransactionOutcome::Commit,
        coordinator_epoch: 0,
        producer_id: id,
        producer_epoch: epoch,
        timestamp: Timestamp(1000),
    };
    let marker = marker.build(Offset(0), LeaderEpoch(0));
    let appended = log.append(at(1000), marker, AppendOrigin::Coordinator).expect("appended");
    assert_eq!(log.last_stable_offset(), Offset(1), "the marker is not durable yet");
    write_all(&mut disk, &appended.writes);
    log.made_durable(appended.end_offset);
    assert_eq!(log.last_stable_offset(), Offset(4));
    let reopened = recover(&disk, &small_segments(), 2).log;
    assert_eq!(reopened.last_stable_offset(), Offset(4));
}
