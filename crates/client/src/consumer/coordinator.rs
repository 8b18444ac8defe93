//! Being a member: join, sync, heartbeat, leave, with the classic protocol.
//!
//! A rebalance goes: a step in which partitions are given up (all with an eager protocol) · JoinGroup ·
//! SyncGroup · a step in which the new ones are taken. A step waits until the application holds no records.
//!
//! Never knows: fetching.

use bytes::Bytes;
use std::rc::Rc;
use tablog_group::assignor::{Assignor, RebalanceProtocol};
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, PROTOCOL_TYPE, VERSION_MAX};
use tablog_record::{SortedSet, TopicPartition};
use tablog_wire::messages::join_group_request::JoinGroupRequestProtocol;
use tablog_wire::messages::{JoinGroupRequest, JoinGroupResponse, SyncGroupRequest};
use tablog_wire::{ErrorCode, Request};

use super::farewell::FAREWELL_MS;
use super::membership::{MemberId, Rejoin};
use super::position::Assigned;
use super::{Shared, State, Subscription};
use crate::cluster::{Node, RequestOptions};
use crate::error::ClientError;
use crate::limits::ASSIGNED_PARTITIONS_MAX;
use crate::transport::Transport;

/// Why a round of joining came to nothing.
pub(super) enum JoinFailure {
    /// From the start, at once.
    Again,
    /// From the start, after a while.
    Later,
    /// The application has to know.
    Refused(ClientError),
}

impl From<ClientError> for JoinFailure {
    fn from(error: ClientError) -> JoinFailure {
        if error.is_retriable() { JoinFailure::Later } else { JoinFailure::Refused(error) }
    }
}

/// The task that joins whenever that is wanted.
pub(super) async fn keep_joined<T: Transport>(shared: Rc<Shared<T>>) {
    let mut attempts = 0;
    loop {
        let wants = shared.until(|state| match state.is_closed {
            true => Some(false),
            false => state.wants_to_join().then_some(true),
        });
        if !wants.await {
            return;
        }
        let result = shared.join().await;
        {
            let mut state = shared.state.borrow_mut();
            state.membership.is_joining = false;
            state.is_rebalance_step = false;
        }
        shared.changed.raise();
        match result {
            Ok(()) => attempts = 0,
            Err(JoinFailure::Again) => {}
            Err(JoinFailure::Later) => {
                shared.cluster.sleep(shared.cluster.retry_backoff_ms(attempts)).await;
                attempts += 1;
            }
            Err(JoinFailure::Refused(error)) => {
                shared.state.borrow_mut().report(error.into());
                shared.changed.raise();
                shared.cluster.sleep(shared.cluster.retry_backoff_ms(10)).await;
            }
        }
    }
}

impl<T: Transport> Shared<T> {
    pub(super) fn group(&self) -> String {
        self.config.group_id.clone().unwrap_or_default()
    }

    /// Until the application holds no records, and keeps it from getting any. `Err` if it closed meanwhile.
    pub(super) async fn open_step(&self) -> Result<(), JoinFailure> {
        self.state.borrow_mut().is_rebalance_step = true;
        let may_go_on = self.until(|state| match !state.is_closed && state.subscription.is_of_group() {
            true => (!state.has_records_in_hand).then_some(true),
            false => Some(false),
        });
        if may_go_on.await { Ok(()) } else { Err(JoinFailure::Again) }
    }

    pub(super) fn close_step(&self) {
        self.state.borrow_mut().is_rebalance_step = false;
        self.changed.raise();
    }

    async fn join(&self) -> Result<(), JoinFailure> {
        {
            let now_ms = self.cluster.now_ms();
            self.state.borrow_mut().membership.rejoin_since_ms.get_or_insert(now_ms);
        }
        self.open_step().await?;
        self.prepare().await;
        self.close_step();
        self.state.borrow_mut().membership.is_joining = true;
        let joined = self.ask_to_join().await?;
        let generation = joined.generation_id;
        let assignment = self.sync(joined).await?;
        self.state.borrow_mut().membership.is_joining = false;
        self.leave_will().await;
        self.open_step().await?;
        self.complete(generation, assignment)
    }

    /// Commits what was processed and gives partitions up, once for each rebalance.
    async fn prepare(&self) {
        if self.state.borrow().membership.is_prepared {
            return;
        }
        let is_member = self.state.borrow().membership.is_member();
        if is_member && self.config.enable_auto_commit {
            let offsets = self.state.borrow().uncommitted();
            self.commit_in_farewell(offsets).await;
        }
        let is_eager = self.config.rebalance_protocol() == RebalanceProtocol::Eager;
        let (given_up, listener, is_lost) = {
            let mut state = self.state.borrow_mut();
            let is_lost = !state.membership.is_member();
            let given_up: Vec<TopicPartition> = state
                .partitions
                .keys()
                .filter(|partition| is_lost || is_eager || !state.subscribes_to(&partition.topic))
                .cloned()
                .collect();
            state.membership.is_prepared = true;
            if is_lost && !given_up.is_empty() {
                state.metrics.times_lost += 1;
            }
            (given_up, state.listener.clone(), is_lost)
        };
        match (is_lost, given_up.is_empty()) {
            (true, false) => listener.on_partitions_lost(&given_up),
            (false, false) => listener.on_partitions_revoked(&given_up),
            // The eager protocol begins every rebalance with it.
            (false, true) if is_eager => listener.on_partitions_revoked(&[]),
            _ => {}
        }
        let queued = std::mem::take(&mut self.state.borrow_mut().queued_commits);
        if !is_lost {
            self.commit_in_farewell(queued).await;
        }
        let mut state = self.state.borrow_mut();
        for partition in &given_up {
            state.partitions.remove(partition);
        }
    }

