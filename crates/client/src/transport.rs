//! The six functions that a client needs of its platform: connect, send, receive, sleep, now, random.
//! Everything runs on one thread; futures need not be `Send`.

use bytes::Bytes;
use std::fmt;
use std::future::Future;
use tablog_record::Now;

pub trait Transport: Clone + 'static {
    type Connection: Connection;

    fn connect(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = Result<Self::Connection, TransportError>>;
    fn sleep(&self, duration_ms: u64) -> impl Future<Output = ()>;
    fn now(&self) -> Now;
    fn random(&self) -> u64;
}

/// One Kafka connection. Frames go without their four length bytes. Dropping it closes it.
pub trait Connection: 'static {
    /// Queues a frame; what cannot be sent is noticed by `receive`.
    fn send(&self, frame: Bytes) -> Result<(), TransportError>;
    /// The next frame, in order. An error is final: the connection is gone.
    fn receive(&self) -> impl Future<Output = Result<Bytes, TransportError>>;
    /// A frame that the other end is to take as sent should this side die without a word (a member's
    /// LeaveGroup, left there when it joined); `None` takes it back. A transport that cannot does nothing.
    fn set_will(&self, _frame: Option<Bytes>) {}
}

/// The other end cannot be reached or is gone. In words, for the log and the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    pub detail: String,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection lost: {}", self.detail)
    }
}

impl std::error::Error for TransportError {}
