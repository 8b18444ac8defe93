//! The producer: takes records, batches them by partition, sends them in order, tells each record its fate.
//!
//! `send` only queues; `run()` does the work, for as long as its owner polls it. Dropping the `run()` future
//! pauses the producer and a new one goes on from there; dropping the `Producer` gives up what is queued.
//!
//! Never knows: which runtime drives it, what is in a record.

mod accumulator;
mod batch;
mod delivery;
mod idempotence;
mod partitioner;
mod sender;
mod settlement;

pub use delivery::{Delivery, ProducerRecord, RecordMetadata, TrySendError};
pub use partitioner::Partitioner;

use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture};
use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use tablog_record::{Compression, TopicPartition};
use tablog_wire::ErrorCode;

use crate::broker_connection::race;
use crate::cluster::{Cluster, backoff_ms};
use crate::error::ProduceError;
use crate::signal::Signal;
use crate::transport::Transport;
use accumulator::{Accumulator, Added};
use batch::Queued;
use idempotence::Identification;
use partitioner::Choices;

/// When a batch counts as acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// When it was sent.
    None,
    /// When the leader has it.
    Leader,
    /// When all in-sync replicas have it.
    #[default]
    All,
}

impl Acks {
    fn code(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// Kafka's names and defaults. Idempotence needs `acks=all` and is off without it; with it, at most five
/// requests are in flight.
#[derive(Clone, Debug)]
pub struct ProducerConfig {
    pub acks: Acks,
    pub linger_ms: u64,
    pub batch_size: usize,
    pub compression_type: Compression,
    pub enable_idempotence: bool,
    pub max_in_flight_requests_per_connection: usize,
    pub retries: u32,
    pub retry_backoff_ms: u64,
    pub delivery_timeout_ms: u64,
    pub request_timeout_ms: u64,
    pub buffer_memory: usize,
    pub max_request_size: usize,
    pub max_block_ms: u64,
    pub partitioner: Partitioner,
}

impl Default for ProducerConfig {
    fn default() -> ProducerConfig {
        ProducerConfig {
            acks: Acks::All,
            linger_ms: 5,
            batch_size: 16_384,
            compression_type: Compression::None,
            enable_idempotence: true,
            max_in_flight_requests_per_connection: 5,
            retries: i32::MAX as u32,
            retry_backoff_ms: 100,
            delivery_timeout_ms: 120_000,
            request_timeout_ms: 30_000,
            buffer_memory: 33_554_432,
            max_request_size: 1_048_576,
            max_block_ms: 60_000,
            partitioner: Partitioner::Default,
        }
    }
}

/// What a producer did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerMetrics {
    /// Records taken by `send`.
    pub records_sent: u64,
    pub records_acked: u64,
    pub records_failed: u64,
    /// Of acknowledged batches, as they were on the wire.
    pub bytes_acked: u64,
    pub batches_sent: u64,
    pub batches_retried: u64,
    pub batches_split: u64,
    pub epoch_bumps: u64,
    pub requests_in_flight: usize,
    pub bytes_queued: usize,
    /// From `send` to acknowledgement, over acknowledged records.
    pub latency_total_ms: u64,
    pub latency_max_ms: u64,
    /// Of the batch acknowledged last: its oldest record.
    pub latency_last_ms: u64,
}

pub struct Producer<T: Transport> {
    shared: Rc<Shared<T>>,
    sender: Rc<RefCell<LocalBoxFuture<'static, ()>>>,
}

impl<T: Transport> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

struct Shared<T: Transport> {
    cluster: Cluster<T>,
    config: ProducerConfig,
    state: RefCell<State>,
    /// For the sender: there is something to do.
    work: Signal,
    /// For senders of records and flushers: something was settled.
    settled: Signal,
}

struct State {
    accumulator: Accumulator,
    identification: Identification,
    choices: Choices,
    metrics: ProducerMetrics,
    /// Records that wait for memory: then nothing lingers.
    memory_waiters: usize,
    standing: ProducerStanding,
}

#[derive(Clone, Debug, PartialEq)]
enum ProducerStanding {
    Open,
    /// Takes no more records; sends what it has.
    Closing,
    /// Gone, or of no more use.
    Closed(ProduceError),
}

impl<T: Transport> Producer<T> {
    pub fn new(cluster: Cluster<T>, mut config: ProducerConfig) -> Producer<T> {
        config.max_in_flight_requests_per_connection = config.max_in_flight_requests_per_connection.max(1);
        config.enable_idempotence &= config.acks == Acks::All;
        if config.enable_idempotence {
            let most = crate::limits::IDEMPOTENT_BATCHES_IN_FLIGHT_MAX;
            config.max_in_flight_requests_per_connection =
                config.max_in_flight_requests_per_connection.min(most);
        }
        let identification =
            if config.enable_idempotence { Identification::Missing } else { Identification::Disabled };
        let shared = Rc::new(Shared {
            cluster,
            config,
            state: RefCell::new(State {
                accumulator: Accumulator::default(),
                identification,
                choices: Choices::default(),
                metrics: ProducerMetrics::default(),
                memory_waiters: 0,
                standing: ProducerStanding::Open,
            }),
            work: Signal::default(),
            settled: Signal::default(),
        });
        let sender: LocalBoxFuture<'static, ()> = Box::pin(sender::Sender::new(shared.clone()).run());
        Producer { shared, sender: Rc::new(RefCell::new(sender)) }
    }

