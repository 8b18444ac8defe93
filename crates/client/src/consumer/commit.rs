//! Committed offsets: written by hand, regularly, and before partitions are given up; read when a partition
//! is assigned.
//!
//! Never knows: fetching.

use std::rc::Rc;
use tablog_record::{SortedMap, TopicPartition};
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use tablog_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use tablog_wire::messages::{OffsetCommitRequest, OffsetFetchRequest};

use super::membership::MemberId;
use super::position::{Assigned, Position};
use super::{GroupProtocol, IsolationLevel, Shared, State};
use crate::alarm::Alarm;
use crate::broker_connection::race;
use crate::cluster::{Node, RequestOptions};
use crate::error::{ClientError, ConsumeError};
use crate::transport::Transport;

/// The next record to read, with a note of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAndMetadata {
    pub offset: i64,
    /// -1 where it is not known.
    pub leader_epoch: i32,
    pub metadata: String,
}

impl OffsetAndMetadata {
    pub fn new(offset: i64) -> OffsetAndMetadata {
        OffsetAndMetadata { offset, leader_epoch: -1, metadata: String::new() }
    }
}

pub(crate) type Offsets = SortedMap<TopicPartition, OffsetAndMetadata>;

/// Which positions a commit tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    AsGiven,
    /// Where reading stands when there is a connection: another commit may have gone ahead meanwhile.
    WhenSent,
}

enum CommitFailure {
    Retry(ClientError),
    Final(ConsumeError),
}

/// Every `auto_commit_interval_ms`, what was processed since.
pub(super) async fn commit_regularly<T: Transport>(shared: Rc<Shared<T>>) {
    if !shared.config.enable_auto_commit || shared.config.group_id.is_none() {
        return;
    }
    let mut alarm = Alarm::default();
    let mut next_ms = shared.cluster.now_ms().saturating_add(shared.config.auto_commit_interval_ms);
    loop {
        let has_any = shared.until(|state| match state.is_closed {
            true => Some(false),
            false if state.membership.is_joining => None,
            false => (!state.uncommitted().is_empty()).then_some(true),
        });
        if !has_any.await {
            return;
        }
        if shared.cluster.now_ms() < next_ms {
            race(shared.changed.changed(), alarm.rings(shared.cluster.transport(), Some(next_ms))).await;
            continue;
        }
        let offsets = shared.state.borrow().uncommitted();
        // A failure is counted; the next interval tries again.
        let _ = shared.try_commit(&offsets, Told::WhenSent).await;
        next_ms = shared.cluster.now_ms().saturating_add(shared.config.auto_commit_interval_ms);
    }
}

impl State {
    /// Where reading stands: what `poll` handed out counts as processed.
    pub fn positions_to_commit(&self) -> SortedMap<TopicPartition, OffsetAndMetadata> {
        let entry = |(partition, assigned): (&TopicPartition, &Assigned)| match assigned.position() {
            Position::At { offset, leader_epoch } => {
                Some((partition.clone(), OffsetAndMetadata { offset, leader_epoch, metadata: String::new() }))
            }
            _ => None,
        };
        self.partitions.iter().filter_map(entry).collect()
    }

    /// Which assignment of each partition it is that stands; none, where one is not assigned.
    fn assignments_of(&self, offsets: &Offsets) -> Option<Vec<u64>> {
        offsets.keys().map(|partition| Some(self.partitions.get(partition)?.assignment)).collect()
    }

    /// What was processed and is not known to be committed.
    pub fn uncommitted(&self) -> Offsets {
        let mut offsets = Offsets::new();
        for (partition, assigned) in &self.partitions {
            if let Some((offset, leader_epoch)) = assigned.committable
                && assigned.committed != Some(offset)
            {
                let entry = OffsetAndMetadata { offset, leader_epoch, metadata: String::new() };
                offsets.insert(partition.clone(), entry);
            }
        }
        offsets
    }
}

