//! What every backend must do, as a suite that a backend's tests run: natively for memory, in a page for
//! IndexedDB. A case answers with words instead of a panic, so that one failure does not hide the others.
//!
//! Never knows: which backend it runs over.

use crate::storage::{Completion, Storage};
use bytes::Bytes;
use std::future::Future;
use tablog_log::storage::{
    BlobInfo, BlobName, Commit, CommitId, Durability, FaultKind, Position, Read, ReadId, StorageFault, Tier,
    Write,
};

/// The ground that a backend's suite runs on.
pub trait Ground {
    type Storage: Storage;

    /// A new, empty store.
    fn open(&mut self) -> impl Future<Output = Result<Self::Storage, String>>;
    /// The same store after its owner went away.
    fn reopen(&mut self, storage: Self::Storage) -> impl Future<Output = Result<Self::Storage, String>>;
    /// Until a completion may be there.
    fn wait(&mut self) -> impl Future<Output = ()>;
}

type Outcome = Result<(), String>;

/// Runs every case on a store of its own and reports each; answers how many there were.
pub async fn run<G: Ground>(ground: &mut G, mut report: impl FnMut(&'static str, Outcome)) -> usize {
    let mut cases = 0;
    macro_rules! cases {
        ($($case:ident),+ $(,)?) => {
            $(
                let outcome = match Bench::open(ground).await {
                    Ok(bench) => $case(bench).await,
                    Err(words) => Err(words),
                };
                report(stringify!($case), outcome);
                cases += 1;
            )+
        };
    }
    cases!(
        commits_complete_in_order,
        append_at_a_wrong_position_fails,
        append_to_a_replaceable_blob_fails,
        a_failed_commit_fails_those_that_follow_it,
        a_failed_commit_leaves_nothing,
        reads_go_over_value_borders,
        reads_end_where_the_blob_ends,
        a_read_of_a_missing_blob_is_a_fault,
        a_read_sees_the_commit_before_it,
        truncation_cuts_inside_a_value,
        deletion_is_repeatable,
        names_that_begin_alike_stay_apart,
        put_replaces_the_whole,
        list_tells_every_length,
        every_size_comes_back,
        many_small_appends_read_as_one,
        appends_of_one_commit_keep_their_order,
        a_blob_may_be_empty,
        durable_tiers_reopen_with_all,
    );
    cases
}

/// One store and the ids that its caller gives out.
struct Bench<'g, G: Ground> {
    ground: &'g mut G,
    storage: G::Storage,
    next_id: u64,
    last: Option<CommitId>,
}

impl<'g, G: Ground> Bench<'g, G> {
    async fn open(ground: &'g mut G) -> Result<Bench<'g, G>, String> {
        let storage = ground.open().await?;
        Ok(Bench { ground, storage, next_id: 1, last: None })
    }

    async fn reopen(self) -> Result<Bench<'g, G>, String> {
        let Bench { ground, storage, .. } = self;
        let storage = ground.reopen(storage).await?;
        Ok(Bench { ground, storage, next_id: 1, last: None })
    }

    fn submit(&mut self, predecessor: Option<CommitId>, writes: Vec<Write>) -> CommitId {
        let id = CommitId(self.next_id);
        self.next_id += 1;
        let durability = if id.0.is_multiple_of(2) { Durability::Strict } else { Durability::Relaxed };
        self.storage.commit(Commit { id, predecessor, tier: Tier::Durable, durability, writes });
        self.last = Some(id);
        id
    }

    /// Submits in the chain and awaits its end.
    async fn commit(&mut self, writes: Vec<Write>) -> Outcome {
        let id = self.submit(self.last, writes);
        self.committed(id).await?.map_err(|fault| format!("commit {} failed: {fault}", id.0))
    }

    async fn next(&mut self) -> Completion {
        loop {
            if let Some(completion) = self.storage.poll_completion() {
                return completion;
            }
            self.ground.wait().await;
        }
    }

