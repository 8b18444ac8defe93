//! A history as the query of an address: short, readable by a person, and read strictly. What cannot be read says why.
//!
//! ```text
//! v=1 & topics=lab:12,orders:6@a/b & members=c1,c2!,c3:lab/orders@a & steps=-c3,+c6,lab:15,~c1,c2=lab & at=2
//!
//! topic    name:partitions [@rack/rack…]            replica of partition p in rack p mod their number
//! member   name [!] [:topic/topic… | :-] [@rack]    ! static, without topics all of them, :- none at all
//! step     +member joins   -name leaves   ~name crashes   name=topic/topic… | name=* | name=- subscribes
//!          topic:n grows to n; one that is not there yet is made
//! at       how many steps are done; without it all of them
//! ```
//! Names hold none of these signs ([`super::situation::check_name`]). Without any of this it is the example.

use super::history::History;
use super::situation::{LabMember, LabTopic, Membership, Situation, Subscription};
use super::step::{Refusal, Step};
use crate::model::limits::LAB_ADDRESS_BYTES_MAX;
use crate::model::message::Message;

const VERSION: u32 = 1;
/// Parameters of the page, whatever it shows.
const NOT_OURS: [&str; 3] = ["lang", "theme", "room"];
const OURS: [&str; 5] = ["v", "topics", "members", "steps", "at"];

/// Why an address is not read.
#[derive(Clone, Debug, PartialEq)]
pub enum Unreadable {
    TooLong,
    /// What the percent signs stand for is no text.
    Escapes,
    NoVersion,
    Version(String),
    Missing(&'static str),
    Unknown(String),
    Twice(String),
    /// This piece of this parameter is nothing that could stand there.
    Piece {
        parameter: &'static str,
        piece: String,
    },
    Refused(Refusal),
    /// So many-th step, from 1.
    RefusedStep {
        number: usize,
        refusal: Refusal,
    },
    /// `at` is behind the last step.
    Beyond(String),
}

pub fn write(history: &History) -> String {
    let list = |pieces: Vec<String>| pieces.join(",");
    let start = history.start();
    let topics = list(start.topics.iter().map(topic_text).collect());
    let members = list(start.members.iter().map(member_text).collect());
    let mut out = format!("v={VERSION}&topics={topics}&members={members}");
    if !history.steps().is_empty() {
        let steps = list(history.steps().iter().map(step_text).collect());
        out.push_str(&format!("&steps={steps}&at={}", history.at()));
    }
    out
}

/// `query` is what stands behind the question mark. None of our parameters: None.
pub fn read(query: &str) -> Result<Option<History>, Unreadable> {
    if query.len() > LAB_ADDRESS_BYTES_MAX {
        return Err(Unreadable::TooLong);
    }
    let mut found: [Option<String>; 5] = [const { None }; 5];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if NOT_OURS.contains(&name) {
            continue;
        }
        let Some(at) = OURS.iter().position(|ours| *ours == name) else {
            return Err(Unreadable::Unknown(short(name)));
        };
        if found[at].replace(unescaped(value)?).is_some() {
            return Err(Unreadable::Twice(name.to_owned()));
        }
    }
    if found.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [version, topics, members, steps, at] = found;
    match version {
        None => return Err(Unreadable::NoVersion),
        Some(version) if number(&version) != Some(VERSION) => {
            return Err(Unreadable::Version(short(&version)));
        }
        Some(_) => {}
    }
    let mut start = Situation::default();
    for piece in pieces(&topics.ok_or(Unreadable::Missing("topics"))?) {
        let topic = read_topic(piece).ok_or_else(|| unreadable("topics", piece))?;
        start.add_topic(topic).map_err(Unreadable::Refused)?;
    }
    for piece in pieces(&members.ok_or(Unreadable::Missing("members"))?) {
        let member = read_member(piece).ok_or_else(|| unreadable("members", piece))?;
        start.add_member(member).map_err(Unreadable::Refused)?;
    }
    let mut history = History::new(start).map_err(Unreadable::Refused)?;
    for (before, piece) in pieces(&steps.unwrap_or_default()).enumerate() {
        let step = read_step(piece, &history.situation()).ok_or_else(|| unreadable("steps", piece))?;
        let refused = |refusal| Unreadable::RefusedStep { number: before + 1, refusal };
        history.add(step).map_err(refused)?;
    }
    if let Some(text) = at {
        let at = number(&text).map(|at| at as usize).filter(|at| *at <= history.steps().len());
        history.go(at.ok_or_else(|| Unreadable::Beyond(short(&text)))?);
    }
    Ok(Some(history))
}

