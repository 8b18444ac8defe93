//! Members of the classic protocol in a consumer group: JoinGroup takes the next step, SyncGroup tells what it gave,
//! Heartbeat says when there is another. The generation is the member's epoch, and nobody leads.

use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_heartbeat_request::TopicPartitions;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::leave_group_response::MemberResponse;
use tablog_wire::messages::{HeartbeatRequest, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};

use super::heartbeat::{Protocol, in_order};
use super::migration::{assignment_bytes, by_topic, classic_metadata};
use super::regular_expression::BumpEpoch;
use super::{Call, ConsumerGroup, ConsumerMember, MemberState, Refusal};
use crate::classic_group::Joining;
use crate::consumer_protocol::{ConsumerSubscription, PROTOCOL_TYPE};
use crate::event::{Departure, RebalanceCause};
use crate::limits;
use crate::member_id::cut;
use crate::timers::Timer;
use crate::topics::Topics;

impl ConsumerGroup {
    pub fn classic_join(
        &self,
        call: &mut Call<'_>,
        joining: Joining,
        new_id: String,
    ) -> Result<JoinGroupResponse, Refusal> {
        let is_unknown = joining.member_id.is_empty();
        let member_id = if is_unknown { new_id } else { joining.member_id.clone() };
        self.check_size(call, &member_id)?;
        self.check_protocols(&member_id, &joining)?;
        if is_unknown && joining.must_know_its_id() {
            let code = ErrorCode::MemberIdRequired.code();
            return Ok(JoinGroupResponse { member_id, error_code: code, ..Default::default() });
        }
        let instance_id = joining.instance_id.as_deref();
        let joins = instance_id.is_none() || is_unknown;
        let found = self.find_or_join(call, &member_id, instance_id, joins, Protocol::Classic)?;
        let (before, origin) = (found.member, found.origin);
        let metadata = joining.protocols.first().map(|(_, metadata)| metadata.clone()).unwrap_or_default();
        let subscription = ConsumerSubscription::decode(metadata).map_err(|error| {
            Refusal::new(ErrorCode::UnknownServerError, format!("Malformed subscription: {error}."))
        })?;
        let owned = claims(&subscription, call.topics);
        let mut updated = updated_member(&joining, &subscription, before.clone());
        let gone = origin.gone(&updated.id);
        let bump = self.update_member(call, &before, &updated, &origin);
        let holder = self.static_member_id(instance_id).cloned();
        let downgrades = holder.is_some_and(|holder| self.may_downgrade_for(call, &holder));
        if downgrades {
            let cause = match bump {
                BumpEpoch::Yes => RebalanceCause::SubscriptionChanged,
                BumpEpoch::No => RebalanceCause::StaticMemberReplaced,
            };
            if bump == BumpEpoch::No {
                let target = self.target_of(&updated.id, updated.instance_id());
                self.reconcile(call, &mut updated, self.assignment_epoch(), &target, Some(&owned))?;
            }
            self.downgrade(call, &[], Some((&updated, cause)))?;
        } else {
            let cause = origin.cause();
            let (epoch, target) = self.next_target(call, bump, &updated, &gone, cause);
            self.reconcile(call, &mut updated, epoch, &target, Some(&owned))?;
            let member_id = updated.id.clone();
            call.cancel_timer(Timer::ClassicJoin { member_id: member_id.clone() });
            call.keep_session(&member_id, joining.session_timeout_ms);
            call.set_timer(Timer::ClassicSync { member_id }, joining.rebalance_timeout_ms);
        }
        Ok(JoinGroupResponse {
            member_id: updated.id,
            generation_id: updated.current.epoch,
            protocol_type: Some(PROTOCOL_TYPE.to_owned()),
            protocol_name: joining.protocols.first().map(|(name, _)| name.clone()),
            ..Default::default()
        })
    }

