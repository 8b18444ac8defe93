//! Sends each commit and read to the tier that it names. Listing tells of durable blobs alone: a topic in memory
//! begins empty whenever its broker does.

use crate::memory::MemoryStorage;
use crate::storage::{Completion, Storage};
use tablog_log::storage::{Commit, Read, ReadId, Tier};

#[derive(Debug)]
pub struct Tiers<D> {
    pub memory: MemoryStorage,
    pub durable: D,
}

impl<D: Storage> Tiers<D> {
    pub fn new(durable: D) -> Tiers<D> {
        Tiers { memory: MemoryStorage::new(), durable }
    }
}

impl<D: Storage> Storage for Tiers<D> {
    fn commit(&mut self, commit: Commit) {
        match commit.tier {
            Tier::Memory => self.memory.commit(commit),
            Tier::Durable => self.durable.commit(commit),
        }
    }

    fn read(&mut self, id: ReadId, read: Read) {
        match read.tier {
            Tier::Memory => self.memory.read(id, read),
            Tier::Durable => self.durable.read(id, read),
        }
    }

    fn list(&mut self) {
        self.durable.list();
    }

    fn poll_completion(&mut self) -> Option<Completion> {
        self.memory.poll_completion().or_else(|| self.durable.poll_completion())
    }
}
