//! The replies of one connection on their way out. The engine puts them in at once; the writer takes them as
//! fast as the peer reads, and the reader rests while too much waits.

use crate::limits::{OUTBOX_BYTES_MAX, WRITE_BYTES};
use bytes::{BufMut, Bytes, BytesMut};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use tokio::sync::Notify;

#[derive(Debug, Default)]
pub struct Outbox {
    frames: RefCell<VecDeque<Bytes>>,
    waiting_bytes: Cell<usize>,
    stage: Cell<Stage>,
    filled: Notify,
    emptied: Notify,
    closed: Notify,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    /// What is in it still leaves, nothing more comes in.
    Closing,
    /// The peer is gone.
    Gone,
}

impl Outbox {
    pub fn push(&self, frame: Bytes) {
        if self.stage.get() == Stage::Open {
            self.waiting_bytes.set(self.waiting_bytes.get() + frame.len() + 4);
            self.frames.borrow_mut().push_back(frame);
            self.filled.notify_one();
        }
    }

    /// Close after what was replied so far.
    pub fn close(&self) {
        if self.stage.get() == Stage::Open {
            self.stage.set(Stage::Closing);
        }
        self.wake_all();
    }

    /// Nobody reads any more.
    pub fn abandon(&self) {
        self.stage.set(Stage::Gone);
        self.frames.borrow_mut().clear();
        self.waiting_bytes.set(0);
        self.wake_all();
    }

    fn wake_all(&self) {
        self.filled.notify_one();
        self.emptied.notify_one();
        self.closed.notify_one();
    }

    pub fn is_open(&self) -> bool {
        self.stage.get() == Stage::Open
    }

    /// Returns when another request may be read, or none at all will be.
    pub async fn room(&self) {
        while self.is_open() && self.waiting_bytes.get() >= OUTBOX_BYTES_MAX {
            self.emptied.notified().await;
        }
    }

    /// Returns when the connection is over for the reader.
    pub async fn over(&self) {
        while self.is_open() {
            self.closed.notified().await;
        }
    }

    /// The next bytes to write, lengths included; none when all has left that will.
    pub async fn next(&self) -> Option<Parcel> {
        loop {
            if let Some(parcel) = self.take() {
                return Some(parcel);
            }
            if !self.is_open() {
                return None;
            }
            self.filled.notified().await;
        }
    }

    /// A large frame travels alone and uncopied.
    fn take(&self) -> Option<Parcel> {
        let mut frames = self.frames.borrow_mut();
        let mut head = BytesMut::new();
        while let Some(frame) = frames.pop_front() {
            head.put_i32(i32::try_from(frame.len()).expect("the engine bounds its replies"));
            if frame.len() > WRITE_BYTES {
                return Some(Parcel { head: head.freeze(), frame });
            }
            head.put_slice(&frame);
            if head.len() >= WRITE_BYTES {
                break;
            }
        }
        (!head.is_empty()).then(|| Parcel { head: head.freeze(), frame: Bytes::new() })
    }

    /// The bytes of a parcel have left.
    pub fn wrote(&self, parcel: &Parcel) {
        self.waiting_bytes
            .set(self.waiting_bytes.get().saturating_sub(parcel.head.len() + parcel.frame.len()));
        self.emptied.notify_one();
    }
}

#[derive(Debug)]
pub struct Parcel {
    pub head: Bytes,
    pub frame: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn small_frames_leave_together_and_a_large_one_alone() {
        let outbox = Outbox::default();
        outbox.push(Bytes::from_static(b"ab"));
        outbox.push(Bytes::from(vec![7; WRITE_BYTES + 1]));
        outbox.push(Bytes::from_static(b"c"));
        outbox.close();
        let first = outbox.next().await.expect("two frames");
        assert_eq!(&first.head[..6], b"\0\0\0\x02ab");
        assert_eq!((first.head.len(), first.frame.len()), (10, WRITE_BYTES + 1));
        outbox.wrote(&first);
        let second = outbox.next().await.expect("the last frame");
        assert_eq!(&second.head[..], b"\0\0\0\x01c");
        outbox.wrote(&second);
        assert!(outbox.next().await.is_none());
        assert_eq!(outbox.waiting_bytes.get(), 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_slow_reader_stops_its_own_requests() {
        let outbox = Outbox::default();
        outbox.push(Bytes::from(vec![0; OUTBOX_BYTES_MAX]));
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), outbox.room()).await;
        assert!(waits.is_err(), "there is no room");
        let parcel = outbox.next().await.expect("one frame");
        outbox.wrote(&parcel);
        outbox.room().await;
    }
}
