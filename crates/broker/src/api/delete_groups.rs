//! DeleteGroups (42): groups without members, with their offsets. Served 0–2.
//!
//! Waits for: the commit of the tombstones. KIPs: 229.

use crate::broker::{Broker, Context};
use crate::coordinator::{self, Act};
use tablog_group::GroupReply;
use tablog_record::{SortedMap, stable_sort};
use tablog_wire::ErrorCode;
use tablog_wire::messages::delete_groups_response::DeletableGroupResult;
use tablog_wire::messages::{DeleteGroupsRequest, DeleteGroupsResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DeleteGroupsRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let mut names = request.groups_names;
    stable_sort(&mut names);
    names.dedup();
    let wanted = broker.coordinator.by_partition(&names);
    let parts = wanted.into_iter().map(|(partition, group_ids)| {
        let act: Act = Box::new(move |shard, _, to| shard.delete_groups(to, &group_ids));
        (partition, act)
    });
    let reply = context.reply;
    coordinator::ask_all(broker, parts.collect(), move |broker, answers| {
        let mut results = SortedMap::new();
        let mut code = ErrorCode::NotCoordinator;
        for answer in answers {
            match answer {
                Ok(GroupReply::Delete(deleted)) => {
                    results.extend(deleted.into_iter().map(|result| (result.group_id, result.error_code)));
                }
                Ok(_) => code = ErrorCode::UnknownServerError,
                Err(refused) => code = refused,
            }
        }
        let results = names.into_iter().map(|group_id| {
            let error_code = results.get(&group_id).copied().unwrap_or(code.code());
            DeletableGroupResult { group_id, error_code }
        });
        let response = DeleteGroupsResponse { results: results.collect(), ..Default::default() };
        broker.reply(reply, &response);
    });
}
