//! What each request means: one file a Kafka API, its contract on top.

pub(crate) mod alter_configs;
pub(crate) mod api_versions;
pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_groups;
pub(crate) mod delete_records;
pub(crate) mod delete_topics;
pub(crate) mod describe_cluster;
pub(crate) mod describe_configs;
pub(crate) mod describe_groups;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_producers;
pub(crate) mod fetch;
pub(crate) mod find_coordinator;
pub(crate) mod heartbeat;
pub(crate) mod incremental_alter_configs;
pub(crate) mod init_producer_id;
pub(crate) mod join_group;
pub(crate) mod leave_group;
pub(crate) mod list_groups;
pub(crate) mod list_offsets;
pub(crate) mod metadata;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;
pub(crate) mod sync_group;

use crate::broker::{Broker, Context};
use tablog_wire::{ApiKey, Request};

/// Leads a request to its file. What is not served never gets here: `served` is asked first.
pub(crate) fn dispatch(broker: &mut Broker, context: Context) {
    match context.api {
        ApiKey::Produce => run(broker, context, produce::handle),
        ApiKey::Fetch => run(broker, context, fetch::handle),
        ApiKey::ListOffsets => run(broker, context, list_offsets::handle),
        ApiKey::Metadata => run(broker, context, metadata::handle),
        ApiKey::ApiVersions => run(broker, context, api_versions::handle),
        ApiKey::CreateTopics => run(broker, context, create_topics::handle),
        ApiKey::DeleteTopics => run(broker, context, delete_topics::handle),
        ApiKey::CreatePartitions => run(broker, context, create_partitions::handle),
        ApiKey::DeleteRecords => run(broker, context, delete_records::handle),
        ApiKey::InitProducerId => run(broker, context, init_producer_id::handle),
        ApiKey::DescribeConfigs => run(broker, context, describe_configs::handle),
        ApiKey::AlterConfigs => run(broker, context, alter_configs::handle),
        ApiKey::IncrementalAlterConfigs => run(broker, context, incremental_alter_configs::handle),
        ApiKey::DescribeCluster => run(broker, context, describe_cluster::handle),
        ApiKey::DescribeLogDirs => run(broker, context, describe_log_dirs::handle),
        ApiKey::DescribeProducers => run(broker, context, describe_producers::handle),
        ApiKey::OffsetForLeaderEpoch => run(broker, context, offset_for_leader_epoch::handle),
        ApiKey::FindCoordinator => run(broker, context, find_coordinator::handle),
        ApiKey::JoinGroup => run(broker, context, join_group::handle),
        ApiKey::SyncGroup => run(broker, context, sync_group::handle),
        ApiKey::Heartbeat => run(broker, context, heartbeat::handle),
        ApiKey::LeaveGroup => run(broker, context, leave_group::handle),
        ApiKey::OffsetCommit => run(broker, context, offset_commit::handle),
        ApiKey::OffsetFetch => run(broker, context, offset_fetch::handle),
        ApiKey::OffsetDelete => run(broker, context, offset_delete::handle),
        ApiKey::DescribeGroups => run(broker, context, describe_groups::handle),
        ApiKey::ListGroups => run(broker, context, list_groups::handle),
        ApiKey::DeleteGroups => run(broker, context, delete_groups::handle),
        ApiKey::ConsumerGroupHeartbeat => run(broker, context, consumer_group_heartbeat::handle),
        ApiKey::ConsumerGroupDescribe => run(broker, context, consumer_group_describe::handle),
        other => unreachable!("API {} is not in the table of served APIs", other as i16),
    }
}

/// Reads the body and hands it over. A body that is not what its header says closes the connection, as in Kafka; what
/// stands behind it is ignored, as in Kafka: librdkafka 2.16 leaves three bytes behind a Metadata request for all.
fn run<R: Request>(broker: &mut Broker, context: Context, handle: fn(&mut Broker, Context, R)) {
    match R::decode(&mut context.body.clone(), context.version) {
        Ok(request) => handle(broker, context, request),
        Err(_) => broker.close(context.connection),
    }
}