    async fn committed(&mut self, id: CommitId) -> Result<Result<(), StorageFault>, String> {
        match self.next().await {
            Completion::Committed { commit, result } if commit == id => Ok(result),
            other => Err(format!("expected the end of commit {}, got {}", id.0, brief(&other))),
        }
    }

    async fn read(&mut self, blob: &str, from: u64, len: u64) -> Result<Bytes, StorageFault> {
        let id = ReadId(self.next_id);
        self.next_id += 1;
        let read = Read { tier: Tier::Durable, blob: BlobName::new(blob), from: Position(from), len };
        self.storage.read(id, read);
        loop {
            if let Completion::ReadDone { read, result } = self.next().await
                && read == id
            {
                return result;
            }
        }
    }

    async fn expect(&mut self, blob: &str, from: u64, len: u64, expected: &[u8]) -> Outcome {
        let got = self.read(blob, from, len).await.map_err(|fault| format!("read of {blob}: {fault}"))?;
        if got == expected {
            return Ok(());
        }
        let differs = got.iter().zip(expected).position(|(a, b)| a != b);
        Err(format!(
            "{blob} from {from} for {len}: {} bytes instead of {}, first difference {differs:?}",
            got.len(),
            expected.len()
        ))
    }

    async fn listed(&mut self) -> Result<Vec<(String, u64)>, String> {
        self.storage.list();
        match self.next().await {
            Completion::Listed { result: Ok(blobs) } => {
                Ok(blobs.into_iter().map(|BlobInfo { blob, len }| (blob.as_str().to_owned(), len)).collect())
            }
            other => Err(format!("expected a list, got {}", brief(&other))),
        }
    }
}

fn brief(completion: &Completion) -> String {
    match completion {
        Completion::Committed { commit, result } => format!("commit {} with {result:?}", commit.0),
        Completion::ReadDone { read, result } => {
            format!("read {} with {:?}", read.0, result.as_ref().map(Bytes::len))
        }
        Completion::Listed { result } => format!("list with {:?}", result.as_ref().map(Vec::len)),
    }
}

fn append(blob: &str, at: u64, bytes: &[u8]) -> Write {
    Write::Append { blob: BlobName::new(blob), at: Position(at), bytes: Bytes::copy_from_slice(bytes) }
}

fn put(blob: &str, bytes: &[u8]) -> Write {
    Write::Put { blob: BlobName::new(blob), bytes: Bytes::copy_from_slice(bytes) }
}

fn truncate(blob: &str, to: u64) -> Write {
    Write::Truncate { blob: BlobName::new(blob), to: Position(to) }
}

fn delete(blob: &str) -> Write {
    Write::Delete { blob: BlobName::new(blob) }
}

/// Bytes that differ at every place a cut could go wrong.
fn pattern(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, expected: T) -> Outcome {
    if got == expected { Ok(()) } else { Err(format!("{what}: {got:?} instead of {expected:?}")) }
}

async fn commits_complete_in_order<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let mut ids = Vec::new();
    for i in 0..8u64 {
        // A large one before a small one: the small one must not overtake.
        let len = if i % 2 == 0 { 300_000 } else { 10 };
        let blob = format!("order/{i}.log");
        ids.push(bench.submit(bench.last, vec![append(&blob, 0, &pattern(len, i))]));
    }
    for id in ids {
        bench.committed(id).await?.map_err(|fault| format!("commit {}: {fault}", id.0))?;
    }
    Ok(())
}

async fn append_at_a_wrong_position_fails<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("a.log", 0, b"hello")]).await?;
    for at in [0, 4, 6] {
        let id = bench.submit(None, vec![append("a.log", at, b"x")]);
        let kind = bench.committed(id).await?.map_err(|fault| fault.kind);
        same("append at a wrong position", kind, Err(FaultKind::Corrupt))?;
    }
    let id = bench.submit(None, vec![append("a.log", 5, b" world")]);
    bench.committed(id).await?.map_err(|fault| fault.to_string())?;
    bench.expect("a.log", 0, 100, b"hello world").await
}

