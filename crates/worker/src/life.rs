//! The worker's life: it takes its incarnation's lock, waits for the owner's, opens the database, pumps the
//! broker until it dies.
//!
//! ```text
//! alive/<incarnation>    held from the first moment: tabs wait for it and learn of our death
//! tablog/<name>/owner    held while the database is open: there is one owner
//! ```

use crate::control::{Fatal, ToTab, frame_of};
use crate::engine::{self, BrokerEngine, StorageInUse};
use crate::lock;
use crate::ports::Ports;
use crate::tab::Tab;
use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use tablog_broker::{ConnectionId, Peer};
use tablog_host::indexed_db::{Loss, OpenError};
use tablog_host::{Clock, IndexedDbStorage, Pump, Tiers};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

pub struct Life {
    /// `<name>` of `tablog/<name>`, the worker's name: the database's and the broker's too.
    name: String,
    incarnation: String,
    pump: RefCell<Option<Pump<BrokerEngine, StorageInUse>>>,
    ports: RefCell<Ports>,
    tabs: RefCell<Vec<Rc<Tab>>>,
    alive: Stage,
    up: Stage,
    timer: RefCell<Option<(u64, Timeout)>>,
    drain_is_due: Cell<bool>,
}

/// Something that happens once and that many wait for.
#[derive(Default)]
struct Stage {
    reached: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Stage {
    async fn wait(&self) {
        if !self.reached.get() {
            let (sender, receiver) = oneshot::channel();
            self.waiting.borrow_mut().push(sender);
            let _ = receiver.await;
        }
    }

    fn reach(&self) {
        self.reached.set(true);
        for sender in self.waiting.take() {
            let _ = sender.send(());
        }
    }
}

impl Life {
    pub fn begin(worker_name: &str) -> Rc<Life> {
        let name = worker_name.strip_prefix("tablog/").unwrap_or(worker_name);
        let life = Rc::new(Life {
            name: if name.is_empty() { "local".to_owned() } else { name.to_owned() },
            incarnation: random_uuid(),
            pump: RefCell::default(),
            ports: RefCell::default(),
            tabs: RefCell::default(),
            alive: Stage::default(),
            up: Stage::default(),
            timer: RefCell::default(),
            drain_is_due: Cell::new(false),
        });
        let starting = life.clone();
        spawn_local(async move {
            if let Err((kind, detail)) = starting.start().await {
                // Tabs that connected before are told; those that come while we close hear nothing and come again.
                starting.alive.reach();
                crate::death::end(&kind, &detail, Fatal::StayAway);
            }
        });
        life
    }

    async fn start(self: &Rc<Life>) -> Result<(), (String, String)> {
        let no_locks = |words| ("Unsupported".to_owned(), words);
        lock::acquire(&format!("alive/{}", self.incarnation)).await.map_err(no_locks)?.forever();
        self.alive.reach();
        let owner = format!("tablog/{}/owner", self.name);
        match within(lock::acquire(&owner)).await {
            Some(owner) => owner.map_err(no_locks)?.forever(),
            None => {
                let words = "another page of this site, at another address, has the store open: close it";
                return Err(("Busy".to_owned(), words.to_owned()));
            }
        }

        let weak = Rc::downgrade(self);
        let wake = move || {
            if let Some(life) = weak.upgrade() {
                life.drain_soon();
            }
        };
        let database = format!("tablog/{}", self.name);
        let durable = match within(IndexedDbStorage::open(&database, &self.incarnation, wake)).await {
            Some(opened) => opened.map_err(unopened)?,
            None => {
                let words =
                    "the store does not open: another page of this site may be deleting or upgrading it";
                return Err(("Busy".to_owned(), words.to_owned()));
            }
        };
        durable.on_lost(|loss, fault| {
            let (kind, fatal) = match loss {
                Loss::Closed => ("Lost", Fatal::ComeBack),
                Loss::Deleted => ("Deleted", Fatal::StayAway),
                Loss::Upgraded => ("NewerFormat", Fatal::StayAway),
            };
            crate::death::end(kind, &fault.detail, fatal);
        });

        let clock = Clock::new();
        let engine = engine::broker(&self.name, random_seed());
        let storage = engine::storage(Tiers::new(durable));
        *self.pump.borrow_mut() = Some(Pump::new(engine, storage, clock));
        self.pumped(|_, _| ());
        self.up.reach();
        for tab in self.tabs.borrow().iter() {
            ToTab::Ready.post(&tab.control);
        }
        Ok(())
    }

    pub fn accept(self: &Rc<Life>, control: MessagePort) {
        // The tab keeps itself alive through its port's handler until it is greeted.
        let tab = Tab::attach(self.clone(), control);
        self.tabs_to_come(tab);
    }

    /// A tab that never says hello is nobody, and costs a port.
    fn tabs_to_come(self: &Rc<Life>, tab: Rc<Tab>) {
        spawn_local(async move {
            TimeoutFuture::new(60_000).await;
            drop(tab);
        });
    }

