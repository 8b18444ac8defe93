//! What all that takes part in one way of a run shares: the ledger, the clock, what went wrong last.
//!
//! Never knows: what is played.

use crate::tab::{Tab, Transported};
use std::cell::RefCell;
use std::rc::Rc;
use tablog_client::{GroupAnswer, GroupCall, Observer, RebalanceListener, Transport};
use tablog_dashboard::model::lab::ledger::{Answer, Ledger};
use tablog_dashboard::model::lab::run::{Call, CallKind};
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_sdk::wire::{ApiKey, ErrorCode};

pub struct Stage {
    pub ledger: RefCell<Ledger>,
    pub trouble: RefCell<Option<String>>,
    pub transport: Transported,
    /// What stands before the lab's names of topics.
    prefix: String,
}

impl Stage {
    pub fn new(tab: &Tab, group: &str) -> Rc<Stage> {
        Rc::new(Stage {
            ledger: RefCell::default(),
            trouble: RefCell::default(),
            transport: tab.transport.clone(),
            prefix: format!("{group}-"),
        })
    }

    pub fn now_ms(&self) -> i64 {
        i64::try_from(self.transport.now().monotonic_ms).unwrap_or(i64::MAX)
    }

    pub fn lab_partition(&self, topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(topic.strip_prefix(&self.prefix).unwrap_or(topic), partition)
    }

    pub fn complain(&self, detail: String) {
        *self.trouble.borrow_mut() = Some(detail);
    }
}

/// One member's voice: what it asks, and what its callbacks say.
pub struct Voice {
    pub stage: Rc<Stage>,
    pub member: String,
    /// Its place among all names: with the consumer protocol a member makes its id itself, and here so that the ids are
    /// in the order of the names, as in the columns of the lab.
    pub rank: usize,
}

impl Observer for Voice {
    fn asked(&self, number: u64, call: GroupCall) {
        let Some(kind) = kind(call.api) else { return };
        let call = Call {
            kind,
            sent_ms: i64::try_from(call.sent_ms).unwrap_or(i64::MAX),
            answered_ms: None,
            error: String::new(),
            is_news: call.is_news,
        };
        self.stage.ledger.borrow_mut().asks(&self.member, number, call);
    }

    fn answered(&self, number: u64, answer: GroupAnswer) {
        let answer = Answer {
            at_ms: i64::try_from(answer.answered_ms).unwrap_or(i64::MAX),
            error: match answer.error_code {
                0 => String::new(),
                code => ErrorCode::from_code(code).name().to_owned(),
            },
            is_news: answer.is_news,
        };
        self.stage.ledger.borrow_mut().is_answered(&self.member, number, answer);
    }

    /// Ids are written in base 64, whose first 26 digits are the letters from A on.
    fn random(&self, random: u64) -> u64 {
        let (first, second) = (self.rank / 26 % 26, self.rank % 26);
        (first as u64) << 58 | (second as u64) << 52 | random >> 12
    }
}

impl RebalanceListener for Voice {
    fn on_partitions_assigned(&self, partitions: &[tablog_record::TopicPartition]) {
        let (partitions, now_ms) = (self.named(partitions), self.stage.now_ms());
        self.stage.ledger.borrow_mut().is_assigned(&self.member, &partitions, now_ms);
    }

    fn on_partitions_revoked(&self, partitions: &[tablog_record::TopicPartition]) {
        let (partitions, now_ms) = (self.named(partitions), self.stage.now_ms());
        self.stage.ledger.borrow_mut().gives_up(&self.member, &partitions, now_ms);
    }
}

impl Voice {
    fn named(&self, partitions: &[tablog_record::TopicPartition]) -> Vec<TopicPartition> {
        partitions.iter().map(|p| self.stage.lab_partition(&p.topic, p.partition)).collect()
    }
}

fn kind(api: ApiKey) -> Option<CallKind> {
    Some(match api {
        ApiKey::JoinGroup => CallKind::JoinGroup,
        ApiKey::SyncGroup => CallKind::SyncGroup,
        ApiKey::LeaveGroup => CallKind::LeaveGroup,
        ApiKey::Heartbeat => CallKind::Heartbeat,
        ApiKey::ConsumerGroupHeartbeat => CallKind::ConsumerGroupHeartbeat,
        ApiKey::OffsetCommit => CallKind::OffsetCommit,
        _ => return None,
    })
}
