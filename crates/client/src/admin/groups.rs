//! Groups of both kinds: listed, described, deleted, their members removed.

use bytes::Bytes;
use tablog_group::consumer_protocol::{ConsumerAssignment, ConsumerSubscription, PROTOCOL_TYPE};
use tablog_record::{SortedSet, TopicPartition, stable_sort_by};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup as DescribedConsumerGroup,
};
use tablog_wire::messages::describe_groups_response::DescribedGroup;
use tablog_wire::messages::leave_group_request::MemberIdentity;
use tablog_wire::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, DeleteGroupsRequest, DescribeGroupsRequest,
    LeaveGroupRequest, ListGroupsRequest,
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
    /// `Classic` or `Consumer`; empty where the broker does not say.
    pub group_type: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub group_id: String,
    pub group_type: GroupType,
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable` or `Dead`; of the consumer kind `Empty`,
    /// `Assigning`, `Reconciling`, `Stable` or `Dead`.
    pub state: String,
    pub protocol_type: String,
    /// The assignor, while there are members.
    pub protocol: String,
    /// Of the consumer kind only.
    pub epochs: Option<GroupEpochs>,
    pub members: Vec<MemberDescription>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupType {
    #[default]
    Classic,
    /// KIP-848: the coordinator assigns.
    Consumer,
}

impl GroupType {
    pub fn name(self) -> &'static str {
        match self {
            GroupType::Classic => "Classic",
            GroupType::Consumer => "Consumer",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEpochs {
    pub group_epoch: i32,
    /// Of the target assignment: behind the group's while it is computed.
    pub assignment_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub subscribed_topics: Vec<String>,
    /// What it owns, as far as the coordinator knows.
    pub assignment: SortedSet<TopicPartition>,
    /// Of groups of the consumer kind only.
    pub progress: Option<MemberProgress>,
}

/// How far a member of a consumer group has come on its way to its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberProgress {
    pub member_epoch: i32,
    pub target_assignment: SortedSet<TopicPartition>,
    pub rack_id: Option<String>,
    pub subscribed_pattern: Option<String>,
    /// Which protocol it speaks; `None` where the broker does not say.
    pub protocol: Option<GroupType>,
}

impl<T: Transport> Admin<T> {
    /// The groups of every broker. What a broker that cannot be asked coordinates is missing.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, ClientError> {
        self.list_groups_of(&[]).await
    }

    /// Those of these types only; of all where none is named.
    pub async fn list_groups_of(&self, types: &[GroupType]) -> Result<Vec<GroupListing>, ClientError> {
        let metadata = self.retried(async || self.cluster.metadata(Some(&[])).await).await?;
        let mut groups = Vec::new();
        let mut failed = None;
        for &node in metadata.brokers.keys() {
            let answer = self
                .retried(async || {
                    let names: Vec<String> = types.iter().map(|it| it.name().to_owned()).collect();
                    let request = |_| ListGroupsRequest { types_filter: names, ..Default::default() };
                    let options = RequestOptions::default();
                    let response = self.cluster.request_with(Node::Id(node), options, request).await?;
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

    /// Whatever kind they are of.
    pub async fn describe_groups(
        &self,
        groups: &[String],
    ) -> Result<Outcomes<String, GroupDescription>, ClientError> {
        let mut outcomes = self.describe_consumer_groups(groups).await?;
        let is_other = |error: &ClientError| {
            let code = error.code();
            matches!(error, ClientError::UnsupportedVersion { .. })
                || matches!(code, Some(ErrorCode::GroupIdNotFound | ErrorCode::UnsupportedVersion))
        };
        let others = outcomes.iter().filter(|(_, outcome)| outcome.as_ref().is_err_and(is_other));
        let others: Vec<String> = others.map(|(group, _)| group.clone()).collect();
        if !others.is_empty() {
            outcomes.extend(self.describe_classic_groups(&others).await?);
        }
        Ok(outcomes)
    }

    async fn describe_consumer_groups(
        &self,
        groups: &[String],
    ) -> Result<Outcomes<String, GroupDescription>, ClientError> {
        self.by_coordinator(groups, async |at: &str, group_ids: Vec<String>| {
            let request = ConsumerGroupDescribeRequest { group_ids, ..Default::default() };
            let response = self.cluster.request(Node::Coordinator(at.to_owned()), request).await?;
            let described = response.groups.into_iter().map(|group| {
                let (code, message) = (group.error_code, group.error_message.clone());
                (group.group_id.clone(), outcome(code, message.as_ref(), describe_consumer_group(group)))
            });
            Ok(described.collect())
        })
        .await
    }

    async fn describe_classic_groups(
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

    /// Makes these members leave, by member id. A member of the consumer protocol leaves by its last heartbeat,
    /// which anybody may send who knows its id.
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
        let mut outcomes = Outcomes::new();
        for member in response.members {
            let mut outcome = outcome(member.error_code, None, ());
            if member.error_code == ErrorCode::UnknownMemberId.code() {
                outcome = self.say_farewell_for(group, &member.member_id).await;
            }
            outcomes.insert(member.member_id, outcome);
        }
        Ok(outcomes)
    }

    async fn say_farewell_for(&self, group: &str, member_id: &str) -> Result<(), ClientError> {
        let request = ConsumerGroupHeartbeatRequest {
            group_id: group.to_owned(),
            member_id: member_id.to_owned(),
            member_epoch: -1,
            rebalance_timeout_ms: -1,
            ..Default::default()
        };
        let response = self.cluster.request(Node::Coordinator(group.to_owned()), request).await?;
        // A group of the classic kind, or none: then the member is not known either.
        match ErrorCode::from_code(response.error_code) {
            ErrorCode::GroupIdNotFound => ClientError::check(ErrorCode::UnknownMemberId.code(), None),
            code => ClientError::check(code.code(), response.error_message.as_ref()),
        }
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
        progress: None,
    });
    GroupDescription {
        group_id: group.group_id,
        group_type: GroupType::Classic,
        state: group.group_state,
        protocol_type: group.protocol_type,
        protocol: group.protocol_data,
        epochs: None,
        members: members.collect(),
    }
}

fn describe_consumer_group(group: DescribedConsumerGroup) -> GroupDescription {
    let epochs = GroupEpochs { group_epoch: group.group_epoch, assignment_epoch: group.assignment_epoch };
    let members = group.members.into_iter().map(|member| MemberDescription {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        client_id: member.client_id,
        client_host: member.client_host,
        subscribed_topics: member.subscribed_topic_names,
        assignment: partitions_of(member.assignment),
        progress: Some(MemberProgress {
            member_epoch: member.member_epoch,
            target_assignment: partitions_of(member.target_assignment),
            rack_id: member.rack_id,
            subscribed_pattern: member.subscribed_topic_regex.filter(|pattern| !pattern.is_empty()),
            protocol: match member.member_type {
                0 => Some(GroupType::Classic),
                1 => Some(GroupType::Consumer),
                _ => None,
            },
        }),
    });
    GroupDescription {
        group_id: group.group_id,
        group_type: GroupType::Consumer,
        state: group.group_state,
        protocol_type: PROTOCOL_TYPE.to_owned(),
        protocol: group.assignor_name,
        epochs: Some(epochs),
        members: members.collect(),
    }
}

fn partitions_of(assignment: Assignment) -> SortedSet<TopicPartition> {
    let topics = assignment.topic_partitions.into_iter();
    let partitions = topics.flat_map(|topic| {
        let name = topic.topic_name;
        topic.partitions.into_iter().map(move |index| TopicPartition::new(name.clone(), index))
    });
    partitions.collect()
}
