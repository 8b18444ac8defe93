//! A disk that forgets: commits take time, complete in order, fail now and then, and a crash keeps a random prefix
//! of what had not completed, its last write torn. A loss of power also takes relaxed commits that had completed.
//!
//! ```text
//!   synced ── relaxed commits, completed ──► image ── in flight ──►
//!      └ survives a loss of power              └ survives a crash     └ a prefix may survive, torn
//! ```
//!
//! Never knows: what the bytes mean, a real disk.

mod blobs;

pub use blobs::Blobs;

use crate::chance::Chance;
use bytes::Bytes;
use std::collections::{BTreeSet, VecDeque};
use tablog_log::storage::{
    BlobInfo, Commit, CommitId, Durability, FaultKind, Read, StorageFault, Tier, Write,
};

/// What befell the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process died; what the operating system has will be written.
    Process,
    /// The machine died: only strict commits are sure.
    PowerLoss,
}

/// How commits fare for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Good,
    /// Every commit that brings bytes fails.
    Full,
    /// One commit in so many fails, and one read.
    FailsOneIn(u64),
}

/// What a crash did to the disk, for the trace and the tally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survival {
    pub commits_lost: u64,
    pub writes_kept: u64,
    pub is_torn: bool,
    /// Relaxed commits that had completed and are gone.
    pub completed_lost: u64,
}

#[derive(Debug)]
pub struct Disk {
    chance: Chance,
    health: Health,
    /// One strict commit in so many takes long.
    slow_one_in: u64,
    durable: Chain,
    /// Topics in memory: never fails, forgets all.
    memory: Chain,
    synced: Blobs,
    unsynced: VecDeque<Vec<Write>>,
    breaches: Vec<String>,
}

/// One tier's commits, in the order of submission.
#[derive(Debug, Default)]
struct Chain {
    image: Blobs,
    in_flight: VecDeque<Commit>,
    ready_at_us: u64,
    failed: BTreeSet<CommitId>,
}

impl Disk {
    /// One strict commit in `slow_one_in` takes long.
    pub fn new(chance: Chance, slow_one_in: u64) -> Disk {
        Disk {
            chance,
            health: Health::Good,
            slow_one_in,
            durable: Chain::default(),
            memory: Chain::default(),
            synced: Blobs::default(),
            unsynced: VecDeque::new(),
            breaches: Vec::new(),
        }
    }

    pub fn set_health(&mut self, health: Health) {
        self.health = health;
    }

    /// What the engine asked for that no disk can do: each is a bug of the engine.
    pub fn take_breaches(&mut self) -> Vec<String> {
        std::mem::take(&mut self.breaches)
    }

    /// Takes a commit; `complete` is to be called at the moment that is returned.
    pub fn submit(&mut self, now_us: u64, commit: Commit) -> u64 {
        let latency_us = match (commit.tier, commit.durability) {
            (Tier::Memory, _) => 0,
            (Tier::Durable, Durability::Relaxed) => self.chance.between(100, 4_000),
            (Tier::Durable, Durability::Strict) => self.slow_us(),
        };
        let chain = self.chain(commit.tier);
        chain.ready_at_us = chain.ready_at_us.max(now_us + latency_us);
        chain.in_flight.push_back(commit);
        chain.ready_at_us
    }

    fn slow_us(&mut self) -> u64 {
        if self.chance.one_in(self.slow_one_in) {
            self.chance.between(50_000, 400_000)
        } else {
            self.chance.between(300, 12_000)
        }
    }

    /// Commits that were submitted and are not over.
    pub fn in_flight(&self) -> usize {
        self.durable.in_flight.len()
    }

    pub fn read_latency_us(&mut self) -> u64 {
        self.chance.between(20, 3_000)
    }

    /// The oldest commit of its tier is over.
    pub fn complete(&mut self, tier: Tier, id: CommitId) -> Result<(), StorageFault> {
        let commit = self.chain(tier).in_flight.pop_front().expect("a commit that completes was submitted");
        assert_eq!(commit.id, id, "the disk completes commits in order");
        let chain = self.chain(tier);
        let result = match commit.predecessor {
            Some(before) if chain.failed.contains(&before) => {
                Err(fault(FaultKind::Predecessor, format!("commit {} failed", before.0)))
            }
            Some(_) => Ok(()),
            None => {
                chain.failed.clear();
                Ok(())
            }
        };
        let result = result.and_then(|()| self.perform(&commit));
        if result.is_err() {
            self.chain(tier).failed.insert(id);
        }
        result
    }

