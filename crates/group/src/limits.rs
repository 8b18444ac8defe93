//! Every bound of this crate. What lies beyond one is refused with the error code that is named here.

/// Members of one group, waiting ones included: GROUP_MAX_SIZE_REACHED. `group.max.size` may ask for fewer.
pub const MEMBERS_PER_GROUP_MAX: usize = 10_000;

/// Member ids given out and not yet used, in one group: GROUP_MAX_SIZE_REACHED.
pub const PENDING_MEMBERS_PER_GROUP_MAX: usize = 10_000;

/// Groups of one shard: POLICY_VIOLATION.
pub const GROUPS_PER_SHARD_MAX: usize = 100_000;

/// Length of a group id; longer ones could not be a record's key: INVALID_GROUP_ID.
pub const GROUP_ID_BYTES_MAX: usize = 4_096;

/// Length of an instance id, of a protocol's name and of a protocol type: INVALID_REQUEST.
pub const NAME_BYTES_MAX: usize = 1_024;

/// What is kept of a client id and of a client's address; the rest is cut off.
pub const CLIENT_BYTES_MAX: usize = 1_024;

/// Protocols that one member offers: INVALID_REQUEST.
pub const PROTOCOLS_PER_MEMBER_MAX: usize = 64;

/// Metadata of all protocols of one member: INVALID_REQUEST.
pub const MEMBER_METADATA_BYTES_MAX: usize = 1 << 20;

/// One generation as a record, with all its subscriptions and assignments: UNKNOWN_SERVER_ERROR to all who
/// wait for it, as when Apache Kafka's log refuses so large a record.
pub const GROUP_RECORD_BYTES_MAX: usize = 1 << 20;

/// Length of a topic's name in a commit: UNKNOWN_TOPIC_OR_PARTITION.
pub const TOPIC_BYTES_MAX: usize = 249;

/// Tombstones that one round of expiry writes; the rest waits for the next.
pub const EXPIRED_PER_ROUND_MAX: usize = 10_000;

/// Length of a regular expression, and what it may take once it is compiled: INVALID_REGULAR_EXPRESSION.
pub const REGEX_BYTES_MAX: usize = 4_096;
pub const REGEX_STEPS_MAX: usize = 10_000;
pub const REGEX_NESTING_MAX: u32 = 50;

/// Different regular expressions of one group: INVALID_REGULAR_EXPRESSION.
pub const REGEXES_PER_GROUP_MAX: usize = 1_000;

/// Members and partitions of a target assignment that an event tells of; a larger one is told without them.
pub const MEMBERS_PER_EVENT_MAX: usize = 128;
pub const PARTITIONS_PER_EVENT_MAX: usize = 2_000;
