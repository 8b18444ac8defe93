//! ConsumerGroupHeartbeat (KIP-848): joins, says what changed, brings the next target, leaves. The member makes its
//! id itself (KIP-1082).
//!
//! Never knows: what a target means for the application.

use std::rc::Rc;
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use tablog_wire::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

use super::coordinator::as_i32;
use super::heartbeat::Wait;
use super::membership::Rejoin;
use super::reconciliation::{PartitionsById, Phase, Told};
use super::{Shared, State, Subscription};
use crate::alarm::Alarm;
use crate::cluster::{Node, RequestOptions};
use crate::error::{ClientError, ConsumeError};
use crate::limits::ASSIGNED_PARTITIONS_MAX;
use crate::transport::Transport;

const LEAVE_EPOCH: i32 = -1;
/// A static member that means to come back.
const LEAVE_STATIC_EPOCH: i32 = -2;

/// The task that heartbeats while there is, or is to be, a membership; and ends it when the application does not
/// poll.
pub(super) async fn keep_beating<T: Transport>(shared: Rc<Shared<T>>) {
    let mut alarm = Alarm::default();
    loop {
        let at_ms = shared.until(|state| match state.membership.reconciliation.phase {
            _ if state.is_closed => Some(None),
            Phase::Joining | Phase::Reconciling | Phase::Acknowledging | Phase::Stable => {
                Some(Some(state.next_beat_ms()))
            }
            Phase::Outside | Phase::Fenced | Phase::Stale | Phase::Fatal => None,
        });
        let Some(at_ms) = at_ms.await else { return };
        match shared.wait_to_beat(&mut alarm, at_ms).await {
            Wait::Over => {
                shared.beat().await;
                shared.changed.raise();
            }
            Wait::Disturbed => {}
            Wait::NotPolled => shared.leave_as_stale().await,
        }
    }
}

impl State {
    fn next_beat_ms(&self) -> u64 {
        let membership = &self.membership;
        let reconciliation = &membership.reconciliation;
        let is_urgent = matches!(reconciliation.phase, Phase::Joining | Phase::Acknowledging)
            || membership.rejoin != Rejoin::No;
        let due_ms = if is_urgent { 0 } else { membership.next_heartbeat_ms };
        due_ms.max(reconciliation.not_before_ms)
    }

    fn tell(&self) -> Told {
        let (topics, pattern) = match &self.subscription {
            Subscription::Topics(topics) => (topics.iter().cloned().collect(), String::new()),
            Subscription::Pattern(pattern) => (Vec::new(), pattern.clone()),
            Subscription::None | Subscription::Manual => (Vec::new(), String::new()),
        };
        Told { topics, pattern, owned: self.membership.reconciliation.owned.clone() }
    }
}

impl<T: Transport> Shared<T> {
    /// One heartbeat. It is written when it can be sent: what happened while a connection was made is in it.
    async fn beat(&self) {
        self.leave_will().await;
        let group = self.group();
        let asked_ms = self.cluster.now_ms();
        let join_epoch = self.state.borrow().join_epoch;
        let mut told = None;
        let options = RequestOptions {
            timeout_ms: Some(self.config.session_timeout_ms.min(self.cluster.config().request_timeout_ms)),
            ..RequestOptions::default()
        };
        let answer = self
            .cluster
            .request_with(Node::Coordinator(group.clone()), options, |_| {
                let mut state = self.state.borrow_mut();
                if state.join_epoch != join_epoch {
                    // Left meanwhile; a join that came behind the farewell would be a member that nobody is.
                    return self.farewell_beat(String::new());
                }
                let (request, tells) = self.written_beat(&mut state);
                told = Some(tells);
                request
            })
            .await;
        let mut state = self.state.borrow_mut();
        state.metrics.heartbeats += 1;
        state.metrics.heartbeat_last_ms = asked_ms;
        if state.join_epoch != join_epoch {
            return;
        }
        let is_member = matches!(
            state.membership.reconciliation.phase,
            Phase::Joining | Phase::Reconciling | Phase::Acknowledging | Phase::Stable
        );
        if !is_member {
            return;
        }
        match answer {
            Ok(response) if response.error_code == 0 => {
                state.membership.confirmed_ms = asked_ms;
                state.membership.reconciliation.told = told;
                self.take_answer(&mut state, asked_ms, response);
            }
            Ok(response) => self.beat_refused(&mut state, response),
            Err(error) if error.is_retriable() => {
                self.cluster.forget_coordinator(&group);
                self.beat_failed(&mut state);
            }
            Err(error) => {
                state.fall_out(Phase::Fatal);
                state.report(error.into());
            }
        }
    }

