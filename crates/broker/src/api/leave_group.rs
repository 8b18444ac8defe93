//! LeaveGroup (13): members go, or are sent away by their instance id. Served 0–5.
//!
//! Waits for: the commit of an emptied group. KIPs: 345 (several, by instance id, v3), 800 (reason, v5).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{LeaveGroupRequest, LeaveGroupResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: LeaveGroupRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let client = coordinator::client(broker, &context);
    let (reply, group_id) = (context.reply, request.group_id.clone());
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.leave(now, to, &client, request),
        move |broker, answer| {
            let response = match answer {
                Ok(GroupReply::Leave(response)) => response,
                other => LeaveGroupResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    ..Default::default()
                },
            };
            broker.reply(reply, &response);
        },
    );
}
