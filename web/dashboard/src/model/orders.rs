//! What the page and the tab's worker say to each other. The worker alone speaks Kafka; the page shows and asks.
//!
//! ```text
//! page → worker   Begin {host, flights} + a port to the broker         first
//!                 Seen(bool)   Watch | Unwatch   PutProducer, PutConsumer, Remove   PutMember, LeaveGroup, EndMember
//!                 Ask {id, request} [+ a file]   Stop {id}
//! worker → page   Ready   Snapshot   Events   Keys*   Figures, Failed, Done   Member
//!                 Answer {id, reply} [+ a Blob]: any number of Progress, Some and Ran, then one of the others
//! ```
//!
//! Each is one message `[bytes, what comes with it]`, packed as `packing` says.
//!
//! Never knows: how a message travels, Kafka.

use crate::model::client_control::{ConsumerSettings, Figures, ProducerSettings};
use crate::model::feed::Event;
use crate::model::import::Offer;
use crate::model::lab::History;
use crate::model::lab::answer::Answer;
use crate::model::lab::run::{RunOrder, Told};
use crate::model::member::{MemberReport, MemberSettings};
use crate::model::message::Message;
use crate::model::packing::{packed_enum, packed_struct};
use crate::model::records::{Draft, From, ReadRecord};
use crate::model::snapshot::{Snapshot, TopicPartition};

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Comes with a port: whom to ask for, and where the flights' bytes are fetched.
    Begin {
        broker_host: String,
        flights_url: String,
    },
    /// Whether anybody looks at the page: unseen, the cluster is read less often.
    Seen(bool),
    /// The keys of this topic are wanted from now on; the topic before is not watched any more.
    Watch(String),
    Unwatch,
    PutProducer(ProducerSettings),
    PutConsumer(ConsumerSettings),
    Remove {
        client_id: String,
    },
    /// The one member that the tab is; the one before ends.
    PutMember(MemberSettings),
    /// It leaves, and its group is looked at further on.
    LeaveGroup,
    EndMember,
    Ask {
        id: u32,
        request: Request,
    },
    /// The answer is not wanted any more.
    Stop {
        id: u32,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    CreateTopic {
        name: String,
        partitions: i32,
        settings: Vec<(String, String)>,
    },
    DeleteTopic {
        name: String,
    },
    DeleteGroup {
        id: String,
    },
    /// The first record of this time or later in each.
    OffsetsAt {
        partitions: Vec<TopicPartition>,
        timestamp_ms: i64,
    },
    SetOffsets {
        group: String,
        offsets: Vec<(TopicPartition, i64)>,
    },
    DeleteOffsets {
        group: String,
        partitions: Vec<TopicPartition>,
    },
    RemoveMembers {
        group: String,
        member_ids: Vec<String>,
    },
    AddPartitions {
        name: String,
        total: i32,
    },
    /// No value: back to the default.
    AlterSetting {
        topic: String,
        name: String,
        value: Option<String>,
    },
    Produce {
        topic: String,
        draft: Draft,
        count: u32,
    },
    Read {
        topic: String,
        from: From,
        limit: usize,
    },
    /// From now on, until it is stopped.
    Tail {
        topic: String,
    },
    /// All that there is now, as NDJSON in a Blob.
    Export {
        topic: String,
    },
    /// Comes with the file, which stays with the worker until the next one is opened.
    Open {
        name: String,
    },
    /// What the assignors make of it; nothing of it happens.
    Lab {
        history: History,
    },
    /// The file opened last.
    Import {
        topic: String,
        key_column: Option<String>,
    },
    /// A history of the lab, played by real members until it is over or stopped; what it made is removed before the
    /// last reply.
    RunLab(RunOrder),
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The worker's script runs and hears orders.
    Ready,
    Snapshot(Snapshot),
    Events(Vec<(i64, Event)>),
    /// A watch begins anew.
    KeysBegin {
        topic: String,
        partitions: usize,
    },
    Keys(Vec<KeyRun>),
    Figures(Vec<Figures>),
    Failed {
        client_id: String,
        detail: String,
    },
    /// A producer of `FlightsOnce` is through.
    Done {
        client_id: String,
        records: u64,
    },
    Answer {
        id: u32,
        reply: Reply,
    },
    Member(MemberReport),
}