impl<T: Transport> Shared<T> {
    /// Tries until it is done, refused, or `default_api_timeout_ms` passed.
    pub async fn commit(&self, offsets: Offsets) -> Result<(), ConsumeError> {
        let deadline_ms = self.cluster.now_ms().saturating_add(self.config.default_api_timeout_ms);
        let member = self.member();
        let join_epoch = self.state.borrow().join_epoch;
        let assignments = self.state.borrow().assignments_of(&offsets);
        let mut attempts = 0;
        loop {
            // Meanwhile the partitions may have gone to somebody else, who is further on; and come back.
            if attempts > 0 && !self.is_still_owner(&member, join_epoch, &offsets, assignments.as_deref()) {
                let code = ErrorCode::RebalanceInProgress;
                return Err(ConsumeError::CommitFailed { code });
            }
            match self.try_commit(&offsets, Told::AsGiven).await {
                Ok(()) => return Ok(()),
                Err(CommitFailure::Final(error)) => return Err(error),
                Err(CommitFailure::Retry(error)) if self.cluster.now_ms() >= deadline_ms => {
                    return Err(error.into());
                }
                Err(CommitFailure::Retry(_)) => {
                    let backoff_ms = self.cluster.retry_backoff_ms(attempts);
                    self.cluster.sleep(backoff_ms).await;
                    attempts += 1;
                }
            }
        }
    }

    /// Whether what was to be committed a while ago may still be. Epochs come and go with the consumer protocol; what
    /// matters is that the partitions never left us, but for the subscription of somebody who assigns by hand.
    fn is_still_owner(
        &self,
        member: &(i32, String),
        join_epoch: u64,
        offsets: &Offsets,
        assignments: Option<&[u64]>,
    ) -> bool {
        if self.config.group_protocol == GroupProtocol::Classic {
            return self.member() == *member;
        }
        let state = self.state.borrow();
        if !state.subscription.is_of_group() {
            return state.join_epoch == join_epoch;
        }
        let is_member = state.membership.is_member() && state.membership.member_id == member.1;
        is_member
            && state.join_epoch == join_epoch
            && assignments.is_some()
            && state.assignments_of(offsets).as_deref() == assignments
    }

    /// Who commits: the generation and the member's id.
    fn member(&self) -> (i32, String) {
        let state = self.state.borrow();
        (state.membership.generation, state.membership.member_id.clone())
    }

    /// One attempt; what fails is only counted.
    pub async fn commit_once(&self, offsets: &Offsets) -> Result<(), ConsumeError> {
        self.try_commit(offsets, Told::AsGiven).await.map_err(|failure| match failure {
            CommitFailure::Retry(error) => error.into(),
            CommitFailure::Final(error) => error,
        })
    }

    async fn try_commit(&self, offsets: &Offsets, told: Told) -> Result<(), CommitFailure> {
        if offsets.is_empty() {
            return Ok(());
        }
        let Some(group) = self.config.group_id.clone() else {
            return Err(CommitFailure::Final(ConsumeError::NoGroup));
        };
        let (generation, member_id) = self.member();
        let is_member = generation >= 0;
        if !is_member && self.state.borrow().subscription.is_of_group() {
            let code = ErrorCode::UnknownMemberId;
            return Err(CommitFailure::Final(ConsumeError::CommitFailed { code }));
        }
        let instance_id = self.config.group_instance_id.clone();
        let options = RequestOptions { max_version: Some(9), ..RequestOptions::default() };
        let mut offsets = offsets.clone();
        let answer = self
            .cluster
            .request_with(Node::Coordinator(group.clone()), options, |version| {
                if told == Told::WhenSent {
                    offsets = self.state.borrow().uncommitted();
                }
                OffsetCommitRequest {
                    group_id: group.clone(),
                    generation_id_or_member_epoch: generation,
                    member_id: if is_member { member_id } else { String::new() },
                    group_instance_id: instance_id.filter(|_| version >= 7 && is_member),
                    topics: topics_of(&offsets),
                    ..Default::default()
                }
            })
            .await;
        let result = match answer {
            Ok(response) => {
                let codes = response.topics.into_iter().flat_map(|topic| {
                    let name = topic.name;
                    topic.partitions.into_iter().map(move |partition| {
                        let code = ErrorCode::from_code(partition.error_code);
                        (TopicPartition::new(name.clone(), partition.partition_index), code)
                    })
                });
                self.judge(&group, generation, &offsets, codes.collect())
            }
            Err(error) if error.is_retriable() => {
                self.cluster.forget_coordinator(&group);
                Err(CommitFailure::Retry(error))
            }
            Err(error) => Err(CommitFailure::Final(error.into())),
        };
        let mut state = self.state.borrow_mut();
        match result {
            Ok(()) => state.metrics.commits += 1,
            Err(_) => state.metrics.commits_failed += 1,
        }
        result
    }