    fn perform(&mut self, commit: &Commit) -> Result<(), StorageFault> {
        if commit.tier == Tier::Durable
            && let Some(fault) = self.ill_fate(commit)
        {
            // A disk of files leaves behind what it had written before it failed.
            let kept = self.chance.below(commit.writes.len() as u64 + 1) as usize;
            let torn = self.torn(commit.writes.get(kept));
            let left: Vec<Write> = commit.writes[..kept].iter().cloned().chain(torn).collect();
            self.write(Tier::Durable, &left)?;
            self.unsynced.push_back(left);
            return Err(fault);
        }
        self.write(commit.tier, &commit.writes)?;
        if commit.tier == Tier::Durable {
            self.unsynced.push_back(commit.writes.clone());
            if commit.durability == Durability::Strict {
                self.sync();
            }
        }
        Ok(())
    }

    fn ill_fate(&mut self, commit: &Commit) -> Option<StorageFault> {
        let grows = commit.writes.iter().any(|write| write.bytes_len() > 0);
        match self.health {
            Health::Good => None,
            Health::Full if grows => Some(fault(FaultKind::QuotaExceeded, "the disk is full".into())),
            Health::Full => None,
            Health::FailsOneIn(n) if self.chance.one_in(n) => {
                Some(fault(FaultKind::Io, "the disk made a noise".into()))
            }
            Health::FailsOneIn(_) => None,
        }
    }

    fn write(&mut self, tier: Tier, writes: &[Write]) -> Result<(), StorageFault> {
        for write in writes {
            if let Err(breach) = self.chain(tier).image.apply(write) {
                self.breaches.push(breach.clone());
                return Err(fault(FaultKind::Corrupt, breach));
            }
        }
        Ok(())
    }

    fn sync(&mut self) {
        for write in std::mem::take(&mut self.unsynced).iter().flatten() {
            // It was applied to the image, which began as the same bytes.
            self.synced.apply(write).expect("what the image took is taken again");
        }
    }

    /// Of a write that was under way: the beginning of its bytes, or nothing.
    fn torn(&mut self, write: Option<&Write>) -> Option<Write> {
        let part =
            |chance: &mut Chance, bytes: &Bytes| bytes.slice(..chance.below(bytes.len() as u64) as usize);
        match write? {
            _ if self.chance.one_in(3) => None,
            Write::Append { blob, at, bytes } => {
                Some(Write::Append { blob: blob.clone(), at: *at, bytes: part(&mut self.chance, bytes) })
            }
            Write::Put { blob, bytes } => {
                Some(Write::Put { blob: blob.clone(), bytes: part(&mut self.chance, bytes) })
            }
            Write::Truncate { .. } | Write::Delete { .. } => None,
        }
    }

    /// The owner is gone. What is left is what the next one finds.
    pub fn crash(&mut self, crash: Crash) -> Survival {
        self.memory = Chain::default();
        let mut durable = std::mem::take(&mut self.durable);
        let mut survival = Survival { commits_lost: durable.in_flight.len() as u64, ..Survival::default() };
        let under_way = durable.take_promising().into_iter().flat_map(|commit| commit.writes);
        let (mut image, uncertain): (Blobs, Vec<Write>) = match crash {
            Crash::Process => (durable.image, under_way.collect()),
            Crash::PowerLoss => {
                let completed = std::mem::take(&mut self.unsynced);
                survival.completed_lost = completed.len() as u64;
                (self.synced.clone(), completed.into_iter().flatten().chain(under_way).collect())
            }
        };
        let kept = self.chance.below(uncertain.len() as u64 + 1) as usize;
        let torn = self.torn(uncertain.get(kept));
        survival.is_torn = torn.is_some();
        let mut kept_writes = Vec::new();
        for write in uncertain[..kept].iter().chain(torn.as_ref()) {
            match image.apply(write) {
                Ok(()) => {
                    survival.writes_kept += 1;
                    kept_writes.push(write.clone());
                }
                Err(breach) => {
                    self.breaches.push(breach);
                    break;
                }
            }
        }
        match crash {
            // What outlived the process is where it was: a loss of power may still take it.
            Crash::Process => self.unsynced.push_back(kept_writes),
            Crash::PowerLoss => self.synced = image.clone(),
        }
        self.durable.image = image;
        self.health = Health::Good;
        survival
    }

