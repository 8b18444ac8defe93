//! Every blob with its length, from keys alone: of a segment blob only the last key is looked at, however many
//! pieces it has.

use super::database::{SEGMENTS, SMALL, Store};
use super::key;
use super::request::{Answer, elements, fault};
use crate::extents::{Extent, corrupt};
use tablog_log::storage::{BlobName, StorageFault};
use tablog_record::SortedMap;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbCursor, IdbCursorDirection, IdbObjectStore};

pub async fn extents(store: &Store) -> Result<SortedMap<BlobName, Extent>, StorageFault> {
    let mut found = SortedMap::new();
    let keys = Answer::of(store.reading(SMALL)?.get_all_keys())?.await?;
    for key in elements(keys) {
        let (blob, len) = parse(&key)?;
        found.insert(blob, Extent::Small { len });
    }
    let segments = store.reading(SEGMENTS)?;
    let mut before = JsValue::NULL;
    while let Some(key) = last_key(&segments, &before).await? {
        let (blob, end) = parse(&key)?;
        before = key::before(blob.as_str());
        found.insert(blob, Extent::Segment { end });
    }
    Ok(found)
}

/// The last key of a range; of all keys where it is null.
async fn last_key(store: &IdbObjectStore, range: &JsValue) -> Result<Option<JsValue>, StorageFault> {
    let asked = store.open_key_cursor_with_range_and_direction(range, IdbCursorDirection::Prev);
    let found = Answer::of(asked)?.await?;
    if found.is_null() {
        return Ok(None);
    }
    found.unchecked_into::<IdbCursor>().primary_key().map(Some).map_err(fault)
}

fn parse(key: &JsValue) -> Result<(BlobName, u64), StorageFault> {
    let (blob, number) = key::parse(key)
        .ok_or_else(|| corrupt(format!("the store has a key that is none of ours: {key:?}")))?;
    Ok((BlobName::new(blob), number))
}
