//! OffsetFetch (9): the offsets that groups committed. Served 1–9.
//!
//! Waits for: commits of the same shard that are under way, so that nothing is seen before it is stored. No topics
//! means all that were committed (v2). KIPs: 447 (`require_stable`: there are no transactions, all is stable), 709
//! (several groups, v8), 848 (member epoch, v9). Not served: topic ids (v10).

use crate::broker::{Broker, Context};
use crate::coordinator::{self, Act};
use tablog_group::GroupReply;
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use tablog_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use tablog_wire::messages::{OffsetFetchRequest, OffsetFetchResponse};

/// From this version on several groups can be asked for.
const VERSION_WITH_SEVERAL: i16 = 8;
/// From this version on a group has an error of its own; before it its partitions have.
const VERSION_WITH_GROUP_ERROR: i16 = 2;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: OffsetFetchRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let mut groups = groups_of(context.version, request);
    // Asked for twice, told once: a small request must not make an answer without bounds.
    let mut seen = SortedSet::new();
    groups.retain(|group| seen.insert(group.group_id.clone()));
    let mut wanted: SortedMap<i32, Vec<OffsetFetchRequestGroup>> = SortedMap::new();
    for group in &groups {
        if let Some(partition) = broker.coordinator.partition_of(&group.group_id) {
            wanted.entry(partition).or_default().push(group.clone());
        }
    }
    let parts = wanted.into_iter().map(|(partition, groups)| {
        let act: Act = Box::new(move |shard, _, to| shard.offset_fetch(to, &groups));
        (partition, act)
    });
    let (reply, version) = (context.reply, context.version);
    coordinator::ask_all(broker, parts.collect(), move |broker, answers| {
        let mut found = SortedMap::new();
        let mut code = ErrorCode::NotCoordinator;
        for answer in answers {
            match answer {
                Ok(GroupReply::OffsetFetch(groups)) => {
                    found.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
                }
                Ok(_) => code = ErrorCode::UnknownServerError,
                Err(refused) => code = refused,
            }
        }
        let answered = groups.into_iter().map(|group| match found.remove(&group.group_id) {
            Some(found) => found,
            None => refused(group, code),
        });
        let response = response_of(version, answered.collect());
        broker.reply(reply, &response);
    });
}

/// One form for all versions.
fn groups_of(version: i16, request: OffsetFetchRequest) -> Vec<OffsetFetchRequestGroup> {
    if version >= VERSION_WITH_SEVERAL {
        return request.groups;
    }
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..Default::default()
        });
        topics.collect()
    });
    vec![OffsetFetchRequestGroup { group_id: request.group_id, topics, ..Default::default() }]
}

fn refused(group: OffsetFetchRequestGroup, code: ErrorCode) -> OffsetFetchResponseGroup {
    let topics = group.topics.unwrap_or_default().into_iter().map(|topic| OffsetFetchResponseTopics {
        name: topic.name,
        partitions: topic
            .partition_indexes
            .into_iter()
            .map(|partition_index| OffsetFetchResponsePartitions {
                partition_index,
                committed_offset: -1,
                committed_leader_epoch: -1,
                metadata: Some(String::new()),
                error_code: code.code(),
            })
            .collect(),
        ..Default::default()
    });
    let topics = topics.collect();
    OffsetFetchResponseGroup { group_id: group.group_id, topics, error_code: code.code() }
}

fn response_of(version: i16, mut groups: Vec<OffsetFetchResponseGroup>) -> OffsetFetchResponse {
    if version >= VERSION_WITH_SEVERAL {
        return OffsetFetchResponse { groups, ..Default::default() };
    }
    let Some(group) = groups.pop() else { return OffsetFetchResponse::default() };
    let topics = group.topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic
            .partitions
            .into_iter()
            .map(|partition| OffsetFetchResponsePartition {
                partition_index: partition.partition_index,
                committed_offset: partition.committed_offset,
                committed_leader_epoch: partition.committed_leader_epoch,
                metadata: partition.metadata,
                error_code: partition.error_code,
            })
            .collect(),
    });
    let error_code = if version >= VERSION_WITH_GROUP_ERROR { group.error_code } else { 0 };
    OffsetFetchResponse { topics: topics.collect(), error_code, ..Default::default() }
}
