//! DeleteTopics (20): topics with all that is in them. Served 1–6, by name or (v6) by id.
//!
//! Waits for: the records in one commit. Blobs go with the commit after it; what a crash leaves behind is cleared at
//! the next opening. Internal topics stay.

use crate::broker::{Broker, Context};
use crate::controller::Outcome;
use crate::metadata_record::MetadataRecord;
use crate::partition::is_internal;
use std::collections::BTreeSet;
use tablog_record::Uuid;
use tablog_wire::ErrorCode;
use tablog_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use tablog_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use tablog_wire::records::RemoveTopicRecord;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DeleteTopicsRequest) {
    if broker.deferred(&context) {
        return;
    }
    let by_name = request
        .topic_names
        .into_iter()
        .map(|name| DeleteTopicState { name: Some(name), ..Default::default() });
    let wanted: Vec<DeleteTopicState> = request.topics.into_iter().chain(by_name).collect();
    let mut response = DeleteTopicsResponse::default();
    let mut records = Vec::new();
    let mut seen = BTreeSet::new();
    for topic in wanted {
        let result = match find(broker, &topic) {
            Ok((name, id)) if seen.insert(id) => {
                records.push(MetadataRecord::RemoveTopic(RemoveTopicRecord { topic_id: id }));
                DeletableTopicResult { name: Some(name), topic_id: id, ..Default::default() }
            }
            Ok((name, id)) => refuse(Some(name), id, ErrorCode::InvalidRequest),
            Err(code) => refuse(topic.name, topic.topic_id, code),
        };
        response.responses.push(result);
    }
    broker.propose(records, move |broker, outcome| {
        if outcome == Outcome::Lost {
            for result in response.responses.iter_mut().filter(|result| result.error_code == 0) {
                result.error_code = ErrorCode::KafkaStorageError.code();
            }
        }
        broker.reply(context.reply, &response);
    });
}

fn find(broker: &Broker, topic: &DeleteTopicState) -> Result<(String, Uuid), ErrorCode> {
    let image = match &topic.name {
        Some(_) if !topic.topic_id.is_zero() => return Err(ErrorCode::InvalidRequest),
        Some(name) => broker.image.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition)?,
        None => broker.image.topic_by_id(topic.topic_id).ok_or(ErrorCode::UnknownTopicId)?,
    };
    if is_internal(&image.name) {
        return Err(ErrorCode::InvalidRequest);
    }
    Ok((image.name.to_string(), image.id))
}

fn refuse(name: Option<String>, topic_id: Uuid, code: ErrorCode) -> DeletableTopicResult {
    DeletableTopicResult { name, topic_id, error_code: code.code(), ..Default::default() }
}
