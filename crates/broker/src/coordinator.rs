//! The group coordinator: leads requests to the shard that owns the group, and a shard's records to its log.
//!
//! ```text
//!  request ─► ask ─► shard ─► decision ─┬─ records ─► append ─► replay at once ─► commit ─┐
//!                                       └─ replies, events ─► held ◄──────────────────────┘ durable: they leave
//! ```
//!
//! A shard is one partition of `__consumer_offsets`. When a commit of its records fails the shard is dropped, what it
//! owes is answered NOT_COORDINATOR, and it is read anew from what is durable. Requests that come while a
//! shard is read wait.

mod feed;
mod loading;
mod topics;

use crate::broker::{Broker, Context, Waiter};
use crate::config::BrokerConfig;
use crate::limits;
use crate::partition::{Acks, OFFSETS_TOPIC, PartitionId};
use crate::random::Random;
use std::collections::VecDeque;
use std::fmt;
use tablog_group::{ClientContext, CoordinatorRecord, Decision, GroupConfig, GroupEvent, GroupReply, Shard};
use tablog_log::AppendOrigin;
use tablog_record::{BatchBuilder, Compression, Now, Offset, SortedMap, SortedSet, Uuid};
use tablog_wire::ErrorCode;

pub(crate) use loading::{Reading, read_done};
pub(crate) use topics::{TopicsChange, group_configured, topics_changed};

const SEGMENT_BYTES_MIN: u64 = 1 << 20;

/// One part of a request, as a shard is asked it.
pub(crate) type Act = Box<dyn FnOnce(&mut Shard, Now, tablog_group::ReplyTo) -> Decision>;

/// What a part was answered: by its shard, or for a shard that is gone.
pub(crate) type Answer = Result<GroupReply, ErrorCode>;

type Then = Box<dyn FnOnce(&mut Broker, Vec<Answer>)>;

#[derive(Debug)]
pub(crate) struct Coordinator {
    config: GroupConfig,
    random: Random,
    /// The topic whose partitions the shards are; `None` until there is one.
    topic: Option<Uuid>,
    shards: SortedMap<i32, ShardSlot>,
    next_load: u64,
    next_part: u64,
    /// Which request a part belongs to, and its place in it.
    parts: SortedMap<u64, (u64, usize)>,
    requests: SortedMap<u64, Request>,
    topics: topics::Watch,
    /// Requests that wait for a shard to be read.
    deferred: Vec<Context>,
}

#[derive(Debug)]
struct ShardSlot {
    /// Numbers the lives of a shard: what was asked of an earlier one is void.
    load: u64,
    shard: Shard,
    state: SlotState,
    /// Parts that the shard owes an answer, oldest first.
    owed: SortedSet<u64>,
    held: VecDeque<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SlotState {
    /// Replayed up to `next`.
    Loading {
        next: Offset,
    },
    Running,
    /// Its partition could not be read: tried again at this time.
    Failed {
        retry_ms: u64,
    },
}

/// What may be seen when the records before it are durable.
#[derive(Debug)]
struct Held {
    replies: Vec<(tablog_group::ReplyTo, GroupReply)>,
    events: Vec<GroupEvent>,
}

struct Request {
    answers: Vec<Option<Answer>>,
    then: Then,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("answers", &self.answers).finish_non_exhaustive()
    }
}

/// Decisions of a shard that wait for their commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    partition: i32,
    load: u64,
}

impl Coordinator {
    pub fn new(config: &BrokerConfig, seed: u64) -> Coordinator {
        Coordinator {
            config: config.group,
            random: Random::new(seed),
            topic: None,
            shards: SortedMap::new(),
            next_load: 0,
            next_part: 0,
            parts: SortedMap::new(),
            requests: SortedMap::new(),
            topics: topics::Watch::default(),
            deferred: Vec::new(),
        }
    }

    pub fn poll_timeout(&self) -> Option<u64> {
        let due = |slot: &ShardSlot| match slot.state {
            SlotState::Loading { .. } => None,
            SlotState::Running => slot.shard.poll_timeout(),
            SlotState::Failed { retry_ms } => Some(retry_ms),
        };
        self.shards.values().filter_map(due).min()
    }

    /// The partitions of `__consumer_offsets` as there were when it was opened: groups would be lost where
    /// that number changed under them.
    pub fn partitions(&self) -> impl Iterator<Item = i32> + '_ {
        self.shards.keys().copied()
    }

    /// The partition that owns a group; `None` while there is no `__consumer_offsets`.
    pub fn partition_of(&self, group_id: &str) -> Option<i32> {
        let count = i32::try_from(self.shards.len()).ok().filter(|&count| count > 0)?;
        Some(tablog_group::offsets_partition(group_id, count))
    }

    /// Those of the ids that belong to each partition, each once.
    pub fn by_partition<'a>(
        &self,
        group_ids: impl IntoIterator<Item = &'a String>,
    ) -> SortedMap<i32, Vec<String>> {
        let mut by_partition: SortedMap<i32, Vec<String>> = SortedMap::new();
        let once: SortedSet<&String> = group_ids.into_iter().collect();
        for group_id in once {
            if let Some(partition) = self.partition_of(group_id) {
                by_partition.entry(partition).or_default().push(group_id.clone());
            }
        }
        by_partition
    }
}

