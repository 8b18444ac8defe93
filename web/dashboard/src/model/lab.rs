//! The lab: situations of a group, what happens to it step by step, and what each assignor makes of that.
//!
//! Never knows: how an assignor works; `crate::assignments` does, and only the tab's worker links it.

pub mod address;
pub mod answer;
pub mod history;
pub mod ledger;
pub mod reasons;
pub mod run;
pub mod run_picture;
pub mod situation;
pub mod step;

pub use history::History;
pub use situation::{LabMember, LabTopic, Membership, Situation, Subscription};
pub use step::{Refusal, Step};
