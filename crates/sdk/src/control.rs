//! The tab's side of what is said on a control port, and on the port by which a worker of the tab is forwarded.
//!
//! ```text
//! tab → worker   hello {format, version, lock}   open {id, host, port} + a port   will {id, frame | null}
//!                sleep {id, ms}   goodbye {}
//! worker → tab   here {}   welcome {incarnation, format, version}   ready {}   tabs {count}
//!                opened {id} | refused {id, detail}   closed {id}   slept {id}   fault {kind, detail, fatal}
//! forwarded      open, will, dropped {id}        answered as above, and by   lost {detail}
//! ```
//!
//! On a connection's port an ArrayBuffer is a frame without its length and `null` is the end.

use crate::platform::get;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessagePort;

pub const FORMAT: u32 = 1;

#[derive(Debug)]
pub enum FromWorker {
    Here,
    Welcome { incarnation: String, format: u32 },
    Ready,
    Tabs { count: u32 },
    Opened { id: u32 },
    Refused { id: u32, detail: String },
    Closed { id: u32 },
    Slept { id: u32 },
    Fault { kind: String, detail: String, is_fatal: bool },
    Lost { detail: String },
}

impl FromWorker {
    pub fn parse(data: &JsValue) -> Option<FromWorker> {
        let text = |name: &str| get(data, name).as_string();
        let number = |name: &str| get(data, name).as_f64().map(|number| number as u32);
        Some(match text("type")?.as_str() {
            "here" => FromWorker::Here,
            "welcome" => FromWorker::Welcome { incarnation: text("incarnation")?, format: number("format")? },
            "ready" => FromWorker::Ready,
            "tabs" => FromWorker::Tabs { count: number("count")? },
            "opened" => FromWorker::Opened { id: number("id")? },
            "refused" => FromWorker::Refused { id: number("id")?, detail: text("detail")? },
            "closed" => FromWorker::Closed { id: number("id")? },
            "slept" => FromWorker::Slept { id: number("id")? },
            "fault" => FromWorker::Fault {
                kind: text("kind")?,
                detail: text("detail")?,
                is_fatal: get(data, "fatal").is_truthy(),
            },
            "lost" => FromWorker::Lost { detail: text("detail")? },
            _ => return None,
        })
    }
}

/// What a worker of the tab asks of the page.
#[derive(Debug)]
pub enum FromForwarded {
    Open { id: u32, host: String, port: u16, connection: MessagePort },
    Will { id: u32, frame: JsValue },
    Dropped { id: u32 },
}

impl FromForwarded {
    pub fn parse(data: &JsValue, ports: &Array) -> Option<FromForwarded> {
        let number = |name: &str| get(data, name).as_f64().map(|number| number as u32);
        let id = number("id")?;
        Some(match get(data, "type").as_string()?.as_str() {
            "open" => FromForwarded::Open {
                id,
                host: get(data, "host").as_string()?,
                port: u16::try_from(number("port")?).ok()?,
                connection: ports.get(0).dyn_into().ok()?,
            },
            "will" => FromForwarded::Will { id, frame: get(data, "frame") },
            "dropped" => FromForwarded::Dropped { id },
            _ => return None,
        })
    }
}

/// A port whose other end is gone takes what is posted and forgets it.
pub fn post(port: &MessagePort, kind: &str, fields: &[(&str, JsValue)]) {
    let _ = port.post_message(&message(kind, fields));
}

pub fn post_with_port(port: &MessagePort, kind: &str, fields: &[(&str, JsValue)], transferred: &MessagePort) {
    let _ = port.post_message_with_transferable(&message(kind, fields), &Array::of1(transferred));
}

pub fn frame_of(data: &JsValue) -> Option<bytes::Bytes> {
    let buffer: &js_sys::ArrayBuffer = data.dyn_ref()?;
    Some(Uint8Array::new(buffer).to_vec().into())
}

/// A frame outside wasm's memory, in a buffer that can be transferred.
pub fn buffer_of(frame: &[u8]) -> js_sys::ArrayBuffer {
    let out = Uint8Array::new_with_length(frame.len() as u32);
    out.copy_from(frame);
    out.buffer()
}

fn message(kind: &str, fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    let _ = Reflect::set(&object, &"type".into(), &kind.into());
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
