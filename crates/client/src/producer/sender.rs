//! The loop behind `Producer::run`: looks what can be sent, sends it, settles what comes back.
//!
//! Everything in flight lives here, so that a `run()` that is dropped and made anew loses nothing.
//!
//! Never knows: who waits for a record.

use futures_util::future::{Either, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use tablog_record::{BatchHeader, ProducerEpoch, ProducerId, SortedMap, Timestamp, TopicPartition};
use tablog_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use tablog_wire::messages::{InitProducerIdRequest, InitProducerIdResponse, ProduceRequest, ProduceResponse};
use tablog_wire::{ErrorCode, Request};

use super::batch::{Batch, Identity};
use super::idempotence::{Fate, Identification};
use super::settlement::{Moment, Trust, Verdict, verdicts};
use super::{Acks, ProducerStanding, Shared};
use crate::alarm::Alarm;
use crate::broker_connection::{Answer, BrokerConnection, Standing, race};
use crate::cluster::{Node, Purpose};
use crate::error::{ClientError, ProduceError};
use crate::limits::IDEMPOTENT_BATCHES_IN_FLIGHT_MAX;
use crate::transport::Transport;

/// Topics are named up to this version of Produce; later ones want ids.
const PRODUCE_VERSION_MAX: i16 = 12;

pub(super) struct Sender<T: Transport> {
    shared: Rc<Shared<T>>,
    events: FuturesUnordered<LocalBoxFuture<'static, Event<T>>>,
    nodes: SortedMap<i32, NodeState<T>>,
    metadata: Quest,
    identity: Quest,
    /// Moves the partition that is looked at first, so that none starves.
    turn: usize,
}

/// Something that is asked for until it is there.
#[derive(Default)]
struct Quest {
    is_wanted: bool,
    is_asked: bool,
    attempts: u32,
    not_before_ms: u64,
}

struct NodeState<T: Transport> {
    connection: Option<Rc<BrokerConnection<T>>>,
    is_connecting: bool,
    requests_in_flight: usize,
}

enum Event<T: Transport> {
    Connected(i32, Result<Rc<BrokerConnection<T>>, ClientError>),
    Produced { node: i32, batches: Vec<Batch>, result: Result<ProduceResponse, ClientError> },
    Metadata(Result<(), ClientError>),
    Identified(Result<InitProducerIdResponse, ClientError>),
}

/// The earliest moment at which there is something to do without an event.
#[derive(Default)]
struct WakeAt(Option<u64>);

impl WakeAt {
    fn by(&mut self, at_ms: u64) {
        self.0 = Some(self.0.map_or(at_ms, |known| known.min(at_ms)));
    }
}

impl<T: Transport> Sender<T> {
    pub fn new(shared: Rc<Shared<T>>) -> Sender<T> {
        Sender {
            shared,
            events: FuturesUnordered::new(),
            nodes: SortedMap::new(),
            metadata: Quest::default(),
            identity: Quest::default(),
            turn: 0,
        }
    }

    pub async fn run(mut self) {
        let shared = self.shared.clone();
        let mut alarm = Alarm::default();
        loop {
            let work = shared.work.changed();
            let metadata_changed = shared.cluster.metadata_changed().changed();
            if matches!(shared.state.borrow().standing, ProducerStanding::Closed(_)) {
                return;
            }
            let wake_at = self.step();
            let quiet =
                race(race(work, metadata_changed), alarm.rings(shared.cluster.transport(), wake_at.0));
            let event = poll_fn(|cx| match self.events.poll_next_unpin(cx) {
                Poll::Ready(Some(event)) => Poll::Ready(event),
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            });
            if let Either::Left(event) = race(event, quiet).await {
                self.on(event);
            }
        }
    }

    /// Does all that can be done now.
    fn step(&mut self) -> WakeAt {
        let now_ms = self.shared.cluster.now_ms();
        let mut wake_at = WakeAt::default();
        let (failed_before, awaiting_before) = {
            let mut state = self.shared.state.borrow_mut();
            let before = (state.metrics.records_failed, state.accumulator.awaiting.len());
            state.place_awaiting(&self.shared);
            before
        };
        self.expire(now_ms, &mut wake_at);
        self.bump_epochs();
        while self.send_once(now_ms, &mut wake_at) {}
        self.ask_metadata(now_ms, &mut wake_at);
        self.ask_identity(now_ms, &mut wake_at);
        let is_news = {
            let state = self.shared.state.borrow();
            state.metrics.records_failed != failed_before
                || state.accumulator.awaiting.len() != awaiting_before
        };
        if is_news {
            self.shared.settled.raise();
        }
        wake_at
    }

    fn expire(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let timeout_ms = self.shared.config.delivery_timeout_ms;
        let mut state = self.shared.state.borrow_mut();
        let last = |topic: &str| {
            let error = self.shared.cluster.cached_metadata().topics.get(topic).map(|topic| topic.error);
            error
                .filter(|code| *code != ErrorCode::None)
                .map(|code| ClientError::Refused { code, message: None })
        };
        for topic in state.accumulator.awaiting.keys().cloned().collect::<Vec<_>>() {
            while let Some(waiting) = state.accumulator.awaiting.get_mut(&topic) {
                match waiting.front() {
                    Some((_, record)) if record.enqueued_ms.saturating_add(timeout_ms) <= now_ms => {
                        let Some((_, record)) = waiting.pop_front() else { break };
                        let error = ProduceError::Expired { topic: topic.clone(), last: last(&topic) };
                        state.refuse(record, error);
                    }
                    Some((_, record)) => {
                        wake_at.by(record.enqueued_ms.saturating_add(timeout_ms));
                        break;
                    }
                    None => {
                        state.accumulator.awaiting.remove(&topic);
                    }
                }
            }
        }
        for partition in state.accumulator.partitions.keys().cloned().collect::<Vec<_>>() {
            while let Some(queue) = state.accumulator.partitions.get_mut(&partition) {
                let Some(front) = queue.batches.front() else { break };
                let over_ms = front.created_ms.saturating_add(timeout_ms);
                if over_ms > now_ms {
                    wake_at.by(over_ms);
                    break;
                }
                let Some(batch) = queue.batches.pop_front() else { break };
                let error =
                    ProduceError::Expired { topic: partition.topic.clone(), last: batch.last_error.clone() };
                state.give_up(batch, &error, &[], Fate::Unknown);
            }
        }
    }

    /// Where a sequence was lost and nothing is unresolved any more: from 0 again under the next epoch.
    fn bump_epochs(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        let state = &mut *state;
        for queue in state.accumulator.partitions.values_mut() {
            if !queue.sequences.bump_wanted || queue.unresolved() > 0 {
                continue;
            }
            if state.identification.known() == Some(queue.sequences.identity()) {
                state.identification = state.identification.bumped();
                state.metrics.epoch_bumps += 1;
            }
            if let Some(identity) = state.identification.known() {
                queue.sequences.restart(identity);
                for batch in queue.batches.iter_mut().filter(|batch| batch.stamp.is_some()) {
                    batch.set_stamp(None);
                }
            }
        }
    }

    /// One round: at most one request a node. Whether anything was sent.
    fn send_once(&mut self, now_ms: u64, wake_at: &mut WakeAt) -> bool {
        let mut by_node: SortedMap<i32, Vec<TopicPartition>> = SortedMap::new();
        for (partition, node) in self.ready(now_ms, wake_at) {
            by_node.entry(node).or_default().push(partition);
        }
        let mut has_sent = false;
        for (node, mut partitions) in by_node {
            self.turn = self.turn.wrapping_add(1);
            let first = self.turn % partitions.len();
            partitions.rotate_left(first);
            has_sent |= self.send_to(node, &partitions);
        }
        has_sent
    }

    /// Partitions with a batch that is due and may go, each with its leader. Connects and asks for metadata
    /// where that is what is missing.
    fn ready(&mut self, now_ms: u64, wake_at: &mut WakeAt) -> Vec<(TopicPartition, i32)> {
        let shared = self.shared.clone();
        let config = &shared.config;
        let state = shared.state.borrow();
        if config.enable_idempotence && state.identification.known().is_none() {
            return Vec::new();
        }
        let in_flight_max = match config.enable_idempotence {
            true => config.max_in_flight_requests_per_connection.min(IDEMPOTENT_BATCHES_IN_FLIGHT_MAX),
            false => config.max_in_flight_requests_per_connection,
        };
        let is_urgent = state.standing == ProducerStanding::Closing || state.memory_waiters > 0;
        let metadata = shared.cluster.cached_metadata();
        let mut ready = Vec::new();
        for (partition, queue) in &state.accumulator.partitions {
            if queue.batches.is_empty() {
                continue;
            }
            let Some(leader) = metadata.leader(&partition.topic, partition.partition) else {
                self.metadata.is_wanted = true;
                continue;
            };
            let Some(at) = queue.sendable(leader.node, in_flight_max) else { continue };
            let batch = &queue.batches[at];
            let is_full = queue.batches.len() > at + 1 || batch.bytes_max >= config.batch_size;
            let is_flushed = batch.order < state.accumulator.flush_end_order;
            let due_ms = match batch.attempts {
                0 if is_full || is_flushed || is_urgent => 0,
                0 => batch.created_ms.saturating_add(config.linger_ms),
                _ => batch.not_before_ms,
            };
            if due_ms > now_ms {
                wake_at.by(due_ms);
            } else if self.is_usable(leader.node) {
                ready.push((partition.clone(), leader.node));
            }
        }
        ready
    }

    /// Whether a request can be sent to this node now; begins to connect if that is what is missing.
    fn is_usable(&mut self, id: i32) -> bool {
        let in_flight_max = self.shared.config.max_in_flight_requests_per_connection;
        let node = self.nodes.entry(id).or_insert(NodeState {
            connection: None,
            is_connecting: false,
            requests_in_flight: 0,
        });
        if node.connection.as_ref().is_some_and(|connection| matches!(connection.standing(), Standing::Ready))
        {
            return node.requests_in_flight < in_flight_max;
        }
        node.connection = None;
        if !node.is_connecting {
            node.is_connecting = true;
            let cluster = self.shared.cluster.clone();
            self.events.push(Box::pin(async move {
                Event::Connected(id, cluster.connection(&Node::Id(id), Purpose::General).await)
            }));
        }
        false
    }

    fn send_to(&mut self, id: i32, partitions: &[TopicPartition]) -> bool {
        let Some(connection) = self.nodes.get(&id).and_then(|node| node.connection.clone()) else {
            return false;
        };
        let (request, batches) = self.fill(id, partitions);
        if batches.is_empty() {
            return false;
        }
        let shared = self.shared.clone();
        let answer = if shared.config.acks == Acks::None { Answer::None } else { Answer::Expected };
        let sent =
            connection.versions().choose::<ProduceRequest>(Some(PRODUCE_VERSION_MAX)).and_then(|version| {
                let timeout_ms = Some(shared.config.request_timeout_ms);
                shared.cluster.submit(&connection, version, &request, timeout_ms, answer)
            });
        match sent {
            Ok(sent) if answer == Answer::Expected => {
                if let Some(node) = self.nodes.get_mut(&id) {
                    node.requests_in_flight += 1;
                }
                let cluster = shared.cluster.clone();
                self.events.push(Box::pin(async move {
                    let result = cluster.answer::<ProduceRequest>(sent).await;
                    Event::Produced { node: id, batches, result }
                }));
            }
            Ok(_) => {
                let verdict = Verdict::Stored { base_offset: -1, append_time: Timestamp::NONE };
                self.settle(batches, |_| verdict.clone());
            }
            Err(error) => {
                let verdict = Verdict::NoAnswer(error);
                self.settle(batches, |_| verdict.clone());
                return false;
            }
        }
        true
    }

    /// Takes the next batch of each partition, as many as a request may hold.
    fn fill(&mut self, node: i32, partitions: &[TopicPartition]) -> (ProduceRequest, Vec<Batch>) {
        let shared = self.shared.clone();
        let config = &shared.config;
        let mut state = shared.state.borrow_mut();
        let state = &mut *state;
        let mut batches = Vec::new();
        let mut topics: SortedMap<String, Vec<PartitionProduceData>> = SortedMap::new();
        let mut bytes = 0;
        for partition in partitions {
            let Some(queue) = state.accumulator.partitions.get_mut(partition) else { continue };
            let Some(at) = queue.sendable(node, usize::MAX) else { continue };
            let Some(next) = queue.batches.get(at) else { continue };
            if bytes > 0 && bytes + next.bytes_max.max(BatchHeader::LEN) > config.max_request_size {
                continue;
            }
            let Some(mut batch) = queue.batches.remove(at) else { continue };
            if let (Some(identity), None) = (state.identification.known(), batch.stamp) {
                let unresolved = queue.unresolved();
                batch.set_stamp(Some(queue.sequences.stamp(identity, unresolved, batch.record_count())));
            }
            let records = batch.encode(config.compression_type);
            bytes += records.len();
            queue.in_flight += 1;
            queue.in_flight_node = node;
            state.metrics.batches_sent += 1;
            topics
                .entry(partition.topic.clone())
                .or_default()
                .push(PartitionProduceData { index: partition.partition, records: Some(records) });
            batches.push(batch);
        }
        if !batches.is_empty() {
            state.metrics.requests_in_flight += 1;
        }
        let topic_data = topics
            .into_iter()
            .map(|(name, partition_data)| TopicProduceData { name, partition_data, ..Default::default() })
            .collect();
        let timeout_ms = i32::try_from(config.request_timeout_ms).unwrap_or(i32::MAX);
        let request =
            ProduceRequest { transactional_id: None, acks: config.acks.code(), timeout_ms, topic_data };
        (request, batches)
    }

    fn on(&mut self, event: Event<T>) {
        let now_ms = self.shared.cluster.now_ms();
        match event {
            Event::Connected(id, result) => {
                if let Some(node) = self.nodes.get_mut(&id) {
                    node.is_connecting = false;
                    node.connection = result.as_ref().ok().cloned();
                }
                // The broker may be gone for good, and its partitions elsewhere.
                self.metadata.is_wanted |= result.is_err();
            }
            Event::Produced { node, batches, result } => {
                if let Some(node) = self.nodes.get_mut(&node) {
                    node.requests_in_flight = node.requests_in_flight.saturating_sub(1);
                }
                match result {
                    Ok(response) => {
                        let mut verdicts = verdicts(response);
                        self.settle(batches, |batch| {
                            verdicts.remove(&batch.partition).unwrap_or_else(|| {
                                let detail = "the answer leaves a partition out".to_owned();
                                Verdict::NoAnswer(ClientError::Malformed { api: ProduceRequest::API, detail })
                            })
                        });
                    }
                    Err(error) => {
                        let verdict = Verdict::NoAnswer(error);
                        self.settle(batches, |_| verdict.clone());
                    }
                }
            }
            Event::Metadata(result) => {
                self.metadata.is_asked = false;
                self.metadata.attempts = if result.is_ok() { 0 } else { self.metadata.attempts + 1 };
                let backoff_ms = self.shared.cluster.retry_backoff_ms(self.metadata.attempts);
                self.metadata.not_before_ms = now_ms + backoff_ms;
                self.metadata.is_wanted = result.is_err();
            }
            Event::Identified(result) => self.identified(now_ms, result),
        }
    }

    fn settle(&mut self, batches: Vec<Batch>, mut verdict: impl FnMut(&Batch) -> Verdict) {
        let now_ms = self.shared.cluster.now_ms();
        {
            let mut state = self.shared.state.borrow_mut();
            state.metrics.requests_in_flight = state.metrics.requests_in_flight.saturating_sub(1);
            for batch in batches {
                let verdict = verdict(&batch);
                let moment = Moment { now_ms, backoff_ms: self.shared.retry_backoff_ms(batch.attempts) };
                let trust = state.settle(&self.shared.config, batch, verdict, moment);
                self.metadata.is_wanted |= trust == Trust::Shaken;
            }
        }
        self.shared.settled.raise();
    }

    fn ask_metadata(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let cluster = self.shared.cluster.clone();
        let topics = self.shared.state.borrow().accumulator.topics();
        if self.metadata.is_asked || topics.is_empty() {
            return;
        }
        let is_awaited = !self.shared.state.borrow().accumulator.awaiting.is_empty();
        let stale_ms = cluster
            .metadata_at_ms()
            .map_or(0, |at_ms| at_ms.saturating_add(cluster.config().metadata_max_age_ms));
        if !self.metadata.is_wanted && !is_awaited && stale_ms > now_ms {
            wake_at.by(stale_ms);
            return;
        }
        if self.metadata.not_before_ms > now_ms {
            wake_at.by(self.metadata.not_before_ms);
            return;
        }
        self.metadata.is_asked = true;
        self.events.push(Box::pin(async move {
            Event::Metadata(cluster.metadata(Some(&topics)).await.map(|_| ()))
        }));
    }

    fn ask_identity(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let mut state = self.shared.state.borrow_mut();
        if state.identification != Identification::Missing || state.accumulator.is_idle() {
            return;
        }
        if self.identity.not_before_ms > now_ms {
            wake_at.by(self.identity.not_before_ms);
            return;
        }
        state.identification = Identification::Asked;
        let cluster = self.shared.cluster.clone();
        self.events.push(Box::pin(async move {
            let request = InitProducerIdRequest {
                transactional_id: None,
                transaction_timeout_ms: i32::MAX,
                ..Default::default()
            };
            Event::Identified(cluster.request(Node::Any, request).await)
        }));
    }

    fn identified(&mut self, now_ms: u64, result: Result<InitProducerIdResponse, ClientError>) {
        let result = result.and_then(|response| {
            ClientError::check(response.error_code, None)?;
            Ok(Identity {
                producer_id: ProducerId(response.producer_id),
                epoch: ProducerEpoch(response.producer_epoch),
            })
        });
        let mut state = self.shared.state.borrow_mut();
        match result {
            Ok(identity) => {
                self.identity.attempts = 0;
                state.identification = Identification::Known(identity);
            }
            Err(error) if error.is_retriable() => {
                self.identity.attempts += 1;
                self.identity.not_before_ms = now_ms + self.shared.retry_backoff_ms(self.identity.attempts);
                state.identification = Identification::Missing;
            }
            Err(error) => {
                drop(state);
                self.shared.shut(ProduceError::Fatal { error });
            }
        }
    }
}
