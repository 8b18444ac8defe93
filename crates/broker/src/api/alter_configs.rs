//! AlterConfigs (33): all settings of a topic or a group at once; what is not named goes back to its default.
//! Served 0–2.
//!
//! The older sibling of IncrementalAlterConfigs, with the same rules.

use super::incremental_alter_configs::{Refusal, alterable, changes, named_twice};
use crate::broker::{Broker, Context};
use crate::controller::Outcome;
use crate::metadata_record::MetadataRecord;
use tablog_record::SortedMap;
use tablog_wire::ErrorCode;
use tablog_wire::messages::alter_configs_request::{AlterConfigsRequest, AlterConfigsResource};
use tablog_wire::messages::alter_configs_response::{AlterConfigsResourceResponse, AlterConfigsResponse};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: AlterConfigsRequest) {
    if broker.deferred(&context) {
        return;
    }
    let mut response = AlterConfigsResponse::default();
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
    let mut after = SortedMap::new();
    for config in &resource.configs {
        let value = config.value.clone().ok_or_else(|| {
            let message = format!("Null value not supported for : {}", config.name);
            (ErrorCode::InvalidRequest, message)
        })?;
        if after.insert(config.name.clone(), value).is_some() {
            return Err((ErrorCode::InvalidRequest, "Error due to duplicate config keys".into()));
        }
    }
    changes(broker, target, &before, &after)
}