    async fn ask_to_join(&self) -> Result<JoinGroupResponse, JoinFailure> {
        let group = self.group();
        let join_epoch = self.state.borrow().join_epoch;
        loop {
            let (member_id, protocols, reason) = {
                let state = self.state.borrow();
                let reason = match state.membership.rejoin {
                    Rejoin::Wanted { reason } => reason,
                    Rejoin::No => "",
                };
                (state.membership.member_id.clone(), state.protocols(&self.config), reason)
            };
            let rebalance_timeout_ms = self.config.max_poll_interval_ms;
            let options = RequestOptions {
                timeout_ms: Some(
                    rebalance_timeout_ms
                        .saturating_add(FAREWELL_MS)
                        .max(self.cluster.config().request_timeout_ms),
                ),
                ..RequestOptions::default()
            };
            let answer = self
                .cluster
                .request_with(Node::Coordinator(group.clone()), options, |version| JoinGroupRequest {
                    group_id: group.clone(),
                    session_timeout_ms: as_i32(self.config.session_timeout_ms),
                    rebalance_timeout_ms: if version >= 1 { as_i32(rebalance_timeout_ms) } else { -1 },
                    member_id,
                    group_instance_id: self.config.group_instance_id.clone().filter(|_| version >= 5),
                    protocol_type: PROTOCOL_TYPE.to_owned(),
                    protocols,
                    reason: (version >= 8).then(|| reason.to_owned()),
                })
                .await;
            let response = answer.inspect_err(|_| self.cluster.forget_coordinator(&group))?;
            let code = ErrorCode::from_code(response.error_code);
            if self.state.borrow().join_epoch != join_epoch {
                return Err(JoinFailure::Again);
            }
            if code == ErrorCode::MemberIdRequired {
                self.state.borrow_mut().membership.member_id = response.member_id;
                // From here on the group would wait for a member that is gone: a tab may die while it joins.
                self.leave_will().await;
                continue;
            }
            if code != ErrorCode::NONE {
                return Err(self.member_refused(code, "join"));
            }
            if response.generation_id < 0 {
                return Err(self.member_refused(ErrorCode::IllegalGeneration, "join"));
            }
            let mut state = self.state.borrow_mut();
            let membership = &mut state.membership;
            membership.member_id = response.member_id.clone();
            membership.generation = response.generation_id;
            membership.protocol = response.protocol_name.clone();
            membership.is_leader = response.leader == response.member_id;
            membership.assigned_counts.clear();
            membership.rejoin = Rejoin::No;
            return Ok(response);
        }
    }

    /// What a refusal of JoinGroup, SyncGroup or Heartbeat means for the membership.
    pub(super) fn member_refused(&self, code: ErrorCode, at: &'static str) -> JoinFailure {
        let group = self.group();
        let mut state = self.state.borrow_mut();
        match code {
            ErrorCode::UnknownMemberId => {
                state.membership.reset(MemberId::Forget, "unknown member id");
                JoinFailure::Again
            }
            ErrorCode::IllegalGeneration => {
                state.membership.reset(MemberId::Keep, "illegal generation");
                JoinFailure::Again
            }
            ErrorCode::RebalanceInProgress => {
                state.membership.want_rejoin("the group is rebalancing");
                if at == "join" { JoinFailure::Later } else { JoinFailure::Again }
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.cluster.forget_coordinator(&group);
                state.membership.want_rejoin("the coordinator moved");
                JoinFailure::Later
            }
            code => {
                state.membership.want_rejoin("the join was refused");
                let message = Some(format!("group {group}, {at}"));
                ClientError::Refused { code, message }.into()
            }
        }
    }

