//! A broker, a network and a clock on one thread: what the client runs on in these tests. Time moves when nobody
//! has anything to do; connections are cut where the seed says.

use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tablog_broker::{BrokerConfig, ConnectionId};
use tablog_client::{Cluster, ClusterConfig, Connection, Transport, TransportError};
use tablog_record::Now;
use tablog_tests::BrokerOnMemory;

const LATENCY_MS: u64 = 1;
const STEP_MS_MAX: u64 = 10;
const VIRTUAL_TIME_MAX_MS: u64 = 30 * 60_000;

#[derive(Clone)]
pub struct World {
    inner: Rc<Inner>,
}

struct Inner {
    broker: RefCell<BrokerOnMemory>,
    links: RefCell<BTreeMap<ConnectionId, Weak<Link>>>,
    transit: RefCell<BTreeMap<(u64, u64), Transit>>,
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    tasks: RefCell<Vec<Task>>,
    added: RefCell<Vec<Task>>,
    next: Cell<u64>,
    random: Cell<u64>,
    weather: Cell<Weather>,
    pub cuts: Cell<u64>,
}

/// How often, of a thousand requests, the connection is cut before or after the broker got one.
#[derive(Clone, Copy, Default)]
pub struct Weather {
    pub cut_before: u64,
    pub cut_after: u64,
    /// How often, of a thousand answers, one has wrong bytes.
    pub garbled: u64,
    /// Nothing arrives, and nobody is told.
    pub is_silent: bool,
}

enum Transit {
    ToBroker(ConnectionId, Bytes),
    ToClient(ConnectionId, Bytes),
}

struct Task {
    id: u64,
    future: Pin<Box<dyn Future<Output = ()>>>,
    flag: Arc<Flag>,
    is_frozen: bool,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    pub fn new(seed: u64) -> World {
        World::with(seed, BrokerConfig::default())
    }

    pub fn with(seed: u64, config: BrokerConfig) -> World {
        World {
            inner: Rc::new(Inner {
                broker: RefCell::new(BrokerOnMemory::new(config)),
                links: RefCell::default(),
                transit: RefCell::default(),
                timers: RefCell::default(),
                tasks: RefCell::default(),
                added: RefCell::default(),
                next: Cell::new(1),
                random: Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
                weather: Cell::default(),
                cuts: Cell::new(0),
            }),
        }
    }

    pub fn cluster(&self, client_id: &str) -> Cluster<World> {
        Cluster::new(
            self.clone(),
            ClusterConfig {
                bootstrap_servers: vec![("broker".to_owned(), 9092)],
                client_id: client_id.to_owned(),
                ..ClusterConfig::default()
            },
        )
    }

    pub fn set_weather(&self, weather: Weather) {
        self.inner.weather.set(weather);
    }

    pub fn cuts(&self) -> u64 {
        self.inner.cuts.get()
    }

    /// The broker dies and comes back on what it stored; all connections are gone.
    pub fn crash_broker(&self) {
        self.inner.broker.borrow_mut().crash();
        self.inner.transit.borrow_mut().clear();
        let links = std::mem::take(&mut *self.inner.links.borrow_mut());
        links.into_values().filter_map(|link| link.upgrade()).for_each(|link| link.lose());
    }

    /// What the host does when a tab dies: the wills of this client's connections are sent. How many there were.
    pub fn execute_wills(&self, client_id: &str) -> usize {
        let wills = self.wills_of(client_id);
        let count = wills.len();
        for (link, frame) in wills {
            self.inner.broker.borrow_mut().send_frame(link, frame);
        }
        count
    }

    /// How many wills this client's connections bear.
    pub fn wills(&self, client_id: &str) -> usize {
        self.wills_of(client_id).len()
    }

    fn wills_of(&self, client_id: &str) -> Vec<(ConnectionId, Bytes)> {
        let links: Vec<Rc<Link>> = self.inner.links.borrow().values().filter_map(Weak::upgrade).collect();
        let is_theirs = |frame: &Bytes| {
            frame[8..10] == (client_id.len() as u16).to_be_bytes()
                && frame[10..].starts_with(client_id.as_bytes())
        };
        let wills = links.iter().filter_map(|link| Some((link.id, link.will.borrow().clone()?)));
        wills.filter(|(_, frame)| is_theirs(frame)).collect()
    }

