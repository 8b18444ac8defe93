//! Links between clients and the broker: seeded delays, order kept within a connection and none between them,
//! drops that are disconnects, hosts that are cut off for a while.
//!
//! Never knows: what a frame says.

mod transport;

pub use transport::{SimConnection, SimTransport};

use crate::chance::Chance;
use crate::executor::Executor;
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::Waker;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(pub u32);

/// One connection. Its number is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u64);

/// Who accepts connections: the broker's process.
pub trait Listener {
    fn connected(self: Rc<Self>, link: LinkId, host: HostId) -> Acceptance;
    fn frame(self: Rc<Self>, link: LinkId, frame: Bytes);
    fn disconnected(self: Rc<Self>, link: LinkId);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    Accepted,
    Refused,
}

#[derive(Clone)]
pub struct Network {
    state: Rc<RefCell<State>>,
    executor: Executor,
}

struct State {
    chance: Chance,
    listener: Option<Weak<dyn Listener>>,
    links: BTreeMap<LinkId, Link>,
    next_link: u64,
    cut: BTreeSet<HostId>,
}

struct Link {
    host: HostId,
    /// Of the client: whether it was accepted, what came, whether it ended.
    standing: Standing,
    inbox: VecDeque<Bytes>,
    waker: Option<Waker>,
    /// The broker accepted and was not told of an end.
    is_open_at_broker: bool,
    up: Direction,
    down: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Connecting,
    Open,
    Gone,
}

/// One way of a link.
#[derive(Default)]
struct Direction {
    /// Nothing arrives earlier than what was sent before it.
    last_us: u64,
    /// What waits for the host to be reachable again, in order.
    held: VecDeque<Parcel>,
    /// The wire is broken: nothing arrives any more but the end.
    is_broken: bool,
}

enum Parcel {
    Connect,
    Accept,
    Frame(Bytes),
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("links", &self.state.borrow().links.len()).finish_non_exhaustive()
    }
}

impl Network {
    pub fn new(executor: Executor, chance: Chance) -> Network {
        let state =
            State { chance, listener: None, links: BTreeMap::new(), next_link: 1, cut: BTreeSet::new() };
        Network { state: Rc::new(RefCell::new(state)), executor }
    }

    pub fn listen(&self, listener: Weak<dyn Listener>) {
        self.state.borrow_mut().listener = Some(listener);
    }

    /// Nothing passes between this host and the broker until it is healed; nothing is lost either.
    pub fn cut(&self, host: HostId) {
        self.state.borrow_mut().cut.insert(host);
    }

    pub fn heal(&self, host: HostId) {
        let released: Vec<(LinkId, Way, Parcel)> = {
            let mut state = self.state.borrow_mut();
            state.cut.remove(&host);
            let links = state.links.iter_mut().filter(|(_, link)| link.host == host);
            links
                .flat_map(|(&id, link)| {
                    let up = link.up.held.drain(..).map(move |parcel| (id, Way::Up, parcel));
                    let down = link.down.held.drain(..).map(move |parcel| (id, Way::Down, parcel));
                    up.chain(down).collect::<Vec<_>>()
                })
                .collect()
        };
        // At once and in order: what is still under way was sent later.
        for (id, way, parcel) in released {
            let network = self.clone();
            self.executor.call_at(self.executor.now_us(), move || network.arrive(id, way, parcel));
        }
    }

    pub fn open_links(&self) -> Vec<LinkId> {
        let state = self.state.borrow();
        state.links.iter().filter(|(_, link)| link.standing == Standing::Open).map(|(&id, _)| id).collect()
    }

    /// The connection breaks: what is on its way is lost, both ends learn of it in their own time.
    pub fn break_link(&self, id: LinkId) {
        {
            let mut state = self.state.borrow_mut();
            let Some(link) = state.links.get_mut(&id) else { return };
            for way in [&mut link.up, &mut link.down] {
                way.is_broken = true;
                way.held.clear();
            }
        }
        self.post(id, Way::Up, Parcel::End);
        self.post(id, Way::Down, Parcel::End);
    }

    /// The broker's process is gone, and with it its end of every link.
    pub fn broker_gone(&self) {
        let open: Vec<LinkId> = {
            let mut state = self.state.borrow_mut();
            let open = state.links.iter_mut().filter(|(_, link)| link.is_open_at_broker);
            open.map(|(&id, link)| {
                link.is_open_at_broker = false;
                id
            })
            .collect()
        };
        for id in open {
            self.post(id, Way::Down, Parcel::End);
        }
    }

    pub fn reply(&self, id: LinkId, frame: Bytes) {
        self.post(id, Way::Down, Parcel::Frame(frame));
    }

    /// The broker closes its end after what it replied so far.
    pub fn close_at_broker(&self, id: LinkId) {
        if let Some(link) = self.state.borrow_mut().links.get_mut(&id) {
            link.is_open_at_broker = false;
        }
        self.post(id, Way::Down, Parcel::End);
    }

