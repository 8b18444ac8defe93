//! What happened, as `__tablog_events` tells it: JSON records, read leniently (an unknown kind is passed over), kept as
//! facts; the narrator's sentence is chosen when it is drawn.

use crate::model::epochs::Step;
use crate::model::generations::{self, Generation, Ownership, Why};
use crate::model::limits::FEED_ENTRIES_MAX;
use crate::model::message::Message;
use crate::model::packing::packed_enum;
use crate::model::quantity;
use crate::model::snapshot::{Snapshot, TopicPartition};
use serde_json::Value;
use std::collections::VecDeque;
use tablog_record::SortedMap;

/// One event, as far as the page knows what to do with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    ConnectionOpened {
        client: String,
        software: String,
    },
    Joined {
        group: String,
        client: String,
        member_id: String,
    },
    Left {
        group: String,
        client: String,
        member_id: String,
        expired: bool,
    },
    RebalanceStarted {
        group: String,
        reason: String,
    },
    Completed {
        group: String,
        generation: Generation,
    },
    /// A consumer group begins an epoch.
    EpochBumped {
        group: String,
        epoch: i32,
    },
    /// The broker decided who is to own what in an epoch: the generation says what is aimed at.
    TargetComputed {
        group: String,
        generation: Generation,
    },
    /// A member of a consumer group took a step towards its target.
    Reconciled {
        group: String,
        epoch: i32,
        step: Step,
    },
    /// A group with members went over to the other protocol.
    Converted {
        group: String,
        kind: String,
    },
    OffsetsExpired {
        group: String,
    },
    Deleted {
        partition: TopicPartition,
        start: i64,
        reason: String,
    },
    Rolled {
        partition: TopicPartition,
        base: i64,
    },
    Compacted {
        partition: TopicPartition,
        before: u64,
        after: u64,
    },
    TopicCreated {
        topic: String,
        partitions: i64,
    },
    TopicDeleted {
        topic: String,
    },
    StorageFault {
        detail: String,
    },
    Commits {
        commits: f64,
        p50_us: f64,
        p99_us: f64,
    },
    /// By topic: how many each partition has.
    Segments(Vec<(String, Vec<u64>)>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at_ms: i64,
    /// A rebalance has a short rule above it.
    pub major: bool,
    pub say: Say,
}

/// What a line of the feed says; tiles are coloured when it is drawn, since colours are counted through topics.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    Plain(Message),
    /// Segments roll in bunches: one line for those of a topic that follow each other.
    Rolled {
        topic: String,
        segments: u32,
    },
    Generation {
        group: String,
        generation: Generation,
        cause: Option<(String, Cause)>,
    },
    /// Of a consumer group: the generation is the target of an epoch.
    Epoch {
        group: String,
        generation: Generation,
        cause: Option<(String, Cause)>,
    },
    Revoking {
        group: String,
        step: Step,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Joined,
    Left,
    Expired,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    entries: VecDeque<Entry>,
    causes: SortedMap<String, (String, Cause)>,
    segments: Vec<(String, Vec<u64>)>,
}