    pub fn now_ms(&self) -> u64 {
        self.inner.broker.borrow().now().monotonic_ms
    }

    fn unique(&self) -> u64 {
        self.inner.next.replace(self.inner.next.get() + 1)
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) -> u64 {
        let id = self.unique();
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        self.inner.added.borrow_mut().push(Task { id, future: Box::pin(future), flag, is_frozen: false });
        id
    }

    pub fn freeze(&self, id: u64, is_frozen: bool) {
        for task in self.inner.tasks.borrow_mut().iter_mut().chain(self.inner.added.borrow_mut().iter_mut()) {
            if task.id == id {
                task.is_frozen = is_frozen;
            }
        }
    }

    /// Drives everything until `main` is done.
    pub fn run<F: Future>(&self, main: F) -> F::Output {
        let mut main = pin!(main);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let end_ms = self.now_ms() + VIRTUAL_TIME_MAX_MS;
        loop {
            let mut has_polled = false;
            if flag.0.swap(false, Ordering::Relaxed) {
                has_polled = true;
                let waker = Waker::from(flag.clone());
                if let Poll::Ready(output) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return output;
                }
            }
            has_polled |= self.poll_tasks();
            if !has_polled && !self.deliver() {
                assert!(self.now_ms() < end_ms, "nothing comes of it");
                self.tick();
            }
        }
    }

    fn poll_tasks(&self) -> bool {
        let mut tasks = std::mem::take(&mut *self.inner.tasks.borrow_mut());
        tasks.append(&mut self.inner.added.borrow_mut());
        let mut has_polled = false;
        tasks.retain_mut(|task| {
            if task.is_frozen || !task.flag.0.swap(false, Ordering::Relaxed) {
                return true;
            }
            has_polled = true;
            let waker = Waker::from(task.flag.clone());
            task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        });
        *self.inner.tasks.borrow_mut() = tasks;
        has_polled
    }

    /// What has arrived by now. Whether anything did.
    fn deliver(&self) -> bool {
        let now_ms = self.now_ms();
        let due = {
            let mut transit = self.inner.transit.borrow_mut();
            match transit.first_entry() {
                Some(entry) if entry.key().0 <= now_ms => entry.remove(),
                _ => return false,
            }
        };
        match due {
            Transit::ToBroker(id, frame) => self.to_broker(id, frame),
            Transit::ToClient(id, frame) => {
                let link = self.inner.links.borrow().get(&id).and_then(Weak::upgrade);
                if let Some(link) = link {
                    link.inbox.borrow_mut().push_back(frame);
                    link.wake();
                }
            }
        }
        true
    }

    fn to_broker(&self, id: ConnectionId, frame: Bytes) {
        if !self.inner.links.borrow().contains_key(&id) {
            return;
        }
        let weather = self.inner.weather.get();
        if weather.is_silent {
            return;
        }
        let dice = self.random() % 1000;
        if dice < weather.cut_before {
            return self.cut(id);
        }
        self.inner.broker.borrow_mut().send_frame(id, frame);
        if dice < weather.cut_before + weather.cut_after {
            return self.cut(id);
        }
        self.collect();
    }

    fn cut(&self, id: ConnectionId) {
        self.inner.cuts.set(self.inner.cuts.get() + 1);
        self.inner.broker.borrow_mut().disconnect(id);
        let link = self.inner.links.borrow_mut().remove(&id).and_then(|link| link.upgrade());
        if let Some(link) = link {
            link.lose();
        }
    }

    /// Replies go on their way.
    fn collect(&self) {
        let ids: Vec<ConnectionId> = self.inner.links.borrow().keys().copied().collect();
        let arrives_ms = self.now_ms() + LATENCY_MS;
        for id in ids {
            loop {
                let reply = self.inner.broker.borrow_mut().receive_frame(id);
                let Some(frame) = reply else { break };
                let frame = self.garbled(frame);
                let key = (arrives_ms, self.unique());
                self.inner.transit.borrow_mut().insert(key, Transit::ToClient(id, frame));
            }
            if self.inner.broker.borrow().is_closed(id) {
                let link = self.inner.links.borrow_mut().remove(&id).and_then(|link| link.upgrade());
                link.into_iter().for_each(|link| link.lose());
            }
        }
    }

    fn garbled(&self, frame: Bytes) -> Bytes {
        if self.random() % 1000 >= self.inner.weather.get().garbled {
            return frame;
        }
        let mut bytes = frame.to_vec();
        match self.random() % 4 {
            0 => bytes.truncate((self.random() % (bytes.len() as u64 + 1)) as usize),
            1 => bytes.extend_from_slice(&self.random().to_be_bytes()),
            _ => {
                for _ in 0..=self.random() % 8 {
                    // Behind the correlation id mostly: what is read further is more of a test.
                    let at = (4 + self.random() as usize % 60) % bytes.len().max(1);
                    bytes[at] = [0, 0x7f, 0x80, 0xff, self.random() as u8][self.random() as usize % 5];
                }
            }
        }
        bytes.into()
    }

    /// To the next timer or arrival, but not so far that an answer that the broker gives meanwhile comes late.
    fn tick(&self) {
        let now_ms = self.now_ms();
        let timer_ms = self.inner.timers.borrow().first_key_value().map(|(key, _)| key.0);
        let arrival_ms = self.inner.transit.borrow().first_key_value().map(|(key, _)| key.0);
        let next_ms = timer_ms.into_iter().chain(arrival_ms).min().unwrap_or(u64::MAX);
        self.inner.broker.borrow_mut().advance(next_ms.saturating_sub(now_ms).clamp(1, STEP_MS_MAX));
        self.collect();
        let now_ms = self.now_ms();
        loop {
            let due = {
                let mut timers = self.inner.timers.borrow_mut();
                match timers.first_entry() {
                    Some(entry) if entry.key().0 <= now_ms => entry.remove(),
                    _ => return,
                }
            };
            due.wake();
        }
    }

    pub async fn sleep_ms(&self, duration_ms: u64) {
        let key = (self.now_ms() + duration_ms, self.unique());
        poll_fn(|cx| {
            if self.now_ms() >= key.0 {
                return Poll::Ready(());
            }
            self.inner.timers.borrow_mut().insert(key, cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Transport for World {
    type Connection = Line;

    async fn connect(&self, _host: &str, _port: u16) -> Result<Line, TransportError> {
        self.sleep_ms(LATENCY_MS).await;
        if self.inner.weather.get().is_silent {
            return Err(TransportError { detail: "unreachable".to_owned() });
        }
        let id = self.inner.broker.borrow_mut().connect();
        let link = Rc::new(Link {
            world: self.clone(),
            id,
            inbox: RefCell::default(),
            waker: RefCell::default(),
            is_lost: Cell::new(false),
            will: RefCell::default(),
        });
        self.inner.links.borrow_mut().insert(id, Rc::downgrade(&link));
        Ok(Line(link))
    }

    async fn sleep(&self, duration_ms: u64) {
        self.sleep_ms(duration_ms).await
    }

    fn now(&self) -> Now {
        self.inner.broker.borrow().now()
    }

    fn random(&self) -> u64 {
        let mut x = self.inner.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.inner.random.set(x);
        x
    }
}

pub struct Link {
    world: World,
    id: ConnectionId,
    inbox: RefCell<VecDeque<Bytes>>,
    waker: RefCell<Option<Waker>>,
    is_lost: Cell<bool>,
    will: RefCell<Option<Bytes>>,
}

impl Link {
    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    fn lose(&self) {
        self.is_lost.set(true);
        self.wake();
    }
}

/// The client's end of a link.
pub struct Line(Rc<Link>);

impl Connection for Line {
    fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        let key = (self.0.world.now_ms() + LATENCY_MS, self.0.world.unique());
        self.0.world.inner.transit.borrow_mut().insert(key, Transit::ToBroker(self.0.id, frame));
        Ok(())
    }

    fn set_will(&self, frame: Option<Bytes>) {
        *self.0.will.borrow_mut() = frame;
    }

    async fn receive(&self) -> Result<Bytes, TransportError> {
        poll_fn(|cx| {
            if let Some(frame) = self.0.inbox.borrow_mut().pop_front() {
                return Poll::Ready(Ok(frame));
            }
            if self.0.is_lost.get() {
                return Poll::Ready(Err(TransportError { detail: "cut".to_owned() }));
            }
            *self.0.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.world.inner.links.borrow_mut().remove(&self.id).is_some()
            && let Ok(mut broker) = self.world.inner.broker.try_borrow_mut()
        {
            broker.disconnect(self.id);
        }
    }
}