    pub fn config(&self) -> &ProducerConfig {
        &self.shared.config
    }

    /// Sends what is queued; ends when the producer was closed or dropped. One at a time.
    pub fn run(&self) -> impl Future<Output = ()> + 'static + use<T> {
        let sender = self.sender.clone();
        let shared = self.shared.clone();
        poll_fn(move |cx| {
            if matches!(shared.state.borrow().standing, ProducerStanding::Closed(_)) {
                return std::task::Poll::Ready(());
            }
            sender.borrow_mut().as_mut().poll(cx)
        })
    }

    /// Queues a record, waiting up to `max_block_ms` for memory. Once it is ready the record's place in the
    /// order is taken.
    pub async fn send(&self, record: ProducerRecord) -> Result<Delivery, ProduceError> {
        let mut record = record;
        let deadline_ms = self.shared.cluster.now_ms().saturating_add(self.shared.config.max_block_ms);
        loop {
            let settled = self.shared.settled.changed();
            match self.try_send(record) {
                Ok(delivery) => return Ok(delivery),
                Err(TrySendError::Refused(_, error)) => return Err(error),
                Err(TrySendError::Full(returned)) => record = returned,
            }
            let left_ms = deadline_ms.saturating_sub(self.shared.cluster.now_ms());
            if left_ms == 0 {
                return Err(ProduceError::BufferExhausted);
            }
            let _waiting = MemoryWaiter::new(&self.shared);
            if let Either::Right(()) = race(settled, self.shared.cluster.transport().sleep(left_ms)).await {
                continue;
            }
        }
    }

    /// Queues a record now, or gives it back.
    #[allow(clippy::result_large_err, reason = "the record comes back as it was")]
    pub fn try_send(&self, record: ProducerRecord) -> Result<Delivery, TrySendError> {
        self.shared.enqueue(record)
    }

    /// Until everything sent before this call is acknowledged or given up. Needs `run()` to be driven.
    pub async fn flush(&self) {
        loop {
            let settled = self.shared.settled.changed();
            if self.shared.state.borrow().accumulator.awaiting.is_empty() || self.is_closed() {
                break;
            }
            settled.await;
        }
        let end_order = self.shared.state.borrow_mut().accumulator.start_flush();
        self.shared.work.raise();
        loop {
            let settled = self.shared.settled.changed();
            if self.shared.state.borrow().accumulator.is_settled_below(end_order) || self.is_closed() {
                return;
            }
            settled.await;
        }
    }

    /// Takes no more records, waits for those it has, ends `run()`.
    pub async fn close(&self) {
        if self.shared.state.borrow().standing == ProducerStanding::Open {
            self.shared.state.borrow_mut().standing = ProducerStanding::Closing;
        }
        self.shared.work.raise();
        self.flush().await;
        self.shared.shut(ProduceError::Closed);
    }

    fn is_closed(&self) -> bool {
        matches!(self.shared.state.borrow().standing, ProducerStanding::Closed(_))
    }

    pub fn metrics(&self) -> ProducerMetrics {
        let state = self.shared.state.borrow();
        ProducerMetrics { bytes_queued: state.accumulator.bytes_used, ..state.metrics }
    }
}

impl<T: Transport> Drop for Producer<T> {
    fn drop(&mut self) {
        self.shared.shut(ProduceError::Closed);
    }
}

/// Counted for as long as a `send` waits, even if it is dropped.
struct MemoryWaiter<'a, T: Transport> {
    shared: &'a Shared<T>,
}

impl<'a, T: Transport> MemoryWaiter<'a, T> {
    fn new(shared: &'a Shared<T>) -> MemoryWaiter<'a, T> {
        shared.state.borrow_mut().memory_waiters += 1;
        shared.work.raise();
        MemoryWaiter { shared }
    }
}

impl<T: Transport> Drop for MemoryWaiter<'_, T> {
    fn drop(&mut self) {
        self.shared.state.borrow_mut().memory_waiters -= 1;
    }
}

