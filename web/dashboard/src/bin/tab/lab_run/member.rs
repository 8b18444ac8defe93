//! One member of a run: a consumer like any other, over connections of its own, whose calls and callbacks are noted.
//!
//! Never knows: what the others do.

use super::grounds::Grounds;
use super::stage::{Stage, Voice};
use crate::tab::Transported;
use futures_util::future::{AbortHandle, abortable};
use std::rc::Rc;
use tablog_client::{Assignor, Consumer, ConsumerConfig, GroupProtocol, OffsetReset, Transport};
use tablog_dashboard::model::lab::run::{
    Departure, HEARTBEAT_INTERVAL_MS, Protocol, SESSION_TIMEOUT_MS, Way,
};
use tablog_dashboard::model::lab::{LabMember, Membership};
use tablog_record::SortedSet;
use wasm_bindgen_futures::spawn_local;

const POLL_MS: u64 = 250;
const COMMIT_MS: u64 = 1_000;
/// A member of a classic group has this long to join again.
const REBALANCE_TIMEOUT_MS: u64 = 10_000;

pub struct RealMember {
    pub name: String,
    stage: Rc<Stage>,
    consumer: Rc<Consumer<Transported>>,
    rank: usize,
    work: AbortHandle,
    tasks: AbortHandle,
}

impl RealMember {
    pub fn start(
        grounds: &Grounds,
        stage: &Rc<Stage>,
        member: &LabMember,
        rank: usize,
        topics: &[String],
    ) -> RealMember {
        let name = member.name.clone();
        let voice = || Voice { stage: stage.clone(), member: name.clone(), rank };
        stage.ledger.borrow_mut().joins(&name, stage.now_ms());
        let cluster = grounds.tab.observed_cluster(&name, Rc::new(voice()));
        let config = config(&grounds.way, grounds.group.clone(), member);
        let consumer = Rc::new(Consumer::new(cluster, config));
        if !topics.is_empty()
            && let Err(error) = consumer.subscribe(topics, voice())
        {
            stage.complain(error.to_string());
        }
        let (tasks, tasks_handle) = abortable(consumer.run());
        let (work, work_handle) = abortable(work(stage.clone(), name.clone(), consumer.clone()));
        spawn_local(async move {
            let _ = tasks.await;
        });
        spawn_local(async move {
            let _ = work.await;
        });
        RealMember { name, stage: stage.clone(), consumer, rank, work: work_handle, tasks: tasks_handle }
    }

    /// Another subscription; none at all is leaving the group, as it is for Kafka's own consumer.
    pub async fn subscribe(&self, topics: &[String]) {
        if topics.is_empty() {
            return self.consumer.unsubscribe().await;
        }
        let voice = Voice { stage: self.stage.clone(), member: self.name.clone(), rank: self.rank };
        if let Err(error) = self.consumer.subscribe(topics, voice) {
            self.stage.complain(error.to_string());
        }
    }

    /// It is in its group and nothing is asked of it.
    pub fn is_in(&self) -> bool {
        let membership = self.consumer.group_metadata();
        membership.generation >= 0 && !membership.is_rebalancing
    }

    /// Says goodbye and is gone.
    pub async fn leave(&self) {
        self.work.abort();
        self.stage.ledger.borrow_mut().departs(&self.name, Departure::Left, self.stage.now_ms());
        self.consumer.close().await;
        self.tasks.abort();
    }

    /// From now on it says nothing more, as a process that died.
    pub fn crash(self) {
        self.work.abort();
        self.tasks.abort();
        self.stage.ledger.borrow_mut().departs(&self.name, Departure::Crashed, self.stage.now_ms());
    }
}

fn config(way: &Way, group: String, member: &LabMember) -> ConsumerConfig {
    let assignor = match way.assignor.as_str() {
        "roundrobin" => Assignor::RoundRobin,
        "sticky" => Assignor::Sticky,
        "cooperative-sticky" => Assignor::CooperativeSticky,
        _ => Assignor::Range,
    };
    let is_classic = way.protocol != Protocol::Consumer;
    ConsumerConfig {
        group_id: Some(group),
        group_instance_id: (member.membership == Membership::Static).then(|| member.name.clone()),
        group_protocol: if is_classic { GroupProtocol::Classic } else { GroupProtocol::Consumer },
        group_remote_assignor: (!is_classic).then(|| way.assignor.clone()),
        client_rack: member.rack.clone(),
        partition_assignment_strategy: vec![assignor],
        session_timeout_ms: SESSION_TIMEOUT_MS,
        heartbeat_interval_ms: HEARTBEAT_INTERVAL_MS,
        max_poll_interval_ms: REBALANCE_TIMEOUT_MS,
        auto_offset_reset: OffsetReset::Earliest,
        auto_commit_interval_ms: COMMIT_MS,
        ..ConsumerConfig::default()
    }
}

/// Reads, and does nothing with it.
async fn work(stage: Rc<Stage>, name: String, consumer: Rc<Consumer<Transported>>) {
    loop {
        match consumer.poll(POLL_MS).await {
            Ok(records) => {
                let now_ms = stage.now_ms();
                let read: SortedSet<(&str, i32)> =
                    records.iter().map(|r| (r.topic.as_str(), r.partition)).collect();
                let mut ledger = stage.ledger.borrow_mut();
                for (topic, partition) in read.iter() {
                    ledger.reads(&name, &stage.lab_partition(topic, *partition), now_ms);
                }
            }
            Err(error) => {
                stage.complain(error.to_string());
                stage.transport.sleep(100).await;
            }
        }
    }
}