async fn append_to_a_replaceable_blob_fails<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![put("a.index", b"12345678")]).await?;
    let id = bench.submit(None, vec![append("a.index", 8, b"9")]);
    let kind = bench.committed(id).await?.map_err(|fault| fault.kind);
    same("append to a small blob", kind, Err(FaultKind::Corrupt))?;
    bench.expect("a.index", 0, 100, b"12345678").await
}

async fn a_failed_commit_fails_those_that_follow_it<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("a.log", 0, b"one")]).await?;
    let first = bench.submit(bench.last, vec![append("a.log", 99, b"wrong")]);
    let second = bench.submit(Some(first), vec![append("b.log", 0, b"two")]);
    let third = bench.submit(Some(second), vec![append("c.log", 0, b"three")]);
    let fourth = bench.submit(None, vec![append("a.log", 3, b"four")]);
    same("first", bench.committed(first).await?.map_err(|fault| fault.kind), Err(FaultKind::Corrupt))?;
    same("second", bench.committed(second).await?.map_err(|fault| fault.kind), Err(FaultKind::Predecessor))?;
    same("third", bench.committed(third).await?.map_err(|fault| fault.kind), Err(FaultKind::Predecessor))?;
    same("a new chain", bench.committed(fourth).await?.map_err(|fault| fault.kind), Ok(()))?;
    same("list", bench.listed().await?, vec![("a.log".to_owned(), 7)])
}

async fn a_failed_commit_leaves_nothing<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("a.log", 0, b"one"), put("a.index", b"i")]).await?;
    let bad = vec![
        append("a.log", 3, b"two"),
        put("a.index", b"ii"),
        append("new.log", 0, b"new"),
        delete("a.index"),
        append("a.log", 7, b"a gap"),
    ];
    let id = bench.submit(bench.last, bad);
    if bench.committed(id).await?.is_ok() {
        return Err("a commit with a gap completed".to_owned());
    }
    bench.expect("a.log", 0, 100, b"one").await?;
    bench.expect("a.index", 0, 100, b"i").await?;
    let expected = vec![("a.index".to_owned(), 1), ("a.log".to_owned(), 3)];
    same("list", bench.listed().await?, expected)
}

async fn reads_go_over_value_borders<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let all = pattern(500_000, 7);
    let mut at = 0;
    for (i, len) in [1, 9, 90, 900, 9_000, 70_000, 120_000, 299_999, 1].into_iter().enumerate() {
        let end = all.len().min(at + len);
        bench
            .commit(vec![append("a.log", at as u64, &all[at..end])])
            .await
            .map_err(|e| format!("{i}: {e}"))?;
        at = end;
    }
    for (from, len) in [
        (0, 1),
        (0, 10),
        (1, 8),
        (5, 10),
        (99, 2),
        (0, at),
        (999, 9_001),
        (50_000, 100_000),
        (79_999, 2),
        (at - 1, 1),
        (at / 2, at / 2),
        (0, at - 1),
    ] {
        bench.expect("a.log", from as u64, len as u64, &all[from..(from + len).min(at)]).await?;
    }
    Ok(())
}

async fn reads_end_where_the_blob_ends<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("a.log", 0, b"hello"), put("a.index", b"index")]).await?;
    for blob in ["a.log", "a.index"] {
        let text: &[u8] = if blob == "a.log" { b"hello" } else { b"index" };
        bench.expect(blob, 3, 100, &text[3..]).await?;
        bench.expect(blob, 3, u64::MAX, &text[3..]).await?;
        bench.expect(blob, 5, 100, b"").await?;
        bench.expect(blob, 500, 100, b"").await?;
        bench.expect(blob, 2, 0, b"").await?;
    }
    Ok(())
}

async fn a_read_of_a_missing_blob_is_a_fault<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let kind = bench.read("nowhere.log", 0, 10).await.map_err(|fault| fault.kind);
    same("read", kind, Err(FaultKind::Corrupt))
}

