//! `__tablog_events`: what happened inside, as JSON records that anyone can read like any other topic.
//!
//! The topic has one partition, lives in memory and is bounded. A record's value is one object with `at`
//! (milliseconds since 1970) and `kind`, and the fields of that kind as `Happening` lists them in snake case; its key
//! is the kind. Totals are published only when they changed, at most once a second; those of segments are told again
//! now and then while records are produced, since old records of this topic go.
//!
//! The topic never feeds itself: traffic on internal topics is not counted, a connection that only reads them is
//! not announced, and its own appends are no events.

use crate::broker::{Broker, Context};
use crate::connection::Connections;
use crate::event::ConnectionId;
use crate::json::{Json, Object, json_object};
use crate::partition::{EVENTS_TOPIC, Partition, PartitionId, is_internal};
use tablog_log::AppendOrigin;
use tablog_log::storage::Durability;
use tablog_record::{BatchBuilder, BatchHeader, Compression, SortedMap, stable_sort};
use tablog_wire::ApiKey;

/// Everything that is told, with its fields.
#[derive(Debug)]
pub(crate) enum Happening {
    ConnectionOpened {
        connection: u64,
        client_id: String,
        software_name: String,
        software_version: String,
        host: String,
    },
    ConnectionClosed {
        connection: u64,
        client_id: String,
    },
    ProduceTotals(Totals),
    FetchTotals(Totals),
    CommitTotals {
        commits: u64,
        bytes: u64,
        latency_p50_us: u64,
        latency_p99_us: u64,
    },
    /// How many segments each partition has now.
    SegmentTotals {
        topics: Vec<TopicSegments>,
    },
    MemberJoined {
        group: String,
        client_id: String,
        member_id: String,
        instance_id: Option<String>,
    },
    MemberLeft {
        group: String,
        client_id: String,
        member_id: String,
        reason: String,
    },
    MemberExpired {
        group: String,
        client_id: String,
        member_id: String,
        reason: String,
    },
    RebalanceStarted {
        group: String,
        reason: String,
    },
    GenerationCompleted {
        group: String,
        generation: i32,
        protocol: String,
        duration_ms: u64,
        /// By member id.
        assignment: SortedMap<String, MemberAssignment>,
    },
    /// A consumer group (KIP-848) starts over. `member_id` is the member on whose account, if there is one.
    GroupEpochBumped {
        group: String,
        epoch: i32,
        reason: String,
        member_id: Option<String>,
    },
    /// The broker has decided who is to own what in an epoch of a consumer group.
    TargetAssignmentComputed {
        group: String,
        epoch: i32,
        assignor: String,
        /// By member id. Empty where there is too much to tell.
        assignment: SortedMap<String, MemberAssignment>,
    },
    /// A member of a consumer group took a step towards its target. The state is `stable`,
    /// `unrevoked-partitions` (it has to let go of `pending_revocation` first) or `unreleased-partitions` (others have
    /// to let go of what it is still to get).
    MemberReconciled {
        group: String,
        client_id: String,
        member_id: String,
        epoch: i32,
        state: String,
        assigned: Vec<TopicAssignment>,
        pending_revocation: Vec<TopicAssignment>,
    },
    /// A group with members went over to the other protocol: `classic` or `consumer`.
    GroupConverted {
        group: String,
        group_type: String,
    },
    OffsetsExpired {
        group: String,
        topics: Vec<String>,
    },
    SegmentRolled {
        topic: String,
        partition: i32,
        base_offset: i64,
    },
    /// Retention or DeleteRecords moved a log's start.
    RecordsDeleted {
        topic: String,
        partition: i32,
        start_offset: i64,
        reason: String,
    },
    LogCompacted {
        topic: String,
        partition: i32,
        bytes_before: u64,
        bytes_after: u64,
    },
    /// Opening found an end that no commit had completed, and cut it off: nothing acknowledged was in it.
    LogTruncated {
        topic: String,
        partition: i32,
        end_offset: i64,
        bytes: u64,
    },
    TopicCreated {
        topic: String,
        topic_id: String,
    },
    TopicDeleted {
        topic: String,
    },
    StorageFault {
        fault: String,
        detail: String,
    },
}

