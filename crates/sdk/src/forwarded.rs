//! A way to the broker for a tab's own workers: they cannot construct a SharedWorker, so their page sends their
//! connections on. Frames then go straight from worker to broker.
//!
//! The page: `let port = PortBroker::attach(&transport)?; worker.postMessage({…, port}, [port])`.
//! The worker: `ForwardedTransport::new(port)`.

use crate::control::{FromForwarded, FromWorker, post};
use crate::link::Link;
use crate::platform;
use crate::port_connection::PortConnection;
use crate::tab::TabTransport;
use js_sys::Array;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use tablog_client::{Transport, TransportError};
use tablog_record::{Now, SortedMap};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageChannel, MessageEvent, MessagePort};

/// The page's side: answers the requests of one worker, for as long as the page lives.
#[derive(Debug)]
pub struct PortBroker;

impl PortBroker {
    /// Answers the port that the worker is to be sent.
    pub fn attach(transport: &TabTransport) -> Result<MessagePort, TransportError> {
        let channel = MessageChannel::new()
            .map_err(|error| TransportError { detail: format!("no MessageChannel: {error:?}") })?;
        let page = Rc::new(Page {
            port: channel.port1(),
            transport: transport.clone(),
            connections: RefCell::default(),
        });
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let ports = event.ports().unchecked_into::<Array>();
            if let Some(message) = FromForwarded::parse(&event.data(), &ports) {
                page.hear(message);
            }
        });
        // Collected with the port.
        channel.port1().set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        Ok(channel.port2())
    }
}

struct Page {
    port: MessagePort,
    transport: TabTransport,
    /// The worker's numbers, and over which link and by which number they were sent on.
    connections: RefCell<SortedMap<u32, (Rc<Link>, u32)>>,
}

impl Page {
    fn hear(self: &Rc<Page>, message: FromForwarded) {
        match message {
            FromForwarded::Open { id, host, port, connection } => {
                let page = self.clone();
                spawn_local(async move { page.open(id, &host, port, connection).await });
            }
            FromForwarded::Will { id, frame } => {
                if let Some((link, forwarded_id)) = self.connections.borrow().get(&id) {
                    link.will(*forwarded_id, &frame);
                }
            }
            FromForwarded::Dropped { id } => {
                let forwarded = self.connections.borrow_mut().remove(&id);
                if let Some((link, forwarded_id)) = forwarded {
                    link.forget(forwarded_id);
                }
            }
        }
    }

    async fn open(self: &Rc<Page>, id: u32, host: &str, port: u16, connection: MessagePort) {
        let outcome = match self.transport.link().await {
            Ok(link) => {
                let page = Rc::downgrade(self);
                let on_end = Box::new(move |_detail: &str| {
                    if let Some(page) = page.upgrade() {
                        page.connections.borrow_mut().remove(&id);
                        post(&page.port, "closed", &[("id", id.into())]);
                    }
                });
                link.open(host, port, &connection, on_end).await.map(|forwarded_id| (link, forwarded_id))
            }
            Err(detail) => Err(detail),
        };
        match outcome {
            Ok(forwarded) => {
                self.connections.borrow_mut().insert(id, forwarded);
                post(&self.port, "opened", &[("id", id.into())]);
            }
            Err(detail) => {
                post(&self.port, "refused", &[("id", id.into()), ("detail", detail.as_str().into())]);
            }
        }
    }
}

/// The worker's side. Cheap to clone.
#[derive(Clone)]
pub struct ForwardedTransport(Rc<Link>);

impl fmt::Debug for ForwardedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForwardedTransport")
    }
}

impl ForwardedTransport {
    pub fn new(port: MessagePort) -> ForwardedTransport {
        let link = Link::new(port);
        let hearing = Rc::downgrade(&link);
        link.listen(move |event| {
            if let (Some(link), Some(message)) = (hearing.upgrade(), FromWorker::parse(&event.data())) {
                link.hear(&message);
            }
        });
        ForwardedTransport(link)
    }
}

impl Transport for ForwardedTransport {
    type Connection = PortConnection;

    async fn connect(&self, host: &str, port: u16) -> Result<PortConnection, TransportError> {
        self.0.connect(host, port).await
    }

    /// A worker's timers are not slowed with its page.
    async fn sleep(&self, duration_ms: u64) {
        platform::sleep(duration_ms).await;
    }

    fn now(&self) -> Now {
        platform::now()
    }

    fn random(&self) -> u64 {
        platform::random()
    }
}
