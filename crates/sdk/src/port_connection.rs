//! A Kafka connection on a MessagePort.

use crate::control::{buffer_of, frame_of};
use crate::link::Link;
use bytes::Bytes;
use js_sys::Array;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::task::{Poll, Waker};
use tablog_client::{Connection, TransportError};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

pub struct PortConnection {
    port: MessagePort,
    inbox: Rc<RefCell<Inbox>>,
    link: Rc<Link>,
    id: u32,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Default)]
pub(crate) struct Inbox {
    frames: VecDeque<Bytes>,
    ended: Option<String>,
    wakers: Vec<Waker>,
}

impl Inbox {
    fn push(&mut self, frame: Bytes) {
        self.frames.push_back(frame);
        self.wake();
    }

    /// The first reason stays.
    pub fn end(&mut self, detail: &str) {
        if self.ended.is_none() {
            self.ended = Some(detail.to_owned());
        }
        self.wake();
    }

    fn wake(&mut self) {
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
    }
}

impl fmt::Debug for PortConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortConnection").field("id", &self.id).finish()
    }
}

impl PortConnection {
    /// The port's other end was sent to the broker as connection `id` of this link.
    pub(crate) fn new(
        port: MessagePort,
        inbox: Rc<RefCell<Inbox>>,
        link: Rc<Link>,
        id: u32,
    ) -> PortConnection {
        let receiving = Rc::downgrade(&inbox);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(inbox) = receiving.upgrade() else { return };
            match frame_of(&event.data()) {
                Some(frame) => inbox.borrow_mut().push(frame),
                None => inbox.borrow_mut().end("the broker closed the connection"),
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        PortConnection { port, inbox, link, id, _on_message: on_message }
    }
}

impl Connection for PortConnection {
    fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        if let Some(detail) = &self.inbox.borrow().ended {
            return Err(TransportError { detail: detail.clone() });
        }
        let buffer = buffer_of(&frame);
        self.port
            .post_message_with_transferable(&buffer, &Array::of1(&buffer))
            .map_err(|error| TransportError { detail: format!("the frame cannot be sent: {error:?}") })
    }

    async fn receive(&self) -> Result<Bytes, TransportError> {
        std::future::poll_fn(|context| {
            let mut inbox = self.inbox.borrow_mut();
            if let Some(frame) = inbox.frames.pop_front() {
                return Poll::Ready(Ok(frame));
            }
            if let Some(detail) = &inbox.ended {
                return Poll::Ready(Err(TransportError { detail: detail.clone() }));
            }
            inbox.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn set_will(&self, frame: Option<Bytes>) {
        let frame = frame.map_or(JsValue::NULL, |frame| buffer_of(&frame).into());
        self.link.will(self.id, &frame);
    }
}

impl Drop for PortConnection {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        let _ = self.port.post_message(&JsValue::NULL);
        self.port.close();
        self.link.forget(self.id);
    }
}
