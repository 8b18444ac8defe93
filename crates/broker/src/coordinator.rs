//! The group coordinator: leads requests to the shard that owns the group, and a shard's records to its log.

use crate::broker::Broker;
use crate::config::BrokerConfig;
use bytes::Bytes;
use std::collections::BTreeMap;
use tablog_log::storage::StorageFault;

#[derive(Debug)]
pub(crate) struct Coordinator {}

/// Decisions of a shard that wait for their commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {}

/// A stretch of a shard's log on its way from the disk.
#[derive(Debug)]
pub(crate) struct Reading {}

impl Coordinator {
    pub fn new(_config: &BrokerConfig, _seed: u64) -> Coordinator {
        Coordinator {}
    }

    pub fn poll_timeout(&self) -> Option<u64> {
        None
    }
}

pub(crate) fn topic_settings(_broker: &Broker) -> BTreeMap<String, String> {
    [("cleanup.policy", "compact"), ("compression.type", "producer")]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into()
}

/// Every shard reads its partition from the start.
pub(crate) fn load(_broker: &mut Broker) {}

pub(crate) fn handle_timeout(_broker: &mut Broker, _now: tablog_record::Now) {}

pub(crate) fn read_done(_broker: &mut Broker, _reading: Reading, _result: Result<Bytes, StorageFault>) {}

/// What a ticket stands for is durable: its replies leave.
pub(crate) fn durable(_broker: &mut Broker, _ticket: Ticket) {}

/// It is lost: the shard is made anew from what is durable.
pub(crate) fn failed(_broker: &mut Broker, _ticket: Ticket) {}

pub(crate) fn topic_deleted(_broker: &mut Broker, _topic: &str) {}
