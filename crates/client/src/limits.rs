//! Every bound of the client, by name.

/// The longest frame that is looked at; a longer one ends the connection.
pub(crate) const FRAME_BYTES_MAX: usize = 128 << 20;
/// Requests that may wait for an answer on one connection.
pub(crate) const PENDING_REQUESTS_MAX: usize = 1024;
/// Groups whose coordinator is remembered.
pub(crate) const COORDINATORS_MAX: usize = 1024;
/// Connections kept by one cluster.
pub(crate) const CONNECTIONS_MAX: usize = 256;
/// Topics in the metadata cache; past that the cache starts anew.
pub(crate) const TOPICS_CACHED_MAX: usize = 10_000;
/// In-flight batches of one partition with idempotence: what the broker remembers of a producer.
pub(crate) const IDEMPOTENT_BATCHES_IN_FLIGHT_MAX: usize = 5;
/// Errors that wait to be reported by `poll`; later ones are dropped.
pub(crate) const ERRORS_WAITING_MAX: usize = 64;
/// Offsets that may be queued from within a rebalance callback.
pub(crate) const COMMITS_WAITING_MAX: usize = 100_000;
/// Partitions named by one member's assignment or subscription.
pub(crate) const ASSIGNED_PARTITIONS_MAX: usize = 100_000;

/// Calls of one connection whose answers an observer waits for.
pub const OBSERVED_CALLS_MAX: usize = 64;
