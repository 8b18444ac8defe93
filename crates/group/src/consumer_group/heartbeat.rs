//! ConsumerGroupHeartbeat: a member comes, says what changed, is given its next step, or leaves.

use tablog_record::{SortedSet, stable_sort};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use tablog_wire::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

use super::current_assignment::{Owned, is_subset};
use super::regular_expression::BumpEpoch;
use super::subscription::{Roster, Subscriptions};
use super::{Call, ConsumerGroup, ConsumerMember, GroupEpoch, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Refusal};
use crate::assignor::{PartitionsByTopic, ServerAssignor};
use crate::config::GroupConfig;
use crate::coordinator_record::CoordinatorRecord;
use crate::decision::{ClientContext, GroupReply};
use crate::event::{Departure, GroupEvent, RebalanceCause};
use crate::limits;
use crate::member_id::cut;

/// From this version on members make their ids themselves.
const VERSION_WITH_OWN_ID: i16 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Classic,
    Consumer,
}

/// The member that asks, and where it comes from.
pub(super) struct Found {
    pub member: ConsumerMember,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Known,
    New,
    /// It takes the place of the static member of this id, which may be its own.
    Replaces(String),
}

impl Origin {
    /// The member that is no more.
    pub fn gone(&self, member_id: &str) -> Vec<String> {
        match self {
            Origin::Replaces(id) if id != member_id => vec![id.clone()],
            _ => Vec::new(),
        }
    }

    pub fn cause(&self) -> RebalanceCause {
        match self {
            Origin::Known => RebalanceCause::SubscriptionChanged,
            Origin::New | Origin::Replaces(_) => RebalanceCause::MemberJoined,
        }
    }
}

pub(crate) fn refused(refusal: Refusal) -> GroupReply {
    GroupReply::ConsumerHeartbeat(ConsumerGroupHeartbeatResponse {
        error_code: refusal.code.code(),
        error_message: Some(refusal.message),
        ..Default::default()
    })
}

/// What is wrong with a request whatever the group is like.
pub(crate) fn check(
    config: &GroupConfig,
    api_version: i16,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    let epoch = request.member_epoch;
    let needs_id = api_version >= VERSION_WITH_OWN_ID || epoch > 0 || epoch == LEAVE_EPOCH;
    let is_blank = |text: &Option<String>| text.as_ref().is_some_and(|text| text.trim().is_empty());
    if needs_id && request.member_id.trim().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.group_id.trim().is_empty() {
        return invalid("GroupId can't be empty.");
    }
    if is_blank(&request.instance_id) {
        return invalid("InstanceId can't be empty.");
    }
    if is_blank(&request.rack_id) {
        return invalid("RackId can't be empty.");
    }
    if epoch == 0 {
        if request.rebalance_timeout_ms == -1 {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return invalid(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
            );
        }
    } else if epoch == LEAVE_STATIC_EPOCH && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    } else if epoch < LEAVE_STATIC_EPOCH {
        return invalid("MemberEpoch is invalid.");
    }
    if let Some(name) = &request.server_assignor {
        let served = config.consumer_assignors.into_iter().flatten().map(ServerAssignor::name);
        let served: Vec<&str> = served.collect();
        if !served.contains(&name.as_str()) {
            let served = served.join(", ");
            let message = format!("ServerAssignor {name} is not supported. Supported assignors: {served}.");
            return Err(Refusal::new(ErrorCode::UnsupportedAssignor, message));
        }
    }
    check_lengths(request)
}

fn check_lengths(request: &ConsumerGroupHeartbeatRequest) -> Result<(), Refusal> {
    let names = [Some(&request.member_id), request.instance_id.as_ref(), request.rack_id.as_ref()];
    let longest = names.into_iter().flatten().map(String::len).max().unwrap_or(0);
    let topics = request.subscribed_topic_names.as_deref().unwrap_or_default();
    let subscription_bytes: usize = topics.iter().map(String::len).sum();
    if longest > limits::NAME_BYTES_MAX || subscription_bytes > limits::MEMBER_METADATA_BYTES_MAX {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "The request names too much."));
    }
    if request.group_id.len() > limits::GROUP_ID_BYTES_MAX {
        return Err(Refusal::new(ErrorCode::InvalidGroupId, "GroupId is too long."));
    }
    Ok(())
}

