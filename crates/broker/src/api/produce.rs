//! Produce (0): appends batches. Served 3–13; 0–2 are advertised, because librdkafka drops compression otherwise
//! (KAFKA-18659), and answered by closing the connection.
//!
//! Waits for: the commit that carries the appends, under the durability that acks asks for (all: on the disk; 1:
//! handed over; 0: no reply, and an error closes the connection). A duplicate of a remembered batch is answered
//! with the offsets that the batch got, once those are durable.
//! KIPs: 98 (idempotence), 467 (record errors), 516 (topic ids, v13). Not served: transactional batches.

use crate::broker::{Broker, Context, Waiter};
use crate::connection::ReplyTo;
use crate::housekeeping;
use crate::limits;
use crate::metadata::TopicImage;
use crate::partition::{Acks, PartitionId, is_internal};
use tablog_log::storage::Tier;
use tablog_log::{AppendError, AppendOrigin, AppendOutcome};
use tablog_record::{BatchError, BatchHeader, Compression, SortedMap, Timestamp, ValidBatch};
use tablog_wire::ErrorCode;
use tablog_wire::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use tablog_wire::messages::produce_response::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};

/// Clients of versions before it could not read zstd.
const FIRST_WITH_ZSTD: i16 = 7;

/// A produce whose appends are on their way to the disk.
#[derive(Debug)]
pub(crate) struct PendingProduce {
    response: ProduceResponse,
    /// Which entries of the response wait for which tier.
    waiting: SortedMap<Tier, Vec<(usize, usize)>>,
}

pub(crate) type PendingProduces = SortedMap<ReplyTo, PendingProduce>;

pub(crate) fn handle(broker: &mut Broker, context: Context, request: ProduceRequest) {
    let acks = Acks::parse(request.acks);
    let mut pending = PendingProduce { response: ProduceResponse::default(), waiting: SortedMap::new() };
    let transactional = has_transactional_batch(&request);
    for topic in request.topic_data {
        let mut answers = Vec::with_capacity(topic.partition_data.len());
        let image = find_topic(broker, &topic, context.version);
        for data in topic.partition_data {
            let index = data.index;
            let outcome = match (&image, acks) {
                (_, None) => Err(ErrorCode::InvalidRequiredAcks.into()),
                (_, Some(_)) if transactional => Err(ErrorCode::TransactionalIdAuthorizationFailed.into()),
                (Err(code), _) => Err((*code).into()),
                (Ok(image), Some(acks)) => append(broker, &context, acks, image, data),
            };
            match outcome {
                Ok((tier, answer)) => {
                    let place = (pending.response.responses.len(), answers.len());
                    pending.waiting.entry(tier).or_default().push(place);
                    answers.push(answer);
                }
                Err(refusal) => answers.push(refusal.into_response(index)),
            }
        }
        pending.response.responses.push(TopicProduceResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partition_responses: answers,
        });
    }
    if acks == Some(Acks::None) {
        return finish_silently(broker, &context, &pending.response);
    }
    let reply = context.reply;
    #[cfg(feature = "known-bugs")]
    if tablog_record::known_bugs::has(tablog_record::known_bugs::KnownBug::AcknowledgeBeforeCommit) {
        pending.waiting = Default::default();
    }
    let tiers: Vec<Tier> = pending.waiting.keys().copied().collect();
    broker.produces.insert(reply, pending);
    for tier in tiers {
        if broker.pipeline(tier).wait(Waiter::Produce(reply)).is_some() {
            settle_tier(broker, reply, tier);
        }
    }
    reply_when_settled(broker, reply);
}

/// A tier's commit completed.
pub(crate) fn durable(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    settle_tier(broker, reply, tier);
    reply_when_settled(broker, reply);
}

/// A tier's commit failed: what rode in it was rolled back.
pub(crate) fn failed(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    let Some(pending) = broker.produces.get_mut(&reply) else { return };
    for (topic, partition) in pending.waiting.remove(&tier).unwrap_or_default() {
        let answer = &mut pending.response.responses[topic].partition_responses[partition];
        *answer = Refusal::from(ErrorCode::KafkaStorageError).into_response(answer.index);
    }
    reply_when_settled(broker, reply);
}

