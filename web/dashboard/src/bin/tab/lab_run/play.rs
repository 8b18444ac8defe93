//! One way of a run, act by act: the group forms, then each step of the history; each time until everything is read
//! again and nothing moves.
//!
//! Never knows: how topics and groups are removed.

use super::grounds::Grounds;
use super::member::RealMember;
use super::stage::Stage;
use super::supply::Supply;
use crate::requests::Asked;
use futures_util::future::join_all;
use std::rc::Rc;
use tablog_client::Transport;
use tablog_dashboard::model::lab::run::{
    HEARTBEAT_INTERVAL_MS, LEAD_MS, Outcome, Protocol, SESSION_TIMEOUT_MS, Told, record_interval_ms,
};
use tablog_dashboard::model::lab::{History, LabMember, Membership, Situation, Step};
use tablog_dashboard::model::orders::{Reply, Trouble};
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_record::SortedSet;

const TICK_MS: u64 = 40;
const REPORT_MS: i64 = 200;
/// By then every member has heard of whatever its group is about, and answered.
const QUIET_MS: i64 = 2 * HEARTBEAT_INTERVAL_MS as i64 + 150;
/// A member that says nothing is out of its group by then.
const EXPIRED_MS: i64 = (SESSION_TIMEOUT_MS + 2 * HEARTBEAT_INTERVAL_MS) as i64;
/// A step that has not settled by then is said not to.
const LIMIT_MS: i64 = 15_000;

pub struct Play<'a> {
    asked: &'a Asked,
    history: &'a History,
    grounds: &'a Grounds,
    number: usize,
    stage: Rc<Stage>,
    members: Vec<RealMember>,
    supply: Option<Supply>,
    /// All names that ever come, in their order.
    names: SortedSet<String>,
}

