//! The one member that a tab is: a consumer like any other, and beside it what its page tells of it several times a
//! second, hidden or not: what it owns, reads and sent, and what the coordinator says of the whole group.

use crate::consumer::{RunningConsumer, Wishes};
use crate::post::report;
use crate::tab::Tab;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use tablog_client::{ConsumerRecord, MemberDescription, PartitionStanding, Transport};
use tablog_dashboard::model::bytes_view;
use tablog_dashboard::model::limits::MEMBER_RECORDS_MAX;
use tablog_dashboard::model::member::{
    Heartbeat, MemberRecord, MemberReport, MemberSettings, Peer, Standing,
};
use tablog_dashboard::model::orders::Report;
use wasm_bindgen_futures::spawn_local;

const REPORT_MS: u64 = 200;
const GROUP_READ_MS: u64 = 300;
const HIDDEN_GROUP_READ_MS: u64 = 1_000;

pub struct Member {
    tab: Rc<Tab>,
    settings: MemberSettings,
    /// None: it has left.
    running: RefCell<Option<RunningConsumer>>,
    /// Not told yet.
    records: Rc<RefCell<VecDeque<MemberRecord>>>,
    records_read: Cell<u64>,
    heartbeats: Cell<u64>,
    peers: RefCell<Vec<Peer>>,
    peers_at_ms: Cell<i64>,
    has_ended: Cell<bool>,
}

impl Member {
    pub fn begin(tab: &Rc<Tab>, settings: MemberSettings) -> Rc<Member> {
        let records: Rc<RefCell<VecDeque<MemberRecord>>> = Rc::default();
        let kept = records.clone();
        let on_records = Box::new(move |read: &[ConsumerRecord]| {
            let mut kept = kept.borrow_mut();
            kept.extend(read.iter().map(shown));
            let over = kept.len().saturating_sub(MEMBER_RECORDS_MAX);
            kept.drain(..over);
        });
        let wishes = Wishes { session_timeout_ms: settings.session_timeout_ms, on_records };
        let running = RunningConsumer::start(tab, settings.consumer.clone(), wishes);
        let member = Rc::new(Member {
            tab: tab.clone(),
            settings,
            running: RefCell::new(Some(running)),
            records,
            records_read: Cell::new(0),
            heartbeats: Cell::new(0),
            peers: RefCell::default(),
            peers_at_ms: Cell::new(0),
            has_ended: Cell::new(false),
        });
        spawn_local(member.clone().tell());
        spawn_local(member.clone().read_group());
        member
    }

    /// In order; its group is looked at further on, to tell who goes on.
    pub fn leave(&self) {
        self.running.take();
    }

    pub fn end(&self) {
        self.leave();
        self.has_ended.set(true);
    }

    async fn tell(self: Rc<Member>) {
        while !self.has_ended.get() {
            report(&Report::Member(self.report()));
            self.tab.transport.sleep(REPORT_MS).await;
        }
    }

    fn report(&self) -> MemberReport {
        let base = MemberReport {
            at_ms: self.tab.now_ms(),
            client_id: self.settings.consumer.client_id.clone(),
            records_read: self.records_read.get(),
            peers: self.peers.borrow().clone(),
            peers_at_ms: self.peers_at_ms.get(),
            ..MemberReport::default()
        };
        let running = self.running.borrow();
        let Some(running) = running.as_ref() else { return base };
        let consumer = running.consumer();
        let (metadata, metrics) = (consumer.group_metadata(), consumer.metrics());
        self.records_read.set(metrics.records_consumed);
        MemberReport {
            is_running: true,
            member_id: metadata.member_id,
            epoch: (metadata.generation >= 0).then_some(metadata.generation),
            is_rebalancing: metadata.is_rebalancing,
            owned: consumer.partitions().into_iter().map(standing).collect(),
            records_read: metrics.records_consumed,
            heartbeats: self
                .new_heartbeat(metrics.heartbeats, metrics.heartbeat_last_ms)
                .into_iter()
                .collect(),
            records: self.records.take().into(),
            trouble: running.trouble(),
            ..base
        }
    }

    /// They come more rarely than reports.
    fn new_heartbeat(&self, count: u64, at_monotonic_ms: u64) -> Option<Heartbeat> {
        let is_new = self.heartbeats.replace(count) != count;
        let now = self.tab.transport.now();
        let age_ms = now.monotonic_ms.saturating_sub(at_monotonic_ms);
        is_new.then(|| Heartbeat { at_ms: now.wall.0 - age_ms as i64, is_hidden: !self.tab.seen.get() })
    }

    async fn read_group(self: Rc<Member>) {
        let consumer = &self.settings.consumer;
        let topic = consumer.topics.first().cloned().unwrap_or_default();
        while !self.has_ended.get() {
            let asked_ms = self.tab.now_ms();
            let described = self.tab.reading.describe_groups(std::slice::from_ref(&consumer.group)).await;
            if let Some(Ok(group)) = described.ok().and_then(|groups| groups.into_values().next()) {
                let peers = group.members.into_iter().map(|member| peer(member, &topic));
                *self.peers.borrow_mut() = peers.collect();
                self.peers_at_ms.set(asked_ms);
            }
            let every_ms = if self.tab.seen.get() { GROUP_READ_MS } else { HIDDEN_GROUP_READ_MS };
            self.tab.transport.sleep(every_ms).await;
        }
    }
}

fn peer(member: MemberDescription, topic: &str) -> Peer {
    let of_topic = |partitions: tablog_record::SortedSet<tablog_record::TopicPartition>| {
        partitions.into_iter().filter(|p| p.topic == topic).map(|p| p.partition).collect()
    };
    Peer {
        member_id: member.member_id,
        client_id: member.client_id,
        owned: of_topic(member.assignment),
        target: member.progress.map(|progress| of_topic(progress.target_assignment)),
    }
}

fn standing(at: PartitionStanding) -> Standing {
    Standing { partition: at.partition.partition, position: at.position, lag: at.lag }
}

/// As one line, whatever the bytes are.
fn shown(record: &ConsumerRecord) -> MemberRecord {
    MemberRecord {
        partition: record.partition,
        offset: record.offset,
        key: record.key.as_deref().map(bytes_view::line),
        value: record.value.as_deref().map(bytes_view::line),
    }
}
