//! "Something changed": wakes everybody who waits, on one thread. Whoever waits looks again for itself.
//!
//! Never knows: what changed.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tablog_record::SortedMap;

#[derive(Debug, Default)]
pub(crate) struct Signal {
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How often it was raised.
    generation: u64,
    next_waiter: u64,
    waiters: SortedMap<u64, Waker>,
}

impl Signal {
    pub fn raise(&self) {
        let waiters = {
            let mut state = self.state.borrow_mut();
            state.generation += 1;
            std::mem::take(&mut state.waiters)
        };
        // Woken outside of the borrow: a waker may drop or make a waiter.
        for waker in waiters.into_values() {
            waker.wake();
        }
    }

    /// Ready once `raise` was called after this call (not: after the first poll).
    pub fn changed(&self) -> Changed<'_> {
        let mut state = self.state.borrow_mut();
        state.next_waiter += 1;
        Changed { signal: self, seen: state.generation, waiter: state.next_waiter }
    }
}

pub(crate) struct Changed<'a> {
    signal: &'a Signal,
    seen: u64,
    waiter: u64,
}

impl Future for Changed<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.signal.state.borrow_mut();
        if state.generation != self.seen {
            return Poll::Ready(());
        }
        state.waiters.insert(self.waiter, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        self.signal.state.borrow_mut().waiters.remove(&self.waiter);
    }
}