/// The settings that `__consumer_offsets` is made with.
pub(crate) fn topic_settings(broker: &Broker) -> SortedMap<String, String> {
    // The broker's setting may be any number, a topic's has a least one (KIP-1030).
    let segment_bytes = broker.config.offsets_topic_segment_bytes.max(SEGMENT_BYTES_MIN).to_string();
    [("cleanup.policy", "compact"), ("compression.type", "producer"), ("segment.bytes", &segment_bytes)]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into()
}

/// Every shard reads its partition from the start.
pub(crate) fn load(broker: &mut Broker) {
    let found = broker.image.topic(OFFSETS_TOPIC).map(|topic| (topic.id, topic.partitions.len() as i32));
    if found.map(|(id, _)| id) == broker.coordinator.topic {
        return;
    }
    let gone: Vec<i32> = broker.coordinator.partitions().collect();
    broker.coordinator.topic = found.map(|(id, _)| id);
    for partition in gone {
        let slot = broker.coordinator.shards.remove(&partition);
        slot.into_iter().for_each(|slot| disown(broker, slot));
    }
    for partition in 0..found.map_or(0, |(_, count)| count) {
        loading::start(broker, partition);
    }
}

/// Puts a request back while shards are being read. Every handler of a group's API asks first:
/// `if coordinator::deferred(broker, &context) { return }`.
pub(crate) fn deferred(broker: &mut Broker, context: &Context) -> bool {
    load(broker);
    if !broker.coordinator.shards.values().any(|slot| matches!(slot.state, SlotState::Loading { .. })) {
        return false;
    }
    if broker.coordinator.deferred.len() >= limits::DEFERRED_REQUESTS_MAX {
        broker.close(context.connection);
    } else {
        broker.coordinator.deferred.push(context.clone());
    }
    true
}

/// Who asks, as shards want to know it.
pub(crate) fn client(broker: &Broker, context: &Context) -> ClientContext {
    let connection = broker.connections.get(context.connection);
    ClientContext {
        client_id: context.client_id.clone(),
        client_host: connection.map(|connection| connection.peer.host.clone()).unwrap_or_default(),
        api_version: context.version,
    }
}

/// Asks the shard of one group.
pub(crate) fn ask(
    broker: &mut Broker,
    group_id: &str,
    act: impl FnOnce(&mut Shard, Now, tablog_group::ReplyTo) -> Decision + 'static,
    then: impl FnOnce(&mut Broker, Answer) + 'static,
) {
    let Some(partition) = broker.coordinator.partition_of(group_id) else {
        return then(broker, Err(ErrorCode::NotCoordinator));
    };
    ask_all(broker, vec![(partition, Box::new(act))], move |broker, mut answers| {
        let answer = answers.pop().unwrap_or(Err(ErrorCode::UnknownServerError));
        then(broker, answer);
    });
}

/// Asks several shards; `then` has the answers in the order of the parts.
pub(crate) fn ask_all(
    broker: &mut Broker,
    parts: Vec<(i32, Act)>,
    then: impl FnOnce(&mut Broker, Vec<Answer>) + 'static,
) {
    if parts.is_empty() {
        return then(broker, Vec::new());
    }
    let request = broker.coordinator.next_part;
    let numbered: Vec<(u64, (i32, Act))> = (request..).zip(parts).collect();
    broker.coordinator.next_part += numbered.len() as u64;
    let answers = numbered.iter().map(|_| None).collect();
    broker.coordinator.requests.insert(request, Request { answers, then: Box::new(then) });
    for (place, (part, _)) in numbered.iter().enumerate() {
        broker.coordinator.parts.insert(*part, (request, place));
    }
    topics::refresh(broker);
    let now = broker.now;
    for (part, (partition, act)) in numbered {
        let running = |slot: &&mut ShardSlot| slot.state == SlotState::Running;
        let Some(slot) = broker.coordinator.shards.get_mut(&partition).filter(running) else {
            answer(broker, part, Err(ErrorCode::CoordinatorNotAvailable));
            continue;
        };
        slot.owed.insert(part);
        let decision = act(&mut slot.shard, now, tablog_group::ReplyTo(part));
        apply(broker, partition, decision);
    }
}

pub(crate) fn handle_timeout(broker: &mut Broker, now: Now) {
    topics::refresh(broker);
    let partitions: Vec<i32> = broker.coordinator.partitions().collect();
    for partition in partitions {
        let is_due = |due_ms: Option<u64>| due_ms.is_some_and(|due_ms| due_ms <= now.monotonic_ms);
        while let Some(slot) = broker.coordinator.shards.get_mut(&partition) {
            match slot.state {
                SlotState::Running if is_due(slot.shard.poll_timeout()) => {
                    let decision = slot.shard.handle_timeout(now);
                    apply(broker, partition, decision);
                }
                SlotState::Failed { retry_ms } if retry_ms <= now.monotonic_ms => {
                    loading::start(broker, partition);
                }
                _ => break,
            }
        }
    }
}

