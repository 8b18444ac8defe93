//! ConsumerGroupDescribe (69): epochs of consumer groups, and what their members own and are to own. Served 0–1.
//!
//! Waits for: commits of the same shards that are under way. A classic group is GROUP_ID_NOT_FOUND here. KIPs: 848;
//! from v1 on it says which protocol a member speaks (KIP-1099).

use super::describe_groups::ALL_GROUP_OPERATIONS;
use crate::broker::{Broker, Context};
use crate::coordinator::{self, Act};
use tablog_group::GroupReply;
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::consumer_group_describe_response::DescribedGroup;
use tablog_wire::messages::{ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ConsumerGroupDescribeRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let named = request.group_ids.iter().filter(|group_id| !group_id.is_empty());
    let wanted = broker.coordinator.by_partition(named);
    let parts = wanted.into_iter().map(|(partition, group_ids)| {
        let act: Act = Box::new(move |shard, _, to| shard.describe_consumer_groups(to, &group_ids));
        (partition, act)
    });
    let reply = context.reply;
    coordinator::ask_all(broker, parts.collect(), move |broker, answers| {
        let mut found = SortedMap::new();
        let mut code = ErrorCode::NotCoordinator;
        for answer in answers {
            match answer {
                Ok(GroupReply::ConsumerDescribe(groups)) => {
                    found.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
                }
                Ok(_) => code = ErrorCode::UnknownServerError,
                Err(refused) => code = refused,
            }
        }
        let mut response = ConsumerGroupDescribeResponse::default();
        let mut seen = SortedSet::new();
        for group_id in request.group_ids {
            if !seen.insert(group_id.clone()) {
                // Asked for twice, told once: a small request must not make an answer without bounds.
                continue;
            }
            let code = if group_id.is_empty() { ErrorCode::InvalidGroupId } else { code };
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
