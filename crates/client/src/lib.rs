//! Producer, consumer and admin over a six-function transport. Nothing here spawns: each long-lived value
//! exposes one `run()` future that its owner drives.
//!
//! Never knows: the broker, the log, a host; which runtime drives it.

mod transport;

pub use transport::{Connection, Transport, TransportError};
