//! The one sentence on top of a page: a template chosen from the data, worst news first. When nothing is wrong it says that.

use crate::model::client_control::{ConsumerState, TabClients};
use crate::model::feed::{Cause, Feed};
use crate::model::generations::{self, History};
use crate::model::message::Message;
use crate::model::quantity;
use crate::model::rates::Rates;
use crate::model::snapshot::{Group, Member, Snapshot, Topic, TopicPartition};

pub fn overview(s: &Snapshot, rates: &Rates, feed: &Feed) -> Message {
    if let Some((id, group)) = s.groups.iter().find(|(_, g)| g.is_rebalancing()) {
        return rebalancing(id, group, feed);
    }
    if let Some((id, group)) = most_behind(s, rates) {
        return behind(s, rates, id, group);
    }
    reconciling(s).unwrap_or_else(|| flowing(s, rates))
}

fn rebalancing(id: &str, group: &Group, feed: &Feed) -> Message {
    let partitions = group.partitions().len() as f64;
    let (key, client) = match feed.cause(id).filter(|_| partitions > 0.0) {
        Some((client, Cause::Joined)) => ("headline-rebalancing-joined", client.as_str()),
        Some((client, Cause::Left)) => ("headline-rebalancing-left", client.as_str()),
        Some((client, Cause::Expired)) => ("headline-rebalancing-expired", client.as_str()),
        None if partitions > 0.0 => ("headline-rebalancing", ""),
        None => ("headline-forming", ""),
    };
    Message { key, arguments: Vec::new() }
        .text("group", id)
        .text("client", client)
        .number("partitions", partitions)
}

/// A consumer group that hands partitions over: the others are read meanwhile, so it is no bad news.
fn reconciling(s: &Snapshot) -> Option<Message> {
    let (id, awaited) = s.groups.iter().map(|(id, g)| (id, g.awaited().len())).find(|(_, n)| *n > 0)?;
    Some(Message::new("headline-reconciling").text("group", id).number("n", awaited as f64))
}

/// What one member of a consumer group waits for, and who still holds it, if that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    pub partitions: Vec<TopicPartition>,
    pub heir: String,
    pub holder: Option<String>,
}

/// The first handover that is under way; one of which the holder is known before others.
pub fn handover(g: &Group) -> Option<Handover> {
    let heir = |m: &&Member| !m.awaited().is_empty();
    let is_held = |m: &&Member| m.awaited().iter().any(|p| g.holder(p).is_some());
    let heir = g.members.iter().find(is_held).or_else(|| g.members.iter().find(heir))?;
    let mut partitions = heir.awaited();
    let holder = partitions.iter().find_map(|p| g.holder(p)).map(|m| &m.member_id);
    partitions.retain(|p| g.holder(p).map(|m| &m.member_id) == holder);
    let holder = g.members.iter().find(|m| Some(&m.member_id) == holder).map(|m| generations::name(g, m));
    Some(Handover { partitions, heir: generations::name(g, heir), holder })
}

impl Handover {
    /// One of two templates: with a holder, and without.
    pub fn message(&self, s: &Snapshot, held: &'static str, awaited: &'static str) -> Message {
        let key = if self.holder.is_some() { held } else { awaited };
        Message { key, arguments: Vec::new() }
            .tiles("tiles", self.partitions.iter().take(12).map(|p| s.tile(p)).collect())
            .number("n", self.partitions.len() as f64)
            .number("count", self.partitions.len() as f64)
            .text("heir", &self.heir)
            .text("holder", self.holder.as_deref().unwrap_or_default())
    }
}

/// The running group with most to read, if that is worth words.
fn most_behind<'a>(s: &'a Snapshot, rates: &Rates) -> Option<(&'a String, &'a Group)> {
    let running = s.groups.iter().filter(|(_, g)| !g.members.is_empty());
    let worst = running.max_by_key(|(_, g)| s.group_lag(g));
    worst.filter(|(_, g)| rates.is_worth_saying(s.group_lag(g), &g.partitions()))
}

