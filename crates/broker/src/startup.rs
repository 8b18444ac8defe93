//! Crash is the only shutdown: opening is recovering.
//!
//! ```text
//!  list ─► open __cluster_metadata-0 ─► replay it ─► open every partition ─► write "opened" ─► running
//!                                                     (tails are scanned)     (a new leader epoch)
//! ```
//!
//! Frames that come meanwhile are kept and looked at afterwards. Blobs of a topic that the metadata removed (the crash
//! came before they went) are deleted. Blobs of a topic that they never named tell that the metadata are damaged, since
//! a commit is ordered: nothing is deleted then, and the broker does not start.

use crate::broker::{Broker, ReadFor};
use crate::controller::{self, Outcome};
use crate::coordinator;
use crate::event::{ConnectionId, Event};
use crate::events::Happening;
use crate::housekeeping;
use crate::in_order::InOrder;
use crate::limits;
use crate::metadata_record::MetadataRecord;
use crate::partition::{EVENTS_TOPIC, METADATA_PARTITION, METADATA_TOPIC, PartitionId, partition_of_blob};
use bytes::Bytes;
use tablog_log::storage::{
    BlobInfo, BlobName, Durability, FaultKind, Position, Read, StorageFault, Tier, Write,
};
use tablog_log::{Log, LogConfig, MinOne, ReadPlan, Recovery};
use tablog_record::{LeaderEpoch, Offset, SortedMap, SortedSet, Uuid, batches};
use tablog_wire::records::RegisterBrokerRecord;

#[derive(Debug)]
pub(crate) enum Phase {
    Opening(Opening),
    Running,
    /// The store is gone or cannot be read; the host was told.
    Failed,
}

#[derive(Debug, Default)]
pub(crate) struct Opening {
    blobs: SortedMap<PartitionId, Vec<BlobInfo>>,
    recoveries: SortedMap<PartitionId, (Recovery, InOrder<Result<Bytes, StorageFault>>)>,
    outstanding: usize,
    removed: SortedSet<Uuid>,
    /// What the recovery of the metadata log wants written: not before it is known to name every topic.
    metadata_writes: Vec<Write>,
    /// Logs of which opening cut an end off: told on the feed once there is one.
    truncated: Vec<(PartitionId, Offset, u64)>,
    early: Vec<(ConnectionId, Bytes)>,
    early_bytes: usize,
}

#[derive(Debug)]
pub(crate) enum Reading {
    MetaProperties,
    Recovery(PartitionId, u64),
    Metadata(ReadPlan),
}

impl Phase {
    pub fn is_running(&self) -> bool {
        matches!(self, Phase::Running)
    }

    /// Keeps a frame for later; hands it back where it cannot be kept.
    pub fn keep_early(&mut self, connection: ConnectionId, frame: Bytes) -> Result<(), Bytes> {
        match self {
            Phase::Opening(opening) if opening.early_bytes + frame.len() <= limits::EARLY_BYTES_MAX => {
                opening.early_bytes += frame.len();
                opening.early.push((connection, frame));
                Ok(())
            }
            _ => Err(frame),
        }
    }
}

fn opening(broker: &mut Broker) -> &mut Opening {
    match &mut broker.phase {
        Phase::Opening(opening) => opening,
        _ => unreachable!("the broker is opening"),
    }
}

pub(crate) fn listed(broker: &mut Broker, result: Result<Vec<BlobInfo>, StorageFault>) {
    let blobs = match result {
        Ok(blobs) => blobs,
        Err(fault) => return broker.give_up(fault),
    };
    let properties = meta_properties(broker);
    let mut has_properties = false;
    for info in blobs {
        if info.blob == properties {
            has_properties = true;
        } else if let Some(id) = partition_of_blob(broker.config.node_id, info.blob.as_str()) {
            opening(broker).blobs.entry(id).or_default().push(info);
        }
    }
    if has_properties {
        let read = Read { tier: Tier::Durable, blob: properties, from: Position(0), len: 4096 };
        opening(broker).outstanding += 1;
        broker.submit_read(read, ReadFor::Startup(Reading::MetaProperties));
    } else {
        format_store(broker, properties);
    }
    let blobs = opening(broker).blobs.remove(&METADATA_PARTITION).unwrap_or_default();
    recover(broker, METADATA_PARTITION, Tier::Durable, metadata_log_config(), blobs);
    go_on(broker);
}

