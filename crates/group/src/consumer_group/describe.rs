//! ConsumerGroupDescribe: epochs, and of each member what it owns and what it is to own. And who may commit offsets.

use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};

use super::{ConsumerGroup, ConsumerMember, Refusal};
use crate::assignor::{PartitionsByTopic, ServerAssignor};
use crate::topics::Topics;

/// Members of the consumer protocol commit from this version of OffsetCommit on.
const COMMIT_VERSION_WITH_EPOCHS: i16 = 9;

const CLASSIC_MEMBER: i8 = 0;
const CONSUMER_MEMBER: i8 = 1;

impl ConsumerGroup {
    pub fn describe(&self, group_id: &str, default: ServerAssignor, topics: &Topics) -> DescribedGroup {
        DescribedGroup {
            group_id: group_id.to_owned(),
            group_state: self.state().to_owned(),
            group_epoch: self.epoch(),
            assignment_epoch: self.assignment_epoch(),
            assignor_name: self.assignor_name(default).to_owned(),
            members: self.members().map(|member| self.describe_member(member, topics)).collect(),
            ..Default::default()
        }
    }

    fn describe_member(&self, member: ConsumerMember, topics: &Topics) -> Member {
        let is_classic = member.uses_classic_protocol();
        let target = self.targets.get(&member.id).cloned().unwrap_or_default();
        Member {
            instance_id: member.metadata.instance_id,
            rack_id: member.metadata.rack_id,
            member_epoch: member.current.epoch,
            client_id: member.metadata.client_id,
            client_host: member.metadata.client_host,
            subscribed_topic_names: member.metadata.subscribed_topic_names,
            subscribed_topic_regex: member.metadata.subscribed_topic_regex,
            assignment: described(&member.current.assigned, topics),
            target_assignment: described(&target, topics),
            member_type: if is_classic { CLASSIC_MEMBER } else { CONSUMER_MEMBER },
            member_id: member.id,
        }
    }

    /// Members commit in their own epoch; nobody else does while there are any.
    pub fn check_commit(
        &self,
        group_id: &str,
        api_version: i16,
        member_id: &str,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        if epoch < 0 && self.members.is_empty() {
            return Ok(());
        }
        let member = self.known_member(group_id, member_id).map_err(|Refusal { code, .. }| code)?;
        if !member.uses_classic_protocol() && api_version < COMMIT_VERSION_WITH_EPOCHS {
            return Err(ErrorCode::UnsupportedVersion);
        }
        check_epoch(&member, epoch)
    }

    /// Who says who it is must be that in its own epoch; anybody else may read.
    pub fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        let Some(member_id) = member_id else {
            return if epoch < 0 { Ok(()) } else { Err(ErrorCode::UnknownMemberId) };
        };
        check_epoch(&self.member(member_id).ok_or(ErrorCode::UnknownMemberId)?, epoch)
    }
}

fn check_epoch(member: &ConsumerMember, epoch: i32) -> Result<(), ErrorCode> {
    match epoch == member.current.epoch {
        true => Ok(()),
        false if member.uses_classic_protocol() => Err(ErrorCode::IllegalGeneration),
        false => Err(ErrorCode::StaleMemberEpoch),
    }
}

fn described(partitions: &PartitionsByTopic, topics: &Topics) -> Assignment {
    let known = partitions.iter().filter_map(|(id, partitions)| {
        let topic_name = topics.name(id)?.to_owned();
        Some(TopicPartitions { topic_id: *id, topic_name, partitions: partitions.clone() })
    });
    Assignment { topic_partitions: known.collect() }
}
