//! How the tab stands with the broker, for a page to show.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The worker is being found, started or started again; what is asked meanwhile waits.
    Connecting,
    Ready {
        /// A new one tells that the worker died and came back.
        incarnation: String,
        /// How many tabs are attached, this one included.
        tabs: u32,
    },
    /// Nothing will happen until `retry`.
    Failed { words: String },
}
