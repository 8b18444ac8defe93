//! The connections: who speaks, and the order in which replies leave.
//!
//! Kafka answers a connection's requests in the order in which they came. Requests are worked on at once (so that
//! produces which arrive together ride in one commit), but a reply that is ready early waits for those before it.

use crate::event::{ConnectionId, Effect, Peer};
use crate::limits;
use bytes::Bytes;
use std::collections::VecDeque;
use tablog_record::SortedMap;
use tablog_wire::ApiKey;

/// A request that is being worked on; the ticket by which its reply is handed in. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReplyTo(pub u64);

/// What is needed to frame a reply.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub connection: ConnectionId,
    pub correlation_id: i32,
    pub api: ApiKey,
    pub version: i16,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub peer: Peer,
    pub client_id: String,
    pub software_name: String,
    pub software_version: String,
    /// Whether `connection_opened` was published: only once it asked for something else than internal topics.
    pub announced: bool,
    order: VecDeque<(ReplyTo, Slot)>,
}

#[derive(Debug)]
enum Slot {
    Waiting,
    Ready(Bytes),
    /// acks=0: nothing is sent.
    Silent,
}

#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: SortedMap<ConnectionId, Connection>,
    pending: SortedMap<ReplyTo, Pending>,
    next_reply: u64,
}

impl Connections {
    pub fn connected(&mut self, id: ConnectionId, peer: Peer) {
        let connection = Connection {
            peer,
            client_id: String::new(),
            software_name: String::new(),
            software_version: String::new(),
            announced: false,
            order: VecDeque::new(),
        };
        let before = self.open.insert(id, connection);
        assert!(before.is_none(), "connection {} was opened twice", id.0);
    }

    /// Forgets the connection with all that waits for it. Replies handed in later fall on the floor.
    pub fn disconnected(&mut self, id: ConnectionId) -> Option<Connection> {
        let connection = self.open.remove(&id)?;
        for (reply, _) in &connection.order {
            self.pending.remove(reply);
        }
        Some(connection)
    }

    pub fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.open.get(&id)
    }

    pub fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.open.get_mut(&id)
    }

    /// Takes a request in; `None` when the connection is gone or has too many requests open.
    pub fn begin(&mut self, pending: Pending) -> Option<ReplyTo> {
        let connection = self.open.get_mut(&pending.connection)?;
        if connection.order.len() >= limits::REQUESTS_PER_CONNECTION_MAX {
            return None;
        }
        let reply = ReplyTo(self.next_reply);
        self.next_reply += 1;
        connection.order.push_back((reply, Slot::Waiting));
        self.pending.insert(reply, pending);
        Some(reply)
    }

    pub fn pending(&self, reply: ReplyTo) -> Option<&Pending> {
        self.pending.get(&reply)
    }

    /// Hands a reply in; what can leave in order becomes effects.
    pub fn reply(&mut self, reply: ReplyTo, frame: Bytes, effects: &mut VecDeque<Effect>) {
        self.settle(reply, Slot::Ready(frame), effects);
    }

    /// The request gets no reply (acks=0).
    pub fn stay_silent(&mut self, reply: ReplyTo, effects: &mut VecDeque<Effect>) {
        self.settle(reply, Slot::Silent, effects);
    }

    fn settle(&mut self, reply: ReplyTo, slot: Slot, effects: &mut VecDeque<Effect>) {
        let Some(pending) = self.pending.remove(&reply) else { return };
        let Some(connection) = self.open.get_mut(&pending.connection) else { return };
        let place = connection.order.iter_mut().find(|(id, _)| *id == reply);
        place.expect("a pending request stands in its connection's order").1 = slot;
        while let Some((_, slot)) = connection.order.front() {
            match slot {
                Slot::Waiting => break,
                Slot::Silent => drop(connection.order.pop_front()),
                Slot::Ready(_) => {
                    let Some((_, Slot::Ready(frame))) = connection.order.pop_front() else { unreachable!() };
                    effects.push_back(Effect::Reply { connection: pending.connection, frame });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_leave_in_the_order_of_requests() {
        let mut connections = Connections::default();
        let id = ConnectionId(1);
        connections.connected(id, Peer { host: "/tab".into() });
        let begin = |connections: &mut Connections, correlation_id| {
            let pending = Pending { connection: id, correlation_id, api: ApiKey::Metadata, version: 0 };
            connections.begin(pending).unwrap()
        };
        let first = begin(&mut connections, 1);
        let silent = begin(&mut connections, 2);
        let third = begin(&mut connections, 3);
        let mut effects = VecDeque::new();
        connections.reply(third, Bytes::from_static(b"3"), &mut effects);
        connections.stay_silent(silent, &mut effects);
        assert!(effects.is_empty());
        connections.reply(first, Bytes::from_static(b"1"), &mut effects);
        let frames: Vec<_> = effects
            .iter()
            .map(|effect| match effect {
                Effect::Reply { frame, .. } => frame.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(frames, [Bytes::from_static(b"1"), Bytes::from_static(b"3")]);
    }
}