fn settle_tier(broker: &mut Broker, reply: ReplyTo, tier: Tier) {
    if let Some(pending) = broker.produces.get_mut(&reply) {
        pending.waiting.remove(&tier);
    }
}

fn reply_when_settled(broker: &mut Broker, reply: ReplyTo) {
    if broker.produces.get(&reply).is_some_and(|pending| pending.waiting.is_empty()) {
        let pending = broker.produces.remove(&reply).expect("just seen");
        broker.reply(reply, &pending.response);
    }
}

/// acks=0 has no reply to carry an error: Kafka closes the connection, so that the client looks at its metadata.
fn finish_silently(broker: &mut Broker, context: &Context, response: &ProduceResponse) {
    let mut answers = response.responses.iter().flat_map(|topic| &topic.partition_responses);
    let any_error = answers.any(|answer| answer.error_code != 0);
    broker.stay_silent(context.reply);
    if any_error {
        broker.close(context.connection);
    }
}

fn find_topic(broker: &Broker, topic: &TopicProduceData, version: i16) -> Result<TopicImage, ErrorCode> {
    let (image, missing) = if version >= 13 {
        (broker.image.topic_by_id(topic.topic_id), ErrorCode::UnknownTopicId)
    } else {
        (broker.image.topic(&topic.name), ErrorCode::UnknownTopicOrPartition)
    };
    let image = image.ok_or(missing)?;
    if is_internal(&image.name) {
        return Err(ErrorCode::InvalidTopicException);
    }
    Ok(image.clone())
}

/// Transactional batches are nobody's to write: one of them has the whole request refused.
fn has_transactional_batch(request: &ProduceRequest) -> bool {
    let partitions = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    partitions
        .filter_map(|data| BatchHeader::peek(data.records.as_deref()?).ok()?)
        .any(|header| header.attributes.is_transactional())
}

/// Why one partition's batch was not taken.
#[derive(Debug)]
struct Refusal {
    code: ErrorCode,
    message: Option<String>,
    records: Vec<BatchIndexAndErrorMessage>,
    /// Told where the log itself refused.
    log_start_offset: i64,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Refusal {
        Refusal { code, message: None, records: Vec::new(), log_start_offset: -1 }
    }
}

impl Refusal {
    fn into_response(self, index: i32) -> PartitionProduceResponse {
        PartitionProduceResponse {
            index,
            error_code: self.code.code(),
            base_offset: -1,
            log_append_time_ms: -1,
            log_start_offset: self.log_start_offset,
            record_errors: self.records,
            error_message: self.message,
            ..Default::default()
        }
    }
}

fn append(
    broker: &mut Broker,
    context: &Context,
    acks: Acks,
    topic: &TopicImage,
    data: PartitionProduceData,
) -> Result<(Tier, PartitionProduceResponse), Refusal> {
    let id = PartitionId { topic: topic.id, index: data.index };
    let partition = broker.partitions.get_mut(&id).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let tier = partition.tier;
    let is_full = broker.pipeline(tier).gathering_bytes() > limits::GATHERING_BYTES_MAX;
    // Until this opening is stored, what is written would stand under the epoch of the one before.
    if is_full || housekeeping::is_unregistered(broker) {
        return Err(ErrorCode::KafkaStorageError.into());
    }
    let partition = broker.partitions.get_mut(&id).expect("just seen");
    let log_start_offset = partition.log.start_offset().0;
    let records = data.records.unwrap_or_default();
    let batch = ValidBatch::parse_produced(records).map_err(|error| refuse_batch(error, log_start_offset))?;
    if context.version < FIRST_WITH_ZSTD && batch.header().attributes.compression() == Ok(Compression::Zstd) {
        return Err(ErrorCode::UnsupportedCompressionType.into());
    }
    let facts = (i64::from(batch.header().record_count), batch.bytes().len());
    let appended =
        partition.log.append(context.now, batch.clone(), AppendOrigin::Client).map_err(|error| {
            let place = format!("{}-{}", partition.topic, data.index);
            refuse_append(error, log_start_offset, &batch, &place)
        })?;
    let durability = partition.durability_for(acks);
    let answer = PartitionProduceResponse {
        index: data.index,
        base_offset: appended.base_offset.0,
        log_append_time_ms: appended.log_append_time.map_or(-1, |time| time.0),
        log_start_offset: partition.log.start_offset().0,
        ..Default::default()
    };
    let name = partition.topic.clone();
    if appended.outcome == AppendOutcome::Appended {
        broker.appended(id, appended, durability);
        broker.meter.produced(&name, facts.0, facts.1);
    }
    Ok((tier, answer))
}

