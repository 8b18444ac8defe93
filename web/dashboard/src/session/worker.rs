//! The tab's worker as the page has it: started by the page's first script, so that it loads beside the page's own wasm;
//! started anew when it died and the reader wants it.
//!
//! Never knows: what orders and reports say.

use super::{heard, introduction, requests};
use crate::browser;
use crate::state::State;
use js_sys::{Array, Reflect, Uint8Array};
use leptos::prelude::*;
use std::cell::RefCell;
use tablog_dashboard::model::orders::{Order, Report};
use tablog_dashboard::model::packing::{packed, unpacked};
use wasm_bindgen::prelude::*;

/// The function of `index.html` that starts it; what it says before the page hears is kept in its `early`.
const STARTED: &str = "tablogTab";
const START: &str = "startTablogTab";

thread_local! {
    static WORKER: RefCell<Option<TabWorker>> = const { RefCell::new(None) };
}

struct TabWorker {
    worker: web_sys::Worker,
    is_ready: bool,
    /// Orders that came before the worker heard.
    waiting: Vec<(Order, JsValue)>,
    _on_event: Closure<dyn FnMut(JsValue)>,
}

pub fn begin(state: State) {
    let started = Reflect::get(&window(), &STARTED.into()).unwrap_or_default();
    adopt(state, started);
}

pub fn begin_anew(state: State) {
    state.died.set(None);
    let start = Reflect::get(&window(), &START.into()).unwrap_or_default();
    let started = start.dyn_ref::<js_sys::Function>().map(|start| start.call0(&JsValue::UNDEFINED));
    adopt(state, started.and_then(Result::ok).unwrap_or_default());
}

pub fn order(order: &Order) {
    order_with(order, &JsValue::UNDEFINED);
}

/// With something that a message can carry: a file.
pub fn order_with(order: &Order, with: &JsValue) {
    WORKER.with_borrow_mut(|slot| match slot {
        Some(worker) if worker.is_ready => post(&worker.worker, order, with, &Array::new()),
        Some(worker) => worker.waiting.push((order.clone(), with.clone())),
        None => {}
    });
}

fn adopt(state: State, started: JsValue) {
    let Ok(worker) = started.dyn_into::<web_sys::Worker>() else {
        return died(state, &JsValue::UNDEFINED);
    };
    let on_event = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| hear(state, &event));
    let handler = on_event.as_ref().unchecked_ref();
    worker.set_onmessage(Some(handler));
    worker.set_onerror(Some(handler));
    let early = Reflect::get(&worker, &"early".into()).unwrap_or_default();
    WORKER.set(Some(TabWorker { worker, is_ready: false, waiting: Vec::new(), _on_event: on_event }));
    for event in early.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
        hear(state, &event);
    }
}

fn hear(state: State, event: &JsValue) {
    let Some(message) = event.dyn_ref::<web_sys::MessageEvent>() else { return died(state, event) };
    let Ok(message) = message.data().dyn_into::<Array>() else { return };
    let bytes = message.get(0).dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec());
    match bytes.ok().and_then(|bytes| unpacked(&bytes)) {
        Some(Report::Ready) => introduce(),
        Some(report) => heard::heed(state, report, &message.get(1)),
        None => {}
    }
}

fn introduce() {
    let Some((first, port)) = introduction() else { return };
    WORKER.with_borrow_mut(|slot| {
        let Some(worker) = slot else { return };
        post(&worker.worker, &first, &port, &Array::of1(&port));
        post(&worker.worker, &Order::Seen(browser::is_visible()), &JsValue::UNDEFINED, &Array::new());
        worker.is_ready = true;
        for (order, with) in std::mem::take(&mut worker.waiting) {
            post(&worker.worker, &order, &with, &Array::new());
        }
    });
}

fn post(worker: &web_sys::Worker, order: &Order, with: &JsValue, transferred: &Array) {
    let bytes = Uint8Array::from(packed(order).as_slice());
    let _ = worker.post_message_with_transfer(&Array::of2(&bytes, with), transferred);
}

/// What was asked of it fails.
fn died(state: State, event: &JsValue) {
    if let Some(before) = WORKER.take() {
        before.worker.set_onmessage(None);
        before.worker.set_onerror(None);
        before.worker.terminate();
    }
    let detail = Reflect::get(event, &"message".into()).ok().and_then(|m| m.as_string());
    requests::fail_all();
    heard::died(state, detail.unwrap_or_default());
}
