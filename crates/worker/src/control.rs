//! What is said on a control port. Everything else is a Kafka frame on a port of its own.
//!
//! ```text
//! tab → worker   hello   {format, version, lock}       first; `lock` is the name that the tab holds while it lives
//!                open    {id, host, port} + a port     a Kafka connection on that port
//!                will    {id, frame | null}            fed into connection `id` when the tab says goodbye
//!                sleep   {id, ms}
//!                goodbye {}                            the page goes away
//! worker → tab   here    {}                            from the script, before the broker is there
//!                welcome {incarnation, format, version}
//!                ready   {}                            the broker is up; what was opened earlier was kept
//!                tabs    {count}
//!                opened  {id} | refused {id, detail}
//!                closed  {id}                          the broker closed the connection
//!                slept   {id}
//!                fault   {kind, detail, fatal}         `fatal`: do not come back by yourself. `kind`: Unsupported,
//!                                                      NotAllowed, NewerFormat, Busy, Deleted, Version, Panic, or a
//!                                                      storage fault's
//! ```
//!
//! On a connection's port an ArrayBuffer is a frame without its length and `null` is the end.

use bytes::Bytes;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessagePort;

/// The control port's format. A tab and a worker of different ones do not understand each other.
pub const FORMAT: u32 = 1;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug)]
pub enum FromTab {
    Hello {
        format: u32,
        lock: String,
    },
    Open {
        id: u32,
        host: String,
        port: u16,
        connection: MessagePort,
    },
    Will {
        id: u32,
        frame: Option<Bytes>,
    },
    Sleep {
        id: u32,
        duration_ms: u32,
    },
    Goodbye,
    #[cfg(feature = "faults")]
    Inject {
        what: String,
    },
}

impl FromTab {
    pub fn parse(data: &JsValue, ports: &Array) -> Option<FromTab> {
        let text = |name: &str| get(data, name).as_string();
        let number = |name: &str| get(data, name).as_f64().filter(|number| (0.0..=4e9).contains(number));
        let id = || number("id").map(|id| id as u32);
        Some(match text("type")?.as_str() {
            "hello" => FromTab::Hello { format: number("format")? as u32, lock: text("lock")? },
            "open" => FromTab::Open {
                id: id()?,
                host: text("host")?,
                port: number("port")? as u16,
                connection: ports.get(0).dyn_into().ok()?,
            },
            "will" => FromTab::Will { id: id()?, frame: frame_of(&get(data, "frame")) },
            "sleep" => FromTab::Sleep { id: id()?, duration_ms: number("ms")? as u32 },
            "goodbye" => FromTab::Goodbye,
            #[cfg(feature = "faults")]
            "inject" => FromTab::Inject { what: text("what")? },
            _ => return None,
        })
    }
}

#[derive(Debug)]
pub enum ToTab<'a> {
    Welcome { incarnation: &'a str },
    Ready,
    Tabs { count: usize },
    Opened { id: u32 },
    Refused { id: u32, detail: &'a str },
    Closed { id: u32 },
    Slept { id: u32 },
    Fault { kind: &'a str, detail: &'a str, fatal: Fatal },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// The tabs connect to the next worker by themselves.
    ComeBack,
    /// A new worker would fail in the same way: somebody has to decide.
    StayAway,
}

impl ToTab<'_> {
    /// A port whose other end is gone takes what is posted and forgets it.
    pub fn post(&self, port: &MessagePort) {
        let message = match *self {
            ToTab::Welcome { incarnation } => object(&[
                ("type", "welcome".into()),
                ("incarnation", incarnation.into()),
                ("format", FORMAT.into()),
                ("version", VERSION.into()),
            ]),
            ToTab::Ready => object(&[("type", "ready".into())]),
            ToTab::Tabs { count } => object(&[("type", "tabs".into()), ("count", (count as u32).into())]),
            ToTab::Opened { id } => object(&[("type", "opened".into()), ("id", id.into())]),
            ToTab::Refused { id, detail } => {
                object(&[("type", "refused".into()), ("id", id.into()), ("detail", detail.into())])
            }
            ToTab::Closed { id } => object(&[("type", "closed".into()), ("id", id.into())]),
            ToTab::Slept { id } => object(&[("type", "slept".into()), ("id", id.into())]),
            ToTab::Fault { kind, detail, fatal } => object(&[
                ("type", "fault".into()),
                ("kind", kind.into()),
                ("detail", detail.into()),
                ("fatal", (fatal == Fatal::StayAway).into()),
            ]),
        };
        let _ = port.post_message(&message);
    }
}

/// Copies a frame into wasm's memory; `None` for what is no ArrayBuffer.
pub fn frame_of(data: &JsValue) -> Option<Bytes> {
    let buffer: &js_sys::ArrayBuffer = data.dyn_ref()?;
    Some(Uint8Array::new(buffer).to_vec().into())
}

/// Copies a frame out, once, and transfers it.
pub fn post_frame(port: &MessagePort, frame: &[u8]) {
    let out = Uint8Array::new_with_length(frame.len() as u32);
    out.copy_from(frame);
    let buffer = out.buffer();
    let _ = port.post_message_with_transferable(&buffer, &Array::of1(&buffer));
}

pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
