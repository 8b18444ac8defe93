//! A Web Lock that is held or not, without waiting. It goes with its holder, and with the worker.
//!
//! Never knows: what it stands for.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Dropping it releases the lock.
pub struct Held {
    release: Option<Function>,
    _on_grant: Option<Closure<dyn FnMut(JsValue) -> JsValue>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// None: somebody else holds it. A browser without Web Locks has one tab with a broker: then it is held.
pub async fn hold(name: &str) -> Option<Held> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let locks = get(&get(&js_sys::global(), "navigator"), "locks");
    let Ok(request) = get(&locks, "request").dyn_into::<Function>() else {
        return Some(Held { release: None, _on_grant: None });
    };
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &true.into());
    let (granted, grant) = oneshot::channel::<Option<Function>>();
    let granted = Rc::new(Cell::new(Some(granted)));
    let on_grant = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |lock: JsValue| {
        let Some(granted) = granted.take() else { return JsValue::UNDEFINED };
        if lock.is_null() {
            let _ = granted.send(None);
            return JsValue::UNDEFINED;
        }
        let mut release = None;
        let held = Promise::new(&mut |resolve, _reject| release = Some(resolve));
        let _ = granted.send(release);
        held.into()
    });
    let asked = request.call3(&locks, &name.into(), &options, on_grant.as_ref()).ok()?;
    // Whatever becomes of the request, it is no error of the worker's.
    wasm_bindgen_futures::spawn_local(async move {
        let _ = JsFuture::from(Promise::from(asked)).await;
    });
    let release = grant.await.ok()??;
    Some(Held { release: Some(release), _on_grant: Some(on_grant) })
}
