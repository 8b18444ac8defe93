//! A tab's way to the broker: the site's SharedWorker. It says hello, notices when the worker dies and connects
//! to the next one, says goodbye when the page goes away and comes back with it.
//!
//! ```text
//!              new SharedWorker            welcome               ready
//!  (begin) ───────────► connecting ──────────────► its lock is waited for ───► Ready
//!                          ▲   ▲                        │         │
//!            pageshow      │   └── the lock is granted ─┘         │ fault, fatal · three deaths · no SharedWorker
//!  away ───────────────────┘         the worker is dead          ▼
//!    ▲── pagehide: goodbye ─────────────────────────────────── Failed ── retry(), or the store was busy ──► connecting
//! ```

use crate::control::{FORMAT, FromWorker, post};
use crate::link::Link;
use crate::port_connection::PortConnection;
use crate::status::{Failure, Status};
use crate::{deaths, lock, platform};
use futures_channel::{mpsc, oneshot};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::pin;
use std::rc::{Rc, Weak};
use tablog_client::{Transport, TransportError};
use tablog_record::Now;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{PageTransitionEvent, SharedWorker, WorkerOptions};

/// A worker that is ending still takes connections; one that lives answers at once, from its script's first line.
const HERE_TIMEOUT_MS: [u64; 7] = [250, 500, 1000, 2000, 4000, 8000, 15_000];

/// From the script's first line until the broker's wasm is loaded and its lock is held.
const WELCOME_TIMEOUT_MS: u64 = 60_000;

/// A worker waits for a busy store for a while before it gives up.
const BUSY_RETRY_MS: u64 = 1_000;

/// Shorter sleeps are not worth two messages: a hidden page's timers are slowed to a second.
const SERVED_SLEEP_MS_MIN: u64 = 50;

pub const PORT: u16 = 9092;

#[derive(Clone, Debug)]
pub struct TabOptions {
    /// The worker's script, the same in every tab of the site and in every release: another URL is another broker.
    pub worker_url: String,
    /// The broker's and its database's name.
    pub name: String,
}

impl Default for TabOptions {
    fn default() -> TabOptions {
        TabOptions { worker_url: "tablog-worker.js".to_owned(), name: "local".to_owned() }
    }
}

/// Cheap to clone; all clones are one tab.
#[derive(Clone)]
pub struct TabTransport(Rc<Tab>);

impl fmt::Debug for TabTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TabTransport").field("status", &self.status()).finish()
    }
}

struct Tab {
    options: TabOptions,
    status: RefCell<Status>,
    watchers: RefCell<Vec<Weak<Watcher>>>,
    link: RefCell<Option<Rc<Link>>>,
    waiting_for_link: RefCell<Vec<oneshot::Sender<()>>>,
    /// Wakes the loop that connects: after `retry`, after `pageshow`.
    wanted: RefCell<Option<oneshot::Sender<()>>>,
    away: Cell<bool>,
    /// Ends the current attachment: the page goes away.
    leave: RefCell<Option<oneshot::Sender<()>>>,
}

type Watcher = dyn Fn(&Status);

/// Dropping it ends the watching.
#[must_use]
pub struct StatusWatch(#[allow(dead_code)] Rc<dyn Fn(&Status)>);

impl fmt::Debug for StatusWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusWatch")
    }
}

/// Why an attachment to one worker ended.
enum End {
    Died { incarnation: String, words: String },
    Fatal { failure: Failure, words: String },
    Left,
}

impl TabTransport {
    /// Begins to connect; what is asked meanwhile waits. For pages only: a worker has no SharedWorker.
    pub fn begin(options: TabOptions) -> TabTransport {
        let tab = Rc::new(Tab {
            options,
            status: RefCell::new(Status::Connecting),
            watchers: RefCell::default(),
            link: RefCell::default(),
            waiting_for_link: RefCell::default(),
            wanted: RefCell::default(),
            away: Cell::new(false),
            leave: RefCell::default(),
        });
        follow_page(&tab);
        spawn_local(tab.clone().run());
        TabTransport(tab)
    }

