//! Records as the page shows them, where a browser of records may start, and how a tail falls behind.

use crate::model::limits::TAIL_RECORDS_MAX;
use crate::model::packing::{packed_enum, packed_struct};
use serde_json::{Map, Value};
use std::collections::VecDeque;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadRecord {
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: i64,
    pub log_append_time: bool,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub batch: Option<BatchFacts>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchFacts {
    pub base_offset: i64,
    pub count: i32,
    pub compression: String,
    pub bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Beginning,
    Newest,
    Offset(i64),
    Time(i64),
}

/// Records to be written by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub partition: Option<i32>,
    pub key: Option<Vec<u8>>,
    /// None: a tombstone.
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub timestamp_ms: Option<i64>,
}

/// The newest records of a live tail. What did not fit is counted, never dropped in silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tail {
    pub records: VecDeque<ReadRecord>,
    pub missed: u64,
    pub missed_since_ms: Option<i64>,
}

impl Tail {
    /// `shown` is how many the page can show between two frames.
    pub fn push(&mut self, now_ms: i64, batch: Vec<ReadRecord>) {
        let over = batch.len().saturating_sub(TAIL_RECORDS_MAX);
        if over > 0 {
            self.missed += over as u64;
            self.missed_since_ms.get_or_insert(now_ms);
        }
        for record in batch.into_iter().skip(over) {
            self.records.push_front(record);
        }
        self.records.truncate(TAIL_RECORDS_MAX);
    }

    pub fn go_on(&mut self) {
        self.missed = 0;
        self.missed_since_ms = None;
    }
}

impl ReadRecord {
    /// One line of NDJSON: bytes that are text stay text, others are hexadecimal.
    pub fn ndjson(&self) -> String {
        let bytes = |b: &Option<Vec<u8>>| b.as_deref().map_or(Value::Null, bytes_json);
        let mut object = Map::new();
        object.insert("partition".into(), self.partition.into());
        object.insert("offset".into(), self.offset.into());
        object.insert("timestamp".into(), self.timestamp_ms.into());
        object.insert("key".into(), bytes(&self.key));
        let parsed = self.value.as_deref().and_then(|v| serde_json::from_slice::<Value>(v).ok());
        object.insert("value".into(), parsed.unwrap_or_else(|| bytes(&self.value)));
        if !self.headers.is_empty() {
            let headers = self.headers.iter().map(|(name, v)| (name.clone(), bytes(v))).collect();
            object.insert("headers".into(), Value::Object(headers));
        }
        Value::Object(object).to_string()
    }
}

fn bytes_json(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            Value::Object(Map::from_iter([("hex".to_owned(), Value::from(hex))]))
        }
    }
}

packed_struct! {
    ReadRecord { partition, offset, timestamp_ms, log_append_time, key, value, headers, batch }
    BatchFacts { base_offset, count, compression, bytes }
    Draft { partition, key, value, headers, timestamp_ms }
}

packed_enum! {
    From { 0 Beginning, 1 Newest, 2 Offset(offset), 3 Time(ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_that_falls_behind_counts_what_it_missed() {
        let mut tail = Tail::default();
        tail.push(5, vec![ReadRecord::default(); TAIL_RECORDS_MAX + 12]);
        assert_eq!((tail.missed, tail.missed_since_ms, tail.records.len()), (12, Some(5), TAIL_RECORDS_MAX));
        tail.go_on();
        assert_eq!(tail.missed, 0);
    }

    #[test]
    fn an_export_keeps_json_as_json_and_any_bytes_as_hex() {
        let record =
            ReadRecord { key: Some(vec![0xff]), value: Some(b"{\"a\":1}".to_vec()), ..ReadRecord::default() };
        assert_eq!(
            record.ndjson(),
            r#"{"partition":0,"offset":0,"timestamp":0,"key":{"hex":"ff"},"value":{"a":1}}"#
        );
    }
}
