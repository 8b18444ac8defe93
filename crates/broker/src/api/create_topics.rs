//! CreateTopics (19): new topics with their settings. Served 2–7.
//!
//! Waits for: the records of all good topics in one commit; bad ones are told beside them. `validate_only` changes
//! nothing. One broker: a replication factor of 1 (or -1, the default), assignments that name only this broker.
//! KIPs: 464 (defaults), 525 (settings in the answer), 516 (topic ids).

use super::describe_configs;
use crate::broker::{Broker, Context};
use crate::config::TopicConfig;
use crate::controller::{self, Outcome};
use crate::limits;
use crate::partition::is_internal;
use crate::topic_name;
use tablog_record::{SortedMap, SortedSet, Uuid};
use tablog_wire::ErrorCode;
use tablog_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use tablog_wire::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};

/// A topic that may be made.
struct Plan {
    partitions: i32,
    configs: SortedMap<String, String>,
}

type Refusal = (ErrorCode, String);

pub(crate) fn handle(broker: &mut Broker, context: Context, request: CreateTopicsRequest) {
    if broker.deferred(&context) {
        return;
    }
    let mut names = SortedSet::new();
    let mut twice = SortedSet::new();
    for topic in &request.topics {
        if !names.insert(topic.name.as_str()) {
            twice.insert(topic.name.clone());
        }
    }
    let mut records = Vec::new();
    let mut response = CreateTopicsResponse::default();
    let mut room = limits::PARTITIONS_MAX.saturating_sub(broker.image.partition_count());
    let mut made = SortedSet::new();
    for topic in &request.topics {
        let plan = match twice.contains(&topic.name) {
            true => Err((ErrorCode::InvalidRequest, "Duplicate topic name.".to_string())),
            false => plan(broker, topic, room),
        };
        if !made.insert(topic.name.clone()) {
            continue;
        }
        response.topics.push(match plan {
            Err((code, message)) => CreatableTopicResult {
                name: topic.name.clone(),
                error_code: code.code(),
                error_message: Some(message),
                num_partitions: -1,
                replication_factor: -1,
                configs: Some(Vec::new()),
                ..Default::default()
            },
            Ok(plan) => {
                room -= plan.partitions as usize;
                let (topic_id, changes) =
                    controller::new_topic(broker, &topic.name, plan.partitions, &plan.configs);
                records.extend(changes);
                CreatableTopicResult {
                    name: topic.name.clone(),
                    topic_id: if request.validate_only { Uuid::ZERO } else { topic_id },
                    num_partitions: plan.partitions,
                    replication_factor: 1,
                    configs: Some(describe_configs::of_created_topic(broker, &plan.configs)),
                    error_message: None,
                    ..Default::default()
                }
            }
        });
    }
    if request.validate_only {
        return broker.reply(context.reply, &response);
    }
    broker.propose(records, move |broker, outcome| {
        if outcome == Outcome::Lost {
            for topic in response.topics.iter_mut().filter(|topic| topic.error_code == 0) {
                topic.error_code = ErrorCode::KafkaStorageError.code();
                topic.error_message = Some("The topic could not be stored.".into());
                topic.topic_id = Uuid::ZERO;
            }
        }
        broker.reply(context.reply, &response);
    });
}

fn plan(broker: &Broker, topic: &CreatableTopic, room: usize) -> Result<Plan, Refusal> {
    topic_name::check(&topic.name).map_err(|message| (ErrorCode::InvalidTopicException, message))?;
    if broker.image.topic(&topic.name).is_some() {
        return Err((ErrorCode::TopicAlreadyExists, format!("Topic '{}' already exists.", topic.name)));
    }
    if is_internal(&topic.name) && topic.name != crate::partition::OFFSETS_TOPIC {
        let message = format!("Creation of internal topic {} is prohibited.", topic.name);
        return Err((ErrorCode::InvalidRequest, message));
    }
    if let Some(other) = topic_name::collision(broker, &topic.name) {
        let message = format!("Topic '{}' collides with existing topic: {other}", topic.name);
        return Err((ErrorCode::InvalidTopicException, message));
    }
    let partitions = partitions(broker, topic)?;
    if partitions as usize > room {
        let message = format!("The broker holds {} partitions at most.", limits::PARTITIONS_MAX);
        return Err((ErrorCode::PolicyViolation, message));
    }
    let mut configs = SortedMap::new();
    for config in &topic.configs {
        let value = config.value.clone().ok_or_else(|| {
            (ErrorCode::InvalidConfig, format!("Null value not supported for topic configs: {}", config.name))
        })?;
        configs.insert(config.name.clone(), value);
    }
    TopicConfig::from_overrides(&topic.name, &configs, &broker.config)
        .map_err(|error| (ErrorCode::InvalidConfig, error.to_string()))?;
    Ok(Plan { partitions, configs })
}

fn partitions(broker: &Broker, topic: &CreatableTopic) -> Result<i32, Refusal> {
    if !topic.assignments.is_empty() {
        if topic.num_partitions != -1 || topic.replication_factor != -1 {
            let which = if topic.replication_factor != -1 { "replication factor" } else { "numPartitions" };
            let message =
                format!("A manual partition assignment was specified, but {which} was not set to -1.");
            return Err((ErrorCode::InvalidRequest, message));
        }
        let mut indexes = SortedSet::new();
        for one in &topic.assignments {
            let index = one.partition_index;
            if !indexes.insert(index) {
                let message = format!("Found multiple manual partition assignments for partition {index}");
                return Err((ErrorCode::InvalidReplicaAssignment, message));
            }
            check_assignment(broker, &one.broker_ids)?;
        }
        let count = topic.assignments.len() as i32;
        if indexes != (0..count).collect() {
            let message = "partitions should be a consecutive 0-based integer sequence";
            return Err((ErrorCode::InvalidReplicaAssignment, message.into()));
        }
        return bounded(count);
    }
    if !matches!(topic.replication_factor, -1 | 1) {
        let wanted = topic.replication_factor;
        return Err(match wanted {
            2.. => {
                let message = format!(
                    "Unable to replicate the partition {wanted} time(s): The target replication factor of {wanted} \
                     cannot be reached because only 1 broker(s) are registered."
                );
                (ErrorCode::InvalidReplicationFactor, message)
            }
            _ => {
                let message = "Replication factor must be larger than 0, or -1 to use the default value.";
                (ErrorCode::InvalidReplicationFactor, message.into())
            }
        });
    }
    match topic.num_partitions {
        -1 => Ok(broker.config.num_partitions),
        count @ 1.. => bounded(count),
        _ => {
            let message = "Number of partitions was set to an invalid non-positive value.";
            Err((ErrorCode::InvalidPartitions, message.into()))
        }
    }
}

/// Replicas that somebody chose: this broker alone can be one.
pub(super) fn check_assignment(broker: &Broker, broker_ids: &[i32]) -> Result<(), Refusal> {
    let node = broker.config.node_id;
    let message = match broker_ids {
        [] => "The manual partition assignment includes an empty replica list.".to_string(),
        [one] if *one == node => return Ok(()),
        ids => match ids.iter().find(|id| **id != node) {
            Some(id) => {
                format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                )
            }
            None => format!("The manual partition assignment includes the broker {node} more than once."),
        },
    };
    Err((ErrorCode::InvalidReplicaAssignment, message))
}

fn bounded(count: i32) -> Result<i32, Refusal> {
    match count <= limits::PARTITIONS_PER_REQUEST_MAX {
        true => Ok(count),
        false => {
            let message = "Excessively large number of partitions per request.";
            Err((ErrorCode::PolicyViolation, message.into()))
        }
    }
}
