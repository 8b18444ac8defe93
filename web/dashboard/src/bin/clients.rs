//! The clients of a tab, in a dedicated worker: real producers and consumers, so that however much they do the page
//! never misses a frame. It hears orders and reports figures; what they are is `model::client_control`.
//!
//! Never knows: Leptos, the DOM.

#[cfg(target_arch = "wasm32")]
#[path = "clients/consumer.rs"]
mod consumer;
#[cfg(target_arch = "wasm32")]
#[path = "clients/producer.rs"]
mod producer;
#[cfg(target_arch = "wasm32")]
#[path = "clients/tab.rs"]
mod tab;

fn main() {
    #[cfg(target_arch = "wasm32")]
    tab::begin();
}
