//! CreatePartitions (37): more partitions for a topic that runs. Served 0–3.
//!
//! Waits for: the records in one commit. Keys may land elsewhere afterwards: the count is part of the hash. Fewer
//! partitions cannot be had.

use super::create_topics::check_assignment;
use super::incremental_alter_configs::named_twice;
use crate::broker::{Broker, Context};
use crate::controller::{self, Outcome};
use crate::limits;
use crate::metadata_record::MetadataRecord;
use tablog_record::SortedSet;
use tablog_wire::ErrorCode;
use tablog_wire::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use tablog_wire::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};

type Refusal = (ErrorCode, String);

pub(crate) fn handle(broker: &mut Broker, context: Context, request: CreatePartitionsRequest) {
    if broker.deferred(&context) {
        return;
    }
    let mut response = CreatePartitionsResponse::default();
    let mut records = Vec::new();
    let twice = named_twice(request.topics.iter().map(|topic| topic.name.clone()));
    let mut told = SortedSet::new();
    for topic in &request.topics {
        if !told.insert(topic.name.clone()) {
            continue;
        }
        let planned = match twice.contains(&topic.name) {
            false => plan(broker, topic),
            true => Err((ErrorCode::InvalidRequest, "Duplicate topic name.".to_string())),
        };
        let (code, error_message) = match planned {
            Ok(changes) => {
                records.extend(changes);
                (ErrorCode::None, None)
            }
            Err((code, message)) => (code, Some(message)),
        };
        let result =
            CreatePartitionsTopicResult { name: topic.name.clone(), error_code: code.code(), error_message };
        response.results.push(result);
    }
    if request.validate_only {
        return broker.reply(context.reply, &response);
    }
    broker.propose(records, move |broker, outcome| {
        if outcome == Outcome::Lost {
            for result in response.results.iter_mut().filter(|result| result.error_code == 0) {
                result.error_code = ErrorCode::KafkaStorageError.code();
            }
        }
        broker.reply(context.reply, &response);
    });
}

fn plan(broker: &Broker, topic: &CreatePartitionsTopic) -> Result<Vec<MetadataRecord>, Refusal> {
    let Some(image) = broker.image.topic(&topic.name) else {
        return Err((
            ErrorCode::UnknownTopicOrPartition,
            "This server does not host this topic-partition.".into(),
        ));
    };
    let now = image.partitions.len() as i32;
    if topic.count == now {
        return Err((ErrorCode::InvalidPartitions, format!("Topic already has {now} partition(s).")));
    }
    if topic.count < now {
        let message = format!(
            "The topic {} currently has {now} partition(s); {} would not be an increase.",
            topic.name, topic.count
        );
        return Err((ErrorCode::InvalidPartitions, message));
    }
    let added = topic.count - now;
    let room = limits::PARTITIONS_MAX.saturating_sub(broker.image.partition_count());
    if added > limits::PARTITIONS_PER_REQUEST_MAX || added as usize > room {
        let message = format!("The broker holds {} partitions at most.", limits::PARTITIONS_MAX);
        return Err((ErrorCode::PolicyViolation, message));
    }
    if let Some(assignments) = &topic.assignments {
        if assignments.len() as i32 != added {
            let message = format!(
                "Attempted to add {added} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            );
            return Err((ErrorCode::InvalidReplicaAssignment, message));
        }
        for one in assignments {
            check_assignment(broker, &one.broker_ids)?;
        }
    }
    Ok((now..topic.count).map(|index| controller::new_partition(broker, image.id, index)).collect())
}
