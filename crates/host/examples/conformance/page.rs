//! A ground of real databases. Besides the suite it runs what only this backend promises: fencing, folding,
//! refusal of a newer format, loss, damage.

use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::Array;
use std::cell::Cell;
use tablog_host::conformance::{self, Ground};
use tablog_host::indexed_db::{IndexedDbStorage, delete_database};
use tablog_host::storage::{Completion, Storage};
use tablog_log::storage::{
    BlobName, Commit, CommitId, Durability, FaultKind, Position, Read, ReadId, StorageFault, Tier, Write,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static DATABASES: Cell<u32> = const { Cell::new(0) };
}

struct InIndexedDb {
    name: String,
    woken: Option<mpsc::UnboundedReceiver<()>>,
}

impl InIndexedDb {
    async fn connect(&mut self, incarnation: &str) -> Result<IndexedDbStorage, StorageFault> {
        let (sender, woken) = mpsc::unbounded();
        self.woken = Some(woken);
        let opened = IndexedDbStorage::open(&self.name, incarnation, move || {
            let _ = sender.unbounded_send(());
        });
        Ok(opened.await?)
    }
}

impl Ground for InIndexedDb {
    type Storage = IndexedDbStorage;

    async fn open(&mut self) -> Result<IndexedDbStorage, String> {
        let number = DATABASES.get() + 1;
        DATABASES.set(number);
        self.name = format!("conformance-{number}");
        delete_database(&self.name).await.map_err(|fault| fault.to_string())?;
        self.connect("first").await.map_err(|fault| fault.to_string())
    }

    async fn reopen(&mut self, storage: IndexedDbStorage) -> Result<IndexedDbStorage, String> {
        storage.close();
        self.connect("second").await.map_err(|fault| fault.to_string())
    }

    async fn wait(&mut self) {
        if let Some(woken) = &mut self.woken {
            woken.next().await;
        }
    }
}

#[wasm_bindgen]
pub async fn run() -> Array {
    let lines = Array::new();
    let report = |case: &str, outcome: Result<(), String>| {
        let line = match outcome {
            Ok(()) => format!("ok {case}"),
            Err(words) => format!("failed {case}: {words}"),
        };
        lines.push(&JsValue::from_str(&line));
    };
    let mut ground = InIndexedDb { name: String::new(), woken: None };
    conformance::run(&mut ground, report).await;
    report("an_earlier_owner_is_fenced", an_earlier_owner_is_fenced(&mut ground).await);
    report("folding_changes_no_byte", folding_changes_no_byte(&mut ground).await);
    report("a_deleted_database_is_lost", a_deleted_database_is_lost(&mut ground).await);
    report("a_damaged_piece_is_corrupt", a_damaged_piece_is_corrupt(&mut ground).await);
    let outcome = a_failed_transaction_takes_the_next_along(&mut ground).await;
    report("a_failed_transaction_takes_the_next_along", outcome);
    lines
}

fn append(id: u64, predecessor: Option<u64>, blob: &str, at: u64, bytes: Vec<u8>) -> Commit {
    Commit {
        id: CommitId(id),
        predecessor: predecessor.map(CommitId),
        tier: Tier::Durable,
        durability: Durability::Relaxed,
        writes: vec![Write::Append { blob: BlobName::new(blob), at: Position(at), bytes: bytes.into() }],
    }
}

async fn next(ground: &mut InIndexedDb, storage: &mut IndexedDbStorage) -> Completion {
    loop {
        if let Some(completion) = storage.poll_completion() {
            return completion;
        }
        ground.wait().await;
    }
}

async fn committed(
    ground: &mut InIndexedDb,
    storage: &mut IndexedDbStorage,
    commit: Commit,
) -> Result<(), FaultKind> {
    storage.commit(commit);
    match next(ground, storage).await {
        Completion::Committed { result, .. } => result.map_err(|fault| fault.kind),
        other => panic!("no commit: {other:?}"),
    }
}

