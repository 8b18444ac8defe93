//! The one member that this tab is: its name, which no other open tab of its group bears, and the orders that start and
//! end it.
//!
//! A name is a Web Lock that ends with the tab. It is let go of when the page goes away, so that the page can be kept
//! for going back to; whoever comes back takes it again, or another one if it was taken meanwhile.

use super::{Session, order};
use crate::browser;
use crate::state::State;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use tablog_dashboard::model::client_control::{ConsumerSettings, Protocol};
use tablog_dashboard::model::consumer_address::ConsumerAddress;
use tablog_dashboard::model::member::MemberSettings;
use tablog_dashboard::model::membership::Membership;
use tablog_dashboard::model::orders::Order;
use tablog_sdk::{Held, acquire_if_free, acquire_within};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

const STEM: &str = "tab";
/// What the tab was called, over a reload.
const STORED: &str = "tablog.consumer";
/// A page that is loaded again may find its own name still held by what it was.
const RELOAD_PATIENCE_MS: u64 = 1_000;
/// More tabs than a browser opens.
const NAMES_MAX: u32 = 1_000;
/// Apache Kafka's default.
const SESSION_TIMEOUT_MS: u64 = 45_000;
/// A tab that closes is noticed at once by those that beat twice a second; it costs next to nothing here.
const HEARTBEAT_INTERVAL_MS: u64 = 500;
const PROCESSING_US: u64 = 2_000;

thread_local! {
    static NAME: RefCell<Option<Held>> = const { RefCell::new(None) };
    static ASKED: RefCell<Option<(State, ConsumerAddress)>> = const { RefCell::new(None) };
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

impl Session {
    /// Becomes the member that the address asks for, under a name that is found first.
    pub fn be_member(state: State, asked: ConsumerAddress) {
        state.member.set(Membership::default());
        ASKED.set(Some((state, asked)));
        if !LISTENS.replace(true) {
            follow_page();
        }
        join();
    }

    /// Leaves in order; the name is kept.
    pub fn leave_group() {
        order(&Order::LeaveGroup);
    }

    /// Under the name it has.
    pub fn join_again(state: State) {
        let name = state.member.with_untracked(|m| m.newest.client_id.clone());
        if let Some((_, asked)) = ASKED.with_borrow(Clone::clone) {
            order(&Order::PutMember(settings(asked, name)));
        }
    }

    pub fn end_member() {
        ASKED.take();
        NAME.take();
        order(&Order::EndMember);
    }
}

fn join() {
    spawn_local(async {
        let Some((state, asked)) = ASKED.with_borrow(Clone::clone) else { return };
        let (name, held) = match &asked.name {
            Some(name) => (name.clone(), None),
            None => free_name(&asked.group).await,
        };
        // Not wanted any more, or something else is.
        if ASKED.with_borrow(|now| now.as_ref().is_none_or(|(_, now)| *now != asked)) {
            return;
        }
        NAME.set(held);
        // One that comes back under its name is still running, and joins by itself.
        if state.member.with_untracked(|m| m.newest.client_id != name) {
            order(&Order::PutMember(settings(asked, name)));
        }
    });
}

/// What it was called before, or the lowest number that no open tab of the group bears.
async fn free_name(group: &str) -> (String, Option<Held>) {
    let lock = |name: &str| format!("tablog/consumer/{group}/{name}");
    let remembered = browser::tab_stored(STORED).and_then(|text| {
        let (name, of) = text.split_once(' ')?;
        (of == group).then(|| name.to_owned())
    });
    if let Some(name) = remembered
        && let Some(held) = acquire_within(&lock(&name), RELOAD_PATIENCE_MS).await
    {
        return (name, Some(held));
    }
    for n in 1..NAMES_MAX {
        let name = format!("{STEM}-{n}");
        if let Some(held) = acquire_if_free(&lock(&name)).await {
            browser::tab_store(STORED, &format!("{name} {group}"));
            return (name, Some(held));
        }
    }
    (STEM.to_owned(), None)
}

fn settings(asked: ConsumerAddress, client_id: String) -> MemberSettings {
    let assignor = asked.assignor.unwrap_or_else(|| match asked.protocol {
        Protocol::Classic => "range".to_owned(),
        Protocol::Consumer => String::new(),
    });
    let consumer = ConsumerSettings {
        client_id,
        group: asked.group,
        topics: vec![asked.topic],
        protocol: asked.protocol,
        assignor,
        processing_us: PROCESSING_US,
        session_timeout_ms: asked.session_timeout_ms.unwrap_or(SESSION_TIMEOUT_MS),
        heartbeat_interval_ms: HEARTBEAT_INTERVAL_MS,
        paused: false,
        frozen: false,
    };
    MemberSettings { consumer, session_timeout_ms: asked.session_timeout_ms }
}

/// For the page's whole life, as its document lives.
fn follow_page() {
    let on_hide = Closure::<dyn FnMut()>::new(|| drop(NAME.take()));
    let on_show =
        Closure::<dyn FnMut(web_sys::PageTransitionEvent)>::new(|event: web_sys::PageTransitionEvent| {
            if event.persisted() {
                join();
            }
        });
    for (name, listener) in [("pagehide", on_hide.as_ref()), ("pageshow", on_show.as_ref())] {
        let _ = window().add_event_listener_with_callback(name, listener.unchecked_ref());
    }
    on_hide.forget();
    on_show.forget();
}
