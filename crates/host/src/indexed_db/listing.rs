//! Every blob with its length, from keys alone: of a segment blob only the last key is looked at, however many
//! pieces it has.

use super::database::{SEGMENTS, SMALL, Store, fault};
use super::key;
use crate::extents::{Extent, corrupt};
use indexed_db_futures::cursor::CursorDirection;
use indexed_db_futures::prelude::*;
use tablog_log::storage::{BlobName, StorageFault};
use tablog_record::SortedMap;
use wasm_bindgen::JsValue;

pub async fn extents(store: &Store) -> Result<SortedMap<BlobName, Extent>, StorageFault> {
    let mut found = SortedMap::new();
    let tx = store.reading()?;
    let small = tx.object_store(SMALL).map_err(fault)?;
    for key in small.get_all_keys::<JsValue>().await.map_err(fault)? {
        let (blob, len) = parse(&key.map_err(fault)?)?;
        found.insert(blob, Extent::Small { len });
    }
    let segments = tx.object_store(SEGMENTS).map_err(fault)?;
    let mut last = {
        let cursor = segments.open_key_cursor().with_direction(CursorDirection::Prev).await.map_err(fault)?;
        match cursor {
            Some(cursor) => cursor.primary_key::<JsValue>().map_err(fault)?,
            None => None,
        }
    };
    while let Some(key) = last {
        let (blob, end) = parse(&key)?;
        let cursor = segments
            .open_key_cursor()
            .with_query::<JsValue, _>(key::before(blob.as_str()))
            .with_direction(CursorDirection::Prev)
            .await
            .map_err(fault)?;
        last = match cursor {
            Some(cursor) => cursor.primary_key::<JsValue>().map_err(fault)?,
            None => None,
        };
        found.insert(blob, Extent::Segment { end });
    }
    Ok(found)
}

fn parse(key: &JsValue) -> Result<(BlobName, u64), StorageFault> {
    let (blob, number) = key::parse(key)
        .ok_or_else(|| corrupt(format!("the store has a key that is none of ours: {key:?}")))?;
    Ok((BlobName::new(blob), number))
}
