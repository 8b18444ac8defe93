//! Fetching, searching by time, and what an append is refused for.

use crate::disk::Disk;
use crate::rig::*;
use bytes::Bytes;
use tablog_log::{AppendError, AppendOutcome, Cleanup, Log, LogConfig, MinOne, ReadError};
use tablog_record::{LeaderEpoch, Offset, Timestamp, TimestampType, batches};

/// Forty batches of three records each; a record's timestamp is ten times its offset.
fn written() -> (Log, Disk) {
    let mut disk = Disk::default();
    let mut log = Log::create(location(), small_segments(), LeaderEpoch(0), at(1000));
    for step in 0..40_i64 {
        let time = |record: i64| (step * 3 + record) * 10;
        let records = [0, 1, 2].map(|record| (time(record), "key", Some("a value")));
        store(&mut log, &mut disk, at(1000 + time(2)), batch(&records));
    }
    (log, disk)
}

fn fetch(log: &Log, disk: &Disk, from: i64, end: i64, bytes_max: u32, min_one: MinOne) -> Vec<(i64, i64)> {
    let plan = log.read(Offset(from), Offset(end), bytes_max, min_one).expect("in range");
    let bytes = plan.read.as_ref().map_or(Bytes::new(), |read| disk.read(read).expect("there"));
    let bytes = plan.finish(bytes).expect("whole");
    let headers = batches(bytes).map(|batch| *batch.expect("whole").header());
    headers.map(|header| (header.base_offset.0, header.end_offset().0)).collect()
}

