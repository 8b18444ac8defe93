//! One page a route. Pages render from `state`, ask `session` for changes, and hold what is typed.

pub mod clients;
pub mod consumer;
pub mod group;
pub mod groups;
pub mod lab;
pub mod overview;
pub mod storage;
pub mod topic;
pub mod topics;
