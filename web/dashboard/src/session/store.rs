//! The store itself: how much there is, asking to keep it, taking it home, deleting it. Works without a broker.

use super::{BROKER, Session, transport};
use crate::browser;
use crate::state::{State, StorageFigures};
use leptos::prelude::*;
use tablog_dashboard::model::message::Message;
use tablog_sdk::raw_store;
use wasm_bindgen_futures::{JsFuture, spawn_local};

impl Session {
    pub fn measure_storage(state: State) {
        spawn_local(async move {
            state.storage.set(StorageFigures { usage: estimate().await, persisted: persisted().await });
        });
    }

    /// Asks the browser to keep the store; it may ask the user, or refuse.
    pub fn persist(state: State) {
        spawn_local(async move {
            if let Ok(asked) = window().navigator().storage().persist() {
                let _ = JsFuture::from(asked).await;
            }
            Session::measure_storage(state);
        });
    }

    /// Everything is gone, in all tabs; this one begins anew.
    pub async fn delete_store(_state: State) -> Result<(), Message> {
        crate::tab_clients::forget();
        let outcome = raw_store::delete(BROKER).await;
        outcome.map_err(|detail| Message::new("not-deleted").text("detail", detail))?;
        if let Some(transport) = transport() {
            transport.retry();
        }
        let _ = window().location().reload();
        Ok(())
    }

    pub async fn download_store() -> Result<(), Message> {
        let blob = raw_store::download(BROKER).await;
        let blob = blob.map_err(|detail| Message::new("not-read").text("detail", detail))?;
        browser::download_blob("tablog-store.tar", &blob);
        Ok(())
    }
}

async fn estimate() -> Option<(u64, u64)> {
    let asked = window().navigator().storage().estimate().ok()?;
    let estimate = JsFuture::from(asked).await.ok()?;
    let field = |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    Some((field("usage")? as u64, field("quota")? as u64))
}

async fn persisted() -> Option<bool> {
    let asked = window().navigator().storage().persisted().ok()?;
    JsFuture::from(asked).await.ok()?.as_bool()
}
