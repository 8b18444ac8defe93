//! A client's place: a host, a name, and what is run there from one life to the next.
//!
//! Never knows: what its work is.

use crate::chance::Chance;
use crate::executor::{Executor, TaskId};
use crate::network::{HostId, Network, SimTransport};
use crate::witness::Witness;
use crate::workload::Life;
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

type Work = Box<dyn Fn(Life) -> LocalBoxFuture<'static, ()>>;

pub struct Client {
    name: String,
    host: HostId,
    executor: Executor,
    network: Network,
    witness: Witness,
    chance: RefCell<Chance>,
    numbers: Rc<Cell<u32>>,
    end_ms: u64,
    work: Work,
    task: Cell<Option<TaskId>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Where clients live.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub executor: Executor,
    pub network: Network,
    pub witness: Witness,
    pub numbers: Rc<Cell<u32>>,
}

impl Client {
    pub fn new(
        name: String,
        host: HostId,
        surroundings: &Surroundings,
        chance: Chance,
        end_ms: u64,
        work: impl Fn(Life) -> LocalBoxFuture<'static, ()> + 'static,
    ) -> Client {
        let Surroundings { executor, network, witness, numbers } = surroundings.clone();
        Client {
            name,
            host,
            executor,
            network,
            witness,
            chance: RefCell::new(chance),
            numbers,
            end_ms,
            work: Box::new(work),
            task: Cell::new(None),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn host(&self) -> HostId {
        self.host
    }

    pub fn start(&self) {
        let seed = self.chance.borrow_mut().draw();
        let life = Life {
            transport: SimTransport::new(self.network.clone(), self.host, Chance::stream(seed, "transport")),
            witness: self.witness.clone(),
            chance: Rc::new(RefCell::new(Chance::stream(seed, "work"))),
            name: self.name.clone(),
            end_ms: self.end_ms,
            numbers: self.numbers.clone(),
        };
        self.task.set(Some(self.executor.spawn((self.work)(life))));
    }

    pub fn is_alive(&self) -> bool {
        self.task.get().is_some_and(|task| self.executor.is_alive(task))
    }

    pub fn crash(&self) {
        if let Some(task) = self.task.take() {
            self.executor.abort(task);
        }
    }

    pub fn freeze(&self) {
        if let Some(task) = self.task.get() {
            self.executor.freeze(task);
        }
    }

    pub fn thaw(&self) {
        if let Some(task) = self.task.get() {
            self.executor.thaw(task);
        }
    }
}
