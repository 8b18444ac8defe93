//! What happens in groups, as it is told on the feed.

use crate::broker::Broker;
use crate::events::{Happening, MemberAssignment, TopicAssignment};
use tablog_group::{AssignedMember, Departure, GroupEvent};
use tablog_record::{SortedMap, TopicPartition};

pub(super) fn publish(broker: &mut Broker, event: GroupEvent) {
    let happening = match event {
        GroupEvent::MemberJoined { group_id, member } => Happening::MemberJoined {
            group: group_id,
            client_id: member.client_id,
            member_id: member.member_id,
            instance_id: member.group_instance_id,
        },
        GroupEvent::MemberLeft { group_id, member, why } => {
            let reason = match &why {
                Departure::Left { reason: Some(reason) } => reason.clone(),
                other => other.name().to_string(),
            };
            let (group, client_id, member_id) = (group_id, member.client_id, member.member_id);
            match why {
                Departure::Left { .. } | Departure::LeftForAWhile | Departure::Fenced { .. } => {
                    Happening::MemberLeft { group, client_id, member_id, reason }
                }
                _ => Happening::MemberExpired { group, client_id, member_id, reason },
            }
        }
        GroupEvent::RebalanceStarted { group_id, cause, .. } => {
            Happening::RebalanceStarted { group: group_id, reason: cause.name().to_string() }
        }
        GroupEvent::GenerationCompleted { group_id, generation, protocol, members, duration_ms, .. } => {
            Happening::GenerationCompleted {
                group: group_id,
                generation,
                protocol,
                duration_ms,
                assignment: members.into_iter().map(assignment).collect(),
            }
        }
        GroupEvent::GroupEpochBumped { group_id, epoch, cause, member_id } => Happening::GroupEpochBumped {
            group: group_id,
            epoch,
            reason: cause.name().to_string(),
            member_id,
        },
        GroupEvent::TargetComputed { group_id, epoch, assignor, members } => {
            Happening::TargetAssignmentComputed {
                group: group_id,
                epoch,
                assignor: assignor.to_string(),
                assignment: members.into_iter().map(assignment).collect(),
            }
        }
        GroupEvent::MemberReconciled { group_id, member, epoch, state, assigned, pending_revocation } => {
            Happening::MemberReconciled {
                group: group_id,
                client_id: member.client_id,
                member_id: member.member_id,
                epoch,
                state: state.to_string(),
                assigned: by_topic(assigned),
                pending_revocation: by_topic(pending_revocation),
            }
        }
        GroupEvent::GroupConverted { group_id, to } => {
            Happening::GroupConverted { group: group_id, group_type: to.name().to_string() }
        }
        GroupEvent::OffsetsExpired { group_id, partitions } => {
            let topics = by_topic(partitions).into_iter().map(|assigned| assigned.topic).collect();
            Happening::OffsetsExpired { group: group_id, topics }
        }
        GroupEvent::GroupEmptied { .. } | GroupEvent::GroupDeleted { .. } => return,
    };
    broker.publish(happening);
}

fn assignment(assigned: AssignedMember) -> (String, MemberAssignment) {
    let partitions = by_topic(assigned.partitions.unwrap_or_default());
    let member = assigned.member;
    (member.member_id, MemberAssignment { client_id: member.client_id, partitions })
}

fn by_topic(partitions: Vec<TopicPartition>) -> Vec<TopicAssignment> {
    let mut topics: SortedMap<String, Vec<i32>> = SortedMap::new();
    for TopicPartition { topic, partition } in partitions {
        topics.entry(topic).or_default().push(partition);
    }
    topics.into_iter().map(|(topic, partitions)| TopicAssignment { topic, partitions }).collect()
}
