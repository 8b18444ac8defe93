//! The browser SDK: reaches the broker in the site's worker, and hands that on to the tab's own workers.
//!
//! ```text
//! page                                       a worker of the page
//!   TabTransport ── control port ──► broker     ForwardedTransport
//!        ▲                                            │
//!        └────────── PortBroker ◄── forward port ─────┘
//! ```
//!
//! Frames go by MessagePorts of their own, from either, straight to the broker.
//!
//! Never knows: broker, log, host; any UI framework.

pub use tablog_client as client;
pub use tablog_record as record;
pub use tablog_wire as wire;

mod status;

pub use status::{Failure, Status};

#[cfg(target_arch = "wasm32")]
mod control;
#[cfg(target_arch = "wasm32")]
mod deaths;
#[cfg(target_arch = "wasm32")]
mod forwarded;
#[cfg(target_arch = "wasm32")]
mod link;
#[cfg(target_arch = "wasm32")]
mod lock;
#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
mod port_connection;
#[cfg(target_arch = "wasm32")]
pub mod raw_store;
#[cfg(target_arch = "wasm32")]
mod tab;

#[cfg(target_arch = "wasm32")]
pub use forwarded::{ForwardedTransport, PortBroker};
#[cfg(target_arch = "wasm32")]
pub use lock::{Held, acquire_if_free, acquire_within};
#[cfg(target_arch = "wasm32")]
pub use port_connection::PortConnection;
#[cfg(target_arch = "wasm32")]
pub use tab::{StatusWatch, TabOptions, TabTransport};
