//! What consumers tell each other inside JoinGroup and SyncGroup: `ConsumerProtocolSubscription` and
//! `ConsumerProtocolAssignment`, versions 0 to 3. To the coordinator these bytes are opaque but for the topics.
//!
//! ```text
//! subscription = version i16 · topics [string] · user data bytes?
//!              · owned [topic string · partitions [i32]]      since version 1
//!              · generation i32                                since version 2
//!              · rack string?                                  since version 3
//! assignment   = version i16 · assigned [topic string · partitions [i32]] · user data bytes?
//! ```
//!
//! Strings have an i16 length, arrays and bytes an i32 length, -1 being null. A newer version than 3 is read as 3:
//! fields are only ever added at the end.
//!
//! Never knows: the messages that carry it.

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tablog_record::{SortedMap, TopicPartition};

/// The newest version that is written.
pub const VERSION_MAX: i16 = 3;

/// The protocol type of every group of consumers.
pub const PROTOCOL_TYPE: &str = "consumer";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerSubscription {
    pub topics: Vec<String>,
    pub user_data: Option<Bytes>,
    pub owned_partitions: Vec<TopicPartition>,
    /// -1 where there is none.
    pub generation: i32,
    pub rack_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerAssignment {
    pub partitions: Vec<TopicPartition>,
    pub user_data: Option<Bytes>,
}

/// Why bytes are no subscription and no assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionError {
    CutShort { field: &'static str },
    NegativeVersion { version: i16 },
    NegativeLength { field: &'static str, length: i32 },
    NotUtf8 { field: &'static str },
}

impl fmt::Display for SubscriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubscriptionError::CutShort { field } => write!(f, "cut short in {field}"),
            SubscriptionError::NegativeVersion { version } => write!(f, "version {version} is negative"),
            SubscriptionError::NegativeLength { field, length } => write!(f, "{field} has length {length}"),
            SubscriptionError::NotUtf8 { field } => write!(f, "{field} is not UTF-8"),
        }
    }
}

impl std::error::Error for SubscriptionError {}

impl Default for ConsumerSubscription {
    fn default() -> ConsumerSubscription {
        ConsumerSubscription {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation: -1,
            rack_id: None,
        }
    }
}

impl ConsumerSubscription {
    /// # Panics
    /// If the version is not one of 0 to [`VERSION_MAX`], or a topic is longer than 32,767 bytes.
    pub fn encode(&self, version: i16) -> Bytes {
        assert!((0..=VERSION_MAX).contains(&version), "version {version} of the subscription");
        let mut out = BytesMut::new();
        out.put_i16(version);
        out.put_i32(self.topics.len() as i32);
        for topic in &self.topics {
            put_string(&mut out, topic);
        }
        put_nullable_bytes(&mut out, self.user_data.as_ref());
        if version >= 1 {
            put_topic_partitions(&mut out, &self.owned_partitions);
        }
        if version >= 2 {
            out.put_i32(self.generation);
        }
        if version >= 3 {
            match &self.rack_id {
                Some(rack) => put_string(&mut out, rack),
                None => out.put_i16(-1),
            }
        }
        out.freeze()
    }

    pub fn decode(mut input: Bytes) -> Result<ConsumerSubscription, SubscriptionError> {
        let version = take_version(&mut input)?;
        let mut subscription =
            ConsumerSubscription { topics: take_topics(&mut input)?, ..Default::default() };
        subscription.user_data = take_nullable_bytes(&mut input, "user data")?;
        if version >= 1 {
            subscription.owned_partitions = take_topic_partitions(&mut input)?;
        }
        if version >= 2 {
            subscription.generation = take_i32(&mut input, "generation")?;
        }
        if version >= 3 {
            subscription.rack_id = take_nullable_string(&mut input, "rack")?;
        }
        Ok(subscription)
    }

    /// Only the topics: all that a coordinator needs to know, and the same in every version.
    pub fn decode_topics(mut input: Bytes) -> Result<Vec<String>, SubscriptionError> {
        take_version(&mut input)?;
        take_topics(&mut input)
    }
}

impl ConsumerAssignment {
    /// # Panics
    /// If the version is not one of 0 to [`VERSION_MAX`], or a topic is longer than 32,767 bytes.
    pub fn encode(&self, version: i16) -> Bytes {
        assert!((0..=VERSION_MAX).contains(&version), "version {version} of the assignment");
        let mut out = BytesMut::new();
        out.put_i16(version);
        put_topic_partitions(&mut out, &self.partitions);
        put_nullable_bytes(&mut out, self.user_data.as_ref());
        out.freeze()
    }