/// The first opening: a cluster id, made once and kept in Kafka's `meta.properties`.
fn format_store(broker: &mut Broker, blob: BlobName) {
    broker.cluster_id = broker.random.uuid().to_string();
    let directory = broker.random.uuid();
    let node = broker.config.node_id;
    let text =
        format!("version=1\ncluster.id={}\nnode.id={node}\ndirectory.id={directory}\n", broker.cluster_id);
    let write = Write::Put { blob, bytes: text.into() };
    housekeeping::keep_until_opened(broker, write.clone());
    broker.pipeline(Tier::Durable).write(vec![write], Durability::Strict);
}

fn meta_properties(broker: &Broker) -> BlobName {
    BlobName::new(format!("{}/meta.properties", broker.config.node_id))
}

fn metadata_log_config() -> LogConfig {
    LogConfig { retention_ms: None, retention_bytes: None, ..LogConfig::default() }
}

fn recover(broker: &mut Broker, id: PartitionId, tier: Tier, config: LogConfig, blobs: Vec<BlobInfo>) {
    let location = broker.location(id, tier);
    let recovery = Log::open(location, config, blobs);
    opening(broker).recoveries.insert(id, (recovery, InOrder::default()));
    submit_reads(broker, id);
}

fn submit_reads(broker: &mut Broker, id: PartitionId) {
    loop {
        let opening = opening(broker);
        let Some((recovery, answers)) = opening.recoveries.get_mut(&id) else { return };
        let Some(read) = recovery.poll_read() else { return };
        let number = answers.ask();
        opening.outstanding += 1;
        broker.submit_read(read, ReadFor::Startup(Reading::Recovery(id, number)));
    }
}

pub(crate) fn read_done(broker: &mut Broker, reading: Reading, result: Result<Bytes, StorageFault>) {
    if !matches!(broker.phase, Phase::Opening(_)) {
        return;
    }
    opening(broker).outstanding -= 1;
    let outcome = match reading {
        Reading::MetaProperties => result.and_then(|bytes| read_properties(broker, &bytes)),
        Reading::Recovery(id, number) => {
            let (recovery, answers) = opening(broker).recoveries.get_mut(&id).expect("its recovery is there");
            answers.answer(number, result);
            let outcome = hand_on(recovery, answers);
            if outcome.is_ok() {
                submit_reads(broker, id);
            }
            outcome
        }
        Reading::Metadata(plan) => result.and_then(|bytes| replay_metadata(broker, plan, bytes)),
    };
    match outcome {
        Ok(()) => go_on(broker),
        Err(fault) => broker.give_up(fault),
    }
}

fn hand_on(
    recovery: &mut Recovery,
    answers: &mut InOrder<Result<Bytes, StorageFault>>,
) -> Result<(), StorageFault> {
    while let Some(answer) = answers.next() {
        recovery.handle_read(answer)?;
    }
    Ok(())
}

fn read_properties(broker: &mut Broker, bytes: &[u8]) -> Result<(), StorageFault> {
    let text = String::from_utf8_lossy(bytes);
    let id = text.lines().find_map(|line| line.strip_prefix("cluster.id="));
    let id = id.ok_or_else(|| StorageFault {
        kind: FaultKind::Corrupt,
        detail: "meta.properties names no cluster.id".into(),
    })?;
    broker.cluster_id = id.to_string();
    Ok(())
}

