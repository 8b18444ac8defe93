//! A cluster as a client sees it: connections by address, the metadata cache, where each request has to go.
//!
//! Never knows: records, groups' state; retries are the caller's (but for reconnecting).

use bytes::Bytes;
use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use tablog_record::{Now, SortedMap, TopicPartition, Uuid};
use tablog_wire::messages::metadata_request::MetadataRequestTopic;
use tablog_wire::messages::{FindCoordinatorRequest, MetadataRequest};
use tablog_wire::{ApiKey, Encode, ErrorCode, Request};

use crate::broker_connection::{Address, Answer, ApiVersions, BrokerConnection, Sent, Standing, decode};
use crate::drive::Drive;
use crate::error::ClientError;
use crate::limits::{CONNECTIONS_MAX, COORDINATORS_MAX};
use crate::metadata::{BrokerNode, Coverage, Leader, Metadata};
use crate::signal::Signal;
use crate::transport::Transport;

#[derive(Clone, Debug)]
pub struct ClusterConfig {
    pub bootstrap_servers: Vec<(String, u16)>,
    pub client_id: String,
    pub request_timeout_ms: u64,
    pub metadata_max_age_ms: u64,
    pub reconnect_backoff_ms: u64,
    pub reconnect_backoff_max_ms: u64,
    pub retry_backoff_ms: u64,
    pub retry_backoff_max_ms: u64,
    pub socket_connection_setup_timeout_ms: u64,
    pub allow_auto_create_topics: bool,
}

impl Default for ClusterConfig {
    fn default() -> ClusterConfig {
        ClusterConfig {
            bootstrap_servers: Vec::new(),
            client_id: "tablog".to_owned(),
            request_timeout_ms: 30_000,
            metadata_max_age_ms: 300_000,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            socket_connection_setup_timeout_ms: 10_000,
            allow_auto_create_topics: true,
        }
    }
}

/// Whom a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Any,
    Id(i32),
    Controller,
    /// The coordinator of this consumer group, on a connection of its own, so that a JoinGroup that waits
    /// holds up nothing else.
    Coordinator(String),
}

/// What a caller may ask of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestOptions {
    /// The highest version to use, even if both sides know a higher one.
    pub max_version: Option<i16>,
    pub timeout_ms: Option<u64>,
}

/// Requests that wait at the broker get their own connection: a broker answers in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    General,
    Fetch,
    Coordination,
}

pub struct Cluster<T: Transport> {
    shared: Rc<Shared<T>>,
}

impl<T: Transport> Clone for Cluster<T> {
    fn clone(&self) -> Cluster<T> {
        Cluster { shared: self.shared.clone() }
    }
}

impl<T: Transport> fmt::Debug for Cluster<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

struct Shared<T: Transport> {
    transport: T,
    config: ClusterConfig,
    drive: Rc<Drive>,
    connections: RefCell<SortedMap<(Address, Purpose), Entry<T>>>,
    coordinators: RefCell<SortedMap<String, BrokerNode>>,
    metadata: RefCell<Rc<Metadata>>,
    metadata_at_ms: Cell<Option<u64>>,
    metadata_changed: Signal,
}

struct Entry<T: Transport> {
    connection: Rc<BrokerConnection<T>>,
    failures: u32,
    /// Where the connection is gone: when it may be tried again.
    retry_at_ms: Option<u64>,
}

impl<T: Transport> Cluster<T> {
    pub fn new(transport: T, config: ClusterConfig) -> Cluster<T> {
        let metadata = Metadata { controller_id: -1, ..Metadata::default() };
        Cluster {
            shared: Rc::new(Shared {
                transport,
                config,
                drive: Rc::default(),
                connections: RefCell::default(),
                coordinators: RefCell::default(),
                metadata: RefCell::new(Rc::new(metadata)),
                metadata_at_ms: Cell::new(None),
                metadata_changed: Signal::default(),
            }),
        }
    }

    pub fn config(&self) -> &ClusterConfig {
        &self.shared.config
    }

    pub fn transport(&self) -> &T {
        &self.shared.transport
    }

    pub(crate) fn now(&self) -> Now {
        self.shared.transport.now()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.shared.transport.now().monotonic_ms
    }