impl ConsumerGroup {
    /// A member's heartbeat that is no farewell. `new_id` is for one that has no id yet.
    pub fn heartbeat(
        &self,
        call: &mut Call<'_>,
        client: &ClientContext,
        request: ConsumerGroupHeartbeatRequest,
        new_id: String,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let epoch = request.member_epoch;
        let member_id = if request.member_id.is_empty() { new_id } else { request.member_id.clone() };
        self.check_size(call, &member_id)?;
        let instance_id = request.instance_id.as_deref();
        let owned = request.topic_partitions.as_deref();
        let joins = epoch == 0;
        let found = self.find_or_join(call, &member_id, instance_id, joins, Protocol::Consumer)?;
        if !(joins && instance_id.is_some()) {
            check_epoch(&found.member, epoch, owned)?;
        }
        let before = found.member.clone();
        let mut updated = updated_member(client, &request, found.member);
        let gone = found.origin.gone(&updated.id);
        let mut bump = if self.epoch() == 0 { BumpEpoch::Yes } else { BumpEpoch::No };
        if self.update_member(call, &before, &updated, &found.origin) == BumpEpoch::Yes {
            bump = BumpEpoch::Yes;
        }
        if self.update_regexes(call, &before, &updated)? == BumpEpoch::Yes {
            bump = BumpEpoch::Yes;
        }
        let cause = found.origin.cause();
        let (assignment_epoch, target) = self.next_target(call, bump, &updated, &gone, cause);
        self.reconcile(call, &mut updated, assignment_epoch, &target, owned)?;
        call.keep_session(&updated.id, call.settings.session_timeout_ms);
        let is_full = request.rebalance_timeout_ms != -1
            && (request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some())
            && request.topic_partitions.is_some();
        let tells = joins || is_full || updated.current.assigned != before.current.assigned;
        Ok(ConsumerGroupHeartbeatResponse {
            member_id: Some(updated.id),
            member_epoch: updated.current.epoch,
            heartbeat_interval_ms: call.settings.heartbeat_interval_ms,
            assignment: tells.then(|| told(&updated.current.assigned)),
            ..Default::default()
        })
    }

