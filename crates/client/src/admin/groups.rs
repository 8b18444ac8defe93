//! Consumer groups: listed, described, deleted, their members removed.

use bytes::Bytes;
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, PROTOCOL_TYPE};
use tablog_record::{SortedSet, TopicPartition, stable_sort_by};
use tablog_wire::messages::describe_groups_response::DescribedGroup;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, LeaveGroupRequest, ListGroupsRequest,
};

use super::{Admin, Outcomes, outcome};
use crate::cluster::{Node, RequestOptions};
use crate::error::ClientError;
use crate::transport::Transport;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    pub group_id: String,
    pub protocol_type: String,
    /// Empty where the broker does not say.
    pub state: String,
    pub group_type: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub group_id: String,
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable` or `Dead`.
    pub state: String,
    pub protocol_type: String,
    /// The assignor, while there are members.
    pub protocol: String,
    pub members: Vec<MemberDescription>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub subscribed_topics: Vec<String>,
    pub assignment: SortedSet<TopicPartition>,
}

impl<T: Transport> Admin<T> {
    /// The groups of every broker. What a broker that cannot be asked coordinates is missing.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, ClientError> {
        let metadata = self.retried(async || self.cluster.metadata(Some(&[])).await).await?;
        let mut groups = Vec::new();
        let mut failed = None;
        for &node in metadata.brokers.keys() {
            let answer = self
                .retried(async || {
                    let response = self.cluster.request(Node::Id(node), ListGroupsRequest::default()).await?;
                    ClientError::check(response.error_code, None)?;
                    Ok(response)
                })
                .await;
            match answer {
                Ok(response) => groups.extend(response.groups.into_iter().map(|group| GroupListing {
                    group_id: group.group_id,
                    protocol_type: group.protocol_type,
                    state: group.group_state,
                    group_type: group.group_type,
                })),
                Err(error) => failed = Some(error),
            }
        }
        stable_sort_by(&mut groups, |a: &GroupListing, b| a.group_id.cmp(&b.group_id));
        match failed {
            Some(error) if groups.is_empty() => Err(error),
            _ => Ok(groups),
        }
    }

    pub async fn describe_groups(
        &self,
        groups: &[String],
    ) -> Result<Outcomes<String, GroupDescription>, ClientError> {
        self.by_coordinator(groups, async |at: &str, groups: Vec<String>| {
            let request = DescribeGroupsRequest { groups, include_authorized_operations: false };
            let response = self.cluster.request(Node::Coordinator(at.to_owned()), request).await?;
            let described = response.groups.into_iter().map(|group| {
                let (code, message) = (group.error_code, group.error_message.clone());
                (group.group_id.clone(), outcome(code, message.as_ref(), describe(group)))
            });
            Ok(described.collect())
        })
        .await
    }

    /// Groups without members only.
    pub async fn delete_groups(&self, groups: &[String]) -> Result<Outcomes<String, ()>, ClientError> {
        self.by_coordinator(groups, async |at: &str, groups_names: Vec<String>| {
            let request = DeleteGroupsRequest { groups_names };
            let response = self.cluster.request(Node::Coordinator(at.to_owned()), request).await?;
            let deleted = response.results.into_iter();
            Ok(deleted.map(|group| (group.group_id, outcome(group.error_code, None, ()))).collect())
        })
        .await
    }

    /// Makes these members leave, by member id.
    pub async fn remove_members(
        &self,
        group: &str,
        member_ids: &[String],
    ) -> Result<Outcomes<String, ()>, ClientError> {
        let response = self
            .retried(async || {
                let to = Node::Coordinator(group.to_owned());
                let answer = self
                    .cluster
                    .request_with(to, RequestOptions::default(), |version| {
                        leave_request(group, member_ids, version)
                    })
                    .await;
                answer
                    .and_then(|response| {
                        ClientError::check(response.error_code, None)?;
                        Ok(response)
                    })
                    .inspect_err(|error| {
                        if error.is_retriable() {
                            self.cluster.forget_coordinator(group);
                        }
                    })
            })
            .await?;
        if response.members.is_empty() {
            // Before version 3 there is one member and one code for it.
            return Ok(member_ids.iter().map(|member_id| (member_id.clone(), Ok(()))).collect());
        }
        let removed = response.members.into_iter();
        Ok(removed.map(|member| (member.member_id, outcome(member.error_code, None, ()))).collect())
    }
}

fn leave_request(group: &str, member_ids: &[String], version: i16) -> LeaveGroupRequest {
    let group_id = group.to_owned();
    if version < 3 {
        let member_id = member_ids.first().cloned().unwrap_or_default();
        return LeaveGroupRequest { group_id, member_id, members: Vec::new() };
    }
    let member = |member_id: &String| MemberIdentity {
        member_id: member_id.clone(),
        group_instance_id: None,
        reason: (version >= 5).then(|| "removed by an admin".to_owned()),
    };
    LeaveGroupRequest { group_id, member_id: String::new(), members: member_ids.iter().map(member).collect() }
}

fn describe(group: DescribedGroup) -> GroupDescription {
    let is_consumers = group.protocol_type == PROTOCOL_TYPE;
    // What cannot be read is shown as nothing: it is the members' affair.
    let topics = |metadata: Bytes| ConsumerSubscription::decode_topics(metadata).unwrap_or_default();
    let partitions = |assignment: Bytes| {
        ConsumerAssignment::decode(assignment).map(|it| it.partitions).unwrap_or_default()
    };
    let members = group.members.into_iter().map(|member| MemberDescription {
        member_id: member.member_id,
        group_instance_id: member.group_instance_id,
        client_id: member.client_id,
        client_host: member.client_host,
        subscribed_topics: if is_consumers { topics(member.member_metadata) } else { Vec::new() },
        assignment: match is_consumers {
            true => partitions(member.member_assignment).into_iter().collect(),
            false => SortedSet::new(),
        },
    });
    GroupDescription {
        group_id: group.group_id,
        state: group.group_state,
        protocol_type: group.protocol_type,
        protocol: group.protocol_data,
        members: members.collect(),
    }
}
