//! One consumer of the tab: polls, takes its time over each record, commits. Frozen, it does nothing at all, not even
//! its heartbeats: that is what a crashed process looks like from outside.

use crate::tab::{Tab, Transported};
use futures_util::future::{AbortHandle, abortable};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use tablog_client::{
    Assignor, ClientError, ConfigChange, ConfigResource, Consumer, ConsumerConfig, ConsumerRecord,
    GroupProtocol, OffsetReset, Transport,
};
use tablog_dashboard::model::client_control::{ConsumerSettings, Figures, Protocol};
use tablog_record::SortedMap;
use wasm_bindgen_futures::spawn_local;

/// A poll hands out what takes about this long to process.
const PROCESSING_MS: u64 = 100;
const POLL_RECORDS_MAX: u64 = 500;
const COMMIT_MS: u64 = 500;
/// With the consumer protocol a session's length is its group's affair.
const GROUP_SESSION: &str = "consumer.session.timeout.ms";

/// Dropping it leaves the group.
pub struct RunningConsumer {
    inner: Rc<Inner>,
    work: AbortHandle,
    tasks: AbortHandle,
}

/// What is asked of it beyond its settings.
pub struct Wishes {
    /// Its group's from now on, with the consumer protocol.
    pub session_timeout_ms: Option<u64>,
    pub on_records: OnRecords,
}

pub type OnRecords = Box<dyn Fn(&[ConsumerRecord])>;

struct Inner {
    tab: Rc<Tab>,
    wishes: Wishes,
    settings: RefCell<ConsumerSettings>,
    consumer: Consumer<Transported>,
    transport: Transported,
    trouble: RefCell<Option<String>>,
    setting_refused: RefCell<Option<String>>,
    /// Those who wait for a thaw.
    frozen: RefCell<Vec<Waker>>,
    heartbeats: Cell<u64>,
    heartbeat_at_ms: Cell<Option<u64>>,
}

impl RunningConsumer {
    pub fn start(tab: &Rc<Tab>, settings: ConsumerSettings, wishes: Wishes) -> Self {
        let cluster = tab.cluster(&settings.client_id);
        let consumer = Consumer::new(cluster, config(&settings));
        let inner = Rc::new(Inner {
            tab: tab.clone(),
            wishes,
            consumer,
            settings: RefCell::new(settings),
            transport: tab.transport.clone(),
            trouble: RefCell::default(),
            setting_refused: RefCell::default(),
            frozen: RefCell::default(),
            heartbeats: Cell::new(0),
            heartbeat_at_ms: Cell::new(None),
        });
        let (tasks, tasks_handle) = abortable(run_unless_frozen(inner.clone()));
        let (work, work_handle) = abortable(work(inner.clone()));
        spawn_local(async move {
            let _ = tasks.await;
        });
        spawn_local(async move {
            let _ = work.await;
        });
        RunningConsumer { inner, work: work_handle, tasks: tasks_handle }
    }

    /// False: these settings need a new consumer.
    pub fn put(&self, settings: ConsumerSettings) -> bool {
        {
            let mut current = self.inner.settings.borrow_mut();
            let running = ConsumerSettings {
                processing_us: current.processing_us,
                paused: current.paused,
                frozen: current.frozen,
                ..settings.clone()
            };
            if running != *current {
                return false;
            }
            *current = settings;
        }
        for waker in self.inner.frozen.take() {
            waker.wake();
        }
        true
    }

    pub fn consumer(&self) -> &Consumer<Transported> {
        &self.inner.consumer
    }

    pub fn trouble(&self) -> Option<String> {
        let trouble = self.inner.trouble.borrow().clone();
        trouble.or_else(|| self.inner.setting_refused.borrow().clone())
    }

    pub fn figures(&self) -> Figures {
        let inner = &self.inner;
        let metrics = inner.consumer.metrics();
        let now_ms = inner.transport.now().monotonic_ms;
        if metrics.heartbeats != inner.heartbeats.get() {
            inner.heartbeats.set(metrics.heartbeats);
            inner.heartbeat_at_ms.set(Some(now_ms));
        }
        let settings = inner.settings.borrow();
        let age_ms = inner.heartbeat_at_ms.get().map(|at| now_ms.saturating_sub(at));
        let expired = settings.frozen && age_ms.is_some_and(|age| age > settings.session_timeout_ms);
        let owned = inner.consumer.assignment().into_iter().map(|p| (p.topic, p.partition));
        Figures {
            client_id: settings.client_id.clone(),
            records: metrics.records_consumed,
            owned: if expired { Vec::new() } else { owned.collect() },
            heartbeat_age_ms: age_ms,
            member_id: inner.consumer.group_metadata().member_id,
            expired,
            trouble: self.trouble(),
            ..Figures::default()
        }
    }
}