fn behind(s: &Snapshot, rates: &Rates, id: &str, group: &Group) -> Message {
    let is_slow = |m: &&Member| rates.is_worth_saying(s.member_lag(group, m), &m.owned);
    let slow: Vec<_> = group.members.iter().filter(is_slow).collect();
    let others_keep_up = slow.len() == 1 && group.members.len() > 1;
    let (growth, lag) = match (others_keep_up, slow.first()) {
        (true, Some(m)) => (rates.lag_growth(id, &m.owned), s.member_lag(group, m)),
        _ => (rates.lag_growth(id, &group.partitions()), s.group_lag(group)),
    };
    let key = match (others_keep_up, growth) {
        (true, g) if g > 0.0 => "headline-one-slow-growing",
        (true, g) if g < 0.0 => "headline-one-slow-shrinking",
        (true, _) => "headline-one-slow",
        (false, g) if g > 0.0 => "headline-behind-growing",
        (false, g) if g < 0.0 => "headline-behind-shrinking",
        (false, _) => "headline-behind",
    };
    let client = slow.first().map_or("", |m| m.client_id.as_str());
    Message { key, arguments: Vec::new() }.text("group", id).text("client", client).number("n", lag as f64)
}

fn flowing(s: &Snapshot, rates: &Rates) -> Message {
    let rate = rates.written_total(s);
    let running = s.groups.values().filter(|g| !g.members.is_empty()).count();
    let topics = s.user_topics().count() as f64;
    let records = s.records() as f64;
    match (rate >= 0.5, running) {
        (true, 0) => Message::new("headline-nobody-reads").message("rate", quantity::rate(rate)),
        (true, _) => Message::new("headline-keeps-up").message("rate", quantity::rate(rate)),
        (false, 0) => Message::new("headline-kept").number("records", records).number("topics", topics),
        (false, _) => Message::new("headline-quiet").number("records", records).number("topics", topics),
    }
}

pub fn topics(s: &Snapshot) -> Message {
    let own = s.topics.values().filter(|t| t.internal).count() as f64;
    let topics = s.user_topics().count() as f64;
    Message::new("headline-topics")
        .number("topics", topics)
        .number("records", s.records() as f64)
        .number("own", own)
}

pub fn topic(topic: &Topic) -> Message {
    Message::new("state-topic")
        .number("partitions", topic.partitions.len() as f64)
        .number("records", topic.records() as f64)
        .message("size", quantity::bytes(topic.bytes()))
        .message("kept", kept(topic))
}

/// How long records are kept, in words.
pub fn kept(topic: &Topic) -> Message {
    let retention = topic.setting("retention.ms").and_then(|v| v.parse::<i64>().ok());
    match (topic.setting("cleanup.policy"), retention) {
        (Some("compact"), _) => Message::new("kept-by-key"),
        (_, Some(ms)) if ms >= 0 => Message::new("kept-for").message("duration", quantity::duration(ms)),
        (_, Some(_)) => Message::new("kept-for-ever"),
        (_, None) => Message::new("kept-unknown"),
    }
}

pub fn groups(s: &Snapshot, rates: &Rates, feed: &Feed) -> Message {
    if let Some((id, group)) = s.groups.iter().find(|(_, g)| g.is_rebalancing()) {
        return rebalancing(id, group, feed);
    }
    match most_behind(s, rates) {
        Some((id, group)) => {
            let key = match rates.lag_growth(id, &group.partitions()) {
                g if g > 0.0 => "headline-behind-growing",
                g if g < 0.0 => "headline-behind-shrinking",
                _ => "headline-behind",
            };
            Message { key, arguments: Vec::new() }.text("group", id).number("n", s.group_lag(group) as f64)
        }
        None if reconciling(s).is_some() => reconciling(s).unwrap_or_else(|| Message::new("nothing")),
        None => {
            let running = s.groups.values().filter(|g| !g.members.is_empty()).count() as f64;
            Message::new("headline-groups-quiet")
                .number("groups", s.groups.len() as f64)
                .number("running", running)
        }
    }
}

pub fn group(s: &Snapshot, group: &Group, history: Option<&History>) -> Message {
    if group.epochs.is_some() && !group.members.is_empty() {
        return epoch(s, group, history);
    }
    if group.is_rebalancing() {
        return Message::new("state-group-forming").number("members", group.members.len() as f64);
    }
    if group.members.is_empty() {
        return Message::new("state-group-empty").number("partitions", group.committed.len() as f64);
    }
    let current = history.and_then(|h| h.current().map(|g| (h, g)));
    let Some((history, generation)) = current else {
        return Message::new("state-group").number("members", group.members.len() as f64);
    };
    let moved = history.moves(history.generations.len() - 1).len() as f64;
    let partitions: usize = generation.owners.values().map(Vec::len).sum();
    let key = match (generation.number.is_some(), generation.stopped_ms > 0) {
        (true, true) => "state-generation-stopped",
        (true, false) => "state-generation",
        (false, true) => "state-generation-unnumbered-stopped",
        (false, false) => "state-generation-unnumbered",
    };
    Message { key, arguments: Vec::new() }
        .number("generation", f64::from(generation.number.unwrap_or(0)))
        .text("assignor", &generation.assignor)
        .number("partitions", partitions as f64)
        .message("duration", quantity::seconds(generation.stopped_ms))
        .number("moved", moved)
        .number("members", group.members.len() as f64)
}

