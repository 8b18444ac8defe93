//! Being a member: join, sync, heartbeat, leave, with the classic protocol.
//!
//! A rebalance goes: a step in which partitions are given up (all with an eager protocol) · JoinGroup ·
//! SyncGroup · a step in which the new ones are taken. A step waits until the application holds no records.
//!
//! Never knows: fetching.

use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tablog_group::assignor::{Assignor, Input, Member, RebalanceProtocol, TopicMetadata};
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, PROTOCOL_TYPE, VERSION_MAX};
use tablog_record::TopicPartition;
use tablog_wire::messages::join_group_request::JoinGroupRequestProtocol;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use tablog_wire::messages::{
    HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
};
use tablog_wire::{ErrorCode, Request};

use super::membership::{MemberId, Rejoin};
use super::position::Assigned;
use super::{Shared, State, Subscription};
use crate::alarm::Alarm;
use crate::broker_connection::race;
use crate::cluster::{Node, Purpose, RequestOptions};
use crate::error::{ClientError, ConsumeError};
use crate::limits::ASSIGNED_PARTITIONS_MAX;
use crate::transport::Transport;

/// What a member waits at most for its last words.
const FAREWELL_MS: u64 = 5_000;

/// Why a round of joining came to nothing.
enum JoinFailure {
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

/// The task that heartbeats while there is a membership, and ends it when the application does not poll.
pub(super) async fn keep_alive<T: Transport>(shared: Rc<Shared<T>>) {
    let mut alarm = Alarm::default();
    loop {
        let member = shared.until(|state| match (state.is_closed, &state.membership) {
            (true, _) => Some(None),
            (false, membership) if membership.is_member() && !membership.is_joining => Some(Some((
                membership.generation,
                membership.member_id.clone(),
                membership.next_heartbeat_ms,
            ))),
            _ => None,
        });
        let Some((generation, member_id, heartbeat_ms)) = member.await else { return };
        let now_ms = shared.cluster.now_ms();
        let poll_end_ms = {
            let state = shared.state.borrow();
            let last_ms = if state.polling > 0 { None } else { state.last_poll_ms };
            last_ms.map(|last_ms| last_ms.saturating_add(shared.config.max_poll_interval_ms))
        };
        if poll_end_ms.is_some_and(|end_ms| end_ms <= now_ms) {
            shared.give_up_membership("the application does not poll").await;
            continue;
        }
        if now_ms < heartbeat_ms {
            let wake_ms = poll_end_ms.map_or(heartbeat_ms, |end_ms| end_ms.min(heartbeat_ms));
            let changed = shared.changed.changed();
            race(changed, alarm.rings(shared.cluster.transport(), Some(wake_ms))).await;
            continue;
        }
        shared.heartbeat(generation, member_id).await;
    }
}

impl<T: Transport> Shared<T> {
    fn group(&self) -> String {
        self.config.group_id.clone().unwrap_or_default()
    }

    /// Until the application holds no records, and keeps it from getting any. `Err` if it closed meanwhile.
    async fn open_step(&self) -> Result<(), JoinFailure> {
        self.state.borrow_mut().is_rebalance_step = true;
        let may_go_on = self.until(|state| match (state.is_closed, &state.subscription) {
            (false, Subscription::Topics(_)) => (!state.has_records_in_hand).then_some(true),
            _ => Some(false),
        });
        if may_go_on.await { Ok(()) } else { Err(JoinFailure::Again) }
    }

