//! Pumps brokers: the `Storage` trait with its backends, the clock, connections.
//!
//! Never knows: the client, any UI. The platform's clock and storage are named here and nowhere else.

pub mod storage;

pub use storage::{Completion, Storage};
