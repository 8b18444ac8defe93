//! Feeds one engine and performs what it asks for: completions in, effects out, until both are quiet. It holds
//! no timer and no socket: its owner calls `fire` when `deadline` has come and hands in frames.

use crate::clock::Clock;
use crate::limits::{FRAME_BYTES_MAX, PUMP_STEPS_MAX};
use crate::storage::{Completion, Storage};
use bytes::Bytes;
use tablog_broker::{Broker, ConnectionId, Effect, Event, Peer};
use tablog_log::storage::{CommitId, StorageFault};
use tablog_record::{Now, SortedMap, SortedSet};

/// What a broker is to its host. A test may put an echo in its place.
pub trait Engine {
    fn handle(&mut self, now: Now, event: Event);
    fn handle_timeout(&mut self, now: Now);
    fn poll_effect(&mut self) -> Option<Effect>;
    /// On the monotonic clock.
    fn poll_timeout(&self) -> Option<u64>;
}

impl Engine for Broker {
    fn handle(&mut self, now: Now, event: Event) {
        Broker::handle(self, now, event);
    }

    fn handle_timeout(&mut self, now: Now) {
        Broker::handle_timeout(self, now);
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        Broker::poll_effect(self)
    }

    fn poll_timeout(&self) -> Option<u64> {
        Broker::poll_timeout(self)
    }
}

/// Where replies go. The host's side of the sockets or ports.
pub trait Connections {
    fn reply(&mut self, connection: ConnectionId, frame: Bytes);
    fn close(&mut self, connection: ConnectionId);
    /// The engine cannot go on with this store: say so, in words.
    fn fatal(&mut self, fault: &StorageFault);
}

#[derive(Debug)]
pub struct Pump<E, S> {
    engine: E,
    storage: S,
    clock: Clock,
    open: SortedSet<ConnectionId>,
    next_connection: u64,
    stopped: Option<StorageFault>,
    submitted_us: SortedMap<CommitId, u64>,
}

impl<E: Engine, S: Storage> Pump<E, S> {
    /// The clock is the one by which the engine was made.
    pub fn new(engine: E, storage: S, clock: Clock) -> Pump<E, S> {
        Pump {
            engine,
            storage,
            clock,
            open: SortedSet::new(),
            next_connection: 1,
            stopped: None,
            submitted_us: SortedMap::new(),
        }
    }

    pub fn engine(&self) -> &E {
        &self.engine
    }

    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    pub fn now(&self) -> Now {
        self.clock.now()
    }

    pub fn stopped(&self) -> Option<&StorageFault> {
        self.stopped.as_ref()
    }

    pub fn connect(&mut self, peer: Peer, to: &mut impl Connections) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.open.insert(connection);
        self.engine.handle(self.clock.now(), Event::Connected { connection, peer });
        self.drain(to);
        connection
    }

    /// A frame without its length. One beyond the limit closes the connection, as Kafka does.
    pub fn frame(&mut self, connection: ConnectionId, frame: Bytes, to: &mut impl Connections) {
        if !self.open.contains(&connection) {
            return;
        }
        if frame.len() > FRAME_BYTES_MAX {
            to.close(connection);
            self.disconnect(connection, to);
            return;
        }
        self.engine.handle(self.clock.now(), Event::Frame { connection, frame });
        self.drain(to);
    }

    pub fn disconnect(&mut self, connection: ConnectionId, to: &mut impl Connections) {
        if self.open.remove(&connection) {
            self.engine.handle(self.clock.now(), Event::Disconnected { connection });
            self.drain(to);
        }
    }

    /// Calls the engine if its time has come.
    pub fn fire(&mut self, to: &mut impl Connections) {
        let now = self.clock.now();
        if self.engine.poll_timeout().is_some_and(|at| at <= now.monotonic_ms) {
            self.engine.handle_timeout(now);
        }
        self.drain(to);
    }

    /// When `fire` wants to be called, on the monotonic clock.
    pub fn deadline(&self) -> Option<u64> {
        if self.stopped.is_some() { None } else { self.engine.poll_timeout() }
    }

    /// Until there is neither a completion nor an effect.
    pub fn drain(&mut self, to: &mut impl Connections) {
        for _ in 0..PUMP_STEPS_MAX {
            if self.stopped.is_some() {
                return;
            }
            if let Some(effect) = self.engine.poll_effect() {
                self.perform(effect, to);
            } else if let Some(completion) = self.storage.poll_completion() {
                let event = self.event_of(completion);
                self.engine.handle(self.clock.now(), event);
            } else {
                return;
            }
        }
        panic!("the engine and its storage kept each other busy for {PUMP_STEPS_MAX} steps");
    }

    fn perform(&mut self, effect: Effect, to: &mut impl Connections) {
        match effect {
            Effect::Reply { connection, frame } => {
                if self.open.contains(&connection) {
                    to.reply(connection, frame);
                }
            }
            Effect::Close { connection } => {
                if self.open.remove(&connection) {
                    to.close(connection);
                    self.engine.handle(self.clock.now(), Event::Disconnected { connection });
                }
            }
            Effect::Commit(commit) => {
                self.submitted_us.insert(commit.id, self.clock.now_us());
                self.storage.commit(commit);
            }
            Effect::Read { id, read } => self.storage.read(id, read),
            Effect::List => self.storage.list(),
            Effect::Fatal { fault } => {
                to.fatal(&fault);
                self.stopped = Some(fault);
            }
        }
    }

    fn event_of(&mut self, completion: Completion) -> Event {
        match completion {
            Completion::Committed { commit, result } => {
                let submitted_us =
                    self.submitted_us.remove(&commit).expect("a commit that ends was submitted");
                let took_us = self.clock.now_us().saturating_sub(submitted_us);
                Event::Committed { commit, result, took_us }
            }
            Completion::ReadDone { read, result } => Event::ReadDone { read, result },
            Completion::Listed { result } => Event::Listed { result },
        }
    }
}
