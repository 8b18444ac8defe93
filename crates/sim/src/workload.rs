//! What clients do, one file for each kind of work. Each is a future that lives as long as its client does.
//!
//! Never knows: the broker's process, the faults to come.

pub mod administration;
pub mod audit;
pub mod hand_written_member;
pub mod membership;
pub mod producing;
pub mod reading;

use crate::chance::Chance;
use crate::checker::Sighting;
use crate::network::SimTransport;
use crate::stamp::Stamp;
use crate::witness::Witness;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_client::{Cluster, ClusterConfig, ConsumerRecord, Transport};
use tablog_record::TopicPartition;

/// The topic that everybody works on.
pub const TOPIC: &str = "orders";

/// One life of a client: it ends with a crash, and the next one knows nothing of it.
#[derive(Clone, Debug)]
pub struct Life {
    pub transport: SimTransport,
    pub witness: Witness,
    pub chance: Rc<RefCell<Chance>>,
    pub name: String,
    /// When its work is over, on the monotonic clock.
    pub end_ms: u64,
    /// For numbers that no other life has.
    pub numbers: Rc<Cell<u32>>,
}

impl Life {
    pub fn now_ms(&self) -> u64 {
        self.transport.now().monotonic_ms
    }

    pub fn is_over(&self) -> bool {
        self.now_ms() >= self.end_ms
    }

    pub async fn sleep_ms(&self, duration_ms: u64) {
        self.transport.sleep(duration_ms).await;
    }

    pub fn between(&self, low: u64, high: u64) -> u64 {
        self.chance.borrow_mut().between(low, high)
    }

    pub fn one_in(&self, n: u64) -> bool {
        self.chance.borrow_mut().one_in(n)
    }

    pub fn number(&self) -> u32 {
        self.numbers.replace(self.numbers.get() + 1)
    }

    pub fn cluster(&self) -> Cluster<SimTransport> {
        let config = ClusterConfig {
            bootstrap_servers: vec![("broker-1.sim".to_owned(), 9092)],
            client_id: self.name.clone(),
            request_timeout_ms: 3_000,
            metadata_max_age_ms: 5_000,
            reconnect_backoff_ms: 20,
            reconnect_backoff_max_ms: 300,
            retry_backoff_ms: 30,
            retry_backoff_max_ms: 300,
            socket_connection_setup_timeout_ms: 2_000,
            allow_auto_create_topics: false,
        };
        Cluster::new(self.transport.clone(), config)
    }

    /// Records that a reader got, told to the witness.
    pub fn saw(&self, reader: &str, records: &[ConsumerRecord]) {
        for record in records {
            let partition = TopicPartition::new(record.topic.clone(), record.partition);
            match record.value.as_deref().and_then(Stamp::read) {
                Some(stamp) => {
                    let (offset, leader_epoch) = (record.offset, record.leader_epoch);
                    self.witness.read(reader, &Sighting { partition, offset, leader_epoch, stamp });
                }
                None => self.witness.violation(format!(
                    "foreign record: {reader} read at {partition} {} what nobody wrote",
                    record.offset
                )),
            }
        }
    }
}
