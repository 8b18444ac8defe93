//! What goes into a broker and what comes out of it.

use bytes::Bytes;
use tablog_log::storage::{BlobInfo, Commit, CommitId, Read, ReadId, StorageFault};

/// A connection, numbered by the host. Never used twice for one broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where a connection came from, for events and DescribeGroups' `client_host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `/127.0.0.1` on TCP, `/tab` in the browser: Kafka writes a slash before the address.
    pub host: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Connected {
        connection: ConnectionId,
        peer: Peer,
    },
    /// One request without its four length bytes.
    Frame {
        connection: ConnectionId,
        frame: Bytes,
    },
    Disconnected {
        connection: ConnectionId,
    },
    /// `took_us` is what the storage needed, on a finer clock than `Now`'s: it is told on the feed.
    Committed {
        commit: CommitId,
        result: Result<(), StorageFault>,
        took_us: u64,
    },
    ReadDone {
        read: ReadId,
        result: Result<Bytes, StorageFault>,
    },
    /// Every durable blob, in the order of names.
    Listed {
        result: Result<Vec<BlobInfo>, StorageFault>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One response without its four length bytes.
    Reply {
        connection: ConnectionId,
        frame: Bytes,
    },
    /// The peer broke the protocol: close after what was replied so far.
    Close {
        connection: ConnectionId,
    },
    Commit(Commit),
    Read {
        id: ReadId,
        read: Read,
    },
    List,
    /// The broker cannot start or go on with this store. The host tells its tabs in words and pumps no further.
    Fatal {
        fault: StorageFault,
    },
}
