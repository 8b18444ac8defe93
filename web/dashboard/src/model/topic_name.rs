//! Whether a topic may have a name: Kafka's rule, said while it is typed.

use crate::model::message::Message;

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Nothing(Message),
    Wrong(Message),
    Right(Message),
}

pub fn check(name: &str, taken: &[String]) -> Verdict {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let like = |n: &str| n.replace('.', "_");
    if name.is_empty() {
        return Verdict::Nothing(Message::new("topic-name-empty"));
    }
    if let Some(c) = name.chars().find(|c| !allowed(*c)) {
        return Verdict::Wrong(match c.is_whitespace() {
            true => Message::new("topic-name-space"),
            false => Message::new("topic-name-character").text("c", c),
        });
    }
    if name == "." || name == ".." {
        return Verdict::Wrong(Message::new("topic-name-dots"));
    }
    if name.len() > 249 {
        return Verdict::Wrong(Message::new("topic-name-long").number("n", (name.len() - 249) as f64));
    }
    if taken.iter().any(|t| t == name) {
        return Verdict::Wrong(Message::new("topic-name-taken").text("name", name));
    }
    if let Some(other) = taken.iter().find(|t| like(t) == like(name)) {
        return Verdict::Wrong(Message::new("topic-name-collides").text("name", other));
    }
    match name.starts_with("__") {
        true => Verdict::Right(Message::new("topic-name-internal")),
        false => Verdict::Right(Message::new("topic-name-free")),
    }
}

/// Whether Kafka could have a topic of this name.
pub fn is_legal(name: &str) -> bool {
    check(name, &[]).is_right()
}

impl Verdict {
    pub fn message(&self) -> &Message {
        match self {
            Verdict::Nothing(m) | Verdict::Wrong(m) | Verdict::Right(m) => m,
        }
    }

    pub fn is_right(&self) -> bool {
        matches!(self, Verdict::Right(_))
    }

    pub fn is_wrong(&self) -> bool {
        matches!(self, Verdict::Wrong(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kafka_refuses_is_refused_in_words() {
        let taken = ["flights".to_owned(), "a_b".to_owned()];
        let wrong = ["flights.2001!", "a b", ".", "..", "flights", "a.b", &"x".repeat(250)];
        for name in wrong {
            assert!(check(name, &taken).is_wrong(), "{name}");
        }
        assert!(check("gate-log.2", &taken).is_right());
        assert!(!check("", &taken).is_right());
    }
}