async fn read(
    ground: &mut InIndexedDb,
    storage: &mut IndexedDbStorage,
    blob: &str,
    len: u64,
) -> Result<Vec<u8>, FaultKind> {
    let read = Read { tier: Tier::Durable, blob: BlobName::new(blob), from: Position(0), len };
    storage.read(ReadId(1), read);
    match next(ground, storage).await {
        Completion::ReadDone { result, .. } => result.map(|bytes| bytes.to_vec()).map_err(|fault| fault.kind),
        other => panic!("no read: {other:?}"),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{got:?} instead of {expected:?}")) }
}

async fn an_earlier_owner_is_fenced(ground: &mut InIndexedDb) -> Result<(), String> {
    let mut first = ground.open().await?;
    same(committed(ground, &mut first, append(1, None, "a.log", 0, vec![1; 10])).await, Ok(()))?;
    let woken_by_first = ground.woken.take();
    let mut second = ground.connect("another").await.map_err(|fault| fault.to_string())?;
    let woken_by_second = std::mem::replace(&mut ground.woken, woken_by_first);
    let thawed = committed(ground, &mut first, append(2, Some(1), "a.log", 10, vec![2; 10])).await;
    same(thawed, Err(FaultKind::Lost))?;
    ground.woken = woken_by_second;
    same(committed(ground, &mut second, append(1, None, "a.log", 10, vec![3; 10])).await, Ok(()))?;
    same(read(ground, &mut second, "a.log", 100).await, Ok([[1; 10], [3; 10]].concat()))
}

async fn folding_changes_no_byte(ground: &mut InIndexedDb) -> Result<(), String> {
    let mut storage = ground.open().await?;
    let mut all = Vec::new();
    for id in 1..=300u64 {
        // Tiny ones, then some of 40 kB: both ways of folding have work.
        let len = if id <= 200 { 37 } else { 40_000 };
        let bytes = vec![id as u8; len];
        let at = all.len() as u64;
        all.extend_from_slice(&bytes);
        same(
            committed(ground, &mut storage, append(id, (id > 1).then(|| id - 1), "a.log", at, bytes)).await,
            Ok(()),
        )?;
    }
    let folded = storage.fold_now().await.map_err(|fault| fault.to_string())?;
    if folded < 3 {
        return Err(format!("only {folded} runs were folded"));
    }
    same(storage.fold_now().await.map_err(|fault| fault.to_string())?, 0)?;
    if read(ground, &mut storage, "a.log", 1 << 30).await != Ok(all.clone()) {
        return Err("the bytes differ after folding".to_owned());
    }
    let at = all.len() as u64;
    same(committed(ground, &mut storage, append(301, Some(300), "a.log", at, vec![9; 9])).await, Ok(()))?;
    all.extend_from_slice(&[9; 9]);
    let mut storage = ground.reopen(storage).await?;
    if read(ground, &mut storage, "a.log", 1 << 30).await != Ok(all) {
        return Err("the bytes differ after reopening".to_owned());
    }
    Ok(())
}

async fn a_deleted_database_is_lost(ground: &mut InIndexedDb) -> Result<(), String> {
    let mut storage = ground.open().await?;
    same(committed(ground, &mut storage, append(1, None, "a.log", 0, vec![1; 10])).await, Ok(()))?;
    delete_database(&ground.name).await.map_err(|fault| fault.to_string())?;
    let after = committed(ground, &mut storage, append(2, Some(1), "a.log", 10, vec![1; 10])).await;
    same(after, Err(FaultKind::Lost))?;
    same(read(ground, &mut storage, "a.log", 10).await, Err(FaultKind::Lost))
}

async fn a_damaged_piece_is_corrupt(ground: &mut InIndexedDb) -> Result<(), String> {
    let mut storage = ground.open().await?;
    for id in 1..=3u64 {
        let commit = append(id, (id > 1).then(|| id - 1), "a.log", (id - 1) * 10, vec![id as u8; 10]);
        same(committed(ground, &mut storage, commit).await, Ok(()))?;
    }
    damage(ground, 20, None).await?;
    same(read(ground, &mut storage, "a.log", 30).await, Err(FaultKind::Corrupt))
}

/// The first fails in its transaction, with the second already on its way behind it.
async fn a_failed_transaction_takes_the_next_along(ground: &mut InIndexedDb) -> Result<(), String> {
    let mut storage = ground.open().await?;
    same(committed(ground, &mut storage, append(1, None, "a.log", 0, vec![1; 10])).await, Ok(()))?;
    damage(ground, 10, Some("no bytes".into())).await?;
    let truncation = Write::Truncate { blob: BlobName::new("a.log"), to: Position(5) };
    let truncation = Commit { writes: vec![truncation], ..append(2, Some(1), "a.log", 0, vec![]) };
    storage.commit(truncation);
    storage.commit(append(3, Some(2), "b.log", 0, vec![3; 10]));
    storage.commit(append(4, Some(3), "c.log", 0, vec![4; 10]));
    for (id, expected) in [(2, FaultKind::Corrupt), (3, FaultKind::Predecessor), (4, FaultKind::Predecessor)]
    {
        match next(ground, &mut storage).await {
            Completion::Committed { commit, result } => {
                same((commit.0, result.map_err(|fault| fault.kind)), (id, Err(expected)))?;
            }
            other => return Err(format!("no commit: {other:?}")),
        }
    }
    same(committed(ground, &mut storage, append(5, None, "b.log", 0, vec![5; 10])).await, Ok(()))?;
    same(read(ground, &mut storage, "b.log", 30).await, Ok(vec![5; 10]))?;
    same(read(ground, &mut storage, "c.log", 30).await, Err(FaultKind::Corrupt))
}

/// Replaces the piece of `a.log` that ends there, or takes it away, behind the storage's back.
async fn damage(ground: &InIndexedDb, end: u32, value: Option<JsValue>) -> Result<(), String> {
    use indexed_db_futures::database::Database;
    use indexed_db_futures::prelude::*;
    use indexed_db_futures::transaction::TransactionMode;

    let words = |error: indexed_db_futures::error::Error| error.to_string();
    let db = Database::open(ground.name.clone()).await.map_err(|error| error.to_string())?;
    {
        let tx = db.transaction("segments").with_mode(TransactionMode::Readwrite).build().map_err(words)?;
        let segments = tx.object_store("segments").map_err(words)?;
        let key: JsValue = Array::of2(&"a.log".into(), &end.into()).into();
        match value {
            Some(value) => segments.put(value).with_key(key).await.map(|_key: JsValue| ()).map_err(words)?,
            None => segments.delete::<JsValue, _>(key).await.map_err(words)?,
        }
        tx.commit().await.map_err(words)?;
    }
    db.close();
    Ok(())
}