    /// `host:port` of the broker, for `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        format!("{}:{PORT}", self.host())
    }

    pub fn host(&self) -> String {
        format!("broker-1.{}.tablog", self.0.options.name)
    }

    pub fn status(&self) -> Status {
        self.0.status.borrow().clone()
    }

    /// Called now and whenever it changes, until the watch is dropped.
    pub fn watch(&self, on_status: impl Fn(&Status) + 'static) -> StatusWatch {
        let watcher: Rc<dyn Fn(&Status)> = Rc::new(on_status);
        watcher(&self.0.status.borrow().clone());
        self.0.watchers.borrow_mut().push(Rc::downgrade(&watcher));
        StatusWatch(watcher)
    }

    /// After a failure: forget it and connect again.
    pub fn retry(&self) {
        deaths::forget(&self.0.options.name);
        if matches!(self.status(), Status::Failed { .. }) {
            self.0.set_status(Status::Connecting);
            self.0.want();
        }
    }

    /// For `PortBroker` and the tests.
    pub(crate) async fn link(&self) -> Result<Rc<Link>, String> {
        self.0.link().await
    }

    /// Tells the worker something that no protocol knows: the crash tests' way to kill it.
    pub fn inject(&self, what: &str) {
        if let Some(link) = &*self.0.link.borrow() {
            post(&link.port, "inject", &[("what", what.into())]);
        }
    }
}

impl Transport for TabTransport {
    type Connection = PortConnection;

    async fn connect(&self, host: &str, port: u16) -> Result<PortConnection, TransportError> {
        let link = self.link().await.map_err(|detail| TransportError { detail })?;
        link.connect(host, port).await
    }

    /// By the worker, whose timers are not slowed when the page is hidden, and by the page, whose timers do not
    /// end with the worker: whichever is first.
    async fn sleep(&self, duration_ms: u64) {
        let link = self.0.link.borrow().clone();
        match link {
            Some(link) if duration_ms >= SERVED_SLEEP_MS_MIN => {
                select(pin!(link.sleep(duration_ms)), pin!(platform::sleep(duration_ms))).await;
            }
            _ => platform::sleep(duration_ms).await,
        }
    }

    fn now(&self) -> Now {
        platform::now()
    }

    fn random(&self) -> u64 {
        platform::random()
    }
}

impl Tab {
    async fn run(self: Rc<Tab>) {
        loop {
            if self.away.get() {
                self.wait_until_wanted().await;
                continue;
            }
            if !self.is_busy() {
                self.set_status(Status::Connecting);
            }
            let end = match deaths::too_many(&self.options.name) {
                Some(words) => End::Fatal { failure: Failure::Other, words },
                None => self.attach().await,
            };
            match end {
                End::Died { incarnation, words } => {
                    deaths::record(&self.options.name, &incarnation, &words);
                    self.drop_link();
                }
                End::Fatal { failure, words } => {
                    self.set_status(Status::Failed { failure, words });
                    self.drop_link();
                    for waiting in self.waiting_for_link.take() {
                        drop(waiting);
                    }
                    if self.is_busy() {
                        select(pin!(self.wait_until_wanted()), pin!(platform::sleep(BUSY_RETRY_MS))).await;
                    } else {
                        self.wait_until_wanted().await;
                    }
                }
                End::Left => self.drop_link(),
            }
        }
    }

    /// To one worker, from hello until it is over.
    async fn attach(self: &Rc<Tab>) -> End {
        let (leave, left) = oneshot::channel::<()>();
        *self.leave.borrow_mut() = Some(leave);
        let attached = pin!(self.attached());
        // `left` also ends when a later attachment takes its place, which there is not while this one lasts.
        match select(attached, left).await {
            Either::Left((end, _)) => end,
            Either::Right(_) => End::Left,
        }
    }

