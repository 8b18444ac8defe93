//! Heartbeat (12): a member is there; the answer tells it when the group rebalances. Served 0–4.
//!
//! Waits for nothing. KIPs: 345 (static members, v3).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{HeartbeatRequest, HeartbeatResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: HeartbeatRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let (reply, group_id) = (context.reply, request.group_id.clone());
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.heartbeat(now, to, request),
        move |broker, answer| {
            let response = match answer {
                Ok(GroupReply::Heartbeat(response)) => response,
                other => HeartbeatResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    ..Default::default()
                },
            };
            broker.reply(reply, &response);
        },
    );
}
