//! The consumer: member of a group or reader of given partitions.
//!
//! `run()` joins, heartbeats, fetches and commits for as long as it is polled; `poll()` hands out records. If
//! the owner stops polling `run()` everything stands still, and recovers as from a lost session afterwards.
//! Rebalances take their steps only while the application holds no unprocessed records: between the call of
//! `poll` and its return with some.
//!
//! Never knows: which runtime drives it, what is in a record.

mod commit;
mod config;
mod coordinator;
mod farewell;
mod fetch_session;
mod fetcher;
mod group_heartbeat;
mod heartbeat;
mod intake;
mod leadership;
mod membership;
mod offsets;
mod position;
mod rebalance;
mod reconciliation;
mod record;
mod standing;

pub use commit::OffsetAndMetadata;
pub use config::{ConsumerConfig, ConsumerMetrics, GroupProtocol, IsolationLevel, OffsetReset};
pub use membership::GroupMetadata;
pub use offsets::ListedOffset;
pub(crate) use offsets::{EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, MAX_TIMESTAMP, list_offsets};
pub use rebalance::RebalanceListener;
pub use record::{BatchFacts, ConsumerRecord};
pub use standing::PartitionStanding;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::{Rc, Weak};
use std::task::Poll;
use tablog_record::{SortedMap, SortedSet, TopicPartition};

use crate::alarm::Alarm;
use crate::broker_connection::{BrokerConnection, race};
use crate::cluster::Cluster;
use crate::error::ConsumeError;
use crate::limits::{COMMITS_WAITING_MAX, ERRORS_WAITING_MAX};
use crate::signal::Signal;
use crate::transport::Transport;
use membership::Membership;
use position::{Assigned, Position, ResetTo};

pub struct Consumer<T: Transport> {
    shared: Rc<Shared<T>>,
    tasks: Rc<RefCell<LocalBoxFuture<'static, ()>>>,
}

impl<T: Transport> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

struct Shared<T: Transport> {
    cluster: Cluster<T>,
    config: ConsumerConfig,
    state: RefCell<State>,
    changed: Signal,
    /// Where the will was left.
    will_connection: RefCell<Weak<BrokerConnection<T>>>,
}

struct State {
    subscription: Subscription,
    listener: Rc<dyn RebalanceListener>,
    partitions: SortedMap<TopicPartition, Assigned>,
    membership: Membership,
    errors: VecDeque<ConsumeError>,
    metrics: ConsumerMetrics,
    queued_commits: SortedMap<TopicPartition, OffsetAndMetadata>,
    /// `poll` futures that are alive.
    polling: usize,
    last_poll_ms: Option<u64>,
    /// The application works on records that `poll` gave it, or was never there.
    has_records_in_hand: bool,
    /// A rebalance step is due or under way: no records meanwhile.
    is_rebalance_step: bool,
    next_token: u64,
    turn: usize,
    /// Changes when the group is left: what a join that is under way brings is thrown away.
    join_epoch: u64,
    is_closed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Subscription {
    #[default]
    None,
    Topics(SortedSet<String>),
    /// A regular expression that the broker resolves: the consumer protocol only.
    Pattern(String),
    Manual,
}

impl Subscription {
    /// Whether partitions come from a group.
    fn is_of_group(&self) -> bool {
        matches!(self, Subscription::Topics(_) | Subscription::Pattern(_))
    }
}

impl<T: Transport> Consumer<T> {
    pub fn new(cluster: Cluster<T>, mut config: ConsumerConfig) -> Consumer<T> {
        if config.partition_assignment_strategy.is_empty() {
            config.partition_assignment_strategy = ConsumerConfig::default().partition_assignment_strategy;
        }
        let shared = Rc::new(Shared {
            cluster,
            config,
            state: RefCell::new(State {
                subscription: Subscription::None,
                listener: Rc::new(()),
                partitions: SortedMap::new(),
                membership: Membership::default(),
                errors: VecDeque::new(),
                metrics: ConsumerMetrics::default(),
                queued_commits: SortedMap::new(),
                polling: 0,
                last_poll_ms: None,
                has_records_in_hand: true,
                is_rebalance_step: false,
                next_token: 1,
                turn: 0,
                join_epoch: 0,
                is_closed: false,
            }),
            changed: Signal::default(),
            will_connection: RefCell::default(),
        });
        let tasks: LocalBoxFuture<'static, ()> = Box::pin(run_tasks(shared.clone()));
        Consumer { shared, tasks: Rc::new(RefCell::new(tasks)) }
    }

