//! A broker on storage in memory, under a clock that tests turn by hand. Requests are real frames.

use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use tablog_broker::{Broker, BrokerConfig, ConnectionId, Effect, Event, Peer};
use tablog_host::{Completion, MemoryStorage, Storage};
use tablog_log::storage::StorageFault;
use tablog_record::{Now, Timestamp};
use tablog_wire::{Request, frame};

#[derive(Debug)]
pub struct BrokerOnMemory {
    broker: Broker,
    config: BrokerConfig,
    storage: MemoryStorage,
    now: Now,
    next_connection: u64,
    next_correlation: i32,
    replies: BTreeMap<ConnectionId, VecDeque<Bytes>>,
    closed: Vec<ConnectionId>,
    fatal: Option<StorageFault>,
    openings: u64,
}

impl BrokerOnMemory {
    pub fn new(config: BrokerConfig) -> BrokerOnMemory {
        BrokerOnMemory::on(config, MemoryStorage::new())
    }

    /// On a store that was prepared, with contents or with faults.
    pub fn on(config: BrokerConfig, storage: MemoryStorage) -> BrokerOnMemory {
        let now = Now { monotonic_ms: 1_000, wall: Timestamp(1_790_000_000_000) };
        let mut this = BrokerOnMemory {
            broker: Broker::new(config.clone(), 1),
            config,
            storage,
            now,
            next_connection: 1,
            next_correlation: 1,
            replies: BTreeMap::new(),
            closed: Vec::new(),
            fatal: None,
            openings: 1,
        };
        this.settle();
        this
    }

    /// The process dies and comes back on the same store.
    pub fn crash(&mut self) {
        self.openings += 1;
        self.broker = Broker::new(self.config.clone(), self.openings);
        self.replies.clear();
        self.settle();
    }

    pub fn storage(&mut self) -> &mut MemoryStorage {
        &mut self.storage
    }

    pub fn now(&self) -> Now {
        self.now
    }

    pub fn fatal(&self) -> Option<&StorageFault> {
        self.fatal.as_ref()
    }

    pub fn connect(&mut self) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let peer = Peer { host: "/127.0.0.1".into() };
        self.broker.handle(self.now, Event::Connected { connection, peer });
        self.settle();
        connection
    }

    pub fn disconnect(&mut self, connection: ConnectionId) {
        self.broker.handle(self.now, Event::Disconnected { connection });
        self.settle();
    }

    pub fn is_closed(&self, connection: ConnectionId) -> bool {
        self.closed.contains(&connection)
    }

    pub fn send_frame(&mut self, connection: ConnectionId, frame: Bytes) {
        self.broker.handle(self.now, Event::Frame { connection, frame });
        self.settle();
    }

    /// Sends without waiting; the answer is had by `receive`.
    pub fn send<R: Request>(&mut self, connection: ConnectionId, version: i16, request: &R) {
        let correlation = self.next_correlation;
        self.next_correlation += 1;
        let frame =
            frame::encode_request(request, version, correlation, Some("test")).expect("a sayable request");
        self.send_frame(connection, frame);
    }

    pub fn receive_frame(&mut self, connection: ConnectionId) -> Option<Bytes> {
        self.replies.get_mut(&connection)?.pop_front()
    }

    pub fn receive<R: Request>(&mut self, connection: ConnectionId, version: i16) -> Option<R::Response> {
        let frame = self.receive_frame(connection)?;
        Some(frame::decode_response::<R>(frame, version).expect("a readable response").1)
    }

    pub fn call<R: Request>(&mut self, connection: ConnectionId, version: i16, request: &R) -> R::Response {
        self.send(connection, version, request);
        let api = R::API;
        self.receive::<R>(connection, version)
            .unwrap_or_else(|| panic!("{api:?} v{version} was not answered"))
    }

    /// Time passes; the broker is called whenever it asked to be.
    pub fn advance(&mut self, ms: u64) {
        let end = self.now.monotonic_ms + ms;
        loop {
            match self.broker.poll_timeout() {
                Some(at) if at <= end => {
                    let step = at.saturating_sub(self.now.monotonic_ms);
                    self.now = self.now.after(step);
                    self.broker.handle_timeout(self.now);
                    self.settle();
                    if self.broker.poll_timeout() == Some(at) {
                        self.now = self.now.after(1);
                    }
                }
                _ => break,
            }
        }
        self.now = self.now.after(end.saturating_sub(self.now.monotonic_ms));
    }

    fn settle(&mut self) {
        for _ in 0..1_000_000 {
            if let Some(effect) = self.broker.poll_effect() {
                match effect {
                    Effect::Reply { connection, frame } => {
                        self.replies.entry(connection).or_default().push_back(frame)
                    }
                    Effect::Close { connection } => self.closed.push(connection),
                    Effect::Commit(commit) => self.storage.commit(commit),
                    Effect::Read { id, read } => self.storage.read(id, read),
                    Effect::List => self.storage.list(),
                    Effect::Fatal { fault } => self.fatal = Some(fault),
                }
            } else if let Some(completion) = self.storage.poll_completion() {
                let event = match completion {
                    Completion::Committed { commit, result } => {
                        Event::Committed { commit, result, took_us: 0 }
                    }
                    Completion::ReadDone { read, result } => Event::ReadDone { read, result },
                    Completion::Listed { result } => Event::Listed { result },
                };
                self.broker.handle(self.now, event);
            } else {
                return;
            }
        }
        panic!("the broker and its storage do not come to rest");
    }
}
