//! A panic ends the worker: its text goes to every tab and the worker closes itself, so that its locks are
//! released. An exception alone would leave it alive, holding them.

use crate::control::{Fatal, ToTab};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessagePort, SharedWorkerGlobalScope};

thread_local! {
    /// Beside the tabs' own list, which may be borrowed when a panic comes.
    static CONTROL_PORTS: RefCell<Vec<MessagePort>> = const { RefCell::new(Vec::new()) };
}

pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        web_sys::console::error_1(&JsValue::from_str(&text));
        tell("Panic", &text, Fatal::ComeBack);
        close();
    }));
}

pub fn also_tell(port: &MessagePort) {
    CONTROL_PORTS.with_borrow_mut(|ports| ports.push(port.clone()));
}

pub fn no_longer_tell(port: &MessagePort) {
    CONTROL_PORTS.with_borrow_mut(|ports| ports.retain(|other| other != port));
}

/// Ends the worker for a reason that it knows.
pub fn end(kind: &str, detail: &str, fatal: Fatal) {
    tell(kind, detail, fatal);
    close();
}

pub fn close() {
    js_sys::global().unchecked_into::<SharedWorkerGlobalScope>().close();
}

fn tell(kind: &str, detail: &str, fatal: Fatal) {
    CONTROL_PORTS.with(|ports| {
        if let Ok(ports) = ports.try_borrow() {
            for port in ports.iter() {
                ToTab::Fault { kind, detail, fatal }.post(port);
            }
        }
    });
}
