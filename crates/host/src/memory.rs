//! Blobs in memory: for topics that never reach the disk, for the native broker, for tests. What is submitted
//! completes at the next poll. Faults can be ordered, so that a caller's way with them is tested.

use crate::extents::{Extent, Extents, corrupt, predecessor_failed};
use crate::storage::{Completion, Storage};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use tablog_log::storage::{BlobInfo, BlobName, Commit, CommitId, Read, ReadId, StorageFault, Write};
use tablog_record::{SortedMap, SortedSet};

#[derive(Debug, Default)]
pub struct MemoryStorage {
    extents: Extents,
    blobs: SortedMap<BlobName, Blob>,
    completions: VecDeque<Completion>,
    /// Commits that failed since the last one that began a new chain.
    failed: SortedSet<CommitId>,
    ordered_faults: VecDeque<StorageFault>,
}

#[derive(Debug)]
enum Blob {
    /// Appended pieces by their end.
    Segment(SortedMap<u64, Bytes>),
    Small(Bytes),
}

impl MemoryStorage {
    pub fn new() -> MemoryStorage {
        MemoryStorage::default()
    }

    /// The next commit that is submitted fails so; more than one may be ordered.
    pub fn fail_next_commit(&mut self, fault: StorageFault) {
        self.ordered_faults.push_back(fault);
    }

    /// The bytes that all blobs hold.
    pub fn bytes_len(&self) -> u64 {
        self.extents.durable().map(|(_, extent)| extent.bytes_len()).sum()
    }

    fn perform(&mut self, commit: &Commit) -> Result<(), StorageFault> {
        match commit.predecessor {
            Some(predecessor) if self.failed.contains(&predecessor) => {
                return Err(predecessor_failed(commit.id, predecessor));
            }
            Some(_) => {}
            None => self.failed.clear(),
        }
        if let Some(fault) = self.ordered_faults.pop_front() {
            return Err(fault);
        }
        self.extents.submit(commit.id, &commit.writes)?;
        for write in &commit.writes {
            self.write(write);
        }
        self.extents.completed(commit.id);
        Ok(())
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Append { blob, at, bytes } => {
                let entry = self.blobs.entry(blob.clone()).or_insert_with(|| Blob::Segment(SortedMap::new()));
                let Blob::Segment(pieces) = entry else { unreachable!("extents know the kinds") };
                if !bytes.is_empty() {
                    pieces.insert(at.0 + bytes.len() as u64, bytes.clone());
                }
            }
            Write::Put { blob, bytes } => {
                self.blobs.insert(blob.clone(), Blob::Small(bytes.clone()));
            }
            Write::Truncate { blob, to } => {
                let Some(Blob::Segment(pieces)) = self.blobs.get_mut(blob) else { return };
                let mut after = pieces.split_off(&(to.0 + 1));
                if let Some((end, piece)) = after.pop_first() {
                    let start = end - piece.len() as u64;
                    if start < to.0 {
                        pieces.insert(to.0, piece.slice(..(to.0 - start) as usize));
                    }
                }
            }
            Write::Delete { blob } => {
                self.blobs.remove(blob);
            }
        }
    }

    fn read_now(&self, read: &Read) -> Result<Bytes, StorageFault> {
        let blob =
            self.blobs.get(&read.blob).ok_or_else(|| corrupt(format!("no blob {} in memory", read.blob)))?;
        let len = self.extents.get(&read.blob).map_or(0, Extent::bytes_len);
        let from = read.from.0.min(len);
        let to = from.saturating_add(read.len).min(len);
        Ok(match blob {
            Blob::Small(bytes) => bytes.slice(from as usize..to as usize),
            Blob::Segment(pieces) => range_of(pieces, from, to),
        })
    }
}

/// Without a copy where one piece holds it all.
fn range_of(pieces: &SortedMap<u64, Bytes>, from: u64, to: u64) -> Bytes {
    let mut out = BytesMut::new();
    for (end, piece) in pieces.range(from + 1..) {
        let start = end - piece.len() as u64;
        if start >= to {
            break;
        }
        let part = piece.slice(from.saturating_sub(start) as usize..(to.min(*end) - start) as usize);
        if part.len() as u64 == to - from {
            return part;
        }
        out.reserve((to - from) as usize - out.len());
        out.extend_from_slice(&part);
    }
    out.freeze()
}

impl Storage for MemoryStorage {
    fn commit(&mut self, commit: Commit) {
        let result = self.perform(&commit);
        if result.is_err() {
            self.failed.insert(commit.id);
        }
        self.completions.push_back(Completion::Committed { commit: commit.id, result });
    }

    fn read(&mut self, id: ReadId, read: Read) {
        let result = self.read_now(&read);
        self.completions.push_back(Completion::ReadDone { read: id, result });
    }

    fn list(&mut self) {
        let blobs = self
            .extents
            .durable()
            .map(|(blob, extent)| BlobInfo { blob: blob.clone(), len: extent.bytes_len() })
            .collect();
        self.completions.push_back(Completion::Listed { result: Ok(blobs) });
    }

    fn poll_completion(&mut self) -> Option<Completion> {
        self.completions.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Ground};
    use futures_util::FutureExt;
    use tablog_log::storage::Position;

    /// Memory keeps nothing over a real reopening: the same value is handed on.
    struct InMemory;

    impl Ground for InMemory {
        type Storage = MemoryStorage;

        async fn open(&mut self) -> Result<MemoryStorage, String> {
            Ok(MemoryStorage::new())
        }

        async fn reopen(&mut self, storage: MemoryStorage) -> Result<MemoryStorage, String> {
            Ok(storage)
        }

        async fn wait(&mut self) {
            panic!("memory completes at the next poll");
        }
    }

    #[test]
    fn conforms() {
        let mut failures = Vec::new();
        let cases = conformance::run(&mut InMemory, |case, result| {
            if let Err(words) = result {
                failures.push(format!("{case}: {words}"));
            }
        })
        .now_or_never()
        .expect("memory never waits");
        assert!(cases >= 10, "only {cases} cases ran");
        assert!(failures.is_empty(), "{failures:#?}");
    }

    #[test]
    fn an_ordered_fault_fails_the_chain_behind_it() {
        let mut storage = MemoryStorage::new();
        let fault = corrupt("ordered".to_owned());
        storage.fail_next_commit(fault.clone());
        for id in 1..=2 {
            storage.commit(Commit {
                id: CommitId(id),
                predecessor: (id > 1).then(|| CommitId(id - 1)),
                tier: tablog_log::storage::Tier::Memory,
                durability: tablog_log::storage::Durability::Relaxed,
                writes: vec![Write::Append {
                    blob: BlobName::new("a"),
                    at: Position(0),
                    bytes: Bytes::from_static(b"x"),
                }],
            });
        }
        assert_eq!(
            storage.poll_completion(),
            Some(Completion::Committed { commit: CommitId(1), result: Err(fault) })
        );
        assert_eq!(
            storage.poll_completion(),
            Some(Completion::Committed {
                commit: CommitId(2),
                result: Err(predecessor_failed(CommitId(2), CommitId(1)))
            })
        );
        assert_eq!(storage.bytes_len(), 0);
    }
}
