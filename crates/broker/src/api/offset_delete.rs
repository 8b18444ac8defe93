//! OffsetDelete (47): forgets offsets of topics that no member of the group reads. Served 0.
//!
//! Waits for: the commit of the tombstones. Partitions that do not exist are refused one by one. KIPs: 496.

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use tablog_wire::messages::{OffsetDeleteRequest, OffsetDeleteResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, mut request: OffsetDeleteRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    if request.group_id.is_empty() {
        let error_code = ErrorCode::InvalidGroupId.code();
        return broker.reply(context.reply, &OffsetDeleteResponse { error_code, ..Default::default() });
    }
    let mut missing = Vec::new();
    for topic in &mut request.topics {
        let (there, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut topic.partitions)
            .into_iter()
            .partition(|partition| broker.find(&topic.name, partition.partition_index).is_ok());
        topic.partitions = there;
        let gone = gone.into_iter().map(|partition| OffsetDeleteResponsePartition {
            partition_index: partition.partition_index,
            error_code: ErrorCode::UnknownTopicOrPartition.code(),
        });
        missing.push(OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: gone.collect() });
    }
    let (reply, group_id) = (context.reply, request.group_id.clone());
    coordinator::ask(
        broker,
        &group_id,
        move |shard, _, to| shard.offset_delete(to, request),
        move |broker, answer| {
            let mut response = match answer {
                Ok(GroupReply::OffsetDelete(response)) => response,
                other => OffsetDeleteResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    ..Default::default()
                },
            };
            for (answered, missing) in response.topics.iter_mut().zip(missing) {
                answered.partitions.extend(missing.partitions);
            }
            broker.reply(reply, &response);
        },
    );
}
