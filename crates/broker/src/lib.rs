//! One sans-IO Kafka broker. It is a value: events go in, effects come out, time and chance are arguments.
//!
//! Never knows: a host, a client, async, `web-sys`, tokio, clocks, random sources but its seed.

mod api;
mod authorized_operations;
mod broker;
mod commit_pipeline;
mod config;
mod connection;
mod controller;
mod coordinator;
mod event;
mod events;
mod fetch_session;
mod housekeeping;
mod in_order;
mod json;
mod limits;
mod metadata;
mod metadata_record;
mod partition;
mod purgatory;
mod random;
mod startup;
mod tail;
mod topic_name;

pub use broker::Broker;
pub use config::{BrokerConfig, ConfigError};
pub use event::{ConnectionId, Effect, Event, Peer};
