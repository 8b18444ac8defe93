//! One member's way to what it is to own, step by step: first it lets go of what others are to have, then it enters
//! the new epoch and is given what is free, then what others let go of.
//!
//! Never knows: the other members but for what they hold.

use tablog_record::{SortedSet, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_heartbeat_request::TopicPartitions;

use super::{Call, ConsumerGroup, ConsumerMember, CurrentAssignment, MemberState, Refusal};
use crate::assignor::PartitionsByTopic;
use crate::coordinator_record::CoordinatorRecord;
use crate::event::GroupEvent;
use crate::timers::Timer;

/// What a member says it owns; `None` where it does not say.
pub(super) type Owned<'a> = Option<&'a [TopicPartitions]>;

impl ConsumerGroup {
    /// Brings a member closer to its target, if it is not there yet.
    pub(super) fn reconcile(
        &self,
        call: &mut Call<'_>,
        member: &mut ConsumerMember,
        assignment_epoch: i32,
        target: &PartitionsByTopic,
        owned: Owned<'_>,
    ) -> Result<(), Refusal> {
        if member.current.is_reconciled_to(assignment_epoch) {
            return Ok(());
        }
        let is_held = |topic: &Uuid, partition: i32| self.is_held(topic, partition);
        let next = next_step(&member.current, assignment_epoch, target, is_held, owned)?;
        if next == member.current {
            return Ok(());
        }
        member.current = next;
        call.record(CoordinatorRecord::consumer_current(call.group_id, &member.id, &member.current));
        call.event(reconciled(call, member));
        // Members of the classic protocol are timed by their JoinGroup and SyncGroup.
        if !member.uses_classic_protocol() {
            let timer = Timer::Revocation { member_id: member.id.clone() };
            match member.current.state {
                MemberState::UnrevokedPartitions => call.set_timer(timer, member.rebalance_timeout_ms()),
                _ => call.cancel_timer(timer),
            }
        }
        Ok(())
    }

    /// Whether some of what the member is to own is still with others.
    pub(super) fn waits_for_others(&self, member: &ConsumerMember) -> bool {
        let Some(target) = self.targets.get(&member.id) else { return false };
        super::places(target).any(|(topic, partition)| {
            !contains(&member.current.assigned, &topic, partition) && self.is_held(&topic, partition)
        })
    }
}

fn reconciled(call: &Call<'_>, member: &ConsumerMember) -> GroupEvent {
    let named = |partitions| super::target_assignment::named(partitions, call.topics);
    GroupEvent::MemberReconciled {
        group_id: call.group_id.to_owned(),
        member: member.identity(),
        epoch: member.current.epoch,
        state: member.current.state.name(),
        assigned: named(&member.current.assigned),
        pending_revocation: named(&member.current.pending_revocation),
    }
}

fn next_step(
    current: &CurrentAssignment,
    assignment_epoch: i32,
    target: &PartitionsByTopic,
    is_held: impl Fn(&Uuid, i32) -> bool,
    owned: Owned<'_>,
) -> Result<CurrentAssignment, Refusal> {
    let from_epoch = match current.state {
        MemberState::Stable if current.epoch == assignment_epoch => return Ok(current.clone()),
        MemberState::Stable | MemberState::UnreleasedPartitions => current.epoch,
        MemberState::UnrevokedPartitions if owns_any(owned, &current.pending_revocation) => {
            return Ok(current.clone());
        }
        // What was to be revoked is: the epoch in which it was asked for is over.
        MemberState::UnrevokedPartitions => current.epoch + 1,
        MemberState::Unknown if owned.is_none_or(|owned| !owned.is_empty()) => {
            let message = "The member's state is not known here. It must abandon its partitions and rejoin.";
            return Err(Refusal::new(ErrorCode::FencedMemberEpoch, message));
        }
        MemberState::Unknown => assignment_epoch,
    };
    Ok(towards(current, from_epoch, assignment_epoch, target, is_held, owned))
}

/// ```text
///  kept     = assigned ∩ target          revoked = assigned − kept
///  pending  = target − kept, of which what somebody holds is unreleased
/// ```
fn towards(
    current: &CurrentAssignment,
    from_epoch: i32,
    assignment_epoch: i32,
    target: &PartitionsByTopic,
    is_held: impl Fn(&Uuid, i32) -> bool,
    owned: Owned<'_>,
) -> CurrentAssignment {
    let (mut assigned, mut revoked) = (PartitionsByTopic::new(), PartitionsByTopic::new());
    let mut pending: SortedSet<(Uuid, i32)> = SortedSet::new();
    for (topic, partition) in super::places(&current.assigned) {
        let part = if contains(target, &topic, partition) { &mut assigned } else { &mut revoked };
        part.entry(topic).or_default().push(partition);
    }
    let mut has_unreleased = false;
    for (topic, partition) in super::places(target) {
        if contains(&current.assigned, &topic, partition) {
            continue;
        }
        if is_held(&topic, partition) {
            has_unreleased = true;
        } else {
            pending.insert((topic, partition));
        }
    }
    let next = |state, epoch, assigned, pending_revocation| CurrentAssignment {
        epoch,
        previous_epoch: current.epoch,
        state,
        assigned,
        pending_revocation,
    };
    if !revoked.is_empty() && owns_any(owned, &revoked) {
        return next(MemberState::UnrevokedPartitions, from_epoch, assigned, revoked);
    }
    for &(topic, partition) in &pending {
        let partitions = assigned.entry(topic).or_default();
        let at = partitions.partition_point(|&other| other < partition);
        partitions.insert(at, partition);
    }
    let state = if has_unreleased { MemberState::UnreleasedPartitions } else { MemberState::Stable };
    next(state, assignment_epoch, assigned, PartitionsByTopic::new())
}

fn contains(partitions: &PartitionsByTopic, topic: &Uuid, partition: i32) -> bool {
    partitions.get(topic).is_some_and(|partitions| partitions.binary_search(&partition).is_ok())
}

/// A member that does not say may own all of it.
fn owns_any(owned: Owned<'_>, of: &PartitionsByTopic) -> bool {
    let Some(owned) = owned else { return true };
    let mut claims = owned
        .iter()
        .flat_map(|claimed| claimed.partitions.iter().map(|&partition| (claimed.topic_id, partition)));
    claims.any(|(topic, partition)| contains(of, &topic, partition))
}

/// Whether all that a member says it owns was given to it.
pub(super) fn is_subset(owned: Owned<'_>, of: &PartitionsByTopic) -> bool {
    owned.is_some_and(|owned| {
        owned.iter().all(|claimed| {
            of.contains_key(&claimed.topic_id)
                && claimed.partitions.iter().all(|&partition| contains(of, &claimed.topic_id, partition))
        })
    })
}
