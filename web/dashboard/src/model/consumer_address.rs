//! The address of a tab that is one member: `/consumer?topic=…&group=…`, readable by a person. What cannot be read says
//! why; nothing is guessed.
//!
//! ```text
//! topic=flights  group=tabs                                            needed
//! protocol=classic|consumer  assignor=…  session.timeout.ms=…  name=…  if wanted
//! ```

use crate::model::address;
use crate::model::client_control::Protocol;
use crate::model::message::Message;
use crate::model::snapshot::Snapshot;
use crate::model::topic_name;

pub const PATH: &str = "/consumer";
const NAME_CHARS_MAX: usize = 64;
const GROUP_CHARS_MAX: usize = 255;
/// Understood by every page.
const OF_EVERY_PAGE: [&str; 3] = ["lang", "theme", "room"];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerAddress {
    pub topic: String,
    pub group: String,
    pub protocol: Protocol,
    /// Of the protocol; none: the usual one.
    pub assignor: Option<String>,
    pub session_timeout_ms: Option<u64>,
    /// None: the lowest free number.
    pub name: Option<String>,
}

/// From the parameters, in their order.
pub fn parse(parameters: &[(String, String)]) -> Result<ConsumerAddress, Message> {
    let mut asked = ConsumerAddress { protocol: Protocol::Consumer, ..ConsumerAddress::default() };
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in parameters {
        if seen.contains(&name.as_str()) {
            return Err(Message::new("consumer-twice").text("name", name));
        }
        seen.push(name);
        let value = value.trim();
        let illegal = |why: &'static str| {
            let message = Message::new("consumer-illegal").text("name", name).text("value", cut(value));
            Err(message.message("why", Message::new(why)))
        };
        match name.as_str() {
            "topic" if !topic_name::is_legal(value) => return illegal("consumer-why-topic"),
            "topic" => asked.topic = value.to_owned(),
            "group" if !(1..=GROUP_CHARS_MAX).contains(&value.chars().count()) => {
                return illegal("consumer-why-group");
            }
            "group" => asked.group = value.to_owned(),
            "protocol" => match Protocol::of(value) {
                Some(protocol) => asked.protocol = protocol,
                None => return illegal("consumer-why-protocol"),
            },
            "assignor" => asked.assignor = Some(value.to_owned()),
            "session.timeout.ms" => match value.parse::<i32>() {
                Ok(ms) if ms > 0 => asked.session_timeout_ms = Some(ms.unsigned_abs().into()),
                _ => return illegal("consumer-why-session"),
            },
            "name" if !is_name(value) => return illegal("consumer-why-name"),
            "name" => asked.name = Some(value.to_owned()),
            name if OF_EVERY_PAGE.contains(&name) => {}
            name => return Err(Message::new("consumer-unknown").text("name", cut(name))),
        }
    }
    if let Some(assignor) = asked.assignor.as_deref().filter(|a| !asked.protocol.assignors().contains(a)) {
        let message = Message::new("consumer-assignor").text("assignor", cut(assignor));
        let known = asked.protocol.assignors().join(", ");
        return Err(message.text("protocol", asked.protocol.word()).text("known", known));
    }
    for (name, value) in [("topic", &asked.topic), ("group", &asked.group)] {
        if value.is_empty() {
            return Err(Message::new("consumer-missing").text("name", name));
        }
    }
    Ok(asked)
}

/// What another tab is opened with.
pub fn write(asked: &ConsumerAddress) -> String {
    let mut out = format!("{PATH}?topic={}", address::segment(&asked.topic));
    out.push_str(&format!("&group={}", address::segment(&asked.group)));
    if asked.protocol == Protocol::Classic {
        out.push_str("&protocol=classic");
    }
    if let Some(assignor) = &asked.assignor {
        out.push_str(&format!("&assignor={}", address::segment(assignor)));
    }
    out
}

