//! The broker's process: pumps one broker value between the network and the disk, dies, and is started again.
//!
//! Never knows: what a request means, who its clients are.

use crate::chance::Chance;
use crate::disk::{Crash, Disk, Survival};
use crate::executor::Executor;
use crate::network::{Acceptance, HostId, LinkId, Listener, Network};
use crate::witness::Witness;
use bytes::Bytes;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use tablog_broker::{Broker, BrokerConfig, ConnectionId, Effect, Event, Peer};
use tablog_log::storage::{StorageFault, Tier};

/// Pumping waits a little, so that events meet each other in one round.
const ROUND_US_MAX: u64 = 300;

#[derive(Clone)]
pub struct BrokerProcess {
    shared: Rc<Shared>,
}

struct Shared {
    state: RefCell<State>,
    executor: Executor,
    network: Network,
    witness: Witness,
    config: BrokerConfig,
}

struct State {
    broker: Option<Broker>,
    disk: Disk,
    chance: Chance,
    /// Counts the processes: what was begun for an earlier one is nobody's.
    incarnation: u64,
    is_pump_set: bool,
    alarm_at_us: Option<u64>,
    fatal: Option<StorageFault>,
}

impl fmt::Debug for BrokerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let incarnation = self.shared.state.borrow().incarnation;
        f.debug_struct("BrokerProcess").field("incarnation", &incarnation).finish_non_exhaustive()
    }
}

impl BrokerProcess {
    pub fn new(
        executor: Executor,
        network: Network,
        witness: Witness,
        config: BrokerConfig,
        disk: Disk,
        chance: Chance,
    ) -> BrokerProcess {
        let state = State {
            broker: None,
            disk,
            chance,
            incarnation: 0,
            is_pump_set: false,
            alarm_at_us: None,
            fatal: None,
        };
        let shared = Rc::new(Shared {
            state: RefCell::new(state),
            executor,
            network: network.clone(),
            witness,
            config,
        });
        let listener: Rc<dyn Listener> = shared.clone();
        network.listen(Rc::downgrade(&listener));
        BrokerProcess { shared }
    }

    pub fn is_up(&self) -> bool {
        self.shared.state.borrow().broker.is_some()
    }

    pub fn start(&self) {
        {
            let mut state = self.shared.state.borrow_mut();
            assert!(state.broker.is_none(), "one process at a time");
            state.incarnation += 1;
            let seed = state.chance.draw();
            state.broker = Some(Broker::new(self.shared.config.clone(), seed));
        }
        self.shared.witness.note(|| "broker starts".to_owned());
        self.shared.set_pump();
    }

    pub fn crash(&self, crash: Crash) {
        let survival = {
            let mut state = self.shared.state.borrow_mut();
            let Some(broker) = state.broker.take() else { return };
            drop(broker);
            state.is_pump_set = false;
            state.alarm_at_us = None;
            state.fatal = None;
            state.incarnation += 1;
            state.disk.crash(crash)
        };
        self.shared.network.broker_gone();
        self.shared.witness.crashed(crash, survival);
        self.shared.report_breaches();
    }

    pub fn with_disk<R>(&self, change: impl FnOnce(&mut Disk) -> R) -> R {
        change(&mut self.shared.state.borrow_mut().disk)
    }

    /// The store was given up by the broker: its host would tell so in words.
    pub fn take_fatal(&self) -> Option<StorageFault> {
        self.shared.state.borrow_mut().fatal.take()
    }
}

impl Listener for Shared {
    fn connected(self: Rc<Self>, link: LinkId, host: HostId) -> Acceptance {
        if self.state.borrow().broker.is_none() {
            return Acceptance::Refused;
        }
        let peer = Peer { host: format!("/10.0.0.{}", host.0) };
        self.handle(Event::Connected { connection: ConnectionId(link.0), peer });
        Acceptance::Accepted
    }

    fn frame(self: Rc<Self>, link: LinkId, frame: Bytes) {
        self.witness.request(link, &frame);
        self.handle(Event::Frame { connection: ConnectionId(link.0), frame });
    }

    fn disconnected(self: Rc<Self>, link: LinkId) {
        self.handle(Event::Disconnected { connection: ConnectionId(link.0) });
    }
}

impl Shared {
    fn handle(self: &Rc<Self>, event: Event) {
        let now = self.executor.now();
        {
            let mut state = self.state.borrow_mut();
            let Some(broker) = &mut state.broker else { return };
            broker.handle(now, event);
        }
        self.set_pump();
    }

    fn set_pump(self: &Rc<Self>) {
        let (at_us, incarnation) = {
            let mut state = self.state.borrow_mut();
            if std::mem::replace(&mut state.is_pump_set, true) {
                return;
            }
            let wait_us = if state.chance.one_in(2) { 0 } else { state.chance.below(ROUND_US_MAX) };
            (self.executor.now_us() + wait_us, state.incarnation)
        };
        let shared = self.clone();
        self.executor.call_at(at_us, move || {
            if shared.state.borrow().incarnation == incarnation {
                shared.state.borrow_mut().is_pump_set = false;
                shared.pump();
            }
        });
    }

