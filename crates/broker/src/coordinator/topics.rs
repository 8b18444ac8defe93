//! What shards are told of the cluster's metadata: its topics, and the settings of groups.
//!
//! Topics are handed over before the next thing that a shard is asked, however many of them changed until then.

use crate::broker::Broker;
use crate::config::group_settings;
use crate::metadata::Resource;
use crate::partition::{EVENTS_TOPIC, OFFSETS_TOPIC};
use std::sync::Arc;
use tablog_group::{Shard, SubscribedBy, Topic, Topics};

#[derive(Debug)]
pub(super) struct Watch {
    topics: Arc<Topics>,
    state: WatchState,
    changes: u32,
    version_with_new_topics: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WatchState {
    Current,
    Changed,
}

/// Whether topics came, or only changed and went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopicsChange {
    New,
    Other,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { topics: Arc::default(), state: WatchState::Changed, changes: 0, version_with_new_topics: 0 }
    }
}

/// Takes notice of a change of the topics.
pub(crate) fn topics_changed(broker: &mut Broker, change: TopicsChange) {
    let version = next_version(broker);
    let watch = &mut broker.coordinator.topics;
    watch.state = WatchState::Changed;
    if change == TopicsChange::New {
        watch.version_with_new_topics = version;
    }
}

/// Grows over restarts too.
fn next_version(broker: &Broker) -> i64 {
    i64::from(broker.image.openings) << 32 | i64::from(broker.coordinator.topics.changes + 1)
}

/// Hands the topics over where they changed.
pub(super) fn refresh(broker: &mut Broker) {
    if broker.coordinator.topics.state == WatchState::Current {
        return;
    }
    let version = next_version(broker);
    let topics = broker.image.topics().map(|topic| {
        let subscription =
            if *topic.name == *EVENTS_TOPIC { SubscribedBy::Name } else { SubscribedBy::NameOrPattern };
        let partition_count = topic.partitions.len() as i32;
        (topic.name.to_string(), Topic { id: topic.id, partition_count, subscription })
    });
    let with_new = match broker.coordinator.topics.version_with_new_topics {
        0 => version,
        with_new => with_new,
    };
    let topics = Arc::new(Topics::new(topics, version, with_new));
    let coordinator = &mut broker.coordinator;
    for slot in coordinator.shards.values_mut() {
        slot.shard.set_topics(topics.clone());
    }
    let watch = &mut coordinator.topics;
    watch.changes += 1;
    watch.version_with_new_topics = with_new;
    watch.topics = topics;
    watch.state = WatchState::Current;
}

/// A group's own settings changed.
pub(crate) fn group_configured(broker: &mut Broker, group_id: &str) {
    let overrides = broker.image.overrides(&Resource::Group(group_id.to_string()));
    let settings = group_settings(&overrides, &broker.config).ok().filter(|_| !overrides.is_empty());
    let Some(partition) = broker.coordinator.partition_of(group_id) else { return };
    if let Some(slot) = broker.coordinator.shards.get_mut(&partition) {
        slot.shard.set_group_settings(group_id, settings);
    }
}

/// All that a new shard has to know.
pub(super) fn introduce(broker: &Broker, partition: i32, shard: &mut Shard) {
    shard.set_topics(broker.coordinator.topics.topics.clone());
    // While shards come to be there are fewer than there will be.
    let count = broker.image.topic(OFFSETS_TOPIC).map_or(0, |topic| topic.partitions.len() as i32);
    if count == 0 {
        return;
    }
    for (group_id, overrides) in broker.image.group_overrides() {
        let is_here = tablog_group::offsets_partition(group_id, count) == partition;
        let settings = group_settings(overrides, &broker.config).ok();
        if let Some(settings) = settings.filter(|_| is_here) {
            shard.set_group_settings(group_id, Some(settings));
        }
    }
}