async fn a_read_sees_the_commit_before_it<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let bytes = pattern(200_000, 3);
    bench.submit(None, vec![append("a.log", 0, &bytes)]);
    bench.expect("a.log", 150_000, 50_000, &bytes[150_000..]).await
}

async fn truncation_cuts_inside_a_value<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let all = pattern(150_000, 11);
    bench.commit(vec![append("a.log", 0, &all[..100_000])]).await?;
    bench.commit(vec![append("a.log", 100_000, &all[100_000..])]).await?;
    bench.commit(vec![truncate("a.log", 77_777)]).await?;
    bench.expect("a.log", 0, 1 << 20, &all[..77_777]).await?;
    same("list", bench.listed().await?, vec![("a.log".to_owned(), 77_777)])?;
    // Cut and written again in one commit, as recovery does.
    bench.commit(vec![truncate("a.log", 50_000), append("a.log", 50_000, &all[50_000..60_000])]).await?;
    bench.expect("a.log", 0, 1 << 20, &all[..60_000]).await?;
    bench.commit(vec![truncate("a.log", 60_000)]).await?;
    bench.expect("a.log", 59_999, 10, &all[59_999..60_000]).await?;
    bench.commit(vec![truncate("a.log", 0), append("a.log", 0, b"anew")]).await?;
    bench.expect("a.log", 0, 10, b"anew").await
}

async fn deletion_is_repeatable<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("a.log", 0, b"a"), put("a.index", b"i"), append("b.log", 0, b"b")]).await?;
    bench.commit(vec![delete("a.log"), delete("a.index")]).await?;
    bench.commit(vec![delete("a.log"), delete("a.index"), delete("never.log")]).await?;
    same("list", bench.listed().await?, vec![("b.log".to_owned(), 1)])?;
    bench.commit(vec![append("a.log", 0, b"again")]).await?;
    bench.expect("a.log", 0, 10, b"again").await
}

async fn names_that_begin_alike_stay_apart<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    for name in ["a", "a/", "a/0", "a/00", "b"] {
        bench.commit(vec![append(name, 0, name.as_bytes())]).await?;
        bench.commit(vec![put(&format!("{name}.i"), name.as_bytes())]).await?;
    }
    bench.commit(vec![delete("a/"), truncate("a/0", 1), delete("a/.i")]).await?;
    bench.expect("a", 0, 10, b"a").await?;
    bench.expect("a/0", 0, 10, b"a").await?;
    bench.expect("a/00", 0, 10, b"a/00").await?;
    let names: Vec<String> = bench.listed().await?.into_iter().map(|(name, _)| name).collect();
    let expected = ["a", "a.i", "a/0", "a/0.i", "a/00", "a/00.i", "b", "b.i"];
    same("list", names, expected.map(str::to_owned).to_vec())
}

async fn put_replaces_the_whole<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    for len in [10usize, 100_000, 3, 0, 7] {
        let bytes = pattern(len, len as u64 + 1);
        bench.commit(vec![put("a.index", &bytes)]).await?;
        bench.expect("a.index", 0, 1 << 20, &bytes).await?;
        same("list", bench.listed().await?, vec![("a.index".to_owned(), len as u64)])?;
    }
    Ok(())
}

async fn list_tells_every_length<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    same("an empty store", bench.listed().await?, vec![])?;
    let mut expected = Vec::new();
    for i in 0..40u64 {
        let len = (i * 7_919) % 90_000 + 1;
        bench.submit(
            bench.last,
            vec![
                append(&format!("t/{i:03}.log"), 0, &pattern(len as usize, i + 1)),
                put(&format!("t/{i:03}.txnindex"), &pattern(i as usize, i + 1)),
            ],
        );
        expected.push((format!("t/{i:03}.log"), len));
        expected.push((format!("t/{i:03}.txnindex"), i));
    }
    for _ in 0..40 {
        if let Completion::Committed { result: Err(fault), .. } = bench.next().await {
            return Err(fault.to_string());
        }
    }
    same("list", bench.listed().await?, expected)
}

