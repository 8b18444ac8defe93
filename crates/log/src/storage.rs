//! Storage as data: three verbs — commit a list of writes, read a range of a blob, list.
//!
//! A blob is a named run of bytes. Segment blobs only grow at their end (or are cut there by recovery);
//! small blobs (indexes, producer snapshots, checkpoints) are replaced whole. A backend keeps both kinds
//! under their name; the kind follows from the verb that writes them and never changes for a name.
//!
//! A commit is *ordered*, not atomic: after a crash some prefix of its writes survives, the last one possibly
//! torn. Commits complete in the order in which they were submitted; each names its predecessor, and one whose
//! predecessor failed fails too.

use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// The name of a blob, for example `1/pY3l…/0/00000000000000000000.log`: node id, topic id, partition, file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName(Arc<str>);

impl BlobName {
    pub fn new(name: impl Into<Arc<str>>) -> BlobName {
        BlobName(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A byte's place in a blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// One change to one blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Bytes at the end of a segment blob. `at` is its length so far; a backend that sees another length fails.
    Append { blob: BlobName, at: Position, bytes: Bytes },
    /// The whole of a small blob.
    Put { blob: BlobName, bytes: Bytes },
    /// A segment blob ends here; what followed is gone.
    Truncate { blob: BlobName, to: Position },
    /// The blob is gone. A missing one is no error: recovery may delete twice.
    Delete { blob: BlobName },
}

impl Write {
    pub fn blob(&self) -> &BlobName {
        match self {
            Write::Append { blob, .. }
            | Write::Put { blob, .. }
            | Write::Truncate { blob, .. }
            | Write::Delete { blob } => blob,
        }
    }

    pub fn bytes_len(&self) -> usize {
        match self {
            Write::Append { bytes, .. } | Write::Put { bytes, .. } => bytes.len(),
            Write::Truncate { .. } | Write::Delete { .. } => 0,
        }
    }
}

/// What "completed" promises. Ordered: a group commit takes the strictest of its riders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Durability {
    /// Handed to the operating system (IndexedDB `relaxed`): survives the process, perhaps not the machine.
    Relaxed,
    /// On the disk (IndexedDB `strict`, `fsync`).
    Strict,
}

/// Where a blob lives. A topic with `tablog.storage=memory` never reaches the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    Memory,
    Durable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId(pub u64);

/// Writes that are performed in this order and complete together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub id: CommitId,
    /// The commit of the same tier that must have completed for this one to count; `None` for the first and
    /// for the first after a failure was taken notice of.
    pub predecessor: Option<CommitId>,
    pub tier: Tier,
    pub durability: Durability,
    pub writes: Vec<Write>,
}

/// A range of one blob, wanted in order. A read past the end returns what there is; a missing blob is a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub tier: Tier,
    pub blob: BlobName,
    pub from: Position,
    pub len: u64,
}

/// What `list` tells of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    pub blob: BlobName,
    pub len: u64,
}

/// Why storage did not do what it was asked. In words for the user; the kind decides what the broker does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageFault {
    pub kind: FaultKind,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// Full: writes fail, reads go on.
    QuotaExceeded,
    /// Another owner has the store, or it was closed or deleted underneath.
    Lost,
    /// Bytes that are not what was written, or not where they should be.
    Corrupt,
    /// The predecessor failed.
    Predecessor,
    /// Anything else that the platform reported.
    Io,
}

impl fmt::Display for StorageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

impl std::error::Error for StorageFault {}
