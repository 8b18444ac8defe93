//! Tasks on one thread under a virtual clock: whoever is ready is polled in an order drawn from the seed, and when
//! nobody is, time jumps to the next timer.
//!
//! Never knows: what the tasks do, a real clock, a thread.

use crate::chance::Chance;
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tablog_record::{Now, Timestamp};

/// Steps without a tick of the clock: more than this is a loop that never rests.
const STEPS_PER_INSTANT_MAX: u64 = 200_000;
const WALL_AT_START_MS: i64 = 1_790_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(u64);

#[derive(Clone)]
pub struct Executor {
    inner: Rc<Inner>,
}

struct Inner {
    now_us: Cell<u64>,
    next_id: Cell<u64>,
    steps_at_instant: Cell<u64>,
    timers: RefCell<BTreeMap<TimerKey, Timer>>,
    tasks: RefCell<BTreeMap<TaskId, Task>>,
    frozen: RefCell<BTreeSet<TaskId>>,
    /// Woken while frozen.
    held: RefCell<BTreeSet<TaskId>>,
    /// Behind a mutex only because `Wake` asks for `Sync`.
    ready: Arc<Mutex<Vec<TaskId>>>,
    chance: RefCell<Chance>,
}

/// Moments in order; at the same moment, in the order of setting.
type TimerKey = (u64, u64);

enum Timer {
    Wake(Waker),
    Call(Box<dyn FnOnce()>),
}

struct Task {
    /// Out while it is polled.
    future: Option<LocalBoxFuture<'static, ()>>,
    waker: Waker,
}

struct TaskWaker {
    id: TaskId,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.id) {
            ready.push(self.id);
        }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("now_us", &self.inner.now_us.get()).finish_non_exhaustive()
    }
}

impl Executor {
    pub fn new(chance: Chance) -> Executor {
        Executor {
            inner: Rc::new(Inner {
                now_us: Cell::new(1_000_000),
                next_id: Cell::new(1),
                steps_at_instant: Cell::new(0),
                timers: RefCell::default(),
                tasks: RefCell::default(),
                frozen: RefCell::default(),
                held: RefCell::default(),
                ready: Arc::default(),
                chance: RefCell::new(chance),
            }),
        }
    }

    pub fn now_us(&self) -> u64 {
        self.inner.now_us.get()
    }

    pub fn now(&self) -> Now {
        let ms = self.now_us() / 1_000;
        Now { monotonic_ms: ms, wall: Timestamp(WALL_AT_START_MS + ms as i64) }
    }

    fn next_id(&self) -> u64 {
        self.inner.next_id.replace(self.inner.next_id.get() + 1)
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TaskId {
        let id = TaskId(self.next_id());
        let waker = Waker::from(Arc::new(TaskWaker { id, ready: self.inner.ready.clone() }));
        waker.wake_by_ref();
        self.inner.tasks.borrow_mut().insert(id, Task { future: Some(Box::pin(future)), waker });
        id
    }

    /// The task is no more; what it held is dropped.
    pub fn abort(&self, id: TaskId) {
        let task = self.inner.tasks.borrow_mut().remove(&id);
        self.inner.frozen.borrow_mut().remove(&id);
        // Dropped outside of the borrow: its connections close.
        drop(task);
    }

    pub fn is_alive(&self, id: TaskId) -> bool {
        self.inner.tasks.borrow().contains_key(&id)
    }

    /// It is not polled until it is thawed, whatever happens.
    pub fn freeze(&self, id: TaskId) {
        self.inner.frozen.borrow_mut().insert(id);
    }

    pub fn thaw(&self, id: TaskId) {
        self.inner.frozen.borrow_mut().remove(&id);
        if self.inner.held.borrow_mut().remove(&id)
            && let Some(task) = self.inner.tasks.borrow().get(&id)
        {
            task.waker.wake_by_ref();
        }
    }

    /// Calls back later. What is called at the same moment is called in the order of asking.
    pub fn call_at(&self, at_us: u64, call: impl FnOnce() + 'static) {
        let key = (at_us.max(self.now_us()), self.next_id());
        self.inner.timers.borrow_mut().insert(key, Timer::Call(Box::new(call)));
    }

    pub fn sleep_us(&self, duration_us: u64) -> Sleep {
        Sleep { executor: self.clone(), at_us: self.now_us().saturating_add(duration_us), key: None }
    }

    pub fn sleep_ms(&self, duration_ms: u64) -> Sleep {
        self.sleep_us(duration_ms.saturating_mul(1_000))
    }

    /// Until this moment, or until nothing is left that could happen.
    pub fn run_until(&self, end_us: u64) {
        loop {
            if self.poll_one() {
                continue;
            }
            let next = self.inner.timers.borrow().first_key_value().map(|(key, _)| *key);
            match next {
                Some((at_us, _)) if at_us <= end_us => self.fire(),
                _ => break,
            }
        }
        self.advance_to(end_us);
    }

    fn advance_to(&self, at_us: u64) {
        if at_us > self.now_us() {
            self.inner.now_us.set(at_us);
            self.inner.steps_at_instant.set(0);
        }
    }

    fn fire(&self) {
        let Some(((at_us, _), timer)) = self.inner.timers.borrow_mut().pop_first() else { return };
        self.advance_to(at_us);
        self.count_step();
        match timer {
            Timer::Wake(waker) => waker.wake(),
            Timer::Call(call) => call(),
        }
    }

    fn count_step(&self) {
        let steps = self.inner.steps_at_instant.get() + 1;
        self.inner.steps_at_instant.set(steps);
        assert!(steps < STEPS_PER_INSTANT_MAX, "at {} µs nothing comes to rest", self.now_us());
    }

    fn poll_one(&self) -> bool {
        let id = {
            let mut ready = self.inner.ready.lock().unwrap_or_else(PoisonError::into_inner);
            if ready.is_empty() {
                return false;
            }
            let index = self.inner.chance.borrow_mut().below(ready.len() as u64) as usize;
            ready.swap_remove(index)
        };
        self.count_step();
        if self.inner.frozen.borrow().contains(&id) {
            self.inner.held.borrow_mut().insert(id);
            return true;
        }
        let taken = self.inner.tasks.borrow_mut().get_mut(&id).and_then(|task| {
            let future = task.future.take()?;
            Some((future, task.waker.clone()))
        });
        let Some((mut future, waker)) = taken else { return true };
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(()) => self.abort(id),
            Poll::Pending => {
                // Aborted while it ran: then it is dropped here.
                if let Some(task) = self.inner.tasks.borrow_mut().get_mut(&id) {
                    task.future = Some(future);
                }
            }
        }
        true
    }

