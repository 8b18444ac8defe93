//! The worker's letter box: orders in, reports out.

use crate::requests;
use crate::tab::Tab;
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use tablog_dashboard::model::orders::{Order, Report};
use tablog_dashboard::model::packing::{packed, unpacked};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

thread_local! {
    static TAB: RefCell<Option<Rc<Tab>>> = const { RefCell::new(None) };
}

pub fn begin() {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| hear(&event));
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    report(&Report::Ready);
}

pub fn report(report: &Report) {
    report_with(report, &JsValue::UNDEFINED);
}

/// `[bytes, what comes with it]`; the bytes are transferred, never copied a second time.
pub fn report_with(report: &Report, with: &JsValue) {
    let bytes = Uint8Array::from(packed(report).as_slice());
    let message = Array::of2(&bytes, with);
    let _ = scope().post_message_with_transfer(&message, &Array::of1(&bytes.buffer()));
}

pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn hear(event: &MessageEvent) {
    let Ok(message) = event.data().dyn_into::<Array>() else { return };
    let bytes = message.get(0).dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec());
    let Some(order) = bytes.ok().and_then(|bytes| unpacked::<Order>(&bytes)) else { return };
    let with = message.get(1);
    if let Order::Begin { broker_host, flights_url } = order {
        if let Ok(port) = with.dyn_into::<MessagePort>() {
            TAB.set(Some(Tab::begin(port, broker_host, flights_url)));
        }
        return;
    }
    let Some(tab) = TAB.with_borrow(Clone::clone) else { return };
    match order {
        Order::Begin { .. } => {}
        Order::Seen(seen) => tab.seen.set(seen),
        Order::Watch(topic) => tab.watch(topic),
        Order::Unwatch => tab.unwatch(),
        Order::PutProducer(settings) => tab.put_producer(settings),
        Order::PutConsumer(settings) => tab.put_consumer(settings),
        Order::Remove { client_id } => tab.remove(&client_id),
        Order::PutMember(settings) => tab.put_member(settings),
        Order::LeaveGroup => tab.member().into_iter().for_each(|member| member.leave()),
        Order::EndMember => tab.end_member(),
        Order::Ask { id, request } => spawn_local(requests::answer(tab, id, request, with)),
        Order::Stop { id } => tab.stop(id),
    }
}
