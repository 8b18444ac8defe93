//! Compaction: what stays, when it is due, and that a crash in the midst of it loses nothing.

use crate::disk::Disk;
use crate::rig::*;
use proptest::prelude::*;
use tablog_log::storage::Write;
use tablog_log::{AppendOutcome, Log, LogConfig, MinOne, compaction};
use tablog_record::{LeaderEpoch, Offset, Record, SortedMap, Timestamp};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn new_log(config: LogConfig) -> (Log, Disk) {
    (Log::create(location(), config, LeaderEpoch(0), at(1000)), Disk::default())
}

type Row = (i64, String, Option<String>);

fn row(record: &Record) -> Row {
    let text = |bytes: &bytes::Bytes| String::from_utf8(bytes.to_vec()).expect("text");
    (record.offset.0, record.key.as_ref().map(text).expect("a key"), record.value.as_ref().map(text))
}

fn rows(log: &Log, disk: &Disk) -> Vec<Row> {
    read_records(log, disk).iter().map(row).collect()
}

/// What a reader who goes through all of it ends up with.
fn table(rows: &[Row]) -> SortedMap<String, String> {
    let mut table = SortedMap::new();
    for (_, key, value) in rows {
        match value {
            Some(value) => table.insert(key.clone(), value.clone()),
            None => table.remove(key),
        };
    }
    table
}

#[test]
fn of_every_key_the_last_value_stays_where_it_is() {
    let (mut log, mut disk) = new_log(compacted());
    let mut all = Vec::new();
    for step in 0..60_i64 {
        let (key, value) = (format!("key {}", step * 7 % 5), format!("value {step}"));
        let offset = store(&mut log, &mut disk, at(1000), batch(&[(1000 + step, &key, Some(&value))]));
        all.push((offset.0, key, Some(value)));
    }
    let active = log.segments().last().expect("active").base_offset.0;
    let expected: Vec<Row> = all
        .iter()
        .filter(|(offset, key, _)| {
            *offset >= active
                || !all.iter().any(|(later, other, _)| other == key && later > offset && *later < active)
        })
        .cloned()
        .collect();
    compact(&mut log, &mut disk, at(2000)).expect("it is due");
    assert_eq!(rows(&log, &disk), expected);
    assert!(expected.len() < 20);
    assert_eq!(log.segments().filter(|segment| segment.generation > 0).count(), 1, "small ones are joined");
    assert_eq!(log.end_offset(), Offset(60));
    assert!(compact(&mut log, &mut disk, at(2000)).is_none(), "nothing is dirty");
    let reopened = recover(&disk, &compacted(), 1).log;
    assert_eq!(rows(&reopened, &disk), expected);

    // Every offset leads to the batch that holds it, or to the next there is, in one read.
    for log in [&log, &reopened] {
        for from in 0..60 {
            let plan = log.read(Offset(from), Offset(60), 1, MinOne::Yes).expect("in range");
            let bytes = disk.read(plan.read.as_ref().expect("a read")).expect("there");
            let bytes = plan.finish(bytes).expect("whole");
            let first =
                tablog_record::batches(bytes).next().expect("one").expect("whole").header().base_offset;
            assert_eq!(Some(first.0), expected.iter().map(|row| row.0).find(|&offset| offset >= from));
        }
        for time in 0..60 {
            let search = log.find_timestamp(Timestamp(1000 + time));
            let bytes = disk.read(search.read.as_ref().expect("a read")).expect("there");
            let found = search.finish(bytes).expect("whole").expect("found").offset.0;
            assert_eq!(Some(found), expected.iter().map(|row| row.0).find(|&offset| offset >= time));
        }
    }
}

/// Fills up the active segment and closes it.
fn close(log: &mut Log, disk: &mut Disk) {
    // Later each time: the segment was opened when the one before was closed.
    let writes = log.maybe_roll(at(10 * DAY_MS * log.end_offset().0));
    assert!(!writes.is_empty());
    write_all(disk, &writes);
}

