//! The loop that reads: finds positions, fetches ahead with one request in flight for each broker, keeps the
//! metadata fresh.
//!
//! Everything in flight lives here, so that a `run()` that is dropped and made anew loses nothing.
//!
//! Never knows: how partitions came to be assigned.

use futures_util::future::{Either, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use tablog_record::{SortedMap, TopicPartition};
use tablog_wire::ErrorCode;
use tablog_wire::messages::FetchResponse;

use super::Shared;
use super::commit::Offsets;
use super::fetch_session::{Asked, FetchSession};
use super::intake::fetch_request;
use super::offsets::{Listed, list_offsets};
use super::position::{Position, ResetTo};
use crate::alarm::Alarm;
use crate::broker_connection::race;
use crate::cluster::{Node, Purpose, RequestOptions};
use crate::error::{ClientError, ConsumeError};
use crate::transport::Transport;

/// Topics are named up to this version of Fetch; later ones want ids.
const FETCH_VERSION_MAX: i16 = 12;
/// How often a topic that is not there is looked for, and a partition that cannot be read is tried.
pub(super) const PATIENCE_MS: u64 = 1_000;

pub(super) struct Fetcher<T: Transport> {
    shared: Rc<Shared<T>>,
    events: FuturesUnordered<LocalBoxFuture<'static, Event>>,
    nodes: SortedMap<i32, NodeState>,
    committed: Quest,
    metadata: Quest,
    is_metadata_wanted: bool,
    /// The topics last asked for, and when.
    metadata_asked: (Vec<String>, u64),
}

#[derive(Default)]
struct NodeState {
    session: FetchSession,
    is_fetching: bool,
    attempts: u32,
    not_before_ms: u64,
    is_listing: bool,
}

#[derive(Default)]
struct Quest {
    is_asked: bool,
    attempts: u32,
    not_before_ms: u64,
}

/// What was asked, by which token: an answer to an older one is thrown away.
type Tokens<V> = SortedMap<TopicPartition, (u64, V)>;

enum Event {
    Fetched { node: i32, asked: Tokens<i64>, result: Result<FetchResponse, ClientError> },
    Committed { asked: Tokens<()>, result: Result<Offsets, ConsumeError> },
    Listed { node: i32, asked: Tokens<ResetTo>, result: Result<Listed, ClientError> },
    Metadata(Result<(), ClientError>),
}

#[derive(Default)]
struct WakeAt(Option<u64>);

impl WakeAt {
    fn by(&mut self, at_ms: u64) {
        self.0 = Some(self.0.map_or(at_ms, |known| known.min(at_ms)));
    }
}

impl<T: Transport> Fetcher<T> {
    pub fn new(shared: Rc<Shared<T>>) -> Fetcher<T> {
        Fetcher {
            shared,
            events: FuturesUnordered::new(),
            nodes: SortedMap::new(),
            committed: Quest::default(),
            metadata: Quest::default(),
            is_metadata_wanted: false,
            metadata_asked: (Vec::new(), 0),
        }
    }

    pub async fn run(mut self) {
        let shared = self.shared.clone();
        let mut alarm = Alarm::default();
        loop {
            let changed = shared.changed.changed();
            let metadata_changed = shared.cluster.metadata_changed().changed();
            if shared.state.borrow().is_closed {
                return;
            }
            let wake_at = self.step();
            let quiet =
                race(race(changed, metadata_changed), alarm.rings(shared.cluster.transport(), wake_at.0));
            let event = poll_fn(|cx| match self.events.poll_next_unpin(cx) {
                Poll::Ready(Some(event)) => Poll::Ready(event),
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            });
            if let Either::Left(event) = race(event, quiet).await {
                self.on(event);
                shared.changed.raise();
            }
        }
    }

    fn step(&mut self) -> WakeAt {
        let now_ms = self.shared.cluster.now_ms();
        let mut wake_at = WakeAt::default();
        self.check_assigned_counts();
        self.ask_committed(now_ms, &mut wake_at);
        self.ask_resets(now_ms, &mut wake_at);
        self.fetch(now_ms, &mut wake_at);
        self.ask_metadata(now_ms, &mut wake_at);
        wake_at
    }

    /// The leader of a group assigns anew when a topic came, went or grew.
    fn check_assigned_counts(&mut self) {
        let metadata = self.shared.cluster.cached_metadata();
        let mut state = self.shared.state.borrow_mut();
        let membership = &mut state.membership;
        if !membership.is_leader || !membership.is_member() || membership.is_joining {
            return;
        }
        let has_changed =
            membership.assigned_counts.iter().any(|(topic, count)| metadata.partition_count(topic) != *count);
        if has_changed {
            membership.assigned_counts.clear();
            membership.want_rejoin("topics or partitions changed");
            drop(state);
            self.shared.changed.raise();
        }
    }

    fn ask_metadata(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let cluster = self.shared.cluster.clone();
        let topics = self.shared.state.borrow().topics();
        if self.metadata.is_asked || topics.is_empty() {
            return;
        }
        let cached = cluster.cached_metadata();
        let is_missing = topics.iter().any(|topic| cached.partition_count(topic).is_none());
        let max_age_ms = cluster.config().metadata_max_age_ms;
        let stale_ms = cluster.metadata_at_ms().map_or(0, |at_ms| at_ms.saturating_add(max_age_ms));
        let is_other = topics != self.metadata_asked.0;
        let due_ms = match is_missing {
            _ if self.is_metadata_wanted => self.metadata.not_before_ms,
            true if is_other => self.metadata.not_before_ms,
            true => self.metadata.not_before_ms.max(self.metadata_asked.1 + PATIENCE_MS),
            false => self.metadata.not_before_ms.max(stale_ms),
        };
        if due_ms > now_ms {
            wake_at.by(due_ms);
            return;
        }
        self.metadata.is_asked = true;
        self.metadata_asked = (topics.clone(), now_ms);
        self.events.push(Box::pin(async move {
            Event::Metadata(cluster.metadata(Some(&topics)).await.map(|_| ()))
        }));
    }

    /// Partitions that were just assigned begin where the group left off.
    fn ask_committed(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let shared = self.shared.clone();
        let mut state = shared.state.borrow_mut();
        let unset: Vec<(TopicPartition, u64)> = state
            .partitions
            .iter()
            .filter(|(_, assigned)| assigned.position() == Position::Unset)
            .map(|(partition, assigned)| (partition.clone(), assigned.token))
            .collect();
        if unset.is_empty() {
            return;
        }
        if shared.config.group_id.is_none() {
            for (partition, _) in unset {
                state.reset(&shared.config, &partition, None);
            }
            return;
        }
        if self.committed.is_asked || self.committed.not_before_ms > now_ms {
            if !self.committed.is_asked {
                wake_at.by(self.committed.not_before_ms);
            }
            return;
        }
        self.committed.is_asked = true;
        drop(state);
        self.events.push(Box::pin(async move {
            let partitions: Vec<TopicPartition> =
                unset.iter().map(|(partition, _)| partition.clone()).collect();
            let result = shared.try_committed(&partitions).await;
            let asked = unset.into_iter().map(|(partition, token)| (partition, (token, ()))).collect();
            Event::Committed { asked, result }
        }));
    }

    fn ask_resets(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let shared = self.shared.clone();
        let metadata = shared.cluster.cached_metadata();
        let mut by_node: SortedMap<i32, Tokens<ResetTo>> = SortedMap::new();
        for (partition, assigned) in &shared.state.borrow().partitions {
            let Position::Reset(to) = assigned.position() else { continue };
            if assigned.not_before_ms > now_ms {
                wake_at.by(assigned.not_before_ms);
                continue;
            }
            match metadata.leader(&partition.topic, partition.partition) {
                Some(leader) => {
                    by_node.entry(leader.node).or_default().insert(partition.clone(), (assigned.token, to));
                }
                None => self.is_metadata_wanted = true,
            }
        }
        for (node, asked) in by_node {
            let state = self.nodes.entry(node).or_default();
            if std::mem::replace(&mut state.is_listing, true) {
                continue;
            }
            let cluster = shared.cluster.clone();
            let isolation_level = shared.config.isolation_level.code();
            self.events.push(Box::pin(async move {
                let timestamps =
                    asked.iter().map(|(partition, (_, to))| (partition.clone(), to.timestamp())).collect();
                let result = list_offsets(&cluster, node, isolation_level, &timestamps).await;
                Event::Listed { node, asked, result }
            }));
        }
    }

    fn fetch(&mut self, now_ms: u64, wake_at: &mut WakeAt) {
        let shared = self.shared.clone();
        let metadata = shared.cluster.cached_metadata();
        let mut by_node: SortedMap<i32, (SortedMap<TopicPartition, Asked>, Tokens<i64>)> = SortedMap::new();
        for (partition, assigned) in &shared.state.borrow().partitions {
            let is_at = matches!(assigned.position(), Position::At { .. });
            // Half a partition's share ahead: the next fetch is under way while the last one is worked on.
            let is_full = assigned.buffered_bytes() > shared.config.max_partition_fetch_bytes / 2;
            if !is_at || assigned.is_paused || is_full {
                continue;
            }
            if assigned.not_before_ms > now_ms {
                wake_at.by(assigned.not_before_ms);
                continue;
            }
            let Some(leader) = metadata.leader(&partition.topic, partition.partition) else {
                self.is_metadata_wanted = true;
                continue;
            };
            let (wanted, tokens) = by_node.entry(leader.node).or_default();
            let asked = Asked { offset: assigned.fetch_offset, leader_epoch: leader.epoch };
            wanted.insert(partition.clone(), asked);
            tokens.insert(partition.clone(), (assigned.token, assigned.fetch_offset));
        }
        for (node, (wanted, asked)) in by_node {
            let state = self.nodes.entry(node).or_default();
            if state.is_fetching {
                continue;
            }
            if state.not_before_ms > now_ms {
                wake_at.by(state.not_before_ms);
                continue;
            }
            state.is_fetching = true;
            let session = state.session.request(&wanted);
            let shared = shared.clone();
            self.events.push(Box::pin(async move {
                let options =
                    RequestOptions { max_version: Some(FETCH_VERSION_MAX), ..RequestOptions::default() };
                let result = shared
                    .cluster
                    .request_for(Node::Id(node), Purpose::Fetch, options, |version| {
                        fetch_request(&shared.config, version, session, &wanted)
                    })
                    .await;
                Event::Fetched { node, asked, result }
            }));
        }
    }

    fn on(&mut self, event: Event) {
        let now_ms = self.shared.cluster.now_ms();
        match event {
            Event::Fetched { node, asked, result } => self.on_fetched(now_ms, node, asked, result),
            Event::Committed { asked, result } => self.on_committed(now_ms, asked, result),
            Event::Listed { node, asked, result } => self.on_listed(now_ms, node, asked, result),
            Event::Metadata(result) => {
                self.metadata.is_asked = false;
                self.metadata.attempts = if result.is_ok() { 0 } else { self.metadata.attempts + 1 };
                let backoff_ms = self.shared.cluster.retry_backoff_ms(self.metadata.attempts);
                self.metadata.not_before_ms = now_ms + backoff_ms;
                self.is_metadata_wanted = result.is_err();
            }
        }
    }

    fn on_committed(&mut self, now_ms: u64, asked: Tokens<()>, result: Result<Offsets, ConsumeError>) {
        self.committed.is_asked = false;
        let mut state = self.shared.state.borrow_mut();
        match result {
            Ok(offsets) => {
                self.committed.attempts = 0;
                for (partition, (token, ())) in asked {
                    let new_token = state.token();
                    let Some(assigned) = state.partitions.get_mut(&partition) else { continue };
                    if assigned.token != token || assigned.position() != Position::Unset {
                        continue;
                    }
                    match offsets.get(&partition) {
                        Some(found) => {
                            assigned.committed = Some(found.offset);
                            let leader_epoch = found.leader_epoch;
                            assigned.seek(Position::At { offset: found.offset, leader_epoch }, new_token);
                        }
                        None => state.reset(&self.shared.config, &partition, None),
                    }
                }
            }
            Err(error) => {
                let is_retriable =
                    matches!(&error, ConsumeError::Client { error } if self.shared.may_come_right(error));
                let backoff_ms = self.shared.cluster.retry_backoff_ms(self.committed.attempts);
                self.committed.attempts += 1;
                self.committed.not_before_ms = now_ms + if is_retriable { backoff_ms } else { PATIENCE_MS };
                if !is_retriable {
                    state.report(error);
                }
            }
        }
    }

    fn on_listed(
        &mut self,
        now_ms: u64,
        node: i32,
        asked: Tokens<ResetTo>,
        result: Result<Listed, ClientError>,
    ) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.is_listing = false;
        }
        let backoff_ms = self.shared.cluster.retry_backoff_ms(0);
        let mut state = self.shared.state.borrow_mut();
        let (mut listed, failure) = match result {
            Ok(listed) => (listed, None),
            Err(error) => (Listed::new(), Some(error)),
        };
        self.is_metadata_wanted |= failure.is_some();
        if let Some(error) = failure.filter(|error| !error.is_retriable()) {
            state.report(error.into());
        }
        for (partition, (token, to)) in asked {
            let new_token = state.token();
            let Some(assigned) = state.partitions.get_mut(&partition) else { continue };
            if assigned.token != token || assigned.position() != Position::Reset(to) {
                continue;
            }
            match listed.remove(&partition) {
                Some(Ok(found)) if found.offset >= 0 => {
                    let position = Position::At { offset: found.offset, leader_epoch: found.leader_epoch };
                    assigned.seek(position, new_token);
                }
                // Nothing that young: the end.
                Some(Ok(_)) if matches!(to, ResetTo::Timestamp(_)) => {
                    assigned.seek(Position::Reset(ResetTo::Latest), new_token);
                }
                Some(Err(code)) if !code.is_retriable() => {
                    assigned.not_before_ms = now_ms + PATIENCE_MS;
                    state.report(ConsumeError::Partition { partition, code });
                }
                _ => {
                    assigned.not_before_ms = now_ms + backoff_ms;
                    self.is_metadata_wanted = true;
                }
            }
        }
    }

    fn on_fetched(
        &mut self,
        now_ms: u64,
        node: i32,
        asked: Tokens<i64>,
        result: Result<FetchResponse, ClientError>,
    ) {
        let shared = self.shared.clone();
        let Some(node) = self.nodes.get_mut(&node) else { return };
        node.is_fetching = false;
        let mut state = shared.state.borrow_mut();
        state.metrics.fetches += 1;
        let code = result.as_ref().ok().map(|response| ErrorCode::from_code(response.error_code));
        let response = match result {
            Ok(response) if code == Some(ErrorCode::NONE) => response,
            other => {
                node.session.failed(code);
                // A session that was evicted is begun anew at once, but not for ever.
                let is_evicted = code == Some(ErrorCode::FetchSessionIdNotFound) && node.attempts == 0;
                let backoff_ms = shared.cluster.retry_backoff_ms(node.attempts);
                node.not_before_ms = now_ms + if is_evicted { 0 } else { backoff_ms };
                node.attempts += 1;
                state.metrics.fetches_failed += 1;
                self.is_metadata_wanted |= other.is_err();
                if let Some(error) = other.err().filter(|error| !error.is_retriable()) {
                    state.report(error.into());
                }
                return;
            }
        };
        node.attempts = 0;
        node.session.answered(response.session_id);
        for topic in response.responses {
            for data in topic.partitions {
                let partition = TopicPartition::new(topic.topic.clone(), data.partition_index);
                let Some(&(token, offset)) = asked.get(&partition) else { continue };
                let Some(assigned) = state.partitions.get(&partition) else { continue };
                if assigned.token == token && assigned.fetch_offset == offset {
                    let backoff_ms = shared.cluster.retry_backoff_ms(0);
                    let retry_at_ms = now_ms + backoff_ms;
                    self.is_metadata_wanted |=
                        state.take_in(&shared.config, partition, data, (now_ms, retry_at_ms));
                }
            }
        }
    }
}
