//! The cluster as it was read, and everything that is worked out from it: rates, histories, sentences, pictures.
//!
//! Never knows: Leptos, the DOM, the SDK, the clock.

pub mod address;
pub mod bytes_view;
pub mod client_control;
pub mod colour;
pub mod consumer_address;
pub mod drawing;
pub mod epochs;
pub mod feed;
pub mod flights;
pub mod generations;
pub mod generations_picture;
pub mod heartbeats_picture;
pub mod import;
pub mod lab;
pub mod limits;
pub mod member;
pub mod member_facts;
pub mod membership;
pub mod message;
pub mod murmur2;
pub mod narrator;
pub mod orders;
pub mod overview_picture;
pub mod ownership_picture;
pub mod packing;
pub mod quantity;
pub mod rates;
pub mod records;
pub mod reset;
pub mod reset_picture;
pub mod snapshot;
pub mod states_picture;
pub mod storage_picture;
pub mod strata;
pub mod tape_picture;
pub mod topic_name;
pub mod topic_settings;
