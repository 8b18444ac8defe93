//! The broker as a value: `handle` and `handle_timeout` in, `poll_effect` and `poll_timeout` out.
//!
//! Here events are led to their room and durability is turned into visibility; what a request means stands in
//! `api/`, one file a Kafka API.

use crate::api::delete_records::PendingDeleteRecords;
use crate::api::fetch::{PendingFetch, PendingFetches};
use crate::api::init_producer_id::ProducerIdBlock;
use crate::api::list_offsets::PendingListOffsets;
use crate::api::produce::PendingProduces;
use crate::api::{self, fetch, list_offsets, produce};
use crate::commit_pipeline::{CommitPipeline, Completed};
use crate::config::BrokerConfig;
use crate::connection::{Connections, Pending, ReplyTo};
use crate::controller::Controller;
use crate::coordinator::{self, Coordinator};
use crate::event::{ConnectionId, Effect, Event, Peer};
use crate::events::{self, Happening, Meter};
use crate::fetch_session::FetchSessions;
use crate::housekeeping::{self, Housekeeping};
use crate::limits;
use crate::metadata::MetadataImage;
use crate::partition::{METADATA_PARTITION, Partition, PartitionId};
use crate::purgatory::Purgatory;
use crate::random::Random;
use crate::startup::{self, Phase};
use crate::tail::Tail;
use bytes::Bytes;
use std::collections::VecDeque;
use tablog_log::storage::{CommitId, Durability, FaultKind, Read, ReadId, StorageFault, Tier, Write};
use tablog_log::{Appended, ReadPlan};
use tablog_record::{Now, Offset, SortedMap};
use tablog_wire::{ApiKey, Encode, ErrorCode, RequestHeader, frame, served};

/// One Kafka broker. It owns no clock, no disk and no socket: a host pumps it.
#[derive(Debug)]
pub struct Broker {
    pub(crate) config: BrokerConfig,
    pub(crate) cluster_id: String,
    pub(crate) random: Random,
    pub(crate) now: Now,
    pub(crate) phase: Phase,
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) connections: Connections,
    pub(crate) image: MetadataImage,
    pub(crate) partitions: SortedMap<PartitionId, Partition>,
    pub(crate) controller: Controller,
    pub(crate) coordinator: Coordinator,
    pub(crate) produces: PendingProduces,
    pub(crate) fetches: PendingFetches,
    pub(crate) purgatory: Purgatory<PendingFetch>,
    pub(crate) sessions: FetchSessions,
    pub(crate) list_offsets: PendingListOffsets,
    pub(crate) delete_records: PendingDeleteRecords,
    pub(crate) meter: Meter,
    pub(crate) housekeeping: Housekeeping,
    pub(crate) producer_ids: ProducerIdBlock,
    durable: CommitPipeline<Waiter>,
    memory: CommitPipeline<Waiter>,
    reads: SortedMap<ReadId, ReadFor>,
    next_read: u64,
    tail_bytes: usize,
}

/// Who is told when what was appended so far is durable, or lost.
#[derive(Debug)]
pub(crate) enum Waiter {
    Produce(ReplyTo),
    /// The metadata change under way.
    Controller,
    /// Decisions of a coordinator's shard, by the shard's number and load.
    Coordinator(coordinator::Ticket),
    /// An empty reply was prepared; it leaves when the change is durable.
    DeleteRecords(ReplyTo),
    /// Cleaned segments of a partition.
    Compaction(PartitionId),
}

/// Whom a read is for.
#[derive(Debug)]
pub(crate) enum ReadFor {
    Startup(startup::Reading),
    Fetch { id: crate::purgatory::FetchId, slot: usize, plan: ReadPlan },
    ListOffsets(list_offsets::Reading),
    Coordinator(coordinator::Reading),
    Compaction(PartitionId),
}

/// A request on its way through a handler.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub now: Now,
    pub connection: ConnectionId,
    pub reply: ReplyTo,
    pub api: ApiKey,
    pub version: i16,
    pub client_id: String,
    /// The body, kept (by reference) for a request that has to be looked at again later.
    pub body: Bytes,
}