/// Takes every recovery that has all it needs further, and then the next step.
fn go_on(broker: &mut Broker) {
    let ready: Vec<PartitionId> = opening(broker)
        .recoveries
        .iter()
        .filter(|(_, (_, answers))| answers.outstanding() == 0)
        .map(|(&id, _)| id)
        .collect();
    for id in ready {
        if let Err(fault) = finish_recovery(broker, id) {
            return broker.give_up(fault);
        }
    }
    let opening = opening(broker);
    if opening.outstanding == 0 && opening.recoveries.is_empty() {
        finish(broker);
    }
}

fn finish_recovery(broker: &mut Broker, id: PartitionId) -> Result<(), StorageFault> {
    let (recovery, _) = opening(broker).recoveries.remove(&id).expect("it was just seen");
    let (name, epoch, config) = if id == METADATA_PARTITION {
        (METADATA_TOPIC.into(), LeaderEpoch(0), None)
    } else {
        let topic = broker.image.topic_by_id(id.topic).expect("only known topics are opened");
        let (name, epoch) = (topic.name.clone(), topic.partitions[&id.index].leader_epoch);
        let config = broker.topic_config(&name);
        (name, epoch, Some(config))
    };
    let recovered = recovery.finish(epoch, broker.now);
    if recovered.truncated_bytes > 0 {
        let (end, bytes) = (recovered.log.end_offset(), recovered.truncated_bytes);
        opening(broker).truncated.push((id, end, bytes));
    }
    let config = config.unwrap_or_else(|| crate::config::TopicConfig {
        log: metadata_log_config(),
        durability: crate::config::DurabilityPolicy::Acks,
        tier: Tier::Durable,
    });
    if id == METADATA_PARTITION {
        opening(broker).metadata_writes = recovered.writes;
        broker.install(id, name, config, epoch, recovered.log);
        return read_metadata(broker, Offset::ZERO);
    }
    broker.pipeline(config.tier).write_for(id, recovered.writes, Durability::Relaxed);
    broker.install(id, name, config, epoch, recovered.log);
    Ok(())
}

/// Reads the metadata log, a stretch at a time, to its end.
fn read_metadata(broker: &mut Broker, from: Offset) -> Result<(), StorageFault> {
    let log = &broker.metadata_log().log;
    let from = from.max(log.start_offset());
    let end = log.high_watermark();
    if from >= end {
        return open_partitions(broker);
    }
    let plan = log.read(from, end, limits::LOAD_READ_BYTES_MAX, MinOne::Yes);
    let plan = plan.expect("an offset below the end can be read");
    let read = plan.read.clone().expect("below the end there is something to read");
    opening(broker).outstanding += 1;
    broker.submit_read(read, ReadFor::Startup(Reading::Metadata(plan)));
    Ok(())
}

fn replay_metadata(broker: &mut Broker, plan: ReadPlan, bytes: Bytes) -> Result<(), StorageFault> {
    let corrupt = |detail: String| StorageFault { kind: FaultKind::Corrupt, detail };
    let mut next = None;
    for batch in batches(plan.finish(bytes)?) {
        let batch = batch.map_err(|error| corrupt(format!("{METADATA_TOPIC}-0: {error}")))?;
        for record in batch.records().map_err(|error| corrupt(format!("{METADATA_TOPIC}-0: {error}")))? {
            let Some(value) = record.value else { continue };
            let decoded = MetadataRecord::decode(value)
                .map_err(|error| corrupt(format!("{METADATA_TOPIC}-0 at {}: {error}", record.offset)))?;
            // A record of a kind that we do not know was written by a newer version of us: skipped, as by Kafka.
            if let Some(decoded) = decoded {
                if let MetadataRecord::RemoveTopic(removed) = &decoded {
                    opening(broker).removed.insert(removed.topic_id);
                }
                broker.image.replay(decoded);
            }
        }
        next = Some(batch.header().end_offset());
    }
    let next = next.ok_or_else(|| corrupt(format!("{METADATA_TOPIC}-0 has no batch where one should be")))?;
    read_metadata(broker, next)
}

