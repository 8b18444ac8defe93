//! Settings of topics, brokers and groups: read with where they come from, changed one by one.

use tablog_record::SortedMap;
use tablog_wire::messages::describe_configs_request::DescribeConfigsResource;
use tablog_wire::messages::describe_configs_response::DescribeConfigsResourceResult;
use tablog_wire::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use tablog_wire::messages::{DescribeConfigsRequest, IncrementalAlterConfigsRequest};

use super::{Admin, Outcomes, outcome};
use crate::cluster::Node;
use crate::error::ClientError;
use crate::transport::Transport;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigResource {
    Topic(String),
    Broker(i32),
    Group(String),
}

impl ConfigResource {
    fn type_code(&self) -> i8 {
        match self {
            ConfigResource::Topic(_) => 2,
            ConfigResource::Broker(_) => 4,
            ConfigResource::Group(_) => 32,
        }
    }

    fn name(&self) -> String {
        match self {
            ConfigResource::Topic(name) | ConfigResource::Group(name) => name.clone(),
            ConfigResource::Broker(id) => id.to_string(),
        }
    }

    fn of(type_code: i8, name: String) -> Option<ConfigResource> {
        match type_code {
            2 => Some(ConfigResource::Topic(name)),
            4 => name.parse().ok().map(ConfigResource::Broker),
            32 => Some(ConfigResource::Group(name)),
            _ => None,
        }
    }

