//! Blobs in IndexedDB. One commit is one readwrite transaction, two of them in flight; a read is one readonly
//! transaction whose requests are all asked before the first is answered.
//!
//! ```text
//! store "segments"   key [blob, end]   value Uint8Array   one piece of a segment blob; it ends before `end`
//! store "small"      key [blob, len]   value Uint8Array   the whole of a replaceable blob
//! store "owner"      key "incarnation" value string       who may write
//!                    key ["chain", n]  value 1            commit n of this incarnation completed
//! ```
//!
//! Pieces are keyed by their end, so that a key alone tells how long a blob is, and the first key after a
//! position is the piece that holds it. A piece of no bytes at 0 stands for a blob that is there
//! and empty. The database's version is the format number.
//!
//! Never knows: what the bytes mean.

mod database;
mod fold;
mod key;
mod listing;
mod reading;
mod request;
mod writing;

pub use database::{Loss, OpenError, delete_database};

use crate::extents::{Extent, Extents, corrupt, predecessor_failed};
use crate::limits::COMMITS_IN_FLIGHT_MAX;
use crate::storage::{Completion, Storage};
use database::Store;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use tablog_log::storage::{BlobInfo, Commit, CommitId, Read, ReadId, StorageFault};
use tablog_record::SortedSet;
use wasm_bindgen_futures::spawn_local;

pub struct IndexedDbStorage {
    inner: Rc<Inner>,
}

struct Inner {
    store: Store,
    wake: Box<dyn Fn()>,
    extents: RefCell<Extents>,
    queue: RefCell<VecDeque<Commit>>,
    /// Submitted commits in order; each waits for those before it to be told of.
    submitted: RefCell<VecDeque<Submitted>>,
    /// Commits that failed since the last one that began a new chain.
    failed: RefCell<SortedSet<CommitId>>,
    in_flight: Cell<usize>,
    completions: RefCell<VecDeque<Completion>>,
    /// Counts what was asked for, so that the folding knows whether it is idle.
    activity: Cell<u64>,
}

struct Submitted {
    commit: CommitId,
    /// `None` while it is under way.
    result: Option<Result<(), StorageFault>>,
}

impl fmt::Debug for IndexedDbStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedDbStorage").field("in_flight", &self.inner.in_flight.get()).finish()
    }
}

impl IndexedDbStorage {
    /// Opens the database, takes it over from whoever had it, and learns every blob's length. `wake` is called
    /// when a completion is there. The caller holds the owner's lock.
    pub async fn open(
        name: &str,
        incarnation: &str,
        wake: impl Fn() + 'static,
    ) -> Result<IndexedDbStorage, OpenError> {
        let store = Store::open(name, incarnation).await?;
        let extents = Extents::new(listing::extents(&store).await.map_err(OpenError::Failed)?);
        let inner = Rc::new(Inner {
            store,
            wake: Box::new(wake),
            extents: RefCell::new(extents),
            queue: RefCell::default(),
            submitted: RefCell::default(),
            failed: RefCell::default(),
            in_flight: Cell::new(0),
            completions: RefCell::default(),
            activity: Cell::new(0),
        });
        spawn_local(fold::run(Rc::downgrade(&inner)));
        Ok(IndexedDbStorage { inner })
    }

    /// Ends what runs in the background; transactions in flight are left to end by themselves.
    pub fn close(self) {
        self.inner.store.close();
    }

    /// Called when the database is lost between operations: closed, deleted or upgraded by someone else.
    pub fn on_lost(&self, tell: impl Fn(Loss, StorageFault) + 'static) {
        self.inner.store.on_lost(tell);
    }

    /// Folds all that can be folded now, for tests and measurements; answers how many runs were folded.
    pub async fn fold_now(&self) -> Result<usize, StorageFault> {
        fold::all(&self.inner).await
    }
}

impl Storage for IndexedDbStorage {
    fn commit(&mut self, commit: Commit) {
        let inner = &self.inner;
        inner.active();
        inner.submitted.borrow_mut().push_back(Submitted { commit: commit.id, result: None });
        let checked = inner.check(&commit);
        match checked {
            Ok(()) => {
                inner.queue.borrow_mut().push_back(commit);
                inner.start();
            }
            Err(fault) => inner.ended(commit.id, Err(fault)),
        }
    }

    fn read(&mut self, id: ReadId, read: Read) {
        let inner = self.inner.clone();
        inner.active();
        let extent = inner.extents.borrow().get(&read.blob);
        spawn_local(async move {
            let result = match extent {
                None => Err(corrupt(format!("no blob {}", read.blob))),
                Some(extent) => reading::read(&inner.store, &read, extent).await,
            };
            inner.complete(Completion::ReadDone { read: id, result });
        });
    }

    /// Answered from what is known since opening: only this owner writes.
    fn list(&mut self) {
        let blobs = self
            .inner
            .extents
            .borrow()
            .durable()
            .map(|(blob, extent): (_, Extent)| BlobInfo { blob: blob.clone(), len: extent.bytes_len() })
            .collect();
        self.inner.complete(Completion::Listed { result: Ok(blobs) });
    }

    fn poll_completion(&mut self) -> Option<Completion> {
        self.inner.completions.borrow_mut().pop_front()
    }
}

impl Inner {
    fn active(&self) {
        self.activity.set(self.activity.get() + 1);
    }

    fn check(&self, commit: &Commit) -> Result<(), StorageFault> {
        if let Some(fault) = self.store.lost() {
            return Err(fault);
        }
        match commit.predecessor {
            Some(predecessor) if self.failed.borrow().contains(&predecessor) => {
                return Err(predecessor_failed(commit.id, predecessor));
            }
            Some(_) => {}
            None => self.failed.borrow_mut().clear(),
        }
        self.extents.borrow_mut().submit(commit.id, &commit.writes)
    }

    fn start(self: &Rc<Inner>) {
        while self.in_flight.get() < COMMITS_IN_FLIGHT_MAX {
            let Some(commit) = self.queue.borrow_mut().pop_front() else { return };
            self.in_flight.set(self.in_flight.get() + 1);
            let inner = self.clone();
            spawn_local(async move {
                let id = commit.id;
                let result = writing::commit(&inner.store, commit).await;
                inner.in_flight.set(inner.in_flight.get() - 1);
                inner.ended(id, result);
                inner.start();
            });
        }
    }

    /// Tells of commits in the order of submission, whichever ended first.
    fn ended(&self, id: CommitId, result: Result<(), StorageFault>) {
        let mut submitted = self.submitted.borrow_mut();
        let slot = submitted.iter_mut().find(|submitted| submitted.commit == id);
        slot.expect("a commit that ends was submitted").result = Some(result);
        while submitted.front().is_some_and(|first| first.result.is_some()) {
            let Some(Submitted { commit, result: Some(result) }) = submitted.pop_front() else { break };
            if result.is_ok() {
                self.extents.borrow_mut().completed(commit);
            } else {
                self.extents.borrow_mut().failed(commit);
                self.failed.borrow_mut().insert(commit);
            }
            self.completions.borrow_mut().push_back(Completion::Committed { commit, result });
        }
        drop(submitted);
        (self.wake)();
    }

    fn complete(&self, completion: Completion) {
        self.completions.borrow_mut().push_back(completion);
        (self.wake)();
    }
}