fn open_partitions(broker: &mut Broker) -> Result<(), StorageFault> {
    check_strays(broker)?;
    let writes = std::mem::take(&mut opening(broker).metadata_writes);
    broker.pipeline(Tier::Durable).write_for(METADATA_PARTITION, writes, Durability::Relaxed);
    let mut ids = Vec::new();
    for topic in broker.image.topics() {
        ids.extend(
            topic
                .partitions
                .keys()
                .map(|&index| (PartitionId { topic: topic.id, index }, topic.name.clone())),
        );
    }
    for (id, name) in ids {
        let config = broker.topic_config(&name);
        let blobs = opening(broker).blobs.remove(&id).unwrap_or_default();
        recover(broker, id, config.tier, config.log, blobs);
    }
    let strays = std::mem::take(&mut opening(broker).blobs);
    let deletions = strays.into_values().flatten().map(|info| Write::Delete { blob: info.blob }).collect();
    broker.pipeline(Tier::Durable).write(deletions, Durability::Relaxed);
    Ok(())
}

/// Whether the metadata name, or named once, every partition that has blobs.
fn check_strays(broker: &mut Broker) -> Result<(), StorageFault> {
    let end = broker.metadata_log().log.end_offset();
    let Phase::Opening(opening) = &broker.phase else { unreachable!("the broker is opening") };
    let is_known = |id: &PartitionId| {
        let topic = broker.image.topic_by_id(id.topic);
        opening.removed.contains(&id.topic)
            || topic.is_some_and(|topic| topic.partitions.contains_key(&id.index))
    };
    match opening.blobs.keys().find(|id| !is_known(id)) {
        None => Ok(()),
        Some(id) => Err(StorageFault {
            kind: FaultKind::Corrupt,
            detail: format!(
                "{METADATA_TOPIC}-0 can be read up to offset {end}, where partition {} of topic {} is not named \
                 yet, whose records are there",
                id.index, id.topic
            ),
        }),
    }
}

/// Everything is open: say so in the metadata, which gives each partition its new leader epoch. Nobody is served
/// before that is on the disk, and with it all that the opening found: under the epochs before, offsets that a loss
/// of power took back would be given out a second time.
fn finish(broker: &mut Broker) {
    let mut changes = vec![registration(broker)];
    if broker.config.events_enable && broker.image.topic(EVENTS_TOPIC).is_none() {
        changes.extend(controller::new_topic(broker, EVENTS_TOPIC, 1, &crate::events::topic_settings()).1);
    }
    broker.propose(changes, |broker, outcome| {
        match outcome {
            Outcome::Durable => housekeeping::opened(broker),
            // A full disk refuses this record as it refuses appends; what is there can still be read.
            Outcome::Lost => housekeeping::retry_opening(broker),
        }
        run(broker);
    });
}

fn run(broker: &mut Broker) {
    let Phase::Opening(opening) = std::mem::replace(&mut broker.phase, Phase::Running) else {
        unreachable!("the broker was opening");
    };
    for (id, end, bytes) in opening.truncated {
        tell_truncated(broker, id, end, bytes);
    }
    coordinator::load(broker);
    housekeeping::start(broker);
    for (connection, frame) in opening.early {
        broker.handle(broker.now, Event::Frame { connection, frame });
    }
}

fn tell_truncated(broker: &mut Broker, id: PartitionId, end: Offset, bytes: u64) {
    let Some(partition) = broker.partitions.get(&id) else { return };
    let topic = partition.topic.to_string();
    broker.publish(Happening::LogTruncated { topic, partition: id.index, end_offset: end.0, bytes });
}

/// The record of an opening.
pub(crate) fn registration(broker: &mut Broker) -> MetadataRecord {
    MetadataRecord::RegisterBroker(RegisterBrokerRecord {
        broker_id: broker.config.node_id,
        incarnation_id: Uuid::from_random(broker.random.next(), broker.random.next()),
        broker_epoch: broker.metadata_log().log.end_offset().0,
        ..Default::default()
    })
}
