//! DeleteTopics (20): topics with all that is in them. Served 1–6, by name or (v6) by id.
//!
//! Waits for: the records in one commit. Blobs go with the commit after it; what a crash leaves behind is cleared at
//! the next opening. Internal topics stay.

use super::incremental_alter_configs::named_twice;
use crate::broker::{Broker, Context};
use crate::controller::Outcome;
use crate::metadata_record::MetadataRecord;
use crate::partition::is_internal;
use tablog_record::{SortedSet, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use tablog_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use tablog_wire::records::RemoveTopicRecord;

type Refusal = (ErrorCode, String);

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
    let key = |topic: &DeleteTopicState| (topic.name.clone(), topic.topic_id);
    let twice = named_twice(wanted.iter().map(key));
    let names: SortedSet<String> = wanted.iter().filter_map(|topic| topic.name.clone()).collect();
    let by_id: SortedSet<Uuid> =
        wanted.iter().filter(|topic| topic.name.is_none()).map(|topic| topic.topic_id).collect();
    let mut told = SortedSet::new();
    for topic in wanted {
        if !told.insert(key(&topic)) {
            continue;
        }
        let result = match find(broker, &topic) {
            _ if twice.contains(&key(&topic)) => {
                let what = if topic.name.is_some() { "name" } else { "id" };
                let message = format!("Duplicate topic {what}.");
                refuse(topic.name, topic.topic_id, (ErrorCode::InvalidRequest, message))
            }
            // Named by id too: neither is taken.
            Ok((_, id)) if topic.name.is_some() && by_id.contains(&id) => continue,
            Ok((name, id)) if names.contains(&name) && topic.name.is_none() => {
                let message = "The provided topic name maps to an ID that was already supplied.".to_string();
                refuse(Some(name), id, (ErrorCode::InvalidRequest, message))
            }
            Ok((name, id)) => {
                records.push(MetadataRecord::RemoveTopic(RemoveTopicRecord { topic_id: id }));
                DeletableTopicResult { name: Some(name), topic_id: id, ..Default::default() }
            }
            Err(refusal) => refuse(topic.name, topic.topic_id, refusal),
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

fn find(broker: &Broker, topic: &DeleteTopicState) -> Result<(String, Uuid), Refusal> {
    let invalid = |message: &str| (ErrorCode::InvalidRequest, message.to_string());
    let unknown = |code: ErrorCode| (code, code.message().to_string());
    let found = match (&topic.name, topic.topic_id) {
        (Some(_), id) if !id.is_zero() => {
            return Err(invalid("You may not specify both topic name and topic id."));
        }
        (None, id) if id.is_zero() => return Err(invalid("Neither topic name nor id were specified.")),
        (Some(name), _) => broker.image.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition),
        (None, id) => broker.image.topic_by_id(id).ok_or(ErrorCode::UnknownTopicId),
    };
    let image = found.map_err(unknown)?;
    if is_internal(&image.name) {
        return Err(invalid("Internal topics stay."));
    }
    Ok((image.name.to_string(), image.id))
}

fn refuse(name: Option<String>, topic_id: Uuid, (code, message): Refusal) -> DeletableTopicResult {
    DeletableTopicResult { name, topic_id, error_code: code.code(), error_message: Some(message) }
}
