//! Files: opening one to import it, importing it, and a topic as NDJSON to take home.

use crate::changes;
use crate::records;
use crate::requests::Asked;
use crate::tab::Tab;
use js_sys::{Array, Uint8Array};
use std::rc::Rc;
use tablog_dashboard::model::import::{self, Offer};
use tablog_dashboard::model::orders::{Reply, Trouble};
use tablog_dashboard::model::records::Draft;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

/// Text is handed to the browser in pieces of about this size, so that an export never lies in wasm as a whole.
const PIECE_BYTES: usize = 1 << 20;

pub async fn open(tab: &Tab, name: String, file: JsValue) -> Result<Offer, Trouble> {
    let text = match file.dyn_into::<Blob>() {
        Ok(file) => JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    // What the browser could not read as UTF-8 it replaced; it would be written to the log like that.
    let Some(text) = text.filter(|t| !t.contains(['\0', '\u{fffd}'])) else {
        return Err(Trouble::Unreadable { name });
    };
    let Some(import) = import::parse(&name, &text) else { return Err(Trouble::Neither { name }) };
    let offer = import.offer();
    *tab.opened.borrow_mut() = Some(Rc::new(import));
    Ok(offer)
}

pub async fn import(asked: &Asked, topic: &str, key_column: Option<&str>) -> Result<Reply, Trouble> {
    let opened = asked.tab.opened.borrow().clone();
    let Some(import) = opened else { return Err(Trouble::Unreadable { name: String::new() }) };
    let draft = |i: usize| Draft {
        key: import.rows[i].key(key_column).map(String::into_bytes),
        value: Some(import.rows[i].value().into_bytes()),
        ..Draft::default()
    };
    changes::produce(asked, topic, import.rows.len(), &draft).await
}

/// A Blob of everything that there is now, partition by partition as it comes.
pub async fn export(asked: &Asked, topic: &str) -> Result<JsValue, Trouble> {
    let pieces = Array::new();
    let (mut lines, mut count) = (String::new(), 0);
    records::all(asked, topic, |batch| {
        for record in batch {
            lines.push_str(&record.ndjson());
            lines.push('\n');
            count += 1;
        }
        if lines.len() >= PIECE_BYTES {
            pieces.push(&Uint8Array::from(lines.as_bytes()));
            lines.clear();
        }
        asked.reply(Reply::Progress(count));
    })
    .await?;
    pieces.push(&Uint8Array::from(lines.as_bytes()));
    let options = BlobPropertyBag::new();
    options.set_type("application/x-ndjson");
    let blob = Blob::new_with_u8_array_sequence_and_options(&pieces, &options);
    blob.map(JsValue::from).map_err(|error| Trouble::NotRead { detail: format!("{error:?}") })
}