    /// Receives on all connections for as long as it is polled. A request that waits does the same, so this
    /// is needed only to notice lost connections while nothing is asked.
    pub fn run(&self) -> impl Future<Output = ()> + 'static + use<T> {
        let drive = self.shared.drive.clone();
        async move { drive.run().await }
    }

    /// Sends one request and waits for its answer, in the highest version that both sides know. Error codes
    /// within the answer are the caller's to read. No retries.
    pub async fn request<R: Request>(&self, to: Node, request: R) -> Result<R::Response, ClientError> {
        self.request_with(to, RequestOptions::default(), |_| request).await
    }

    /// The same for a request that looks different by version, is capped, or waits longer.
    pub async fn request_with<R: Request>(
        &self,
        to: Node,
        options: RequestOptions,
        build: impl FnOnce(i16) -> R,
    ) -> Result<R::Response, ClientError> {
        self.request_for(to, Purpose::General, options, build).await
    }

    pub(crate) async fn request_for<R: Request>(
        &self,
        to: Node,
        purpose: Purpose,
        options: RequestOptions,
        build: impl FnOnce(i16) -> R,
    ) -> Result<R::Response, ClientError> {
        let asked = Asked { api: R::API, versions: R::VERSIONS, build: Box::new(|v| Box::new(build(v))) };
        let (frame, version) = Box::pin(self.exchange(to, purpose, options, asked)).await?;
        decode::<R>(frame, version)
    }

    /// A request and its answer as a frame: one piece of code for all that can be asked.
    async fn exchange(
        &self,
        to: Node,
        purpose: Purpose,
        options: RequestOptions,
        asked: Asked<'_>,
    ) -> Result<(Bytes, i16), ClientError> {
        let connection = self.connection(&to, purpose).await?;
        let version = connection.versions().choose_of(asked.api, asked.versions, options.max_version)?;
        let request = (asked.build)(version);
        let timeout_ms = options.timeout_ms;
        let sent =
            self.submit_of(asked.api, &connection, version, &*request, timeout_ms, Answer::Expected)?;
        drop(request);
        Ok((self.arrived(sent.reply).await?, version))
    }

    /// The versions that this broker serves; connects if need be.
    pub async fn api_versions(&self, of: Node) -> Result<ApiVersions, ClientError> {
        Ok((*self.connection(&of, Purpose::General).await?.versions()).clone())
    }

    /// Asks for metadata now: of all topics, or of these. What comes is also kept in the cache.
    pub async fn metadata(&self, topics: Option<&[String]>) -> Result<Metadata, ClientError> {
        let topics = topics.map(named);
        self.ask_metadata(topics, self.shared.config.allow_auto_create_topics).await
    }

    /// The same, making no topic whatever the configuration says.
    pub(crate) async fn describe_metadata(&self, topics: &[String]) -> Result<Metadata, ClientError> {
        self.ask_metadata(Some(named(topics)), false).await
    }

    /// Learns the names of topics of which only the ids are known (KIP-516).
    pub(crate) async fn learn_topic_names(&self, ids: &[Uuid]) -> Result<(), ClientError> {
        let topic = |id: &Uuid| MetadataRequestTopic { topic_id: *id, name: None };
        let wanted = ids.iter().map(topic).collect();
        self.ask_metadata(Some(wanted), false).await.map(|_| ())
    }

    async fn ask_metadata(
        &self,
        topics: Option<Vec<MetadataRequestTopic>>,
        allow_auto_create: bool,
    ) -> Result<Metadata, ClientError> {
        let coverage = if topics.is_none() { Coverage::EveryTopic } else { Coverage::Named };
        let response = self
            .request_with(Node::Any, RequestOptions::default(), |version| MetadataRequest {
                topics,
                allow_auto_topic_creation: version < 4 || allow_auto_create,
                ..Default::default()
            })
            .await?;
        let mut answer = Metadata::default();
        answer.merge(response.clone(), Coverage::EveryTopic);
        let mut merged = (**self.shared.metadata.borrow()).clone();
        merged.merge(response, coverage);
        let changed = *self.shared.metadata.borrow().as_ref() != merged;
        *self.shared.metadata.borrow_mut() = Rc::new(merged);
        self.shared.metadata_at_ms.set(Some(self.now_ms()));
        if changed {
            self.shared.metadata_changed.raise();
        }
        Ok(answer)
    }

    /// What is known without asking.
    pub fn cached_metadata(&self) -> Rc<Metadata> {
        self.shared.metadata.borrow().clone()
    }

    pub(crate) fn metadata_changed(&self) -> &Signal {
        &self.shared.metadata_changed
    }

    pub(crate) fn metadata_at_ms(&self) -> Option<u64> {
        self.shared.metadata_at_ms.get()
    }

    pub fn leader(&self, partition: &TopicPartition) -> Option<Leader> {
        self.shared.metadata.borrow().leader(&partition.topic, partition.partition)
    }

    /// The coordinator moved or is gone: the next request to it looks for it anew.
    pub fn forget_coordinator(&self, group: &str) {
        self.shared.coordinators.borrow_mut().remove(group);
    }

    /// The node that coordinates this group, asked for if it is not known.
    pub async fn coordinator(&self, group: &str) -> Result<BrokerNode, ClientError> {
        if let Some(known) = self.shared.coordinators.borrow().get(group) {
            return Ok(known.clone());
        }
        // From version 4 on it is a list of keys; version 3 says the same of one.
        let options = RequestOptions { max_version: Some(3), ..Default::default() };
        let request = FindCoordinatorRequest { key: group.to_owned(), ..Default::default() };
        let response = Box::pin(self.request_with(Node::Any, options, |_| request)).await?;
        ClientError::check(response.error_code, response.error_message.as_ref())?;
        let port = u16::try_from(response.port)
            .map_err(|_| ClientError::Refused { code: ErrorCode::CoordinatorNotAvailable, message: None })?;
        let node = BrokerNode { id: response.node_id, host: response.host, port, rack: None };
        let mut coordinators = self.shared.coordinators.borrow_mut();
        if coordinators.len() >= COORDINATORS_MAX {
            coordinators.clear();
        }
        coordinators.insert(group.to_owned(), node.clone());
        Ok(node)
    }

    /// A connection that can be used now. Waits for connecting, and for the reconnect backoff.
    pub(crate) async fn connection(
        &self,
        to: &Node,
        purpose: Purpose,
    ) -> Result<Rc<BrokerConnection<T>>, ClientError> {
        match to {
            Node::Any => self.any_connection(purpose).await,
            Node::Id(id) => {
                if !self.cached_metadata().brokers.contains_key(id) {
                    Box::pin(self.metadata(Some(&[]))).await?;
                }
                self.broker(*id, purpose).await
            }
            Node::Controller => match self.cached_metadata().controller_id {
                -1 => {
                    let controller_id = Box::pin(self.metadata(Some(&[]))).await?.controller_id;
                    if controller_id < 0 {
                        self.any_connection(purpose).await
                    } else {
                        self.broker(controller_id, purpose).await
                    }
                }
                id => self.broker(id, purpose).await,
            },
            Node::Coordinator(group) => {
                let node = self.coordinator(group).await?;
                let result = self.open(address_of(&node), Purpose::Coordination).await;
                if result.is_err() {
                    self.forget_coordinator(group);
                }
                result
            }
        }
    }

    async fn broker(&self, id: i32, purpose: Purpose) -> Result<Rc<BrokerConnection<T>>, ClientError> {
        let node = self.cached_metadata().brokers.get(&id).cloned().ok_or(ClientError::UnknownNode { id })?;
        self.open(address_of(&node), purpose).await
    }

    /// Whichever broker answers first: an open connection, else each address in turn from a random one on.
    async fn any_connection(&self, purpose: Purpose) -> Result<Rc<BrokerConnection<T>>, ClientError> {
        for ((_, of), entry) in self.shared.connections.borrow().iter() {
            if *of == purpose && matches!(entry.connection.standing(), Standing::Ready) {
                return Ok(entry.connection.clone());
            }
        }
        let mut addresses: Vec<Address> = self.cached_metadata().brokers.values().map(address_of).collect();
        for (host, port) in &self.shared.config.bootstrap_servers {
            let address = Address { host: host.clone(), port: *port };
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            return Err(ClientError::NoBootstrapServers);
        }
        let first = (self.shared.transport.random() % addresses.len() as u64) as usize;
        addresses.rotate_left(first);
        let mut last = ClientError::NoBootstrapServers;
        for address in addresses {
            match self.open(address, purpose).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn open(&self, address: Address, purpose: Purpose) -> Result<Rc<BrokerConnection<T>>, ClientError> {
        let key = (address, purpose);
        loop {
            let known = self.shared.connections.borrow().get(&key).map(|entry| entry.connection.clone());
            let Some(connection) = known else {
                self.add(&key)?;
                continue;
            };
            match connection.standing() {
                Standing::Ready => {
                    if let Some(entry) = self.shared.connections.borrow_mut().get_mut(&key) {
                        entry.failures = 0;
                    }
                    return Ok(connection);
                }
                Standing::Connecting => self.shared.drive.attend(connection.settled()).await?,
                Standing::Gone(_) => {
                    let wait_ms = self.renew(&key);
                    if wait_ms > 0 {
                        self.sleep(wait_ms).await;
                    }
                }
            }
        }
    }

    fn add(&self, key: &(Address, Purpose)) -> Result<(), ClientError> {
        let mut connections = self.shared.connections.borrow_mut();
        if connections.len() >= CONNECTIONS_MAX {
            connections.retain(|_, entry| !matches!(entry.connection.standing(), Standing::Gone(_)));
        }
        if connections.len() >= CONNECTIONS_MAX {
            return Err(ClientError::TimedOut { waiting_for: "a free connection" });
        }
        let connection = self.start(key.0.clone());
        connections.insert(key.clone(), Entry { connection, failures: 0, retry_at_ms: None });
        Ok(())
    }

    /// Connects again if the backoff is over; how long it still lasts.
    fn renew(&self, key: &(Address, Purpose)) -> u64 {
        let now_ms = self.now_ms();
        let mut connections = self.shared.connections.borrow_mut();
        let Some(entry) = connections.get_mut(key) else { return 0 };
        let backoff_ms = self.reconnect_backoff_ms(entry.failures);
        let retry_at_ms = *entry.retry_at_ms.get_or_insert(now_ms + backoff_ms);
        if retry_at_ms <= now_ms {
            entry.failures = entry.failures.saturating_add(1);
            entry.retry_at_ms = None;
            entry.connection = self.start(key.0.clone());
        }
        retry_at_ms.saturating_sub(now_ms)
    }

    fn start(&self, address: Address) -> Rc<BrokerConnection<T>> {
        let config = &self.shared.config;
        let connection =
            BrokerConnection::new(self.shared.transport.clone(), address, config.client_id.clone());
        let serving = connection.clone().serve(config.socket_connection_setup_timeout_ms);
        self.shared.drive.add(Box::pin(serving));
        connection
    }

    fn reconnect_backoff_ms(&self, failures: u32) -> u64 {
        let config = &self.shared.config;
        let random = self.shared.transport.random();
        backoff_ms(config.reconnect_backoff_ms, config.reconnect_backoff_max_ms, failures, random)
    }

    /// The wait before attempt `attempts + 1`.
    pub(crate) fn retry_backoff_ms(&self, attempts: u32) -> u64 {
        let config = &self.shared.config;
        backoff_ms(
            config.retry_backoff_ms,
            config.retry_backoff_max_ms,
            attempts,
            self.shared.transport.random(),
        )
    }

    pub(crate) async fn sleep(&self, duration_ms: u64) {
        self.shared.drive.attend(self.shared.transport.sleep(duration_ms)).await
    }

    /// Sends at once; the answer is for `answer`.
    pub(crate) fn submit<R: Request>(
        &self,
        connection: &BrokerConnection<T>,
        version: i16,
        request: &R,
        timeout_ms: Option<u64>,
        answer: Answer,
    ) -> Result<Sent, ClientError> {
        self.submit_of(R::API, connection, version, request, timeout_ms, answer)
    }

    fn submit_of(
        &self,
        api: ApiKey,
        connection: &BrokerConnection<T>,
        version: i16,
        request: &dyn Encode,
        timeout_ms: Option<u64>,
        answer: Answer,
    ) -> Result<Sent, ClientError> {
        let timeout_ms = timeout_ms.unwrap_or(self.shared.config.request_timeout_ms);
        connection.submit(api, version, request, self.now_ms().saturating_add(timeout_ms), answer)
    }

    pub(crate) async fn answer<R: Request>(&self, sent: Sent) -> Result<R::Response, ClientError> {
        decode::<R>(self.arrived(sent.reply).await?, sent.version)
    }

    async fn arrived(
        &self,
        reply: oneshot::Receiver<Result<Bytes, ClientError>>,
    ) -> Result<Bytes, ClientError> {
        self.shared.drive.attend(reply).await.unwrap_or_else(|_| {
            Err(ClientError::Disconnected {
                broker: String::new(),
                detail: "the connection was dropped".to_owned(),
            })
        })
    }
}

/// A request whatever it asks.
struct Asked<'a> {
    api: ApiKey,
    versions: (i16, i16),
    build: Box<dyn FnOnce(i16) -> Box<dyn Encode> + 'a>,
}

fn named(topics: &[String]) -> Vec<MetadataRequestTopic> {
    let topic = |name: &String| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() };
    topics.iter().map(topic).collect()
}

fn address_of(node: &BrokerNode) -> Address {
    Address { host: node.host.clone(), port: node.port }
}

/// Doubles with each attempt up to the maximum, give or take a fifth (KIP-580).
pub(crate) fn backoff_ms(first_ms: u64, max_ms: u64, attempts: u32, random: u64) -> u64 {
    let doubled = first_ms.saturating_mul(1 << attempts.min(20));
    let base = doubled.min(max_ms);
    let jitter = base / 5;
    if jitter == 0 { base } else { base - jitter + random % (2 * jitter + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_maximum_and_jitters_by_a_fifth() {
        for random in [0, 7, u64::MAX] {
            assert!((80..=120).contains(&backoff_ms(100, 1000, 0, random)));
            assert!((160..=240).contains(&backoff_ms(100, 1000, 1, random)));
            assert!((800..=1200).contains(&backoff_ms(100, 1000, 63, random)));
        }
        assert_eq!(backoff_ms(0, 1000, 5, 3), 0);
    }
}