#[derive(Debug)]
pub(crate) struct MemberAssignment {
    pub client_id: String,
    pub partitions: Vec<TopicAssignment>,
}

#[derive(Debug)]
pub(crate) struct TopicAssignment {
    pub topic: String,
    pub partitions: Vec<i32>,
}

#[derive(Debug)]
pub(crate) struct TopicSegments {
    pub topic: String,
    /// By partition, from 0 on.
    pub segments: Vec<i32>,
}

/// Since the last of its kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub records: u64,
    pub bytes: u64,
    pub requests: u64,
    pub topics: SortedMap<String, TopicTotals>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TopicTotals {
    pub records: u64,
    pub bytes: u64,
}

json_object!(MemberAssignment: client_id, partitions);
json_object!(TopicAssignment: topic, partitions);
json_object!(TopicSegments: topic, segments);
json_object!(TopicTotals: records, bytes);

impl Happening {
    /// One object: when, what, and its fields.
    fn json(&self, at: i64) -> String {
        let mut out = String::new();
        let mut object = Object::begin(&mut out);
        object.field("at", &at);
        macro_rules! tell {
            ($kind:literal: $($field:ident),*) => {
                for (name, value) in [("kind", &$kind as &dyn Json), $((stringify!($field), $field)),*] {
                    object.field(name, value);
                }
            };
        }
        match self {
            Happening::ConnectionOpened { connection, client_id, software_name, software_version, host } => {
                tell!("connection_opened": connection, client_id, software_name, software_version, host)
            }
            Happening::ConnectionClosed { connection, client_id } => {
                tell!("connection_closed": connection, client_id)
            }
            Happening::ProduceTotals(Totals { records, bytes, requests, topics }) => {
                tell!("produce_totals": records, bytes, requests, topics)
            }
            Happening::FetchTotals(Totals { records, bytes, requests, topics }) => {
                tell!("fetch_totals": records, bytes, requests, topics)
            }
            Happening::CommitTotals { commits, bytes, latency_p50_us, latency_p99_us } => {
                tell!("commit_totals": commits, bytes, latency_p50_us, latency_p99_us)
            }
            Happening::SegmentTotals { topics } => tell!("segment_totals": topics),
            Happening::MemberJoined { group, client_id, member_id, instance_id } => {
                tell!("member_joined": group, client_id, member_id, instance_id)
            }
            Happening::MemberLeft { group, client_id, member_id, reason } => {
                tell!("member_left": group, client_id, member_id, reason)
            }
            Happening::MemberExpired { group, client_id, member_id, reason } => {
                tell!("member_expired": group, client_id, member_id, reason)
            }
            Happening::RebalanceStarted { group, reason } => tell!("rebalance_started": group, reason),
            Happening::GenerationCompleted { group, generation, protocol, duration_ms, assignment } => {
                tell!("generation_completed": group, generation, protocol, duration_ms, assignment)
            }
            Happening::GroupEpochBumped { group, epoch, reason, member_id } => {
                tell!("group_epoch_bumped": group, epoch, reason, member_id)
            }
            Happening::TargetAssignmentComputed { group, epoch, assignor, assignment } => {
                tell!("target_assignment_computed": group, epoch, assignor, assignment)
            }
            Happening::MemberReconciled {
                group,
                client_id,
                member_id,
                epoch,
                state,
                assigned,
                pending_revocation,
            } => {
                tell!("member_reconciled": group, client_id, member_id, epoch, state, assigned, pending_revocation)
            }
            Happening::GroupConverted { group, group_type } => tell!("group_converted": group, group_type),
            Happening::OffsetsExpired { group, topics } => tell!("offsets_expired": group, topics),
            Happening::SegmentRolled { topic, partition, base_offset } => {
                tell!("segment_rolled": topic, partition, base_offset)
            }
            Happening::RecordsDeleted { topic, partition, start_offset, reason } => {
                tell!("records_deleted": topic, partition, start_offset, reason)
            }
            Happening::LogCompacted { topic, partition, bytes_before, bytes_after } => {
                tell!("log_compacted": topic, partition, bytes_before, bytes_after)
            }
            Happening::LogTruncated { topic, partition, end_offset, bytes } => {
                tell!("log_truncated": topic, partition, end_offset, bytes)
            }
            Happening::TopicCreated { topic, topic_id } => tell!("topic_created": topic, topic_id),
            Happening::TopicDeleted { topic } => tell!("topic_deleted": topic),
            Happening::StorageFault { fault, detail } => tell!("storage_fault": fault, detail),
        }
        object.end();
        out
    }
}