async fn every_size_comes_back<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let kib = 1024;
    for len in [
        1,
        100,
        60 * kib - 1,
        60 * kib,
        60 * kib + 1,
        64 * kib,
        120 * kib,
        121 * kib,
        512 * kib,
        1024 * kib - 1,
        1024 * kib,
        1024 * kib + 1,
        3 * 1024 * kib,
    ] {
        let blob = format!("size/{len}.log");
        let bytes = pattern(len, len as u64);
        bench.commit(vec![append(&blob, 0, &bytes)]).await?;
        bench.expect(&blob, 0, len as u64, &bytes).await?;
        bench.expect(&blob, len as u64 / 2, len as u64, &bytes[len / 2..]).await?;
    }
    Ok(())
}

async fn many_small_appends_read_as_one<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let all = pattern(40_000, 5);
    for (i, piece) in all.chunks(100).enumerate() {
        bench.submit(bench.last, vec![append("a.log", i as u64 * 100, piece)]);
    }
    for _ in 0..all.len() / 100 {
        if let Completion::Committed { result: Err(fault), .. } = bench.next().await {
            return Err(fault.to_string());
        }
    }
    bench.expect("a.log", 0, 1 << 20, &all).await?;
    bench.expect("a.log", 12_345, 6_789, &all[12_345..12_345 + 6_789]).await
}

async fn appends_of_one_commit_keep_their_order<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench
        .commit(vec![
            append("a.log", 0, b"one "),
            append("b.log", 0, b"other"),
            append("a.log", 4, b"two "),
            put("a.index", b"1"),
            append("a.log", 8, b"three"),
            put("a.index", b"12"),
        ])
        .await?;
    bench.expect("a.log", 0, 100, b"one two three").await?;
    bench.expect("b.log", 0, 100, b"other").await?;
    bench.expect("a.index", 0, 100, b"12").await
}

async fn a_blob_may_be_empty<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    bench.commit(vec![append("made.log", 0, b""), append("cut.log", 0, b"cut"), put("a.index", b"")]).await?;
    bench.commit(vec![truncate("cut.log", 0)]).await?;
    let empty = vec![("a.index".to_owned(), 0), ("cut.log".to_owned(), 0), ("made.log".to_owned(), 0)];
    same("list", bench.listed().await?, empty.clone())?;
    let mut bench = bench.reopen().await?;
    same("list after reopening", bench.listed().await?, empty)?;
    bench.expect("made.log", 0, 10, b"").await?;
    bench.commit(vec![append("made.log", 0, b"made"), append("cut.log", 0, b"anew")]).await?;
    bench.commit(vec![append("made.log", 4, b"")]).await?;
    let mut bench = bench.reopen().await?;
    bench.expect("made.log", 0, 10, b"made").await?;
    bench.expect("cut.log", 0, 10, b"anew").await?;
    bench.commit(vec![delete("made.log")]).await?;
    let mut bench = bench.reopen().await?;
    let left = vec![("a.index".to_owned(), 0), ("cut.log".to_owned(), 4)];
    same("list after deletion", bench.listed().await?, left)
}

async fn durable_tiers_reopen_with_all<G: Ground>(mut bench: Bench<'_, G>) -> Outcome {
    let bytes = pattern(250_000, 13);
    bench.commit(vec![append("a.log", 0, &bytes[..1000]), put("a.index", b"index")]).await?;
    bench.commit(vec![append("a.log", 1000, &bytes[1000..]), append("gone.log", 0, b"x")]).await?;
    bench.commit(vec![delete("gone.log")]).await?;
    let mut bench = bench.reopen().await?;
    let expected = vec![("a.index".to_owned(), 5), ("a.log".to_owned(), 250_000)];
    same("list", bench.listed().await?, expected)?;
    bench.expect("a.log", 0, 1 << 20, &bytes).await?;
    bench.commit(vec![append("a.log", 250_000, b"goes on")]).await?;
    bench.expect("a.log", 249_999, 100, &[&bytes[249_999..], b"goes on"].concat()).await
}
