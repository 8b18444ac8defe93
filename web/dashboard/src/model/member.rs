//! One member of a group as the tab's worker tells of it: what it owns and where it reads, its heartbeats, the records
//! it was given, and who else is in the group.
//!
//! Never knows: how a message travels, what is made of it on the page.

use crate::model::client_control::ConsumerSettings;
use crate::model::packing::packed_struct;

/// What the page orders: a member of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberSettings {
    pub consumer: ConsumerSettings,
    /// Asked for in the address. With the consumer protocol it is the group's setting that is changed; none: it stays.
    pub session_timeout_ms: Option<u64>,
}

/// Told a few times a second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberReport {
    pub at_ms: i64,
    /// Not once it has left.
    pub is_running: bool,
    pub client_id: String,
    pub member_id: String,
    /// The generation, or the member epoch; none while it is no member.
    pub epoch: Option<i32>,
    pub is_rebalancing: bool,
    pub owned: Vec<Standing>,
    /// Since it began.
    pub records_read: u64,
    /// Since the report before.
    pub heartbeats: Vec<Heartbeat>,
    pub records: Vec<MemberRecord>,
    /// Everybody in the group, this member too, as the coordinator says.
    pub peers: Vec<Peer>,
    /// When the coordinator was asked.
    pub peers_at_ms: i64,
    pub trouble: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub partition: i32,
    /// The next offset; none while it is being found.
    pub position: Option<i64>,
    pub lag: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heartbeat {
    pub at_ms: i64,
    /// Nobody saw the tab then.
    pub is_hidden: bool,
}

/// A record as a line of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberRecord {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<String>,
    /// None: a tombstone.
    pub value: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    pub member_id: String,
    pub client_id: String,
    /// Of the topic that the tab reads.
    pub owned: Vec<i32>,
    /// What the coordinator means it to own; nothing is said of it in groups of the classic kind.
    pub target: Option<Vec<i32>>,
}

packed_struct! {
    MemberSettings { consumer, session_timeout_ms }
    MemberReport {
        at_ms, is_running, client_id, member_id, epoch, is_rebalancing, owned, records_read, heartbeats, records, peers,
        peers_at_ms, trouble,
    }
    Standing { partition, position, lag }
    Heartbeat { at_ms, is_hidden }
    MemberRecord { partition, offset, key, value }
    Peer { member_id, client_id, owned, target }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::packing::{packed, unpacked};

    #[test]
    fn a_report_goes_there_and_back() {
        let report = MemberReport {
            owned: vec![Standing { partition: 3, position: Some(7), lag: None }],
            records: vec![MemberRecord { offset: -1, value: Some("가".into()), ..MemberRecord::default() }],
            peers: vec![Peer { target: Some(vec![1, 2]), ..Peer::default() }],
            ..MemberReport::default()
        };
        assert_eq!(unpacked(&packed(&report)), Some(report));
    }
}
