//! Parts that speak our domain. They are given what they show and never fetch.

pub mod delete_group;
pub mod feed;
pub mod hatches;
pub mod header;
pub mod lag;
pub mod legend;
pub mod load_button;
pub mod open_consumer_tab;
pub mod partition_tile;
pub mod states;
pub mod theme;
pub mod totals;
