//! The six functions of a client, over the simulated network.
//!
//! Never knows: a real socket, a real clock.

use super::{HostId, LinkId, Network, Standing};
use crate::chance::Chance;
use crate::executor::Executor;
use bytes::Bytes;
use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use tablog_client::{Connection, Transport, TransportError};
use tablog_record::Now;

#[derive(Clone)]
pub struct SimTransport {
    network: Network,
    executor: Executor,
    host: HostId,
    chance: Rc<RefCell<Chance>>,
}

impl fmt::Debug for SimTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimTransport").field("host", &self.host).finish_non_exhaustive()
    }
}

impl SimTransport {
    pub fn new(network: Network, host: HostId, chance: Chance) -> SimTransport {
        let executor = network.executor.clone();
        SimTransport { network, executor, host, chance: Rc::new(RefCell::new(chance)) }
    }

    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    pub fn host(&self) -> HostId {
        self.host
    }
}

impl Transport for SimTransport {
    type Connection = SimConnection;

    async fn connect(&self, _host: &str, _port: u16) -> Result<SimConnection, TransportError> {
        let connection =
            SimConnection { network: self.network.clone(), link: self.network.connect(self.host) };
        poll_fn(|cx| {
            let mut state = connection.network.state.borrow_mut();
            match state.links.get_mut(&connection.link) {
                Some(link) if link.standing == Standing::Connecting => {
                    link.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
                Some(link) if link.standing == Standing::Open => Poll::Ready(Ok(())),
                Some(_) | None => Poll::Ready(Err(gone("refused"))),
            }
        })
        .await?;
        Ok(connection)
    }

    fn sleep(&self, duration_ms: u64) -> impl Future<Output = ()> {
        self.executor.sleep_ms(duration_ms)
    }

    fn now(&self) -> Now {
        self.executor.now()
    }

    fn random(&self) -> u64 {
        self.chance.borrow_mut().draw()
    }
}

/// The client's end of a link.
#[derive(Debug)]
pub struct SimConnection {
    network: Network,
    link: LinkId,
}

impl Connection for SimConnection {
    fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        let is_open = {
            let state = self.network.state.borrow();
            state.links.get(&self.link).is_some_and(|link| link.standing == Standing::Open)
        };
        if !is_open {
            return Err(gone("closed"));
        }
        self.network.post(self.link, super::Way::Up, super::Parcel::Frame(frame));
        Ok(())
    }

    async fn receive(&self) -> Result<Bytes, TransportError> {
        poll_fn(|cx| {
            let mut state = self.network.state.borrow_mut();
            let Some(link) = state.links.get_mut(&self.link) else { return Poll::Ready(Err(gone("closed"))) };
            if let Some(frame) = link.inbox.pop_front() {
                return Poll::Ready(Ok(frame));
            }
            if link.standing == Standing::Gone {
                return Poll::Ready(Err(gone("closed by the broker")));
            }
            link.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for SimConnection {
    fn drop(&mut self) {
        self.network.close_at_client(self.link);
    }
}

fn gone(detail: &str) -> TransportError {
    TransportError { detail: detail.to_owned() }
}