    pub fn read(&mut self, read: &Read) -> Result<Bytes, StorageFault> {
        if let (Tier::Durable, Health::FailsOneIn(n)) = (read.tier, self.health)
            && self.chance.one_in(n)
        {
            return Err(fault(FaultKind::Io, "the disk could not be read".into()));
        }
        let image = &self.chain(read.tier).image;
        let bytes = image.read(&read.blob, read.from, read.len);
        bytes.ok_or_else(|| fault(FaultKind::Corrupt, format!("no blob {}", read.blob)))
    }

    pub fn list(&self) -> Vec<BlobInfo> {
        self.durable.image.list()
    }

    fn chain(&mut self, tier: Tier) -> &mut Chain {
        match tier {
            Tier::Memory => &mut self.memory,
            Tier::Durable => &mut self.durable,
        }
    }
}

impl Chain {
    /// What is in flight and does not follow a commit that failed: that would never have been written.
    fn take_promising(&mut self) -> Vec<Commit> {
        let mut promising = Vec::new();
        for commit in std::mem::take(&mut self.in_flight) {
            match commit.predecessor {
                Some(before) if self.failed.contains(&before) => {
                    self.failed.insert(commit.id);
                }
                _ => promising.push(commit),
            }
        }
        promising
    }
}

fn fault(kind: FaultKind, detail: String) -> StorageFault {
    StorageFault { kind, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_log::storage::{BlobName, Position};

    fn append(at: u64, bytes: &'static [u8]) -> Write {
        Write::Append { blob: BlobName::new("a"), at: Position(at), bytes: Bytes::from_static(bytes) }
    }

    fn commit(id: u64, durability: Durability, writes: Vec<Write>) -> Commit {
        let predecessor = (id > 1).then(|| CommitId(id - 1));
        Commit { id: CommitId(id), predecessor, tier: Tier::Durable, durability, writes }
    }

    fn contents(disk: &mut Disk) -> Vec<u8> {
        let read = Read { tier: Tier::Durable, blob: BlobName::new("a"), from: Position(0), len: 99 };
        disk.read(&read).map(|bytes| bytes.to_vec()).unwrap_or_default()
    }

    #[test]
    fn a_crash_keeps_some_prefix_of_what_had_not_completed() {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let mut disk = Disk::new(Chance::new(seed), 40);
            disk.submit(0, commit(1, Durability::Relaxed, vec![append(0, b"ab")]));
            disk.complete(Tier::Durable, CommitId(1)).unwrap();
            disk.submit(0, commit(2, Durability::Relaxed, vec![append(2, b"cd"), append(4, b"ef")]));
            disk.crash(Crash::Process);
            seen.insert(String::from_utf8(contents(&mut disk)).unwrap());
        }
        let all = ["ab", "abc", "abcd", "abcde", "abcdef"];
        assert_eq!(seen.iter().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
    }

    #[test]
    fn power_loss_takes_relaxed_commits_and_no_strict_ones() {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let mut disk = Disk::new(Chance::new(seed), 40);
            let durabilities = [Durability::Relaxed, Durability::Strict, Durability::Relaxed];
            for (id, durability) in (1..).zip(durabilities) {
                let at = (id - 1) * 2;
                disk.submit(0, commit(id, durability, vec![append(at, b"xy")]));
                disk.complete(Tier::Durable, CommitId(id)).unwrap();
            }
            disk.crash(Crash::PowerLoss);
            seen.insert(contents(&mut disk).len());
        }
        assert_eq!(seen, BTreeSet::from([4, 5, 6]));
    }

    #[test]
    fn what_follows_a_failed_commit_fails() {
        let mut disk = Disk::new(Chance::new(1), 40);
        disk.set_health(Health::Full);
        disk.submit(0, commit(1, Durability::Relaxed, vec![append(0, b"ab")]));
        disk.submit(0, commit(2, Durability::Relaxed, vec![append(2, b"cd")]));
        let kind = |result: Result<(), StorageFault>| result.unwrap_err().kind;
        assert_eq!(kind(disk.complete(Tier::Durable, CommitId(1))), FaultKind::QuotaExceeded);
        disk.set_health(Health::Good);
        assert_eq!(kind(disk.complete(Tier::Durable, CommitId(2))), FaultKind::Predecessor);
        assert!(disk.take_breaches().is_empty());
    }
}
