//! DescribeLogDirs (35): how many bytes each partition holds. Served 1–4.
//!
//! One log dir: topics in memory stand in it too. Total and usable bytes are -1 (unknown): a browser tells an estimate
//! to the page, not to the broker.

use crate::broker::{Broker, Context};
use crate::partition::PartitionId;
use tablog_record::{SortedMap, SortedSet};
use tablog_wire::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use tablog_wire::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: DescribeLogDirsRequest) {
    let wanted: Option<SortedMap<String, SortedSet<i32>>> = request.topics.map(|topics| {
        topics.into_iter().map(|topic| (topic.topic, topic.partitions.into_iter().collect())).collect()
    });
    let mut topics = Vec::new();
    for topic in broker.image.topics() {
        let only = match &wanted {
            None => None,
            Some(wanted) => match wanted.get(&*topic.name) {
                Some(partitions) => Some(partitions),
                None => continue,
            },
        };
        let partitions: Vec<_> = topic
            .partitions
            .keys()
            .filter(|index| only.is_none_or(|only| only.contains(index)))
            .filter_map(|&index| {
                let partition = broker.partitions.get(&PartitionId { topic: topic.id, index })?;
                Some(DescribeLogDirsPartition {
                    partition_index: index,
                    partition_size: partition.log.size_bytes() as i64,
                    ..Default::default()
                })
            })
            .collect();
        if !partitions.is_empty() {
            topics.push(DescribeLogDirsTopic { name: topic.name.to_string(), partitions });
        }
    }
    let directory = DescribeLogDirsResult {
        log_dir: format!("/tablog/{}", broker.config.node_id),
        topics,
        total_bytes: -1,
        usable_bytes: -1,
        ..Default::default()
    };
    broker.reply(context.reply, &DescribeLogDirsResponse { results: vec![directory], ..Default::default() });
}
