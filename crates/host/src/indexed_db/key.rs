//! Keys and ranges of keys. In IndexedDB's order a number comes before a string and any array comes after both,
//! and a shorter array before the longer ones that begin with it: `[blob]` is before, `[blob, []]` after all
//! keys of a blob.

use js_sys::Array;
use tablog_log::storage::{BlobName, CommitId};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::IdbKeyRange;

/// `[blob, number]`.
pub fn of(blob: &BlobName, number: u64) -> JsValue {
    Array::of2(&JsValue::from_str(blob.as_str()), &JsValue::from_f64(number as f64)).into()
}

pub fn chain(commit: CommitId) -> JsValue {
    Array::of2(&JsValue::from_str("chain"), &JsValue::from_f64(commit.0 as f64)).into()
}

/// Marks of commits before this one; all of them for `None`.
pub fn chain_before(commit: Option<CommitId>) -> JsValue {
    let from = Array::of1(&JsValue::from_str("chain"));
    let to = match commit {
        Some(commit) => chain(commit),
        None => Array::of2(&JsValue::from_str("chain"), &Array::new()).into(),
    };
    bound(&from, &to, true)
}

pub fn all_of(blob: &BlobName) -> JsValue {
    bound(&Array::of1(&JsValue::from_str(blob.as_str())), &after_all_of(blob), true)
}

/// Pieces that end after `from`: the first of them holds the byte at `from`.
pub fn ends_after(blob: &BlobName, from: u64) -> JsValue {
    IdbKeyRange::bound_with_lower_open_and_upper_open(&of(blob, from), &after_all_of(blob), true, true)
        .expect("the bounds are in order")
        .into()
}

/// Pieces that end after `from` and not after `to`.
pub fn ends_within(blob: &BlobName, from: u64, to: u64) -> JsValue {
    IdbKeyRange::bound_with_lower_open_and_upper_open(&of(blob, from), &of(blob, to), true, false)
        .expect("the bounds are in order")
        .into()
}

/// Keys of blobs whose name is less.
pub fn before(blob: &str) -> JsValue {
    IdbKeyRange::upper_bound_with_open(&Array::of1(&JsValue::from_str(blob)), true)
        .expect("an array of a string is a key")
        .into()
}

/// What a key says: the blob's name and its number.
pub fn parse(key: &JsValue) -> Option<(String, u64)> {
    let key: &Array = key.dyn_ref()?;
    let number = key.get(1).as_f64()?;
    (number >= 0.0).then_some(())?;
    Some((key.get(0).as_string()?, number as u64))
}

fn after_all_of(blob: &BlobName) -> JsValue {
    Array::of2(&JsValue::from_str(blob.as_str()), &Array::new()).into()
}

fn bound(from: &JsValue, to: &JsValue, upper_open: bool) -> JsValue {
    IdbKeyRange::bound_with_lower_open_and_upper_open(from, to, false, upper_open)
        .expect("the bounds are in order")
        .into()
}