impl Broker {
    /// A broker that knows nothing yet: its first effect lists what the disk holds.
    pub fn new(config: BrokerConfig, seed: u64) -> Broker {
        let mut random = Random::new(seed);
        let sessions = FetchSessions::new(config.fetch_session_slots);
        Broker {
            cluster_id: String::new(),
            now: Now::default(),
            phase: Phase::Opening(startup::Opening::default()),
            effects: VecDeque::from([Effect::List]),
            connections: Connections::default(),
            image: MetadataImage::default(),
            partitions: SortedMap::new(),
            controller: Controller::default(),
            coordinator: Coordinator::new(&config, random.next()),
            produces: PendingProduces::default(),
            fetches: PendingFetches::default(),
            purgatory: Purgatory::default(),
            sessions,
            list_offsets: PendingListOffsets::default(),
            delete_records: PendingDeleteRecords::default(),
            meter: Meter::default(),
            housekeeping: Housekeeping::default(),
            producer_ids: ProducerIdBlock::default(),
            durable: CommitPipeline::new(Tier::Durable),
            memory: CommitPipeline::new(Tier::Memory),
            reads: SortedMap::new(),
            next_read: 0,
            tail_bytes: 0,
            random,
            config,
        }
    }

    pub fn handle(&mut self, now: Now, event: Event) {
        self.now = now;
        match event {
            Event::Connected { connection, peer } => self.connected(connection, peer),
            Event::Frame { connection, frame } => self.frame(connection, frame),
            Event::Disconnected { connection } => self.disconnected(connection),
            Event::Committed { commit, result, took_us } => self.committed(commit, result, took_us),
            Event::ReadDone { read, result } => self.read_done(read, result),
            Event::Listed { result } => startup::listed(self, result),
        }
    }

    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        if !self.phase.is_running() {
            return;
        }
        for id in self.purgatory.expired(now.monotonic_ms) {
            fetch::look_again(self, now, id);
        }
        coordinator::handle_timeout(self, now);
        housekeeping::handle_timeout(self);
        events::handle_timeout(self);
    }

    /// The next thing that the host should do. Commits are made here, so that all appends of one round ride together.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        if self.effects.is_empty() && !matches!(self.phase, Phase::Failed) {
            let commit = self.durable.submit().or_else(|| self.memory.submit());
            self.effects.extend(commit.map(Effect::Commit));
        }
        self.effects.pop_front()
    }

    /// When `handle_timeout` wants to be called, on the monotonic clock.
    pub fn poll_timeout(&self) -> Option<u64> {
        if !self.phase.is_running() {
            return None;
        }
        let candidates = [
            self.purgatory.next_deadline_ms(),
            self.coordinator.poll_timeout(),
            self.housekeeping.poll_timeout(),
            self.meter.poll_timeout(),
        ];
        candidates.into_iter().flatten().min()
    }

    fn connected(&mut self, id: ConnectionId, peer: Peer) {
        self.connections.connected(id, peer);
    }

    fn disconnected(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.disconnected(id) else { return };
        self.purgatory.retain(|fetch| fetch.connection() != id);
        self.fetches.retain(|fetch| fetch.connection() != id);
        if connection.announced {
            self.publish(Happening::ConnectionClosed { connection: id.0, client_id: connection.client_id });
        }
    }

    fn frame(&mut self, connection: ConnectionId, frame: Bytes) {
        if self.connections.get(connection).is_none() {
            return;
        }
        if !self.phase.is_running() {
            if self.phase.keep_early(connection, frame).is_err() {
                self.close(connection);
            }
            return;
        }
        let mut body = frame;
        let Ok(header) = RequestHeader::decode(&mut body) else { return self.close(connection) };
        let Some(api) = ApiKey::from_i16(header.api_key) else { return self.close(connection) };
        let version = header.api_version;
        let known = served::accepts(api, version);
        if !known && api != ApiKey::ApiVersions {
            return self.close(connection);
        }
        // A version of ApiVersions that we do not know is answered in version 0 (KIP-511).
        let reply_version = if known { version } else { 0 };
        let pending =
            Pending { connection, correlation_id: header.correlation_id, api, version: reply_version };
        let Some(reply) = self.connections.begin(pending) else { return self.close(connection) };
        let client_id = header.client_id.unwrap_or_default();
        let context = Context { now: self.now, connection, reply, api, version, client_id, body };
        if !known {
            return api::api_versions::refuse_version(self, context);
        }
        self.meter.request(&mut self.connections, &context);
        api::dispatch(self, context);
    }

    /// Hands in a reply; it leaves when those before it on its connection have left.
    pub(crate) fn reply<R: Encode>(&mut self, reply: ReplyTo, response: &R) {
        let Some(pending) = self.connections.pending(reply) else { return };
        let connection = pending.connection;
        match frame::encode_response(pending.api, pending.version, pending.correlation_id, response) {
            Ok(frame) => self.connections.reply(reply, frame, &mut self.effects),
            // The reply cannot be said in this version: the client must not wait for it.
            Err(_) => self.close(connection),
        }
    }

    pub(crate) fn stay_silent(&mut self, reply: ReplyTo) {
        self.connections.stay_silent(reply, &mut self.effects);
    }

    pub(crate) fn close(&mut self, connection: ConnectionId) {
        self.disconnected(connection);
        self.effects.push_back(Effect::Close { connection });
    }

    pub(crate) fn pipeline(&mut self, tier: Tier) -> &mut CommitPipeline<Waiter> {
        match tier {
            Tier::Durable => &mut self.durable,
            Tier::Memory => &mut self.memory,
        }
    }

    /// A log took a batch: its writes ride in the next commit, its bytes stay in memory for readers at the end.
    pub(crate) fn appended(&mut self, id: PartitionId, appended: Appended, durability: Durability) {
        let partition = self.partitions.get_mut(&id).expect("the partition that appended is there");
        let tier = partition.tier;
        let before = partition.tail.bytes();
        let bytes = appended.writes.iter().rev().find_map(|write| match write {
            Write::Append { bytes, .. } => Some(bytes.clone()),
            _ => None,
        });
        let bytes = bytes.expect("an append writes the batch");
        let checkpoint = partition.checkpoint_after(bytes.len());
        partition.tail.push(appended.base_offset, appended.end_offset, bytes);
        self.tail_bytes = self.tail_bytes + partition.tail.bytes() - before;
        if let Some(rolled) = appended.rolled {
            let topic = partition.topic.clone();
            self.meter.segments_changed();
            self.publish(Happening::SegmentRolled {
                topic: topic.to_string(),
                partition: id.index,
                base_offset: rolled.base_offset.0,
            });
        }
        self.pipeline(tier).append(appended.writes, durability, id, appended.end_offset);
        self.pipeline(tier).write_for(id, checkpoint, Durability::Relaxed);
        self.trim_tails(id);
    }

    /// Keeps the tails of all partitions within their common bound: others are dropped before the one just written.
    fn trim_tails(&mut self, newest: PartitionId) {
        if self.tail_bytes <= limits::TAIL_BYTES_MAX {
            return;
        }
        for (id, partition) in &mut self.partitions {
            if *id != newest {
                partition.tail = Tail::default();
            }
        }
        self.tail_bytes = self.partitions[&newest].tail.bytes();
    }

    /// What is kept in memory is no longer what the log holds: compaction took records out of it.
    pub(crate) fn clear_tail(&mut self, id: PartitionId) {
        if let Some(partition) = self.partitions.get_mut(&id) {
            self.tail_bytes -= partition.tail.bytes();
            partition.tail = Tail::default();
        }
    }

    pub(crate) fn submit_read(&mut self, read: Read, whom: ReadFor) {
        let id = ReadId(self.next_read);
        self.next_read += 1;
        self.reads.insert(id, whom);
        self.effects.push_back(Effect::Read { id, read });
    }

    fn read_done(&mut self, id: ReadId, result: Result<Bytes, StorageFault>) {
        let whom = self.reads.remove(&id).expect("a read that is done was submitted");
        match whom {
            ReadFor::Startup(reading) => startup::read_done(self, reading, result),
            ReadFor::Fetch { id, slot, plan } => fetch::read_done(self, id, slot, plan, result),
            ReadFor::ListOffsets(reading) => list_offsets::read_done(self, reading, result),
            ReadFor::Coordinator(reading) => coordinator::read_done(self, reading, result),
            ReadFor::Compaction(id) => housekeeping::read_done(self, id, result),
        }
    }

    fn committed(&mut self, commit: CommitId, result: Result<(), StorageFault>, took_us: u64) {
        let tier = CommitPipeline::<Waiter>::tier_of(commit);
        let completed = match &result {
            Ok(()) => self.pipeline(tier).completed(commit),
            Err(_) => self.pipeline(tier).failed(commit),
        };
        match completed {
            Completed::Nothing => {}
            Completed::Durable(durable) => {
                if tier == Tier::Durable {
                    self.meter.committed(durable.bytes, took_us);
                }
                let moved: Vec<PartitionId> = durable.ends.keys().copied().collect();
                for (id, end) in durable.ends {
                    self.made_durable(id, end);
                }
                for waiter in durable.waiters {
                    self.release(waiter, tier);
                }
                for id in moved {
                    self.wake_readers(id);
                }
            }
            Completed::Failed(failed) => {
                let fault = result.expect_err("a failed commit has a fault");
                for id in failed.partitions {
                    self.roll_back(id);
                }
                housekeeping::commit_failed(self, tier);
                for waiter in failed.waiters {
                    self.fail(waiter, tier);
                }
                self.storage_fault(&fault);
            }
        }
    }

    fn made_durable(&mut self, id: PartitionId, end: Offset) {
        // A topic may have been deleted while its last appends were on their way.
        if let Some(partition) = self.partitions.get_mut(&id) {
            partition.log.made_durable(end);
        }
    }

    pub(crate) fn wake_readers(&mut self, id: PartitionId) {
        for fetch in self.purgatory.watchers(id) {
            fetch::look_again(self, self.now, fetch);
        }
    }

    fn roll_back(&mut self, id: PartitionId) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let repairs = partition.log.roll_back();
        let before = partition.tail.bytes();
        partition.tail.truncate(partition.log.end_offset());
        self.tail_bytes = self.tail_bytes + partition.tail.bytes() - before;
        let tier = partition.tier;
        self.pipeline(tier).repair(id, repairs);
    }

    fn release(&mut self, waiter: Waiter, tier: Tier) {
        match waiter {
            Waiter::Produce(reply) => produce::durable(self, reply, tier),
            Waiter::Controller => self.controller_durable(),
            Waiter::Coordinator(ticket) => coordinator::durable(self, ticket),
            Waiter::DeleteRecords(reply) => api::delete_records::durable(self, reply, tier),
            Waiter::Compaction(id) => housekeeping::cleaned(self, id),
        }
    }

    fn fail(&mut self, waiter: Waiter, tier: Tier) {
        match waiter {
            Waiter::Produce(reply) => produce::failed(self, reply, tier),
            Waiter::Controller => self.controller_failed(),
            Waiter::Coordinator(ticket) => coordinator::failed(self, ticket),
            Waiter::DeleteRecords(reply) => api::delete_records::failed(self, reply, tier),
            Waiter::Compaction(id) => housekeeping::abandon_cleaning(self, id),
        }
    }

    /// A fault is said once, on the feed; one that takes the store away ends the broker.
    pub(crate) fn storage_fault(&mut self, fault: &StorageFault) {
        let kind = format!("{:?}", fault.kind);
        self.publish(Happening::StorageFault { fault: kind, detail: fault.detail.clone() });
        if fault.kind == FaultKind::Lost {
            self.give_up(fault.clone());
        }
    }

    pub(crate) fn give_up(&mut self, fault: StorageFault) {
        if !matches!(self.phase, Phase::Failed) {
            self.phase = Phase::Failed;
            self.effects.push_back(Effect::Fatal { fault });
        }
    }

    /// KIP-320: what a client believes of the leader epoch, against what is.
    pub(crate) fn check_epoch(&self, partition: &Partition, client_epoch: i32) -> Result<(), ErrorCode> {
        match client_epoch {
            -1 => Ok(()),
            epoch if epoch < partition.leader_epoch.0 => Err(ErrorCode::FencedLeaderEpoch),
            epoch if epoch > partition.leader_epoch.0 => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }

    /// Whether a partition exists for clients: the metadata log does not.
    pub(crate) fn find(&self, topic: &str, index: i32) -> Result<PartitionId, ErrorCode> {
        let image = self.image.topic(topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let id = PartitionId { topic: image.id, index };
        match image.partitions.contains_key(&index) && self.partitions.contains_key(&id) {
            true => Ok(id),
            false => Err(ErrorCode::UnknownTopicOrPartition),
        }
    }

    pub(crate) fn metadata_log(&mut self) -> &mut Partition {
        self.partitions.get_mut(&METADATA_PARTITION).expect("the metadata log is open while the broker runs")
    }
}