fn epoch(s: &Snapshot, group: &Group, history: Option<&History>) -> Message {
    let number = group.epochs.map_or(0, |e| e.group);
    let begun = history.and_then(|h| h.epochs.begun.iter().rev().find(|e| e.number == number));
    let cause = match begun.and_then(|e| e.cause.as_ref()) {
        Some((client, cause)) => {
            let key = match cause {
                Cause::Joined => "cause-joined",
                Cause::Left => "cause-left",
                Cause::Expired => "cause-expired",
            };
            Message { key, arguments: Vec::new() }.text("client", client)
        }
        None => Message::new("nothing"),
    };
    let moved = history.map_or(0, |h| h.moves(h.generations.len().saturating_sub(1)).len());
    let message = match handover(group) {
        _ if group.state == "Assigning" => Message::new("state-epoch-assigning"),
        Some(handover) => handover.message(s, "state-epoch-held", "state-epoch-awaited"),
        None => {
            let owned: usize = group.members.iter().map(|m| m.owned.len()).sum();
            Message::new("state-epoch").number("partitions", owned as f64).number("moved", moved as f64)
        }
    };
    message
        .number("epoch", f64::from(number))
        .text("assignor", &group.assignor)
        .message("cause", cause)
        .number("members", group.members.len() as f64)
}

pub fn clients(tab: &TabClients) -> Message {
    let frozen = tab.consumers.iter().filter(|c| c.state == ConsumerState::Frozen).count() as f64;
    if tab.producers.is_empty() && tab.consumers.is_empty() {
        return Message::new("headline-clients-none");
    }
    Message::new("headline-clients")
        .number("producers", tab.producers.len() as f64)
        .number("consumers", tab.consumers.len() as f64)
        .number("frozen", frozen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::tests::flights;

    #[test]
    fn worst_news_first() {
        let (mut s, mut rates, feed) = (flights(), Rates::default(), Feed::default());
        rates.observe(&s);
        assert_eq!(overview(&s, &rates, &feed).key, "headline-one-slow");
        s.groups.get_mut("flights-readers").unwrap().state = "PreparingRebalance".into();
        assert_eq!(overview(&s, &rates, &feed).key, "headline-rebalancing");
    }

    #[test]
    fn who_holds_what_another_waits_for_is_named() {
        let (mut s, rates, feed) = (flights(), Rates::default(), Feed::default());
        let mut tabs = crate::model::epochs::tests::tabs();
        tabs.members[1].progress.as_mut().unwrap().revoking = vec![TopicPartition::new("flights", 5)];
        let said = group(&s, &tabs, None);
        assert_eq!(said.key, "state-epoch-held");
        assert!(said.says("holder", "tab-2"));
        s.groups.insert("tabs".into(), tabs.clone());
        assert_eq!(overview(&s, &rates, &feed).key, "headline-behind");
        s.groups.retain(|id, _| id == "tabs");
        s.groups.get_mut("tabs").unwrap().committed =
            (0..6).map(|p| (TopicPartition::new("flights", p), 9_999)).collect();
        assert_eq!(overview(&s, &rates, &feed).key, "headline-reconciling");
        tabs.members[2].owned.push(TopicPartition::new("flights", 5));
        assert_eq!(group(&s, &tabs, None).key, "state-epoch");
    }

    #[test]
    fn nothing_wrong_is_said_too() {
        let (mut s, rates, feed) = (flights(), Rates::default(), Feed::default());
        for (partition, offset) in &mut s.groups.get_mut("flights-readers").unwrap().committed {
            *offset = s.topics["flights"].partitions[partition.partition as usize].high_watermark;
        }
        assert_eq!(overview(&s, &rates, &feed).key, "headline-quiet");
    }
}