    pub fn decode(mut input: Bytes) -> Result<ConsumerAssignment, SubscriptionError> {
        take_version(&mut input)?;
        let partitions = take_topic_partitions(&mut input)?;
        let user_data = take_nullable_bytes(&mut input, "user data")?;
        Ok(ConsumerAssignment { partitions, user_data })
    }
}

/// `[topic string · partitions [i32]]`, the topics in the order in which they first appear.
pub(crate) fn put_topic_partitions(out: &mut BytesMut, partitions: &[TopicPartition]) {
    let mut topics: Vec<(&str, Vec<i32>)> = Vec::new();
    let mut places = SortedMap::new();
    for TopicPartition { topic, partition } in partitions {
        let place = *places.entry(topic.as_str()).or_insert_with(|| {
            topics.push((topic, Vec::new()));
            topics.len() - 1
        });
        topics[place].1.push(*partition);
    }
    out.put_i32(topics.len() as i32);
    for (topic, partitions) in topics {
        put_string(out, topic);
        out.put_i32(partitions.len() as i32);
        for partition in partitions {
            out.put_i32(partition);
        }
    }
}

pub(crate) fn take_topic_partitions(input: &mut Bytes) -> Result<Vec<TopicPartition>, SubscriptionError> {
    let mut partitions = Vec::new();
    for _ in 0..take_length(input, "partitions by topic")? {
        let topic = take_string(input, "topic")?;
        let count = take_length(input, "partitions")?;
        // Before a topic's name is repeated: an array that lies about its length ends here.
        if input.remaining() / 4 < count {
            return Err(SubscriptionError::CutShort { field: "partitions" });
        }
        for _ in 0..count {
            partitions.push(TopicPartition::new(topic.as_str(), input.get_i32()));
        }
    }
    Ok(partitions)
}

fn put_string(out: &mut BytesMut, text: &str) {
    out.put_i16(i16::try_from(text.len()).expect("a string of at most 32,767 bytes"));
    out.put_slice(text.as_bytes());
}

fn put_nullable_bytes(out: &mut BytesMut, bytes: Option<&Bytes>) {
    match bytes {
        Some(bytes) => {
            out.put_i32(bytes.len() as i32);
            out.put_slice(bytes);
        }
        None => out.put_i32(-1),
    }
}

fn take_version(input: &mut Bytes) -> Result<i16, SubscriptionError> {
    let version = input.try_get_i16().map_err(|_| SubscriptionError::CutShort { field: "version" })?;
    if version < 0 { Err(SubscriptionError::NegativeVersion { version }) } else { Ok(version) }
}

fn take_topics(input: &mut Bytes) -> Result<Vec<String>, SubscriptionError> {
    let count = take_length(input, "topics")?;
    (0..count).map(|_| take_string(input, "topic")).collect()
}

fn take_i32(input: &mut Bytes, field: &'static str) -> Result<i32, SubscriptionError> {
    input.try_get_i32().map_err(|_| SubscriptionError::CutShort { field })
}

/// The length of an array, which has at least two bytes an element.
fn take_length(input: &mut Bytes, field: &'static str) -> Result<usize, SubscriptionError> {
    let length = take_i32(input, field)?;
    let count = usize::try_from(length).map_err(|_| SubscriptionError::NegativeLength { field, length })?;
    if count > input.remaining() / 2 { Err(SubscriptionError::CutShort { field }) } else { Ok(count) }
}

fn take_string(input: &mut Bytes, field: &'static str) -> Result<String, SubscriptionError> {
    let missing = SubscriptionError::NegativeLength { field, length: -1 };
    take_nullable_string(input, field)?.ok_or(missing)
}

fn take_nullable_string(input: &mut Bytes, field: &'static str) -> Result<Option<String>, SubscriptionError> {
    let length = input.try_get_i16().map_err(|_| SubscriptionError::CutShort { field })?;
    if length == -1 {
        return Ok(None);
    }
    let bytes = take_slice(input, field, i32::from(length))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| SubscriptionError::NotUtf8 { field })?;
    Ok(Some(text.to_owned()))
}

fn take_nullable_bytes(input: &mut Bytes, field: &'static str) -> Result<Option<Bytes>, SubscriptionError> {
    let length = take_i32(input, field)?;
    if length == -1 { Ok(None) } else { take_slice(input, field, length).map(Some) }
}

fn take_slice(input: &mut Bytes, field: &'static str, length: i32) -> Result<Bytes, SubscriptionError> {
    let count = usize::try_from(length).map_err(|_| SubscriptionError::NegativeLength { field, length })?;
    if count > input.remaining() {
        return Err(SubscriptionError::CutShort { field });
    }
    Ok(input.split_to(count))
}
