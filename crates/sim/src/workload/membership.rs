//! A member of a group: reads what it is assigned, commits, leaves and comes back.

use super::{Life, TOPIC};
use crate::network::SimTransport;
use crate::witness::Witness;
use futures_util::future::select;
use std::collections::BTreeSet;
use std::pin::pin;
use tablog_client::{
    Assignor, Cluster, ConsumeError, Consumer, ConsumerConfig, GroupProtocol, OffsetReset, RebalanceListener,
};
use tablog_record::TopicPartition;
use tablog_wire::ErrorCode;

/// How long a reading of the whole topic is believed.
const TOPIC_MS: u64 = 2_000;

#[derive(Clone, Debug)]
pub struct Membership {
    pub group: &'static str,
    pub protocol: GroupProtocol,
    pub assignors: Vec<Assignor>,
    /// How long it works on what a poll gave it: a slow member holds rebalances up.
    pub work_ms_max: u64,
    pub session_timeout_ms: u64,
    pub commits: Commits,
    pub is_static: Staying,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    Automatic,
    ByHand,
}

/// KIP-345: a static member may be away for a while without a rebalance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staying {
    Dynamic,
    Static,
}

struct Listener {
    witness: Witness,
    reader: String,
}

impl RebalanceListener for Listener {
    fn on_partitions_assigned(&self, partitions: &[TopicPartition]) {
        self.witness.note(|| format!("{} is assigned {}", self.reader, list(partitions)));
        // Reading goes on where the group committed.
        partitions.iter().for_each(|partition| self.witness.reader_moved(&self.reader, partition));
    }

    fn on_partitions_revoked(&self, partitions: &[TopicPartition]) {
        self.witness.note(|| format!("{} gives up {}", self.reader, list(partitions)));
    }

    fn on_partitions_lost(&self, partitions: &[TopicPartition]) {
        self.witness.note(|| format!("{} lost {}", self.reader, list(partitions)));
    }
}

fn list(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(|partition| partition.partition.to_string()).collect::<Vec<_>>().join(" ")
}

pub async fn run(life: Life, plan: Membership) {
    life.witness.belongs_to(plan.group, &life.name);
    while must_go_on(&life, &plan) {
        let reader = format!("{}/{}", life.name, life.number());
        one_membership(&life, &plan, reader).await;
        if must_go_on(&life, &plan) {
            life.sleep_ms(life.between(10, 1_500)).await;
        }
    }
}

/// When the work is over the members of a group stay until all is owned.
fn must_go_on(life: &Life, plan: &Membership) -> bool {
    !life.is_over() || !life.witness.is_settled(plan.group)
}

async fn one_membership(life: &Life, plan: &Membership, reader: String) {
    let config = ConsumerConfig {
        group_id: Some(plan.group.to_owned()),
        group_protocol: plan.protocol,
        group_instance_id: (plan.is_static == Staying::Static).then(|| life.name.clone()),
        partition_assignment_strategy: plan.assignors.clone(),
        session_timeout_ms: plan.session_timeout_ms,
        heartbeat_interval_ms: plan.session_timeout_ms / 4,
        max_poll_interval_ms: 10_000,
        max_poll_records: 40,
        auto_offset_reset: OffsetReset::Earliest,
        enable_auto_commit: plan.commits == Commits::Automatic,
        auto_commit_interval_ms: 700,
        fetch_max_wait_ms: 300,
        default_api_timeout_ms: 8_000,
        ..ConsumerConfig::default()
    };
    let cluster = life.cluster();
    let consumer_cluster = cluster.clone();
    let consumer = Consumer::new(cluster, config);
    let listener = Listener { witness: life.witness.clone(), reader: reader.clone() };
    if let Err(error) = consumer.subscribe(&[TOPIC.to_owned()], listener) {
        return life.witness.violation(format!("{reader} cannot subscribe: {error}"));
    }
    let leave_ms = life.now_ms() + life.between(1_500, 15_000);
    let driver = pin!(consumer.run());
    let work = pin!(async {
        let (mut topic, mut topic_end_ms) = (None, 0);
        while must_go_on(life, plan) && (life.is_over() || life.now_ms() < leave_ms) {
            if life.is_over() {
                // What was asked for during the trouble may still be done: the topic grows.
                if topic_end_ms <= life.now_ms() {
                    topic = whole_topic(&consumer_cluster).await;
                    topic_end_ms = life.now_ms() + TOPIC_MS;
                }
                if let Some(topic) = &topic {
                    let owned = consumer.assignment().into_iter().collect();
                    life.witness.owns(plan.group, &life.name, owned, topic);
                }
            }
            match consumer.poll(life.between(50, 400)).await {
                Ok(records) => {
                    life.saw(&reader, &records);
                    let work_ms_max = if life.is_over() { 30 } else { plan.work_ms_max };
                    life.sleep_ms(life.between(0, work_ms_max)).await;
                    if plan.commits == Commits::ByHand
                        && life.one_in(3)
                        && let Err(error) = consumer.commit().await
                    {
                        life.witness.note(|| format!("{reader} cannot commit: {error}"));
                    }
                }
                Err(error) => {
                    life.witness.note(|| format!("{reader}: {error}"));
                    if is_final(&error) {
                        break;
                    }
                    life.sleep_ms(20).await;
                }
            }
        }
        consumer.close().await;
    });
    select(driver, work).await;
}

/// Nothing comes of this membership any more: another one is tried.
fn is_final(error: &ConsumeError) -> bool {
    let ConsumeError::Client { error } = error else { return false };
    matches!(error.code(), Some(ErrorCode::UnreleasedInstanceId | ErrorCode::FencedInstanceId))
}

async fn whole_topic(cluster: &Cluster<SimTransport>) -> Option<BTreeSet<TopicPartition>> {
    let metadata = cluster.metadata(Some(&[TOPIC.to_owned()])).await.ok()?;
    let partitions: BTreeSet<TopicPartition> = metadata.partitions_of(TOPIC).collect();
    (!partitions.is_empty()).then_some(partitions)
}
