//! One tab: its control port, its lock, what it opened, what it wants said when it goes away.

use crate::control::{FORMAT, Fatal, FromTab, ToTab};
use crate::life::Life;
use crate::{death, lock};
use bytes::Bytes;
use gloo_timers::future::TimeoutFuture;
use js_sys::Array;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_broker::ConnectionId;
use tablog_record::SortedMap;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

/// Its lock may be granted before its goodbye arrives, which went another way.
const GOODBYE_GRACE_MS: u32 = 100;

pub struct Tab {
    life: Rc<Life>,
    pub control: MessagePort,
    connections: RefCell<SortedMap<u32, Opened>>,
    greeted: Cell<bool>,
    gone: Cell<bool>,
}

struct Opened {
    connection: ConnectionId,
    will: Option<Bytes>,
}

impl Tab {
    pub fn attach(life: Rc<Life>, control: MessagePort) -> Rc<Tab> {
        let tab = Rc::new(Tab {
            life,
            control: control.clone(),
            connections: RefCell::default(),
            greeted: Cell::new(false),
            gone: Cell::new(false),
        });
        let weak = Rc::downgrade(&tab);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(tab) = weak.upgrade() else { return };
            // What we do not understand is from another version, and answered by its hello.
            if let Some(message) = FromTab::parse(&event.data(), &event.ports().unchecked_into::<Array>()) {
                tab.hear(message);
            }
        });
        control.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // The port is a tab's for as long as the worker lives.
        on_message.forget();
        tab
    }

    fn hear(self: &Rc<Tab>, message: FromTab) {
        if self.gone.get() {
            return;
        }
        match message {
            FromTab::Hello { format, lock } => self.greet(format, lock),
            FromTab::Open { id, host, port, connection } => {
                let tab = self.clone();
                spawn_local(async move { tab.open(id, &host, port, connection).await });
            }
            FromTab::Will { id, frame } => {
                if let Some(opened) = self.connections.borrow_mut().get_mut(&id) {
                    opened.will = frame;
                }
            }
            FromTab::Sleep { id, duration_ms } => {
                let control = self.control.clone();
                spawn_local(async move {
                    TimeoutFuture::new(duration_ms).await;
                    ToTab::Slept { id }.post(&control);
                });
            }
            FromTab::Goodbye => {
                let wills: Vec<(ConnectionId, Bytes)> = self
                    .connections
                    .borrow_mut()
                    .values_mut()
                    .filter_map(|opened| Some((opened.connection, opened.will.take()?)))
                    .collect();
                for (connection, will) in wills {
                    self.life.frame(connection, will);
                }
                self.leave();
            }
            #[cfg(feature = "faults")]
            FromTab::Inject { what } => crate::injection::inject(&what),
        }
    }

    fn greet(self: &Rc<Tab>, format: u32, lock_name: String) {
        if format != FORMAT {
            let detail = format!(
                "an older or newer Tablog runs in another tab (its control format is {FORMAT}, this page's \
                 {format}): close all tabs of this site and open this one again"
            );
            ToTab::Fault { kind: "Version", detail: &detail, fatal: Fatal::StayAway }.post(&self.control);
            return;
        }
        if self.greeted.replace(true) {
            return;
        }
        death::also_tell(&self.control);
        let tab = self.clone();
        spawn_local(async move {
            tab.life.welcome(&tab.control).await;
            if tab.gone.get() {
                return;
            }
            tab.life.add_tab(&tab);
            // Granted when the tab's page is no more.
            let granted = lock::acquire(&lock_name).await;
            if granted.is_ok() {
                drop(granted);
                TimeoutFuture::new(GOODBYE_GRACE_MS).await;
                tab.leave();
            }
        });
    }

    async fn open(self: &Rc<Tab>, id: u32, host: &str, port: u16, port_of_it: MessagePort) {
        self.life.broker_is_up().await;
        if self.gone.get() {
            return;
        }
        if let Err(detail) = self.life.serves(host, port) {
            ToTab::Refused { id, detail: &detail }.post(&self.control);
            return;
        }
        let tab = Rc::downgrade(self);
        let closed = move || {
            if let Some(tab) = tab.upgrade() {
                tab.connections.borrow_mut().remove(&id);
            }
        };
        ToTab::Opened { id }.post(&self.control);
        let connection = self.life.connect(&self.control, id, port_of_it, closed);
        self.connections.borrow_mut().insert(id, Opened { connection, will: None });
    }

    /// Once, whoever noticed first.
    fn leave(self: &Rc<Tab>) {
        if self.gone.replace(true) {
            return;
        }
        death::no_longer_tell(&self.control);
        self.control.set_onmessage(None);
        let connections = std::mem::take(&mut *self.connections.borrow_mut());
        for opened in connections.into_values() {
            self.life.disconnect(opened.connection);
        }
        self.life.remove_tab(self);
    }
}
