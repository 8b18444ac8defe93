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
    /// Nothing will happen until `retry`; a busy store is tried again all by itself.
    Failed { failure: Failure, words: String },
}

/// What a page can say about it in its reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The browser lets this site store nothing, or run no worker.
    NotAllowed,
    /// The store was written by a newer version.
    NewerFormat,
    /// Another page of the site has the store open, deletes it or upgrades it.
    Busy,
    /// Somebody deleted the store while it was open.
    Deleted,
    /// What the store gave is not what was put there.
    Damaged,
    /// The words say all that is known.
    Other,
}

#[cfg(target_arch = "wasm32")]
impl Failure {
    /// From a fault's kind, as the worker names it.
    pub(crate) fn of(kind: &str) -> Failure {
        match kind {
            "NotAllowed" => Failure::NotAllowed,
            "NewerFormat" => Failure::NewerFormat,
            "Busy" => Failure::Busy,
            "Deleted" => Failure::Deleted,
            "Corrupt" => Failure::Damaged,
            _ => Failure::Other,
        }
    }
}
