//! What pages ask of the tab's worker, and the answers on their way.

use super::Session;
use super::worker::{order, order_with};
use crate::browser;
use crate::state::{Load, State};
use crate::tab_clients;
use futures_channel::oneshot;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use tablog_dashboard::model::import::Offer;
use tablog_dashboard::model::lab::History;
use tablog_dashboard::model::lab::answer::Answer;
use tablog_dashboard::model::lab::run::{RunOrder, Told};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::orders::{Order, Reply, Request, Trouble};
use tablog_dashboard::model::records::{Draft, From, ReadRecord};
use tablog_dashboard::model::reset;
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_dashboard::model::topic_settings::NewTopic;
use tablog_record::SortedMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

/// Whether more replies are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    Wanted,
    Enough,
}

type OnReply = Box<dyn FnMut(Reply, &JsValue) -> More>;

thread_local! {
    static NEXT_ID: Cell<u32> = const { Cell::new(1) };
    static WAITING: RefCell<Vec<(u32, OnReply)>> = const { RefCell::new(Vec::new()) };
}

pub fn heed(id: u32, reply: Reply, with: &JsValue) {
    let is_last = reply.is_last();
    let waiting = WAITING.with_borrow_mut(|all| {
        all.iter().position(|(waiting, _)| *waiting == id).map(|at| all.swap_remove(at))
    });
    let Some((_, mut on_reply)) = waiting else { return };
    // Heard without a hold on the list: an answer may lead to the next question.
    match on_reply(reply, with) {
        More::Wanted if !is_last => WAITING.with_borrow_mut(|all| all.push((id, on_reply))),
        More::Enough if !is_last => order(&Order::Stop { id }),
        _ => {}
    }
}

/// The worker is gone: nothing that was asked of it is answered any more.
pub fn fail_all() {
    for (_, mut on_reply) in WAITING.take() {
        on_reply(Reply::Failed(Trouble::NoBroker { detail: String::new() }), &JsValue::UNDEFINED);
    }
}

/// The number by which it is stopped.
fn begin(request: Request, with: &JsValue, on_reply: OnReply) -> u32 {
    let id = NEXT_ID.get();
    NEXT_ID.set(id.wrapping_add(1));
    WAITING.with_borrow_mut(|all| all.push((id, on_reply)));
    order_with(&Order::Ask { id, request }, with);
    id
}

/// The last reply; `on_progress` may stop what is done, which then answers with what it has.
async fn ask(
    request: Request,
    with: JsValue,
    mut on_progress: impl FnMut(u64) -> More + 'static,
) -> Result<(Reply, JsValue), Message> {
    let (answer, answered) = oneshot::channel();
    let mut answer = Some(answer);
    let on_reply = move |reply: Reply, with: &JsValue| {
        if let Reply::Progress(done) = reply
            && on_progress(done) == More::Wanted
        {
            return More::Wanted;
        }
        if let Some(answer) = answer.take() {
            let _ = answer.send((reply, with.clone()));
        }
        More::Enough
    };
    begin(request, &with, Box::new(on_reply));
    match answered.await {
        Ok((Reply::Failed(trouble), _)) => Err(trouble.message()),
        Ok(answer) => Ok(answer),
        Err(_) => Err(Message::new("no-broker")),
    }
}

async fn ask_plainly(request: Request) -> Result<Reply, Message> {
    ask(request, JsValue::UNDEFINED, |_| More::Wanted).await.map(|(reply, _)| reply)
}

async fn outcomes(request: Request) -> Result<Vec<(TopicPartition, Option<String>)>, Message> {
    match ask_plainly(request).await? {
        Reply::Outcomes(outcomes) => Ok(outcomes),
        _ => Err(Message::new("no-broker")),
    }
}

impl Session {
    pub async fn create_topic(topic: NewTopic) -> Result<(), Message> {
        let settings = topic.settings();
        let request = Request::CreateTopic { name: topic.name, partitions: topic.partitions, settings };
        ask_plainly(request).await.map(drop)
    }

    pub async fn delete_topic(name: String) -> Result<(), Message> {
        ask_plainly(Request::DeleteTopic { name }).await.map(drop)
    }

    pub async fn delete_group(id: String) -> Result<(), Message> {
        let outcome = ask_plainly(Request::DeleteGroup { id: id.clone() }).await.map(drop);
        let is_alive = |m: &Message| m.says("code", "NON_EMPTY_GROUP");
        outcome.map_err(|m| if is_alive(&m) { Message::new("group-not-empty").text("group", id) } else { m })
    }

    pub async fn offsets_at(
        partitions: Vec<TopicPartition>,
        timestamp_ms: i64,
    ) -> Result<SortedMap<TopicPartition, i64>, Message> {
        match ask_plainly(Request::OffsetsAt { partitions, timestamp_ms }).await? {
            Reply::Offsets(offsets) => Ok(offsets.into_iter().collect()),
            _ => Err(Message::new("no-broker")),
        }
    }

    /// How many were set.
    pub async fn set_offsets(group: String, offsets: Vec<(TopicPartition, i64)>) -> Result<usize, Message> {
        reset::outcome(outcomes(Request::SetOffsets { group, offsets }).await?)
    }

