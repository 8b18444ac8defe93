//! OffsetForLeaderEpoch (23): where a leader epoch ends, so that a reader finds out where its log and ours part
//! (KIP-101, KIP-320). Served 2–4.

use crate::broker::{Broker, Context};
use tablog_record::LeaderEpoch;
use tablog_wire::ErrorCode;
use tablog_wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition,
};
use tablog_wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};

pub(crate) fn handle(broker: &mut Broker, context: Context, request: OffsetForLeaderEpochRequest) {
    let mut response = OffsetForLeaderEpochResponse::default();
    for topic in request.topics {
        let partitions = topic
            .partitions
            .iter()
            .map(|wanted| {
                look_up(broker, &topic.topic, wanted).unwrap_or_else(|code| EpochEndOffset {
                    error_code: code.code(),
                    partition: wanted.partition,
                    leader_epoch: -1,
                    end_offset: -1,
                })
            })
            .collect();
        response.topics.push(OffsetForLeaderTopicResult { topic: topic.topic, partitions });
    }
    broker.reply(context.reply, &response);
}

fn look_up(
    broker: &Broker,
    topic: &str,
    wanted: &OffsetForLeaderPartition,
) -> Result<EpochEndOffset, ErrorCode> {
    let id = broker.find(topic, wanted.partition)?;
    let partition = &broker.partitions[&id];
    broker.check_epoch(partition, wanted.current_leader_epoch)?;
    let (epoch, end) = partition.log.epoch_end_offset(LeaderEpoch(wanted.leader_epoch));
    Ok(EpochEndOffset {
        error_code: 0,
        partition: wanted.partition,
        leader_epoch: epoch.0,
        end_offset: end.0,
    })
}