    /// Everything with the first one and after a failure, else what changed. Saying what is owned acknowledges it.
    fn written_beat(&self, state: &mut State) -> (ConsumerGroupHeartbeatRequest, Told) {
        let tells = state.tell();
        let membership = &mut state.membership;
        let joins = membership.generation < 0;
        let told = membership.reconciliation.told.take().filter(|_| !joins);
        let is_full = told.is_none();
        let says_topics = told.as_ref().is_none_or(|told| told.topics != tells.topics);
        let says_pattern = match &told {
            Some(told) => told.pattern != tells.pattern,
            None => !tells.pattern.is_empty(),
        };
        let says_owned = told.as_ref().is_none_or(|told| told.owned != tells.owned);
        let owned = tells.owned.clone().filter(|_| !joins).unwrap_or_default();
        membership.rejoin = Rejoin::No;
        membership.next_heartbeat_ms =
            self.cluster.now_ms().saturating_add(membership.reconciliation.heartbeat_interval_ms);
        if membership.reconciliation.phase == Phase::Acknowledging {
            let is_there = membership.reconciliation.has_reached_target();
            membership.reconciliation.phase = if is_there { Phase::Stable } else { Phase::Reconciling };
        }
        let request = ConsumerGroupHeartbeatRequest {
            group_id: self.group(),
            member_id: membership.member_id.clone(),
            member_epoch: membership.generation.max(0),
            instance_id: self.config.group_instance_id.clone(),
            rack_id: self.config.client_rack.clone().filter(|_| is_full),
            rebalance_timeout_ms: if is_full { as_i32(self.config.max_poll_interval_ms) } else { -1 },
            subscribed_topic_names: says_topics.then(|| tells.topics.clone()),
            subscribed_topic_regex: says_pattern.then(|| tells.pattern.clone()),
            server_assignor: self.config.group_remote_assignor.clone().filter(|_| is_full),
            topic_partitions: (is_full || says_owned).then(|| listed(&owned)),
        };
        (request, tells)
    }

    fn take_answer(&self, state: &mut State, asked_ms: u64, response: ConsumerGroupHeartbeatResponse) {
        let membership = &mut state.membership;
        membership.generation = response.member_epoch;
        if let Some(member_id) = response.member_id.filter(|id| !id.is_empty()) {
            membership.member_id = member_id;
        }
        let reconciliation = &mut membership.reconciliation;
        reconciliation.attempts = 0;
        reconciliation.not_before_ms = 0;
        reconciliation.heartbeat_interval_ms = response.heartbeat_interval_ms.max(1) as u64;
        membership.next_heartbeat_ms = asked_ms.saturating_add(reconciliation.heartbeat_interval_ms);
        let Some(assignment) = response.assignment else {
            if reconciliation.phase == Phase::Joining {
                reconciliation.phase = Phase::Reconciling;
            }
            return;
        };
        let mut target = PartitionsById::new();
        for topic in assignment.topic_partitions {
            target.entry(topic.topic_id).or_default().extend(topic.partitions);
        }
        target.values_mut().for_each(|partitions| tablog_record::stable_sort(partitions));
        target.retain(|_, partitions| !partitions.is_empty());
        if target.values().map(Vec::len).sum::<usize>() > ASSIGNED_PARTITIONS_MAX {
            let (api, detail) =
                (tablog_wire::ApiKey::ConsumerGroupHeartbeat, "more partitions than the limit".to_owned());
            state.fall_out(Phase::Fatal);
            return state.report(ClientError::Malformed { api, detail }.into());
        }
        reconciliation.target = target;
        let is_there = reconciliation.has_reached_target();
        reconciliation.phase = match reconciliation.phase {
            // What was done is said first.
            Phase::Acknowledging => Phase::Acknowledging,
            _ if is_there => Phase::Stable,
            _ => Phase::Reconciling,
        };
    }

    fn beat_refused(&self, state: &mut State, response: ConsumerGroupHeartbeatResponse) {
        let code = ErrorCode::from_code(response.error_code);
        match code {
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => state.fall_out(Phase::Fenced),
            code if code.is_retriable() => {
                if matches!(code, ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable) {
                    self.cluster.forget_coordinator(&self.group());
                }
                self.beat_failed(state);
            }
            // UNSUPPORTED_ASSIGNOR, UNRELEASED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, FENCED_INSTANCE_ID,
            // INVALID_REGULAR_EXPRESSION and the like: the application has to decide.
            code => {
                state.fall_out(Phase::Fatal);
                let error = ClientError::Refused { code, message: response.error_message };
                state.report(ConsumeError::Client { error });
            }
        }
    }

    /// Whether it arrived is not known: the next one says everything.
    fn beat_failed(&self, state: &mut State) {
        let reconciliation = &mut state.membership.reconciliation;
        reconciliation.told = None;
        let backoff_ms = self.cluster.retry_backoff_ms(reconciliation.attempts);
        reconciliation.attempts += 1;
        reconciliation.not_before_ms = self.cluster.now_ms().saturating_add(backoff_ms);
        state.membership.next_heartbeat_ms = 0;
    }

    /// The application does not poll: others may have its partitions. It joins again when it does.
    async fn leave_as_stale(&self) {
        let member_id = {
            let mut state = self.state.borrow_mut();
            state.fall_out(Phase::Stale);
            state.has_records_in_hand = true;
            state.membership.member_id.clone()
        };
        self.changed.raise();
        self.send_leave(member_id).await;
    }

    pub(super) fn farewell_beat(&self, member_id: String) -> ConsumerGroupHeartbeatRequest {
        let is_static = self.config.group_instance_id.is_some();
        ConsumerGroupHeartbeatRequest {
            group_id: self.group(),
            member_id,
            member_epoch: if is_static { LEAVE_STATIC_EPOCH } else { LEAVE_EPOCH },
            instance_id: self.config.group_instance_id.clone(),
            rebalance_timeout_ms: -1,
            ..Default::default()
        }
    }
}

fn listed(partitions: &PartitionsById) -> Vec<TopicPartitions> {
    let topic = |(topic_id, partitions): (&tablog_record::Uuid, &Vec<i32>)| TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.clone(),
    };
    partitions.iter().map(topic).collect()
}