    async fn attached(self: &Rc<Tab>) -> End {
        // Held as long as this attachment: the worker is granted it when the page is gone.
        let lock_name = format!("tablog/tab/{:016x}", platform::random());
        let _own_lock = match lock::acquire(&lock_name).await {
            Ok(held) => held,
            Err(words) => {
                let failure = if lock::are_there() { Failure::NotAllowed } else { Failure::Other };
                return End::Fatal { failure, words };
            }
        };
        let (link, mut heard) = match self.find_worker().await {
            Ok(found) => found,
            Err((failure, words)) => return End::Fatal { failure, words },
        };
        let mut closing = Closing { link: link.clone(), words: "the page went away".to_owned() };
        let version = env!("CARGO_PKG_VERSION");
        let hello =
            [("format", FORMAT.into()), ("version", version.into()), ("lock", lock_name.as_str().into())];
        post(&link.port, "hello", &hello);
        let end = match self.welcome(&mut heard).await {
            Ok(incarnation) => {
                *self.link.borrow_mut() = Some(link.clone());
                for waiting in self.waiting_for_link.take() {
                    let _ = waiting.send(());
                }
                self.live(&link, &incarnation, &mut heard).await
            }
            Err(end) => end,
        };
        closing.words = match &end {
            End::Fatal { words, .. } => words.clone(),
            End::Died { .. } | End::Left => "the broker's worker died".to_owned(),
        };
        end
    }

    /// A worker that answers. One that is ending is asked in vain: a new one is made then.
    async fn find_worker(
        &self,
    ) -> Result<(Rc<Link>, mpsc::UnboundedReceiver<FromWorker>), (Failure, String)> {
        if platform::global("SharedWorker").is_undefined() {
            let words = "this browser has no SharedWorker, in which the broker would live: use a desktop \
                         browser, or Chrome 156 or newer on Android";
            return Err((Failure::Other, words.to_owned()));
        }
        for timeout_ms in HERE_TIMEOUT_MS {
            let options = WorkerOptions::new();
            options.set_name(&format!("tablog/{}", self.options.name));
            let worker = SharedWorker::new_with_worker_options(&self.options.worker_url, &options).map_err(
                |error| (Failure::NotAllowed, format!("the broker's worker cannot be started: {error:?}")),
            )?;
            let link = Link::new(worker.port());
            let mut heard = listen(&link);
            let here = async {
                while let Some(message) = heard.next().await {
                    match message {
                        FromWorker::Here => return None,
                        FromWorker::Fault { kind, detail, .. } => return Some((Failure::of(&kind), detail)),
                        _ => {}
                    }
                }
                None
            };
            match select(pin!(here), pin!(platform::sleep(timeout_ms))).await {
                Either::Left((None, _)) => return Ok((link, heard)),
                Either::Left((Some(fault), _)) => return Err(fault),
                Either::Right(_) => link.end("the worker did not answer"),
            }
        }
        Err((Failure::Other, format!("the broker's worker ({}) did not answer", self.options.worker_url)))
    }

    async fn welcome(&self, heard: &mut mpsc::UnboundedReceiver<FromWorker>) -> Result<String, End> {
        let welcome = async {
            while let Some(message) = heard.next().await {
                match message {
                    FromWorker::Welcome { incarnation, format: FORMAT } => return Ok(incarnation),
                    FromWorker::Welcome { .. } => {
                        let words =
                            "another version of Tablog runs in another tab: close all tabs of this site";
                        return Err(End::Fatal { failure: Failure::Other, words: words.to_owned() });
                    }
                    FromWorker::Fault { kind, detail, is_fatal: true } => {
                        return Err(End::Fatal { failure: Failure::of(&kind), words: detail });
                    }
                    FromWorker::Fault { detail, is_fatal: false, .. } => {
                        return Err(End::Died { incarnation: String::new(), words: detail });
                    }
                    _ => {}
                }
            }
            Err(End::Died { incarnation: String::new(), words: String::new() })
        };
        match select(pin!(welcome), pin!(platform::sleep(WELCOME_TIMEOUT_MS))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(End::Fatal {
                failure: Failure::Other,
                words: "the broker's worker started and never got ready".to_owned(),
            }),
        }
    }

