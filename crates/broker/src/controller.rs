//! The controller: changes to the metadata, one at a time.
//!
//! A change is a list of records. They are appended to `__cluster_metadata-0`; when they are durable they are replayed
//! into the image, logs are made or dropped, and the request is answered. Requests that come meanwhile and would
//! change the metadata too wait and are then looked at anew, against the image that the change left.

use crate::api;
use crate::broker::{Broker, Context, Waiter};
use crate::config::TopicConfig;
use crate::coordinator::{TopicsChange, group_configured, topics_changed};
use crate::events::Happening;
use crate::housekeeping;
use crate::limits;
use crate::metadata::{Change, Resource};
use crate::metadata_record::MetadataRecord;
use crate::partition::{METADATA_PARTITION, Partition, PartitionId, blob_prefix, is_internal};
use crate::tail::Tail;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use tablog_log::storage::{Durability, Tier};
use tablog_log::{AppendOrigin, Log, LogLocation};
use tablog_record::{BatchBuilder, Compression, LeaderEpoch, SortedMap, Uuid};
use tablog_wire::records::{ConfigRecord, PartitionRecord, TopicRecord};

/// What is done once a change is durable, or lost.
type Then = Box<dyn FnOnce(&mut Broker, Outcome)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Durable,
    Lost,
}

#[derive(Default)]
pub(crate) struct Controller {
    under_way: Option<(Vec<MetadataRecord>, Then)>,
    deferred: VecDeque<Context>,
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let busy = self.under_way.is_some();
        f.debug_struct("Controller").field("busy", &busy).field("deferred", &self.deferred.len()).finish()
    }
}

impl Broker {
    /// Puts a request back until the change under way is over. A handler that would change metadata asks first:
    /// `if broker.deferred(&context) { return }`.
    pub(crate) fn deferred(&mut self, context: &Context) -> bool {
        if self.controller.under_way.is_none() {
            return false;
        }
        if self.controller.deferred.len() >= limits::DEFERRED_REQUESTS_MAX {
            self.close(context.connection);
        } else {
            self.controller.deferred.push_back(context.clone());
        }
        true
    }

    /// Appends a change; `then` runs when it is durable and replayed, or lost.
    pub(crate) fn propose(
        &mut self,
        records: Vec<MetadataRecord>,
        then: impl FnOnce(&mut Broker, Outcome) + 'static,
    ) {
        assert!(self.controller.under_way.is_none(), "metadata changes one at a time");
        if records.is_empty() {
            return then(self, Outcome::Durable);
        }
        let now = self.now;
        let mut builder = BatchBuilder::new(Compression::None);
        for record in &records {
            let value = record
                .encode()
                .unwrap_or_else(|error| panic!("a metadata record cannot be written: {error}"));
            builder.append(now.wall, None, Some(&value), &[]);
        }
        let batch = builder.build_batch();
        let log = &mut self.metadata_log().log;
        let Ok(appended) = log.append(now, batch, AppendOrigin::Coordinator) else {
            unreachable!("the metadata log takes our batch");
        };
        self.controller.under_way = Some((records, Box::new(then)));
        self.appended(METADATA_PARTITION, appended, Durability::Strict);
        let left = self.pipeline(Tier::Durable).wait(Waiter::Controller);
        assert!(left.is_none(), "a commit that was just asked for is not over");
    }

    pub(crate) fn controller_durable(&mut self) {
        let (records, then) = self.controller.under_way.take().expect("a change was under way");
        for record in records {
            if let Some(change) = self.image.replay(record) {
                self.apply(change);
            }
        }
        then(self, Outcome::Durable);
        self.look_at_deferred();
    }

    pub(crate) fn controller_failed(&mut self) {
        let (_, then) = self.controller.under_way.take().expect("a change was under way");
        then(self, Outcome::Lost);
        self.look_at_deferred();
    }

    pub(crate) fn metadata_changes(&self) -> bool {
        self.controller.under_way.is_some()
    }

    fn look_at_deferred(&mut self) {
        for mut context in std::mem::take(&mut self.controller.deferred) {
            context.now = self.now;
            api::dispatch(self, context);
        }
    }

