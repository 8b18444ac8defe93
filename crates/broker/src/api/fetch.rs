//! Fetch (1): reads batches. Served 4–18, by name up to 12 and by topic id from 13 on.
//!
//! Waits for: `min_bytes` over all partitions, at most `max_wait_ms` (in the purgatory); then for one storage read a
//! partition, none where the newest batches are still in memory. Readers see records below the high watermark, that
//! is, durable ones. A fetch in the middle of a batch returns the whole batch; the first partition with data returns
//! a batch even when it is larger than asked for.
//! KIPs: 74 (response limit), 227 (sessions), 320 (epoch fencing), 516 (topic ids). Not served: followers, read
//! committed beyond "all is committed" (no transactions yet), throttling.

use crate::broker::{Broker, Context, ReadFor};
use crate::connection::ReplyTo;
use crate::event::ConnectionId;
use crate::fetch_session::{Content, Style, Target, Tell, Told};
use crate::limits;
use crate::partition::{Partition, PartitionId};
use crate::purgatory::FetchId;
use crate::tail::AtLeast;
use bytes::Bytes;
use tablog_log::storage::{FaultKind, StorageFault};
use tablog_log::{MinOne, ReadPlan};
use tablog_record::{Now, Offset, SortedMap};
use tablog_wire::ErrorCode;
use tablog_wire::messages::fetch_request::FetchRequest;
use tablog_wire::messages::fetch_response::{
    EpochEndOffset, FetchResponse, FetchableTopicResponse, PartitionData,
};

/// A fetch that waits, for data or for the disk.
#[derive(Debug)]
pub(crate) struct PendingFetch {
    reply: ReplyTo,
    connection: ConnectionId,
    version: i16,
    reader: Reader,
    style: Style,
    targets: Vec<Target>,
    answers: Vec<PartitionData>,
    min_bytes: i64,
    max_bytes: i32,
    deadline_ms: u64,
    outstanding: usize,
}

/// Who fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Uncommitted,
    Committed,
    /// A follower: no partition has one.
    Replica,
}