    /// Everything ends: what tasks and timers hold is dropped, and with it the cycles of their references.
    pub fn shut_down(&self) {
        let tasks = std::mem::take(&mut *self.inner.tasks.borrow_mut());
        drop(tasks);
        let timers = std::mem::take(&mut *self.inner.timers.borrow_mut());
        drop(timers);
    }
}

/// Ready at a moment of the virtual clock.
pub struct Sleep {
    executor: Executor,
    at_us: u64,
    key: Option<TimerKey>,
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("at_us", &self.at_us).finish_non_exhaustive()
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.executor.now_us() >= self.at_us {
            return Poll::Ready(());
        }
        let key = match self.key {
            Some(key) => key,
            None => (self.at_us, self.executor.next_id()),
        };
        self.key = Some(key);
        self.executor.inner.timers.borrow_mut().insert(key, Timer::Wake(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.executor.inner.timers.borrow_mut().remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, sleeps_us: &[u64]) -> Vec<(usize, u64)> {
        let executor = Executor::new(Chance::new(seed));
        let seen = Rc::new(RefCell::new(Vec::new()));
        for (index, &sleep_us) in sleeps_us.iter().enumerate() {
            let (inner, seen) = (executor.clone(), seen.clone());
            executor.spawn(async move {
                inner.sleep_us(sleep_us).await;
                seen.borrow_mut().push((index, inner.now_us()));
            });
        }
        executor.run_until(2_000_000);
        assert_eq!(executor.now_us(), 2_000_000);
        executor.shut_down();
        Rc::try_unwrap(seen).expect("all tasks ended").into_inner()
    }

    #[test]
    fn time_jumps_from_timer_to_timer() {
        assert_eq!(run(1, &[30, 10, 20]), [(1, 1_000_010), (2, 1_000_020), (0, 1_000_030)]);
    }

    #[test]
    fn the_seed_alone_decides_who_runs_first() {
        let sleeps = [0; 8];
        assert_eq!(run(5, &sleeps), run(5, &sleeps));
        assert!((0..20).any(|seed| run(seed, &sleeps) != run(5, &sleeps)));
    }

    #[test]
    fn a_frozen_task_goes_on_when_it_is_thawed() {
        let executor = Executor::new(Chance::new(1));
        let woke_us = Rc::new(Cell::new(0));
        let (inner, woke) = (executor.clone(), woke_us.clone());
        let task = executor.spawn(async move {
            inner.sleep_us(100).await;
            woke.set(inner.now_us());
        });
        executor.run_until(1_000_050);
        executor.freeze(task);
        executor.run_until(1_005_000);
        assert_eq!(woke_us.get(), 0);
        executor.thaw(task);
        executor.run_until(1_006_000);
        assert_eq!(woke_us.get(), 1_005_000);
    }
}