impl Event {
    pub fn parse(json: &[u8]) -> Option<(i64, Event)> {
        let v: Value = serde_json::from_slice(json).ok()?;
        let text = |name: &str| v.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |name: &str| v.get(name).and_then(Value::as_f64).unwrap_or_default();
        let partition = || TopicPartition::new(text("topic"), number("partition") as i32);
        let client = || if text("client_id").is_empty() { text("member_id") } else { text("client_id") };
        let at_ms = v.get("at").and_then(Value::as_i64)?;
        let event = match v.get("kind")?.as_str()? {
            "connection_opened" => {
                let software = format!("{} {}", text("software_name"), text("software_version"));
                Event::ConnectionOpened { client: text("client_id"), software: software.trim().to_owned() }
            }
            "member_joined" => {
                Event::Joined { group: text("group"), client: client(), member_id: text("member_id") }
            }
            left @ ("member_left" | "member_expired") => Event::Left {
                group: text("group"),
                client: client(),
                member_id: text("member_id"),
                expired: left == "member_expired",
            },
            "rebalance_started" => Event::RebalanceStarted { group: text("group"), reason: text("reason") },
            "generation_completed" => {
                Event::Completed { group: text("group"), generation: generation(&v, at_ms) }
            }
            "group_epoch_bumped" => {
                Event::EpochBumped { group: text("group"), epoch: number("epoch") as i32 }
            }
            "target_assignment_computed" => {
                Event::TargetComputed { group: text("group"), generation: generation(&v, at_ms) }
            }
            "member_reconciled" => Event::Reconciled {
                group: text("group"),
                epoch: number("epoch") as i32,
                step: Step {
                    member_id: text("member_id"),
                    client: client(),
                    owned: partitions(v.get("assigned")),
                    revoking: partitions(v.get("pending_revocation")),
                },
            },
            "group_converted" => Event::Converted { group: text("group"), kind: text("group_type") },
            "offsets_expired" => Event::OffsetsExpired { group: text("group") },
            "segment_rolled" => Event::Rolled { partition: partition(), base: number("base_offset") as i64 },
            "segments_deleted" | "records_deleted" => Event::Deleted {
                partition: partition(),
                start: number("start_offset") as i64,
                reason: text("reason"),
            },
            "log_compacted" => Event::Compacted {
                partition: partition(),
                before: number("bytes_before") as u64,
                after: number("bytes_after") as u64,
            },
            "topic_created" => {
                Event::TopicCreated { topic: text("topic"), partitions: number("partitions") as i64 }
            }
            "topic_deleted" => Event::TopicDeleted { topic: text("topic") },
            "storage_fault" => Event::StorageFault { detail: text("detail") },
            "commit_totals" => Event::Commits {
                commits: number("commits"),
                p50_us: number("latency_p50_us"),
                p99_us: number("latency_p99_us"),
            },
            "segment_totals" => Event::Segments(segments(&v)),
            _ => return None,
        };
        Some((at_ms, event))
    }
}

fn segments(v: &Value) -> Vec<(String, Vec<u64>)> {
    let mut topics = Vec::new();
    for of_topic in v.get("topics").and_then(Value::as_array).into_iter().flatten() {
        let Some(topic) = of_topic.get("topic").and_then(Value::as_str) else { continue };
        let counts = of_topic.get("segments").and_then(Value::as_array).into_iter().flatten();
        topics.push((topic.to_owned(), counts.map(|n| n.as_u64().unwrap_or_default()).collect()));
    }
    topics
}

/// `[{"topic": …, "partitions": […]}]`
fn partitions(list: Option<&Value>) -> Vec<TopicPartition> {
    let mut partitions = Vec::new();
    for entry in list.and_then(Value::as_array).into_iter().flatten() {
        let topic = entry.get("topic").and_then(Value::as_str).unwrap_or_default();
        for partition in entry.get("partitions").and_then(Value::as_array).into_iter().flatten() {
            partitions.push(TopicPartition::new(topic, partition.as_i64().unwrap_or_default() as i32));
        }
    }
    partitions.sort();
    partitions
}

