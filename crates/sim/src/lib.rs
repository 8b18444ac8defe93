//! The simulator: several clients and a broker on one thread, under a virtual clock, on a seeded network and a disk
//! that forgets; and checkers for what must never happen.
//!
//! Never knows: tokio, real clocks, real disks.

pub mod chance;
pub mod checker;
pub mod client;
pub mod disk;
pub mod executor;
pub mod faults;
pub mod network;
pub mod plan;
pub mod process;
pub mod simulation;
pub mod stamp;
pub mod tally;
pub mod witness;
pub mod workload;