impl Totals {
    fn add(&mut self, topic: &str, records: u64, bytes: usize) {
        self.records += records;
        self.bytes += bytes as u64;
        self.requests += 1;
        if !self.topics.contains_key(topic) {
            self.topics.insert(topic.to_string(), TopicTotals::default());
        }
        let of_topic = self.topics.get_mut(topic).expect("just inserted");
        of_topic.records += records;
        of_topic.bytes += bytes as u64;
    }
}

/// Counts between two totals.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    produced: Totals,
    fetched: Totals,
    commits: u64,
    commit_bytes: u64,
    commit_us: Vec<u64>,
    last_ms: Option<u64>,
    opened: Vec<ConnectionId>,
    /// None: there are more or fewer of them than was told.
    segments_told_ms: Option<u64>,
}

/// Totals are published at most this often.
const TOTALS_INTERVAL_MS: u64 = 1_000;

/// Numbers of segments are told again after this long, if records are produced.
const SEGMENTS_INTERVAL_MS: u64 = 60_000;

/// Latencies that are remembered for the percentiles of one total.
const LATENCIES_MAX: usize = 10_000;

impl Meter {
    pub fn produced(&mut self, topic: &str, records: i64, bytes: usize) {
        if !is_internal(topic) {
            self.produced.add(topic, records as u64, bytes);
        }
    }

    pub fn fetched(&mut self, _connection: ConnectionId, topic: &str, batches: &[u8]) {
        if is_internal(topic) {
            return;
        }
        let mut rest = batches;
        let mut records = 0;
        while let Ok(Some(header)) = BatchHeader::peek(rest) {
            let size = header.batch_len;
            if size > rest.len() {
                break;
            }
            records += u64::from(header.record_count.unsigned_abs());
            rest = &rest[size..];
        }
        self.fetched.add(topic, records, batches.len());
    }

    pub fn committed(&mut self, bytes: usize, took_us: u64) {
        self.commits += 1;
        self.commit_bytes += bytes as u64;
        if self.commit_us.len() < LATENCIES_MAX {
            self.commit_us.push(took_us);
        }
    }

    /// Takes notice of a request. A connection is announced with the first that is not reading or asking around:
    /// one that produces, joins a group or changes something.
    pub fn request(&mut self, connections: &mut Connections, context: &Context) {
        let Some(connection) = connections.get_mut(context.connection) else { return };
        if connection.client_id.is_empty() {
            connection.client_id.clone_from(&context.client_id);
        }
        let speaks = matches!(
            context.api,
            ApiKey::Produce
                | ApiKey::JoinGroup
                | ApiKey::ConsumerGroupHeartbeat
                | ApiKey::OffsetCommit
                | ApiKey::CreateTopics
                | ApiKey::DeleteTopics
                | ApiKey::InitProducerId
        );
        if speaks && !connection.announced {
            connection.announced = true;
            self.opened.push(context.connection);
        }
    }

    pub fn segments_changed(&mut self) {
        self.segments_told_ms = None;
    }

