//! What a call on a shard asks its owner to do.
//!
//! The owner appends `records` to the partition's log and hands each to `replay` at once, in order. It lets go of
//! `replies` when those records, and all that were appended before them, are durable. If they cannot be made
//! durable it drops the shard, makes a new one from the durable log and answers what it holds with an error.

use tablog_wire::messages::consumer_group_describe_response::DescribedGroup as DescribedConsumerGroup;
use tablog_wire::messages::delete_groups_response::DeletableGroupResult;
use tablog_wire::messages::describe_groups_response::DescribedGroup;
use tablog_wire::messages::list_groups_response::ListedGroup;
use tablog_wire::messages::offset_fetch_response::OffsetFetchResponseGroup;
use tablog_wire::messages::{
    ConsumerGroupHeartbeatResponse, HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse,
    OffsetCommitResponse, OffsetDeleteResponse, SyncGroupResponse,
};

use crate::coordinator_record::CoordinatorRecord;
use crate::event::GroupEvent;

/// Who asked: a number of the owner's choosing, never used twice for one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo(pub u64);

/// Who sent a request, and in which version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientContext {
    pub client_id: String,
    pub client_host: String,
    pub api_version: i16,
}

#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Decision {
    pub records: Vec<CoordinatorRecord>,
    pub replies: Vec<(ReplyTo, GroupReply)>,
    pub events: Vec<GroupEvent>,
}

/// Where one request is about groups of several shards, the reply is this shard's part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupReply {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    Leave(LeaveGroupResponse),
    OffsetCommit(OffsetCommitResponse),
    OffsetFetch(Vec<OffsetFetchResponseGroup>),
    OffsetDelete(OffsetDeleteResponse),
    Describe(Vec<DescribedGroup>),
    List(Vec<ListedGroup>),
    ConsumerHeartbeat(ConsumerGroupHeartbeatResponse),
    ConsumerDescribe(Vec<DescribedConsumerGroup>),
    Delete(Vec<DeletableGroupResult>),
}

impl Decision {
    pub(crate) fn reply(&mut self, to: ReplyTo, reply: GroupReply) {
        self.replies.push((to, reply));
    }
}