/// What is no single whole batch is refused before the log is asked, and so are checksums; the rest by the log.
fn refuse_batch(error: BatchError, log_start_offset: i64) -> Refusal {
    let code = ErrorCode::from_code(error.kafka_code());
    let before_the_log = matches!(
        error,
        BatchError::Truncated { .. } | BatchError::Trailing { .. } | BatchError::UnsupportedMagic { .. }
    ) || matches!(code, ErrorCode::CorruptMessage | ErrorCode::MessageTooLarge);
    let log_start_offset = if before_the_log { -1 } else { log_start_offset };
    Refusal { message: Some(error.to_string()), log_start_offset, ..code.into() }
}

fn refuse_append(error: AppendError, log_start_offset: i64, batch: &ValidBatch, place: &str) -> Refusal {
    let (code, message) = match &error {
        AppendError::OutOfOrderSequence { producer, expected, got }
        | AppendError::DuplicateSequence { producer, expected, got } => (
            ErrorCode::OutOfOrderSequenceNumber,
            format!("Out of order sequence number for producer {producer}: {got}, expected {expected}."),
        ),
        AppendError::InvalidProducerEpoch { producer, current, got } => (
            ErrorCode::InvalidProducerEpoch,
            format!(
                "Epoch of producer {producer} is {got}, which is smaller than the last seen epoch {current}."
            ),
        ),
        AppendError::InvalidTimestamp { records, min, max } => {
            let message = "One or more records have been rejected due to invalid timestamp".to_string();
            let records = name_timestamps(batch, &records.first, *min, *max);
            return Refusal {
                message: Some(message),
                records,
                log_start_offset,
                ..ErrorCode::InvalidTimestamp.into()
            };
        }
        AppendError::MissingKey { records } => {
            let each =
                format!("Compacted topic cannot accept message without key in topic partition {place}");
            let (count, shown) = (records.count, records.first.iter().take(3));
            let shown: Vec<String> =
                shown.map(|index| format!("RecordError(batchIndex={index}, message='{each}')")).collect();
            let message = format!(
                "One or more records have been rejected due to {count} record errors in total, and only showing the \
                 first three errors at most: [{}]",
                shown.join(", ")
            );
            let records = records.first.iter().map(|&index| name_record(index, each.clone())).collect();
            return Refusal {
                message: Some(message),
                records,
                log_start_offset,
                ..ErrorCode::InvalidRecord.into()
            };
        }
        AppendError::MessageTooLarge { size, max } => (
            ErrorCode::MessageTooLarge,
            format!(
                "The record batch size is {size} bytes, which exceeds the maximum configured value of {max}."
            ),
        ),
        AppendError::OffsetsExhausted => {
            (ErrorCode::KafkaStorageError, "The log has no more offsets.".to_string())
        }
        AppendError::Batch(error) => return refuse_batch(error.clone(), log_start_offset),
    };
    let log_start_offset = if code == ErrorCode::MessageTooLarge { -1 } else { log_start_offset };
    Refusal { message: Some(message), log_start_offset, ..code.into() }
}

fn name_record(batch_index: i32, message: String) -> BatchIndexAndErrorMessage {
    BatchIndexAndErrorMessage { batch_index, batch_index_error_message: Some(message) }
}

/// The records whose timestamps were out of range, each with its own.
fn name_timestamps(
    batch: &ValidBatch,
    indexes: &[i32],
    min: Option<Timestamp>,
    max: Option<Timestamp>,
) -> Vec<BatchIndexAndErrorMessage> {
    let bound = |bound: Option<Timestamp>| bound.map_or("none".to_string(), |time| time.to_string());
    let range = format!("[{}, {}]", bound(min), bound(max));
    let records = batch.records().unwrap_or_default();
    let named = indexes.iter().filter_map(|&index| {
        let record = records.get(index as usize)?;
        let message = format!(
            "Timestamp {} of message with offset {index} is out of range. The timestamp should be within {range}",
            record.timestamp
        );
        Some(name_record(index, message))
    });
    named.collect()
}