    /// A broker is asked for its own settings.
    fn node(&self) -> Node {
        match self {
            ConfigResource::Broker(id) => Node::Id(*id),
            ConfigResource::Topic(_) | ConfigResource::Group(_) => Node::Any,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    pub name: String,
    pub value: Option<String>,
    pub source: ConfigSource,
    pub config_type: ConfigType,
    pub is_read_only: bool,
    pub is_sensitive: bool,
    pub documentation: Option<String>,
    pub synonyms: Vec<ConfigSynonym>,
}

impl ConfigEntry {
    pub fn is_default(&self) -> bool {
        self.source == ConfigSource::Default
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    pub name: String,
    pub value: Option<String>,
    pub source: ConfigSource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    Topic,
    DynamicBroker,
    DynamicDefaultBroker,
    StaticBroker,
    Default,
    DynamicBrokerLogger,
    ClientMetrics,
    Group,
    Unknown,
}

impl ConfigSource {
    fn from_code(code: i8) -> ConfigSource {
        match code {
            1 => ConfigSource::Topic,
            2 => ConfigSource::DynamicBroker,
            3 => ConfigSource::DynamicDefaultBroker,
            4 => ConfigSource::StaticBroker,
            5 => ConfigSource::Default,
            6 => ConfigSource::DynamicBrokerLogger,
            7 => ConfigSource::ClientMetrics,
            8 => ConfigSource::Group,
            _ => ConfigSource::Unknown,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigType {
    Boolean,
    String,
    Int,
    Short,
    Long,
    Double,
    List,
    Class,
    Password,
    Unknown,
}

impl ConfigType {
    fn from_code(code: i8) -> ConfigType {
        match code {
            1 => ConfigType::Boolean,
            2 => ConfigType::String,
            3 => ConfigType::Int,
            4 => ConfigType::Short,
            5 => ConfigType::Long,
            6 => ConfigType::Double,
            7 => ConfigType::List,
            8 => ConfigType::Class,
            9 => ConfigType::Password,
            _ => ConfigType::Unknown,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    Set(String),
    /// Back to the default.
    Delete,
    /// To a list.
    Append(String),
    /// From a list.
    Subtract(String),
}

impl<T: Transport> Admin<T> {
    /// Every setting of each resource, with type, documentation and where its value comes from.
    pub async fn describe_configs(
        &self,
        resources: &[ConfigResource],
    ) -> Result<Outcomes<ConfigResource, SortedMap<String, ConfigEntry>>, ClientError> {
        let mut outcomes = Outcomes::new();
        for (node, resources) in by_node(resources.iter().map(|resource| (resource.clone(), ()))) {
            let resource = |(resource, ()): &(ConfigResource, ())| DescribeConfigsResource {
                resource_type: resource.type_code(),
                resource_name: resource.name(),
                configuration_keys: None,
            };
            let response = self
                .retried(async || {
                    self.cluster
                        .request_with(node.clone(), Default::default(), |version| DescribeConfigsRequest {
                            resources: resources.iter().map(resource).collect(),
                            include_synonyms: true,
                            include_documentation: version >= 3,
                        })
                        .await
                })
                .await?;
            for result in response.results {
                let Some(resource) = ConfigResource::of(result.resource_type, result.resource_name) else {
                    continue;
                };
                let entries = result.configs.into_iter().map(entry).collect();
                outcomes.insert(resource, outcome(result.error_code, result.error_message.as_ref(), entries));
            }
        }
        Ok(outcomes)
    }

    /// Changes what is named and nothing else.
    pub async fn incremental_alter_configs(
        &self,
        changes: &SortedMap<ConfigResource, SortedMap<String, ConfigChange>>,
    ) -> Result<Outcomes<ConfigResource, ()>, ClientError> {
        let mut outcomes = Outcomes::new();
        let items = changes.iter().map(|(resource, changes)| (resource.clone(), changes));
        for (node, resources) in by_node(items) {
            let request = IncrementalAlterConfigsRequest {
                resources: resources
                    .iter()
                    .map(|(resource, changes)| AlterConfigsResource {
                        resource_type: resource.type_code(),
                        resource_name: resource.name(),
                        configs: changes.iter().map(alterable).collect(),
                    })
                    .collect(),
                validate_only: false,
            };
            let response =
                self.retried(async || self.cluster.request(node.clone(), request.clone()).await).await?;
            for result in response.responses {
                let Some(resource) = ConfigResource::of(result.resource_type, result.resource_name) else {
                    continue;
                };
                outcomes.insert(resource, outcome(result.error_code, result.error_message.as_ref(), ()));
            }
        }
        Ok(outcomes)
    }
}

/// A broker's settings are asked of that broker, all others of any, in one request.
fn by_node<V>(items: impl Iterator<Item = (ConfigResource, V)>) -> Vec<(Node, Vec<(ConfigResource, V)>)> {
    let mut nodes: Vec<(Node, Vec<(ConfigResource, V)>)> = Vec::new();
    for (resource, value) in items {
        let node = resource.node();
        match nodes.iter_mut().find(|(known, _)| *known == node) {
            Some((_, items)) => items.push((resource, value)),
            None => nodes.push((node, vec![(resource, value)])),
        }
    }
    nodes
}

fn alterable((name, change): (&String, &ConfigChange)) -> AlterableConfig {
    let (config_operation, value) = match change {
        ConfigChange::Set(value) => (0, Some(value.clone())),
        ConfigChange::Delete => (1, None),
        ConfigChange::Append(value) => (2, Some(value.clone())),
        ConfigChange::Subtract(value) => (3, Some(value.clone())),
    };
    AlterableConfig { name: name.clone(), config_operation, value }
}

fn entry(config: DescribeConfigsResourceResult) -> (String, ConfigEntry) {
    let synonyms = config.synonyms.into_iter().map(|synonym| ConfigSynonym {
        name: synonym.name,
        value: synonym.value,
        source: ConfigSource::from_code(synonym.source),
    });
    let entry = ConfigEntry {
        name: config.name.clone(),
        value: config.value,
        source: ConfigSource::from_code(config.config_source),
        config_type: ConfigType::from_code(config.config_type),
        is_read_only: config.read_only,
        is_sensitive: config.is_sensitive,
        documentation: config.documentation,
        synonyms: synonyms.collect(),
    };
    (config.name, entry)
}
