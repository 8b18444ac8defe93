//! Every size and count at which the server stops.

/// The longest request: Kafka's `socket.request.max.bytes`.
pub const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

/// Room that a frame gets before its bytes are there.
pub const FRAME_BYTES_AHEAD: usize = 64 * 1024;

/// Replies that wait for a slow reader. At this size its further requests stay in the socket.
pub const OUTBOX_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Small replies are written together up to this size.
pub const WRITE_BYTES: usize = 256 * 1024;

/// Connections at a time, on TCP and on HTTP each.
pub const CONNECTIONS_MAX: usize = 4096;

/// A connection that says nothing for so long is closed: Kafka's `connections.max.idle.ms`.
pub const CONNECTION_IDLE_MS_MAX: u64 = 10 * 60 * 1000;

/// How long the replies given so far have to leave when the process is asked to end.
pub const GOODBYE_MS_MAX: u64 = 1000;

/// How long accepting rests when the system has no socket left.
pub const ACCEPT_REST_MS: u64 = 100;

/// How long a browser may take for the head of a request.
pub const REQUEST_HEAD_MS_MAX: u64 = 30_000;
