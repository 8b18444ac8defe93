//! Both group protocols in small scenes: what each request is answered, what is written, what is told; and
//! random lives, in which whatever happens the records alone say what is durable.

mod administration;
mod consumer_groups;
mod consumer_lives;
mod consumer_members;
mod corners;
mod crashes;
mod expiry;
mod joining;
mod migration;
mod offsets;
mod rebalancing;
mod replay;
mod scene;
mod static_members;

use tablog_group::GroupConfig;

/// No waiting for a first rebalance, for scenes that are about something else.
fn at_once() -> GroupConfig {
    GroupConfig { group_initial_rebalance_delay_ms: 0, ..GroupConfig::default() }
}
