//! What a call on a consumer group is about to do: records, events and deadlines are drafted, and thrown away as one
//! where the call is refused half way.

use tablog_record::Now;
use tablog_wire::ErrorCode;

use super::Downgraded;
use crate::config::{GroupConfig, GroupSettings};
use crate::coordinator_record::CoordinatorRecord;
use crate::event::GroupEvent;
use crate::timers::Timer;
use crate::topics::Topics;

/// What a call may use besides the group itself.
pub(crate) struct Call<'a> {
    pub now: Now,
    pub group_id: &'a str,
    pub config: &'a GroupConfig,
    pub settings: GroupSettings,
    pub topics: &'a Topics,
    /// The version of the topics that the group has taken notice of.
    pub noticed_version: Option<i64>,
    pub draft: Draft,
}

#[derive(Default)]
pub(crate) struct Draft {
    pub records: Vec<CoordinatorRecord>,
    pub events: Vec<GroupEvent>,
    pub timers: Vec<(Timer, Deadline)>,
    /// The group has taken notice of the topics as they are.
    pub has_noticed_topics: bool,
    /// The group goes back to the classic protocol.
    pub downgraded: Option<Downgraded>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadline {
    At(u64),
    /// Unless there is one.
    AtLatest(u64),
    None,
}

/// Why nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub code: ErrorCode,
    pub message: String,
}

impl Refusal {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into() }
    }

    pub fn unknown_member(group_id: &str, member_id: &str) -> Refusal {
        let message = format!("Member {member_id} is not a member of group {group_id}.");
        Refusal::new(ErrorCode::UnknownMemberId, message)
    }
}

impl Call<'_> {
    pub fn record(&mut self, record: CoordinatorRecord) {
        self.draft.records.push(record);
    }

    pub fn event(&mut self, event: GroupEvent) {
        self.draft.events.push(event);
    }

    pub fn set_timer(&mut self, timer: Timer, after_ms: u64) {
        let at_ms = self.now.monotonic_ms.saturating_add(after_ms);
        self.draft.timers.push((timer, Deadline::At(at_ms)));
    }

    /// A deadline that stands stays.
    pub fn start_timer(&mut self, timer: Timer, after_ms: u64) {
        let at_ms = self.now.monotonic_ms.saturating_add(after_ms);
        self.draft.timers.push((timer, Deadline::AtLatest(at_ms)));
    }

    pub fn cancel_timer(&mut self, timer: Timer) {
        self.draft.timers.push((timer, Deadline::None));
    }

    pub fn keep_session(&mut self, member_id: &str, session_timeout_ms: u64) {
        self.set_timer(Timer::Session { member_id: member_id.to_owned() }, session_timeout_ms);
    }
}