/// One more member for a group as it is now: what it reads or `topic`, in its protocol. None: there is nothing to read.
pub fn one_more(snapshot: &Snapshot, group: &str, topic: Option<&str>) -> Option<ConsumerAddress> {
    let known = snapshot.groups.get(group);
    let read = || known.and_then(|g| g.topics().into_iter().next());
    let first = || snapshot.user_topics().next().map(|(name, _)| name.clone());
    let topic = topic.map(str::to_owned).or_else(read).or_else(first)?;
    let is_classic = known.is_some_and(|g| g.kind != "consumer" && !g.members.is_empty());
    let protocol = if is_classic { Protocol::Classic } else { Protocol::Consumer };
    let assignor = known
        .map(|g| g.assignor.clone())
        .filter(|a| is_classic && protocol.assignors().contains(&a.as_str()));
    Some(ConsumerAddress { topic, group: group.to_owned(), protocol, assignor, ..ConsumerAddress::default() })
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(allowed)
}

fn cut(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ConsumerAddress, &'static str> {
        let pairs = query.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")));
        let pairs: Vec<_> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        parse(&pairs).map_err(|m| m.key)
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let asked = read("topic=flights&group=tabs").unwrap();
        assert_eq!((asked.protocol, asked.session_timeout_ms), (Protocol::Consumer, None));
        let all =
            "topic=t&group=g&protocol=classic&assignor=sticky&session.timeout.ms=45000&name=left&lang=ko";
        let asked = read(all).unwrap();
        assert_eq!((asked.protocol, asked.session_timeout_ms), (Protocol::Classic, Some(45_000)));
        assert_eq!((asked.assignor.as_deref(), asked.name.as_deref()), (Some("sticky"), Some("left")));
        assert_eq!(read("assignor=uniform&topic=t&group=g").unwrap().assignor.as_deref(), Some("uniform"));
    }

    #[test]
    fn what_cannot_be_is_refused_and_never_guessed() {
        for (query, key) in [
            ("", "consumer-missing"),
            ("topic=t", "consumer-missing"),
            ("topic=&group=g", "consumer-illegal"),
            ("topic=a b&group=g", "consumer-illegal"),
            ("topic=..&group=g", "consumer-illegal"),
            ("topic=t&group=g&protocol=CLASSIC", "consumer-illegal"),
            ("topic=t&group=g&session.timeout.ms=0", "consumer-illegal"),
            ("topic=t&group=g&session.timeout.ms=6e3", "consumer-illegal"),
            ("topic=t&group=g&session.timeout.ms=99999999999", "consumer-illegal"),
            ("topic=t&group=g&name=<b>", "consumer-illegal"),
            ("topic=t&group=g&assignor=sticky", "consumer-assignor"),
            ("topic=t&group=g&protocol=classic&assignor=uniform", "consumer-assignor"),
            ("topic=t&group=g&group=h", "consumer-twice"),
            ("topic=t&group=g&sesion.timeout.ms=6000", "consumer-unknown"),
        ] {
            assert_eq!(read(query), Err(key), "{query}");
        }
        assert_eq!(read(&format!("topic=t&group={}", "x".repeat(300))), Err("consumer-illegal"));
    }

    #[test]
    fn one_more_member_fits_its_group() {
        let mut s = crate::model::snapshot::tests::flights();
        let more = one_more(&s, "flights-readers", None).unwrap();
        assert_eq!(
            write(&more),
            "/consumer?topic=flights&group=flights-readers&protocol=classic&assignor=range"
        );
        assert_eq!(write(&one_more(&s, "tabs", None).unwrap()), "/consumer?topic=flights&group=tabs");
        s.groups.get_mut("flights-readers").unwrap().kind = "consumer".into();
        assert_eq!(one_more(&s, "flights-readers", Some("t")).unwrap().protocol, Protocol::Consumer);
        assert_eq!(one_more(&Snapshot::default(), "tabs", None), None);
    }

    #[test]
    fn an_address_is_written_so_that_nothing_leaves_its_place() {
        let asked =
            ConsumerAddress { topic: "t".into(), group: "a&b=c".into(), ..ConsumerAddress::default() };
        assert_eq!(write(&asked), "/consumer?topic=t&group=a%26b%3Dc&protocol=classic");
    }
}
