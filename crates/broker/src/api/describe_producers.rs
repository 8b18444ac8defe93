//! DescribeProducers (61): who writes to a partition under which producer id. Served 0.

use crate::broker::{Broker, Context};
use crate::topic_name;
use tablog_wire::ErrorCode;
use tablog_wire::messages::describe_producers_request::DescribeProducersRequest;
use tablog_wire::messages::describe_producers_response::{
    DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DescribeProducersRequest) {
    let mut response = DescribeProducersResponse::default();
    for topic in request.topics {
        let partitions =
            topic.partition_indexes.iter().map(|&index| describe(broker, &topic.name, index)).collect();
        response.topics.push(TopicResponse { name: topic.name, partitions });
    }
    broker.reply(context.reply, &response);
}

fn describe(broker: &Broker, topic: &str, partition_index: i32) -> PartitionResponse {
    let found = match topic_name::check(topic) {
        Ok(()) => broker.find(topic, partition_index).map_err(|code| (code, code.message().to_string())),
        Err(message) => Err((ErrorCode::InvalidTopicException, message)),
    };
    let id = match found {
        Ok(id) => id,
        Err((code, message)) => {
            let error_message = Some(message);
            return PartitionResponse {
                partition_index,
                error_code: ErrorCode::code(code),
                error_message,
                ..Default::default()
            };
        }
    };
    let active_producers = broker.partitions[&id]
        .log
        .producers()
        .map(|producer| ProducerState {
            producer_id: producer.producer_id.0,
            producer_epoch: i32::from(producer.epoch.0),
            last_sequence: producer.last_sequence.0,
            last_timestamp: producer.last_timestamp.0,
            coordinator_epoch: -1,
            current_txn_start_offset: -1,
        })
        .collect();
    PartitionResponse { partition_index, active_producers, ..Default::default() }
}
