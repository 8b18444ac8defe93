//! JoinGroup (11): into a group, and into its next generation. Served 0–9.
//!
//! Waits for: the other members, up to the rebalance timeout; for a group that was empty, the initial rebalance
//! delay. KIPs: 62 (rebalance timeout, v1), 345 (static members, v5), 394 (members know their id first, v4), 559
//! (protocol type, v7), 800 (reason, v8), 814 (skipped assignment, v9).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{JoinGroupRequest, JoinGroupResponse};

/// From this version on a refusal names no protocol; before, it had to be a text.
const FIRST_WITHOUT_PROTOCOL: i16 = 7;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: JoinGroupRequest) {
    if coordinator::deferred(broker, &context) {
        return;
    }
    let client = coordinator::client(broker, &context);
    let (group_id, member_id) = (request.group_id.clone(), request.member_id.clone());
    let (reply, version) = (context.reply, context.version);
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.join(now, to, client, request),
        move |broker, answer| {
            let mut response = match answer {
                Ok(GroupReply::Join(response)) => response,
                other => JoinGroupResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    member_id,
                    ..Default::default()
                },
            };
            if response.error_code != 0 && version >= FIRST_WITHOUT_PROTOCOL {
                response.protocol_name = None;
            }
            broker.reply(reply, &response);
        },
    );
}