impl<T: Transport> Shared<T> {
    #[allow(clippy::result_large_err, reason = "the record comes back as it was")]
    fn enqueue(&self, record: ProducerRecord) -> Result<Delivery, TrySendError> {
        let mut state = self.state.borrow_mut();
        let refusal = match &state.standing {
            ProducerStanding::Open => None,
            ProducerStanding::Closing => Some(ProduceError::Closed),
            ProducerStanding::Closed(error) => Some(error.clone()),
        };
        let bytes_max = record.bytes_max();
        let most = self.config.max_request_size.min(self.config.buffer_memory);
        let refusal = refusal.or_else(|| {
            let too_large = bytes_max + tablog_record::BatchHeader::LEN > most;
            too_large.then_some(ProduceError::RecordTooLarge { bytes: bytes_max, max_bytes: most })
        });
        if let Some(error) = refusal {
            return Err(TrySendError::Refused(record, error));
        }
        if state.accumulator.bytes_used + bytes_max > self.config.buffer_memory {
            return Err(TrySendError::Full(record));
        }
        let now = self.cluster.now();
        let (sender, outcome) = oneshot::channel();
        let ProducerRecord { topic, partition, key, value, headers, timestamp } = record;
        let timestamp = timestamp.unwrap_or(now.wall);
        let queued = Queued {
            timestamp,
            key,
            value,
            headers,
            bytes_max,
            enqueued_ms: now.monotonic_ms,
            outcome: sender,
        };
        state.accumulator.bytes_used += bytes_max;
        state.metrics.records_sent += 1;
        let added = state.place(self, topic, partition, queued);
        drop(state);
        match added {
            Ok(Added::Noteworthy) => self.work.raise(),
            Ok(Added::Quietly) => {}
            // Its delivery tells why.
            Err(()) => self.settled.raise(),
        }
        Ok(Delivery { outcome })
    }

    /// Before attempt `attempts + 1`: doubles from `retry_backoff_ms` up to the cluster's maximum, with jitter.
    fn retry_backoff_ms(&self, attempts: u32) -> u64 {
        let max_ms = self.cluster.config().retry_backoff_max_ms;
        backoff_ms(self.config.retry_backoff_ms, max_ms, attempts, self.cluster.transport().random())
    }

    /// Ends everything; what is queued is given up with this error.
    fn shut(&self, error: ProduceError) {
        let (awaiting, partitions) = {
            let mut state = self.state.borrow_mut();
            if !matches!(state.standing, ProducerStanding::Closed(_)) {
                state.standing = ProducerStanding::Closed(error.clone());
            }
            state.accumulator.bytes_used = 0;
            let accumulator = std::mem::take(&mut state.accumulator);
            (accumulator.awaiting, accumulator.partitions)
        };
        for (_, record) in awaiting.into_values().flatten() {
            // Nobody may be listening.
            let _ = record.outcome.send(Err(error.clone()));
        }
        for batch in partitions.into_values().flat_map(|queue| queue.batches) {
            batch.fail(&error, &[]);
        }
        self.work.raise();
        self.settled.raise();
    }
}

impl State {
    /// Chooses the partition if that can be done already. `Err`: the record was refused.
    fn place<T: Transport>(
        &mut self,
        shared: &Shared<T>,
        topic: String,
        partition: Option<i32>,
        record: Queued,
    ) -> Result<Added, ()> {
        let metadata = shared.cluster.cached_metadata();
        let known = metadata.topics.get(&topic).filter(|known| !known.partitions.is_empty());
        let Some(known) = known.filter(|_| !self.accumulator.awaiting.contains_key(&topic)) else {
            self.accumulator.awaiting.entry(topic).or_default().push_back((partition, record));
            return Ok(Added::Noteworthy);
        };
        let index = match partition {
            Some(index) if known.partitions.contains_key(&index) => index,
            // The topic may have grown since: it is asked for once more.
            Some(_) if shared.cluster.metadata_at_ms().is_none_or(|at_ms| at_ms <= record.enqueued_ms) => {
                self.accumulator.awaiting.entry(topic).or_default().push_back((partition, record));
                return Ok(Added::Noteworthy);
            }
            Some(index) => {
                let error = ProduceError::UnknownPartition { partition: TopicPartition::new(topic, index) };
                self.refuse(record, error);
                return Err(());
            }
            None => self.choices.choose(
                shared.config.partitioner,
                (&topic, known),
                record.key.as_deref(),
                (record.bytes_max, shared.config.batch_size),
                || shared.cluster.transport().random(),
            ),
        };
        Ok(self.accumulator.add(TopicPartition::new(topic, index), record, shared.config.batch_size))
    }

    fn refuse(&mut self, record: Queued, error: ProduceError) {
        self.accumulator.release(record.bytes_max);
        self.metrics.records_failed += 1;
        // Nobody may be listening.
        let _ = record.outcome.send(Err(error));
    }

    /// Places what waited for the metadata of a topic, or refuses it if the topic cannot be.
    fn place_awaiting<T: Transport>(&mut self, shared: &Shared<T>) {
        let metadata = shared.cluster.cached_metadata();
        for topic in self.accumulator.awaiting.keys().cloned().collect::<Vec<_>>() {
            let Some(known) = metadata.topics.get(&topic) else { continue };
            let is_fatal = known.error != ErrorCode::None && !known.error.is_retriable();
            if known.partitions.is_empty() && !is_fatal {
                continue;
            }
            for (partition, record) in self.accumulator.awaiting.remove(&topic).into_iter().flatten() {
                if is_fatal {
                    let partition = TopicPartition::new(topic.clone(), partition.unwrap_or(-1));
                    self.refuse(
                        record,
                        ProduceError::Refused { partition, code: known.error, message: None },
                    );
                } else {
                    // A refusal was told to the record itself.
                    let _ = self.place(shared, topic.clone(), partition, record);
                }
            }
        }
    }
}