/// The keys of some records of a partition: each name once, and for each record its offset and which name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyRun {
    pub partition: usize,
    /// None: the records without a key.
    pub names: Vec<Option<String>>,
    pub samples: Vec<(i64, u32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Progress(u64),
    Some(Vec<ReadRecord>),
    Finished,
    /// Where the last record is.
    Landed {
        partition: i32,
        offset: i64,
    },
    Records(Vec<ReadRecord>),
    Offered(Offer),
    Assigned(Answer),
    /// How far a run of the lab is.
    Ran(Told),
    Failed(Trouble),
    Offsets(Vec<(TopicPartition, i64)>),
    /// Where something was refused, Kafka's name of the error.
    Outcomes(Vec<(TopicPartition, Option<String>)>),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    Refused {
        code: String,
        detail: String,
    },
    NoBroker {
        detail: String,
    },
    NotDelivered {
        detail: String,
    },
    NotRead {
        detail: String,
    },
    Unreadable {
        name: String,
    },
    Neither {
        name: String,
    },
    /// One tab at a time plays the lab.
    AnotherRun,
    NotRemoved {
        detail: String,
    },
}

impl Trouble {
    pub fn message(&self) -> Message {
        match self {
            Trouble::Refused { code, detail } => {
                Message::new("refused").text("code", code).text("detail", detail)
            }
            Trouble::NoBroker { detail } => Message::new("no-broker").text("detail", detail),
            Trouble::NotDelivered { detail } => Message::new("not-delivered").text("detail", detail),
            Trouble::NotRead { detail } => Message::new("not-read").text("detail", detail),
            Trouble::Unreadable { name } => Message::new("import-unreadable").text("name", name),
            Trouble::Neither { name } => Message::new("import-neither").text("name", name),
            Trouble::AnotherRun => Message::new("lab-run-another"),
            Trouble::NotRemoved { detail } => Message::new("lab-run-not-removed").text("detail", detail),
        }
    }
}

impl Reply {
    pub fn is_last(&self) -> bool {
        !matches!(self, Reply::Progress(_) | Reply::Some(_) | Reply::Ran(_))
    }
}

packed_enum! {
    Order {
        0 Begin { broker_host, flights_url },
        1 Seen(seen),
        2 Watch(topic),
        3 Unwatch,
        4 PutProducer(settings),
        5 PutConsumer(settings),
        6 Remove { client_id },
        7 Ask { id, request },
        8 Stop { id },
        9 PutMember(settings),
        10 LeaveGroup,
        11 EndMember,
    }
}

packed_enum! {
    Request {
        0 CreateTopic { name, partitions, settings },
        1 DeleteTopic { name },
        2 AddPartitions { name, total },
        3 AlterSetting { topic, name, value },
        4 Produce { topic, draft, count },
        5 Read { topic, from, limit },
        6 Tail { topic },
        7 Export { topic },
        8 Open { name },
        9 Import { topic, key_column },
        10 DeleteGroup { id },
        11 Lab { history },
        12 RunLab(order),
        13 OffsetsAt { partitions, timestamp_ms },
        14 SetOffsets { group, offsets },
        15 DeleteOffsets { group, partitions },
        16 RemoveMembers { group, member_ids },
    }
}

packed_enum! {
    Report {
        0 Ready,
        1 Snapshot(snapshot),
        2 Events(events),
        3 KeysBegin { topic, partitions },
        4 Keys(runs),
        5 Figures(figures),
        6 Failed { client_id, detail },
        7 Done { client_id, records },
        8 Answer { id, reply },
        9 Member(report),
    }
}

packed_enum! {
    Reply {
        0 Progress(done),
        1 Some(records),
        2 Finished,
        3 Landed { partition, offset },
        4 Records(records),
        5 Offered(offer),
        6 Failed(trouble),
        7 Assigned(answer),
        8 Ran(told),
        9 Offsets(offsets),
        10 Outcomes(outcomes),
    }
}

packed_enum! {
    Trouble {
        0 Refused { code, detail },
        1 NoBroker { detail },
        2 NotDelivered { detail },
        3 NotRead { detail },
        4 Unreadable { name },
        5 Neither { name },
        6 AnotherRun,
        7 NotRemoved { detail },
    }
}

packed_struct! { KeyRun { partition, names, samples } }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::packing::{packed, unpacked};
    use crate::model::snapshot::tests::flights;

    #[test]
    fn a_snapshot_goes_there_and_back() {
        let report = Report::Snapshot(flights());
        assert_eq!(unpacked(&packed(&report)), Some(report));
    }

    #[test]
    fn an_answer_ends_with_its_last_reply() {
        let request = Request::Produce { topic: "t".into(), draft: Draft::default(), count: 3 };
        let order = Order::Ask { id: 7, request };
        assert_eq!(unpacked(&packed(&order)), Some(order));
        assert!(!Reply::Progress(1).is_last());
        assert!(Reply::Finished.is_last());
    }
}
