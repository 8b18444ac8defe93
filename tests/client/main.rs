//! The client against the real broker, over a network that fails and a clock that jumps.

mod admin;
mod callbacks;
mod consumer;
mod consumer_protocol;
mod producer;
mod robustness;
mod world;