    pub fn config(&self) -> &ConsumerConfig {
        &self.shared.config
    }

    /// Membership, fetching, committing; ends when the consumer was closed or dropped. One at a time.
    pub fn run(&self) -> impl Future<Output = ()> + 'static + use<T> {
        let tasks = self.tasks.clone();
        let shared = self.shared.clone();
        poll_fn(move |cx| {
            if shared.state.borrow().is_closed {
                return Poll::Ready(());
            }
            tasks.borrow_mut().as_mut().poll(cx)
        })
    }

    /// Becomes a member of the group at the next `poll`. Replaces an earlier subscription.
    pub fn subscribe(
        &self,
        topics: &[String],
        listener: impl RebalanceListener + 'static,
    ) -> Result<(), ConsumeError> {
        if self.shared.config.group_id.is_none() {
            return Err(ConsumeError::NoGroup);
        }
        self.set_subscription(Subscription::Topics(topics.iter().cloned().collect()), Rc::new(listener));
        Ok(())
    }

    /// The same for all topics whose whole name matches a regular expression (RE2's), which the coordinator
    /// resolves: with `group_protocol` consumer only.
    pub fn subscribe_pattern(
        &self,
        pattern: &str,
        listener: impl RebalanceListener + 'static,
    ) -> Result<(), ConsumeError> {
        if self.shared.config.group_id.is_none() {
            return Err(ConsumeError::NoGroup);
        }
        if self.shared.config.group_protocol == GroupProtocol::Classic {
            return Err(ConsumeError::PatternNeedsConsumerProtocol);
        }
        self.set_subscription(Subscription::Pattern(pattern.to_owned()), Rc::new(listener));
        Ok(())
    }

    fn set_subscription(&self, subscription: Subscription, listener: Rc<dyn RebalanceListener>) {
        {
            let mut state = self.shared.state.borrow_mut();
            if state.subscription == Subscription::Manual {
                state.partitions.clear();
            }
            state.subscription = subscription;
            state.listener = listener;
            state.membership.want_rejoin("the subscription changed");
        }
        self.shared.changed.raise();
    }

    /// Reads these partitions without being a member of a group.
    pub fn assign(&self, partitions: &[TopicPartition]) {
        {
            let mut state = self.shared.state.borrow_mut();
            state.subscription = Subscription::Manual;
            let wanted: SortedSet<&TopicPartition> = partitions.iter().collect();
            state.partitions.retain(|partition, _| wanted.contains(partition));
            for partition in partitions {
                if !state.partitions.contains_key(partition) {
                    let token = state.token();
                    state.partitions.insert(partition.clone(), Assigned::new(token));
                }
            }
        }
        self.shared.changed.raise();
    }

    /// Records in the order of their partitions, at most `max_poll_records`; none after `timeout_ms`. Calling
    /// it says that all records of the call before were processed.
    pub async fn poll(&self, timeout_ms: u64) -> Result<Vec<ConsumerRecord>, ConsumeError> {
        let shared = &self.shared;
        let deadline_ms = shared.cluster.now_ms().saturating_add(timeout_ms);
        let _polling = Polling::new(shared);
        let mut alarm = Alarm::default();
        loop {
            let changed = shared.changed.changed();
            if let Some(result) = self.hand_out() {
                return result;
            }
            if shared.cluster.now_ms() >= deadline_ms {
                return Ok(Vec::new());
            }
            race(changed, alarm.rings(shared.cluster.transport(), Some(deadline_ms))).await;
        }
    }

    /// What `poll` can return now.
    fn hand_out(&self) -> Option<Result<Vec<ConsumerRecord>, ConsumeError>> {
        let records = {
            let mut state = self.shared.state.borrow_mut();
            if state.is_closed {
                return Some(Err(ConsumeError::Closed));
            }
            if let Some(error) = state.errors.pop_front() {
                return Some(Err(error));
            }
            let session_timeout_ms = self.shared.config.session_timeout_ms;
            let is_doubtful = state.membership.is_doubtful(self.shared.cluster.now_ms(), session_timeout_ms);
            // Not ours any more, but not given up yet.
            let is_lost = state.subscription.is_of_group() && !state.membership.is_member();
            if state.is_rebalance_step || is_doubtful || is_lost {
                return None;
            }
            let records = state.take(self.shared.config.max_poll_records);
            if records.is_empty() {
                return state.errors.pop_front().map(Err);
            }
            state.has_records_in_hand = true;
            state.metrics.records_consumed += records.len() as u64;
            records
        };
        // There is room for more.
        self.shared.changed.raise();
        Some(Ok(records))
    }