    /// With the place of this member taken by one of the classic protocol, nobody else may be left.
    fn may_downgrade_for(&self, call: &Call<'_>, holder: &str) -> bool {
        let mut others = self.members.iter().filter(|(id, _)| id.as_str() != holder);
        others.all(|(_, member)| member.classic_member_metadata.is_some())
            && call.config.consumer_migration_policy.allows_downgrade()
            && self.members.len() <= call.config.group_max_size
    }

    /// Members of the classic protocol need one that all of them offer.
    fn check_protocols(&self, member_id: &str, joining: &Joining) -> Result<(), Refusal> {
        let offers = |member: &ConsumerMember, name: &str| {
            let classic = member.metadata.classic_member_metadata.as_ref();
            classic.is_none_or(|classic| classic.supported_protocols.iter().any(|p| p.name == name))
        };
        let by_all = |name: &str| self.members().all(|member| offers(&member, name));
        let is_consumer = joining.protocol_type == PROTOCOL_TYPE;
        if !is_consumer || !joining.protocols.iter().any(|(name, _)| by_all(name)) {
            let message = format!("Member {member_id}'s protocols are not supported.");
            return Err(Refusal::new(ErrorCode::InconsistentGroupProtocol, message));
        }
        Ok(())
    }

    pub fn classic_sync(
        &self,
        call: &mut Call<'_>,
        request: SyncGroupRequest,
    ) -> Result<SyncGroupResponse, Refusal> {
        let instance_id = request.group_instance_id.as_deref();
        let member = self.classic_member(call, &request.member_id, instance_id, request.generation_id)?;
        let classic = member.metadata.classic_member_metadata.as_ref();
        let protocol = classic.and_then(|classic| classic.supported_protocols.first());
        let differs = |theirs: &Option<String>, ours: Option<&str>| {
            theirs.as_deref().is_some_and(|theirs| ours != Some(theirs))
        };
        if differs(&request.protocol_type, Some(PROTOCOL_TYPE))
            || differs(&request.protocol_name, protocol.map(|protocol| protocol.name.as_str()))
        {
            return Err(Refusal::new(ErrorCode::InconsistentGroupProtocol, ""));
        }
        if self.epoch() > member.current.epoch && member.current.state != MemberState::UnrevokedPartitions {
            self.wait_for_join(call, &member);
            // The deadline stands although the request is refused.
            let (protocol_type, protocol_name) = (request.protocol_type, request.protocol_name);
            let error_code = ErrorCode::RebalanceInProgress.code();
            return Ok(SyncGroupResponse { error_code, protocol_type, protocol_name, ..Default::default() });
        }
        let assignment = assignment_bytes(&member, &member.current.assigned, call.topics)?;
        call.cancel_timer(Timer::ClassicSync { member_id: member.id.clone() });
        self.keep_classic_session(call, &member);
        Ok(SyncGroupResponse {
            protocol_type: request.protocol_type,
            protocol_name: request.protocol_name,
            assignment,
            ..Default::default()
        })
    }

    /// The answer is REBALANCE_IN_PROGRESS where a JoinGroup would take the member a step further.
    pub fn classic_heartbeat(
        &self,
        call: &mut Call<'_>,
        request: &HeartbeatRequest,
    ) -> Result<ErrorCode, Refusal> {
        let instance_id = request.group_instance_id.as_deref();
        let member = self.classic_member(call, &request.member_id, instance_id, request.generation_id)?;
        self.keep_classic_session(call, &member);
        let has_more = match member.current.state {
            _ if member.current.epoch < self.epoch() => true,
            MemberState::UnrevokedPartitions => true,
            MemberState::UnreleasedPartitions => !self.waits_for_others(&member),
            MemberState::Stable | MemberState::Unknown => false,
        };
        if !has_more {
            return Ok(ErrorCode::None);
        }
        self.wait_for_join(call, &member);
        Ok(ErrorCode::RebalanceInProgress)
    }