    /// When totals are due, if anything changed.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.has_news().then(|| self.last_ms.map_or(0, |last_ms| last_ms + TOTALS_INTERVAL_MS))
    }

    fn has_news(&self) -> bool {
        self.produced.requests > 0
            || self.fetched.requests > 0
            || !self.opened.is_empty()
            || self.segments_told_ms.is_none()
    }

    fn take_due(&mut self, now_ms: u64, segments: impl FnOnce() -> Happening) -> Vec<Happening> {
        if self.poll_timeout().is_none_or(|due_ms| due_ms > now_ms) {
            return Vec::new();
        }
        self.last_ms = Some(now_ms);
        let mut due = Vec::new();
        let is_old = |told_ms: u64| self.produced.requests > 0 && told_ms + SEGMENTS_INTERVAL_MS <= now_ms;
        if self.segments_told_ms.is_none_or(is_old) {
            self.segments_told_ms = Some(now_ms);
            due.push(segments());
        }
        if self.produced.requests > 0 {
            due.push(Happening::ProduceTotals(std::mem::take(&mut self.produced)));
            due.push(self.take_commits());
        }
        if self.fetched.requests > 0 {
            due.push(Happening::FetchTotals(std::mem::take(&mut self.fetched)));
        }
        due
    }

    fn take_commits(&mut self) -> Happening {
        let mut latencies = std::mem::take(&mut self.commit_us);
        stable_sort(&mut latencies);
        let at =
            |percent: usize| latencies.get((latencies.len() * percent / 100).min(latencies.len().max(1) - 1));
        Happening::CommitTotals {
            commits: std::mem::take(&mut self.commits),
            bytes: std::mem::take(&mut self.commit_bytes),
            latency_p50_us: at(50).copied().unwrap_or(0),
            latency_p99_us: at(99).copied().unwrap_or(0),
        }
    }
}

/// The settings under which the topic is made.
pub(crate) fn topic_settings() -> SortedMap<String, String> {
    let settings =
        [("tablog.storage", "memory"), ("retention.bytes", "2097152"), ("segment.bytes", "1048576")];
    settings.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

pub(crate) fn handle_timeout(broker: &mut Broker) {
    let now_ms = broker.now.monotonic_ms;
    let partitions = &broker.partitions;
    let due = broker.meter.take_due(now_ms, || segment_totals(partitions));
    for id in std::mem::take(&mut broker.meter.opened) {
        let Some(connection) = broker.connections.get(id) else { continue };
        let opened = Happening::ConnectionOpened {
            connection: id.0,
            client_id: connection.client_id.clone(),
            software_name: connection.software_name.clone(),
            software_version: connection.software_version.clone(),
            host: connection.peer.host.clone(),
        };
        broker.publish(opened);
    }
    due.into_iter().for_each(|happening| broker.publish(happening));
}

fn segment_totals(partitions: &SortedMap<PartitionId, Partition>) -> Happening {
    let mut topics: Vec<TopicSegments> = Vec::new();
    let mut last = None;
    for (id, partition) in partitions {
        if last != Some(id.topic) {
            last = Some(id.topic);
            topics.push(TopicSegments { topic: partition.topic.to_string(), segments: Vec::new() });
        }
        if let Some(of_topic) = topics.last_mut() {
            of_topic.segments.push(partition.log.segments().count() as i32);
        }
    }
    Happening::SegmentTotals { topics }
}

impl Broker {
    /// Appends to the feed, where there is one. Nobody waits for it.
    pub(crate) fn publish(&mut self, happening: Happening) {
        if !self.config.events_enable || !self.phase.is_running() {
            return;
        }
        let Some(topic) = self.image.topic(EVENTS_TOPIC) else { return };
        let id = PartitionId { topic: topic.id, index: 0 };
        let now = self.now;
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(now.wall, None, Some(happening.json(now.wall.0).as_bytes()), &[]);
        let batch = builder.build_batch();
        if let Ok(appended) = partition.log.append(now, batch, AppendOrigin::Coordinator) {
            // Rolls of the feed itself are no events.
            self.appended(id, tablog_log::Appended { rolled: None, ..appended }, Durability::Relaxed);
        }
    }
}
