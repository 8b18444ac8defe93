//! One commit as one transaction. All requests are made at once; then the fence and the predecessor's mark are
//! looked at, and the transaction is committed or aborted.

use super::database::{OWNER, SEGMENTS, SMALL, Store};
use super::key;
use super::request::{Answer, asked};
use crate::extents::{corrupt, predecessor_failed};
use crate::limits::{CHAIN_MARKS_KEPT, CHAIN_SWEEP_COMMITS, VALUE_BYTES_LARGE, VALUE_BYTES_SMALL};
use bytes::Bytes;
use js_sys::Uint8Array;
use tablog_log::storage::{BlobName, Commit, CommitId, StorageFault, Write};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::IdbObjectStore;

pub async fn commit(store: &Store, commit: Commit) -> Result<(), StorageFault> {
    let tx = store.write(commit.durability)?;
    let (owner, segments, small) = (tx.store(OWNER)?, tx.store(SEGMENTS)?, tx.store(SMALL)?);

    let fence = store.fence(&owner)?;
    let mark = match commit.predecessor {
        Some(predecessor) => Some((predecessor, Answer::of(owner.get(&key::chain(predecessor)))?)),
        None => None,
    };
    for step in joined(commit.writes) {
        step.perform(&segments, &small).await?;
    }
    leave_mark(&owner, commit.id)?;

    fence.await?;
    if let Some((predecessor, found)) = mark
        && found.await?.is_undefined()
    {
        return Err(predecessor_failed(commit.id, predecessor));
    }
    tx.end().await
}

/// Another key than the one that this commit read: reading and writing the same key costs half a millisecond.
fn leave_mark(owner: &IdbObjectStore, commit: CommitId) -> Result<(), StorageFault> {
    asked(owner.put_with_key(&1.into(), &key::chain(commit)))?;
    if commit.0.is_multiple_of(CHAIN_SWEEP_COMMITS) && commit.0 > CHAIN_MARKS_KEPT {
        let old = key::chain_before(Some(CommitId(commit.0 - CHAIN_MARKS_KEPT)));
        asked(owner.delete(&old))?;
    }
    Ok(())
}

/// A write as the store performs it: what goes to the end of one blob in one commit goes as one.
enum Step {
    Append { blob: BlobName, at: u64, parts: Vec<Bytes> },
    Put { blob: BlobName, bytes: Bytes },
    Truncate { blob: BlobName, to: u64 },
    Delete { blob: BlobName },
}

fn joined(writes: Vec<Write>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for write in writes {
        match write {
            Write::Append { blob, at, bytes } => {
                let same_blob = steps.iter_mut().rev().find(|step| *step.blob() == blob);
                match same_blob {
                    Some(Step::Append { parts, .. }) => parts.push(bytes),
                    _ => steps.push(Step::Append { blob, at: at.0, parts: vec![bytes] }),
                }
            }
            Write::Put { blob, bytes } => steps.push(Step::Put { blob, bytes }),
            Write::Truncate { blob, to } => steps.push(Step::Truncate { blob, to: to.0 }),
            Write::Delete { blob } => steps.push(Step::Delete { blob }),
        }
    }
    steps
}

impl Step {
    fn blob(&self) -> &BlobName {
        match self {
            Step::Append { blob, .. }
            | Step::Put { blob, .. }
            | Step::Truncate { blob, .. }
            | Step::Delete { blob } => blob,
        }
    }

    async fn perform(&self, segments: &IdbObjectStore, small: &IdbObjectStore) -> Result<(), StorageFault> {
        match self {
            Step::Append { blob, at, parts } => {
                let total = parts.iter().map(Bytes::len).sum();
                let whole = copied_out(parts, total);
                put_pieces(segments, blob, *at, &whole)?;
            }
            Step::Put { blob, bytes } => {
                asked(small.delete(&key::all_of(blob)))?;
                let value = copied_out(std::slice::from_ref(bytes), bytes.len());
                put(small, key::of(blob, bytes.len() as u64), &value)?;
            }
            Step::Truncate { blob, to } => truncate(segments, blob, *to).await?,
            Step::Delete { blob } => {
                asked(segments.delete(&key::all_of(blob)))?;
                asked(small.delete(&key::all_of(blob)))?;
            }
        }
        Ok(())
    }
}

/// The piece that holds the new end is cut, what follows it goes.
async fn truncate(segments: &IdbObjectStore, blob: &BlobName, to: u64) -> Result<(), StorageFault> {
    let after = key::ends_after(blob, to);
    let found_key = Answer::of(segments.get_key(&after))?;
    let found_value = Answer::of(segments.get(&after))?;
    let (found_key, value) = (found_key.await?, found_value.await?);
    if found_key.is_undefined() {
        return Ok(());
    }
    let (Some((_, end)), Some(value)) = (key::parse(&found_key), value.dyn_ref::<Uint8Array>()) else {
        return Err(corrupt(format!("{blob} has a piece that is none")));
    };
    asked(segments.delete(&after))?;
    let start = end.checked_sub(u64::from(value.length())).ok_or_else(|| {
        corrupt(format!("{blob} has a piece of {} bytes that ends at {end}", value.length()))
    })?;
    if to == 0 {
        leave_empty(segments, blob)?;
    } else if start < to {
        put(segments, key::of(blob, to), &value.slice(0, (to - start) as u32))?;
    }
    Ok(())
}

pub fn put_pieces(
    segments: &IdbObjectStore,
    blob: &BlobName,
    at: u64,
    whole: &Uint8Array,
) -> Result<(), StorageFault> {
    let total = whole.length() as usize;
    if total == 0 {
        return if at == 0 { leave_empty(segments, blob) } else { Ok(()) };
    }
    let pieces = pieces_of(total);
    let mut from = 0;
    for i in 0..pieces {
        let to = total * (i + 1) / pieces;
        // A view would take the whole buffer along: `slice` copies, and one piece needs no copy.
        let piece = if pieces == 1 { whole.clone() } else { whole.slice(from as u32, to as u32) };
        put(segments, key::of(blob, at + to as u64), &piece)?;
        from = to;
    }
    Ok(())
}

/// A blob without bytes has a key all the same: a piece of nothing that ends where the blob begins.
fn leave_empty(segments: &IdbObjectStore, blob: &BlobName) -> Result<(), StorageFault> {
    put(segments, key::of(blob, 0), &Uint8Array::new_with_length(0))
}

/// Into how many values so many bytes are cut, so that none is of a slow size.
fn pieces_of(total: usize) -> usize {
    if total >= VALUE_BYTES_LARGE { total / VALUE_BYTES_LARGE } else { total.div_ceil(VALUE_BYTES_SMALL) }
}

pub fn put(store: &IdbObjectStore, key: JsValue, value: &Uint8Array) -> Result<(), StorageFault> {
    asked(store.put_with_key(value, &key))
}

/// A fresh buffer outside wasm's memory, exactly as long: a view on wasm's memory would be cloned with all of it.
fn copied_out(parts: &[Bytes], total: usize) -> Uint8Array {
    let out =
        Uint8Array::new_with_length(u32::try_from(total).expect("a commit's bytes fit in wasm's memory"));
    let mut at = 0u32;
    for part in parts {
        let end = at + part.len() as u32;
        out.subarray(at, end).copy_from(part);
        at = end;
    }
    out
}
