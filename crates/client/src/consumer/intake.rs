//! What a fetch asks for, and what its answer means for each partition.
//!
//! Never knows: connections, when to fetch.

use tablog_record::{SortedMap, TopicPartition, batches, stable_sort};
use tablog_wire::ErrorCode;
use tablog_wire::messages::FetchRequest;
use tablog_wire::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
use tablog_wire::messages::fetch_response::PartitionData;

use super::fetch_session::{Asked, SessionRequest};
use super::fetcher::PATIENCE_MS;
use super::position::{Position, Progress, ResetTo};
use super::{ConsumerConfig, OffsetReset, State, Subscription};
use crate::error::ConsumeError;

impl State {
    /// By the reset policy; `position`: where reading was refused.
    pub(super) fn reset(
        &mut self,
        config: &ConsumerConfig,
        partition: &TopicPartition,
        position: Option<i64>,
    ) {
        let to = match config.auto_offset_reset {
            OffsetReset::Earliest => Position::Reset(ResetTo::Earliest),
            OffsetReset::Latest => Position::Reset(ResetTo::Latest),
            OffsetReset::None => Position::Lost,
        };
        let token = self.token();
        if let Some(assigned) = self.partitions.get_mut(partition) {
            assigned.seek(to, token);
        }
        if to == Position::Lost {
            self.report(ConsumeError::NoOffset { partition: partition.clone(), position });
        }
    }

    /// What a fetch says of one partition. Whether the metadata may be wrong.
    pub(super) fn take_in(
        &mut self,
        config: &ConsumerConfig,
        partition: TopicPartition,
        data: PartitionData,
        (now_ms, retry_at_ms): (u64, u64),
    ) -> bool {
        let Some(assigned) = self.partitions.get_mut(&partition) else { return false };
        match ErrorCode::from_code(data.error_code) {
            ErrorCode::NONE => {}
            ErrorCode::OffsetOutOfRange => {
                let position = assigned.fetch_offset;
                if assigned.buffered_bytes() == 0 {
                    self.reset(config, &partition, Some(position));
                } else {
                    // Asked again from where reading really is.
                    assigned.forget_buffered();
                }
                return false;
            }
            code if code.is_retriable() || code == ErrorCode::FencedLeaderEpoch => {
                assigned.not_before_ms = retry_at_ms;
                return true;
            }
            code => {
                assigned.not_before_ms = now_ms + PATIENCE_MS;
                self.report(ConsumeError::Partition { partition, code });
                return false;
            }
        }
        assigned.high_watermark = Some(data.high_watermark);
        assigned.log_start_offset = Some(data.log_start_offset).filter(|&offset| offset >= 0);
        if config.isolation_level == super::IsolationLevel::ReadCommitted {
            for aborted in data.aborted_transactions.into_iter().flatten() {
                assigned.note_aborted(aborted.first_offset, aborted.producer_id);
            }
        }
        let records = data.records.unwrap_or_default();
        let is_empty = records.is_empty();
        let mut has_progressed = is_empty;
        let mut bytes = 0;
        let mut broken = None;
        for batch in batches(records) {
            match batch {
                Ok(batch) => {
                    bytes += batch.bytes().len() as u64;
                    has_progressed |= assigned.buffer(batch) == Progress::Made;
                }
                Err(error) => broken = Some(error.to_string()),
            }
        }
        if let Some(detail) =
            broken.or_else(|| (!has_progressed).then(|| "nothing whole was fetched".to_owned()))
        {
            let offset = assigned.fetch_offset;
            assigned.not_before_ms = now_ms + PATIENCE_MS;
            self.report(ConsumeError::Corrupt { partition, offset, detail });
        }
        self.metrics.bytes_fetched += bytes;
        false
    }

    /// Topics whose metadata is needed.
    pub(super) fn topics(&self) -> Vec<String> {
        let mut topics: Vec<String> = match &self.subscription {
            Subscription::Topics(topics) => topics.iter().cloned().collect(),
            _ => Vec::new(),
        };
        topics.extend(self.partitions.keys().map(|partition| partition.topic.clone()));
        topics.extend(self.membership.assigned_counts.keys().cloned());
        stable_sort(&mut topics);
        topics.dedup();
        topics
    }
}

pub(super) fn fetch_request(
    config: &ConsumerConfig,
    version: i16,
    session: SessionRequest,
    wanted: &SortedMap<TopicPartition, Asked>,
) -> FetchRequest {
    let bytes_max = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
    // Sessions exist since version 7.
    let (named, forgotten) =
        if version >= 7 { (&session.named, session.forgotten) } else { (wanted, Vec::new()) };
    let mut topics: SortedMap<&str, Vec<FetchPartition>> = SortedMap::new();
    for (partition, asked) in named {
        topics.entry(&partition.topic).or_default().push(FetchPartition {
            partition: partition.partition,
            current_leader_epoch: if version >= 9 { asked.leader_epoch } else { -1 },
            fetch_offset: asked.offset,
            partition_max_bytes: bytes_max(config.max_partition_fetch_bytes),
            ..Default::default()
        });
    }
    let mut forgotten_topics: SortedMap<String, Vec<i32>> = SortedMap::new();
    for partition in forgotten {
        forgotten_topics.entry(partition.topic).or_default().push(partition.partition);
    }
    FetchRequest {
        max_wait_ms: i32::try_from(config.fetch_max_wait_ms).unwrap_or(i32::MAX),
        min_bytes: bytes_max(config.fetch_min_bytes),
        max_bytes: bytes_max(config.fetch_max_bytes),
        isolation_level: config.isolation_level.code(),
        session_id: if version >= 7 { session.id } else { 0 },
        session_epoch: if version >= 7 { session.epoch } else { -1 },
        topics: topics
            .into_iter()
            .map(|(topic, partitions)| FetchTopic {
                topic: topic.to_owned(),
                partitions,
                ..Default::default()
            })
            .collect(),
        forgotten_topics_data: forgotten_topics
            .into_iter()
            .map(|(topic, partitions)| ForgottenTopic { topic, partitions, ..Default::default() })
            .collect(),
        ..Default::default()
    }
}
