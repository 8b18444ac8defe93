//! Staying a member: heartbeats while there is a membership, and its end when the application does not poll.
//!
//! Never knows: how the membership came about.

use std::rc::Rc;
use tablog_wire::ErrorCode;
use tablog_wire::messages::HeartbeatRequest;

use super::Shared;
use super::membership::{MemberId, Rejoin};
use crate::alarm::Alarm;
use crate::broker_connection::race;
use crate::cluster::{Node, RequestOptions};
use crate::error::{ClientError, ConsumeError};
use crate::transport::Transport;

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
        match shared.wait_to_beat(&mut alarm, heartbeat_ms).await {
            Wait::Over => shared.heartbeat(generation, member_id).await,
            Wait::Disturbed => {}
            Wait::NotPolled => shared.give_up_membership("the application does not poll").await,
        }
    }
}

/// How waiting for the next heartbeat ended, in both protocols.
pub(super) enum Wait {
    /// It is time.
    Over,
    /// Something changed, or the alarm rang: to be looked at anew.
    Disturbed,
    /// The application was to poll by now, and did not.
    NotPolled,
}

impl<T: Transport> Shared<T> {
    pub(super) async fn wait_to_beat(&self, alarm: &mut Alarm, beat_ms: u64) -> Wait {
        let now_ms = self.cluster.now_ms();
        let poll_end_ms = {
            let state = self.state.borrow();
            let last_ms = if state.polling > 0 { None } else { state.last_poll_ms };
            last_ms.map(|last_ms| last_ms.saturating_add(self.config.max_poll_interval_ms))
        };
        if poll_end_ms.is_some_and(|end_ms| end_ms <= now_ms) {
            return Wait::NotPolled;
        }
        if beat_ms <= now_ms {
            return Wait::Over;
        }
        let wake_ms = poll_end_ms.map_or(beat_ms, |end_ms| end_ms.min(beat_ms));
        race(self.changed.changed(), alarm.rings(self.cluster.transport(), Some(wake_ms))).await;
        Wait::Disturbed
    }

    pub(super) async fn heartbeat(&self, generation: i32, member_id: String) {
        let group = self.group();
        let now_ms = self.cluster.now_ms();
        self.state.borrow_mut().membership.next_heartbeat_ms =
            now_ms.saturating_add(self.config.heartbeat_interval_ms);
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
            state.metrics.heartbeat_last_ms = now_ms;
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
}
