//! Deadlines by name, on the monotonic clock. Setting one again moves it.

use tablog_record::{SortedMap, SortedSet};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The join phase of a group ends.
    Join,
    /// Members that have not asked for their assignment are removed.
    Sync,
    /// A member's session, or the time in which a pending member has to join.
    Session { member_id: String },
    /// A member of a consumer group that has been told to let go of partitions is fenced.
    Revocation { member_id: String },
    /// A member of the classic protocol in a consumer group has to join again.
    ClassicJoin { member_id: String },
    /// It has to ask for what its join gave it.
    ClassicSync { member_id: String },
    /// The regular expressions of a consumer group are resolved.
    Regexes,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    deadlines: SortedMap<(String, Timer), u64>,
    order: SortedSet<(u64, String, Timer)>,
}

impl Timers {
    pub fn set(&mut self, group_id: &str, timer: Timer, deadline_ms: u64) {
        self.cancel(group_id, timer.clone());
        self.order.insert((deadline_ms, group_id.to_owned(), timer.clone()));
        self.deadlines.insert((group_id.to_owned(), timer), deadline_ms);
    }

    pub fn is_set(&self, group_id: &str, timer: &Timer) -> bool {
        self.deadlines.contains_key(&(group_id.to_owned(), timer.clone()))
    }

    pub fn cancel(&mut self, group_id: &str, timer: Timer) {
        let key = (group_id.to_owned(), timer);
        if let Some(deadline_ms) = self.deadlines.remove(&key) {
            self.order.remove(&(deadline_ms, key.0, key.1));
        }
    }

    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.order.first().map(|first| first.0)
    }

    /// Takes out one timer that is due.
    pub fn take_due(&mut self, now_ms: u64) -> Option<(String, Timer)> {
        if self.next_deadline_ms()? > now_ms {
            return None;
        }
        let (_, group_id, timer) = self.order.pop_first()?;
        self.deadlines.remove(&(group_id.clone(), timer.clone()));
        Some((group_id, timer))
    }
}
