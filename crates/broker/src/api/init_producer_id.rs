//! InitProducerId (22): an id for an idempotent producer. Served 0–5.
//!
//! Waits for: the record of a durable block of ids, once in a thousand. An id is never given twice: after a crash the
//! rest of a block is lost. Who asks again gets a new id, as in Kafka: an old epoch is of no use without a
//! transaction. Not served: transactional ids, refused with `TRANSACTIONAL_ID_AUTHORIZATION_FAILED`, on which clients
//! give up at once.

use crate::broker::{Broker, Context};
use crate::controller::Outcome;
use crate::limits;
use crate::metadata_record::MetadataRecord;
use tablog_wire::ErrorCode;
use tablog_wire::messages::init_producer_id_request::InitProducerIdRequest;
use tablog_wire::messages::init_producer_id_response::InitProducerIdResponse;
use tablog_wire::records::ProducerIdsRecord;

/// The ids that may be given out: `next` up to `end` (exclusive), all below a durable record's bound.
#[derive(Debug, Default)]
pub(crate) struct ProducerIdBlock {
    next: i64,
    end: i64,
}

pub(crate) fn handle(broker: &mut Broker, context: Context, request: InitProducerIdRequest) {
    let refuse = |code: ErrorCode| InitProducerIdResponse {
        error_code: code.code(),
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    };
    if let Some(id) = &request.transactional_id {
        let code = match id.is_empty() {
            true => ErrorCode::InvalidRequest,
            false => ErrorCode::TransactionalIdAuthorizationFailed,
        };
        return broker.reply(context.reply, &refuse(code));
    }
    if (request.producer_id < 0) != (request.producer_epoch < 0) {
        return broker.reply(context.reply, &refuse(ErrorCode::InvalidRequest));
    }
    if broker.producer_ids.next < broker.producer_ids.end {
        let producer_id = broker.producer_ids.next;
        broker.producer_ids.next += 1;
        let response = InitProducerIdResponse { producer_id, producer_epoch: 0, ..Default::default() };
        return broker.reply(context.reply, &response);
    }
    if broker.deferred(&context) {
        return;
    }
    let start = broker.image.next_producer_id;
    let record = MetadataRecord::ProducerIds(ProducerIdsRecord {
        broker_id: broker.config.node_id,
        broker_epoch: 0,
        next_producer_id: start + limits::PRODUCER_ID_BLOCK,
    });
    broker.propose(vec![record], move |broker, outcome| match outcome {
        Outcome::Durable => {
            broker.producer_ids = ProducerIdBlock { next: start, end: start + limits::PRODUCER_ID_BLOCK };
            handle(broker, context, request);
        }
        Outcome::Lost => broker.reply(context.reply, &refuse(ErrorCode::CoordinatorNotAvailable)),
    });
}
