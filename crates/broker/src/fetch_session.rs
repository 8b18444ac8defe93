//! Fetch sessions (KIP-227): a consumer names its partitions once, then only what changed.
//!
//! ```text
//!  session id  epoch   means
//!      0         0     full fetch, make a session if there is room
//!      0        -1     full fetch, no session
//!      n         0     full fetch, session n is replaced
//!      n        -1     full fetch, session n is closed
//!      n       e > 0   incremental: e must be the epoch that the last reply left
//! ```

use crate::limits;
use crate::random::Random;
use tablog_record::{PartitionIndex, SortedMap, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::fetch_request::{FetchRequest, FetchTopic, ForgottenTopic};

/// What a fetch asks of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub topic: String,
    pub topic_id: Uuid,
    pub index: PartitionIndex,
    pub current_leader_epoch: i32,
    pub last_fetched_epoch: i32,
    pub fetch_offset: i64,
    pub max_bytes: i32,
}

/// What the last reply of a session told of a partition; a partition of which nothing new is to be told is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub high_watermark: i64,
    pub log_start_offset: i64,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    uses_topic_ids: TopicNaming,
    targets: Vec<(Target, Option<Told>)>,
    used_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TopicNaming {
    ByName,
    ById,
}

#[derive(Debug)]
pub(crate) struct FetchSessions {
    slots: usize,
    sessions: SortedMap<i32, Session>,
}

/// How one request is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Every partition; the reply carries this session id (0: none).
    Full { session: i32 },
    /// Only what changed since the last reply of the session.
    Incremental { session: i32 },
}

/// A session that nobody used for so long may be evicted for a new one.
const IDLE_MS: u64 = 120_000;

impl FetchSessions {
    pub fn new(slots: usize) -> FetchSessions {
        FetchSessions { slots, sessions: SortedMap::new() }
    }

    /// Reads a request's targets, keeping the session that it belongs to.
    pub fn open(
        &mut self,
        now_ms: u64,
        random: &mut Random,
        version: i16,
        request: FetchRequest,
    ) -> Result<(Style, Vec<Target>), ErrorCode> {
        let naming = if version >= 13 { TopicNaming::ById } else { TopicNaming::ByName };
        let (id, epoch) = (request.session_id, request.session_epoch);
        if version < 7 || epoch == -1 || epoch == 0 {
            if id != 0 {
                self.sessions.remove(&id);
            }
            let targets = targets(request.topics);
            let make = version >= 7 && epoch == 0;
            let session = if make { self.make(now_ms, random, naming, &targets) } else { 0 };
            return Ok((Style::Full { session }, targets));
        }
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_topic_ids != naming {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        session.used_ms = now_ms;
        session.epoch = next_epoch(epoch);
        session.forget(&request.forgotten_topics_data);
        session.update(targets(request.topics));
        Ok((
            Style::Incremental { session: id },
            session.targets.iter().map(|(target, _)| target.clone()).collect(),
        ))
    }

    /// Whether a reply of the session must speak of a partition; remembers what was told. Partitions with records go
    /// to the end, so that none starves behind a busy one.
    pub fn tell(&mut self, style: Style, target: &Target, told: Told, content: Content) -> Tell {
        let (Style::Full { session: id } | Style::Incremental { session: id }) = style;
        let Some(session) = self.sessions.get_mut(&id) else { return Tell::Yes };
        let Some(place) = session.targets.iter().position(|(known, _)| known.same_partition(target)) else {
            return Tell::Yes;
        };
        let before = session.targets[place].1.replace(told);
        match content {
            Content::Records => {
                let moved = session.targets.remove(place);
                session.targets.push(moved);
                Tell::Yes
            }
            Content::Error => {
                session.targets[place].1 = None;
                Tell::Yes
            }
            Content::Nothing if matches!(style, Style::Full { .. }) || before != Some(told) => Tell::Yes,
            Content::Nothing => Tell::No,
        }
    }

    fn make(&mut self, now_ms: u64, random: &mut Random, naming: TopicNaming, targets: &[Target]) -> i32 {
        let held: usize = self.sessions.values().map(|session| session.targets.len()).sum();
        if self.slots == 0 || held + targets.len() > limits::FETCH_SESSION_PARTITIONS_MAX {
            return 0;
        }
        if self.sessions.len() >= self.slots {
            let oldest = self.sessions.iter().min_by_key(|(_, session)| session.used_ms);
            let Some((&id, session)) = oldest else { return 0 };
            if now_ms.saturating_sub(session.used_ms) < IDLE_MS {
                return 0;
            }
            self.sessions.remove(&id);
        }
        loop {
            let id = (random.next() & 0x7fff_ffff) as i32;
            if id != 0 && !self.sessions.contains_key(&id) {
                let targets = targets.iter().map(|target| (target.clone(), None)).collect();
                let session = Session { epoch: 1, uses_topic_ids: naming, targets, used_ms: now_ms };
                self.sessions.insert(id, session);
                return id;
            }
        }
    }
}

/// What a reply has of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Records,
    Error,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    Yes,
    No,
}