    /// Until the worker's lock is granted to us, or a fault says that waiting is of no use.
    async fn live(
        self: &Rc<Tab>,
        link: &Rc<Link>,
        incarnation: &str,
        heard: &mut mpsc::UnboundedReceiver<FromWorker>,
    ) -> End {
        let (mut is_ready, mut tabs) = (false, 1);
        let words = RefCell::new(String::new());
        let listening = async {
            while let Some(message) = heard.next().await {
                match message {
                    FromWorker::Ready => is_ready = true,
                    FromWorker::Tabs { count } => tabs = count,
                    FromWorker::Fault { kind, detail, is_fatal: true } => {
                        return (Failure::of(&kind), detail);
                    }
                    FromWorker::Fault { detail, is_fatal: false, .. } => {
                        *words.borrow_mut() = detail;
                        continue;
                    }
                    other => {
                        link.hear(&other);
                        continue;
                    }
                }
                if is_ready {
                    self.set_status(Status::Ready { incarnation: incarnation.to_owned(), tabs });
                }
            }
            std::future::pending().await
        };
        let alive_lock = format!("alive/{incarnation}");
        match select(pin!(lock::acquire(&alive_lock)), pin!(listening)).await {
            Either::Left(_) => {
                End::Died { incarnation: incarnation.to_owned(), words: words.borrow().clone() }
            }
            Either::Right(((failure, words), _)) => End::Fatal { failure, words },
        }
    }

    async fn link(&self) -> Result<Rc<Link>, String> {
        loop {
            if let Some(link) = &*self.link.borrow() {
                return Ok(link.clone());
            }
            if let Status::Failed { words, .. } = &*self.status.borrow() {
                return Err(words.clone());
            }
            if self.away.get() {
                return Err("the page went away".to_owned());
            }
            let (sender, receiver) = oneshot::channel();
            self.waiting_for_link.borrow_mut().push(sender);
            let _ = receiver.await;
        }
    }

    fn is_busy(&self) -> bool {
        matches!(*self.status.borrow(), Status::Failed { failure: Failure::Busy, .. })
    }

    fn drop_link(&self) {
        self.link.borrow_mut().take();
    }

    fn set_status(&self, status: Status) {
        if *self.status.borrow() == status {
            return;
        }
        *self.status.borrow_mut() = status.clone();
        let watchers: Vec<_> = self.watchers.borrow().iter().filter_map(Weak::upgrade).collect();
        self.watchers.borrow_mut().retain(|watcher| watcher.strong_count() > 0);
        for watcher in watchers {
            watcher(&status);
        }
    }

    async fn wait_until_wanted(&self) {
        let (want, wanted) = oneshot::channel();
        *self.wanted.borrow_mut() = Some(want);
        let _ = wanted.await;
    }

    fn want(&self) {
        if let Some(want) = self.wanted.borrow_mut().take() {
            let _ = want.send(());
        }
    }

    /// Nothing here may wait: the page has only this moment. Locks are let go of in it too, for a page that holds
    /// or awaits one is not kept for going back to.
    fn go_away(&self) {
        self.away.set(true);
        if let Some(link) = &*self.link.borrow() {
            post(&link.port, "goodbye", &[]);
        }
        if let Some(leave) = self.leave.borrow_mut().take() {
            let _ = leave.send(());
        }
    }

    fn come_back(&self) {
        self.away.set(false);
        self.want();
    }
}

/// What a worker says, in order, for one reader.
fn listen(link: &Rc<Link>) -> mpsc::UnboundedReceiver<FromWorker> {
    let (sender, receiver) = mpsc::unbounded();
    link.listen(move |event| {
        if let Some(message) = FromWorker::parse(&event.data()) {
            let _ = sender.unbounded_send(message);
        }
    });
    receiver
}

fn follow_page(tab: &Rc<Tab>) {
    let Some(window) = web_sys::window() else { return };
    let hiding = Rc::downgrade(tab);
    let on_hide = Closure::<dyn FnMut(PageTransitionEvent)>::new(move |_event| {
        if let Some(tab) = hiding.upgrade() {
            tab.go_away();
        }
    });
    let showing = Rc::downgrade(tab);
    let on_show = Closure::<dyn FnMut(PageTransitionEvent)>::new(move |event: PageTransitionEvent| {
        if let Some(tab) = showing.upgrade()
            && event.persisted()
        {
            tab.come_back();
        }
    });
    let listen = |name: &str, handler: &JsValue| {
        let _ = window.add_event_listener_with_callback(name, handler.unchecked_ref());
    };
    listen("pagehide", on_hide.as_ref());
    listen("pageshow", on_show.as_ref());
    on_hide.forget();
    on_show.forget();
}

/// Ends the link with its words, which are those of a page that goes away unless something else came first.
struct Closing {
    link: Rc<Link>,
    words: String,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.link.end(&self.words);
    }
}
