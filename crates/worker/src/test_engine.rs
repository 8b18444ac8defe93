//! In the broker's place while only the way to it is tested. A frame is a correlation id of four bytes and one
//! letter: `e` echoes the rest, `a` appends it durably and answers when it is, `r` answers all that was appended.

use bytes::Bytes;
use std::collections::VecDeque;
use tablog_broker::{ConnectionId, Effect, Event};
use tablog_host::Engine;
use tablog_log::storage::{
    BlobName, Commit, CommitId, Durability, Position, Read, ReadId, StorageFault, Tier, Write,
};
use tablog_record::{Now, SortedMap};

#[derive(Debug, Default)]
pub struct TestEngine {
    effects: VecDeque<Effect>,
    waiting: VecDeque<(ConnectionId, Bytes)>,
    ready: bool,
    end: u64,
    next_id: u64,
    last: Option<CommitId>,
    commits: SortedMap<CommitId, (ConnectionId, Bytes)>,
    reads: SortedMap<ReadId, (ConnectionId, Bytes)>,
}

const BLOB: &str = "test.log";

impl TestEngine {
    pub fn new() -> TestEngine {
        let mut engine = TestEngine { next_id: 1, ..TestEngine::default() };
        engine.effects.push_back(Effect::List);
        engine
    }

    fn answer(&mut self, connection: ConnectionId, correlation: &[u8], rest: &[u8]) {
        let frame = [correlation, rest].concat().into();
        self.effects.push_back(Effect::Reply { connection, frame });
    }

    fn frame(&mut self, connection: ConnectionId, frame: Bytes) {
        if frame.len() < 5 {
            self.effects.push_back(Effect::Close { connection });
            return;
        }
        let (correlation, rest) = (frame.slice(..4), frame.slice(5..));
        self.next_id += 1;
        match frame[4] {
            b'e' => self.answer(connection, &correlation, &rest),
            b'a' => {
                let id = CommitId(self.next_id);
                let (blob, at) = (BlobName::new(BLOB), Position(self.end));
                self.end += rest.len() as u64;
                self.commits.insert(id, (connection, correlation));
                self.effects.push_back(Effect::Commit(Commit {
                    id,
                    predecessor: self.last.replace(id),
                    tier: Tier::Durable,
                    durability: Durability::Strict,
                    writes: vec![Write::Append { blob, at, bytes: rest }],
                }));
            }
            b'r' if self.end == 0 => self.answer(connection, &correlation, b""),
            b'r' => {
                let id = ReadId(self.next_id);
                self.reads.insert(id, (connection, correlation));
                let blob = BlobName::new(BLOB);
                let read = Read { tier: Tier::Durable, blob, from: Position(0), len: self.end };
                self.effects.push_back(Effect::Read { id, read });
            }
            _ => self.effects.push_back(Effect::Close { connection }),
        }
    }

    fn outcome(&mut self, waiting: Option<(ConnectionId, Bytes)>, result: Result<Bytes, StorageFault>) {
        let Some((connection, correlation)) = waiting else { return };
        match result {
            Ok(bytes) => self.answer(connection, &correlation, &bytes),
            Err(fault) => self.answer(connection, &correlation, format!("fault {fault}").as_bytes()),
        }
    }
}

impl Engine for TestEngine {
    fn handle(&mut self, _now: Now, event: Event) {
        match event {
            Event::Frame { connection, frame } if self.ready => self.frame(connection, frame),
            Event::Frame { connection, frame } => self.waiting.push_back((connection, frame)),
            Event::Committed { commit, result, .. } => {
                let waiting = self.commits.remove(&commit);
                self.outcome(waiting, result.map(|()| Bytes::from_static(b"stored")));
            }
            Event::ReadDone { read, result } => {
                let waiting = self.reads.remove(&read);
                self.outcome(waiting, result);
            }
            Event::Listed { result: Ok(blobs) } => {
                self.end = blobs.iter().find(|info| info.blob.as_str() == BLOB).map_or(0, |info| info.len);
                self.ready = true;
                for (connection, frame) in std::mem::take(&mut self.waiting) {
                    self.frame(connection, frame);
                }
            }
            Event::Listed { result: Err(fault) } => self.effects.push_back(Effect::Fatal { fault }),
            Event::Connected { .. } | Event::Disconnected { .. } => {}
        }
    }

    fn handle_timeout(&mut self, _now: Now) {}

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn poll_timeout(&self) -> Option<u64> {
        None
    }
}