/// Does what a shard decided: its records are appended and replayed, its replies held until they are durable.
fn apply(broker: &mut Broker, partition: i32, decision: Decision) {
    let Decision { records, replies, events } = decision;
    if !records.is_empty() && append(broker, partition, &records).is_err() {
        return restart(broker, partition);
    }
    let Some(slot) = broker.coordinator.shards.get_mut(&partition) else { return };
    for record in &records {
        if let Err(error) = slot.shard.replay(record) {
            unreachable!("a shard cannot read its own record: {error}");
        }
    }
    if records.is_empty() && replies.is_empty() && events.is_empty() {
        return;
    }
    let held = Held { replies, events };
    if records.is_empty() && slot.held.is_empty() {
        return release(broker, partition, held);
    }
    slot.held.push_back(held);
    let ticket = Ticket { partition, load: slot.load };
    let Some(id) = partition_id(broker, partition) else { return restart(broker, partition) };
    let tier = broker.partitions[&id].tier;
    if broker.pipeline(tier).wait(Waiter::Coordinator(ticket)).is_some() {
        durable(broker, ticket);
    }
}

fn partition_id(broker: &Broker, index: i32) -> Option<PartitionId> {
    let id = PartitionId { topic: broker.coordinator.topic?, index };
    broker.partitions.contains_key(&id).then_some(id)
}

/// Appends records in batches that are not much larger than a record has to be.
fn append(broker: &mut Broker, partition: i32, records: &[CoordinatorRecord]) -> Result<(), ErrorCode> {
    let now = broker.now;
    let mut rest = records.iter().peekable();
    while rest.peek().is_some() {
        let mut builder = BatchBuilder::new(Compression::None);
        while let Some(record) = rest.next_if(|_| builder.estimated_len() < limits::GROUP_BATCH_BYTES) {
            builder.append(now.wall, Some(&record.key), record.value.as_deref(), &[]);
        }
        let id = partition_id(broker, partition).ok_or(ErrorCode::NotCoordinator)?;
        let log = broker.partitions.get_mut(&id).ok_or(ErrorCode::NotCoordinator)?;
        let durability = log.durability_for(Acks::All);
        let appended = log.log.append(now, builder.build_batch(), AppendOrigin::Coordinator);
        broker.appended(id, appended.map_err(|_| ErrorCode::KafkaStorageError)?, durability);
    }
    Ok(())
}

/// What a ticket stands for is durable: its replies leave.
pub(crate) fn durable(broker: &mut Broker, ticket: Ticket) {
    let slot = broker.coordinator.shards.get_mut(&ticket.partition);
    let Some(slot) = slot.filter(|slot| slot.load == ticket.load) else { return };
    if matches!(slot.state, SlotState::Loading { .. }) {
        return loading::go_on(broker, ticket.partition);
    }
    if let Some(held) = slot.held.pop_front() {
        release(broker, ticket.partition, held);
    }
}

/// It is lost: the shard is made anew from what is durable.
pub(crate) fn failed(broker: &mut Broker, ticket: Ticket) {
    let slot = broker.coordinator.shards.get(&ticket.partition);
    if slot.is_some_and(|slot| slot.load == ticket.load) {
        restart(broker, ticket.partition);
    }
}

fn release(broker: &mut Broker, partition: i32, held: Held) {
    for event in held.events {
        feed::publish(broker, event);
    }
    for (part, reply) in held.replies {
        if let Some(slot) = broker.coordinator.shards.get_mut(&partition) {
            slot.owed.remove(&part.0);
        }
        answer(broker, part.0, Ok(reply));
    }
}

/// Drops a shard and reads it anew.
fn restart(broker: &mut Broker, partition: i32) {
    if let Some(slot) = broker.coordinator.shards.remove(&partition) {
        loading::start(broker, partition);
        disown(broker, slot);
    }
}

/// Whoever waits for a shard that is gone has to find the coordinator again.
fn disown(broker: &mut Broker, slot: ShardSlot) {
    for part in slot.owed {
        answer(broker, part, Err(ErrorCode::NotCoordinator));
    }
}

fn answer(broker: &mut Broker, part: u64, answer: Answer) {
    let Some((number, place)) = broker.coordinator.parts.remove(&part) else { return };
    let Some(request) = broker.coordinator.requests.get_mut(&number) else { return };
    request.answers[place] = Some(answer);
    if request.answers.iter().all(Option::is_some)
        && let Some(request) = broker.coordinator.requests.remove(&number)
    {
        (request.then)(broker, request.answers.into_iter().flatten().collect());
    }
}

/// Offsets in a topic go with it.
pub(crate) fn topic_deleted(broker: &mut Broker, topic: &str) {
    let partitions: Vec<i32> = broker.coordinator.partitions().collect();
    for partition in partitions {
        let running = |slot: &&mut ShardSlot| slot.state == SlotState::Running;
        if let Some(slot) = broker.coordinator.shards.get_mut(&partition).filter(running) {
            let decision = slot.shard.topic_deleted(topic);
            apply(broker, partition, decision);
        }
    }
    if topic == OFFSETS_TOPIC {
        load(broker);
    }
}