impl Unreadable {
    pub fn message(&self) -> Message {
        match self {
            Unreadable::TooLong => Message::new("lab-address-long"),
            Unreadable::Escapes => Message::new("lab-address-escapes"),
            Unreadable::NoVersion => Message::new("lab-address-no-version"),
            Unreadable::Version(found) => {
                let newer = number(found).is_some_and(|found| found > VERSION);
                let key = if newer { "lab-address-newer" } else { "lab-address-version" };
                Message { key, arguments: Vec::new() }.text("found", found).number("ours", f64::from(VERSION))
            }
            Unreadable::Missing(name) => Message::new("lab-address-missing").text("name", *name),
            Unreadable::Unknown(name) => Message::new("lab-address-unknown").text("name", name),
            Unreadable::Twice(name) => Message::new("lab-address-twice").text("name", name),
            Unreadable::Piece { parameter, piece } => {
                Message::new("lab-address-piece").text("name", *parameter).text("piece", piece)
            }
            Unreadable::Refused(refusal) => refusal.message(),
            Unreadable::RefusedStep { number, refusal } => Message::new("lab-address-step")
                .number("number", *number as f64)
                .message("why", refusal.message()),
            Unreadable::Beyond(text) => Message::new("lab-address-beyond").text("at", text),
        }
    }
}

fn topic_text(topic: &LabTopic) -> String {
    let racks = if topic.racks.is_empty() { String::new() } else { format!("@{}", topic.racks.join("/")) };
    format!("{}:{}{racks}", topic.name, topic.partitions)
}

fn member_text(member: &LabMember) -> String {
    let mut text = member.name.clone();
    if member.membership == Membership::Static {
        text.push('!');
    }
    if let Subscription::Only(_) = member.subscription {
        text.push(':');
        text.push_str(&subscription_text(&member.subscription));
    }
    if let Some(rack) = &member.rack {
        text.push('@');
        text.push_str(rack);
    }
    text
}

fn subscription_text(subscription: &Subscription) -> String {
    match subscription {
        Subscription::All => "*".to_owned(),
        Subscription::Only(topics) if topics.is_empty() => "-".to_owned(),
        Subscription::Only(topics) => topics.join("/"),
    }
}

fn step_text(step: &Step) -> String {
    match step {
        Step::Join(member) => format!("+{}", member_text(member)),
        Step::Leave(name) => format!("-{name}"),
        Step::Crash(name) => format!("~{name}"),
        Step::AddPartitions { topic, partitions } => format!("{topic}:{partitions}"),
        Step::CreateTopic(topic) => topic_text(topic),
        Step::Subscribe { member, subscription } => format!("{member}={}", subscription_text(subscription)),
    }
}

fn pieces(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(move |_| !list.is_empty())
}

fn read_topic(piece: &str) -> Option<LabTopic> {
    let (piece, racks) = match piece.split_once('@') {
        Some((piece, racks)) => (piece, racks.split('/').map(str::to_owned).collect()),
        None => (piece, Vec::new()),
    };
    let (name, partitions) = piece.split_once(':')?;
    let partitions = i32::try_from(number(partitions)?).ok()?;
    Some(LabTopic { racks, ..LabTopic::new(name, partitions) })
}

fn read_member(piece: &str) -> Option<LabMember> {
    let (piece, rack) = match piece.split_once('@') {
        Some((piece, rack)) => (piece, Some(rack.to_owned())),
        None => (piece, None),
    };
    let (piece, subscription) = match piece.split_once(':') {
        Some((_, "*")) => return None,
        Some((piece, topics)) => (piece, read_subscription(topics)),
        None => (piece, Subscription::All),
    };
    let (name, membership) = match piece.strip_suffix('!') {
        Some(name) => (name, Membership::Static),
        None => (piece, Membership::Dynamic),
    };
    Some(LabMember { name: name.to_owned(), subscription, rack, membership })
}

fn read_subscription(text: &str) -> Subscription {
    match text {
        "*" => Subscription::All,
        "-" => Subscription::Only(Vec::new()),
        topics => Subscription::Only(topics.split('/').map(str::to_owned).collect()),
    }
}

fn read_step(piece: &str, situation: &Situation) -> Option<Step> {
    if let Some(member) = piece.strip_prefix('+') {
        return read_member(member).map(Step::Join);
    }
    if let Some(name) = piece.strip_prefix('-') {
        return Some(Step::Leave(name.to_owned()));
    }
    if let Some(name) = piece.strip_prefix('~') {
        return Some(Step::Crash(name.to_owned()));
    }
    if let Some((member, topics)) = piece.split_once('=') {
        return Some(Step::Subscribe { member: member.to_owned(), subscription: read_subscription(topics) });
    }
    let topic = read_topic(piece)?;
    Some(match situation.topic(&topic.name) {
        Some(_) if topic.racks.is_empty() => {
            Step::AddPartitions { topic: topic.name, partitions: topic.partitions }
        }
        _ => Step::CreateTopic(topic),
    })
}

