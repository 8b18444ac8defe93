//! From the classic protocol to this one and back, while members are there (`group.consumer.migration.policy`).
//!
//! The first ConsumerGroupHeartbeat makes a consumer group of a classic one, whose members go on with JoinGroup; when
//! only such members are left it is a classic group again.

use bytes::Bytes;
use tablog_record::{SortedMap, SortedSet, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::records::ConsumerGroupMemberMetadataValue;
use tablog_wire::records::consumer_group_member_metadata_value::{ClassicMemberMetadata, ClassicProtocol};

use super::heartbeat::in_order;
use super::{Call, ConsumerGroup, ConsumerMember, CurrentAssignment, GroupEpoch, MemberState, Refusal};
use crate::assignor::PartitionsByTopic;
use crate::classic_group::{ClassicGroup, Member};
use crate::consumer_protocol::{ConsumerAssignment, ConsumerSubscription};
use crate::coordinator_record::CoordinatorRecord;
use crate::event::{GroupEvent, GroupKind, RebalanceCause};
use crate::limits;
use crate::topics::Topics;

/// A group of the classic protocol that was made of this one.
#[derive(Debug)]
pub(crate) struct Downgraded {
    pub group: ClassicGroup,
    /// Why its members have to join anew, and on whose account.
    pub rebalance: Option<(RebalanceCause, String)>,
}

impl ConsumerGroup {
    /// A consumer group with the members, assignments and the generation of a classic one. Its records are drafted.
    pub fn upgrade(
        call: &mut Call<'_>,
        classic: &ClassicGroup,
        assignments: &SortedMap<&str, &Bytes>,
    ) -> Result<ConsumerGroup, Refusal> {
        let group_id = call.group_id;
        let refused = |why: &str| {
            let message = format!("Cannot upgrade classic group {group_id} to consumer group because {why}.");
            Refusal::new(ErrorCode::GroupIdNotFound, message)
        };
        if !call.config.consumer_migration_policy.allows_upgrade() {
            return Err(refused("online upgrade is disabled"));
        }
        if !classic.uses_consumer_protocol() {
            return Err(refused("the group does not use the consumer embedded protocol"));
        }
        if classic.members.len() > call.config.consumer_max_size.min(limits::MEMBERS_PER_GROUP_MAX) {
            return Err(refused("the group size exceeds the consumer group maximum size"));
        }
        let mut group = ConsumerGroup::default();
        let mut owned = SortedSet::new();
        for member in classic.members.values() {
            let metadata = upgraded_metadata(classic, member)
                .ok_or_else(|| refused("the embedded consumer protocol is malformed"))?;
            let assignment = assignments.get(member.id.as_str()).map(|&bytes| bytes.clone());
            let assignment = assignment.filter(|bytes| !bytes.is_empty()).map(ConsumerAssignment::decode);
            let assignment = assignment.transpose();
            let assignment =
                assignment.map_err(|_| refused("the embedded consumer protocol is malformed"))?;
            let assignment = assignment.unwrap_or_default();
            if assignment.user_data.is_some_and(|data| !data.is_empty()) {
                return Err(refused("an unsupported custom assignor is in use"));
            }
            // A leader may have given a partition to two members, or one that does not exist.
            let assigned = by_topic(&assignment.partitions, call.topics, |place| owned.insert(place));
            let current = CurrentAssignment {
                epoch: classic.generation,
                previous_epoch: classic.generation,
                state: MemberState::Stable,
                assigned: assigned.clone(),
                pending_revocation: PartitionsByTopic::new(),
            };
            group.set_member(member.id.clone(), Some(metadata));
            group.set_target(member.id.clone(), Some(assigned));
            group.set_current(member.id.clone(), Some(current));
            call.keep_session(&member.id, member.session_timeout_ms);
        }
        let subscriptions = super::subscription::Roster::new(&group, None, &[]).subscriptions();
        let metadata_hash = call.topics.hash(subscriptions.topics.iter());
        group.set_epoch(Some(GroupEpoch { epoch: classic.generation, metadata_hash }));
        group.set_assignment_epoch(Some(classic.generation));
        call.record(CoordinatorRecord::group_tombstone(group_id));
        call.draft.records.extend(group.records(group_id));
        call.event(GroupEvent::GroupConverted { group_id: group_id.to_owned(), to: GroupKind::Consumer });
        Ok(group)
    }

    /// All of the group as records.
    fn records(&self, group_id: &str) -> Vec<CoordinatorRecord> {
        let mut records = Vec::new();
        for (id, metadata) in &self.members {
            records.push(CoordinatorRecord::consumer_member(group_id, id, metadata));
        }
        records.extend(self.epoch.map(|epoch| CoordinatorRecord::consumer_epoch(group_id, epoch)));
        for (id, target) in &self.targets {
            records.push(CoordinatorRecord::consumer_target(group_id, id, target));
        }
        records.push(CoordinatorRecord::consumer_assignment_epoch(group_id, self.assignment_epoch()));
        for (id, current) in &self.current {
            records.push(CoordinatorRecord::consumer_current(group_id, id, current));
        }
        records
    }

    /// Whether nobody is left who speaks the consumer protocol, and the group may go back.
    pub(super) fn may_downgrade(&self, call: &Call<'_>, gone: &[String]) -> bool {
        let mut staying = self.members.iter().filter(|(id, _)| !gone.contains(id));
        let left = self.members.len().saturating_sub(gone.len());
        left > 0
            && left <= call.config.group_max_size
            && call.config.consumer_migration_policy.allows_downgrade()
            && staying.all(|(_, member)| member.classic_member_metadata.is_some())
    }

    /// Makes a classic group of this one, without the members that go; `joining` takes the place of the static
    /// member of its instance id, which is not to be among those.
    pub(super) fn downgrade(
        &self,
        call: &mut Call<'_>,
        gone: &[String],
        joining: Option<(&ConsumerMember, RebalanceCause)>,
    ) -> Result<(), Refusal> {
        let group_id = call.group_id;
        let replaced = joining.and_then(|(member, _)| self.static_member_id(member.instance_id()));
        let mut members = Vec::new();
        let mut assignments: SortedMap<String, Bytes> = SortedMap::new();
        for member in self.members().filter(|member| !gone.contains(&member.id)) {
            let member = match joining {
                Some((joining, _)) if Some(&member.id) == replaced => joining.clone(),
                _ => member,
            };
            let target = self.target_of(&member.id, member.instance_id());
            assignments.insert(member.id.clone(), assignment_bytes(&member, &target, call.topics)?);
            members.push(downgraded_member(&member)?);
        }
        let group = ClassicGroup::from_members(group_id, self.epoch(), members);
        let given = |id: &str| assignments.get(id).cloned().unwrap_or_default();
        let mut tombstones = self.tombstones(group_id);
        if let (Some((joining, _)), Some(replaced)) = (joining, replaced)
            && joining.id != *replaced
        {
            tombstones.splice(0..0, CoordinatorRecord::consumer_member_gone(group_id, &joining.id));
        }
        let record = group.record_at(call.now.wall.0, given);
        call.draft.records.extend(tombstones);
        call.record(record);
        for member_id in self.members.keys() {
            self.cancel_timers(call, member_id);
        }
        call.event(GroupEvent::GroupConverted { group_id: group_id.to_owned(), to: GroupKind::Classic });
        let rebalance = match joining {
            None => gone.first().map(|id| (RebalanceCause::MemberLeft, id.clone())),
            Some((_, RebalanceCause::StaticMemberReplaced)) => None,
            Some((member, cause)) => Some((cause, member.id.clone())),
        };
        call.draft.downgraded = Some(Downgraded { group, rebalance });
        Ok(())
    }
}

fn upgraded_metadata(classic: &ClassicGroup, member: &Member) -> Option<ConsumerGroupMemberMetadataValue> {
    let protocol = classic.protocol.as_deref().filter(|name| member.protocols.iter().any(|(n, _)| n == name));
    let first = member.protocols.first().map(|(name, _)| name.as_str());
    let subscription = ConsumerSubscription::decode(member.metadata(protocol.or(first)?)).ok()?;
    let mut metadata = ConsumerMember::new(&member.id).metadata;
    metadata.instance_id.clone_from(&member.instance_id);
    metadata.rack_id = subscription.rack_id.filter(|rack| !rack.is_empty());
    metadata.client_id.clone_from(&member.client_id);
    metadata.client_host.clone_from(&member.client_host);
    metadata.subscribed_topic_names = in_order(&subscription.topics);
    metadata.rebalance_timeout_ms = i32::try_from(member.rebalance_timeout_ms).unwrap_or(i32::MAX);
    metadata.classic_member_metadata =
        Some(classic_metadata(member.session_timeout_ms, member.protocols.iter().cloned()));
    Some(metadata)
}

pub(super) fn classic_metadata(
    session_timeout_ms: u64,
    protocols: impl Iterator<Item = (String, Bytes)>,
) -> ClassicMemberMetadata {
    ClassicMemberMetadata {
        session_timeout_ms: i32::try_from(session_timeout_ms).unwrap_or(i32::MAX),
        supported_protocols: protocols.map(|(name, metadata)| ClassicProtocol { name, metadata }).collect(),
    }
}

fn downgraded_member(member: &ConsumerMember) -> Result<Member, Refusal> {
    let metadata = &member.metadata;
    let classic = metadata.classic_member_metadata.as_ref().ok_or_else(malformed)?;
    let protocols = classic.supported_protocols.iter();
    Ok(Member::known(
        member.identity(),
        member.rebalance_timeout_ms(),
        classic.session_timeout_ms.max(0) as u64,
        protocols.map(|protocol| (protocol.name.clone(), protocol.metadata.clone())).collect(),
    ))
}

fn malformed() -> Refusal {
    Refusal::new(ErrorCode::UnknownServerError, "The embedded consumer protocol is malformed.")
}

/// What a member of the classic protocol is told, in the version in which it spoke.
pub(super) fn assignment_bytes(
    member: &ConsumerMember,
    partitions: &PartitionsByTopic,
    topics: &Topics,
) -> Result<Bytes, Refusal> {
    let classic = member.metadata.classic_member_metadata.as_ref();
    let protocol = classic.and_then(|classic| classic.supported_protocols.first()).ok_or_else(malformed)?;
    let version = protocol.metadata.first_chunk().map(|bytes| i16::from_be_bytes(*bytes));
    let version = version.filter(|&version| version >= 0).ok_or_else(malformed)?;
    let assignment = ConsumerAssignment {
        partitions: super::target_assignment::named(partitions, topics),
        user_data: None,
    };
    Ok(assignment.encode(version.min(crate::consumer_protocol::VERSION_MAX)))
}

/// By topic id and in order; of topics and partitions that exist, and only those that are taken.
pub(super) fn by_topic(
    partitions: &[tablog_record::TopicPartition],
    topics: &Topics,
    mut take: impl FnMut((Uuid, i32)) -> bool,
) -> PartitionsByTopic {
    let mut by_topic = PartitionsByTopic::new();
    for place in partitions {
        let Some(topic) = topics.get(&place.topic) else { continue };
        let exists = (0..topic.partition_count).contains(&place.partition);
        if exists && take((topic.id, place.partition)) {
            let partitions = by_topic.entry(topic.id).or_default();
            let at = partitions.partition_point(|&other| other < place.partition);
            partitions.insert(at, place.partition);
        }
    }
    by_topic
}
