//! One read as one readonly transaction. Pieces are asked for in steps, all at once; two keys tell whether what
//! came back is what was written.

use super::database::{SEGMENTS, SMALL, Store};
use super::key;
use super::request::{Answer, elements};
use crate::extents::{Extent, corrupt};
use crate::limits::{READ_BYTES_MAX, READ_STEP_BYTES};
use bytes::Bytes;
use js_sys::Uint8Array;
use tablog_log::storage::{BlobName, Read, StorageFault};
use wasm_bindgen::{JsCast, JsValue};

pub async fn read(store: &Store, read: &Read, extent: Extent) -> Result<Bytes, StorageFault> {
    let from = read.from.0.min(extent.bytes_len());
    let to = from.saturating_add(read.len.min(READ_BYTES_MAX)).min(extent.bytes_len());
    if from == to {
        return Ok(Bytes::new());
    }
    match extent {
        Extent::Segment { end } => segment(store, &read.blob, from, to, end).await,
        Extent::Small { len } => small(store, &read.blob, from, to, len).await,
    }
}

async fn small(store: &Store, blob: &BlobName, from: u64, to: u64, len: u64) -> Result<Bytes, StorageFault> {
    let value = Answer::of(store.reading(SMALL)?.get(&key::of(blob, len)))?.await?;
    match value.dyn_ref::<Uint8Array>() {
        Some(value) if u64::from(value.length()) == len => {
            Ok(value.subarray(from as u32, to as u32).to_vec().into())
        }
        _ => Err(corrupt(format!("{blob} is not there with its {len} bytes"))),
    }
}

async fn segment(
    store: &Store,
    blob: &BlobName,
    from: u64,
    to: u64,
    blob_end: u64,
) -> Result<Bytes, StorageFault> {
    let segments = store.reading(SEGMENTS)?;
    let mut steps = Vec::new();
    let mut step_from = from;
    while step_from < to {
        let step_to = (step_from + READ_STEP_BYTES).min(to);
        steps.push(Answer::of(segments.get_all_with_key(&key::ends_within(blob, step_from, step_to)))?);
        step_from = step_to;
    }
    let first_key = Answer::of(segments.get_key(&key::ends_after(blob, from)))?;
    // Nothing goes beyond the blob's end, so a read up to there needs no piece that goes beyond it.
    let beyond = if to < blob_end {
        let range = key::ends_after(blob, to);
        Some((Answer::of(segments.get_key(&range))?, Answer::of(segments.get(&range))?))
    } else {
        None
    };

    let mut pieces: Vec<JsValue> = Vec::new();
    for step in steps {
        pieces.extend(elements(step.await?));
    }
    let first_end = key::parse(&first_key.await?).map(|(_, end)| end);
    let mut end = to;
    if let Some((key, value)) = beyond {
        let (found, value) = (key::parse(&key.await?), value.await?);
        // The last piece may end exactly where the read does; then the one beyond is not part of it.
        if let Some((_, beyond_end)) = found {
            let len = value.dyn_ref::<Uint8Array>().map_or(0, |value| u64::from(value.length()));
            if beyond_end.saturating_sub(len) < to {
                end = beyond_end;
                pieces.push(value);
            }
        }
    }
    assemble(blob, &pieces, from, to, end, first_end)
}

/// The pieces are contiguous and the last ends at `end`; hence where the first begins.
fn assemble(
    blob: &BlobName,
    pieces: &[JsValue],
    from: u64,
    to: u64,
    end: u64,
    first_end: Option<u64>,
) -> Result<Bytes, StorageFault> {
    let missing = || corrupt(format!("{blob} has not all of its bytes from {from} to {to}"));
    let pieces: Vec<&Uint8Array> = pieces.iter().filter_map(|piece| piece.dyn_ref()).collect();
    let total: u64 = pieces.iter().map(|piece| u64::from(piece.length())).sum();
    let start = end.checked_sub(total).ok_or_else(missing)?;
    let first = pieces.first().ok_or_else(missing)?;
    if start > from || first_end != Some(start + u64::from(first.length())) {
        return Err(missing());
    }
    let mut out = vec![0u8; (to - from) as usize];
    let mut piece_start = start;
    for piece in pieces {
        let piece_end = piece_start + u64::from(piece.length());
        let (part_from, part_to) = (piece_start.max(from), piece_end.min(to));
        if part_from < part_to {
            let part = piece.subarray((part_from - piece_start) as u32, (part_to - piece_start) as u32);
            part.copy_to(&mut out[(part_from - from) as usize..(part_to - from) as usize]);
        }
        piece_start = piece_end;
    }
    Ok(out.into())
}
