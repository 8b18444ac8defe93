//! ConsumerGroupHeartbeat (68): a member of a consumer group comes, lives, is told its next step, leaves. Served 0–1.
//!
//! Waits for: the commit of what the heartbeat changed, and of what its shard has under way. KIPs: 848; from v1 on
//! members make their ids themselves (KIP-1082).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ConsumerGroupHeartbeatRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let client = coordinator::client(broker, &context);
    let (reply, group_id) = (context.reply, request.group_id.clone());
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.consumer_group_heartbeat(now, to, &client, request),
        move |broker, answer| {
            let response = match answer {
                Ok(GroupReply::ConsumerHeartbeat(response)) => response,
                other => ConsumerGroupHeartbeatResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    ..Default::default()
                },
            };
            broker.reply(reply, &response);
        },
    );
}
