//! A log on a disk, and what the tests do with it.

use crate::disk::Disk;
use bytes::Bytes;
use tablog_log::storage::{Tier, Write};
use tablog_log::{
    AppendError, AppendOrigin, Appended, Cleanup, Log, LogConfig, LogLocation, MinOne, Recovered, compaction,
};
use tablog_record::{
    BatchBuilder, Compression, LeaderEpoch, Now, Offset, ProducerEpoch, ProducerId, Record, Sequence,
    Timestamp, ValidBatch, batches,
};

pub fn location() -> LogLocation {
    LogLocation { prefix: "1/topic/0/".to_owned(), tier: Tier::Durable }
}

pub fn at(ms: i64) -> Now {
    Now { monotonic_ms: ms as u64, wall: Timestamp(ms) }
}

/// Segments of a few batches, an index entry every other batch.
pub fn small_segments() -> LogConfig {
    LogConfig { segment_bytes: 600, index_interval_bytes: 100, ..LogConfig::default() }
}

pub fn batch(records: &[(i64, &str, Option<&str>)]) -> ValidBatch {
    build(BatchBuilder::new(Compression::None), records)
}

pub fn batch_of(producer: i64, sequence: i32, records: &[(i64, &str, Option<&str>)]) -> ValidBatch {
    let builder = BatchBuilder::new(Compression::None);
    build(builder.producer(ProducerId(producer), ProducerEpoch(0), Sequence(sequence)), records)
}

fn build(mut builder: BatchBuilder, records: &[(i64, &str, Option<&str>)]) -> ValidBatch {
    for (timestamp, key, value) in records {
        let value = value.map(str::as_bytes);
        builder.append(Timestamp(*timestamp), Some(key.as_bytes()), value, &[]);
    }
    builder.build_batch()
}

pub fn append(log: &mut Log, now: Now, batch: ValidBatch) -> Result<Appended, AppendError> {
    log.append(now, batch, AppendOrigin::Client)
}

pub fn recover(disk: &Disk, config: &LogConfig, epoch: i32) -> Recovered {
    let mut recovery = Log::open(location(), config.clone(), disk.list());
    loop {
        // Several reads at a time while there are several.
        let mut reads = Vec::new();
        while let Some(read) = recovery.poll_read() {
            reads.push(read);
        }
        if reads.is_empty() {
            break;
        }
        for read in reads {
            recovery.handle_read(disk.read(&read)).expect("listed blobs are there");
        }
    }
    recovery.finish(LeaderEpoch(epoch), at(1_000_000))
}

/// All whole batches from the log's start, read as a fetch reads them.
pub fn read_all(log: &Log, disk: &Disk) -> Vec<ValidBatch> {
    let mut all = Vec::new();
    let mut from = log.start_offset();
    loop {
        let plan = log.read(from, log.high_watermark(), 200, MinOne::Yes).expect("it is in range");
        let bytes = plan.read.as_ref().map_or(Bytes::new(), |read| disk.read(read).expect("it is there"));
        let bytes = plan.finish(bytes).expect("what was stored is whole");
        if bytes.is_empty() {
            return all;
        }
        for batch in batches(bytes) {
            let batch = batch.expect("what was stored is whole");
            from = batch.header().end_offset();
            all.push(batch);
        }
    }
}

pub fn read_records(log: &Log, disk: &Disk) -> Vec<Record> {
    let start = log.start_offset();
    let all = read_all(log, disk).into_iter().flat_map(|batch| batch.records().expect("readable"));
    all.filter(|record| record.offset >= start).collect()
}

pub fn write_all(disk: &mut Disk, writes: &[Write]) {
    for write in writes {
        disk.apply(write);
    }
}

/// Appends, stores and makes durable.
pub fn store(log: &mut Log, disk: &mut Disk, now: Now, batch: ValidBatch) -> Offset {
    let appended = append(log, now, batch).expect("it can be appended");
    write_all(disk, &appended.writes);
    log.made_durable(appended.end_offset);
    appended.base_offset
}

/// Compacts to the end. All writes are performed, and returned.
pub fn compact(log: &mut Log, disk: &mut Disk, now: Now) -> Option<Vec<Write>> {
    let mut all = Vec::new();
    let mut compaction = compaction::choose(log, now)?;
    loop {
        while let Some(read) = compaction.poll_read() {
            compaction.handle_read(disk.read(&read)).expect("closed segments are whole");
            let writes = compaction.writes();
            write_all(disk, &writes);
            all.extend(writes);
        }
        if compaction.is_done() {
            break;
        }
    }
    let rest = compaction.writes();
    write_all(disk, &rest);
    all.extend(rest);
    let swap = log.apply(compaction);
    write_all(disk, &swap);
    all.extend(swap);
    Some(all)
}

pub fn compacted() -> LogConfig {
    LogConfig { cleanup: Cleanup::Compact, min_cleanable_dirty_ratio: 0.0, ..small_segments() }
}