    fn connect(&self, host: HostId) -> LinkId {
        let id = {
            let mut state = self.state.borrow_mut();
            let id = LinkId(state.next_link);
            state.next_link += 1;
            let link = Link {
                host,
                standing: Standing::Connecting,
                inbox: VecDeque::new(),
                waker: None,
                is_open_at_broker: false,
                up: Direction::default(),
                down: Direction::default(),
            };
            state.links.insert(id, link);
            id
        };
        self.post(id, Way::Up, Parcel::Connect);
        id
    }

    /// The client let go of its end.
    fn close_at_client(&self, id: LinkId) {
        let was_alive = {
            let mut state = self.state.borrow_mut();
            let Some(link) = state.links.get_mut(&id) else { return };
            link.standing = Standing::Gone;
            link.inbox.clear();
            link.waker = None;
            link.is_open_at_broker || !link.up.is_broken
        };
        if was_alive {
            self.post(id, Way::Up, Parcel::End);
        }
    }

    /// Sends something on its way.
    fn post(&self, id: LinkId, way: Way, parcel: Parcel) {
        let at_us = {
            let mut state = self.state.borrow_mut();
            let latency_us = state.latency_us();
            let Some(link) = state.links.get_mut(&id) else { return };
            let direction = link.direction(way);
            direction.last_us = direction.last_us.max(self.executor.now_us() + latency_us);
            direction.last_us
        };
        let network = self.clone();
        self.executor.call_at(at_us, move || network.arrive(id, way, parcel));
    }

    fn arrive(&self, id: LinkId, way: Way, parcel: Parcel) {
        let (host, listener) = {
            let mut state = self.state.borrow_mut();
            let listener = state.listener.clone();
            let is_cut = state.links.get(&id).is_some_and(|link| state.cut.contains(&link.host));
            let Some(link) = state.links.get_mut(&id) else { return };
            let direction = link.direction(way);
            if direction.is_broken && !matches!(parcel, Parcel::End) {
                return;
            }
            if is_cut {
                direction.held.push_back(parcel);
                return;
            }
            (link.host, listener.and_then(|listener| listener.upgrade()))
        };
        match way {
            Way::Up => self.arrive_at_broker(id, host, listener, parcel),
            Way::Down => self.arrive_at_client(id, parcel),
        }
    }

    fn arrive_at_broker(&self, id: LinkId, host: HostId, listener: Option<Rc<dyn Listener>>, parcel: Parcel) {
        let Some(listener) = listener else { return };
        let is_open = self.state.borrow().links.get(&id).is_some_and(|link| link.is_open_at_broker);
        match parcel {
            Parcel::Connect => match listener.connected(id, host) {
                Acceptance::Accepted => {
                    if let Some(link) = self.state.borrow_mut().links.get_mut(&id) {
                        link.is_open_at_broker = true;
                    }
                    self.post(id, Way::Down, Parcel::Accept);
                }
                Acceptance::Refused => self.post(id, Way::Down, Parcel::End),
            },
            Parcel::Frame(frame) if is_open => listener.frame(id, frame),
            Parcel::Frame(_) | Parcel::Accept => {}
            Parcel::End => {
                let was_open = match self.state.borrow_mut().links.get_mut(&id) {
                    Some(link) => {
                        link.up.is_broken = true;
                        std::mem::replace(&mut link.is_open_at_broker, false)
                    }
                    None => false,
                };
                if was_open {
                    listener.disconnected(id);
                }
                self.forget_if_over(id);
            }
        }
    }

    fn arrive_at_client(&self, id: LinkId, parcel: Parcel) {
        let waker = {
            let mut state = self.state.borrow_mut();
            let Some(link) = state.links.get_mut(&id) else { return };
            match parcel {
                Parcel::Accept if link.standing == Standing::Connecting => link.standing = Standing::Open,
                Parcel::Frame(frame) if link.standing == Standing::Open => link.inbox.push_back(frame),
                Parcel::End => link.standing = Standing::Gone,
                Parcel::Accept | Parcel::Frame(_) | Parcel::Connect => {}
            }
            link.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        self.forget_if_over(id);
    }

    fn forget_if_over(&self, id: LinkId) {
        let mut state = self.state.borrow_mut();
        let is_over = state.links.get(&id).is_some_and(|link| {
            link.standing == Standing::Gone
                && !link.is_open_at_broker
                && link.inbox.is_empty()
                && link.up.is_broken
        });
        if is_over {
            state.links.remove(&id);
        }
    }
}

impl State {
    /// Most are quick; some are not.
    fn latency_us(&mut self) -> u64 {
        if self.chance.one_in(30) {
            self.chance.between(5_000, 150_000)
        } else {
            self.chance.between(50, 3_000)
        }
    }
}

impl Link {
    fn direction(&mut self, way: Way) -> &mut Direction {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}
