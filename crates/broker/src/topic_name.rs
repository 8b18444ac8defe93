//! What a topic may be called.

use crate::broker::Broker;
use crate::limits;

/// Kafka's rules, in Kafka's words.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        Err("Topic name is invalid: the empty string is not allowed".into())
    } else if name == "." || name == ".." {
        Err(format!("Topic name is invalid: '{name}' is not allowed"))
    } else if name.len() > limits::TOPIC_NAME_LEN_MAX {
        let max = limits::TOPIC_NAME_LEN_MAX;
        Err(format!(
            "Topic name is invalid: the length of '{name}' is longer than the max allowed length {max}"
        ))
    } else if !name.chars().all(legal) {
        Err(format!(
            "Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
        ))
    } else {
        Ok(())
    }
}

/// A topic that differs from `name` in `.` and `_` only: their metrics would have one name, so Kafka refuses.
pub(crate) fn collision(broker: &Broker, name: &str) -> Option<String> {
    let folded = |name: &str| name.replace('.', "_");
    let ours = folded(name);
    if ours == name && !name.contains('_') {
        return None;
    }
    broker
        .image
        .topics()
        .find(|topic| &*topic.name != name && folded(&topic.name) == ours)
        .map(|topic| topic.name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_kafka_takes() {
        for name in ["a", "flights-2001_q1.raw", "__x", &"n".repeat(249)] {
            assert_eq!(check(name), Ok(()));
        }
        for name in ["", ".", "..", "a b", "á", "a/b", &"n".repeat(250)] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
