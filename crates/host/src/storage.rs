//! The three verbs that a backend performs. Operations are submitted and return at once; their completions are
//! polled in the order in which they ended, commits among themselves in the order of submission.
//!
//! Every backend passes the same exported suite, `conformance`.

use bytes::Bytes;
use tablog_log::storage::{BlobInfo, Commit, CommitId, Read, ReadId, StorageFault};

pub trait Storage {
    fn commit(&mut self, commit: Commit);
    fn read(&mut self, id: ReadId, read: Read);
    fn list(&mut self);

    /// The next completion, if one is there. A backend that completes later wakes its host by a callback that
    /// it was constructed with.
    fn poll_completion(&mut self) -> Option<Completion>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    Committed { commit: CommitId, result: Result<(), StorageFault> },
    ReadDone { read: ReadId, result: Result<Bytes, StorageFault> },
    Listed { result: Result<Vec<BlobInfo>, StorageFault> },
}