    /// Not before our lock is held: the tab will wait for it.
    pub async fn welcome(&self, control: &MessagePort) {
        self.alive.wait().await;
        ToTab::Welcome { incarnation: &self.incarnation }.post(control);
        if self.up.reached.get() {
            ToTab::Ready.post(control);
        }
    }

    pub async fn broker_is_up(&self) {
        self.up.wait().await;
    }

    /// One broker, whose node id is 1, lives here so far.
    pub fn serves(&self, host: &str, port: u16) -> Result<(), String> {
        let ours = engine::advertised_host(&self.name);
        if host == ours && port == engine::PORT {
            return Ok(());
        }
        Err(format!("there is no broker at {host}:{port}; this worker serves {ours}:{}", engine::PORT))
    }

    pub fn connect(
        self: &Rc<Life>,
        control: &MessagePort,
        id: u32,
        port: MessagePort,
        closed: impl Fn() + 'static,
    ) -> ConnectionId {
        let peer = Peer { host: "/tab".to_owned() };
        let connection = self.pumped(|pump, ports| pump.connect(peer, ports));
        let life = self.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match frame_of(&event.data()) {
                Some(frame) => life.frame(connection, frame),
                None => {
                    life.disconnect(connection);
                    closed();
                }
            }
        });
        self.ports.borrow_mut().add(connection, control, id, port, on_message);
        connection
    }

    pub fn frame(self: &Rc<Life>, connection: ConnectionId, frame: Bytes) {
        self.pumped(|pump, ports| pump.frame(connection, frame, ports));
    }

    pub fn disconnect(self: &Rc<Life>, connection: ConnectionId) {
        self.pumped(|pump, ports| pump.disconnect(connection, ports));
        self.ports.borrow_mut().remove(connection);
    }

    pub fn add_tab(&self, tab: &Rc<Tab>) {
        self.tabs.borrow_mut().push(tab.clone());
        self.tell_count();
    }

    pub fn remove_tab(&self, tab: &Rc<Tab>) {
        self.tabs.borrow_mut().retain(|other| !Rc::ptr_eq(other, tab));
        self.tell_count();
    }

    fn tell_count(&self) {
        let tabs = self.tabs.borrow();
        for tab in tabs.iter() {
            ToTab::Tabs { count: tabs.len() }.post(&tab.control);
        }
    }

    /// Does something to the pump, then sets the timer to what it wants next.
    fn pumped<T>(
        self: &Rc<Life>,
        work: impl FnOnce(&mut Pump<BrokerEngine, StorageInUse>, &mut Ports) -> T,
    ) -> T {
        let mut pump = self.pump.borrow_mut();
        let pump = pump.as_mut().expect("connections are made when the broker is up");
        let mut ports = self.ports.borrow_mut();
        let outcome = work(pump, &mut ports);
        pump.fire(&mut *ports);
        self.set_timer(pump.deadline(), pump.now().monotonic_ms);
        outcome
    }

    fn set_timer(self: &Rc<Life>, deadline: Option<u64>, now: u64) {
        let mut timer = self.timer.borrow_mut();
        let Some(deadline) = deadline else {
            *timer = None;
            return;
        };
        if timer.as_ref().is_some_and(|(at, _)| *at == deadline) {
            return;
        }
        let weak = Rc::downgrade(self);
        let delay = u32::try_from(deadline.saturating_sub(now)).unwrap_or(u32::MAX).min(i32::MAX as u32);
        let timeout = Timeout::new(delay, move || {
            if let Some(life) = weak.upgrade() {
                // It has fired: the next one is set anew even for the same moment.
                if let Some((_, fired)) = life.timer.borrow_mut().take() {
                    fired.forget();
                }
                life.pumped(|_, _| ());
            }
        });
        *timer = Some((deadline, timeout));
    }

    /// Storage calls from within the pump too: what completed is looked at when that is done.
    fn drain_soon(self: &Rc<Life>) {
        if self.drain_is_due.replace(true) {
            return;
        }
        let life = self.clone();
        spawn_local(async move {
            life.drain_is_due.set(false);
            if life.pump.borrow().is_some() {
                life.pumped(|_, _| ());
            }
        });
    }
}

fn unopened(error: OpenError) -> (String, String) {
    match error {
        OpenError::NewerFormat(fault) => ("NewerFormat".to_owned(), fault.detail),
        OpenError::NotAllowed(fault) => ("NotAllowed".to_owned(), fault.detail),
        OpenError::Failed(fault) => (format!("{:?}", fault.kind), fault.detail),
    }
}

/// What takes longer will not come.
const START_TIMEOUT_MS: u32 = 15_000;

async fn within<T>(work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), TimeoutFuture::new(START_TIMEOUT_MS)).await {
        Either::Left((outcome, _)) => Some(outcome),
        Either::Right(_) => None,
    }
}

fn crypto() -> web_sys::Crypto {
    crate::control::get(&js_sys::global(), "crypto").unchecked_into()
}

fn random_uuid() -> String {
    crypto().random_uuid()
}

fn random_seed() -> u64 {
    let mut bytes = [0; 8];
    crypto().get_random_values_with_u8_array(&mut bytes).expect("eight bytes are not too many");
    u64::from_le_bytes(bytes)
}
