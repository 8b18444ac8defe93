//! One partition's log: segments, sparse indexes, producer state, leader epochs, retention, compaction and
//! recovery. It decides; it never performs: writes and reads leave it as data (`storage`).
//!
//! Never knows: the wire protocol, async, `web-sys`, `std::fs`, clocks.

pub mod storage;
