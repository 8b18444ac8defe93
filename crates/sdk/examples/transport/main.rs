//! Raw frames for a page's script: what the browser tests drive.

#[cfg(target_arch = "wasm32")]
mod page;
