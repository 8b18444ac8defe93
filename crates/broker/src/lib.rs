//! One sans-IO Kafka broker. It is a value: events go in, effects come out, time and chance are arguments.
//!
//! Never knows: a host, a client, async, `web-sys`, tokio, clocks, random sources but its seed.

mod event;

pub use event::{ConnectionId, Effect, Event, Peer};