    /// Continues from here. What is buffered is thrown away.
    pub fn seek(&self, partition: &TopicPartition, offset: i64) -> Result<(), ConsumeError> {
        self.move_to(partition, Position::At { offset: offset.max(0), leader_epoch: -1 })
    }

    pub fn seek_to_beginning(&self, partition: &TopicPartition) -> Result<(), ConsumeError> {
        self.move_to(partition, Position::Reset(ResetTo::Earliest))
    }

    pub fn seek_to_end(&self, partition: &TopicPartition) -> Result<(), ConsumeError> {
        self.move_to(partition, Position::Reset(ResetTo::Latest))
    }

    /// To the first record of this time or later; to the end if there is none.
    pub fn seek_to_timestamp(
        &self,
        partition: &TopicPartition,
        timestamp_ms: i64,
    ) -> Result<(), ConsumeError> {
        self.move_to(partition, Position::Reset(ResetTo::Timestamp(timestamp_ms.max(0))))
    }

    fn move_to(&self, partition: &TopicPartition, position: Position) -> Result<(), ConsumeError> {
        {
            let mut state = self.shared.state.borrow_mut();
            let token = state.token();
            let Some(assigned) = state.partitions.get_mut(partition) else {
                return Err(ConsumeError::NotAssigned { partition: partition.clone() });
            };
            assigned.seek(position, token);
        }
        self.shared.changed.raise();
        Ok(())
    }

    /// No records of these until `resume`. Fetched ones are kept.
    pub fn pause(&self, partitions: &[TopicPartition]) {
        self.set_paused(partitions, Paused::Yes);
    }

    pub fn resume(&self, partitions: &[TopicPartition]) {
        self.set_paused(partitions, Paused::No);
    }

    fn set_paused(&self, partitions: &[TopicPartition], paused: Paused) {
        let mut state = self.shared.state.borrow_mut();
        for partition in partitions {
            if let Some(assigned) = state.partitions.get_mut(partition) {
                assigned.is_paused = paused == Paused::Yes;
            }
        }
        drop(state);
        self.shared.changed.raise();
    }

    /// The offset of the next record that `poll` returns; `None` while it is being found.
    pub fn position(&self, partition: &TopicPartition) -> Option<i64> {
        self.shared.state.borrow().partitions.get(partition)?.offset()
    }

    pub fn assignment(&self) -> SortedSet<TopicPartition> {
        self.shared.state.borrow().partitions.keys().cloned().collect()
    }

    pub fn subscription(&self) -> SortedSet<String> {
        match &self.shared.state.borrow().subscription {
            Subscription::Topics(topics) => topics.clone(),
            _ => SortedSet::new(),
        }
    }

    /// Commits what was handed out by `poll` so far.
    pub async fn commit(&self) -> Result<(), ConsumeError> {
        let offsets = self.shared.state.borrow().positions_to_commit();
        self.commit_offsets(&offsets).await
    }

    /// Commits these offsets: each names the next record to read.
    pub async fn commit_offsets(
        &self,
        offsets: &SortedMap<TopicPartition, OffsetAndMetadata>,
    ) -> Result<(), ConsumeError> {
        self.shared.commit(offsets.clone()).await
    }

    /// From within `on_partitions_revoked`: commits these before the partitions go to somebody else.
    pub fn queue_commit(&self, offsets: SortedMap<TopicPartition, OffsetAndMetadata>) {
        let mut state = self.shared.state.borrow_mut();
        if state.queued_commits.len() + offsets.len() <= COMMITS_WAITING_MAX {
            state.queued_commits.extend(offsets);
        }
        drop(state);
        self.shared.changed.raise();
    }

    /// The offsets that the group committed for these partitions, where it did.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<SortedMap<TopicPartition, OffsetAndMetadata>, ConsumeError> {
        self.shared.committed(partitions).await
    }

    pub fn group_metadata(&self) -> GroupMetadata {
        self.shared.group_metadata()
    }

    pub fn metrics(&self) -> ConsumerMetrics {
        self.shared.state.borrow().metrics
    }

    /// Where each assigned partition stands.
    pub fn partitions(&self) -> Vec<PartitionStanding> {
        let metadata = self.shared.cluster.cached_metadata();
        let state = self.shared.state.borrow();
        state
            .partitions
            .iter()
            .map(|(partition, assigned)| standing::of(partition, assigned, &metadata))
            .collect()
    }

    /// The frame with which this member leaves (LeaveGroup or ConsumerGroupHeartbeat), for a host that sends it when
    /// the member cannot. `None` while there is none, and for static members of the classic protocol, which do not
    /// leave.
    pub fn leave_frame(&self) -> Option<Bytes> {
        self.shared.state.borrow().membership.will.clone()
    }

    /// Commits (if it does so by itself), gives the partitions up, leaves the group (dynamic members only),
    /// ends `run()`. Does not need `run()` to be driven.
    pub async fn close(&self) {
        self.shared.leave().await;
        self.shared.state.borrow_mut().is_closed = true;
        self.shared.changed.raise();
    }

    /// Leaves the group and forgets the subscription; another `subscribe` or `assign` may follow.
    pub async fn unsubscribe(&self) {
        self.shared.leave().await;
    }
}

