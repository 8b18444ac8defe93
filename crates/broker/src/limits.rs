//! Every bound of the broker, in one place.

/// Requests of one connection that are being worked on. Kafka takes one at a time; clients pipeline five.
pub(crate) const REQUESTS_PER_CONNECTION_MAX: usize = 128;

/// A commit of at least this size goes out beside the one in flight.
pub(crate) const SECOND_COMMIT_BYTES_MIN: usize = 1 << 20;

/// Appends that wait for the disk, over all partitions of a tier; produces beyond it get `KAFKA_STORAGE_ERROR`
/// (retriable), so that a disk that stands still does not fill the memory.
pub(crate) const GATHERING_BYTES_MAX: usize = 64 << 20;

/// Bytes of the newest batches that are kept in memory for readers at the end, over all partitions.
pub(crate) const TAIL_BYTES_MAX: usize = 16 << 20;
/// … and of one partition.
pub(crate) const TAIL_PARTITION_BYTES_MAX: usize = 4 << 20;

/// Fetches that wait for data.
pub(crate) const WAITING_FETCHES_MAX: usize = 10_000;

/// Bytes that one fetch gathers at most, whatever the client asks for.
pub(crate) const FETCH_RESPONSE_BYTES_MAX: i32 = 55 << 20;

/// One read while loading an internal topic.
pub(crate) const LOAD_READ_BYTES_MAX: u32 = 1 << 20;

/// Partitions of the whole broker.
pub(crate) const PARTITIONS_MAX: usize = 20_000;
/// Partitions that one CreateTopics or CreatePartitions request may ask for.
pub(crate) const PARTITIONS_PER_REQUEST_MAX: i32 = 10_000;

/// Kafka's longest topic name.
pub(crate) const TOPIC_NAME_LEN_MAX: usize = 249;

/// Ids handed out from one durable block.
pub(crate) const PRODUCER_ID_BLOCK: i64 = 1_000;

/// Partitions of one fetch session, over all sessions.
pub(crate) const FETCH_SESSION_PARTITIONS_MAX: usize = 100_000;

/// Admin requests that wait for the one before them.
pub(crate) const DEFERRED_REQUESTS_MAX: usize = 1_000;

/// Frames that arrive before the logs are open, in bytes.
pub(crate) const EARLY_BYTES_MAX: usize = 64 << 20;

/// A batch of `__consumer_offsets` takes no further record past this size.
pub(crate) const GROUP_BATCH_BYTES: usize = 512 << 10;

/// Appended bytes of a partition after which a checkpoint is worth its write.
pub(crate) const UNCHECKED_BYTES_MIN: u64 = 4 << 20;
