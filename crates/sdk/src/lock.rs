//! Web Locks as values: held until dropped, or until this page ends. Whoever waits for a lock learns by its
//! grant that the holder is gone.

use crate::platform::{get, global, sleep};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Dropping it releases the lock.
#[derive(Debug)]
pub struct Held {
    release: Function,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Where there are none, a page is old or was not served securely.
pub fn are_there() -> bool {
    !get(&global("navigator"), "locks").is_undefined()
}

/// Waits for the lock. Dropping the future withdraws the request.
pub async fn acquire(name: &str) -> Result<Held, String> {
    let abort = Abort::new();
    let held = ask(name, "signal", get(&abort.controller, "signal")).await?;
    abort.disarm();
    Ok(held)
}

/// Now or not at all.
pub async fn acquire_if_free(name: &str) -> Option<Held> {
    ask(name, "ifAvailable", JsValue::TRUE).await.ok()
}

/// The same, but waits a moment for a holder that is about to end.
pub async fn acquire_within(name: &str, patience_ms: u64) -> Option<Held> {
    match select(pin!(acquire(name)), pin!(sleep(patience_ms))).await {
        Either::Left((held, _)) => held.ok(),
        Either::Right(_) => None,
    }
}

async fn ask(name: &str, option: &str, value: JsValue) -> Result<Held, String> {
    let locks = get(&global("navigator"), "locks");
    let request: Function =
        get(&locks, "request").dyn_into().map_err(|_| "this browser has no Web Locks".to_owned())?;
    let options = Object::new();
    let _ = Reflect::set(&options, &option.into(), &value);

    let (granted, grant) = oneshot::channel::<Held>();
    let granted = Rc::new(Cell::new(Some(granted)));
    let denied = granted.clone();
    let on_grant = Closure::once(move |lock: JsValue| -> Promise {
        if lock.is_null() {
            drop(granted.take());
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        let release: Rc<RefCell<Option<Function>>> = Rc::default();
        let slot = release.clone();
        let held = Promise::new(&mut move |resolve, _reject| {
            *slot.borrow_mut() = Some(resolve);
        });
        let release = release.borrow_mut().take().expect("a promise calls its executor at once");
        // Dropped on the way, it is released at once.
        let _ = granted.take().map(|granted| granted.send(Held { release }));
        held
    });
    let on_denial = Closure::once(move |_error: JsValue| drop(denied.take()));
    let asked = request
        .call3(&locks, &JsValue::from_str(name), &options, on_grant.as_ref())
        .map_err(|error| format!("the lock {name} cannot be asked for: {error:?}"))?;
    // After a withdrawal the rejection finds no closure any more, which must not be reported as unhandled. No
    // closure of ours is collected later: a finalizer that runs evicts a page from the back/forward cache.
    let ignore = global("Boolean");
    let catch = |promise: &JsValue, handler: &JsValue| {
        get(promise, "catch").dyn_into::<Function>().and_then(|catch| catch.call1(promise, handler))
    };
    let _ = catch(&asked, on_denial.as_ref()).and_then(|caught| catch(&caught, &ignore));

    grant.await.map_err(|_| format!("the lock {name} was refused"))
}

struct Abort {
    controller: JsValue,
    armed: Cell<bool>,
}

impl Abort {
    fn new() -> Abort {
        let constructor: Option<Function> = global("AbortController").dyn_into().ok();
        let controller = constructor
            .and_then(|constructor| Reflect::construct(&constructor, &js_sys::Array::new()).ok())
            .unwrap_or(JsValue::UNDEFINED);
        Abort { controller, armed: Cell::new(true) }
    }

    fn disarm(&self) {
        self.armed.set(false);
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if self.armed.get()
            && let Ok(abort) = get(&self.controller, "abort").dyn_into::<Function>()
        {
            let _ = abort.call0(&self.controller);
        }
    }
}
