//! What becomes of a batch once its request came back: acknowledged, sent again, split, given up.
//!
//! Never knows: connections, futures.

use tablog_record::{SortedMap, Timestamp, TopicPartition};
use tablog_wire::ErrorCode;
use tablog_wire::messages::ProduceResponse;

use super::batch::Batch;
use super::idempotence::{Fate, Identification};
use super::{ProducerConfig, State};
use crate::error::{ClientError, ProduceError};

/// Records of a batch that the broker blames, by index, with what it says of them.
pub(crate) type NamedRecords = Vec<(i32, Option<String>)>;

/// What a request said of one batch.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Stored { base_offset: i64, append_time: Timestamp },
    Refused { code: ErrorCode, message: Option<String>, named: NamedRecords },
    NoAnswer(ClientError),
}

/// Whether the metadata may have been wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    Sound,
    Shaken,
}

/// The moment, and how long to wait before another attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub now_ms: u64,
    pub backoff_ms: u64,
}

impl State {
    pub(super) fn settle(
        &mut self,
        config: &ProducerConfig,
        batch: Batch,
        verdict: Verdict,
        moment: Moment,
    ) -> Trust {
        if let Some(queue) = self.accumulator.partitions.get_mut(&batch.partition) {
            queue.in_flight = queue.in_flight.saturating_sub(1);
        }
        match verdict {
            Verdict::Stored { base_offset, append_time } => {
                self.acknowledge(batch, base_offset, append_time, moment.now_ms);
                Trust::Sound
            }
            Verdict::NoAnswer(error) => {
                if error.is_retriable() {
                    self.retry(config, batch, error, moment);
                } else {
                    let error = ProduceError::Failed { partition: batch.partition.clone(), error };
                    self.give_up(batch, &error, &[], Fate::Unknown);
                }
                Trust::Shaken
            }
            Verdict::Refused { code, message, named } => {
                self.settle_refused(config, batch, (code, message, named), moment)
            }
        }
    }

    fn settle_refused(
        &mut self,
        config: &ProducerConfig,
        batch: Batch,
        (code, message, named): (ErrorCode, Option<String>, NamedRecords),
        moment: Moment,
    ) -> Trust {
        let is_first_attempt = batch.attempts == 0;
        match code {
            // Stored before; where is no longer known.
            ErrorCode::DuplicateSequenceNumber => {
                self.acknowledge(batch, -1, Timestamp::NONE, moment.now_ms);
                return Trust::Sound;
            }
            ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge if batch.records.len() > 1 => {
                self.metrics.batches_split += 1;
                self.accumulator.was_split(batch.order);
                let (head, tail) = batch.split();
                self.accumulator.put_back(tail);
                self.accumulator.put_back(head);
                return Trust::Sound;
            }
            ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId if batch.stamp.is_some() => {
                self.lost_its_place(config, batch, code, moment);
                return Trust::Sound;
            }
            ErrorCode::InvalidProducerEpoch | ErrorCode::ProducerFenced
                if batch.stamp.is_some_and(|stamp| self.identification.known() == Some(stamp.identity)) =>
            {
                self.identification = Identification::Missing;
            }
            code if code.is_retriable() => {
                self.retry(config, batch, ClientError::Refused { code, message }, moment);
                return Trust::Shaken;
            }
            _ => {}
        }
        let error = ProduceError::Refused { partition: batch.partition.clone(), code, message };
        let fate = if is_first_attempt { Fate::NotStored } else { Fate::Unknown };
        self.give_up(batch, &error, &named, fate);
        Trust::Sound
    }

    /// The broker waits for another sequence. If that is one that we are about to send again, all is well.
    /// Else it lost track of us, or an earlier batch never arrived: this one goes out under a new epoch.
    fn lost_its_place(&mut self, config: &ProducerConfig, mut batch: Batch, code: ErrorCode, moment: Moment) {
        let queue = self.accumulator.partitions.entry(batch.partition.clone()).or_default();
        let earlier_waits = queue
            .batches
            .iter()
            .any(|waiting| waiting.order < batch.order && waiting.stamp.is_some() && !waiting.stamp_is_void);
        if !earlier_waits {
            batch.stamp_is_void = true;
            queue.sequences.bump_wanted = true;
        }
        let moment = Moment { backoff_ms: 0, ..moment };
        self.retry(config, batch, ClientError::Refused { code, message: None }, moment);
    }

    fn retry(&mut self, config: &ProducerConfig, mut batch: Batch, error: ClientError, moment: Moment) {
        let is_over = batch.created_ms.saturating_add(config.delivery_timeout_ms) <= moment.now_ms;
        if is_over || batch.attempts >= config.retries {
            let error = if is_over {
                ProduceError::Expired { topic: batch.partition.topic.clone(), last: Some(error) }
            } else {
                ProduceError::Failed { partition: batch.partition.clone(), error }
            };
            self.give_up(batch, &error, &[], Fate::Unknown);
            return;
        }
        batch.attempts += 1;
        batch.not_before_ms = moment.now_ms + moment.backoff_ms;
        batch.last_error = Some(error);
        self.metrics.batches_retried += 1;
        self.accumulator.put_back(batch);
    }

    fn acknowledge(&mut self, batch: Batch, base_offset: i64, append_time: Timestamp, now_ms: u64) {
        self.accumulator.settled(&batch);
        if let Some(stamp) = batch.stamp
            && let Some(queue) = self.accumulator.partitions.get_mut(&batch.partition)
        {
            queue.sequences.acknowledged(stamp);
        }
        let metrics = &mut self.metrics;
        metrics.records_acked += batch.records.len() as u64;
        metrics.bytes_acked += batch.encoded_len() as u64;
        for record in &batch.records {
            let latency_ms = now_ms.saturating_sub(record.enqueued_ms);
            metrics.latency_total_ms += latency_ms;
            metrics.latency_max_ms = metrics.latency_max_ms.max(latency_ms);
        }
        metrics.latency_last_ms = now_ms.saturating_sub(batch.created_ms);
        batch.acknowledge(base_offset, append_time);
    }

    pub(super) fn give_up(
        &mut self,
        batch: Batch,
        error: &ProduceError,
        named: &[(i32, Option<String>)],
        fate: Fate,
    ) {
        self.accumulator.settled(&batch);
        self.metrics.records_failed += batch.records.len() as u64;
        if let Some(stamp) = batch.stamp
            && let Some(queue) = self.accumulator.partitions.get_mut(&batch.partition)
        {
            let unresolved = queue.unresolved();
            queue.sequences.given_up(stamp, batch.record_count(), fate, unresolved);
        }
        batch.fail(error, named);
    }
}

/// What the answer says of each partition.
pub(super) fn verdicts(response: ProduceResponse) -> SortedMap<TopicPartition, Verdict> {
    let mut verdicts = SortedMap::new();
    for topic in response.responses {
        for partition in topic.partition_responses {
            let code = ErrorCode::from_code(partition.error_code);
            let verdict = if code == ErrorCode::None {
                Verdict::Stored {
                    base_offset: partition.base_offset,
                    append_time: Timestamp(partition.log_append_time_ms),
                }
            } else {
                let named = partition.record_errors.into_iter();
                Verdict::Refused {
                    code,
                    message: partition.error_message,
                    named: named.map(|error| (error.batch_index, error.batch_index_error_message)).collect(),
                }
            };
            verdicts.insert(TopicPartition::new(topic.name.clone(), partition.index), verdict);
        }
    }
    verdicts
}
