//! What the dashboard knows without a page: the model of a cluster as it was read, the pictures as data, the words,
//! and what the assignors make of the lab's groups.
//!
//! Never knows: Leptos, the DOM, the SDK. All of it is tested natively.

pub mod assignments;
pub mod i18n;
pub mod model;
