//! Bugs on purpose, so that the simulator can show that it finds such ones. Behind the feature `known-bugs`, which
//! nothing but the simulator's own test turns on.

use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum KnownBug {
    /// A produce is answered when it was appended.
    AcknowledgeBeforeCommit = 1,
    /// Readers get what is not durable yet.
    HighWatermarkEarly,
    /// After a failed commit the batches that it held still count as duplicates.
    NoRollbackOfProducerState,
    /// A member of an earlier generation is told that all is well.
    HeartbeatWithoutGeneration,
    /// The writes of a commit go out in another order.
    PrefixBroken,
    /// An opening goes on under the leader epochs of the one before.
    EpochNotBumped,
}

impl KnownBug {
    pub const ALL: [KnownBug; 6] = [
        KnownBug::AcknowledgeBeforeCommit,
        KnownBug::HighWatermarkEarly,
        KnownBug::NoRollbackOfProducerState,
        KnownBug::HeartbeatWithoutGeneration,
        KnownBug::PrefixBroken,
        KnownBug::EpochNotBumped,
    ];
}

static ACTIVE: AtomicU8 = AtomicU8::new(0);

/// From now on the engine has this bug, or none.
pub fn set(bug: Option<KnownBug>) {
    ACTIVE.store(bug.map_or(0, |bug| bug as u8), Ordering::Relaxed);
}

pub fn has(bug: KnownBug) -> bool {
    ACTIVE.load(Ordering::Relaxed) == bug as u8
}

/// The generation that a heartbeat is checked with.
pub fn heartbeat_generation(told: i32, current: i32) -> i32 {
    if has(KnownBug::HeartbeatWithoutGeneration) { current } else { told }
}