    fn judge(
        &self,
        group: &str,
        generation: i32,
        offsets: &Offsets,
        codes: Vec<(TopicPartition, ErrorCode)>,
    ) -> Result<(), CommitFailure> {
        let mut result = Ok(());
        let mut state = self.state.borrow_mut();
        let is_current = state.membership.generation == generation;
        let is_consumer_protocol = self.config.group_protocol == GroupProtocol::Consumer;
        for (partition, code) in codes {
            match code {
                ErrorCode::NONE => {
                    let offset = offsets.get(&partition).map(|committed| committed.offset);
                    if let Some(assigned) = state.partitions.get_mut(&partition) {
                        assigned.committed = offset;
                    }
                }
                // The answer to a heartbeat is on its way with another epoch.
                ErrorCode::StaleMemberEpoch if is_consumer_protocol => {
                    result = Err(CommitFailure::Retry(ClientError::Refused { code, message: None }));
                }
                ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch if is_consumer_protocol => {
                    // What that means the next heartbeat is told.
                    state.membership.next_heartbeat_ms = 0;
                    self.changed.raise();
                    return Err(CommitFailure::Final(ConsumeError::CommitFailed { code }));
                }
                ErrorCode::UnknownMemberId
                | ErrorCode::IllegalGeneration
                | ErrorCode::RebalanceInProgress => {
                    if is_current && generation >= 0 {
                        match code {
                            ErrorCode::UnknownMemberId => {
                                state.membership.reset(MemberId::Forget, "commit: unknown member id");
                            }
                            ErrorCode::IllegalGeneration => {
                                state.membership.reset(MemberId::Keep, "commit: illegal generation");
                            }
                            _ => state.membership.want_rejoin("commit: rebalance in progress"),
                        }
                        self.changed.raise();
                    }
                    return Err(CommitFailure::Final(ConsumeError::CommitFailed { code }));
                }
                ErrorCode::FencedInstanceId => {
                    return Err(CommitFailure::Final(ConsumeError::CommitFailed { code }));
                }
                code if code.is_retriable() => {
                    if matches!(code, ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable) {
                        self.cluster.forget_coordinator(group);
                    }
                    result = Err(CommitFailure::Retry(ClientError::Refused { code, message: None }));
                }
                code => return Err(CommitFailure::Final(ConsumeError::Partition { partition, code })),
            }
        }
        result
    }

    /// Committed offsets, retried like a commit.
    pub async fn committed(&self, partitions: &[TopicPartition]) -> Result<Offsets, ConsumeError> {
        let deadline_ms = self.cluster.now_ms().saturating_add(self.config.default_api_timeout_ms);
        let mut attempts = 0;
        loop {
            match self.try_committed(partitions).await {
                Err(ConsumeError::Client { error })
                    if self.may_come_right(&error) && self.cluster.now_ms() < deadline_ms =>
                {
                    self.cluster.sleep(self.cluster.retry_backoff_ms(attempts)).await;
                    attempts += 1;
                }
                result => return result,
            }
        }
    }

    /// A member in an old epoch is told the new one by its next heartbeat, or that it is none.
    pub(super) fn may_come_right(&self, error: &ClientError) -> bool {
        let is_of_epoch =
            matches!(error.code(), Some(ErrorCode::StaleMemberEpoch | ErrorCode::UnknownMemberId));
        error.is_retriable() || (is_of_epoch && self.config.group_protocol == GroupProtocol::Consumer)
    }

