//! The producer of a run: one small record to every partition, again and again, so that a partition of which nothing is
//! read is one that stands still.
//!
//! Never knows: who reads.

use super::stage::Stage;
use crate::tab::{Tab, Transported};
use futures_util::future::{AbortHandle, abortable};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tablog_client::{Acks, Delivery, Producer, ProducerConfig, ProducerRecord, Transport};
use wasm_bindgen_futures::spawn_local;

/// Dropping it ends the supply.
pub struct Supply {
    inner: Rc<Inner>,
    work: AbortHandle,
}

struct Inner {
    stage: Rc<Stage>,
    producer: Producer<Transported>,
    interval_ms: Cell<u64>,
    /// Topics as the broker knows them, with how many partitions of each are written.
    topics: RefCell<Vec<(String, i32)>>,
}

impl Supply {
    pub fn begin(tab: &Tab, stage: &Rc<Stage>, interval_ms: u64) -> Supply {
        let config = ProducerConfig { acks: Acks::Leader, linger_ms: 0, ..ProducerConfig::default() };
        let producer = Producer::new(tab.cluster("lab-producer"), config);
        spawn_local(producer.run());
        let (stage, topics) = (stage.clone(), RefCell::default());
        let inner = Rc::new(Inner { stage, producer, interval_ms: Cell::new(interval_ms), topics });
        let (work, handle) = abortable(work(inner.clone()));
        spawn_local(async move {
            let _ = work.await;
        });
        Supply { inner, work: handle }
    }

    /// From now on so many of its partitions.
    pub fn feed(&self, topic: String, partitions: i32) {
        let mut topics = self.inner.topics.borrow_mut();
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, count)) => *count = partitions,
            None => topics.push((topic, partitions)),
        }
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        self.work.abort();
    }
}

async fn work(inner: Rc<Inner>) {
    let mut n = 0u64;
    loop {
        let topics = inner.topics.borrow().clone();
        for (topic, partitions) in topics {
            for partition in 0..partitions {
                let value = n.to_string().into_bytes();
                let record = ProducerRecord {
                    partition: Some(partition),
                    ..ProducerRecord::new(topic.clone(), None, Some(value.into()))
                };
                match inner.producer.send(record).await {
                    // One delivery of many says whether things go right.
                    Ok(delivery) if partition == 0 && n.is_multiple_of(16) => watch(&inner, delivery),
                    Ok(_) => {}
                    Err(error) => inner.stage.complain(error.to_string()),
                }
            }
        }
        n += 1;
        inner.stage.transport.sleep(inner.interval_ms.get()).await;
    }
}

fn watch(inner: &Rc<Inner>, delivery: Delivery) {
    let inner = inner.clone();
    spawn_local(async move {
        if let Err(error) = delivery.await {
            inner.stage.complain(error.to_string());
        }
    });
}
