//! What an application is told when partitions come and go.

use tablog_record::TopicPartition;

/// Called while the application waits in `poll` (or holds no unprocessed records), never while it works on
/// what `poll` gave it. With the cooperative protocol only what moves is named.
pub trait RebalanceListener {
    fn on_partitions_assigned(&self, _partitions: &[TopicPartition]) {}

    /// Still owned: offsets queued now with `Consumer::queue_commit` are committed before the group goes on.
    fn on_partitions_revoked(&self, _partitions: &[TopicPartition]) {}

    /// Owned by somebody else already, since the group went on without this member.
    fn on_partitions_lost(&self, partitions: &[TopicPartition]) {
        self.on_partitions_revoked(partitions);
    }
}

/// Nothing to be told.
impl RebalanceListener for () {}
