//! ListGroups (16): all groups, by id, filtered by state and type. Served 0–5.
//!
//! Waits for: commits of the shards that are under way. KIPs: 518 (states, v4), 848 (types, v5).

use crate::broker::{Broker, Context};
use crate::coordinator::{self, Act};
use tablog_group::GroupReply;
use tablog_record::stable_sort_by;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{ListGroupsRequest, ListGroupsResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ListGroupsRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let parts = broker.coordinator.partitions().map(|partition| {
        let request = request.clone();
        let act: Act = Box::new(move |shard, _, to| shard.list(to, &request));
        (partition, act)
    });
    let parts = parts.collect();
    let reply = context.reply;
    coordinator::ask_all(broker, parts, move |broker, answers| {
        let mut response = ListGroupsResponse::default();
        for answer in answers {
            match answer {
                Ok(GroupReply::List(groups)) => response.groups.extend(groups),
                Ok(_) => response.error_code = ErrorCode::UnknownServerError.code(),
                Err(code) => response.error_code = code.code(),
            }
        }
        stable_sort_by(&mut response.groups, |a, b| a.group_id.cmp(&b.group_id));
        broker.reply(reply, &response);
    });
}
