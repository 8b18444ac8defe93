//! A member of a group: reads what it is assigned, commits, leaves and comes back.

use super::{Life, TOPIC};
use crate::witness::Witness;
use futures_util::future::select;
use std::pin::pin;
use tablog_client::{Assignor, Consumer, ConsumerConfig, OffsetReset, RebalanceListener};
use tablog_record::TopicPartition;

#[derive(Clone, Debug)]
pub struct Membership {
    pub group: &'static str,
    pub assignors: Vec<Assignor>,
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
    while !life.is_over() {
        let reader = format!("{}/{}", life.name, life.number());
        one_membership(&life, &plan, reader).await;
        if !life.is_over() {
            life.sleep_ms(life.between(10, 1_500)).await;
        }
    }
}

async fn one_membership(life: &Life, plan: &Membership, reader: String) {
    let config = ConsumerConfig {
        group_id: Some(plan.group.to_owned()),
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
    let consumer = Consumer::new(life.cluster(), config);
    let listener = Listener { witness: life.witness.clone(), reader: reader.clone() };
    if let Err(error) = consumer.subscribe(&[TOPIC.to_owned()], listener) {
        return life.witness.violation(format!("{reader} cannot subscribe: {error}"));
    }
    let leave_ms = life.now_ms() + life.between(1_500, 15_000);
    let driver = pin!(consumer.run());
    let work = pin!(async {
        while !life.is_over() && life.now_ms() < leave_ms {
            match consumer.poll(life.between(50, 400)).await {
                Ok(records) => {
                    life.saw(&reader, &records);
                    life.sleep_ms(life.between(0, 30)).await;
                    if plan.commits == Commits::ByHand
                        && life.one_in(3)
                        && let Err(error) = consumer.commit().await
                    {
                        life.witness.note(|| format!("{reader} cannot commit: {error}"));
                    }
                }
                Err(error) => {
                    life.witness.note(|| format!("{reader}: {error}"));
                    life.sleep_ms(20).await;
                }
            }
        }
        consumer.close().await;
    });
    select(driver, work).await;
}
