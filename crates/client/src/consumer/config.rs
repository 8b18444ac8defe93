//! How a consumer is set up, and what it counts.

use tablog_group::assignor::{Assignor, RebalanceProtocol};

/// Where to begin without a committed offset, or outside of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetReset {
    Earliest,
    #[default]
    Latest,
    /// `poll` says so.
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    #[default]
    ReadUncommitted,
    ReadCommitted,
}

impl IsolationLevel {
    pub(crate) fn code(self) -> i8 {
        self as i8
    }
}

/// Which protocol a member of a group speaks (KIP-848).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupProtocol {
    /// The members assign: JoinGroup, SyncGroup, Heartbeat.
    #[default]
    Classic,
    /// The coordinator assigns: ConsumerGroupHeartbeat. Session timeout and heartbeat interval are the broker's.
    Consumer,
}

/// Kafka's names and defaults. The client id is the cluster's.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    pub group_id: Option<String>,
    pub group_instance_id: Option<String>,
    pub group_protocol: GroupProtocol,
    /// The broker's assignor, with the consumer protocol; its own choice where none is named.
    pub group_remote_assignor: Option<String>,
    pub client_rack: Option<String>,
    /// With the classic protocol, in order of preference. Cooperative only if all of them are.
    pub partition_assignment_strategy: Vec<Assignor>,
    /// With the consumer protocol the broker's setting is in force; this says only after how long without an
    /// answer no more records are handed out.
    pub session_timeout_ms: u64,
    pub heartbeat_interval_ms: u64,
    /// The rebalance timeout as well.
    pub max_poll_interval_ms: u64,
    pub max_poll_records: usize,
    pub auto_offset_reset: OffsetReset,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: u64,
    pub fetch_min_bytes: usize,
    pub fetch_max_wait_ms: u64,
    pub fetch_max_bytes: usize,
    pub max_partition_fetch_bytes: usize,
    pub isolation_level: IsolationLevel,
    pub default_api_timeout_ms: u64,
}

impl Default for ConsumerConfig {
    fn default() -> ConsumerConfig {
        ConsumerConfig {
            group_id: None,
            group_instance_id: None,
            group_protocol: GroupProtocol::Classic,
            group_remote_assignor: None,
            client_rack: None,
            partition_assignment_strategy: vec![Assignor::Range, Assignor::CooperativeSticky],
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3_000,
            max_poll_interval_ms: 300_000,
            max_poll_records: 500,
            auto_offset_reset: OffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            fetch_min_bytes: 1,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            max_partition_fetch_bytes: 1_048_576,
            isolation_level: IsolationLevel::ReadUncommitted,
            default_api_timeout_ms: 60_000,
        }
    }
}

impl ConsumerConfig {
    pub(crate) fn rebalance_protocol(&self) -> RebalanceProtocol {
        let is_cooperative =
            |assignor: &Assignor| assignor.rebalance_protocol() == RebalanceProtocol::Cooperative;
        if self.partition_assignment_strategy.iter().all(is_cooperative) {
            RebalanceProtocol::Cooperative
        } else {
            RebalanceProtocol::Eager
        }
    }
}

/// What a consumer did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerMetrics {
    pub records_consumed: u64,
    /// Of fetched batches, as they were on the wire.
    pub bytes_fetched: u64,
    pub polls: u64,
    pub fetches: u64,
    pub fetches_failed: u64,
    pub heartbeats: u64,
    /// When the last one was sent, by the monotonic clock.
    pub heartbeat_last_ms: u64,
    pub rebalances: u64,
    /// From wanting to join to having the assignment.
    pub rebalance_last_ms: u64,
    pub commits: u64,
    pub commits_failed: u64,
    pub times_lost: u64,
}
