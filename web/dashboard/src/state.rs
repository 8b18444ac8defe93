//! What the pages see: the newest view of the cluster, as signals. Filled by `session` and `tab_clients`.
//!
//! Never knows: how any of it is read.

use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::model::client_control::TabClients;
use tablog_dashboard::model::feed::Feed;
use tablog_dashboard::model::generations::History;
use tablog_dashboard::model::limits::{FULL_FOR_MS, STALE_AFTER_MS};
use tablog_dashboard::model::membership::Membership;
use tablog_dashboard::model::rates::Rates;
use tablog_dashboard::model::snapshot::Snapshot;
use tablog_dashboard::model::strata::Keys;
use tablog_record::SortedMap;

#[derive(Clone, Copy, Debug)]
pub struct State {
    pub phase: RwSignal<Phase>,
    pub view: RwSignal<Arc<View>>,
    /// Ticks with the polls, and also when they fail.
    pub now_ms: RwSignal<i64>,
    pub stale: Memo<bool>,
    pub tab: RwSignal<TabClients>,
    /// The one member that the tab is, on its page.
    pub member: RwSignal<Membership>,
    /// The keys of the topic that is looked at.
    pub watched: RwSignal<Arc<Watched>>,
    pub storage: RwSignal<StorageFigures>,
    pub load: RwSignal<Load>,
    /// Tabs that are attached to the broker.
    pub tabs: RwSignal<u32>,
    /// The tab's worker ended, and with it everything that is read and done; in its words.
    pub died: RwSignal<Option<String>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Starting,
    Up,
    /// The worker is silent; it is sought again.
    Lost,
    /// The broker could not start, or its store failed.
    Broken(Fault),
    NoSharedWorker,
}

/// What is said about a fault beside its detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Unknown,
    NotAllowed,
    NewerFormat,
    Busy,
    Deleted,
    Damaged,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub why: Why,
    pub detail: String,
    pub full: bool,
    pub at_ms: i64,
    pub tries: u32,
}

/// One reading of the cluster and what was worked out from it and those before.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub snapshot: Snapshot,
    pub rates: Rates,
    pub histories: SortedMap<String, History>,
    pub feed: Feed,
    pub commits: Option<Commits>,
    /// There is a `__tablog_events` to read.
    pub has_events: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Commits {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    pub topic: String,
    pub keys: Vec<Keys>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StorageFigures {
    /// Used, allowed.
    pub usage: Option<(u64, u64)>,
    pub persisted: Option<bool>,
}

/// "Load the flights" on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    #[default]
    Idle,
    Running,
    Done {
        records: u64,
        elapsed_ms: u64,
    },
    Failed(String),
}

impl State {
    pub fn new() -> Self {
        let view = RwSignal::new(Arc::new(View::default()));
        let now_ms = RwSignal::new(crate::browser::now_ms());
        let stale = Memo::new(move |_| {
            let at_ms = view.with(|v| v.snapshot.at_ms);
            at_ms > 0 && now_ms.get() - at_ms > STALE_AFTER_MS
        });
        State {
            phase: RwSignal::new(Phase::Starting),
            view,
            now_ms,
            stale,
            tab: RwSignal::new(TabClients::default()),
            member: RwSignal::new(Membership::default()),
            watched: RwSignal::new(Arc::new(Watched::default())),
            storage: RwSignal::new(StorageFigures::default()),
            load: RwSignal::new(Load::Idle),
            tabs: RwSignal::new(0),
            died: RwSignal::new(None),
        }
    }

    pub fn with<R>(&self, f: impl FnOnce(&View) -> R) -> R {
        self.view.with(|view| f(view))
    }

    /// Time has passed. A store that nobody called full for a while has room again, as far as anybody knows.
    pub fn tick(&self, now_ms: i64) {
        self.now_ms.set(now_ms);
        let is_over = |phase: &Phase| match phase {
            Phase::Broken(fault) => fault.full && now_ms - fault.at_ms > FULL_FOR_MS,
            _ => false,
        };
        if self.phase.with_untracked(is_over) {
            self.phase.set(Phase::Up);
        }
    }

    /// The broker tells of a fault of its store. Only one of now is the page's state; older ones are the feed's.
    pub fn storage_fault(&self, at_ms: i64, detail: String) {
        let lower = detail.to_ascii_lowercase();
        let full = lower.contains("quota") || lower.contains("full");
        let is_new = self.now_ms.get_untracked() - at_ms < FULL_FOR_MS;
        let may_be_said = self.phase.with_untracked(|phase| match phase {
            Phase::Up => true,
            Phase::Broken(fault) => fault.full,
            _ => false,
        });
        if full && is_new && may_be_said {
            self.phase.set(Phase::Broken(Fault { why: Why::Unknown, detail, full, at_ms, tries: 1 }));
        }
    }

    /// A reading has arrived.
    pub fn has_read(&self) -> bool {
        self.with(|v| v.snapshot.at_ms > 0)
    }
}

pub fn use_state() -> State {
    expect_context::<State>()
}
