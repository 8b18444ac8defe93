//! What pages change of groups: where they stand, and who is a member.

use crate::requests::refusal;
use crate::tab::Tab;
use tablog_client::{ClientError, OffsetAndMetadata, OffsetSpec, Outcomes};
use tablog_dashboard::model::orders::{Reply, Trouble};
use tablog_dashboard::model::snapshot::TopicPartition;
use tablog_record::SortedMap;

type Asked = tablog_record::TopicPartition;

fn asked(partition: TopicPartition) -> Asked {
    Asked::new(partition.topic, partition.partition)
}

pub async fn delete_group(tab: &Tab, id: String) -> Result<Reply, Trouble> {
    match tab.doing.delete_groups(&[id]).await.map(|outcomes| outcomes.into_values().next()) {
        Ok(Some(Ok(()))) => Ok(Reply::Finished),
        Ok(Some(Err(error))) | Err(error) => Err(refusal(&error)),
        Ok(None) => Err(Trouble::NoBroker { detail: String::new() }),
    }
}

/// The first record of this time or later in each; -1 where there is none. Where it could not be learnt it is missing.
pub async fn offsets_at(
    tab: &Tab,
    partitions: Vec<TopicPartition>,
    timestamp_ms: i64,
) -> Result<Reply, Trouble> {
    let spec = |p| (asked(p), OffsetSpec::Timestamp(timestamp_ms));
    let specs: SortedMap<_, _> = partitions.into_iter().map(spec).collect();
    let listed = tab.reading.list_offsets(&specs).await.map_err(|e| refusal(&e))?;
    let found = |(p, listed): (Asked, Result<tablog_client::ListedOffset, _>)| {
        Some((TopicPartition::new(p.topic, p.partition), listed.ok()?.offset))
    };
    Ok(Reply::Offsets(listed.into_iter().filter_map(found).collect()))
}

/// As an admin does: without a member, which a group with members refuses.
pub async fn set_offsets(
    tab: &Tab,
    group: &str,
    offsets: Vec<(TopicPartition, i64)>,
) -> Result<Reply, Trouble> {
    let committed = |offset| OffsetAndMetadata { offset, leader_epoch: -1, metadata: String::new() };
    let offsets = offsets.into_iter().map(|(p, offset)| (asked(p), committed(offset))).collect();
    by_partition(tab.doing.alter_consumer_group_offsets(group, &offsets).await)
}

pub async fn delete_offsets(
    tab: &Tab,
    group: &str,
    partitions: Vec<TopicPartition>,
) -> Result<Reply, Trouble> {
    let partitions = partitions.into_iter().map(asked).collect();
    by_partition(tab.doing.delete_consumer_group_offsets(group, &partitions).await)
}

/// Who is gone already is not missed.
pub async fn remove_members(tab: &Tab, group: &str, member_ids: &[String]) -> Result<Reply, Trouble> {
    let outcomes = tab.doing.remove_members(group, member_ids).await.map_err(|e| refusal(&e))?;
    let is_gone = |error: &ClientError| error.code().is_some_and(|code| code.name() == "UNKNOWN_MEMBER_ID");
    let failed = outcomes.into_values().filter_map(Result::err).find(|error| !is_gone(error));
    failed.map_or(Ok(Reply::Finished), |error| Err(refusal(&error)))
}

fn by_partition(outcomes: Result<Outcomes<Asked, ()>, ClientError>) -> Result<Reply, Trouble> {
    let outcomes = outcomes.map_err(|e| refusal(&e))?;
    let code =
        |error: ClientError| error.code().map_or_else(|| error.to_string(), |code| code.name().to_owned());
    let told = |(p, outcome): (Asked, Result<(), ClientError>)| {
        (TopicPartition::new(p.topic, p.partition), outcome.err().map(code))
    };
    Ok(Reply::Outcomes(outcomes.into_iter().map(told).collect()))
}
