//! Raw frames, and a producer and a consumer, for a page's script: what the browser tests drive.

#![allow(missing_debug_implementations)]

#[cfg(target_arch = "wasm32")]
mod bench;
#[cfg(target_arch = "wasm32")]
mod client;
#[cfg(target_arch = "wasm32")]
mod page;
