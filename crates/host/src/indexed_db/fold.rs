//! Small pieces become large ones while nothing is asked for, so that reading and opening cost by size and not
//! by how it was written. A fold is a transaction of its own, fenced like a commit; it changes how bytes are
//! cut and no byte.
//!
//! Never knows: what is in flight. IndexedDB orders a fold among the commits, and either order is right.

use super::Inner;
use super::database::{OWNER, SEGMENTS, Store};
use super::key;
use super::request::{Answer, asked, elements};
use super::writing::put_pieces;
use crate::extents::Extent;
use crate::limits::{FOLD_IDLE_MS, FOLD_RUN_VALUES_MIN, VALUE_BYTES_LARGE, VALUE_BYTES_SMALL};
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use std::rc::{Rc, Weak};
use tablog_log::storage::{BlobName, Durability, StorageFault};
use tablog_record::SortedMap;
use wasm_bindgen::{JsCast, JsValue};

/// Goes on until the storage is dropped or lost. A fold that fails is left for later: nothing depends on it.
pub async fn run(inner: Weak<Inner>) {
    let mut seen_activity = u64::MAX;
    // The end of each blob when it was looked at: one that did not grow by much has nothing new to fold.
    let mut looked_at: SortedMap<BlobName, u64> = SortedMap::new();
    loop {
        TimeoutFuture::new(FOLD_IDLE_MS).await;
        let Some(inner) = inner.upgrade() else { return };
        if inner.store.lost().is_some() {
            return;
        }
        let idle = inner.activity.get() == seen_activity && inner.in_flight.get() == 0;
        seen_activity = inner.activity.get();
        if !idle {
            continue;
        }
        let candidate = segments_of(&inner).into_iter().find(|(blob, end)| looked_at.get(blob) != Some(end));
        if let Some((blob, blob_end)) = candidate
            && !matches!(fold(&inner.store, &blob).await, Ok(true))
        {
            looked_at.insert(blob, blob_end);
        }
    }
}

pub async fn all(inner: &Rc<Inner>) -> Result<usize, StorageFault> {
    let mut folded = 0;
    for (blob, _) in segments_of(inner) {
        while fold(&inner.store, &blob).await? {
            folded += 1;
        }
    }
    Ok(folded)
}

fn segments_of(inner: &Inner) -> Vec<(BlobName, u64)> {
    let extents = inner.extents.borrow();
    extents
        .durable()
        .filter_map(|(blob, extent)| match extent {
            Extent::Segment { end } => Some((blob.clone(), end)),
            Extent::Small { .. } => None,
        })
        .collect()
}

/// One run of one blob; whether there was one.
async fn fold(store: &Store, blob: &BlobName) -> Result<bool, StorageFault> {
    let keys = Answer::of(store.reading(SEGMENTS)?.get_all_keys_with_key(&key::all_of(blob)))?.await?;
    let ends: Vec<u64> = elements(keys).filter_map(|key| key::parse(&key)).map(|(_, end)| end).collect();
    let Some(run) = choose(&ends) else { return Ok(false) };

    let tx = store.write(Durability::Relaxed)?;
    let (owner, segments) = (tx.store(OWNER)?, tx.store(SEGMENTS)?);
    let fence = store.fence(&owner)?;
    let range = key::ends_within(blob, run.start, run.end);
    let found = Answer::of(segments.get_all_with_key(&range))?;
    fence.await?;
    let pieces: Vec<JsValue> = elements(found.await?).collect();
    let pieces: Vec<&Uint8Array> = pieces.iter().filter_map(|piece| piece.dyn_ref()).collect();
    let total: u64 = pieces.iter().map(|piece| u64::from(piece.length())).sum();
    if total != run.end - run.start {
        // Cut or deleted meanwhile.
        return Ok(false);
    }
    let whole = Uint8Array::new_with_length(total as u32);
    let mut at = 0;
    for piece in pieces {
        whole.set(piece, at);
        at += piece.length();
    }
    asked(segments.delete(&range))?;
    put_pieces(&segments, blob, run.start, &whole)?;
    tx.end().await?;
    Ok(true)
}

struct Run {
    start: u64,
    end: u64,
}

/// Enough pieces below half of a large one to fill one; else many tiny ones that make one of the fast small size.
fn choose(ends: &[u64]) -> Option<Run> {
    let large = VALUE_BYTES_LARGE as u64;
    run_of(ends, large / 2, large, 2, large).or_else(|| {
        let small = VALUE_BYTES_SMALL as u64;
        run_of(ends, small / 4, 0, FOLD_RUN_VALUES_MIN, small)
    })
}

/// The first run of neighbours, each shorter than `piece_max`, that has both enough bytes and enough pieces. It
/// stops before it exceeds `bytes_max`, or at the first piece that makes it so long.
fn run_of(ends: &[u64], piece_max: u64, bytes_min: u64, pieces_min: usize, bytes_max: u64) -> Option<Run> {
    let mut start = 0;
    let mut pieces = 0;
    let mut previous = 0;
    for &piece_end in ends {
        let len = piece_end - previous;
        if len >= piece_max {
            if pieces >= pieces_min && bytes_min == 0 {
                return Some(Run { start, end: previous });
            }
            start = piece_end;
            pieces = 0;
        } else {
            pieces += 1;
            let bytes = piece_end - start;
            if bytes_min > 0 && bytes >= bytes_min && pieces >= pieces_min {
                return Some(Run { start, end: piece_end });
            }
            if bytes_min == 0 && bytes > bytes_max {
                if pieces > pieces_min {
                    return Some(Run { start, end: previous });
                }
                start = previous;
                pieces = 1;
            }
        }
        previous = piece_end;
    }
    (bytes_min == 0 && pieces >= pieces_min).then_some(Run { start, end: previous })
}
