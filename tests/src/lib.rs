//! Shared ground of the tests that look at the whole from outside.

mod broker_on_memory;

pub use broker_on_memory::BrokerOnMemory;
