//! The tab's own worker, the one place of the page that speaks Kafka: it reads the cluster, does what the page asks for
//! and runs the tab's producers and consumers, so that however much there is to do the page never misses a frame.
//! What it hears and says is `model::orders`.
//!
//! Never knows: Leptos, the DOM, words.

#[cfg(target_arch = "wasm32")]
#[path = "tab/changes.rs"]
mod changes;
#[cfg(target_arch = "wasm32")]
#[path = "tab/consumer.rs"]
mod consumer;
#[cfg(target_arch = "wasm32")]
#[path = "tab/events.rs"]
mod events;
#[cfg(target_arch = "wasm32")]
#[path = "tab/files.rs"]
mod files;
#[cfg(target_arch = "wasm32")]
#[path = "tab/group_changes.rs"]
mod group_changes;
#[cfg(target_arch = "wasm32")]
#[path = "tab/keys.rs"]
mod keys;
#[cfg(target_arch = "wasm32")]
#[path = "tab/lab.rs"]
mod lab;
#[cfg(target_arch = "wasm32")]
#[path = "tab/lab_run.rs"]
mod lab_run;
#[cfg(target_arch = "wasm32")]
#[path = "tab/member.rs"]
mod member;
#[cfg(target_arch = "wasm32")]
#[path = "tab/poll.rs"]
mod poll;
#[cfg(target_arch = "wasm32")]
#[path = "tab/post.rs"]
mod post;
#[cfg(target_arch = "wasm32")]
#[path = "tab/producer.rs"]
mod producer;
#[cfg(target_arch = "wasm32")]
#[path = "tab/records.rs"]
mod records;
#[cfg(target_arch = "wasm32")]
#[path = "tab/requests.rs"]
mod requests;
#[cfg(target_arch = "wasm32")]
#[path = "tab/tab.rs"]
mod tab;

fn main() {
    #[cfg(target_arch = "wasm32")]
    post::begin();
}