    /// What a change of the image asks of the logs.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::TopicCreated(name) => {
                topics_changed(self, TopicsChange::New);
                let id = self.image.topic(&name).expect("it was just created").id;
                if !is_internal(&name) {
                    self.publish(Happening::TopicCreated {
                        topic: name.to_string(),
                        topic_id: id.to_string(),
                    });
                }
            }
            Change::PartitionAdded { topic, index } => {
                topics_changed(self, TopicsChange::Other);
                self.open_new(PartitionId { topic, index });
            }
            Change::TopicRemoved { name, id, partitions } => {
                for index in partitions {
                    self.drop_partition(PartitionId { topic: id, index });
                }
                topics_changed(self, TopicsChange::Other);
                crate::coordinator::topic_deleted(self, &name);
                self.publish(Happening::TopicDeleted { topic: name.to_string() });
            }
            Change::ConfigChanged(Resource::Topic(name)) => self.reconfigure(&name),
            Change::ConfigChanged(Resource::Group(name)) => group_configured(self, &name),
            Change::ConfigChanged(Resource::Broker(_)) => {}
            Change::Opened => self.start_epochs(),
        }
    }

    fn open_new(&mut self, id: PartitionId) {
        if self.partitions.contains_key(&id) {
            return;
        }
        let topic = self.image.topic_by_id(id.topic).expect("a partition has a topic");
        let (name, epoch) = (topic.name.clone(), topic.partitions[&id.index].leader_epoch);
        let config = self.topic_config(&name);
        let location = self.location(id, config.tier);
        let log = Log::create(location, config.log.clone(), epoch, self.now);
        self.install(id, name, config, epoch, log);
    }

    /// Puts an opened log where requests find it.
    pub(crate) fn install(
        &mut self,
        id: PartitionId,
        topic: Arc<str>,
        config: TopicConfig,
        leader_epoch: LeaderEpoch,
        log: Log,
    ) {
        let partition = Partition {
            topic,
            log,
            tail: Tail::default(),
            tier: config.tier,
            durability: config.durability,
            leader_epoch,
            unchecked_bytes: 0,
        };
        self.partitions.insert(id, partition);
        self.meter.segments_changed();
    }

    pub(crate) fn location(&self, id: PartitionId, tier: Tier) -> LogLocation {
        LogLocation { prefix: blob_prefix(self.config.node_id, id), tier }
    }

    fn drop_partition(&mut self, id: PartitionId) {
        self.clear_tail(id);
        let Some(partition) = self.partitions.remove(&id) else { return };
        housekeeping::forget(self, id);
        self.meter.segments_changed();
        let deletions = partition.log.delete_all();
        self.pipeline(partition.tier).write(deletions, Durability::Relaxed);
        self.wake_readers(id);
    }

    pub(crate) fn topic_config(&self, name: &str) -> TopicConfig {
        let overrides = self.image.overrides(&Resource::Topic(name.to_string()));
        TopicConfig::from_overrides(name, &overrides, &self.config)
            .unwrap_or_else(|error| panic!("a setting that was stored is refused: {error}"))
    }

    fn reconfigure(&mut self, name: &str) {
        let Some(topic) = self.image.topic(name) else { return };
        let (id, indexes): (_, Vec<_>) = (topic.id, topic.partitions.keys().copied().collect());
        let config = self.topic_config(name);
        for index in indexes {
            if let Some(partition) = self.partitions.get_mut(&PartitionId { topic: id, index }) {
                partition.log.set_config(config.log.clone());
                partition.durability = config.durability;
            }
        }
    }

    fn start_epochs(&mut self) {
        let mut epochs: Vec<(PartitionId, LeaderEpoch)> = Vec::new();
        for topic in self.image.topics() {
            for (&index, image) in &topic.partitions {
                epochs.push((PartitionId { topic: topic.id, index }, image.leader_epoch));
            }
        }
        for (id, epoch) in epochs {
            let Some(partition) = self.partitions.get_mut(&id) else { continue };
            partition.leader_epoch = epoch;
            let (writes, tier) = (partition.log.start_epoch(epoch), partition.tier);
            self.pipeline(tier).write_for(id, writes, Durability::Relaxed);
        }
    }
}

/// The records that make a topic.
pub(crate) fn new_topic(
    broker: &mut Broker,
    name: &str,
    partitions: i32,
    configs: &SortedMap<String, String>,
) -> (Uuid, Vec<MetadataRecord>) {
    let topic_id = broker.random.uuid();
    let mut records = vec![MetadataRecord::Topic(TopicRecord { name: name.to_string(), topic_id })];
    // Settings first: a partition's log is made when its record is replayed, in the tier that they name.
    records.extend(
        configs.iter().map(|(key, value)| config_record(&Resource::Topic(name.into()), key, Some(value))),
    );
    records.extend((0..partitions).map(|index| new_partition(broker, topic_id, index)));
    (topic_id, records)
}

pub(crate) fn new_partition(broker: &Broker, topic_id: Uuid, index: i32) -> MetadataRecord {
    let node = broker.config.node_id;
    MetadataRecord::Partition(PartitionRecord {
        partition_id: index,
        topic_id,
        replicas: vec![node],
        isr: vec![node],
        leader: node,
        leader_epoch: 0,
        ..Default::default()
    })
}

pub(crate) fn config_record(resource: &Resource, name: &str, value: Option<&str>) -> MetadataRecord {
    MetadataRecord::Config(ConfigRecord {
        resource_type: resource.code(),
        resource_name: resource.name().to_string(),
        name: name.to_string(),
        value: value.map(str::to_string),
    })
}
