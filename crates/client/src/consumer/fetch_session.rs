//! A fetch session with one broker (KIP-227): after a first full request only what changed is named.
//!
//! Never knows: connections, offsets' meaning.

use tablog_record::{SortedMap, TopicPartition};
use tablog_wire::ErrorCode;

/// What a fetch asks of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub offset: i64,
    pub leader_epoch: i32,
}

#[derive(Debug, Default)]
pub(crate) struct FetchSession {
    id: i32,
    /// 0: the next request is a full one and begins a session.
    epoch: i32,
    partitions: SortedMap<TopicPartition, Asked>,
}

/// What to put into the next request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SessionRequest {
    pub id: i32,
    pub epoch: i32,
    pub named: SortedMap<TopicPartition, Asked>,
    pub forgotten: Vec<TopicPartition>,
}

impl FetchSession {
    pub fn request(&mut self, wanted: &SortedMap<TopicPartition, Asked>) -> SessionRequest {
        let before = std::mem::replace(&mut self.partitions, wanted.clone());
        if self.epoch == 0 {
            return SessionRequest { id: self.id, epoch: 0, named: wanted.clone(), forgotten: Vec::new() };
        }
        SessionRequest {
            id: self.id,
            epoch: self.epoch,
            named: wanted
                .iter()
                .filter(|(partition, asked)| before.get(partition) != Some(asked))
                .map(|(partition, asked)| (partition.clone(), *asked))
                .collect(),
            forgotten: before.into_keys().filter(|partition| !wanted.contains_key(partition)).collect(),
        }
    }

    /// An answer without a top-level error.
    pub fn answered(&mut self, session_id: i32) {
        if session_id == 0 {
            // The broker keeps no session for us.
            self.restart();
        } else {
            self.id = session_id;
            self.epoch = self.epoch.checked_add(1).unwrap_or(1);
        }
    }

    /// The session is unknown, out of step, or the answer was lost.
    pub fn failed(&mut self, code: Option<ErrorCode>) {
        if code == Some(ErrorCode::FetchSessionIdNotFound) {
            self.id = 0;
        }
        self.epoch = 0;
        self.partitions.clear();
    }

    pub fn restart(&mut self) {
        *self = FetchSession::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(entries: &[(i32, i64)]) -> SortedMap<TopicPartition, Asked> {
        let entry = |&(partition, offset): &(i32, i64)| {
            (TopicPartition::new("t", partition), Asked { offset, leader_epoch: 0 })
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn only_what_changed_is_named_again() {
        let mut session = FetchSession::default();
        let first = session.request(&wanted(&[(0, 0), (1, 0)]));
        assert_eq!((first.id, first.epoch, first.named.len()), (0, 0, 2));
        session.answered(9);
        let second = session.request(&wanted(&[(0, 5), (1, 0)]));
        assert_eq!((second.id, second.epoch), (9, 1));
        assert_eq!(second.named, wanted(&[(0, 5)]));
        session.answered(9);
        let third = session.request(&wanted(&[(0, 5)]));
        assert_eq!((third.epoch, third.named.len()), (2, 0));
        assert_eq!(third.forgotten, [TopicPartition::new("t", 1)]);
    }

    #[test]
    fn a_lost_answer_begins_anew_with_everything() {
        let mut session = FetchSession::default();
        session.request(&wanted(&[(0, 0)]));
        session.answered(9);
        session.request(&wanted(&[(0, 7)]));
        session.failed(None);
        let again = session.request(&wanted(&[(0, 0)]));
        assert_eq!((again.id, again.epoch), (9, 0));
        assert_eq!(again.named, wanted(&[(0, 0)]));
        session.failed(Some(ErrorCode::FetchSessionIdNotFound));
        assert_eq!(session.request(&wanted(&[(0, 0)])).id, 0);
    }
}