impl<T: Transport> Drop for Consumer<T> {
    fn drop(&mut self) {
        self.shared.state.borrow_mut().is_closed = true;
        self.shared.changed.raise();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Paused {
    Yes,
    No,
}

/// A `poll` under way, even if it is dropped half way.
struct Polling<'a, T: Transport> {
    shared: &'a Shared<T>,
}

impl<'a, T: Transport> Polling<'a, T> {
    fn new(shared: &'a Shared<T>) -> Polling<'a, T> {
        {
            let mut state = shared.state.borrow_mut();
            state.polling += 1;
            state.metrics.polls += 1;
            state.has_records_in_hand = false;
            state.last_poll_ms = Some(shared.cluster.now_ms());
            for assigned in state.partitions.values_mut() {
                assigned.mark_committable();
            }
        }
        shared.changed.raise();
        Polling { shared }
    }
}

impl<T: Transport> Drop for Polling<'_, T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        state.polling -= 1;
        state.last_poll_ms = Some(self.shared.cluster.now_ms());
    }
}

impl State {
    fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token
    }

    fn report(&mut self, error: ConsumeError) {
        if self.errors.len() < ERRORS_WAITING_MAX && !self.errors.contains(&error) {
            self.errors.push_back(error);
        }
    }

    /// Buffered records, from another partition first each time.
    fn take(&mut self, max: usize) -> Vec<ConsumerRecord> {
        let mut records = Vec::new();
        let count = self.partitions.len();
        if count == 0 {
            return records;
        }
        self.turn = (self.turn + 1) % count;
        let State { partitions, errors, turn, .. } = self;
        // Two passes over the map instead of a list of its keys.
        for (partition, assigned) in partitions.iter_mut().skip(*turn) {
            take_from(partition, assigned, max, &mut records, errors);
        }
        for (partition, assigned) in partitions.iter_mut().take(*turn) {
            take_from(partition, assigned, max, &mut records, errors);
        }
        records
    }
}

fn take_from(
    partition: &TopicPartition,
    assigned: &mut Assigned,
    max: usize,
    records: &mut Vec<ConsumerRecord>,
    errors: &mut VecDeque<ConsumeError>,
) {
    if assigned.is_paused {
        return;
    }
    while records.len() < max {
        match assigned.next(partition) {
            Some(Ok(record)) => records.push(record),
            Some(Err(error)) => {
                if errors.len() < ERRORS_WAITING_MAX {
                    errors.push_back(error);
                }
                return;
            }
            None => return,
        }
    }
}

/// All that `run()` drives.
async fn run_tasks<T: Transport>(shared: Rc<Shared<T>>) {
    let fetching = fetcher::Fetcher::new(shared.clone()).run();
    let committing = commit::commit_regularly(shared.clone());
    let (joining, heartbeats): (LocalBoxFuture<'static, ()>, LocalBoxFuture<'static, ()>) =
        match shared.config.group_protocol {
            GroupProtocol::Classic => (
                Box::pin(coordinator::keep_joined(shared.clone())),
                Box::pin(heartbeat::keep_alive(shared.clone())),
            ),
            GroupProtocol::Consumer => (
                Box::pin(reconciliation::keep_reconciled(shared.clone())),
                Box::pin(group_heartbeat::keep_beating(shared.clone())),
            ),
        };
    futures_util::future::join4(fetching, joining, heartbeats, committing).await;
}

impl<T: Transport> Shared<T> {
    /// Until the state is so.
    async fn until<V>(&self, mut ready: impl FnMut(&mut State) -> Option<V>) -> V {
        loop {
            let changed = self.changed.changed();
            let value = ready(&mut self.state.borrow_mut());
            match value {
                Some(value) => return value,
                None => changed.await,
            }
        }
    }
}
