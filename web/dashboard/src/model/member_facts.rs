//! What is said of a member beside its partitions, and of its group in a list of facts.

use crate::model::generations::History;
use crate::model::message::Message;
use crate::model::quantity;
use crate::model::snapshot::{Group, Member, TopicPartition};

/// Partitions that are named one by one.
const LISTED_MAX: usize = 12;

/// `0, 1`; of several topics each with its name.
pub fn listed(partitions: &[TopicPartition]) -> String {
    let several = partitions.iter().any(|p| p.topic != partitions[0].topic);
    let mut said = Vec::new();
    let mut topic = "";
    for p in partitions.iter().take(LISTED_MAX) {
        said.push(match several && p.topic != topic {
            true => format!("{} {}", p.topic, p.partition),
            false => p.partition.to_string(),
        });
        topic = &p.topic;
    }
    if partitions.len() > LISTED_MAX {
        said.push(format!("+{}", partitions.len() - LISTED_MAX));
    }
    if said.is_empty() { "–".to_owned() } else { said.join(", ") }
}

/// How a member of a consumer group stands to its target.
pub fn standing(m: &Member) -> Message {
    let (revoking, awaited) = (m.revoking(), m.awaited());
    let key = match (revoking.is_empty(), awaited.is_empty()) {
        (true, true) => "standing-done",
        (false, true) => "standing-revoking",
        (true, false) => "standing-waits",
        (false, false) => "standing-both",
    };
    Message { key, arguments: Vec::new() }
        .text("revoking", listed(revoking))
        .text("awaited", listed(&awaited))
}

/// What there is to say of a member: its static id, rack, protocol and subscription.
pub fn notes(g: &Group, m: &Member) -> Vec<Message> {
    let mut notes = Vec::new();
    if let Some(instance) = &m.instance_id {
        notes.push(Message::new("member-static").text("instance", instance));
    }
    let Some(progress) = &m.progress else { return notes };
    if let Some(rack) = &progress.rack {
        notes.push(Message::new("member-rack").text("rack", rack));
    }
    // In an upgrade members of both protocols are there.
    if g.members.iter().filter_map(|m| m.progress.as_ref()).any(|p| p.protocol != progress.protocol) {
        let key =
            if progress.protocol == "classic" { "member-speaks-classic" } else { "member-speaks-consumer" };
        notes.push(Message { key, arguments: Vec::new() });
    }
    if let Some(pattern) = &progress.pattern {
        notes.push(Message::new("member-pattern").text("pattern", pattern));
    }
    if g.members.iter().any(|other| other.topics != m.topics) && !m.topics.is_empty() {
        notes.push(Message::new("member-subscribes").text("topics", m.topics.join(", ")));
    }
    notes
}

pub fn of_group(g: &Group, h: &History) -> Vec<(&'static str, Message)> {
    let text = |text: &str| match text {
        "" => Message::new("none-known"),
        text => Message::new("plain").text("text", text),
    };
    let number = |n: i32| text(&n.to_string());
    let duration = |ms: Option<i64>| ms.map_or_else(|| text(""), quantity::duration);
    let assignor = if g.members.is_empty() { "" } else { &g.assignor };
    let mut facts = vec![("fact-state", text(&g.state))];
    match &g.epochs {
        Some(epochs) => facts.extend([
            ("fact-group-epoch", number(epochs.group)),
            ("fact-assignment-epoch", number(epochs.assignment)),
            ("fact-protocol", Message::new("protocol-consumer")),
            ("fact-assignor", text(assignor)),
            ("fact-session", duration(epochs.session_timeout_ms)),
            ("fact-heartbeat", duration(epochs.heartbeat_interval_ms)),
        ]),
        None => facts.extend([
            ("fact-generation", h.current().and_then(|g| g.number).map_or_else(|| text(""), number)),
            ("fact-protocol", text(&g.kind)),
            ("fact-assignor", text(assignor)),
            ("fact-stopped", h.current().map_or_else(|| text(""), |g| quantity::seconds(g.stopped_ms))),
        ]),
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::epochs::tests::tabs;
    use crate::model::snapshot::Progress;

    #[test]
    fn a_member_stands_at_its_target_lets_go_or_waits() {
        let mut group = tabs();
        let revoking = vec![TopicPartition::new("flights", 5)];
        group.members[1].progress.as_mut().unwrap().revoking = revoking;
        let keys: Vec<_> = group.members.iter().map(|m| standing(m).key).collect();
        assert_eq!(keys, ["standing-done", "standing-revoking", "standing-waits"]);
        let at = |topic: &str, p| TopicPartition::new(topic, p);
        assert_eq!(listed(&[at("a", 0), at("a", 2), at("b", 0)]), "a 0, 2, b 0");
        assert_eq!(listed(&[]), "–");
    }

    #[test]
    fn protocols_are_told_apart_only_while_they_are_mixed() {
        let mut group = tabs();
        assert!(notes(&group, &group.members[0]).is_empty());
        let progress = Progress { protocol: "classic".into(), rack: Some("a".into()), ..Progress::default() };
        group.members[2].progress = Some(progress);
        let keys = |m: &Member| notes(&group, m).iter().map(|m| m.key).collect::<Vec<_>>();
        assert_eq!(keys(&group.members[2]), ["member-rack", "member-speaks-classic"]);
        assert_eq!(keys(&group.members[0]), ["member-speaks-consumer"]);
    }
}
