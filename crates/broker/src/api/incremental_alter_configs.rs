//! IncrementalAlterConfigs (44): settings of topics and groups, one at a time. Served 0–1.
//!
//! Waits for: the records of all good resources in one commit. Operations: set, delete, append to and subtract from a
//! list (KIP-339). A setting that is not honoured is unknown. Not served: brokers at run time.

use crate::broker::{Broker, Context};
use crate::config::{Alteration, TopicConfig, alter_group, group_settings};
use crate::controller::{Outcome, config_record};
use crate::metadata::Resource;
use crate::metadata_record::MetadataRecord;
use crate::topic_name;
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::ErrorCode;
use tablog_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, IncrementalAlterConfigsRequest,
};
use tablog_wire::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};

pub(super) type Refusal = (ErrorCode, String);

pub(crate) fn handle(broker: &mut Broker, context: Context, request: IncrementalAlterConfigsRequest) {
    if broker.deferred(&context) {
        return;
    }
    let mut response = IncrementalAlterConfigsResponse::default();
    let mut records = Vec::new();
    let resource_of =
        |resource: &AlterConfigsResource| (resource.resource_type, resource.resource_name.clone());
    let twice = named_twice(request.resources.iter().map(resource_of));
    for resource in &request.resources {
        let planned = match twice.contains(&resource_of(resource)) {
            false => plan(broker, resource),
            true => Err((ErrorCode::InvalidRequest, "Each resource must appear at most once.".to_string())),
        };
        let (code, error_message) = match planned {
            Ok(changes) => {
                records.extend(changes);
                (ErrorCode::None, None)
            }
            Err((code, message)) => (code, Some(message)),
        };
        response.responses.push(AlterConfigsResourceResponse {
            error_code: code.code(),
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
        });
    }
    if request.validate_only {
        return broker.reply(context.reply, &response);
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

fn plan(broker: &Broker, resource: &AlterConfigsResource) -> Result<Vec<MetadataRecord>, Refusal> {
    let target = alterable(broker, resource.resource_type, &resource.resource_name)?;
    let before = broker.image.overrides(&target);
    let mut after = before.clone();
    let mut names = SortedSet::new();
    for config in &resource.configs {
        if !names.insert(config.name.as_str()) {
            return Err((ErrorCode::InvalidRequest, "Error due to duplicate config keys".into()));
        }
        let operation = Alteration::from_code(config.config_operation).ok_or_else(|| {
            (ErrorCode::InvalidRequest, format!("Unknown operation {} on a config.", config.config_operation))
        })?;
        if operation != Alteration::Delete && config.value.is_none() {
            let message = format!("Null value not supported for : {}", config.name);
            return Err((ErrorCode::InvalidRequest, message));
        }
        let (name, value) = (config.name.as_str(), config.value.as_deref());
        let altered = match target {
            Resource::Group(_) => alter_group(&mut after, name, operation, value),
            _ => TopicConfig::alter(&mut after, &broker.config, name, operation, value),
        };
        altered.map_err(|error| (ErrorCode::InvalidConfig, error.reason))?;
    }
    changes(broker, target, &before, &after)
}

/// What a request names more than once: none of it is changed.
pub(super) fn named_twice<T: Ord + Clone>(named: impl Iterator<Item = T>) -> SortedSet<T> {
    let mut once = SortedSet::new();
    named.filter(|one| !once.insert(one.clone())).collect()
}

/// The resource, where it is a group or a topic that exists.
pub(super) fn alterable(broker: &Broker, code: i8, name: &str) -> Result<Resource, Refusal> {
    match Resource::from_code(code, name) {
        Some(Resource::Topic(_)) if name.is_empty() => {
            Err((ErrorCode::InvalidRequest, "Default topic resources are not allowed.".into()))
        }
        Some(Resource::Topic(_)) if broker.image.topic(name).is_none() => {
            Err(match topic_name::check(name) {
                Ok(()) => (ErrorCode::UnknownTopicOrPartition, format!("The topic '{name}' does not exist.")),
                Err(message) => (ErrorCode::InvalidTopicException, message),
            })
        }
        Some(topic @ Resource::Topic(_)) => Ok(topic),
        Some(Resource::Broker(_)) => {
            let message =
                "The settings of this broker are given when it starts and cannot be changed while it runs.";
            Err((ErrorCode::InvalidRequest, message.into()))
        }
        Some(Resource::Group(_)) if name.is_empty() => {
            Err((ErrorCode::InvalidRequest, "Default group resources are not allowed.".into()))
        }
        Some(Resource::Group(_)) if name.len() > tablog_group::limits::GROUP_ID_BYTES_MAX => {
            Err((ErrorCode::InvalidGroupId, "The group's id is too long.".into()))
        }
        Some(group @ Resource::Group(_)) => Ok(group),
        None => Err((ErrorCode::InvalidRequest, format!("Resources of type {code} are not served."))),
    }
}

/// The records that lead from one set of settings to another, once that is found to hold.
pub(super) fn changes(
    broker: &Broker,
    target: Resource,
    before: &SortedMap<String, String>,
    after: &SortedMap<String, String>,
) -> Result<Vec<MetadataRecord>, Refusal> {
    let invalid = |reason: String| (ErrorCode::InvalidConfig, reason);
    if let Resource::Group(_) = target {
        group_settings(after, &broker.config).map_err(|error| invalid(error.to_string()))?;
    } else {
        let topic = |overrides| TopicConfig::from_overrides(target.name(), overrides, &broker.config);
        let wanted = topic(after).map_err(|error| invalid(error.to_string()))?;
        let now = topic(before).map_err(|error| invalid(error.to_string()))?;
        if wanted.tier != now.tier {
            let reason = "tablog.storage is chosen when a topic is made and cannot be changed.";
            return Err(invalid(reason.into()));
        }
    }
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let set = set.map(|(name, value)| config_record(&target, name, Some(value)));
    Ok(set.chain(removed.map(|name| config_record(&target, name, None))).collect())
}