#[test]
fn tombstones_stay_for_delete_retention() {
    let (mut log, mut disk) = new_log(LogConfig { delete_retention_ms: 500, ..compacted() });
    let put = |log: &mut Log, disk: &mut Disk, key, value| {
        store(log, disk, at(1000), batch(&[(1000, key, value)]));
        close(log, disk);
    };
    put(&mut log, &mut disk, "a", Some("1"));
    put(&mut log, &mut disk, "a", None);
    compact(&mut log, &mut disk, at(2000)).expect("due");
    let tombstone: Row = (1, "a".to_owned(), None);
    assert_eq!(rows(&log, &disk), std::slice::from_ref(&tombstone));
    let horizon = read_all(&log, &disk)[0].header().delete_horizon();
    assert_eq!(horizon, Some(Timestamp(2500)), "from the first cleaning on");
    put(&mut log, &mut disk, "b", Some("1"));
    compact(&mut log, &mut disk, at(2499)).expect("due");
    assert_eq!(rows(&log, &disk)[0], tombstone);
    assert_eq!(read_all(&log, &disk)[0].header().delete_horizon(), horizon, "it does not move");
    put(&mut log, &mut disk, "b", Some("2"));
    compact(&mut log, &mut disk, at(2500)).expect("due");
    assert_eq!(rows(&log, &disk), [(3, "b".to_owned(), Some("2".to_owned()))]);
}

#[test]
fn a_producer_is_remembered_though_its_records_are_gone() {
    let (mut log, mut disk) = new_log(compacted());
    for sequence in 0..3 {
        store(&mut log, &mut disk, at(1000), batch_of(9, sequence, &[(1000, "a", Some("1"))]));
    }
    store(&mut log, &mut disk, at(1000), batch(&[(1000, "a", Some("2"))]));
    close(&mut log, &mut disk);
    compact(&mut log, &mut disk, at(2000)).expect("due");
    assert_eq!(rows(&log, &disk), [(3, "a".to_owned(), Some("2".to_owned()))]);
    let headers: Vec<_> = read_all(&log, &disk).iter().map(|batch| *batch.header()).collect();
    assert_eq!((headers[0].base_offset, headers[0].record_count), (Offset(2), 0));
    disk.blobs.retain(|name, _| !name.ends_with(".snapshot"));
    let mut reopened = recover(&disk, &compacted(), 1).log;
    let again = append(&mut reopened, at(1000), batch_of(9, 2, &[(1000, "a", Some("1"))])).expect("known");
    assert_eq!(again.outcome, AppendOutcome::Duplicate);
}

#[test]
fn waits_until_it_is_worth_it_but_not_for_ever() {
    let fill = |log: &mut Log, disk: &mut Disk, time: i64| {
        for _ in 0..12 {
            store(log, disk, at(time), batch(&[(time, "a", Some("a value of some length"))]));
        }
    };
    let config = LogConfig { min_cleanable_dirty_ratio: 0.9, ..compacted() };
    let (mut log, mut disk) = new_log(config.clone());
    fill(&mut log, &mut disk, 1000);
    assert!(compact(&mut log, &mut disk, at(2000)).is_some(), "all is dirty");
    let keep = batch(&[(1000, "b", Some(&"x".repeat(300)))]);
    store(&mut log, &mut disk, at(1000), keep);
    fill(&mut log, &mut disk, 1000);
    compact(&mut log, &mut disk, at(2000)).expect("mostly dirty");
    fill(&mut log, &mut disk, 1000);
    assert!(compact(&mut log, &mut disk, at(2000)).is_none(), "too little is dirty");
    log.set_config(LogConfig { max_compaction_lag_ms: 1500, ..config.clone() });
    assert!(compact(&mut log, &mut disk, at(2500)).is_none());
    assert!(compact(&mut log, &mut disk, at(2501)).is_some(), "the oldest has waited for long enough");

    let (mut young, mut disk) = new_log(LogConfig { min_compaction_lag_ms: 1000, ..config });
    fill(&mut young, &mut disk, 1000);
    assert!(compact(&mut young, &mut disk, at(1999)).is_none(), "its readers were promised a while");
    assert!(compact(&mut young, &mut disk, at(2000)).is_some());
}

#[test]
fn gives_way_to_retention() {
    let config = LogConfig { cleanup: tablog_log::Cleanup::CompactDelete, ..compacted() };
    let (mut log, mut disk) = new_log(config);
    for step in 0..40_i64 {
        store(&mut log, &mut disk, at(1000), batch(&[(1000, &format!("{}", step % 3), Some("value"))]));
    }
    let mut compaction = compaction::choose(&log, at(2000)).expect("due");
    while let Some(read) = compaction.poll_read() {
        compaction.handle_read(disk.read(&read)).expect("whole");
        write_all(&mut disk, &compaction.writes());
    }
    write_all(&mut disk, &compaction.writes());
    let upto = log.segments().next().expect("one").end_offset;
    write_all(&mut disk, &log.delete_records(upto).expect("in range"));
    let choice = tablog_log::retention::choose(&log, at(2000));
    write_all(&mut disk, &log.drop_segments(choice, at(2000)));
    let before = rows(&log, &disk);
    write_all(&mut disk, &log.apply(compaction));
    assert_eq!(rows(&log, &disk), before);
    assert!(!disk.blobs.keys().any(|name| name.contains("-1.")), "what was cleaned in vain is deleted");
}

