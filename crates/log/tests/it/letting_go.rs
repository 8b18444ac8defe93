//! Retention and DeleteRecords, and that a crash does not bring back what was let go.

use crate::disk::Disk;
use crate::rig::*;
use tablog_log::retention::{Choice, DeleteRecordsError, DropReason, choose};
use tablog_log::{Cleanup, Log, LogConfig};
use tablog_record::{LeaderEpoch, Offset};

fn written(config: LogConfig) -> (Log, Disk) {
    let mut disk = Disk::default();
    let mut log = Log::create(location(), config, LeaderEpoch(0), at(0));
    for step in 0..40_i64 {
        let content = [(step * 100, "key", Some("a value"))];
        store(&mut log, &mut disk, at(step * 100), batch_of(3, step as i32, &content));
    }
    (log, disk)
}

fn drop_chosen(log: &mut Log, disk: &mut Disk, now: i64) -> Option<DropReason> {
    let choice = choose(log, at(now));
    write_all(disk, &log.drop_segments(choice, at(now)));
    match choice {
        Choice::Drop { reason, .. } => Some(reason),
        Choice::Keep => None,
    }
}

#[test]
fn the_old_goes_by_time_whole_segments_at_once() {
    let (mut log, mut disk) = written(LogConfig { retention_ms: Some(2000), ..small_segments() });
    assert_eq!(drop_chosen(&mut log, &mut disk, 2000), None);
    assert_eq!(drop_chosen(&mut log, &mut disk, 4000), Some(DropReason::Time));
    let start = log.start_offset();
    assert!(start.0 > 5 && start.0 * 100 <= 2000, "{start}");
    assert_eq!(read_records(&log, &disk)[0].offset, start);
    assert!(log.read(start.plus(-1), Offset(40), 1, tablog_log::MinOne::Yes).is_err());
    let blobs = disk.blobs.keys().filter(|name| name.ends_with(".log")).count();
    assert_eq!(blobs, log.segments().count());
    assert_eq!(recover(&disk, &small_segments(), 1).log.start_offset(), start);
}

#[test]
fn when_all_is_old_the_offsets_and_the_producers_stay() {
    let (mut log, mut disk) = written(LogConfig { retention_ms: Some(2000), ..small_segments() });
    assert_eq!(drop_chosen(&mut log, &mut disk, 1_000_000), Some(DropReason::Time));
    assert_eq!(drop_chosen(&mut log, &mut disk, 1_000_000), None);
    assert_eq!(disk.blobs.keys().filter(|name| name.ends_with(".log")).count(), 0);
    let reopened = recover(&disk, &small_segments(), 1).log;
    for log in [&mut log, &mut { reopened }] {
        assert_eq!((log.start_offset(), log.end_offset()), (Offset(40), Offset(40)));
        assert_eq!(log.producers().next().expect("remembered").last_sequence.0, 39);
        let mut disk = disk.clone();
        let next = batch_of(3, 40, &[(1_000_000, "key", Some("v"))]);
        assert_eq!(store(log, &mut disk, at(1_000_000), next), Offset(40));
    }
}

#[test]
fn the_surplus_goes_by_size() {
    let (mut log, mut disk) = written(LogConfig { retention_bytes: Some(1500), ..small_segments() });
    let before = log.size_bytes();
    assert_eq!(drop_chosen(&mut log, &mut disk, 4000), Some(DropReason::Size));
    let first = log.segments().next().expect("one").bytes;
    assert!(before > 1500 && log.size_bytes() >= 1500 && log.size_bytes() - first < 1500);
}

#[test]
fn a_compacted_topic_keeps_its_old_records() {
    let config = LogConfig { cleanup: Cleanup::Compact, retention_ms: Some(1), ..small_segments() };
    let (mut log, mut disk) = written(config);
    assert_eq!(drop_chosen(&mut log, &mut disk, 1_000_000), None);
}

#[test]
fn what_is_not_durable_is_not_let_go() {
    let mut log = Log::create(
        location(),
        LogConfig { retention_ms: Some(1), ..small_segments() },
        LeaderEpoch(0),
        at(0),
    );
    let appended = append(&mut log, at(0), batch(&[(0, "key", Some("old"))])).expect("appended");
    assert_eq!(choose(&log, at(1_000_000)), Choice::Keep);
    log.made_durable(appended.end_offset);
    assert!(matches!(choose(&log, at(1_000_000)), Choice::Drop { .. }));
}

/// DeleteRecords in the midst of a segment, then whole segments go; the disk stops at every byte.
#[test]
fn deleted_records_do_not_come_back() {
    let (mut log, mut disk) = written(small_segments());
    let range = DeleteRecordsError::OffsetOutOfRange { start: Offset(0), high_watermark: Offset(40) };
    assert_eq!(log.delete_records(Offset(41)), Err(range));
    write_all(&mut disk, &log.delete_records(Offset(7)).expect("in range"));
    let producers: Vec<_> = log.producers().collect();

    let mut writes = log.delete_records(Offset(33)).expect("in range");
    let choice = choose(&log, at(4000));
    assert!(matches!(choice, Choice::Drop { reason: DropReason::StartOffset, .. }));
    writes.extend(log.drop_segments(choice, at(4000)));
    assert_eq!(log.start_offset(), Offset(33));
    let check = |disk: &Disk, starts: &[i64]| {
        let recovered = recover(disk, &small_segments(), 1);
        let mut disk = disk.clone();
        write_all(&mut disk, &recovered.writes);
        let log = recovered.log;
        assert!(starts.contains(&log.start_offset().0), "{}", log.start_offset());
        assert_eq!(log.end_offset(), Offset(40));
        let offsets: Vec<i64> = read_records(&log, &disk).iter().map(|record| record.offset.0).collect();
        assert_eq!(offsets, (log.start_offset().0..40).collect::<Vec<_>>());
        assert_eq!(log.producers().collect::<Vec<_>>(), producers);
        assert_eq!(log.epoch_end_offset(LeaderEpoch(0)), (LeaderEpoch(0), Offset(40)));
    };
    for (done, write) in writes.iter().enumerate() {
        // The marker's name is all that counts, however little of it arrived.
        check(&disk, if done == 0 { &[7] } else { &[33] });
        for cut in 0..write.bytes_len() {
            let mut torn = disk.clone();
            torn.apply_torn(write, cut);
            check(&torn, &[33]);
        }
        disk.apply(write);
        check(&disk, &[33]);
    }
    write_all(&mut disk, &log.delete_records(Offset(40)).expect("in range"));
    let choice = choose(&log, at(4000));
    for write in log.drop_segments(choice, at(4000)) {
        for cut in 0..write.bytes_len() {
            let mut torn = disk.clone();
            torn.apply_torn(&write, cut);
            check(&torn, &[33, 40]);
        }
        disk.apply(&write);
        check(&disk, &[40]);
    }
}

#[test]
fn a_deleted_topic_leaves_nothing() {
    let (mut log, mut disk) = written(small_segments());
    write_all(&mut disk, &log.checkpoint());
    write_all(&mut disk, &log.delete_records(Offset(3)).expect("in range"));
    write_all(&mut disk, &log.delete_all());
    assert_eq!(disk, Disk::default());
}
