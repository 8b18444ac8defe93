//! Tablog's own client on TCP, for tests: the six functions on tokio.

#![allow(clippy::disallowed_methods, reason = "a client of other processes: its time is the wall's")]

use bytes::{Bytes, BytesMut};
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};
use tablog_client::{Connection, Transport, TransportError};
use tablog_record::{Now, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Clone)]
pub struct Tcp {
    begun: Instant,
    numbers: Rc<Cell<u64>>,
}

impl Tcp {
    pub fn new() -> Tcp {
        Tcp { begun: Instant::now(), numbers: Rc::default() }
    }
}

impl Transport for Tcp {
    type Connection = TcpConnection;

    async fn connect(&self, host: &str, port: u16) -> Result<TcpConnection, TransportError> {
        let stream = TcpStream::connect((host, port)).await.map_err(lost)?;
        let (input, mut output) = stream.into_split();
        let (outbox, mut frames) = unbounded_channel::<Bytes>();
        tokio::task::spawn_local(async move {
            while let Some(frame) = frames.recv().await {
                let length = (frame.len() as i32).to_be_bytes();
                if output.write_all(&length).await.is_err() || output.write_all(&frame).await.is_err() {
                    return;
                }
            }
        });
        Ok(TcpConnection { input: RefCell::new(Some(input)), outbox })
    }

    async fn sleep(&self, duration_ms: u64) {
        tokio::time::sleep(Duration::from_millis(duration_ms)).await;
    }

    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let monotonic_ms = self.begun.elapsed().as_millis() as u64;
        Now { monotonic_ms, wall: Timestamp(wall.as_millis() as i64) }
    }

    fn random(&self) -> u64 {
        RandomState::new().hash_one(self.numbers.replace(self.numbers.get() + 1))
    }
}

pub struct TcpConnection {
    /// Not here while somebody receives.
    input: RefCell<Option<OwnedReadHalf>>,
    outbox: UnboundedSender<Bytes>,
}

impl Connection for TcpConnection {
    fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        self.outbox.send(frame).map_err(lost)
    }

    async fn receive(&self) -> Result<Bytes, TransportError> {
        let mut input = self.input.take().ok_or_else(|| lost("two receive at once, or one gave up"))?;
        let length = input.read_i32().await.map_err(lost)?;
        let mut frame = BytesMut::zeroed(usize::try_from(length).map_err(lost)?);
        input.read_exact(&mut frame).await.map_err(lost)?;
        self.input.replace(Some(input));
        Ok(frame.freeze())
    }
}

fn lost(error: impl ToString) -> TransportError {
    TransportError { detail: error.to_string() }
}
