//! Tasks without `spawn`: a set of futures that is polled by whoever happens to wait for one of their results.
//! A request drives its own connection, so nobody deadlocks because a `run()` was forgotten; a waiter that is
//! dropped takes nothing with it, since the tasks live here and the other waiters are woken too.
//!
//! Never knows: what the tasks do.

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tablog_record::SortedMap;

#[derive(Default)]
pub(crate) struct Drive {
    tasks: RefCell<FuturesUnordered<LocalBoxFuture<'static, ()>>>,
    /// Added since the last poll; `tasks` may be borrowed while one is added.
    added: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    attendants: Arc<Attendants>,
}

/// Everybody who polls the tasks: each is woken when one of them can go on. Behind a mutex only because
/// `Wake` asks for `Sync`.
#[derive(Default)]
struct Attendants {
    state: Mutex<AttendantState>,
}

#[derive(Default)]
struct AttendantState {
    next: u64,
    wakers: SortedMap<u64, Waker>,
}

impl Wake for Attendants {
    fn wake(self: Arc<Self>) {
        let wakers = std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).wakers);
        for waker in wakers.into_values() {
            waker.wake();
        }
    }
}

impl Drive {
    pub fn add(&self, task: LocalBoxFuture<'static, ()>) {
        self.added.borrow_mut().push(task);
        self.attendants.clone().wake();
    }

    /// Polls the tasks for as long as `future` is not ready.
    pub async fn attend<F: Future>(self: &Rc<Self>, future: F) -> F::Output {
        let attendance = self.attendance();
        let mut future = pin!(future);
        poll_fn(|cx| {
            attendance.poll_tasks(cx);
            future.as_mut().poll(cx)
        })
        .await
    }

    /// Never ends; ends nothing when dropped.
    pub async fn run(self: &Rc<Self>) {
        self.attend(std::future::pending()).await
    }

    fn attendance(self: &Rc<Self>) -> Attendance {
        let mut state = self.attendants.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.next += 1;
        Attendance { drive: self.clone(), id: state.next }
    }
}

struct Attendance {
    drive: Rc<Drive>,
    id: u64,
}

impl Attendance {
    fn poll_tasks(&self, cx: &mut Context<'_>) {
        let drive = &self.drive;
        let attendants = &drive.attendants;
        attendants
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wakers
            .insert(self.id, cx.waker().clone());
        // Already borrowed: a task itself waits for another one, and the poll further out goes round again.
        let Ok(mut tasks) = drive.tasks.try_borrow_mut() else { return };
        let waker = Waker::from(attendants.clone());
        let mut inner = Context::from_waker(&waker);
        loop {
            tasks.extend(drive.added.borrow_mut().drain(..));
            match Pin::new(&mut *tasks).poll_next(&mut inner) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) | Poll::Pending if drive.added.borrow().is_empty() => return,
                Poll::Ready(None) | Poll::Pending => {}
            }
        }
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        // Every wake goes to all attendants, so none was meant for this one alone.
        self.drive.attendants.state.lock().unwrap_or_else(PoisonError::into_inner).wakers.remove(&self.id);
    }
}