/// The disk stops after every write of a compaction, and within every one.
#[test]
fn every_cut_of_a_compaction_leaves_the_same_table() {
    // So small that several cleaned segments come out of it.
    let config = compacted();
    let (mut log, mut disk) = new_log(config.clone());
    let mut sequence = 0;
    let mut fill = |log: &mut Log, disk: &mut Disk, from: i64| {
        for step in from..from + 40 {
            let (key, value) =
                (format!("key {}", step * step % 17), format!("value {step} {}", "long ".repeat(20)));
            let value = (step % 5 != 0).then_some(value.as_str());
            let content = [(1000 + step, key.as_str(), value)];
            store(log, disk, at(1000 + step), batch_of(1, sequence, &content));
            sequence += 1;
        }
    };
    fill(&mut log, &mut disk, 0);
    compact(&mut log, &mut disk, at(3000)).expect("due");
    fill(&mut log, &mut disk, 40);
    let expected = table(&rows(&log, &disk));
    let producers: Vec<_> = log.producers().collect();
    let before = disk.clone();
    let end = log.end_offset();
    let writes = compact(&mut log, &mut disk, at(4000)).expect("due");
    assert!(
        writes.iter().filter(|write| write.blob().as_str().ends_with(".cleaned")).count() >= 3,
        "{writes:?}"
    );
    assert_eq!(table(&rows(&log, &disk)), expected);

    let check = |disk: &Disk| {
        let mut disk = disk.clone();
        let recovered = recover(&disk, &config, 1);
        write_all(&mut disk, &recovered.writes);
        let mut log = recovered.log;
        assert_eq!(recovered.truncated_bytes, 0);
        assert_eq!(log.end_offset(), end);
        assert_eq!(log.start_offset(), Offset(0));
        assert_eq!(table(&rows(&log, &disk)), expected);
        assert_eq!(log.producers().collect::<Vec<_>>(), producers);
        // Whatever was left lying about is gone or counts, and the next compaction runs through.
        compact(&mut log, &mut disk, at(4000));
        assert_eq!(table(&rows(&log, &disk)), expected);
        let again = recover(&disk, &config, 2);
        assert!(
            again.writes.iter().all(|write| !matches!(write, Write::Delete { .. })),
            "{:?}",
            again.writes
        );
        assert_eq!(table(&rows(&again.log, &disk)), expected);
    };
    let mut disk = before;
    for write in &writes {
        check(&disk);
        for cut in 0..write.bytes_len() {
            let mut torn = disk.clone();
            torn.apply_torn(write, cut);
            check(&torn);
        }
        disk.apply(write);
    }
    check(&disk);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However often it is compacted, opened and cut short: readers end up with the same table.
    #[test]
    fn compaction_never_changes_the_table(steps in prop::collection::vec((0..12_u8, 0..9_u8, any::<bool>()), 1..120)) {
        let config = compacted();
        let (mut log, mut disk) = new_log(config.clone());
        let mut expected = SortedMap::new();
        let mut epoch = 0;
        for (serial, (kind, key, is_value)) in steps.into_iter().enumerate() {
            match kind {
                0 => drop(compact(&mut log, &mut disk, at(5000))),
                1 => {
                    epoch += 1;
                    let recovered = recover(&disk, &config, epoch);
                    write_all(&mut disk, &recovered.writes);
                    log = recovered.log;
                }
                2 => {
                    // A compaction that is broken off somewhere.
                    if let Some(mut compaction) = compaction::choose(&log, at(5000)) {
                        for _ in 0..key {
                            let Some(read) = compaction.poll_read() else { break };
                            compaction.handle_read(disk.read(&read)).expect("whole");
                        }
                        write_all(&mut disk, &compaction.writes());
                        if is_value {
                            write_all(&mut disk, &log.abandon(compaction));
                        }
                    }
                }
                _ => {
                    let (key, value) = (format!("key {key}"), format!("value {serial}"));
                    let value = is_value.then_some(value.as_str());
                    store(&mut log, &mut disk, at(1000), batch(&[(1000, &key, value)]));
                    match value {
                        Some(value) => expected.insert(key, value.to_owned()),
                        None => expected.remove(&key),
                    };
                }
            }
            prop_assert_eq!(table(&rows(&log, &disk)), expected.clone());
        }
    }
}