    /// LeaveGroup: of members of either protocol, and of static ones by an administrator.
    pub fn classic_leave(&self, call: &mut Call<'_>, leaving: Vec<MemberIdentity>) -> Vec<MemberResponse> {
        let mut gone: Vec<String> = Vec::new();
        let mut responses = Vec::with_capacity(leaving.len());
        let mut reason = None;
        for identity in leaving {
            let found = match &identity.group_instance_id {
                None => self.known_member(call.group_id, &identity.member_id),
                Some(instance_id) if identity.member_id.is_empty() => {
                    let holder = self.static_member_id(Some(instance_id)).cloned().unwrap_or_default();
                    self.static_member(call.group_id, &holder, instance_id)
                }
                Some(instance_id) => self.static_member(call.group_id, &identity.member_id, instance_id),
            };
            let error_code = match found {
                Ok(member) => {
                    if !gone.contains(&member.id) {
                        gone.push(member.id);
                    }
                    reason = reason.or(identity.reason.filter(|reason| !reason.is_empty()));
                    ErrorCode::None
                }
                Err(refusal) => refusal.code,
            };
            responses.push(MemberResponse {
                member_id: identity.member_id,
                group_instance_id: identity.group_instance_id,
                error_code: error_code.code(),
            });
        }
        self.fence(call, &gone, &Departure::Left { reason });
        responses
    }

    fn classic_member(
        &self,
        call: &Call<'_>,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<ConsumerMember, Refusal> {
        let member = match instance_id {
            None => self.known_member(call.group_id, member_id)?,
            Some(instance_id) => self.static_member(call.group_id, member_id, instance_id)?,
        };
        if !member.uses_classic_protocol() {
            return Err(Refusal::unknown_member(call.group_id, member_id));
        }
        if member.current.epoch != generation {
            return Err(Refusal::new(ErrorCode::IllegalGeneration, ""));
        }
        Ok(member)
    }

    fn wait_for_join(&self, call: &mut Call<'_>, member: &ConsumerMember) {
        let timer = Timer::ClassicJoin { member_id: member.id.clone() };
        call.start_timer(timer, member.rebalance_timeout_ms());
    }

    fn keep_classic_session(&self, call: &mut Call<'_>, member: &ConsumerMember) {
        let classic = member.metadata.classic_member_metadata.as_ref();
        let timeout_ms = classic.map_or(0, |classic| classic.session_timeout_ms.max(0) as u64);
        call.keep_session(&member.id, timeout_ms);
    }
}

fn updated_member(
    joining: &Joining,
    subscription: &ConsumerSubscription,
    mut member: ConsumerMember,
) -> ConsumerMember {
    let metadata = &mut member.metadata;
    if joining.instance_id.is_some() {
        metadata.instance_id.clone_from(&joining.instance_id);
    }
    if let Some(rack) = subscription.rack_id.as_ref().filter(|rack| !rack.is_empty()) {
        metadata.rack_id = Some(rack.clone());
    }
    metadata.rebalance_timeout_ms = i32::try_from(joining.rebalance_timeout_ms).unwrap_or(i32::MAX);
    metadata.subscribed_topic_names = in_order(&subscription.topics);
    metadata.client_id = cut(&joining.client.client_id, limits::CLIENT_BYTES_MAX).to_owned();
    metadata.client_host = cut(&joining.client.client_host, limits::CLIENT_BYTES_MAX).to_owned();
    metadata.classic_member_metadata =
        Some(classic_metadata(joining.session_timeout_ms, joining.protocols.iter().cloned()));
    member
}

/// What the member says it owns, in the words of the consumer protocol.
fn claims(subscription: &ConsumerSubscription, topics: &Topics) -> Vec<TopicPartitions> {
    let owned = by_topic(&subscription.owned_partitions, topics, |_| true).into_iter();
    owned.map(|(topic_id, partitions)| TopicPartitions { topic_id, partitions }).collect()
}