#[test]
fn a_fetch_brings_the_batch_that_holds_the_offset() {
    let (log, disk) = written();
    for from in 0..120 {
        let first = fetch(&log, &disk, from, 120, 1, MinOne::Yes);
        assert_eq!(first, [(from / 3 * 3, from / 3 * 3 + 3)], "one batch, larger than the limit");
        assert_eq!(fetch(&log, &disk, from, 120, 1, MinOne::No), []);
        let more = fetch(&log, &disk, from, 120, 300, MinOne::No);
        assert!(more[0].0 <= from && from < more[0].1);
        assert!(more.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }
}

#[test]
fn a_fetch_ends_below_its_end_and_within_its_range() {
    let (log, disk) = written();
    assert_eq!(fetch(&log, &disk, 0, 4, 1_000_000, MinOne::Yes), [(0, 3), (3, 6)], "whole batches");
    assert_eq!(fetch(&log, &disk, 0, 3, 1_000_000, MinOne::Yes), [(0, 3)]);
    assert_eq!(fetch(&log, &disk, 120, 120, 1_000_000, MinOne::Yes), []);
    let range = ReadError::OffsetOutOfRange { start: Offset(0), end: Offset(120) };
    assert_eq!(log.read(Offset(121), Offset(121), 1, MinOne::Yes), Err(range));
    assert_eq!(log.read(Offset(-1), Offset(121), 1, MinOne::Yes), Err(range));
}

#[test]
fn nothing_is_seen_before_it_is_durable() {
    let (mut log, mut disk) = written();
    let appended = append(&mut log, at(3000), batch(&[(9999, "key", Some("late"))])).expect("appended");
    write_all(&mut disk, &appended.writes);
    assert_eq!((log.end_offset(), log.high_watermark()), (Offset(121), Offset(120)));
    assert_eq!(fetch(&log, &disk, 120, 121, 1000, MinOne::Yes), []);
    assert_eq!(found(&disk, log.find_timestamp(Timestamp(9999))), None);
    assert_eq!(found(&disk, log.max_timestamp()), Some((119, 1190)));
    log.made_durable(Offset(121));
    assert_eq!(fetch(&log, &disk, 120, 121, 1000, MinOne::Yes), [(120, 121)]);
    assert_eq!(found(&disk, log.find_timestamp(Timestamp(9999))), Some((120, 9999)));
    assert_eq!(found(&disk, log.max_timestamp()), Some((120, 9999)));
}

#[test]
fn damaged_bytes_are_a_fault_and_no_answer() {
    let (log, mut disk) = written();
    let first = disk.blobs.get_mut("1/topic/0/00000000000000000000.log").expect("the first segment");
    first[16] = 7;
    let plan = log.read(Offset(0), Offset(120), 100, MinOne::Yes).expect("in range");
    let bytes = disk.read(plan.read.as_ref().expect("a read")).expect("there");
    assert!(plan.finish(bytes.clone()).is_err());
    assert!(plan.finish(bytes.slice(..20)).is_err(), "a batch cut short");
}

fn found(disk: &Disk, search: tablog_log::TimestampSearch) -> Option<(i64, i64)> {
    let bytes = disk.read(search.read.as_ref()?).expect("there");
    search.finish(bytes).expect("whole").map(|found| (found.offset.0, found.timestamp.0))
}

#[test]
fn finds_the_first_record_at_or_past_every_time() {
    let (log, disk) = written();
    let reopened = recover(&disk, &small_segments(), 1).log;
    for log in [&log, &reopened] {
        for time in -1..=1190 {
            let first = (time.max(0) + 9) / 10;
            assert_eq!(
                found(&disk, log.find_timestamp(Timestamp(time))),
                Some((first, first * 10)),
                "{time}"
            );
        }
        assert_eq!(found(&disk, log.find_timestamp(Timestamp(1191))), None);
        assert_eq!(found(&disk, log.max_timestamp()), Some((119, 1190)));
    }
}

#[test]
fn deleted_records_are_not_found_by_time() {
    for start in [1, 4, 7, 50, 119] {
        let (mut log, disk) = written();
        log.delete_records(Offset(start)).expect("in range");
        for time in 0..=1190 {
            let first = ((time + 9) / 10).max(start);
            let expected = Some((first, first * 10));
            assert_eq!(found(&disk, log.find_timestamp(Timestamp(time))), expected, "{start} {time}");
        }
        assert_eq!(found(&disk, log.max_timestamp()), Some((119, 1190)));
    }
}

#[test]
fn finds_times_that_are_out_of_order() {
    let mut disk = Disk::default();
    let mut log = Log::create(location(), small_segments(), LeaderEpoch(0), at(1000));
    let times: Vec<i64> = (0..90).map(|record| (record * 37) % 101).collect();
    for three in times.chunks(3) {
        let records: Vec<_> = three.iter().map(|&time| (time, "key", Some("a value"))).collect();
        store(&mut log, &mut disk, at(1000), batch(&records));
    }
    let reopened = recover(&disk, &small_segments(), 1).log;
    for target in 0..=101 {
        let first = times.iter().position(|&time| time >= target).map(|at| (at as i64, times[at]));
        assert_eq!(found(&disk, log.find_timestamp(Timestamp(target))), first, "{target}");
        assert_eq!(found(&disk, reopened.find_timestamp(Timestamp(target))), first, "{target}");
    }
}

#[test]
fn a_batch_sent_twice_is_stored_once_even_across_a_restart() {
    let mut disk = Disk::default();
    let mut log = Log::create(location(), small_segments(), LeaderEpoch(0), at(1000));
    let sent: Vec<_> = (0..7).map(|sequence| batch_of(4, sequence, &[(1000, "key", Some("v"))])).collect();
    for batch in &sent {
        store(&mut log, &mut disk, at(1000), batch.clone());
    }
    write_all(&mut disk, &log.checkpoint());
    let mut reopened = recover(&disk, &small_segments(), 1).log;
    for log in [&mut log, &mut reopened] {
        for (sequence, batch) in sent.iter().enumerate().skip(2) {
            let again = append(log, at(1000), batch.clone()).expect("known");
            assert_eq!(again.outcome, AppendOutcome::Duplicate);
            assert_eq!((again.base_offset.0, again.end_offset.0), (sequence as i64, sequence as i64 + 1));
            assert_eq!(again.writes, []);
        }
        let old = append(log, at(1000), sent[1].clone());
        assert!(matches!(old, Err(AppendError::DuplicateSequence { .. })), "{old:?}");
        let gap = append(log, at(1000), batch_of(4, 8, &[(1000, "key", Some("v"))]));
        assert!(matches!(gap, Err(AppendError::OutOfOrderSequence { .. })), "{gap:?}");
    }
}

#[test]
fn refuses_what_the_topic_does_not_take() {
    let log = |config| Log::create(location(), config, LeaderEpoch(0), at(10_000_000));
    let now = at(10_000_000);
    let late = batch(&[(10_000_000, "k", Some("v")), (10_000_000 + 3_600_001, "k", Some("v"))]);
    match append(&mut log(LogConfig::default()), now, late.clone()) {
        Err(AppendError::InvalidTimestamp { records, .. }) => assert_eq!(records.first, [1]),
        other => panic!("{other:?}"),
    }
    let by_log = LogConfig { timestamp_type: TimestampType::LogAppendTime, ..LogConfig::default() };
    let appended = append(&mut log(by_log), now, late).expect("the producer's time does not matter");
    assert_eq!(appended.log_append_time, Some(now.wall));
    let early = LogConfig { timestamp_before_max_ms: 1000, ..LogConfig::default() };
    let old = append(&mut log(early), now, batch(&[(9_998_999, "k", Some("v"))]));
    assert!(matches!(old, Err(AppendError::InvalidTimestamp { .. })));
    let small = LogConfig { max_message_bytes: 70, ..LogConfig::default() };
    let large = append(&mut log(small), now, batch(&[(1, "key", Some("a long value"))]));
    assert!(matches!(large, Err(AppendError::MessageTooLarge { .. })));
    let compact = LogConfig { cleanup: Cleanup::Compact, ..LogConfig::default() };
    let mut keyless = tablog_record::BatchBuilder::new(tablog_record::Compression::None);
    keyless.append(Timestamp(1), None, Some(b"v"), &[]);
    match append(&mut log(compact), now, keyless.build_batch()) {
        Err(AppendError::MissingKey { records }) => assert_eq!((records.count, records.first), (1, vec![0])),
        other => panic!("{other:?}"),
    }
}