impl<'a> Play<'a> {
    pub fn new(asked: &'a Asked, history: &'a History, grounds: &'a Grounds, number: usize) -> Play<'a> {
        let joins = history.steps().iter().filter_map(|step| match step {
            Step::Join(member) => Some(member.name.clone()),
            _ => None,
        });
        let names = history.start().members.iter().map(|m| m.name.clone()).chain(joins).collect();
        let stage = Stage::new(&asked.tab, &grounds.group);
        Play { asked, history, grounds, number, stage, members: Vec::new(), supply: None, names }
    }

    pub async fn perform(&mut self) -> Result<(), Trouble> {
        let situations = self.history.situations();
        self.grounds.set_group().await?;
        let most = situations.iter().map(Situation::partition_count).max().unwrap_or(0);
        self.supply = Some(Supply::begin(&self.asked.tab, &self.stage, record_interval_ms(most)));
        self.form(&situations[0]).await?;
        self.settle(0, &situations[0], QUIET_MS).await;
        for (i, step) in self.history.steps().iter().enumerate() {
            if !self.asked.is_wanted() {
                break;
            }
            self.stage.ledger.borrow_mut().begin(self.stage.now_ms());
            self.sleep(LEAD_MS).await;
            self.take(step, &situations[i], &situations[i + 1]).await?;
            self.settle(i + 1, &situations[i + 1], least_ms(step, &situations[i])).await;
        }
        Ok(())
    }

    /// Everybody who is left goes, and the producer.
    pub async fn disband(&mut self) {
        self.supply = None;
        join_all(self.members.iter().map(RealMember::leave)).await;
        self.members.clear();
    }

    /// With the consumer protocol whoever joins is assigned at once. The topics are made when all are in, so that the
    /// first assignment is one for all of them, as in the columns of the lab.
    async fn form(&mut self, situation: &Situation) -> Result<(), Trouble> {
        self.stage.ledger.borrow_mut().begin(self.stage.now_ms());
        let joins_first = self.grounds.way.protocol == Protocol::Consumer;
        if !joins_first {
            self.create_topics(situation).await?;
            self.stage.ledger.borrow_mut().begin(self.stage.now_ms());
        }
        self.sleep(LEAD_MS).await;
        for (topic, partitions) in situation.topics.iter().map(|t| (&t.name, t.partitions)) {
            self.open(topic, 0..partitions);
        }
        for member in &situation.members {
            self.start(member, situation);
        }
        if joins_first {
            let begun_ms = self.stage.now_ms();
            while !self.are_in(situation) && self.stage.now_ms() - begun_ms < LIMIT_MS / 3 {
                self.sleep(TICK_MS as i64).await;
            }
            self.create_topics(situation).await?;
        }
        Ok(())
    }

    async fn create_topics(&self, situation: &Situation) -> Result<(), Trouble> {
        for topic in &situation.topics {
            self.grounds.create_topic(&topic.name, topic.partitions).await?;
            self.feed(&topic.name, topic.partitions);
        }
        Ok(())
    }

    fn feed(&self, topic: &str, partitions: i32) {
        if let Some(supply) = &self.supply {
            supply.feed(self.grounds.topic(topic), partitions);
        }
    }

    /// These partitions are there, and nobody has read them.
    fn open(&self, topic: &str, partitions: std::ops::Range<i32>) {
        let now_ms = self.stage.now_ms();
        for partition in partitions {
            self.stage.ledger.borrow_mut().created(TopicPartition::new(topic, partition), now_ms);
        }
    }

    fn start(&mut self, member: &LabMember, situation: &Situation) {
        let topics = self.topics_of(member, situation);
        let rank = self.names.iter().position(|name| *name == member.name).unwrap_or(0);
        self.members.push(RealMember::start(self.grounds, &self.stage, member, rank, &topics));
    }

    fn topics_of(&self, member: &LabMember, situation: &Situation) -> Vec<String> {
        situation.topics_of(member).map(|topic| self.grounds.topic(&topic.name)).collect()
    }

    async fn take(&mut self, step: &Step, before: &Situation, after: &Situation) -> Result<(), Trouble> {
        match step {
            Step::Join(member) => self.start(member, after),
            Step::Leave(name) => {
                if let Some(member) = self.take_out(name) {
                    member.leave().await;
                }
            }
            Step::Crash(name) => {
                if let Some(member) = self.take_out(name) {
                    member.crash();
                }
            }
            Step::AddPartitions { topic, partitions } => {
                let had = before.topic(topic).map_or(0, |t| t.partitions);
                self.open(topic, had..*partitions);
                self.grounds.add_partitions(topic, *partitions).await?;
                self.feed(topic, *partitions);
            }
            Step::CreateTopic(topic) => {
                self.open(&topic.name, 0..topic.partitions);
                self.grounds.create_topic(&topic.name, topic.partitions).await?;
                self.feed(&topic.name, topic.partitions);
                self.subscribe_those_who_read(&topic.name, after).await;
            }
            Step::Subscribe { member, .. } => {
                let known = after.member(member).map(|known| self.topics_of(known, after));
                let real = self.members.iter().find(|real| real.name == *member);
                if let (Some(real), Some(topics)) = (real, known) {
                    real.subscribe(&topics).await;
                }
            }
        }
        Ok(())
    }

    fn take_out(&mut self, name: &str) -> Option<RealMember> {
        let at = self.members.iter().position(|member| member.name == *name)?;
        Some(self.members.remove(at))
    }

    async fn subscribe_those_who_read(&self, topic: &str, situation: &Situation) {
        for member in situation.members.iter().filter(|m| m.subscription.reads(topic)) {
            let topics = self.topics_of(member, situation);
            if let Some(real) = self.members.iter().find(|real| real.name == member.name) {
                real.subscribe(&topics).await;
            }
        }
    }

    /// Everybody who reads something.
    fn are_in(&self, situation: &Situation) -> bool {
        let reads = |name: &str| {
            situation.member(name).is_some_and(|member| situation.topics_of(member).next().is_some())
        };
        self.members.iter().filter(|member| reads(&member.name)).all(RealMember::is_in)
    }

    async fn settle(&self, step: usize, situation: &Situation, least_ms: i64) {
        let expected = readable(situation);
        let begun_ms = self.stage.now_ms();
        let mut told_ms = begun_ms;
        self.stage.trouble.take();
        let outcome = loop {
            self.sleep(TICK_MS as i64).await;
            let now_ms = self.stage.now_ms();
            let still_since_ms = self.stage.ledger.borrow().still_since_ms(&expected);
            let is_quiet = still_since_ms.is_some_and(|since_ms| now_ms - since_ms >= QUIET_MS);
            if is_quiet && now_ms - begun_ms >= least_ms && self.are_in(situation) {
                break Outcome::Settled;
            }
            if now_ms - begun_ms > LIMIT_MS {
                break Outcome::Unsettled { detail: self.stage.trouble.take().unwrap_or_default() };
            }
            if !self.asked.is_wanted() {
                break Outcome::UnderWay;
            }
            if now_ms - told_ms >= REPORT_MS {
                told_ms = now_ms;
                self.tell(step, &expected, Outcome::UnderWay);
            }
        };
        self.tell(step, &expected, outcome);
    }

    fn tell(&self, step: usize, expected: &SortedSet<TopicPartition>, outcome: Outcome) {
        let act = self.stage.ledger.borrow().act(expected, outcome, self.stage.now_ms());
        self.asked.reply(Reply::Ran(Told { way: self.number, step, act }));
    }

    async fn sleep(&self, ms: i64) {
        self.stage.transport.sleep(ms.unsigned_abs()).await;
    }
}

/// What somebody reads.
fn readable(situation: &Situation) -> SortedSet<TopicPartition> {
    let read =
        situation.topics.iter().filter(|t| situation.members.iter().any(|m| m.subscription.reads(&t.name)));
    read.flat_map(|t| (0..t.partitions).map(|p| TopicPartition::new(t.name.clone(), p))).collect()
}

/// How long a step takes at least to be over: a group learns late of a member that does not say goodbye.
fn least_ms(step: &Step, before: &Situation) -> i64 {
    let is_static = |name: &str| before.member(name).is_some_and(|m| m.membership == Membership::Static);
    match step {
        Step::Crash(_) => EXPIRED_MS,
        Step::Leave(name) if is_static(name) => EXPIRED_MS,
        _ => QUIET_MS,
    }
}