    /// How many were forgotten.
    pub async fn delete_offsets(group: String, partitions: Vec<TopicPartition>) -> Result<usize, Message> {
        reset::outcome(outcomes(Request::DeleteOffsets { group, partitions }).await?)
    }

    pub async fn remove_members(group: String, member_ids: Vec<String>) -> Result<(), Message> {
        ask_plainly(Request::RemoveMembers { group, member_ids }).await.map(drop)
    }

    pub async fn add_partitions(name: String, total: i32) -> Result<(), Message> {
        ask_plainly(Request::AddPartitions { name, total }).await.map(drop)
    }

    /// None: back to the default.
    pub async fn alter_setting(topic: String, name: String, value: Option<String>) -> Result<(), Message> {
        ask_plainly(Request::AlterSetting { topic, name, value }).await.map(drop)
    }

    /// The same record so many times. Answers where the last one landed.
    pub async fn produce(topic: String, draft: Draft, count: u32) -> Result<(i32, i64), Message> {
        match ask_plainly(Request::Produce { topic, draft, count }).await? {
            Reply::Landed { partition, offset } => Ok((partition, offset)),
            _ => Err(Message::new("no-broker")),
        }
    }

    pub async fn read(topic: String, from: From, limit: usize) -> Result<Vec<ReadRecord>, Message> {
        match ask_plainly(Request::Read { topic, from, limit }).await? {
            Reply::Records(records) => Ok(records),
            _ => Err(Message::new("no-broker")),
        }
    }

    /// From now on, until `on_records` has enough.
    pub fn tail(topic: String, mut on_records: impl FnMut(Vec<ReadRecord>) -> More + 'static) {
        let on_reply = move |reply: Reply, _: &JsValue| match reply {
            Reply::Some(records) => on_records(records),
            _ => More::Enough,
        };
        begin(Request::Tail { topic }, &JsValue::UNDEFINED, Box::new(on_reply));
    }

    /// Everything there is now, handed to the reader as a file.
    pub async fn export(topic: String, on_progress: impl Fn(u64) + 'static) -> Result<(), Message> {
        let name = format!("{topic}.ndjson");
        let on_progress = move |done| {
            on_progress(done);
            More::Wanted
        };
        let (_, blob) = ask(Request::Export { topic }, JsValue::UNDEFINED, on_progress).await?;
        browser::download_blob(&name, blob.unchecked_ref());
        Ok(())
    }

    /// The file stays with the worker until the next one is opened.
    pub async fn open_file(file: &web_sys::File) -> Result<Offer, Message> {
        let request = Request::Open { name: file.name() };
        match ask(request, file.into(), |_| More::Wanted).await? {
            (Reply::Offered(offer), _) => Ok(offer),
            _ => Err(Message::new("no-broker")),
        }
    }

    /// The file that was opened last; each step is acknowledged before the next, and `on_progress` may stop it.
    pub async fn import(
        topic: String,
        key_column: Option<String>,
        on_progress: impl Fn(u64) -> More + 'static,
    ) -> Result<(), Message> {
        ask(Request::Import { topic, key_column }, JsValue::UNDEFINED, on_progress).await.map(drop)
    }

    /// What each assignor makes of a history of the lab, where it stands.
    pub async fn assign(history: History) -> Result<Answer, Message> {
        match ask_plainly(Request::Lab { history }).await? {
            Reply::Assigned(answer) => Ok(answer),
            _ => Err(Message::new("no-broker")),
        }
    }

    /// A history of the lab, played by real members; the number by which it is stopped. It ends when what it made is
    /// removed, also when it was stopped.
    pub fn run_lab(
        order: RunOrder,
        mut on_told: impl FnMut(Told) + 'static,
        on_end: impl Fn(Result<(), Message>) + 'static,
    ) -> u32 {
        let on_reply = move |reply: Reply, _: &JsValue| {
            match reply {
                Reply::Ran(told) => on_told(told),
                Reply::Failed(trouble) => on_end(Err(trouble.message())),
                _ => on_end(Ok(())),
            }
            More::Wanted
        };
        begin(Request::RunLab(order), &JsValue::UNDEFINED, Box::new(on_reply))
    }

    /// What is asked under this number need not go on; its last reply still comes.
    pub fn stop(id: u32) {
        order(&Order::Stop { id });
    }

    /// Follows the keys of the topic in sight; the watch before ends.
    pub fn watch(topic: String) {
        order(&Order::Watch(topic));
    }

    pub fn unwatch() {
        order(&Order::Unwatch);
    }

    /// The topic for ever, three consumers, and all the flights at full speed.
    pub fn load_flights(state: State) {
        if state.load.get_untracked() == Load::Running {
            return;
        }
        state.load.set(Load::Running);
        tab_clients::LOAD_CLICKED_MS.set(browser::now_ms());
        spawn_local(async move {
            let there = state.view.with_untracked(|v| v.snapshot.topics.contains_key(tab_clients::FLIGHTS));
            if !there && let Err(message) = Session::create_topic(NewTopic::flights()).await {
                state.load.set(Load::Failed(crate::words::words(&message)));
                return;
            }
            tab_clients::load_flights(state);
        });
    }
}
