//! Consumer groups: assignors, and the group coordinator as sans-IO state machines over records.
//!
//! [`Shard`] is the coordinator of one partition of `__consumer_offsets`. [`assignor`] and [`consumer_protocol`]
//! are the consumers' side, used by clients.
//!
//! Never knows: logs, storage, clocks, connections, a broker.

pub mod assignor;
mod classic_group;
mod config;
mod consumer_group;
pub mod consumer_protocol;
mod coordinator_record;
mod decision;
mod durable;
mod event;
pub mod limits;
mod member_id;
mod shard;
mod timers;
mod topic_pattern;
mod topics;

pub use config::{GroupConfig, GroupSettings, MigrationPolicy};
pub use coordinator_record::CoordinatorRecord;
pub use decision::{ClientContext, Decision, GroupReply, ReplyTo};
pub use durable::{Durable, ReplayError};
pub use event::{AssignedMember, Departure, GroupEvent, GroupKind, MemberIdentity, RebalanceCause};
pub use shard::{Shard, offsets_partition};
pub use topics::{SubscribedBy, Topic, Topics};
