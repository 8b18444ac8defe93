//! How long each blob is, as seen by the next commit: what is durable, and on top of it what the commits in
//! flight will make of it. A failed commit takes its effects with it.
//!
//! Never knows: bytes, how a backend keeps them.

use std::collections::VecDeque;
use tablog_log::storage::{BlobName, CommitId, FaultKind, StorageFault, Write};
use tablog_record::SortedMap;

/// A blob's kind follows from the verb that made it and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Segment { end: u64 },
    Small { len: u64 },
}

impl Extent {
    pub fn bytes_len(self) -> u64 {
        match self {
            Extent::Segment { end } => end,
            Extent::Small { len } => len,
        }
    }
}

#[derive(Debug, Default)]
pub struct Extents {
    durable: SortedMap<BlobName, Extent>,
    pending: VecDeque<Pending>,
}

#[derive(Debug)]
struct Pending {
    commit: CommitId,
    /// `None`: deleted by this commit.
    after: SortedMap<BlobName, Option<Extent>>,
}

impl Extents {
    pub fn new(durable: SortedMap<BlobName, Extent>) -> Extents {
        Extents { durable, pending: VecDeque::new() }
    }

    pub fn durable(&self) -> impl Iterator<Item = (&BlobName, Extent)> {
        self.durable.iter().map(|(blob, extent)| (blob, *extent))
    }

    /// As the next commit will find it.
    pub fn get(&self, blob: &BlobName) -> Option<Extent> {
        for pending in self.pending.iter().rev() {
            if let Some(after) = pending.after.get(blob) {
                return *after;
            }
        }
        self.durable.get(blob).copied()
    }

    /// Checks every write against what it will find, and remembers what the commit will leave.
    pub fn submit(&mut self, commit: CommitId, writes: &[Write]) -> Result<(), StorageFault> {
        let mut after: SortedMap<BlobName, Option<Extent>> = SortedMap::new();
        for write in writes {
            let before = after.get(write.blob()).copied().unwrap_or_else(|| self.get(write.blob()));
            let left = apply(before, write)?;
            after.insert(write.blob().clone(), left);
        }
        self.pending.push_back(Pending { commit, after });
        Ok(())
    }

    /// Commits end in the order of their submission.
    pub fn completed(&mut self, commit: CommitId) {
        let pending = self.pending.pop_front().expect("a commit that completes was submitted");
        assert_eq!(pending.commit, commit, "commits complete in order");
        for (blob, after) in pending.after {
            match after {
                Some(extent) => self.durable.insert(blob, extent),
                None => self.durable.remove(&blob),
            };
        }
    }

    pub fn failed(&mut self, commit: CommitId) {
        self.pending.retain(|pending| pending.commit != commit);
    }
}

fn apply(before: Option<Extent>, write: &Write) -> Result<Option<Extent>, StorageFault> {
    let blob = write.blob();
    match (write, before) {
        (Write::Append { at, bytes, .. }, None | Some(Extent::Segment { .. })) => {
            let end = before.map_or(0, Extent::bytes_len);
            if at.0 != end {
                return Err(corrupt(format!("append to {blob} at {} where it ends at {end}", at.0)));
            }
            Ok(Some(Extent::Segment { end: end + bytes.len() as u64 }))
        }
        (Write::Put { bytes, .. }, None | Some(Extent::Small { .. })) => {
            Ok(Some(Extent::Small { len: bytes.len() as u64 }))
        }
        (Write::Truncate { to, .. }, Some(Extent::Segment { end })) if to.0 <= end => {
            Ok(Some(Extent::Segment { end: to.0 }))
        }
        (Write::Truncate { to, .. }, None) if to.0 == 0 => Ok(None),
        (Write::Truncate { to, .. }, _) => {
            let end = before.map_or(0, Extent::bytes_len);
            Err(corrupt(format!("truncation of {blob} to {} where it ends at {end}", to.0)))
        }
        (Write::Delete { .. }, _) => Ok(None),
        (Write::Append { .. } | Write::Put { .. }, Some(_)) => {
            Err(corrupt(format!("{blob} is written both by appending and as a whole")))
        }
    }
}

pub fn corrupt(detail: String) -> StorageFault {
    StorageFault { kind: FaultKind::Corrupt, detail }
}

pub fn predecessor_failed(commit: CommitId, predecessor: CommitId) -> StorageFault {
    StorageFault {
        kind: FaultKind::Predecessor,
        detail: format!("commit {} follows commit {}, which failed", commit.0, predecessor.0),
    }
}