/// A generation of a classic group, or an epoch of a consumer group.
fn generation(v: &Value, at_ms: i64) -> Generation {
    let assignment = v.get("assignment").and_then(Value::as_object);
    let client =
        |member: &Value| member.get("client_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let clients: Vec<String> = assignment.into_iter().flatten().map(|(_, member)| client(member)).collect();
    let mut owners = Ownership::new();
    for (member_id, member) in assignment.into_iter().flatten() {
        let client = client(member);
        let name = generations::name_among(&client, member_id, clients.iter());
        owners.insert(name, partitions(member.get("partitions")));
    }
    let number = v.get("generation").or_else(|| v.get("epoch")).and_then(Value::as_i64);
    let assignor = v.get("protocol").or_else(|| v.get("assignor")).and_then(Value::as_str);
    Generation {
        number: number.map(|n| n as i32),
        from_ms: at_ms,
        stopped_ms: v.get("duration_ms").and_then(Value::as_i64).unwrap_or_default(),
        assignor: assignor.unwrap_or_default().to_owned(),
        owners,
    }
}

impl Feed {
    pub fn observe(&mut self, at_ms: i64, event: &Event) {
        let message = match event {
            Event::Joined { group, client, .. } => {
                self.causes.insert(group.clone(), (client.clone(), Cause::Joined));
                return;
            }
            Event::Left { group, client, expired, .. } => {
                let (key, cause) =
                    if *expired { ("feed-expired", Cause::Expired) } else { ("feed-left", Cause::Left) };
                self.causes.insert(group.clone(), (client.clone(), cause));
                Message { key, arguments: Vec::new() }.text("client", client).text("group", group)
            }
            Event::Completed { group, generation } => {
                let cause = self.causes.remove(group);
                let say = Say::Generation { group: group.clone(), generation: generation.clone(), cause };
                self.push(Entry { at_ms, major: generation.stopped_ms > 0, say });
                return;
            }
            Event::TargetComputed { group, generation } => {
                let cause = self.causes.remove(group);
                let say = Say::Epoch { group: group.clone(), generation: generation.clone(), cause };
                self.push(Entry { at_ms, major: false, say });
                return;
            }
            Event::Reconciled { group, step, .. } if !step.revoking.is_empty() => {
                let say = Say::Revoking { group: group.clone(), step: step.clone() };
                self.push(Entry { at_ms, major: false, say });
                return;
            }
            Event::Converted { group, kind } => {
                let key = if kind == "consumer" { "feed-upgraded" } else { "feed-downgraded" };
                Message { key, arguments: Vec::new() }.text("group", group)
            }
            Event::OffsetsExpired { group } => Message::new("feed-offsets-expired").text("group", group),
            Event::Deleted { partition, start, .. } => Message::new("feed-records-deleted")
                .text("topic", &partition.topic)
                .number("partition", f64::from(partition.partition))
                .number("start", *start as f64),
            Event::Rolled { partition, .. } => return self.rolled(at_ms, &partition.topic),
            Event::TopicCreated { topic, partitions: 0 } => {
                Message::new("feed-topic-created-plain").text("topic", topic)
            }
            Event::TopicCreated { topic, partitions } => Message::new("feed-topic-created")
                .text("topic", topic)
                .number("partitions", *partitions as f64),
            Event::Compacted { partition, before, after } => Message::new("feed-compacted")
                .text("topic", &partition.topic)
                .number("partition", f64::from(partition.partition))
                .message("before", quantity::bytes(*before))
                .message("after", quantity::bytes(*after)),
            Event::TopicDeleted { topic } => Message::new("feed-topic-deleted").text("topic", topic),
            Event::StorageFault { detail } => Message::new("feed-storage-fault").text("detail", detail),
            Event::Segments(topics) => {
                self.segments.clone_from(topics);
                return;
            }
            Event::ConnectionOpened { .. }
            | Event::RebalanceStarted { .. }
            | Event::EpochBumped { .. }
            | Event::Reconciled { .. }
            | Event::Commits { .. } => return,
        };
        self.push(Entry { at_ms, major: false, say: Say::Plain(message) });
    }

    fn rolled(&mut self, at_ms: i64, topic: &str) {
        if let Some(Entry { say: Say::Rolled { topic: last, segments }, at_ms: last_ms, .. }) =
            self.entries.front_mut()
            && last == topic
        {
            *segments += 1;
            *last_ms = at_ms;
            return;
        }
        let say = Say::Rolled { topic: topic.to_owned(), segments: 1 };
        self.push(Entry { at_ms, major: false, say });
    }

    /// Something that the page worked out from readings.
    pub fn push(&mut self, entry: Entry) {
        if self.entries.front() == Some(&entry) {
            return;
        }
        self.entries.push_front(entry);
        self.entries.truncate(FEED_ENTRIES_MAX);
    }

    pub fn cause(&self, group: &str) -> Option<&(String, Cause)> {
        self.causes.get(group)
    }

    /// How many segments a partition has, as the broker told it last.
    pub fn segments(&self, at: &TopicPartition) -> Option<u64> {
        let (_, counts) = self.segments.iter().find(|(topic, _)| *topic == at.topic)?;
        counts.get(usize::try_from(at.partition).ok()?).copied()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

impl Say {
    pub fn message(&self, s: &Snapshot) -> Message {
        match self {
            Say::Plain(message) => message.clone(),
            Say::Rolled { topic, segments } => {
                Message::new("feed-segments-rolled").text("topic", topic).number("n", f64::from(*segments))
            }
            Say::Generation { group, generation, cause } => {
                generation_sentence(s, group, generation, cause.as_ref())
            }
            Say::Epoch { group, generation, cause } => epoch_sentence(s, group, generation, cause.as_ref()),
            Say::Revoking { group, step } => Message::new("feed-revoking")
                .text("client", &step.client)
                .text("group", group)
                .tiles("tiles", step.revoking.iter().map(|p| s.tile(p)).collect()),
        }
    }
}

fn generation_sentence(
    s: &Snapshot,
    group: &str,
    g: &Generation,
    cause: Option<&(String, Cause)>,
) -> Message {
    let number = f64::from(g.number.unwrap_or(0));
    let joined = cause.filter(|(_, cause)| *cause == Cause::Joined).and_then(|(client, _)| {
        g.owners.get(client).filter(|owned| !owned.is_empty()).map(|owned| (client, owned))
    });
    let sentence = match joined {
        Some((client, owned)) => Message::new("feed-generation-joined")
            .text("client", client)
            .tiles("tiles", owned.iter().map(|p| s.tile(p)).collect()),
        None if g.owners.is_empty() => Message::new("feed-generation-empty"),
        None => Message::new("feed-generation").number("members", g.owners.len() as f64),
    };
    let stopped = match g.stopped_ms {
        ..=0 => Message::new("nothing"),
        ms => Message::new("feed-stopped").message("duration", quantity::seconds(ms)),
    };
    sentence
        .text("group", group)
        .number("generation", number)
        .text("assignor", &g.assignor)
        .message("stopped", stopped)
}

fn epoch_sentence(s: &Snapshot, group: &str, g: &Generation, cause: Option<&(String, Cause)>) -> Message {
    let joined = cause.filter(|(_, cause)| *cause == Cause::Joined).and_then(|(client, _)| {
        g.owners.get(client).filter(|owned| !owned.is_empty()).map(|owned| (client, owned))
    });
    let sentence = match joined {
        Some((client, owned)) => Message::new("feed-epoch-joined")
            .text("client", client)
            .tiles("tiles", owned.iter().map(|p| s.tile(p)).collect()),
        None if g.owners.is_empty() => Message::new("feed-epoch-empty"),
        None => Message::new("feed-epoch").number("members", g.owners.len() as f64),
    };
    sentence
        .text("group", group)
        .number("epoch", f64::from(g.number.unwrap_or(0)))
        .text("assignor", &g.assignor)
}

/// How a departure is remembered in a group's history.
pub fn why(expired: bool) -> Why {
    if expired { Why::Expired } else { Why::Left }
}

packed_enum! {
    Event {
        0 ConnectionOpened { client, software },
        1 Joined { group, client, member_id },
        2 Left { group, client, member_id, expired },
        3 RebalanceStarted { group, reason },
        4 Completed { group, generation },
        5 OffsetsExpired { group },
        6 Deleted { partition, start, reason },
        7 Rolled { partition, base },
        8 Compacted { partition, before, after },
        9 TopicCreated { topic, partitions },
        10 TopicDeleted { topic },
        11 StorageFault { detail },
        12 Commits { commits, p50_us, p99_us },
        13 Segments(topics),
        14 EpochBumped { group, epoch },
        15 TargetComputed { group, generation },
        16 Reconciled { group, epoch, step },
        17 Converted { group, kind },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_and_broken_records_are_passed_over() {
        assert_eq!(Event::parse(b"{\"at\":1,\"kind\":\"from_the_future\"}"), None);
        assert_eq!(Event::parse(b"\xff not json"), None);
        assert_eq!(Event::parse(b"{\"kind\":\"topic_deleted\"}"), None);
    }

    #[test]
    fn segments_are_as_they_were_told_last() {
        let mut feed = Feed::default();
        for counts in ["[1,2]", "[1,3]"] {
            let json = format!(
                r#"{{"at":5,"kind":"segment_totals","topics":[{{"topic":"t","segments":{counts}}}]}}"#
            );
            let (at, event) = Event::parse(json.as_bytes()).unwrap();
            feed.observe(at, &event);
        }
        assert_eq!(feed.segments(&TopicPartition::new("t", 1)), Some(3));
        assert_eq!(feed.segments(&TopicPartition::new("t", 2)), None);
        assert_eq!(feed.segments(&TopicPartition::new("u", 0)), None);
    }

    #[test]
    fn a_join_becomes_one_sentence_with_its_generation() {
        let mut feed = Feed::default();
        let json = br#"{"at":5,"kind":"generation_completed","group":"g","generation":4,"protocol":"range","duration_ms":900,
            "assignment":{"c3-x":{"client_id":"c3","partitions":[{"topic":"flights","partitions":[5,4]}]}}}"#;
        feed.observe(4, &Event::Joined { group: "g".into(), client: "c3".into(), member_id: "c3-x".into() });
        let (at, event) = Event::parse(json).unwrap();
        feed.observe(at, &event);
        let entry = feed.entries().next().unwrap();
        assert!(entry.major);
        let message = entry.say.message(&Snapshot::default());
        assert_eq!(message.key, "feed-generation-joined");
    }
}