impl Reader {
    fn of(version: i16, request: &FetchRequest) -> Reader {
        let replica_id = if version >= 15 { request.replica_state.replica_id } else { request.replica_id };
        match (replica_id, request.isolation_level) {
            (0.., _) => Reader::Replica,
            (_, 0) => Reader::Uncommitted,
            _ => Reader::Committed,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct PendingFetches {
    reading: SortedMap<FetchId, PendingFetch>,
    next_id: u64,
}

impl PendingFetches {
    pub fn retain(&mut self, keep: impl Fn(&PendingFetch) -> bool) {
        self.reading.retain(|_, fetch| keep(fetch));
    }
}

impl PendingFetch {
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }
}

pub(crate) fn handle(broker: &mut Broker, context: Context, request: FetchRequest) {
    let max_wait_ms = request.max_wait_ms.max(0) as u64;
    let min_bytes = i64::from(request.min_bytes);
    let max_bytes =
        request.max_bytes.min(broker.config.fetch_max_bytes).min(limits::FETCH_RESPONSE_BYTES_MAX);
    let now_ms = context.now.monotonic_ms;
    let reader = Reader::of(context.version, &request);
    let opened = broker.sessions.open(now_ms, &mut broker.random, context.version, request);
    let (style, targets) = match opened {
        Ok(opened) => opened,
        Err(code) => {
            let response = FetchResponse { error_code: code.code(), ..Default::default() };
            return broker.reply(context.reply, &response);
        }
    };
    let fetch = PendingFetch {
        reply: context.reply,
        connection: context.connection,
        version: context.version,
        reader,
        style,
        targets,
        answers: Vec::new(),
        min_bytes,
        max_bytes,
        deadline_ms: now_ms + max_wait_ms,
        outstanding: 0,
    };
    let id = FetchId(broker.fetches.next_id);
    broker.fetches.next_id += 1;
    read_or_park(broker, context.now, id, fetch);
}

/// A parked fetch whose partition moved, or whose time is over.
pub(crate) fn look_again(broker: &mut Broker, now: Now, id: FetchId) {
    if let Some(fetch) = broker.purgatory.take(id) {
        read_or_park(broker, now, id, fetch);
    }
}

fn read_or_park(broker: &mut Broker, now: Now, id: FetchId, fetch: PendingFetch) {
    let time_is_over = now.monotonic_ms >= fetch.deadline_ms;
    let room = broker.purgatory.len() < limits::WAITING_FETCHES_MAX;
    if time_is_over || !room || has_enough(broker, &fetch) {
        return read(broker, id, fetch);
    }
    let partitions =
        fetch.targets.iter().filter_map(|target| locate(broker, fetch.version, target).ok()).collect();
    let deadline_ms = fetch.deadline_ms;
    broker.purgatory.park(id, partitions, deadline_ms, fetch);
}

/// Whether `min_bytes` are there, or an error that the client should hear of at once. Partitions that do not exist
/// are none: the client asks for them again and again, and must wait with the others. Bytes are those of the range
/// that would be read, so a fetch may return a little less than it asked for, never late.
fn has_enough(broker: &Broker, fetch: &PendingFetch) -> bool {
    let mut bytes: i64 = 0;
    let mut none_exists = true;
    for target in &fetch.targets {
        if locate(broker, fetch.version, target).is_err() {
            continue;
        }
        none_exists = false;
        let Ok((_, partition)) = check(broker, fetch, target) else { return true };
        if !matches!(diverging(partition, target), Ok(None)) {
            return true;
        }
        let (from, end) = (Offset(target.fetch_offset), partition.log.high_watermark());
        // Past the end is an error, which the client should hear of at once.
        if from > end || from < partition.log.start_offset() {
            return true;
        }
        if from == end {
            continue;
        }
        let max_bytes = target.max_bytes.max(0) as u32;
        match partition.log.read(from, end, max_bytes, MinOne::Yes) {
            Err(_) => return true,
            Ok(plan) => bytes += plan.read.as_ref().map_or(0, |read| read.len as i64),
        }
    }
    none_exists || bytes >= fetch.min_bytes
}

fn read(broker: &mut Broker, id: FetchId, mut fetch: PendingFetch) {
    let mut left = i64::from(fetch.max_bytes);
    let mut least = AtLeast::OneBatch;
    let mut reads = Vec::new();
    for slot in 0..fetch.targets.len() {
        let target = &fetch.targets[slot];
        let (answer, found) = read_partition(broker, &fetch, target, left, least);
        match found {
            Found::Nothing => {}
            Found::Bytes(len) => {
                left -= len as i64;
                least = AtLeast::Nothing;
            }
            Found::OnDisk(plan) => {
                left -= plan.read.as_ref().map_or(0, |read| read.len as i64);
                least = AtLeast::Nothing;
                reads.push((slot, plan));
            }
        }
        fetch.answers.push(answer);
    }
    fetch.outstanding = reads.len();
    if reads.is_empty() {
        return finish(broker, fetch);
    }
    broker.fetches.reading.insert(id, fetch);
    for (slot, plan) in reads {
        let read = plan.read.clone().expect("a plan on disk has something to read");
        broker.submit_read(read, ReadFor::Fetch { id, slot, plan });
    }
}

/// One partition's read came back. `read` already left the broker's table.
pub(crate) fn read_done(
    broker: &mut Broker,
    id: FetchId,
    slot: usize,
    plan: ReadPlan,
    result: Result<Bytes, StorageFault>,
) {
    let outcome = result.and_then(|bytes| plan.finish(bytes));
    if outcome.is_err() && plan_anew(broker, id, slot, &plan) {
        return;
    }
    if let Err(fault) = &outcome {
        broker.storage_fault(fault);
    }
    let Some(fetch) = broker.fetches.reading.get_mut(&id) else { return };
    let answer = &mut fetch.answers[slot];
    match outcome {
        Ok(records) => answer.records = Some(records),
        Err(fault) => {
            let code = match fault.kind {
                FaultKind::Corrupt => ErrorCode::CorruptMessage,
                _ => ErrorCode::KafkaStorageError,
            };
            *answer = refuse(answer.partition_index, code);
        }
    }
    fetch.outstanding -= 1;
    if fetch.outstanding == 0 {
        let fetch = broker.fetches.reading.remove(&id).expect("just seen");
        finish(broker, fetch);
    }
}

/// Retention or compaction may have taken the blob away while it was read: then the records lie elsewhere now.
fn plan_anew(broker: &mut Broker, id: FetchId, slot: usize, old: &ReadPlan) -> bool {
    let Some(fetch) = broker.fetches.reading.get(&id) else { return false };
    let target = &fetch.targets[slot];
    let Ok((_, partition)) = check(broker, fetch, target) else { return false };
    let (from, end) = (Offset(target.fetch_offset), partition.log.high_watermark());
    let Ok(plan) = partition.log.read(from, end, target.max_bytes.max(0) as u32, MinOne::Yes) else {
        return false;
    };
    let moved = plan.read.as_ref().map(|read| &read.blob) != old.read.as_ref().map(|read| &read.blob);
    let Some(read) = plan.read.clone().filter(|_| moved) else { return false };
    broker.submit_read(read, ReadFor::Fetch { id, slot, plan });
    true
}

enum Found {
    Nothing,
    Bytes(usize),
    OnDisk(ReadPlan),
}

fn read_partition(
    broker: &Broker,
    fetch: &PendingFetch,
    target: &Target,
    left: i64,
    least: AtLeast,
) -> (PartitionData, Found) {
    let checked = check(broker, fetch, target)
        .and_then(|(_, partition)| diverging(partition, target).map(|diverging| (partition, diverging)));
    let (partition, diverging) = match checked {
        Ok(found) => found,
        Err(code) => return (refuse(target.index, code), Found::Nothing),
    };
    let (from, end) = (Offset(target.fetch_offset), partition.log.high_watermark());
    let mut answer = PartitionData {
        partition_index: target.index,
        high_watermark: end.0,
        last_stable_offset: partition.log.last_stable_offset().0,
        log_start_offset: partition.log.start_offset().0,
        aborted_transactions: (fetch.reader == Reader::Committed).then(Vec::new),
        records: Some(Bytes::new()),
        ..Default::default()
    };
    if let Some(diverging) = diverging {
        answer.diverging_epoch = diverging;
        return (answer, Found::Nothing);
    }
    let max_bytes = i64::from(target.max_bytes).min(left).max(0);
    if from < end
        && from >= partition.log.start_offset()
        && let Some(records) = partition.tail.read(from, end, max_bytes as usize, least)
    {
        let len = records.len();
        answer.records = Some(records);
        let found = if len == 0 { Found::Nothing } else { Found::Bytes(len) };
        return (answer, found);
    }
    if max_bytes == 0 && least == AtLeast::Nothing && from <= end {
        return (answer, Found::Nothing);
    }
    let min_one = if least == AtLeast::OneBatch { MinOne::Yes } else { MinOne::No };
    match partition.log.read(from, end, max_bytes as u32, min_one) {
        Err(_) => (refuse(target.index, ErrorCode::OffsetOutOfRange), Found::Nothing),
        Ok(plan) if plan.read.is_none() => (answer, Found::Nothing),
        Ok(plan) => (answer, Found::OnDisk(plan)),
    }
}

/// The partition that a target names, once its epoch is right.
fn check<'a>(
    broker: &'a Broker,
    fetch: &PendingFetch,
    target: &Target,
) -> Result<(PartitionId, &'a Partition), ErrorCode> {
    let id = locate(broker, fetch.version, target)?;
    if fetch.reader == Reader::Replica {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    let partition = broker.partitions.get(&id).ok_or(ErrorCode::KafkaStorageError)?;
    broker.check_epoch(partition, target.current_leader_epoch)?;
    Ok((id, partition))
}

fn locate(broker: &Broker, version: i16, target: &Target) -> Result<PartitionId, ErrorCode> {
    let topic = if version >= 13 {
        broker.image.topic_by_id(target.topic_id).ok_or(ErrorCode::UnknownTopicId)?
    } else {
        broker.image.topic(&target.topic).ok_or(ErrorCode::UnknownTopicOrPartition)?
    };
    if !topic.partitions.contains_key(&target.index) {
        return Err(ErrorCode::UnknownTopicOrPartition);
    }
    Ok(PartitionId { topic: topic.id, index: target.index })
}

/// Where the reader's log and ours part (KIP-595's truncation on fetch), if they do. An epoch that the log never had
/// is out of range.
fn diverging(partition: &Partition, target: &Target) -> Result<Option<EpochEndOffset>, ErrorCode> {
    if target.last_fetched_epoch < 0 {
        return Ok(None);
    }
    let epoch = tablog_record::LeaderEpoch(target.last_fetched_epoch);
    let (epoch, end) = partition.log.epoch_end_offset(epoch);
    if epoch.0 < 0 || end.0 < 0 {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let parted = epoch.0 < target.last_fetched_epoch || end.0 < target.fetch_offset;
    Ok(parted.then_some(EpochEndOffset { epoch: epoch.0, end_offset: end.0 }))
}

fn refuse(index: i32, code: ErrorCode) -> PartitionData {
    // Apache Kafka's list is empty where it found no partition, and null where the partition refused.
    let found_none = matches!(code, ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId);
    PartitionData {
        aborted_transactions: found_none.then(Vec::new),
        partition_index: index,
        error_code: code.code(),
        high_watermark: -1,
        last_stable_offset: -1,
        log_start_offset: -1,
        records: Some(Bytes::new()),
        ..Default::default()
    }
}

fn finish(broker: &mut Broker, fetch: PendingFetch) {
    let mut response = FetchResponse::default();
    let (Style::Full { session } | Style::Incremental { session }) = fetch.style;
    response.session_id = session;
    for (target, answer) in fetch.targets.iter().zip(fetch.answers) {
        let len = answer.records.as_ref().map_or(0, Bytes::len);
        let content = match (answer.error_code, len) {
            (0, 0) if answer.diverging_epoch.epoch < 0 => Content::Nothing,
            (0, _) => Content::Records,
            _ => Content::Error,
        };
        let told = Told { high_watermark: answer.high_watermark, log_start_offset: answer.log_start_offset };
        if broker.sessions.tell(fetch.style, target, told, content) == Tell::No {
            continue;
        }
        if let (Content::Records, Some(records)) = (content, &answer.records) {
            let topic = match broker.image.topic_by_id(target.topic_id) {
                Some(topic) => topic.name.to_string(),
                None => target.topic.clone(),
            };
            broker.meter.fetched(fetch.connection, &topic, records);
        }
        match response.responses.last_mut() {
            Some(last) if last.topic == target.topic && last.topic_id == target.topic_id => {
                last.partitions.push(answer);
            }
            _ => response.responses.push(FetchableTopicResponse {
                topic: target.topic.clone(),
                topic_id: target.topic_id,
                partitions: vec![answer],
            }),
        }
    }
    broker.reply(fetch.reply, &response);
}
