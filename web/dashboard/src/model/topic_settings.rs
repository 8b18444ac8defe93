//! The settings of a topic to be made: each choice, its raw setting, and the sentence that says what will be.

use crate::model::message::Message;

#[derive(Clone, Debug, PartialEq)]
pub struct NewTopic {
    pub name: String,
    pub partitions: i32,
    /// None: for ever.
    pub retention_ms: Option<i64>,
    pub retention_bytes: i64,
    pub cleanup: Cleanup,
    pub durability: Durability,
    pub storage: Storage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    Delete,
    Compact,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    Acks,
    Relaxed,
    Strict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    IndexedDb,
    Memory,
}

impl Default for NewTopic {
    fn default() -> Self {
        NewTopic {
            name: String::new(),
            partitions: 6,
            retention_ms: Some(7 * 86_400_000),
            retention_bytes: -1,
            cleanup: Cleanup::Delete,
            durability: Durability::Acks,
            storage: Storage::IndexedDb,
        }
    }
}

impl NewTopic {
    pub fn flights() -> Self {
        NewTopic { name: "flights".into(), retention_ms: None, ..NewTopic::default() }
    }

    /// Settings by Kafka's names; what is a default is left to the broker.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![("retention.ms".to_owned(), self.retention_ms.unwrap_or(-1).to_string())];
        if self.retention_bytes >= 0 {
            settings.push(("retention.bytes".into(), self.retention_bytes.to_string()));
        }
        if self.cleanup != Cleanup::Delete {
            settings.push(("cleanup.policy".into(), self.cleanup.kafka().into()));
        }
        if let Some(durability) = self.durability.tablog() {
            settings.push(("tablog.durability".into(), durability.into()));
        }
        if self.storage == Storage::Memory {
            settings.push(("tablog.storage".into(), self.storage.tablog().into()));
        }
        settings
    }

    pub fn sentence(&self) -> Message {
        let name: String =
            self.name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        let duration = crate::model::quantity::duration(self.retention_ms.unwrap_or(0));
        let keep = match (self.cleanup, self.retention_ms) {
            (Cleanup::Delete, Some(_)) => Message::new("keep-for").message("duration", duration),
            (Cleanup::Delete, None) => Message::new("keep-for-ever"),
            (Cleanup::Both, Some(_)) => Message::new("keep-by-key-for").message("duration", duration),
            (Cleanup::Compact | Cleanup::Both, _) => Message::new("keep-by-key"),
        };
        let ack = match self.durability {
            Durability::Acks => Message::new("ack-as-asked"),
            Durability::Relaxed => Message::new("ack-relaxed"),
            Durability::Strict => Message::new("ack-strict"),
        };
        let place = match self.storage {
            Storage::IndexedDb => Message::new("place-indexeddb"),
            Storage::Memory => Message::new("place-memory"),
        };
        Message::new("create-sentence")
            .text("name", if name.is_empty() { "…".to_owned() } else { name })
            .number("partitions", f64::from(self.partitions))
            .message("keep", keep)
            .message("ack", ack)
            .message("place", place)
    }
}

impl Cleanup {
    pub fn kafka(self) -> &'static str {
        match self {
            Cleanup::Delete => "delete",
            Cleanup::Compact => "compact",
            Cleanup::Both => "compact,delete",
        }
    }
}

impl Durability {
    pub fn tablog(self) -> Option<&'static str> {
        match self {
            Durability::Acks => None,
            Durability::Relaxed => Some("relaxed"),
            Durability::Strict => Some("strict"),
        }
    }
}

impl Storage {
    pub fn tablog(self) -> &'static str {
        match self {
            Storage::IndexedDb => "indexeddb",
            Storage::Memory => "memory",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flights_are_kept_for_ever() {
        assert_eq!(NewTopic::flights().settings(), [("retention.ms".to_owned(), "-1".to_owned())]);
    }
}