    /// A farewell: for good, or of a static member that means to come back.
    pub fn leave(
        &self,
        call: &mut Call<'_>,
        request: ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let member = match &request.instance_id {
            None => self.known_member(call.group_id, &request.member_id)?,
            Some(instance_id) => self.static_member(call.group_id, &request.member_id, instance_id)?,
        };
        let left = |epoch| ConsumerGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: epoch,
            ..Default::default()
        };
        if request.instance_id.is_some() && request.member_epoch == LEAVE_STATIC_EPOCH {
            let mut current = member.current.clone();
            current.epoch = LEAVE_STATIC_EPOCH;
            current.pending_revocation = PartitionsByTopic::new();
            call.record(CoordinatorRecord::consumer_current(call.group_id, &member.id, &current));
            call.event(GroupEvent::MemberLeft {
                group_id: call.group_id.to_owned(),
                member: member.identity(),
                why: Departure::LeftForAWhile,
            });
            return Ok(left(LEAVE_STATIC_EPOCH));
        }
        self.fence(call, &[member.id], &Departure::Left { reason: None });
        Ok(left(request.member_epoch))
    }

    pub(super) fn check_size(&self, call: &Call<'_>, member_id: &str) -> Result<(), Refusal> {
        let size_max = call.config.consumer_max_size.min(limits::MEMBERS_PER_GROUP_MAX);
        if self.members.len() >= size_max && !self.members.contains_key(member_id) {
            let message =
                format!("The consumer group has reached its maximum capacity of {size_max} members.");
            return Err(Refusal::new(ErrorCode::GroupMaxSizeReached, message));
        }
        Ok(())
    }

    /// The member that asks; one that joins is made, and a static one takes its predecessor's place.
    pub(super) fn find_or_join(
        &self,
        call: &mut Call<'_>,
        member_id: &str,
        instance_id: Option<&str>,
        joins: bool,
        protocol: Protocol,
    ) -> Result<Found, Refusal> {
        let known = |member| Found { member, origin: Origin::Known };
        let Some(instance_id) = instance_id else {
            if !joins {
                return self.known_member(call.group_id, member_id).map(known);
            }
            return Ok(self.member(member_id).map_or_else(|| joined(member_id), known));
        };
        if !joins {
            return self.static_member(call.group_id, member_id, instance_id).map(known);
        }
        let Some(holder) = self.static_member_id(Some(instance_id)).and_then(|id| self.member(id)) else {
            return Ok(self.member(member_id).map_or_else(|| joined(member_id), known));
        };
        if protocol == Protocol::Consumer
            && !holder.uses_classic_protocol()
            && holder.current.epoch != LEAVE_STATIC_EPOCH
        {
            let message = format!(
                "Static member {member_id} with instance id {instance_id} cannot join the group because the \
                 instance id is owned by {} member.",
                holder.id
            );
            return Err(Refusal::new(ErrorCode::UnreleasedInstanceId, message));
        }
        Ok(self.replace(call, holder, member_id))
    }

    /// Under a new id, with what its predecessor owned and was to own.
    fn replace(&self, call: &mut Call<'_>, holder: ConsumerMember, member_id: &str) -> Found {
        let group_id = call.group_id;
        let target = self.target_of(&holder.id, None);
        let mut member = ConsumerMember { id: member_id.to_owned(), ..holder.clone() };
        member.current.epoch = 0;
        member.current.previous_epoch = 0;
        call.draft.records.extend(CoordinatorRecord::consumer_member_gone(group_id, &holder.id));
        call.record(CoordinatorRecord::consumer_member(group_id, member_id, &member.metadata));
        call.record(CoordinatorRecord::consumer_target(group_id, member_id, &target));
        call.record(CoordinatorRecord::consumer_current(group_id, member_id, &member.current));
        if !holder.has_left() {
            call.event(GroupEvent::MemberLeft {
                group_id: group_id.to_owned(),
                member: holder.identity(),
                why: Departure::Fenced { by: member_id.to_owned() },
            });
        }
        if holder.id != member_id {
            self.cancel_timers(call, &holder.id);
        }
        Found { member, origin: Origin::Replaces(holder.id) }
    }

    pub(super) fn static_member(
        &self,
        group_id: &str,
        member_id: &str,
        instance_id: &str,
    ) -> Result<ConsumerMember, Refusal> {
        let Some(holder) = self.static_member_id(Some(instance_id)) else {
            let message = format!("Instance id {instance_id} is unknown.");
            return Err(Refusal::new(ErrorCode::UnknownMemberId, message));
        };
        if holder != member_id {
            let message = format!(
                "Static member {member_id} with instance id {instance_id} was fenced by member {holder}."
            );
            return Err(Refusal::new(ErrorCode::FencedInstanceId, message));
        }
        self.known_member(group_id, member_id)
    }

    /// Writes down what a member says of itself, if that is new. Other topics want a new epoch.
    pub(super) fn update_member(
        &self,
        call: &mut Call<'_>,
        before: &ConsumerMember,
        updated: &ConsumerMember,
        origin: &Origin,
    ) -> BumpEpoch {
        if *origin != Origin::Known {
            let (group_id, member) = (call.group_id.to_owned(), updated.identity());
            call.event(GroupEvent::MemberJoined { group_id, member });
        }
        if updated.metadata != before.metadata || *origin == Origin::New {
            call.record(CoordinatorRecord::consumer_member(call.group_id, &updated.id, &updated.metadata));
        }
        if updated.metadata.subscribed_topic_names != before.metadata.subscribed_topic_names {
            BumpEpoch::Yes
        } else {
            BumpEpoch::No
        }
    }

    /// The target in force after this call, with its epoch: a new one where the group's epoch is ahead of it.
    pub(super) fn next_target(
        &self,
        call: &mut Call<'_>,
        bump: BumpEpoch,
        updated: &ConsumerMember,
        gone: &[String],
        cause: RebalanceCause,
    ) -> (i32, PartitionsByTopic) {
        let mut epoch = self.epoch();
        let mut known: Option<Subscriptions> = None;
        if bump == BumpEpoch::Yes || call.noticed_version != Some(call.topics.version) {
            let subscriptions = Roster::new(self, Some(updated), gone).subscriptions();
            let metadata_hash = call.topics.hash(subscriptions.topics.iter());
            if bump == BumpEpoch::Yes || metadata_hash != self.metadata_hash() {
                epoch += 1;
                let value = GroupEpoch { epoch, metadata_hash };
                call.record(CoordinatorRecord::consumer_epoch(call.group_id, value));
                let is_asked = bump == BumpEpoch::Yes;
                call.event(GroupEvent::GroupEpochBumped {
                    group_id: call.group_id.to_owned(),
                    epoch,
                    cause: if is_asked { cause } else { RebalanceCause::TopicsChanged },
                    member_id: is_asked.then(|| updated.id.clone()),
                });
            }
            call.draft.has_noticed_topics = true;
            known = Some(subscriptions);
        }
        if epoch <= self.assignment_epoch() {
            let target = self.target_of(&updated.id, updated.instance_id());
            return (self.assignment_epoch(), target);
        }
        let subscriptions = known.unwrap_or_else(|| Roster::new(self, Some(updated), gone).subscriptions());
        (epoch, self.update_target(call, epoch, updated, gone, &subscriptions))
    }
}