    fn pump(self: &Rc<Self>) {
        loop {
            let effect = match &mut self.state.borrow_mut().broker {
                Some(broker) => broker.poll_effect(),
                None => return,
            };
            match effect {
                Some(effect) => self.perform(effect),
                None => break,
            }
        }
        self.set_alarm();
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        let now_us = self.executor.now_us();
        match effect {
            Effect::Reply { connection, frame } => {
                let link = LinkId(connection.0);
                self.witness.reply(link, &frame);
                self.network.reply(link, frame);
            }
            Effect::Close { connection } => {
                self.witness.note(|| format!("broker closes connection {}", connection.0));
                self.network.close_at_broker(LinkId(connection.0));
            }
            Effect::Commit(commit) => {
                let (tier, id) = (commit.tier, commit.id);
                let writes = commit.writes.len();
                let durability = commit.durability;
                self.witness.note(|| format!("commit {} {tier:?} {durability:?}: {writes} writes", id.0));
                let at_us = self.state.borrow_mut().disk.submit(now_us, commit);
                if self.state.borrow().disk.in_flight() > 1 && tier == Tier::Durable {
                    self.witness.count(|tally| tally.commits_side_by_side += 1);
                }
                self.later(at_us, move |shared| {
                    let result = shared.state.borrow_mut().disk.complete(tier, id);
                    shared.witness.committed(id, &result);
                    shared.report_breaches();
                    Event::Committed { commit: id, result, took_us: at_us - now_us }
                });
            }
            Effect::Read { id, read } => {
                let at_us = now_us + self.state.borrow_mut().disk.read_latency_us();
                self.later(at_us, move |shared| {
                    let result = shared.state.borrow_mut().disk.read(&read);
                    if let Err(fault) = &result {
                        shared.witness.note(|| format!("{} is not read: {fault}", read.blob));
                        shared.witness.count(|tally| tally.reads_failed += 1);
                    }
                    Event::ReadDone { read: id, result }
                });
            }
            Effect::List => {
                let at_us = now_us + self.state.borrow_mut().disk.read_latency_us();
                self.later(at_us, move |shared| {
                    let blobs = shared.state.borrow().disk.list();
                    Event::Listed { result: Ok(blobs) }
                });
            }
            Effect::Fatal { fault } => {
                self.witness.note(|| format!("broker gives up: {fault}"));
                self.state.borrow_mut().fatal = Some(fault);
            }
        }
    }

    /// An event for this process, unless it is dead by then.
    fn later(self: &Rc<Self>, at_us: u64, event: impl FnOnce(&Shared) -> Event + 'static) {
        let incarnation = self.state.borrow().incarnation;
        let shared = self.clone();
        self.executor.call_at(at_us, move || {
            if shared.state.borrow().incarnation == incarnation {
                let event = event(&shared);
                shared.handle(event);
            }
        });
    }

    fn set_alarm(self: &Rc<Self>) {
        let (at_us, incarnation) = {
            let mut state = self.state.borrow_mut();
            let Some(at_ms) = state.broker.as_ref().and_then(Broker::poll_timeout) else { return };
            let at_us = at_ms.saturating_mul(1_000).max(self.executor.now_us());
            if state.alarm_at_us.is_some_and(|set_us| set_us <= at_us) {
                return;
            }
            state.alarm_at_us = Some(at_us);
            (at_us, state.incarnation)
        };
        let shared = self.clone();
        self.executor.call_at(at_us, move || shared.alarm(incarnation, at_us));
    }

    fn alarm(self: &Rc<Self>, incarnation: u64, at_us: u64) {
        let now = self.executor.now();
        {
            let mut state = self.state.borrow_mut();
            // An earlier alarm was set since, or the process died.
            if state.incarnation != incarnation || state.alarm_at_us != Some(at_us) {
                return;
            }
            state.alarm_at_us = None;
            let Some(broker) = &mut state.broker else { return };
            if broker.poll_timeout().is_some_and(|at_ms| at_ms <= now.monotonic_ms) {
                broker.handle_timeout(now);
            }
        }
        self.pump();
    }

    fn report_breaches(&self) {
        let breaches = self.state.borrow_mut().disk.take_breaches();
        for breach in breaches {
            self.witness.violation(format!("storage contract: {breach}"));
        }
    }
}

/// For the trace.
pub(crate) fn survived(survival: Survival) -> String {
    let torn = if survival.is_torn { ", the last one torn" } else { "" };
    format!("{} commits lost, {} writes kept{torn}", survival.commits_lost, survival.writes_kept)
}
