//! The producers and consumers of a tab: their settings, their figures, and the list that `sessionStorage` keeps, so
//! that a reload starts the same clients again.
//!
//! Never knows: how a message travels, a client.

use crate::model::packing::{packed_enum, packed_struct};

#[derive(Clone, Debug, PartialEq)]
pub struct ProducerSettings {
    pub client_id: String,
    pub topic: String,
    pub source: Source,
    /// Records a second; none: as fast as it goes.
    pub rate: Option<f64>,
    pub key: KeyStrategy,
    pub value_bytes: usize,
    pub linger_ms: u64,
    pub batch_bytes: usize,
    /// Kafka's word: `none`, `gzip`, `snappy`, `lz4`, `zstd`.
    pub compression: String,
    /// Kafka's word: `0`, `1`, `all`.
    pub acks: String,
    pub paused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The flights, again and again.
    Flights,
    /// The flights, once.
    FlightsOnce,
    /// Numbered records.
    Counter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStrategy {
    Origin,
    Random,
    One,
    None,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerSettings {
    pub client_id: String,
    pub group: String,
    pub topics: Vec<String>,
    pub protocol: Protocol,
    /// One of the protocol's; empty: the usual one.
    pub assignor: String,
    /// Spent over each record.
    pub processing_us: u64,
    /// With the consumer protocol it is a setting of the group.
    pub session_timeout_ms: u64,
    /// At most; with the consumer protocol the broker says how often.
    pub heartbeat_interval_ms: u64,
    pub paused: bool,
    pub frozen: bool,
}

/// Kafka's `group.protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The members assign.
    #[default]
    Classic,
    /// The broker assigns (KIP-848).
    Consumer,
}

impl Protocol {
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Classic => "classic",
            Protocol::Consumer => "consumer",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        [Protocol::Classic, Protocol::Consumer].into_iter().find(|p| p.word() == word)
    }

    /// Kafka's words, the usual one first.
    pub fn assignors(self) -> &'static [&'static str] {
        match self {
            Protocol::Classic => &["range", "roundrobin", "sticky", "cooperative-sticky"],
            Protocol::Consumer => &["uniform", "range"],
        }
    }
}

/// What one client has done so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub client_id: String,
    pub records: u64,
    pub acknowledged: u64,
    pub owned: Vec<(String, i32)>,
    /// Milliseconds since the coordinator answered a heartbeat; none before the first.
    pub heartbeat_age_ms: Option<u64>,
    pub member_id: String,
    pub expired: bool,
    /// The last thing that went wrong and has not gone right since.
    pub trouble: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TabClients {
    pub producers: Vec<ProducerRow>,
    pub consumers: Vec<ConsumerRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProducerRow {
    pub settings: ProducerSettings,
    pub figures: Figures,
    pub rate: crate::model::rates::Series,
    pub meter: Meter,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerRow {
    pub settings: ConsumerSettings,
    pub figures: Figures,
    pub rate: crate::model::rates::Series,
    pub meter: Meter,
    pub state: ConsumerState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    Running,
    Paused,
    Frozen,
}

/// Turns a counter into a rate, a sample a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    last: Option<(i64, u64)>,
}

impl Meter {
    pub fn read(&mut self, now_ms: i64, counter: u64, rate: &mut crate::model::rates::Series) {
        let Some((then_ms, before)) = self.last else {
            self.last = Some((now_ms, counter));
            return;
        };
        // A client that was started again counts from zero.
        if counter < before {
            self.last = Some((now_ms, counter));
        } else if now_ms - then_ms >= 1_000 {
            rate.push(now_ms, (counter - before) as f64 * 1e3 / (now_ms - then_ms) as f64);
            self.last = Some((now_ms, counter));
        }
    }
}

/// What `sessionStorage` keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    pub producers: Vec<ProducerSettings>,
    pub consumers: Vec<ConsumerSettings>,
}

impl TabClients {
    pub fn saved(&self) -> Saved {
        Saved {
            producers: self.producers.iter().map(|p| p.settings.clone()).collect(),
            consumers: self.consumers.iter().map(|c| c.settings.clone()).collect(),
        }
    }

    pub fn has(&self, client_id: &str) -> bool {
        self.producers.iter().any(|p| p.settings.client_id == client_id)
            || self.consumers.iter().any(|c| c.settings.client_id == client_id)
    }

    /// `stem-1`, or the next number that no client of the tab and none of `taken` bears.
    pub fn free_name(&self, stem: &str, taken: &[String]) -> String {
        (1u32..)
            .map(|n| format!("{stem}-{n}"))
            .find(|name| !self.has(name) && !taken.contains(name))
            .unwrap_or_else(|| stem.to_owned())
    }
}

impl ConsumerSettings {
    pub fn state(&self) -> ConsumerState {
        match (self.frozen, self.paused) {
            (true, _) => ConsumerState::Frozen,
            (false, true) => ConsumerState::Paused,
            (false, false) => ConsumerState::Running,
        }
    }
}

packed_struct! {
    ProducerSettings {
        client_id, topic, source, rate, key, value_bytes, linger_ms, batch_bytes, compression, acks, paused,
    }
    ConsumerSettings {
        client_id, group, topics, protocol, assignor, processing_us, session_timeout_ms, heartbeat_interval_ms, paused,
        frozen,
    }
    Figures { client_id, records, acknowledged, owned, heartbeat_age_ms, member_id, expired, trouble }
    Saved { producers, consumers }
}

packed_enum! { Source { 0 Flights, 1 FlightsOnce, 2 Counter } }
packed_enum! { Protocol { 0 Classic, 1 Consumer } }
packed_enum! { KeyStrategy { 0 Origin, 1 Random, 2 One, 3 None } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once() {
        let tab = TabClients::default();
        assert_eq!(tab.free_name("consumer", &["consumer-1".into()]), "consumer-2");
    }
}
