//! The producers' state as bytes, in Apache Kafka's format. All numbers are big-endian.
//!
//! ```text
//! ┌─────────────┬─────────┬───────────┐
//! │ version i16 │ crc u32 │ count i32 │  version 1; CRC-32C from the count to the end
//! └─────────────┴─────────┴───────────┘  then `count` times
//! ┌─────────────────┬──────────────────────────┐
//! │ producer id i64 │ producer epoch       i16 │
//! ├─────────────────┼──────────────────────────┤
//! │ last sequence   │ of its last batch    i32 │  -1 where there is none
//! │ last offset     │ of its last batch    i64 │  -1
//! │ offset delta    │ of its last batch    i32 │  0
//! │ timestamp       │                      i64 │
//! │ coordinator     │ epoch                i32 │  -1
//! │ transaction     │ first offset         i64 │  -1
//! └─────────────────┴──────────────────────────┘
//! ```
//!
//! A producer stands in it once for each batch that is remembered, oldest first, so that a batch sent again after a
//! restart is still known. Apache Kafka writes the last one only; reading, it too lets the later entry win.
//!
//! Never knows: the name of the blob, the offset that the state belongs to.

use crate::limits::REMEMBERED_BATCHES_MAX;
use crate::producer_state::{ProducerEntry, ProducerState, RememberedBatch};
use bytes::{Buf, Bytes};
use std::collections::VecDeque;
use tablog_record::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp, crc32c};

const VERSION: i16 = 1;
const HEAD_BYTES: usize = 6;
const ENTRY_BYTES: usize = 46;

pub(crate) fn encode(state: &ProducerState) -> Bytes {
    let mut body = vec![0; 4];
    let mut count: i32 = 0;
    for (id, entry) in state.iter() {
        for (place, batch) in entry.batches.iter().enumerate() {
            // The producer's own timestamp may be a later marker's.
            let is_last = place + 1 == entry.batches.len();
            let timestamp = if is_last { entry.timestamp } else { batch.timestamp };
            put_entry(&mut body, id, entry, Some(batch), timestamp);
        }
        if entry.batches.is_empty() {
            put_entry(&mut body, id, entry, None, entry.timestamp);
        }
        count += entry.batches.len().max(1) as i32;
    }
    body[..4].copy_from_slice(&count.to_be_bytes());
    assert_eq!(body.len(), 4 + count as usize * ENTRY_BYTES);
    let mut out = Vec::with_capacity(HEAD_BYTES + body.len());
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&crc32c(&body).to_be_bytes());
    out.extend_from_slice(&body);
    out.into()
}

fn put_entry(
    out: &mut Vec<u8>,
    id: ProducerId,
    entry: &ProducerEntry,
    batch: Option<&RememberedBatch>,
    timestamp: Timestamp,
) {
    out.extend_from_slice(&id.0.to_be_bytes());
    out.extend_from_slice(&entry.epoch.0.to_be_bytes());
    out.extend_from_slice(&batch.map_or(-1, |batch| batch.last_sequence.0).to_be_bytes());
    out.extend_from_slice(&batch.map_or(-1, |batch| batch.last_offset.0).to_be_bytes());
    out.extend_from_slice(&batch.map_or(0, |batch| batch.offset_delta).to_be_bytes());
    out.extend_from_slice(&timestamp.0.to_be_bytes());
    out.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
    out.extend_from_slice(&entry.transaction_start.map_or(-1, |offset| offset.0).to_be_bytes());
}

/// `None` for bytes that are torn or none of ours. Who is in it counts as heard of now.
pub(crate) fn decode(mut bytes: &[u8], heard_at: Timestamp) -> Option<ProducerState> {
    if bytes.len() < HEAD_BYTES + 4 {
        return None;
    }
    let (version, crc) = (bytes.get_i16(), bytes.get_u32());
    if version != VERSION || crc != crc32c(bytes) {
        return None;
    }
    let count = usize::try_from(bytes.get_i32()).ok()?;
    if bytes.len() != count.checked_mul(ENTRY_BYTES)? {
        return None;
    }
    let mut state = ProducerState::default();
    for _ in 0..count {
        let id = ProducerId(bytes.get_i64());
        let epoch = ProducerEpoch(bytes.get_i16());
        let last_sequence = Sequence(bytes.get_i32());
        let last_offset = Offset(bytes.get_i64());
        let offset_delta = bytes.get_i32();
        let timestamp = Timestamp(bytes.get_i64());
        let coordinator_epoch = bytes.get_i32();
        let transaction_start = bytes.get_i64();
        let mut batches = match state.get(id) {
            Some(earlier) if earlier.epoch == epoch => earlier.batches.clone(),
            _ => VecDeque::new(),
        };
        if last_offset.0 >= 0 && last_sequence.0 >= 0 && offset_delta >= 0 {
            if batches.len() == REMEMBERED_BATCHES_MAX {
                batches.pop_front();
            }
            batches.push_back(RememberedBatch { last_sequence, last_offset, offset_delta, timestamp });
        }
        let transaction_start = (transaction_start >= 0).then_some(Offset(transaction_start));
        let entry =
            ProducerEntry { epoch, batches, coordinator_epoch, transaction_start, timestamp, heard_at };
        state.restore(id, Some(entry));
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::{BatchBuilder, Compression, LeaderEpoch};

    fn state() -> ProducerState {
        let mut state = ProducerState::default();
        for batch in 0..7 {
            for id in 0..3 {
                let mut builder = BatchBuilder::new(Compression::None)
                    .producer(ProducerId(id), ProducerEpoch(1), Sequence(batch))
                    .base_offset(Offset(i64::from(batch) * 3 + id), LeaderEpoch(0));
                builder.append(Timestamp(77 + i64::from(batch)), None, Some(b"v"), &[]);
                state.update(builder.build_batch().header(), None, Timestamp(90));
            }
        }
        state
    }

    #[test]
    fn round_trips_with_five_batches_each() {
        let state = state();
        let bytes = encode(&state);
        assert_eq!(bytes.len(), HEAD_BYTES + 4 + 15 * ENTRY_BYTES);
        assert_eq!(decode(&bytes, Timestamp(90)), Some(state));
    }

    #[test]
    fn refuses_every_cut_and_every_damaged_byte() {
        let bytes = encode(&state());
        for at in 0..bytes.len() {
            assert_eq!(decode(&bytes[..at], Timestamp(0)), None);
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1;
            assert_eq!(decode(&damaged, Timestamp(0)), None);
        }
        assert_eq!(decode(&[&bytes[..], &[0]].concat(), Timestamp(0)), None);
    }
}
