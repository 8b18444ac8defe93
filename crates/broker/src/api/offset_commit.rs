//! OffsetCommit (8): how far a group has got. Served 2–9.
//!
//! Waits for: the commit that carries the offsets, on the disk (`offsets.commit.required.acks` is all). Offsets of
//! partitions that do not exist are refused one by one. KIPs: 211 (retention, v5), 345 (static members, v7), 848
//! (GROUP_ID_NOT_FOUND, v9). Not served: topic ids (v10).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use tablog_wire::messages::{OffsetCommitRequest, OffsetCommitResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, mut request: OffsetCommitRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let mut known = Vec::with_capacity(request.topics.len());
    let mut response = OffsetCommitResponse::default();
    for mut topic in std::mem::take(&mut request.topics) {
        let (there, missing): (Vec<_>, Vec<_>) = std::mem::take(&mut topic.partitions)
            .into_iter()
            .partition(|partition| broker.find(&topic.name, partition.partition_index).is_ok());
        let missing = missing.iter().map(|partition| partition.partition_index);
        response.topics.push(refused(&topic.name, missing, ErrorCode::UnknownTopicOrPartition));
        topic.partitions = there;
        known.push(topic);
    }
    if known.iter().all(|topic| topic.partitions.is_empty()) {
        return broker.reply(context.reply, &response);
    }
    request.topics = known;
    let client = coordinator::client(broker, &context);
    let (reply, group_id) = (context.reply, request.group_id.clone());
    let asked = request.topics.clone();
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.offset_commit(now, to, &client, request),
        move |broker, answer| {
            let topics = match answer {
                Ok(GroupReply::OffsetCommit(committed)) => committed.topics,
                other => {
                    let code = other.err().unwrap_or(ErrorCode::UnknownServerError);
                    let indexes =
                        |topic: &tablog_wire::messages::offset_commit_request::OffsetCommitRequestTopic| {
                            topic
                                .partitions
                                .iter()
                                .map(|partition| partition.partition_index)
                                .collect::<Vec<_>>()
                        };
                    asked.iter().map(|topic| refused(&topic.name, indexes(topic), code)).collect()
                }
            };
            // Topic by topic as it was asked, what was refused before after what the shard said.
            for (answered, committed) in response.topics.iter_mut().zip(topics) {
                let missing = std::mem::replace(&mut answered.partitions, committed.partitions);
                answered.partitions.extend(missing);
            }
            broker.reply(reply, &response);
        },
    );
}

fn refused(
    topic: &str,
    indexes: impl IntoIterator<Item = i32>,
    code: ErrorCode,
) -> OffsetCommitResponseTopic {
    let partitions = indexes
        .into_iter()
        .map(|partition_index| OffsetCommitResponsePartition { partition_index, error_code: code.code() });
    OffsetCommitResponseTopic {
        name: topic.to_string(),
        partitions: partitions.collect(),
        ..Default::default()
    }
}
