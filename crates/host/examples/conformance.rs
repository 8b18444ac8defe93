//! The conformance suite over IndexedDB, run by a page: `run()` answers one line a case.

#[cfg(target_arch = "wasm32")]
mod page;
