//! What is open over one control port: questions that wait for an answer, connections to fail when it is lost.
//! The port leads to the broker's worker, or to the page that forwards to it.

use crate::control::{FromWorker, post, post_with_port};
use crate::port_connection::PortConnection;
use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_client::TransportError;
use tablog_record::SortedMap;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessageEvent, MessagePort};

pub(crate) struct Link {
    pub port: MessagePort,
    next_id: Cell<u32>,
    opening: RefCell<SortedMap<u32, oneshot::Sender<Result<(), String>>>>,
    /// What is to be told when a connection ends without its own port saying so.
    open: RefCell<SortedMap<u32, OnEnd>>,
    sleeping: RefCell<SortedMap<u32, oneshot::Sender<()>>>,
    ended: RefCell<Option<String>>,
    on_message: RefCell<Option<OnMessage>>,
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

type OnEnd = Box<dyn FnOnce(&str)>;

impl Link {
    pub fn new(port: MessagePort) -> Rc<Link> {
        Rc::new(Link {
            port,
            next_id: Cell::new(1),
            opening: RefCell::default(),
            open: RefCell::default(),
            sleeping: RefCell::default(),
            ended: RefCell::default(),
            on_message: RefCell::default(),
        })
    }

    /// What the port says goes there until the link ends. Dropped then, and not left to be collected: a finalizer
    /// that runs evicts a page from the back/forward cache.
    pub fn listen(&self, on_message: impl FnMut(MessageEvent) + 'static) {
        let on_message = OnMessage::new(on_message);
        self.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        *self.on_message.borrow_mut() = Some(on_message);
    }

    pub async fn connect(self: &Rc<Link>, host: &str, port: u16) -> Result<PortConnection, TransportError> {
        let channel = MessageChannel::new()
            .map_err(|error| TransportError { detail: format!("no MessageChannel: {error:?}") })?;
        let inbox = Rc::new(RefCell::new(crate::port_connection::Inbox::default()));
        let (ending, ending_port) = (inbox.clone(), channel.port1());
        let on_end = Box::new(move |detail: &str| {
            // A message that comes to a page in the back/forward cache would evict it.
            ending_port.set_onmessage(None);
            ending_port.close();
            ending.borrow_mut().end(detail);
        });
        let id = self
            .open(host, port, &channel.port2(), on_end)
            .await
            .map_err(|detail| TransportError { detail })?;
        Ok(PortConnection::new(channel.port1(), inbox, self.clone(), id))
    }

    /// Sends a port away as a connection; `on_end` is told when the link or the broker ends it.
    pub async fn open(
        &self,
        host: &str,
        port: u16,
        connection: &MessagePort,
        on_end: OnEnd,
    ) -> Result<u32, String> {
        if let Some(detail) = &*self.ended.borrow() {
            return Err(detail.clone());
        }
        let id = self.take_id();
        let (answer, answered) = oneshot::channel();
        self.opening.borrow_mut().insert(id, answer);
        self.open.borrow_mut().insert(id, on_end);
        let fields = [("id", id.into()), ("host", host.into()), ("port", port.into())];
        post_with_port(&self.port, "open", &fields, connection);
        let outcome = answered.await.unwrap_or_else(|_| Err("the link was closed".to_owned()));
        if outcome.is_err() {
            self.open.borrow_mut().remove(&id);
        }
        outcome.map(|()| id)
    }

    pub fn will(&self, id: u32, frame: &JsValue) {
        post(&self.port, "will", &[("id", id.into()), ("frame", frame.clone())]);
    }

    /// Answers when the worker has slept; a link that ends answers at once, and the caller sleeps by itself.
    pub async fn sleep(&self, duration_ms: u64) {
        let id = self.take_id();
        let (slept, wait) = oneshot::channel();
        self.sleeping.borrow_mut().insert(id, slept);
        let ms = u32::try_from(duration_ms).unwrap_or(u32::MAX);
        post(&self.port, "sleep", &[("id", id.into()), ("ms", ms.into())]);
        let _forget = OnDrop(|| {
            self.sleeping.borrow_mut().remove(&id);
        });
        if wait.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The connection was dropped on this side.
    pub fn forget(&self, id: u32) {
        if self.open.borrow_mut().remove(&id).is_some() {
            post(&self.port, "dropped", &[("id", id.into())]);
        }
    }

    pub fn hear(&self, message: &FromWorker) {
        match message {
            FromWorker::Opened { id } => self.answer(*id, Ok(())),
            FromWorker::Refused { id, detail } => self.answer(*id, Err(detail.clone())),
            FromWorker::Closed { id } => {
                let on_end = self.open.borrow_mut().remove(id);
                if let Some(on_end) = on_end {
                    on_end("the broker closed the connection");
                }
            }
            FromWorker::Slept { id } => {
                if let Some(slept) = self.sleeping.borrow_mut().remove(id) {
                    let _ = slept.send(());
                }
            }
            FromWorker::Lost { detail } => self.fail(detail),
            FromWorker::Here
            | FromWorker::Welcome { .. }
            | FromWorker::Ready
            | FromWorker::Tabs { .. }
            | FromWorker::Fault { .. } => {}
        }
    }

    /// Everything open and everything asked fails; the link can be asked again if its port still leads somewhere.
    pub fn fail(&self, detail: &str) {
        for (_, answer) in self.opening.take() {
            let _ = answer.send(Err(detail.to_owned()));
        }
        for (_, on_end) in self.open.take() {
            on_end(detail);
        }
        self.sleeping.take();
    }

    /// For good.
    pub fn end(&self, detail: &str) {
        *self.ended.borrow_mut() = Some(detail.to_owned());
        self.fail(detail);
        self.port.set_onmessage(None);
        self.port.close();
        self.on_message.take();
    }

    fn answer(&self, id: u32, outcome: Result<(), String>) {
        if let Some(answer) = self.opening.borrow_mut().remove(&id) {
            let _ = answer.send(outcome);
        }
    }

    fn take_id(&self) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        id
    }
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
