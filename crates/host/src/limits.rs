//! Every size and count at which the host stops or changes its ways.

/// A frame longer than this closes its connection: Kafka's `socket.request.max.bytes`.
pub const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

/// Values up to here are fast in IndexedDB over LevelDB; from 64 KiB on they fall into a hole that ends at 512 KiB.
pub const VALUE_BYTES_SMALL: usize = 60 * 1024;

/// The least size of a value beyond that hole.
pub const VALUE_BYTES_LARGE: usize = 1024 * 1024;

/// Transactions in flight: two keep the engine busy, more gain nothing.
pub const COMMITS_IN_FLIGHT_MAX: usize = 2;

/// What one request of a pipelined read asks for: answers of 100 to 160 KB are the fastest.
pub const READ_STEP_BYTES: u64 = 128 * 1024;

/// One read never asks for more; a longer one is answered short, as if the blob ended there.
pub const READ_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How many commits' marks are kept behind the newest.
pub const CHAIN_MARKS_KEPT: u64 = 16;

/// Old marks are deleted once in so many commits.
pub const CHAIN_SWEEP_COMMITS: u64 = 64;

/// So long nothing was asked for: the time to fold small values.
pub const FOLD_IDLE_MS: u32 = 1000;

/// A run of at least so many small values is folded even when it does not fill a large one.
pub const FOLD_RUN_VALUES_MIN: usize = 64;

/// Between two drains of one pump, so many completions and effects and no more: a loop would be a bug.
pub const PUMP_STEPS_MAX: usize = 10_000_000;
