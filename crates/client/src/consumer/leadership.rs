//! Assigning as the leader of a group: from what the members sent and the metadata.
//!
//! Never knows: how the answer is sent.

use tablog_group::assignor::{Assignor, Input, Member, TopicMetadata};
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, VERSION_MAX};
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use tablog_wire::messages::{DescribeGroupsRequest, JoinGroupResponse};

use super::Shared;
use super::coordinator::JoinFailure;
use crate::cluster::Node;
use crate::transport::Transport;

impl<T: Transport> Shared<T> {
    pub(super) async fn assign_as_leader(
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
        let topics: SortedSet<String> =
            members.iter().flat_map(|member| member.topics.iter().cloned()).collect();
        let names: Vec<String> = topics.iter().cloned().collect();
        let refreshed = self.cluster.metadata(Some(&names)).await;
        refreshed.inspect_err(|_| {
            self.state.borrow_mut().membership.want_rejoin("no metadata to assign by");
        })?;
        let metadata = self.cluster.cached_metadata();
        let counts: SortedMap<String, Option<usize>> =
            topics.into_iter().map(|topic| (topic.clone(), metadata.partition_count(&topic))).collect();
        let known = counts.iter().filter_map(|(topic, count)| {
            let partition_count = i32::try_from((*count)?).unwrap_or(i32::MAX);
            let replica_racks = metadata.replica_racks(topic);
            Some((topic.clone(), TopicMetadata { partition_count, replica_racks }))
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

    /// A static member that comes back as the leader has not assigned, and topics may have grown while it was away:
    /// what it assigned in its former life is read from the group.
    pub(super) async fn learn_assigned_counts(&self) {
        let group = self.group();
        let request = DescribeGroupsRequest { groups: vec![group.clone()], ..Default::default() };
        // If that fails it leads as well, and notices what changes from now on for other reasons.
        let Ok(response) = self.cluster.request(Node::Coordinator(group), request).await else { return };
        let mut counts: SortedMap<String, Option<usize>> = SortedMap::new();
        for member in response.groups.into_iter().flat_map(|group| group.members) {
            for topic in ConsumerSubscription::decode_topics(member.member_metadata).unwrap_or_default() {
                counts.entry(topic).or_default();
            }
            let assignment = ConsumerAssignment::decode(member.member_assignment).unwrap_or_default();
            for partition in assignment.partitions {
                *counts.entry(partition.topic).or_default().get_or_insert(0) += 1;
            }
        }
        self.state.borrow_mut().membership.assigned_counts = counts;
    }
}