    async fn sync(&self, joined: JoinGroupResponse) -> Result<ConsumerAssignment, JoinFailure> {
        let group = self.group();
        let join_epoch = self.state.borrow().join_epoch;
        let generation = joined.generation_id;
        let member_id = joined.member_id.clone();
        let protocol_name = joined.protocol_name.clone();
        let is_leader = joined.leader == joined.member_id;
        let is_old_leader = is_leader && joined.skip_assignment;
        let assignments =
            if is_leader && !is_old_leader { self.assign_as_leader(joined).await? } else { Vec::new() };
        let answer = self
            .cluster
            .request_with(Node::Coordinator(group.clone()), self.sync_options(), |version| SyncGroupRequest {
                group_id: group.clone(),
                generation_id: generation,
                member_id,
                group_instance_id: self.config.group_instance_id.clone().filter(|_| version >= 3),
                protocol_type: (version >= 5).then(|| PROTOCOL_TYPE.to_owned()),
                protocol_name: protocol_name.filter(|_| version >= 5),
                assignments,
            })
            .await;
        let response = answer.inspect_err(|_| {
            self.cluster.forget_coordinator(&group);
            self.state.borrow_mut().membership.want_rejoin("the coordinator was lost");
        })?;
        let code = ErrorCode::from_code(response.error_code);
        if self.state.borrow().join_epoch != join_epoch {
            return Err(JoinFailure::Again);
        }
        if code != ErrorCode::NONE {
            return Err(self.member_refused(code, "sync"));
        }
        let now_ms = self.cluster.now_ms();
        {
            let mut state = self.state.borrow_mut();
            state.membership.next_heartbeat_ms = now_ms.saturating_add(self.config.heartbeat_interval_ms);
            state.membership.confirmed_ms = now_ms;
        }
        if is_old_leader {
            self.learn_assigned_counts().await;
        }
        if response.assignment.is_empty() {
            return Ok(ConsumerAssignment::default());
        }
        let assignment = ConsumerAssignment::decode(response.assignment);
        assignment.map_err(|error| self.malformed(error.to_string()))
    }

    /// A leader that is gone shows up as a new rebalance, which the coordinator answers at once.
    fn sync_options(&self) -> RequestOptions {
        let timeout_ms = self.config.max_poll_interval_ms.saturating_add(FAREWELL_MS);
        RequestOptions {
            timeout_ms: Some(timeout_ms.max(self.cluster.config().request_timeout_ms)),
            ..RequestOptions::default()
        }
    }

    fn malformed(&self, detail: String) -> JoinFailure {
        self.state.borrow_mut().membership.want_rejoin("the assignment cannot be read");
        JoinFailure::Refused(ClientError::Malformed { api: SyncGroupRequest::API, detail })
    }

    /// Takes what was assigned, telling the application.
    fn complete(&self, generation: i32, assignment: ConsumerAssignment) -> Result<(), JoinFailure> {
        let now_ms = self.cluster.now_ms();
        let (revoked, added, listener) = {
            let mut state = self.state.borrow_mut();
            if state.membership.generation != generation {
                // Lost while the application was busy.
                return Err(JoinFailure::Again);
            }
            if assignment.partitions.len() > ASSIGNED_PARTITIONS_MAX {
                drop(state);
                return Err(self.malformed("more partitions than the limit".to_owned()));
            }
            let assigned: SortedSet<TopicPartition> = assignment.partitions.into_iter().collect();
            let revoked: Vec<TopicPartition> =
                state.partitions.keys().filter(|owned| !assigned.contains(*owned)).cloned().collect();
            let added: Vec<TopicPartition> = assigned
                .iter()
                .filter(|partition| !state.partitions.contains_key(*partition))
                .cloned()
                .collect();
            state.membership.last_assignment = assigned.into_iter().collect();
            state.membership.last_generation = generation;
            state.membership.is_prepared = false;
            let since_ms = state.membership.rejoin_since_ms.take().unwrap_or(now_ms);
            state.metrics.rebalances += 1;
            state.metrics.rebalance_last_ms = now_ms.saturating_sub(since_ms);
            (revoked, added, state.listener.clone())
        };
        if !revoked.is_empty() {
            listener.on_partitions_revoked(&revoked);
        }
        {
            let mut state = self.state.borrow_mut();
            for partition in &revoked {
                state.partitions.remove(partition);
            }
            for partition in &added {
                let token = state.token();
                state.partitions.insert(partition.clone(), Assigned::new(token));
            }
            if !revoked.is_empty() {
                // Only now may they go to their next owner.
                state.membership.want_rejoin("partitions were given up");
            }
        }
        listener.on_partitions_assigned(&added);
        Ok(())
    }
}

impl State {
    fn subscribes_to(&self, topic: &str) -> bool {
        matches!(&self.subscription, Subscription::Topics(topics) if topics.contains(topic))
    }

    /// What we tell the leader, once for each assignor.
    fn protocols(&self, config: &super::ConsumerConfig) -> Vec<JoinGroupRequestProtocol> {
        let topics: Vec<String> = match &self.subscription {
            Subscription::Topics(topics) => topics.iter().cloned().collect(),
            _ => Vec::new(),
        };
        let membership = &self.membership;
        let owned: Vec<TopicPartition> = self.partitions.keys().cloned().collect();
        let metadata = |assignor: &Assignor| -> Bytes {
            ConsumerSubscription {
                topics: topics.clone(),
                user_data: assignor.user_data(&membership.last_assignment, membership.last_generation),
                owned_partitions: owned.clone(),
                generation: membership.last_generation,
                rack_id: config.client_rack.clone(),
            }
            .encode(VERSION_MAX)
        };
        config
            .partition_assignment_strategy
            .iter()
            .map(|assignor| JoinGroupRequestProtocol {
                name: assignor.name().to_owned(),
                metadata: metadata(assignor),
            })
            .collect()
    }
}

pub(super) fn as_i32(duration_ms: u64) -> i32 {
    i32::try_from(duration_ms).unwrap_or(i32::MAX)
}
