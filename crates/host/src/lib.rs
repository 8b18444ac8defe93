//! Pumps brokers: the `Storage` trait with its backends, the clock, connections.
//!
//! Never knows: the client, any UI. The platform's clock and storage are named here and nowhere else.

pub mod clock;
pub mod conformance;
pub mod extents;
#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
pub mod limits;
pub mod memory;
pub mod pump;
pub mod storage;
pub mod tiers;

pub use clock::Clock;
#[cfg(target_arch = "wasm32")]
pub use indexed_db::IndexedDbStorage;
pub use memory::MemoryStorage;
pub use pump::{Connections, Engine, Pump};
pub use storage::{Completion, Storage};
pub use tiers::Tiers;