/// Digits alone, and not so many that it overflows; no leading zero, so that a number is written in one way.
fn number(text: &str) -> Option<u32> {
    let plain = text.len() <= 9
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// A plus stays a plus: it is a sign of ours, not a space.
fn unescaped(text: &str) -> Result<String, Unreadable> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(Unreadable::Escapes) };
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).map_err(|_| Unreadable::Escapes)
}

fn unreadable(parameter: &'static str, piece: &str) -> Unreadable {
    Unreadable::Piece { parameter, piece: short(piece) }
}

/// As much of hostile text as is worth showing.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_reads_as_it_is_written() {
        let mut history = History::example();
        history.add(Step::Leave("c3".into())).unwrap();
        history.add(Step::Join(LabMember::new("c6"))).unwrap();
        history.add(Step::AddPartitions { topic: "lab".into(), partitions: 15 }).unwrap();
        history.go(1);
        let query = "v=1&topics=lab:12&members=c1,c2,c3,c4,c5&steps=-c3,+c6,lab:15&at=1";
        assert_eq!(write(&history), query);
        assert_eq!(read(query), Ok(Some(history.clone())));
        let escaped = "lang=ko&v=1&topics=lab%3A12&members=c1%2cc2,c3,c4,c5&steps=-c3,%2Bc6,lab:15&at=1";
        assert_eq!(read(escaped), Ok(Some(history)));
        assert_eq!(read("lang=ko"), Ok(None));
        assert_eq!(read(&write(&History::empty())), Ok(Some(History::empty())));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let many: Vec<String> = (0..10_000).map(|n| format!("c{n}")).collect();
        let many = format!("v=1&topics=lab:1&members={}", many.join(","));
        let piece = |parameter, piece: &str| Unreadable::Piece { parameter, piece: piece.into() };
        let cases = [
            ("topics=lab:1&members=", Unreadable::NoVersion),
            ("v=2&topics=[]", Unreadable::Version("2".into())),
            ("v=01&topics=lab:1&members=", Unreadable::Version("01".into())),
            ("v=1&members=", Unreadable::Missing("topics")),
            ("v=1&topics=lab:1", Unreadable::Missing("members")),
            ("v=1&topics=&members=", Unreadable::Refused(Refusal::NoTopic)),
            ("v=1&topics=lab:1&members=&member=c1", Unreadable::Unknown("member".into())),
            ("v=1&topics=lab:1&topics=lab:2&members=", Unreadable::Twice("topics".into())),
            ("v=1&topics=lab&members=", piece("topics", "lab")),
            ("v=1&topics=lab:-1&members=", piece("topics", "lab:-1")),
            ("v=1&topics=lab:99999999999&members=", piece("topics", "lab:99999999999")),
            ("v=1&topics=lab:0&members=", Unreadable::Refused(Refusal::NoPartition("lab".into()))),
            ("v=1&topics=lab:10000&members=", Unreadable::Refused(Refusal::TooManyPartitions)),
            ("v=1&topics=lab:1@&members=", Unreadable::Refused(Refusal::Name(String::new()))),
            ("v=1&topics=%E2%82&members=", Unreadable::Escapes),
            ("v=1&topics=lab:1%2&members=", Unreadable::Escapes),
            ("v=1&topics=lab:1&members=c1,,c2", Unreadable::Refused(Refusal::Name(String::new()))),
            ("v=1&topics=lab:1&members=c1,c1", Unreadable::Refused(Refusal::MemberTwice("c1".into()))),
            ("v=1&topics=lab:1&members=<b>", Unreadable::Refused(Refusal::Name("<b>".into()))),
            ("v=1&topics=lab:1&members=c1:x", Unreadable::Refused(Refusal::NoSuchTopic("x".into()))),
            (&many, Unreadable::Refused(Refusal::TooManyMembers)),
            (
                "v=1&topics=lab:1&members=c1&steps=-c1,-c1",
                Unreadable::RefusedStep { number: 2, refusal: Refusal::NoSuchMember("c1".into()) },
            ),
            ("v=1&topics=lab:1&members=c1&steps=c1", piece("steps", "c1")),
            ("v=1&topics=lab:1&members=c1&steps=-c1&at=2", Unreadable::Beyond("2".into())),
            ("v=1&topics=lab:1&members=c1&at=-1", Unreadable::Beyond("-1".into())),
        ];
        for (query, why) in cases {
            assert_eq!(read(query), Err(why), "{}", short(query));
        }
        assert_eq!(read(&"x".repeat(LAB_ADDRESS_BYTES_MAX + 1)), Err(Unreadable::TooLong));
    }
}
