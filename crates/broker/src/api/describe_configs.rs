//! DescribeConfigs (32): the settings of topics, groups and this broker, with defaults, types, synonyms and sentences.
//! Served 1–4.
//!
//! Topics: every setting that is honoured. Brokers: what this one was started with, read-only. KIPs: 226 (synonyms),
//! 569 (types and documentation). Not served: broker
//! loggers, client metrics.

use crate::broker::{Broker, Context};
use crate::config::{DescribedConfig, ReadOnly, TopicConfig, describe_group};
use crate::metadata::Resource;
use crate::topic_name;
use tablog_record::SortedMap;
use tablog_wire::ErrorCode;
use tablog_wire::messages::create_topics_response::CreatableTopicConfigs;
use tablog_wire::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use tablog_wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DescribeConfigsRequest) {
    let mut response = DescribeConfigsResponse::default();
    for resource in &request.resources {
        let (code, error_message, found) = match look_up(broker, resource) {
            Ok(found) => (ErrorCode::None, Some(String::new()), found),
            Err((code, message)) => (code, Some(message), Vec::new()),
        };
        let wanted = |name: &str| match &resource.configuration_keys {
            Some(keys) => keys.is_empty() || keys.iter().any(|key| key == name),
            None => true,
        };
        let configs = found
            .into_iter()
            .filter(|config| wanted(config.definition.name))
            .map(|config| describe(config, &request))
            .collect();
        response.results.push(DescribeConfigsResult {
            error_code: code.code(),
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
            configs,
        });
    }
    broker.reply(context.reply, &response);
}

fn look_up(
    broker: &Broker,
    resource: &DescribeConfigsResource,
) -> Result<Vec<DescribedConfig>, (ErrorCode, String)> {
    let name = &resource.resource_name;
    match Resource::from_code(resource.resource_type, name) {
        Some(Resource::Topic(_)) => {
            topic_name::check(name).map_err(|message| (ErrorCode::InvalidTopicException, message))?;
            if broker.image.topic(name).is_none() {
                let code = ErrorCode::UnknownTopicOrPartition;
                return Err((code, code.message().to_string()));
            }
            let overrides = broker.image.overrides(&Resource::Topic(name.clone()));
            Ok(TopicConfig::describe(&overrides, &broker.config))
        }
        // "" asks for what was set for all brokers at run time: nothing can be.
        Some(Resource::Broker(_)) if name.is_empty() => Ok(Vec::new()),
        Some(Resource::Broker(_)) if *name == broker.config.node_id.to_string() => {
            Ok(broker.config.describe())
        }
        Some(Resource::Broker(_)) => {
            let node = broker.config.node_id;
            let message =
                format!("Unexpected broker id, expected {node} or empty string, but received {name}");
            Err((ErrorCode::InvalidRequest, message))
        }
        Some(Resource::Group(_)) if name.is_empty() => {
            Err((ErrorCode::InvalidRequest, "Group name must not be empty".to_string()))
        }
        Some(group @ Resource::Group(_)) => {
            Ok(describe_group(&broker.image.overrides(&group), &broker.config))
        }
        None => {
            let message = format!("Resources of type {} are not served.", resource.resource_type);
            Err((ErrorCode::InvalidRequest, message))
        }
    }
}

fn describe(config: DescribedConfig, request: &DescribeConfigsRequest) -> DescribeConfigsResourceResult {
    let synonyms = config.synonyms.into_iter().map(|synonym| DescribeConfigsSynonym {
        name: synonym.name.to_string(),
        value: synonym.value,
        source: synonym.source.code(),
    });
    DescribeConfigsResourceResult {
        name: config.definition.name.to_string(),
        value: config.value,
        read_only: config.read_only == ReadOnly::Yes,
        config_source: config.source.code(),
        is_sensitive: false,
        synonyms: if request.include_synonyms { synonyms.collect() } else { Vec::new() },
        config_type: config.definition.kind.code(),
        documentation: request.include_documentation.then(|| config.definition.documentation.to_string()),
    }
}

/// The settings of a topic that was just made, as CreateTopics answers them.
pub(super) fn of_created_topic(
    broker: &Broker,
    overrides: &SortedMap<String, String>,
) -> Vec<CreatableTopicConfigs> {
    TopicConfig::describe(overrides, &broker.config)
        .into_iter()
        .map(|config| CreatableTopicConfigs {
            name: config.definition.name.to_string(),
            value: config.value,
            read_only: config.read_only == ReadOnly::Yes,
            config_source: config.source.code(),
            is_sensitive: false,
        })
        .collect()
}
