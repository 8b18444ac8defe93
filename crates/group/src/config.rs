//! What a broker's settings say about groups, with Apache Kafka's names and defaults.

use crate::assignor::ServerAssignor;
use crate::limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.min.session.timeout.ms`
    pub group_min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`
    pub group_max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`
    pub group_initial_rebalance_delay_ms: u64,
    /// `group.max.size`
    pub group_max_size: usize,
    /// How long a new member's JoinGroup may wait; it has no session to expire before it knows its id.
    pub new_member_join_timeout_ms: u64,
    /// `offset.metadata.max.bytes`
    pub offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check_interval_ms: u64,
    /// `group.consumer.assignors`: the first is the one that a group gets where nobody asks for any.
    pub consumer_assignors: [Option<ServerAssignor>; 2],
    /// `group.consumer.max.size`
    pub consumer_max_size: usize,
    /// `group.consumer.migration.policy`
    pub consumer_migration_policy: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`
    pub consumer_regex_refresh_interval_ms: i64,
    /// `group.consumer.session.timeout.ms` and `group.consumer.heartbeat.interval.ms`, where a group has none of
    /// its own.
    pub consumer: GroupSettings,
}

/// What can be set for one group: `consumer.session.timeout.ms` and `consumer.heartbeat.interval.ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    pub session_timeout_ms: u64,
    pub heartbeat_interval_ms: i32,
}

/// Whether groups with members go from the classic protocol to the consumer protocol, and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationPolicy {
    Bidirectional,
    Upgrade,
    Downgrade,
    Disabled,
}

impl MigrationPolicy {
    pub fn from_name(name: &str) -> Option<MigrationPolicy> {
        match name.to_ascii_lowercase().as_str() {
            "bidirectional" => Some(MigrationPolicy::Bidirectional),
            "upgrade" => Some(MigrationPolicy::Upgrade),
            "downgrade" => Some(MigrationPolicy::Downgrade),
            "disabled" => Some(MigrationPolicy::Disabled),
            _ => None,
        }
    }

    pub(crate) fn allows_upgrade(self) -> bool {
        matches!(self, MigrationPolicy::Bidirectional | MigrationPolicy::Upgrade)
    }

    pub(crate) fn allows_downgrade(self) -> bool {
        matches!(self, MigrationPolicy::Bidirectional | MigrationPolicy::Downgrade)
    }
}

impl GroupConfig {
    pub(crate) fn consumer_default_assignor(&self) -> ServerAssignor {
        self.consumer_assignors[0].unwrap_or(ServerAssignor::Uniform)
    }
}

impl Default for GroupConfig {
    fn default() -> GroupConfig {
        GroupConfig {
            group_min_session_timeout_ms: 6_000,
            group_max_session_timeout_ms: 1_800_000,
            group_initial_rebalance_delay_ms: 3_000,
            group_max_size: limits::MEMBERS_PER_GROUP_MAX,
            new_member_join_timeout_ms: 300_000,
            offset_metadata_max_bytes: 4_096,
            offsets_retention_ms: 10_080 * 60_000,
            offsets_retention_check_interval_ms: 600_000,
            consumer_assignors: [Some(ServerAssignor::Uniform), Some(ServerAssignor::Range)],
            consumer_max_size: limits::MEMBERS_PER_GROUP_MAX,
            consumer_migration_policy: MigrationPolicy::Bidirectional,
            consumer_regex_refresh_interval_ms: 600_000,
            consumer: GroupSettings { session_timeout_ms: 45_000, heartbeat_interval_ms: 5_000 },
        }
    }
}
