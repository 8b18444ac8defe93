//! DescribeGroups (15): state, protocol and members of groups. Served 0–6.
//!
//! Waits for: commits of the same shards that are under way. A group that is not there is `Dead`, from v6 on
//! GROUP_ID_NOT_FOUND (KIP-1043). There is no generation in it: read it from `__consumer_offsets`.

use crate::broker::{Broker, Context};
use crate::coordinator::{self, Act};
use tablog_group::GroupReply;
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::describe_groups_response::DescribedGroup;
use tablog_wire::messages::{DescribeGroupsRequest, DescribeGroupsResponse};

/// Nobody is refused anything: read, delete, describe, and both of configs, as bits by their codes.
pub(super) const ALL_GROUP_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DescribeGroupsRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let client = coordinator::client(broker, &context);
    let wanted = broker.coordinator.by_partition(&request.groups);
    let parts = wanted.into_iter().map(|(partition, group_ids)| {
        let client = client.clone();
        let act: Act = Box::new(move |shard, _, to| shard.describe(to, &client, &group_ids));
        (partition, act)
    });
    let reply = context.reply;
    coordinator::ask_all(broker, parts.collect(), move |broker, answers| {
        let mut found = SortedMap::new();
        let mut code = ErrorCode::NotCoordinator;
        for answer in answers {
            match answer {
                Ok(GroupReply::Describe(groups)) => {
                    found.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
                }
                Ok(_) => code = ErrorCode::UnknownServerError,
                Err(refused) => code = refused,
            }
        }
        let mut response = DescribeGroupsResponse::default();
        let mut seen = SortedSet::new();
        for group_id in request.groups {
            if !seen.insert(group_id.clone()) {
                // Asked for twice, told once: a small request must not make an answer without bounds.
                continue;
            }
            let mut group = found.remove(&group_id).unwrap_or_else(|| DescribedGroup {
                group_id,
                error_code: code.code(),
                ..Default::default()
            });
            if request.include_authorized_operations && group.error_code == 0 {
                group.authorized_operations = ALL_GROUP_OPERATIONS;
            }
            response.groups.push(group);
        }
        broker.reply(reply, &response);
    });
}