impl Session {
    fn forget(&mut self, forgotten: &[ForgottenTopic]) {
        for topic in forgotten {
            self.targets.retain(|(target, _)| {
                let same = target.topic == topic.topic && target.topic_id == topic.topic_id;
                !(same && topic.partitions.contains(&target.index))
            });
        }
    }

    fn update(&mut self, targets: Vec<Target>) {
        for target in targets {
            match self.targets.iter().position(|(known, _)| known.same_partition(&target)) {
                Some(place) => self.targets[place].0 = target,
                None if self.targets.len() < limits::FETCH_SESSION_PARTITIONS_MAX => {
                    self.targets.push((target, None))
                }
                None => {}
            }
        }
    }
}

impl Target {
    fn same_partition(&self, other: &Target) -> bool {
        self.index == other.index && self.topic_id == other.topic_id && self.topic == other.topic
    }
}

fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

fn targets(topics: Vec<FetchTopic>) -> Vec<Target> {
    let mut targets = Vec::new();
    for topic in topics {
        for partition in topic.partitions {
            targets.push(Target {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                index: partition.partition,
                current_leader_epoch: partition.current_leader_epoch.max(-1),
                last_fetched_epoch: partition.last_fetched_epoch,
                fetch_offset: partition.fetch_offset,
                max_bytes: partition.partition_max_bytes,
            });
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_wire::messages::fetch_request::FetchPartition;

    fn request(session_id: i32, session_epoch: i32, partitions: &[(i32, i64)]) -> FetchRequest {
        let partitions = partitions
            .iter()
            .map(|&(partition, fetch_offset)| FetchPartition {
                partition,
                fetch_offset,
                ..Default::default()
            })
            .collect();
        let topic = FetchTopic { topic: "t".into(), partitions, ..Default::default() };
        FetchRequest { session_id, session_epoch, topics: vec![topic], ..Default::default() }
    }

    #[test]
    fn a_session_remembers_partitions_and_counts_its_epochs() {
        let (mut sessions, mut random) = (FetchSessions::new(1), Random::new(1));
        let (style, targets) = sessions.open(0, &mut random, 12, request(0, 0, &[(0, 5), (1, 6)])).unwrap();
        let Style::Full { session } = style else { panic!("{style:?}") };
        assert!(session != 0 && targets.len() == 2);

        let (style, targets) = sessions.open(0, &mut random, 12, request(session, 1, &[(1, 9)])).unwrap();
        assert_eq!(style, Style::Incremental { session });
        let offsets: Vec<_> = targets.iter().map(|target| target.fetch_offset).collect();
        assert_eq!(offsets, [5, 9]);

        let error = sessions.open(0, &mut random, 12, request(session, 1, &[])).unwrap_err();
        assert_eq!(error, ErrorCode::InvalidFetchSessionEpoch);
        let error = sessions.open(0, &mut random, 13, request(session, 2, &[])).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionTopicIdError);
        let error = sessions.open(0, &mut random, 12, request(session + 1, 1, &[])).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionIdNotFound);
    }

    #[test]
    fn an_incremental_reply_leaves_out_what_did_not_change() {
        let (mut sessions, mut random) = (FetchSessions::new(1), Random::new(1));
        let (style, targets) = sessions.open(0, &mut random, 12, request(0, 0, &[(0, 5)])).unwrap();
        let told = Told { high_watermark: 5, log_start_offset: 0 };
        assert_eq!(sessions.tell(style, &targets[0], told, Content::Nothing), Tell::Yes);
        let Style::Full { session } = style else { panic!() };
        let style = Style::Incremental { session };
        assert_eq!(sessions.tell(style, &targets[0], told, Content::Nothing), Tell::No);
        let moved = Told { high_watermark: 6, ..told };
        assert_eq!(sessions.tell(style, &targets[0], moved, Content::Nothing), Tell::Yes);
        assert_eq!(sessions.tell(style, &targets[0], moved, Content::Error), Tell::Yes);
        assert_eq!(sessions.tell(style, &targets[0], moved, Content::Nothing), Tell::Yes);
    }

    #[test]
    fn a_session_in_use_is_not_evicted() {
        let (mut sessions, mut random) = (FetchSessions::new(1), Random::new(1));
        sessions.open(0, &mut random, 12, request(0, 0, &[(0, 0)])).unwrap();
        let (style, _) = sessions.open(IDLE_MS - 1, &mut random, 12, request(0, 0, &[(0, 0)])).unwrap();
        assert_eq!(style, Style::Full { session: 0 });
        let (style, _) = sessions.open(IDLE_MS, &mut random, 12, request(0, 0, &[(0, 0)])).unwrap();
        assert_ne!(style, Style::Full { session: 0 });
    }
}
