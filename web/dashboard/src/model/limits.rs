//! Every bound of the dashboard, in one place.

/// Lines of the event feed that are kept.
pub const FEED_ENTRIES_MAX: usize = 60;
/// Lines of the event feed that are drawn.
pub const FEED_ENTRIES_SHOWN: usize = 9;
/// Samples of a rate: two minutes, one a second.
pub const SERIES_SAMPLES_MAX: usize = 120;
/// A picture whose data are older than this stands still and says so.
pub const STALE_AFTER_MS: i64 = 2_000;
/// How long a store is called full after a write was refused.
pub const FULL_FOR_MS: i64 = 15_000;
/// The window in which a rate is measured.
pub const RATE_WINDOW_MS: i64 = 2_000;
/// Generations of a group that are remembered.
pub const GENERATIONS_MAX: usize = 40;
/// Epochs of a consumer group that are remembered.
pub const EPOCHS_MAX: usize = 40;
/// Spans of time in which a member of a consumer group read a partition that are remembered.
pub const SPANS_MAX: usize = 4_000;
/// Partitions of a reset that can be chosen one by one, and rows of its preview.
pub const RESET_CHOICES_MAX: usize = 200;
/// What the timeline of epochs shows.
pub const EPOCHS_WINDOW_MS: i64 = 60_000;
/// Seconds that the timeline of generations shows.
pub const GENERATIONS_WINDOW_MS: i64 = 150_000;
/// Lanes that the overview draws.
pub const OVERVIEW_LANES_MAX: usize = 48;
/// Rows of a list that are drawn.
pub const ROWS_SHOWN: usize = 40;
/// Records of a tail that wait to be drawn; more arrive than that, and the tail says that it fell behind.
pub const TAIL_RECORDS_MAX: usize = 200;
/// Newest records of a partition drawn as cells.
pub const NEWEST_CELLS: usize = 10;
/// A page of records.
pub const RECORDS_PAGE: usize = 16;
/// A value is shown up to here.
pub const VALUE_BYTES_SHOWN: usize = 4_096;
/// Bytes of an imported file.
pub const IMPORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Broken lines of an imported file that are shown.
pub const BROKEN_LINES_SHOWN: usize = 5;
/// Partitions of a new topic.
pub const PARTITIONS_MAX: i32 = 1_000;
/// Records that one press of Produce sends.
pub const PRODUCE_COUNT_MAX: u32 = 100_000;
/// Records a second beyond which lag is said to grow or to shrink.
pub const GROWING_AT: f64 = 2.0;
/// The lag at the end of a table's scale, or the longest if that is more: a few records in flight are no long bar.
pub const LAG_SCALE_MIN: i64 = 1_000;
/// Rows that are in the document at once of a list that scrolls.
pub const ROWS_AT_ONCE: usize = 60;
/// Lag that is worth words: below it, records in flight.
pub const LAG_WORTH_SAYING: i64 = 50;
/// Samples of keys a partition that the strata are drawn from.
pub const STRATA_SAMPLES_MAX: usize = 8_000;
/// Members of the lab.
pub const LAB_MEMBERS_MAX: usize = 100;
/// Partitions of all topics of the lab.
pub const LAB_PARTITIONS_MAX: i32 = 1_000;
pub const LAB_TOPICS_MAX: usize = 12;
/// Racks that the replicas of a topic of the lab stand in.
pub const LAB_RACKS_MAX: usize = 12;
/// Steps of a history of the lab.
pub const LAB_STEPS_MAX: usize = 60;
/// Names of topics, members and racks in the lab.
pub const LAB_NAME_BYTES_MAX: usize = 32;
/// An address of the lab.
pub const LAB_ADDRESS_BYTES_MAX: usize = 100_000;
/// Records that a tab which is one member shows.
pub const MEMBER_RECORDS_MAX: usize = 40;
/// Partitions that such a tab draws.
pub const MEMBER_TILES_MAX: usize = 60;
/// Heartbeats that it remembers.
pub const HEARTBEATS_MAX: usize = 120;
/// Partitions of the lab that are drawn as tiles with their numbers.
pub const LAB_NUMBERED_MAX: usize = 24;
/// Partitions of the lab that are drawn as swatches; of more only how many.
pub const LAB_SWATCHES_MAX: usize = 96;
