//! SyncGroup (14): the leader hands the assignment in, everybody takes theirs. Served 0–5.
//!
//! Waits for: the leader, and for the commit that carries the generation. KIPs: 345 (static members, v3), 559
//! (protocol type and name, v5).

use crate::broker::{Broker, Context};
use crate::coordinator;
use tablog_group::GroupReply;
use tablog_wire::ErrorCode;
use tablog_wire::messages::{SyncGroupRequest, SyncGroupResponse};

/// From this version on a member says what it believes the group's protocol to be.
const FIRST_WITH_PROTOCOL: i16 = 5;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: SyncGroupRequest) {
    let unnamed = request.protocol_type.is_none() || request.protocol_name.is_none();
    if context.version >= FIRST_WITH_PROTOCOL && unnamed {
        let error_code = ErrorCode::InconsistentGroupProtocol.code();
        return broker.reply(context.reply, &SyncGroupResponse { error_code, ..Default::default() });
    }
    if coordinator::deferred(broker, &context) {
        return;
    }
    let (reply, group_id) = (context.reply, request.group_id.clone());
    coordinator::ask(
        broker,
        &group_id,
        move |shard, now, to| shard.sync(now, to, request),
        move |broker, answer| {
            let response = match answer {
                Ok(GroupReply::Sync(response)) => response,
                other => SyncGroupResponse {
                    error_code: other.err().unwrap_or(ErrorCode::UnknownServerError).code(),
                    ..Default::default()
                },
            };
            broker.reply(reply, &response);
        },
    );
}