fn joined(member_id: &str) -> Found {
    Found { member: ConsumerMember::new(member_id), origin: Origin::New }
}

/// A member is one epoch behind where the answer that told it of the new one was lost.
fn check_epoch(member: &ConsumerMember, epoch: i32, owned: Owned<'_>) -> Result<(), Refusal> {
    let current = &member.current;
    let fenced = |how: &str| {
        let message = format!(
            "The consumer group member has a {how} member epoch ({epoch}) than the one known by the group \
             coordinator ({}). The member must abandon all its partitions and rejoin.",
            current.epoch
        );
        Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
    };
    if epoch > current.epoch {
        return fenced("greater");
    }
    if epoch < current.epoch && (epoch != current.previous_epoch || !is_subset(owned, &current.assigned)) {
        return fenced("smaller");
    }
    Ok(())
}

fn updated_member(
    client: &ClientContext,
    request: &ConsumerGroupHeartbeatRequest,
    mut member: ConsumerMember,
) -> ConsumerMember {
    let metadata = &mut member.metadata;
    let update = |field: &mut Option<String>, value: &Option<String>| {
        if value.is_some() {
            field.clone_from(value);
        }
    };
    update(&mut metadata.instance_id, &request.instance_id);
    update(&mut metadata.rack_id, &request.rack_id);
    update(&mut metadata.server_assignor, &request.server_assignor);
    update(&mut metadata.subscribed_topic_regex, &request.subscribed_topic_regex);
    if request.rebalance_timeout_ms != -1 {
        metadata.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    if let Some(topics) = &request.subscribed_topic_names {
        metadata.subscribed_topic_names = in_order(topics);
    }
    metadata.client_id = cut(&client.client_id, limits::CLIENT_BYTES_MAX).to_owned();
    metadata.client_host = cut(&client.client_host, limits::CLIENT_BYTES_MAX).to_owned();
    metadata.classic_member_metadata = None;
    member
}

pub(super) fn in_order(topics: &[String]) -> Vec<String> {
    let once: SortedSet<&String> = topics.iter().collect();
    let mut topics: Vec<String> = once.into_iter().cloned().collect();
    stable_sort(&mut topics);
    topics
}

fn told(assigned: &PartitionsByTopic) -> Assignment {
    let topics = assigned.iter().map(|(topic_id, partitions)| TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.clone(),
    });
    Assignment { topic_partitions: topics.collect() }
}
