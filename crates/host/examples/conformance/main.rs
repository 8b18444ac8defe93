//! The conformance suite over IndexedDB, for a page: `run()` answers one line a case.

#[cfg(target_arch = "wasm32")]
mod page;
