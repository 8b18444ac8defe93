//! The admin client: asks and changes what a cluster is made of. Every call sends one request for each node
//! that has to be asked, and answers item by item.
//!
//! Never knows: how a broker does it.

mod cluster_facts;
mod configs;
mod group_offsets;
mod groups;
mod offsets;
mod topics;

pub use cluster_facts::{ClusterDescription, LogDirDescription, PartitionProducer, ReplicaSize};
pub use configs::{ConfigChange, ConfigEntry, ConfigResource, ConfigSource, ConfigSynonym, ConfigType};
pub use groups::{GroupDescription, GroupEpochs, GroupListing, GroupType, MemberDescription, MemberProgress};
pub use offsets::OffsetSpec;
pub use topics::{CreatedTopic, NewTopic, TopicDescription};

use std::fmt;
use tablog_record::{SortedMap, TopicPartition};
use tablog_wire::ErrorCode;

use crate::cluster::Cluster;
use crate::error::ClientError;
use crate::transport::Transport;

/// What became of each item of a call.
pub type Outcomes<K, V> = SortedMap<K, Result<V, ClientError>>;

#[derive(Clone, Debug)]
pub struct AdminConfig {
    /// How long what may succeed later is tried again.
    pub default_api_timeout_ms: u64,
}

impl Default for AdminConfig {
    fn default() -> AdminConfig {
        AdminConfig { default_api_timeout_ms: 60_000 }
    }
}

pub struct Admin<T: Transport> {
    cluster: Cluster<T>,
    config: AdminConfig,
}

impl<T: Transport> Clone for Admin<T> {
    fn clone(&self) -> Admin<T> {
        Admin { cluster: self.cluster.clone(), config: self.config.clone() }
    }
}

impl<T: Transport> fmt::Debug for Admin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("config", &self.config).finish_non_exhaustive()
    }
}

impl<T: Transport> Admin<T> {
    pub fn new(cluster: Cluster<T>, config: AdminConfig) -> Admin<T> {
        Admin { cluster, config }
    }

    pub fn cluster(&self) -> &Cluster<T> {
        &self.cluster
    }

    /// Tries until it is done, refused for good, or the time is over.
    async fn retried<V>(&self, attempt: impl AsyncFn() -> Result<V, ClientError>) -> Result<V, ClientError> {
        let deadline_ms = self.deadline_ms();
        let mut attempts = 0;
        loop {
            match attempt().await {
                Err(error) if error.is_retriable() && self.may_retry(deadline_ms) => {
                    self.before_retry(attempts).await;
                    attempts += 1;
                }
                result => return result,
            }
        }
    }

    fn deadline_ms(&self) -> u64 {
        self.cluster.now_ms().saturating_add(self.config.default_api_timeout_ms)
    }

    fn may_retry(&self, deadline_ms: u64) -> bool {
        self.cluster.now_ms() < deadline_ms
    }

    async fn before_retry(&self, attempts: u32) {
        self.cluster.sleep(self.cluster.retry_backoff_ms(attempts)).await;
        // Leaders and controller may have moved; if that cannot be learnt, the next attempt says so.
        let _ = self.cluster.metadata(Some(&[])).await;
    }

    /// One request for each leader; what another leader has to be asked is asked again.
    async fn by_leader<I: Clone, V>(
        &self,
        items: SortedMap<TopicPartition, I>,
        ask: impl AsyncFn(i32, &SortedMap<TopicPartition, I>) -> Result<Outcomes<TopicPartition, V>, ClientError>,
    ) -> Result<Outcomes<TopicPartition, V>, ClientError> {
        let deadline_ms = self.deadline_ms();
        let mut outcomes = Outcomes::new();
        let mut left = items;
        let mut attempts = 0;
        loop {
            let mut by_node: SortedMap<i32, SortedMap<TopicPartition, I>> = SortedMap::new();
            let mut again = SortedMap::new();
            self.learn_leaders(&left, attempts > 0, deadline_ms).await?;
            for (partition, item) in std::mem::take(&mut left) {
                match self.cluster.leader(&partition) {
                    Some(leader) => {
                        by_node.entry(leader.node).or_default().insert(partition, item);
                    }
                    None => {
                        let error = self.no_leader(&partition);
                        outcomes.insert(partition.clone(), Err(error));
                        again.insert(partition, item);
                    }
                }
            }
            for (node, items) in by_node {
                let mut answers = match ask(node, &items).await {
                    Ok(answers) => answers,
                    Err(error) if error.is_retriable() => {
                        items.keys().map(|partition| (partition.clone(), Err(error.clone()))).collect()
                    }
                    Err(error) => return Err(error),
                };
                for (partition, item) in items {
                    let outcome = answers.remove(&partition).unwrap_or_else(|| Err(left_out()));
                    if outcome.as_ref().is_err_and(ClientError::is_retriable) {
                        again.insert(partition.clone(), item);
                    }
                    outcomes.insert(partition, outcome);
                }
            }
            // A topic that is not there is told at once; it is not waited for.
            again.retain(|partition, _| !is_absent(outcomes.get(partition)));
            if again.is_empty() || !self.may_retry(deadline_ms) {
                return Ok(outcomes);
            }
            self.cluster.sleep(self.cluster.retry_backoff_ms(attempts)).await;
            attempts += 1;
            left = again;
        }
    }

