//! The store as it lies in the browser, for when the broker cannot start: taken home as one tar file, or deleted.
//! Reads what `indexed_db` of the host writes: pieces of segment blobs by `[name, end]`, whole small blobs by
//! `[name, length]`.
//!
//! Never knows: what the bytes mean, whether they are sound. What is damaged is taken along.

use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::TransactionMode;
use js_sys::{Array, Uint8Array};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag};

const SEGMENTS: &str = "segments";
const SMALL: &str = "small";
const TAR_BLOCK_BYTES: u64 = 512;

/// Everything stored under the broker's name is gone. Whoever has it open is told to let go of it.
pub async fn delete(name: &str) -> Result<(), String> {
    let deleted = Database::delete_by_name(&database_of(name)).map_err(|error| error.to_string())?;
    deleted.await.map_err(|error| format!("the store cannot be deleted: {error}"))
}

/// Every blob as a file of its name.
pub async fn download(name: &str) -> Result<Blob, String> {
    let db = Database::open(database_of(name)).await.map_err(|error| error.to_string())?;
    if db.object_store_names().next().is_none() {
        // Opening made it: a broker would find it without its stores.
        db.close();
        delete(name).await?;
        return Err("there is no store".to_owned());
    }
    let taken = take(&db).await.map_err(|error| format!("the store cannot be read: {error}"));
    db.close();
    taken
}

async fn take(db: &Database) -> Result<Blob, indexed_db_futures::error::Error> {
    let stores: Vec<String> = db.object_store_names().collect();
    let files = Array::new();
    for store_name in [SMALL, SEGMENTS] {
        if !stores.iter().any(|store| store == store_name) {
            continue;
        }
        for (file, keys) in files_of(db, store_name).await? {
            let mut parts = Array::new();
            let mut len = 0u64;
            for key in keys {
                let tx = db.transaction(store_name).with_mode(TransactionMode::Readonly).build()?;
                let store = tx.object_store(store_name)?;
                let value: Option<JsValue> = store.get::<JsValue, JsValue, _>(key).await?;
                if let Some(bytes) = value.as_ref().and_then(|value| value.dyn_ref::<Uint8Array>()) {
                    len += u64::from(bytes.length());
                    parts.push(bytes);
                }
                // Into a Blob from time to time: those the browser keeps outside memory.
                if parts.length() >= 256 {
                    parts = Array::of1(&blob_of(&parts)?.into());
                }
            }
            files.push(&Uint8Array::from(tar_header(&file, len).as_slice()));
            files.push(&blob_of(&parts)?.into());
            files.push(&Uint8Array::new_with_length((len.next_multiple_of(TAR_BLOCK_BYTES) - len) as u32));
        }
    }
    files.push(&Uint8Array::new_with_length(2 * TAR_BLOCK_BYTES as u32));
    Ok(blob_of(&files)?)
}

/// The keys of each blob, in order.
async fn files_of(
    db: &Database,
    store_name: &str,
) -> Result<BTreeMap<String, Vec<JsValue>>, indexed_db_futures::error::Error> {
    let tx = db.transaction(store_name).with_mode(TransactionMode::Readonly).build()?;
    let store = tx.object_store(store_name)?;
    let mut files: BTreeMap<String, Vec<JsValue>> = BTreeMap::new();
    for key in store.get_all_keys::<JsValue>().await? {
        let key = key?;
        let name = key.dyn_ref::<Array>().and_then(|key| key.get(0).as_string());
        files.entry(name.unwrap_or_else(|| "unknown".to_owned())).or_default().push(key);
    }
    Ok(files)
}

fn blob_of(parts: &Array) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/x-tar");
    Blob::new_with_u8_array_sequence_and_options(parts, &options)
}

/// ustar: name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1, link 100, magic 8, …, prefix 155.
fn tar_header(name: &str, len: u64) -> [u8; TAR_BLOCK_BYTES as usize] {
    let mut header = [0u8; TAR_BLOCK_BYTES as usize];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    let (prefix, file) = match name.len() {
        0..=100 => ("", name),
        _ => name.rsplit_once('/').unwrap_or(("", name)),
    };
    put(0, &file.as_bytes()[..file.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{len:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, &prefix.as_bytes()[..prefix.len().min(155)]);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn database_of(name: &str) -> String {
    format!("tablog/{name}")
}
