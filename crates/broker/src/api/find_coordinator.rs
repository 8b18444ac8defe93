//! FindCoordinator (10): which broker keeps a group. Served 0–6.
//!
//! Waits for: the commit that makes `__consumer_offsets`, the first time. Always this broker. Not served:
//! coordinators of transactions (refused as unauthorized, so that producers give up) and of share groups.
//! KIPs: 699 (several at once, v4).

use crate::broker::{Broker, Context};
use crate::controller::{self, Outcome};
use crate::coordinator;
use crate::partition::OFFSETS_TOPIC;
use tablog_wire::ErrorCode;
use tablog_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use tablog_wire::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const FIRST_WITH_MESSAGE: i16 = 1;
/// From this version on several keys can be asked for.
const VERSION_WITH_SEVERAL: i16 = 4;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: FindCoordinatorRequest) {
    if request.key_type != GROUP || broker.image.topic(OFFSETS_TOPIC).is_some() {
        return answer(broker, &context, request);
    }
    if broker.deferred(&context) {
        return;
    }
    let partitions = broker.config.offsets_topic_num_partitions;
    let settings = coordinator::topic_settings(broker);
    let (_, records) = controller::new_topic(broker, OFFSETS_TOPIC, partitions, &settings);
    broker.propose(records, move |broker, outcome| match outcome {
        Outcome::Durable => answer(broker, &context, request),
        Outcome::Lost => refuse(broker, &context, request, ErrorCode::CoordinatorNotAvailable),
    });
}

fn answer(broker: &mut Broker, context: &Context, request: FindCoordinatorRequest) {
    let code = match request.key_type {
        GROUP => ErrorCode::NONE,
        TRANSACTION => ErrorCode::TransactionalIdAuthorizationFailed,
        _ => ErrorCode::InvalidRequest,
    };
    refuse(broker, context, request, code);
}

/// The same for every key: where the coordinator is, or why there is none.
fn refuse(broker: &mut Broker, context: &Context, request: FindCoordinatorRequest, code: ErrorCode) {
    let found = !code.is_error();
    // Apache Kafka's answers, where there is nothing to say.
    let nothing = if context.version < VERSION_WITH_SEVERAL { "NONE" } else { "" };
    let message = Some(if found { nothing } else { code.message() }.to_string());
    let node_id = if found { broker.config.node_id } else { -1 };
    let host = if found { broker.config.advertised_host.clone() } else { String::new() };
    let port = if found { i32::from(broker.config.advertised_port) } else { -1 };
    let mut response = FindCoordinatorResponse::default();
    if context.version < VERSION_WITH_SEVERAL {
        response.error_code = code.code();
        if context.version >= FIRST_WITH_MESSAGE {
            response.error_message = message;
        }
        (response.node_id, response.host, response.port) = (node_id, host, port);
    } else {
        let keys = request.coordinator_keys.into_iter();
        response.coordinators = keys
            .map(|key| Coordinator {
                key,
                node_id,
                host: host.clone(),
                port,
                error_code: code.code(),
                error_message: message.clone(),
            })
            .collect();
    }
    broker.reply(context.reply, &response);
}