    fn close_step(&self) {
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
        let (given_up, listener, is_lost) = {
            let mut state = self.state.borrow_mut();
            let is_lost = !state.membership.is_member();
            let is_eager = self.config.rebalance_protocol() == RebalanceProtocol::Eager;
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
        if !given_up.is_empty() {
            if is_lost {
                listener.on_partitions_lost(&given_up);
            } else {
                listener.on_partitions_revoked(&given_up);
            }
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

    /// The group waits for us: what cannot be committed soon is read again by the next owner.
    async fn commit_in_farewell(&self, offsets: super::commit::Offsets) {
        let committing = self.commit_once(&offsets);
        race(committing, self.cluster.transport().sleep(FAREWELL_MS)).await;
    }

    async fn ask_to_join(&self) -> Result<JoinGroupResponse, JoinFailure> {
        let group = self.group();
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
            if code == ErrorCode::MemberIdRequired {
                self.state.borrow_mut().membership.member_id = response.member_id;
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
    fn member_refused(&self, code: ErrorCode, at: &'static str) -> JoinFailure {
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
        let generation = joined.generation_id;
        let member_id = joined.member_id.clone();
        let protocol_name = joined.protocol_name.clone();
        let is_leader = joined.leader == joined.member_id;
        let assignments = if is_leader && !joined.skip_assignment {
            self.assign_as_leader(joined).await?
        } else {
            Vec::new()
        };
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
        if code != ErrorCode::NONE {
            return Err(self.member_refused(code, "sync"));
        }
        let now_ms = self.cluster.now_ms();
        {
            let mut state = self.state.borrow_mut();
            state.membership.next_heartbeat_ms = now_ms + self.config.heartbeat_interval_ms;
            state.membership.confirmed_ms = now_ms;
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

    async fn assign_as_leader(
        &self,
        joined: JoinGroupResponse,
    ) -> Result<Vec<SyncGroupRequestAssignment>, JoinFailure> {
        let assignor = joined.protocol_name.as_deref().and_then(Assignor::from_name);
        let Some(assignor) = assignor else {
            return Err(self.member_refused(ErrorCode::InconsistentGroupProtocol, "assign"));
        };
        let members: Vec<Member> = joined
            .members
            .iter()
            .map(|member| {
                let instance_id = member.group_instance_id.as_deref();
                // A member that says nothing readable gets nothing.
                Member::from_metadata(&member.member_id, instance_id, member.metadata.clone())
                    .unwrap_or_else(|_| Member { id: member.member_id.clone(), ..Member::default() })
            })
            .collect();
        let topics: BTreeSet<String> =
            members.iter().flat_map(|member| member.topics.iter().cloned()).collect();
        let names: Vec<String> = topics.iter().cloned().collect();
        let refreshed = self.cluster.metadata(Some(&names)).await;
        refreshed.inspect_err(|_| {
            self.state.borrow_mut().membership.want_rejoin("no metadata to assign by");
        })?;
        let metadata = self.cluster.cached_metadata();
        let counts: BTreeMap<String, Option<usize>> =
            topics.into_iter().map(|topic| (topic.clone(), metadata.partition_count(&topic))).collect();
        let known = counts.iter().filter_map(|(topic, count)| {
            let partition_count = i32::try_from((*count)?).unwrap_or(i32::MAX);
            Some((topic.clone(), TopicMetadata { partition_count }))
        });
        let input = Input { members, topics: known.collect() };
        let assignment = assignor.assign(&input);
        self.state.borrow_mut().membership.assigned_counts = counts;
        Ok(assignment
            .into_iter()
            .map(|(member_id, partitions)| SyncGroupRequestAssignment {
                member_id,
                assignment: ConsumerAssignment { partitions, user_data: None }.encode(VERSION_MAX),
            })
            .collect())
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
            let assigned: BTreeSet<TopicPartition> = assignment.partitions.into_iter().collect();
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

    async fn heartbeat(&self, generation: i32, member_id: String) {
        let group = self.group();
        let now_ms = self.cluster.now_ms();
        self.state.borrow_mut().membership.next_heartbeat_ms = now_ms + self.config.heartbeat_interval_ms;
        let options = RequestOptions {
            timeout_ms: Some(self.config.session_timeout_ms.min(self.cluster.config().request_timeout_ms)),
            ..RequestOptions::default()
        };
        let answer = self
            .cluster
            .request_with(Node::Coordinator(group.clone()), options, |version| HeartbeatRequest {
                group_id: group.clone(),
                generation_id: generation,
                member_id,
                group_instance_id: self.config.group_instance_id.clone().filter(|_| version >= 3),
            })
            .await;
        let is_answered = answer.is_ok();
        let code = match answer {
            Ok(response) => ErrorCode::from_code(response.error_code),
            Err(_) => ErrorCode::CoordinatorNotAvailable,
        };
        {
            let mut state = self.state.borrow_mut();
            state.metrics.heartbeats += 1;
            if state.membership.generation != generation || state.membership.is_joining {
                return;
            }
            match code {
                // As of the asking: the session lasts at least from then.
                ErrorCode::NONE => state.membership.confirmed_ms = now_ms,
                ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                    self.cluster.forget_coordinator(&group);
                    let backoff_ms = self.cluster.retry_backoff_ms(0);
                    state.membership.next_heartbeat_ms = self.cluster.now_ms() + backoff_ms;
                }
                ErrorCode::CoordinatorLoadInProgress => {}
                ErrorCode::FencedInstanceId => {
                    state.membership.reset(MemberId::Forget, "fenced instance id");
                    state.membership.rejoin = Rejoin::No;
                    let message = Some("another member has this group.instance.id".to_owned());
                    state.report(ConsumeError::Client { error: ClientError::Refused { code, message } });
                }
                code => {
                    drop(state);
                    self.member_refused(code, "heartbeat");
                }
            }
        }
        self.changed.raise();
        if is_answered && code == ErrorCode::NONE {
            self.leave_will().await;
        }
    }

    /// Leaves because the application does not poll; it joins again when it does.
    async fn give_up_membership(&self, reason: &'static str) {
        let member_id = {
            let mut state = self.state.borrow_mut();
            let member_id = std::mem::take(&mut state.membership.member_id);
            state.membership.reset(MemberId::Forget, reason);
            // Nothing more until it polls again.
            state.has_records_in_hand = true;
            member_id
        };
        self.changed.raise();
        self.send_leave(member_id).await;
    }

    /// Commits, gives up, leaves, forgets the subscription.
    pub async fn leave(&self) {
        let (is_member, is_manual) = {
            let state = self.state.borrow();
            (state.membership.is_member(), state.subscription == Subscription::Manual)
        };
        if self.config.enable_auto_commit && self.config.group_id.is_some() && (is_member || is_manual) {
            let offsets = {
                let mut state = self.state.borrow_mut();
                state.partitions.values_mut().for_each(Assigned::mark_committable);
                state.uncommitted()
            };
            self.commit_in_farewell(offsets).await;
        }
        let (owned, listener) = {
            let state = self.state.borrow();
            let owned: Vec<TopicPartition> = match is_manual {
                true => Vec::new(),
                false => state.partitions.keys().cloned().collect(),
            };
            (owned, state.listener.clone())
        };
        match (owned.is_empty(), is_member) {
            (true, _) => {}
            (false, true) => listener.on_partitions_revoked(&owned),
            (false, false) => listener.on_partitions_lost(&owned),
        }
        let queued = std::mem::take(&mut self.state.borrow_mut().queued_commits);
        if is_member || is_manual {
            self.commit_in_farewell(queued).await;
        }
        let member_id = {
            let mut state = self.state.borrow_mut();
            state.partitions.clear();
            state.subscription = Subscription::None;
            state.is_rebalance_step = false;
            let member_id = std::mem::take(&mut state.membership.member_id);
            state.membership = Default::default();
            member_id
        };
        self.changed.raise();
        race(self.send_leave(member_id), self.cluster.transport().sleep(FAREWELL_MS)).await;
    }

    /// Static members do not leave: they come back under the same name.
    async fn send_leave(&self, member_id: String) {
        if member_id.is_empty() || self.config.group_instance_id.is_some() {
            return;
        }
        let group = self.group();
        let connection =
            self.cluster.connection(&Node::Coordinator(group.clone()), Purpose::Coordination).await;
        let Ok(connection) = connection else { return };
        connection.set_will(None);
        self.will_connection.set(0);
        // Whatever the answer: the session ends by itself at last.
        let _ = self
            .cluster
            .request_with(Node::Coordinator(group.clone()), RequestOptions::default(), |version| {
                leave_request(group, member_id, version)
            })
            .await;
    }

    /// Leaves the LeaveGroup frame with the host, once for each connection and member.
    async fn leave_will(&self) {
        let member_id = self.state.borrow().membership.member_id.clone();
        if self.config.group_instance_id.is_some() || member_id.is_empty() {
            return;
        }
        let group = self.group();
        let connection =
            self.cluster.connection(&Node::Coordinator(group.clone()), Purpose::Coordination).await;
        let Ok(connection) = connection else { return };
        let Ok(version) = connection.versions().choose::<LeaveGroupRequest>(None) else { return };
        let frame = connection.encode(version, 0, &leave_request(group, member_id.clone(), version)).ok();
        let place = Rc::as_ptr(&connection) as usize;
        let mut state = self.state.borrow_mut();
        if state.membership.member_id != member_id {
            return;
        }
        if place != self.will_connection.get() || state.membership.will != frame {
            connection.set_will(frame.clone());
            self.will_connection.set(place);
            state.membership.will = frame;
        }
    }
}

fn leave_request(group_id: String, member_id: String, version: i16) -> LeaveGroupRequest {
    if version < 3 {
        return LeaveGroupRequest { group_id, member_id, members: Vec::new() };
    }
    let reason = (version >= 5).then(|| "the consumer is being closed".to_owned());
    let member = MemberIdentity { member_id, group_instance_id: None, reason };
    LeaveGroupRequest { group_id, member_id: String::new(), members: vec![member] }
}

impl State {
    fn subscribes_to(&self, topic: &str) -> bool {
        matches!(&self.subscription, Subscription::Topics(topics) if topics.contains(topic))
    }

    /// What we tell the leader, once for each assignor.
    fn protocols(&self, config: &super::ConsumerConfig) -> Vec<JoinGroupRequestProtocol> {
        let topics: Vec<String> = match &self.subscription {
            Subscription::Topics(topics) => topics.iter().cloned().collect(),
            Subscription::None | Subscription::Manual => Vec::new(),
        };
        let membership = &self.membership;
        let owned: Vec<TopicPartition> = self.partitions.keys().cloned().collect();
        let metadata = |assignor: &Assignor| -> Bytes {
            ConsumerSubscription {
                topics: topics.clone(),
                user_data: assignor.user_data(&membership.last_assignment, membership.last_generation),
                owned_partitions: owned.clone(),
                generation: membership.last_generation,
                rack_id: None,
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

fn as_i32(duration_ms: u64) -> i32 {
    i32::try_from(duration_ms).unwrap_or(i32::MAX)
}
