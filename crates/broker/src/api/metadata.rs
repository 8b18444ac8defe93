//! Metadata (3): brokers, topics, partitions and their leaders. Served 0–13.
//!
//! Topics that do not exist are made where the broker allows it and the request does (0–3 always do); the answer
//! waits for the commit that makes them. (Apache Kafka answers an error first and creates beside it; a client that
//! asks again sees the same in both.) KIPs: 516 (topic ids), 700 (no cluster operations from v11 on).

use crate::authorized_operations;
use crate::broker::{Broker, Context};
use crate::controller::{self, Outcome};
use crate::metadata::TopicImage;
use crate::partition::{OFFSETS_TOPIC, is_internal};
use crate::topic_name;
use tablog_record::{SortedMap, SortedSet, Uuid, stable_sort};
use tablog_wire::ErrorCode;
use tablog_wire::messages::metadata_request::MetadataRequest;
use tablog_wire::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};

/// Versions 10 and 11 have a place for ids in the request; brokers take them from here on.
const FIRST_ASKED_BY_ID: i16 = 12;

pub(crate) fn handle(broker: &mut Broker, context: Context, mut request: MetadataRequest) {
    let ids_too_early = context.version < FIRST_ASKED_BY_ID
        && request.topics.iter().flatten().any(|topic| topic.name.is_none() || topic.topic_id != Uuid::ZERO);
    if ids_too_early {
        return refuse(broker, &context, &request);
    }
    // One id, and names count for nothing: Java's consumers send empty ones along with the ids that they were assigned.
    if request.topics.iter().flatten().any(|topic| topic.topic_id != Uuid::ZERO) {
        let topics = request.topics.iter_mut().flatten();
        topics.filter(|topic| topic.topic_id != Uuid::ZERO).for_each(|topic| topic.name = None);
        request.topics.iter_mut().for_each(|topics| topics.retain(|topic| topic.name.is_none()));
    }
    let missing = topics_to_create(broker, context.version, &request);
    if missing.is_empty() {
        return answer(broker, &context, &request);
    }
    if broker.deferred(&context) {
        return;
    }
    let partitions = broker.config.num_partitions;
    let mut records = Vec::new();
    for name in missing {
        let (partitions, configs) = match name.as_str() {
            OFFSETS_TOPIC => {
                (broker.config.offsets_topic_num_partitions, crate::coordinator::topic_settings(broker))
            }
            _ => (partitions, SortedMap::new()),
        };
        records.extend(controller::new_topic(broker, &name, partitions, &configs).1);
    }
    broker.propose(records, move |broker, _: Outcome| answer(broker, &context, &request));
}

fn topics_to_create(broker: &Broker, version: i16, request: &MetadataRequest) -> Vec<String> {
    let allowed =
        broker.config.auto_create_topics_enable && (version < 4 || request.allow_auto_topic_creation);
    let topics = request.topics.as_deref().unwrap_or_default();
    if !allowed {
        return Vec::new();
    }
    let mut missing: Vec<String> = topics
        .iter()
        .filter_map(|topic| topic.name.clone())
        .filter(|name| broker.image.topic(name).is_none() && topic_name::check(name).is_ok())
        .filter(|name| !is_internal(name) || name == OFFSETS_TOPIC)
        .filter(|name| topic_name::collision(broker, name).is_none())
        .collect();
    stable_sort(&mut missing);
    missing.dedup();
    let room = crate::limits::PARTITIONS_MAX.saturating_sub(broker.image.partition_count());
    missing.truncate(room / broker.config.num_partitions.max(1) as usize);
    missing
}

fn refuse(broker: &mut Broker, context: &Context, request: &MetadataRequest) {
    let topics = request.topics.iter().flatten().map(|topic| {
        let name = Some(topic.name.clone().unwrap_or_default());
        unknown(name, topic.topic_id, ErrorCode::InvalidRequest)
    });
    let response = MetadataResponse { controller_id: -1, topics: topics.collect(), ..Default::default() };
    broker.reply(context.reply, &response);
}

fn answer(broker: &mut Broker, context: &Context, request: &MetadataRequest) {
    let node = broker.config.node_id;
    let mut response = MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: node,
            host: broker.config.advertised_host.clone(),
            port: i32::from(broker.config.advertised_port),
            rack: broker.config.rack.clone(),
        }],
        cluster_id: Some(broker.cluster_id.clone()),
        controller_id: node,
        ..Default::default()
    };
    // Version 0 has no "none": an empty list asks for all.
    let all = match &request.topics {
        None => true,
        Some(topics) => context.version == 0 && topics.is_empty(),
    };
    if all {
        response.topics = broker.image.topics().map(|topic| describe(node, topic)).collect();
    }
    let mut told = SortedSet::new();
    for topic in request.topics.iter().flatten() {
        if !told.insert((&topic.name, topic.topic_id)) {
            continue;
        }
        response.topics.push(match (&topic.name, topic.topic_id) {
            (Some(name), _) => match broker.image.topic(name) {
                Some(image) => describe(node, image),
                None => unknown(Some(name.clone()), Uuid::ZERO, missing_code(name)),
            },
            (None, id) => match broker.image.topic_by_id(id) {
                Some(image) => describe(node, image),
                None => unknown(None, id, ErrorCode::UnknownTopicId),
            },
        });
    }
    if context.version < 12 {
        response.topics.iter_mut().for_each(|topic| topic.name = topic.name.take().or(Some(String::new())));
    }
    if request.include_topic_authorized_operations {
        let known = response.topics.iter_mut().filter(|topic| topic.error_code == 0);
        known.for_each(|topic| topic.topic_authorized_operations = authorized_operations::OF_TOPIC);
    }
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized_operations::OF_CLUSTER;
    }
    broker.reply(context.reply, &response);
}

fn missing_code(name: &str) -> ErrorCode {
    match topic_name::check(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    }
}

fn unknown(name: Option<String>, topic_id: Uuid, code: ErrorCode) -> MetadataResponseTopic {
    let is_internal = name.as_deref().is_some_and(is_internal);
    MetadataResponseTopic { error_code: code.code(), name, topic_id, is_internal, ..Default::default() }
}

fn describe(node: i32, topic: &TopicImage) -> MetadataResponseTopic {
    let partitions = topic.partitions.iter().map(|(&index, partition)| MetadataResponsePartition {
        partition_index: index,
        leader_id: node,
        leader_epoch: partition.leader_epoch.0,
        replica_nodes: partition.replicas.clone(),
        isr_nodes: partition.replicas.clone(),
        ..Default::default()
    });
    MetadataResponseTopic {
        name: Some(topic.name.to_string()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        ..Default::default()
    }
}