    /// One attempt. Partitions without a committed offset are left out.
    pub async fn try_committed(&self, partitions: &[TopicPartition]) -> Result<Offsets, ConsumeError> {
        let Some(group) = self.config.group_id.clone() else { return Err(ConsumeError::NoGroup) };
        let mut topics: SortedMap<String, Vec<i32>> = SortedMap::new();
        for partition in partitions {
            topics.entry(partition.topic.clone()).or_default().push(partition.partition);
        }
        let is_committed = self.config.isolation_level == IsolationLevel::ReadCommitted;
        let (generation, member_id) = self.member();
        let is_consumer_protocol = self.config.group_protocol == GroupProtocol::Consumer;
        // From version 8 on it is a list of groups; version 7 says the same of one. From 9 on a member says who it is.
        let max_version = if is_consumer_protocol { 9 } else { 7 };
        let options = RequestOptions { max_version: Some(max_version), ..RequestOptions::default() };
        let answer =
            self.cluster
                .request_with(Node::Coordinator(group.clone()), options, |version| {
                    let require_stable = version >= 7 && is_committed;
                    if version < 8 {
                        let topics = topics.into_iter().map(|(name, partition_indexes)| {
                            OffsetFetchRequestTopic { name, partition_indexes }
                        });
                        let topics = Some(topics.collect());
                        return OffsetFetchRequest {
                            group_id: group.clone(),
                            topics,
                            require_stable,
                            ..Default::default()
                        };
                    }
                    let topics = topics.into_iter().map(|(name, partition_indexes)| {
                        OffsetFetchRequestTopics { name, partition_indexes, ..Default::default() }
                    });
                    let is_member = version >= 9 && generation >= 0;
                    let of_group = OffsetFetchRequestGroup {
                        group_id: group.clone(),
                        member_id: is_member.then_some(member_id),
                        member_epoch: if is_member { generation } else { -1 },
                        topics: Some(topics.collect()),
                    };
                    OffsetFetchRequest { groups: vec![of_group], require_stable, ..Default::default() }
                })
                .await;
        let response = answer.inspect_err(|error| {
            if error.is_retriable() {
                self.cluster.forget_coordinator(&group);
            }
        })?;
        let mut offsets = Offsets::new();
        let mut codes = vec![response.error_code];
        // The two shapes of an answer say the same of a partition.
        macro_rules! take {
            ($topics:expr) => {
                for topic in $topics {
                    for partition in topic.partitions {
                        codes.push(partition.error_code);
                        if partition.error_code == 0 && partition.committed_offset >= 0 {
                            let committed = OffsetAndMetadata {
                                offset: partition.committed_offset,
                                leader_epoch: partition.committed_leader_epoch,
                                metadata: partition.metadata.unwrap_or_default(),
                            };
                            let partition = TopicPartition::new(&*topic.name, partition.partition_index);
                            offsets.insert(partition, committed);
                        }
                    }
                }
            };
        }
        take!(response.topics);
        let of_group = response.groups.into_iter().next().unwrap_or_default();
        take!(of_group.topics);
        codes.push(of_group.error_code);
        for code in codes {
            // A topic that is not there yet has no committed offset either.
            if code == ErrorCode::UnknownTopicOrPartition.code() {
                continue;
            }
            ClientError::check(code, None).inspect_err(|error| {
                if matches!(
                    error.code(),
                    Some(ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable)
                ) {
                    self.cluster.forget_coordinator(&group);
                }
            })?;
        }
        Ok(offsets)
    }
}

fn topics_of(offsets: &Offsets) -> Vec<OffsetCommitRequestTopic> {
    let mut topics: SortedMap<&str, Vec<OffsetCommitRequestPartition>> = SortedMap::new();
    for (partition, committed) in offsets {
        topics.entry(&partition.topic).or_default().push(OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: committed.offset,
            committed_leader_epoch: committed.leader_epoch,
            committed_metadata: Some(committed.metadata.clone()),
        });
    }
    topics
        .into_iter()
        .map(|(name, partitions)| OffsetCommitRequestTopic {
            name: name.to_owned(),
            partitions,
            ..Default::default()
        })
        .collect()
}