impl Drop for RunningConsumer {
    fn drop(&mut self) {
        self.work.abort();
        let (inner, tasks) = (self.inner.clone(), self.tasks.clone());
        inner.settings.borrow_mut().frozen = false;
        for waker in inner.frozen.take() {
            waker.wake();
        }
        spawn_local(async move {
            inner.consumer.close().await;
            tasks.abort();
        });
    }
}

fn config(settings: &ConsumerSettings) -> ConsumerConfig {
    let assignor = match settings.assignor.as_str() {
        "roundrobin" => Assignor::RoundRobin,
        "sticky" => Assignor::Sticky,
        "cooperative-sticky" => Assignor::CooperativeSticky,
        _ => Assignor::Range,
    };
    let is_consumer = settings.protocol == Protocol::Consumer;
    let remote = (is_consumer && !settings.assignor.is_empty()).then(|| settings.assignor.clone());
    let processing_ms = settings.processing_us / 1_000;
    ConsumerConfig {
        group_id: Some(settings.group.clone()),
        group_protocol: if is_consumer { GroupProtocol::Consumer } else { GroupProtocol::Classic },
        group_remote_assignor: remote,
        partition_assignment_strategy: vec![assignor],
        session_timeout_ms: settings.session_timeout_ms,
        heartbeat_interval_ms: (settings.session_timeout_ms / 3).min(settings.heartbeat_interval_ms),
        max_poll_records: (PROCESSING_MS / processing_ms.max(1)).clamp(1, POLL_RECORDS_MAX) as usize,
        auto_offset_reset: OffsetReset::Earliest,
        auto_commit_interval_ms: COMMIT_MS,
        ..ConsumerConfig::default()
    }
}

/// Heartbeats, fetches, commits: none of them while frozen.
async fn run_unless_frozen(inner: Rc<Inner>) {
    let mut run = pin!(inner.consumer.run());
    poll_fn(|cx| {
        if inner.settings.borrow().frozen {
            inner.frozen.borrow_mut().push(cx.waker().clone());
            return Poll::Pending;
        }
        run.as_mut().poll(cx)
    })
    .await;
}

async fn thawed(inner: &Inner) {
    poll_fn(|cx| match inner.settings.borrow().frozen {
        true => {
            inner.frozen.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        }
        false => Poll::Ready(()),
    })
    .await;
}

/// Where it is not so already.
async fn set_group_session(inner: &Inner, session_timeout_ms: u64) -> Result<(), ClientError> {
    let (admin, wanted) = (&inner.tab.doing, session_timeout_ms.to_string());
    let group = ConfigResource::Group(inner.settings.borrow().group.clone());
    let described = admin.describe_configs(std::slice::from_ref(&group)).await?;
    let entries = described.into_values().next().and_then(Result::ok).unwrap_or_default();
    if entries.get(GROUP_SESSION).and_then(|entry| entry.value.as_ref()) == Some(&wanted) {
        return Ok(());
    }
    let change = SortedMap::from([(GROUP_SESSION.to_owned(), ConfigChange::Set(wanted))]);
    let outcomes = admin.incremental_alter_configs(&SortedMap::from([(group, change)])).await?;
    outcomes.into_values().collect()
}

async fn work(inner: Rc<Inner>) {
    let is_consumer = inner.settings.borrow().protocol == Protocol::Consumer;
    if let Some(ms) = inner.wishes.session_timeout_ms.filter(|_| is_consumer) {
        // It is a member all the same, with the session that there is.
        let refused = set_group_session(&inner, ms).await.err();
        *inner.setting_refused.borrow_mut() = refused.map(|error| error.to_string());
    }
    let topics = inner.settings.borrow().topics.clone();
    if let Err(error) = inner.consumer.subscribe(&topics, ()) {
        *inner.trouble.borrow_mut() = Some(error.to_string());
        return;
    }
    loop {
        thawed(&inner).await;
        let (paused, processing_us) = {
            let settings = inner.settings.borrow();
            (settings.paused, settings.processing_us)
        };
        // Paused, it stays a member and is handed nothing.
        let owned: Vec<_> = inner.consumer.assignment().into_iter().collect();
        match paused {
            true => inner.consumer.pause(&owned),
            false => inner.consumer.resume(&owned),
        }
        match inner.consumer.poll(250).await {
            Ok(records) => {
                if !records.is_empty() {
                    *inner.trouble.borrow_mut() = None;
                    (inner.wishes.on_records)(&records);
                }
                let ms = records.len() as u64 * processing_us / 1_000;
                if ms > 0 {
                    inner.transport.sleep(ms).await;
                }
            }
            Err(error) => {
                *inner.trouble.borrow_mut() = Some(error.to_string());
                inner.transport.sleep(500).await;
            }
        }
    }
}