    async fn learn_leaders<I>(
        &self,
        items: &SortedMap<TopicPartition, I>,
        is_retry: bool,
        deadline_ms: u64,
    ) -> Result<(), ClientError> {
        let is_known = items.keys().all(|partition| self.cluster.leader(partition).is_some());
        if is_known && !is_retry {
            return Ok(());
        }
        let mut topics: Vec<String> = items.keys().map(|partition| partition.topic.clone()).collect();
        topics.dedup();
        let mut attempts = 0;
        loop {
            match self.cluster.describe_metadata(&topics).await {
                Err(error) if error.is_retriable() && self.may_retry(deadline_ms) => {
                    self.cluster.sleep(self.cluster.retry_backoff_ms(attempts)).await;
                    attempts += 1;
                }
                result => return result.map(|_| ()),
            }
        }
    }

    fn no_leader(&self, partition: &TopicPartition) -> ClientError {
        let metadata = self.cluster.cached_metadata();
        let code = match metadata.topics.get(&partition.topic) {
            None => ErrorCode::UnknownTopicOrPartition,
            Some(topic) if topic.error != ErrorCode::NONE => topic.error,
            Some(topic) if !topic.partitions.contains_key(&partition.partition) => {
                ErrorCode::UnknownTopicOrPartition
            }
            Some(_) => return ClientError::NoLeader { partition: partition.clone() },
        };
        ClientError::Refused { code, message: Some(partition.to_string()) }
    }

    /// One request for each coordinator.
    async fn by_coordinator<V>(
        &self,
        groups: &[String],
        ask: impl AsyncFn(&str, Vec<String>) -> Result<Outcomes<String, V>, ClientError>,
    ) -> Result<Outcomes<String, V>, ClientError> {
        let deadline_ms = self.deadline_ms();
        let mut outcomes = Outcomes::new();
        let mut left: Vec<String> = groups.to_vec();
        let mut attempts = 0;
        loop {
            let mut by_node: SortedMap<i32, Vec<String>> = SortedMap::new();
            let mut again = Vec::new();
            for group in std::mem::take(&mut left) {
                match self.cluster.coordinator(&group).await {
                    Ok(node) => by_node.entry(node.id).or_default().push(group),
                    Err(error) => {
                        if error.is_retriable() {
                            again.push(group.clone());
                        }
                        outcomes.insert(group, Err(error));
                    }
                }
            }
            for groups in by_node.into_values() {
                let mut answers = match ask(&groups[0], groups.clone()).await {
                    Ok(answers) => answers,
                    Err(error) => groups.iter().map(|group| (group.clone(), Err(error.clone()))).collect(),
                };
                for group in groups {
                    let outcome = answers.remove(&group).unwrap_or_else(|| Err(left_out()));
                    if let Err(error) = &outcome
                        && error.is_retriable()
                    {
                        self.cluster.forget_coordinator(&group);
                        again.push(group.clone());
                    }
                    outcomes.insert(group, outcome);
                }
            }
            if again.is_empty() || !self.may_retry(deadline_ms) {
                return Ok(outcomes);
            }
            self.cluster.sleep(self.cluster.retry_backoff_ms(attempts)).await;
            attempts += 1;
            left = again;
        }
    }
}

fn is_absent<V>(outcome: Option<&Result<V, ClientError>>) -> bool {
    let error = outcome.and_then(|outcome| outcome.as_ref().err());
    error.and_then(ClientError::code) == Some(ErrorCode::UnknownTopicOrPartition)
}

/// The answer says nothing of something that was asked.
fn left_out() -> ClientError {
    ClientError::Refused {
        code: ErrorCode::UnknownServerError,
        message: Some("left out of the answer".to_owned()),
    }
}

fn outcome<V>(code: i16, message: Option<&String>, value: V) -> Result<V, ClientError> {
    ClientError::check(code, message).map(|()| value)
}

/// Partitions by topic, as most requests want them.
fn by_topic<'a, V>(
    items: impl IntoIterator<Item = (&'a TopicPartition, V)>,
) -> impl Iterator<Item = (String, Vec<(i32, V)>)> {
    let mut topics: SortedMap<String, Vec<(i32, V)>> = SortedMap::new();
    for (partition, value) in items {
        topics.entry(partition.topic.clone()).or_default().push((partition.partition, value));
    }
    topics.into_iter()
}
