//! Producer, consumer and admin over a six-function transport. Nothing here spawns: each long-lived value
//! exposes one `run()` future that its owner drives.
//!
//! Never knows: the broker, the log, a host; which runtime drives it.

mod admin;
mod alarm;
mod broker_connection;
mod cluster;
mod consumer;
mod drive;
mod error;
mod limits;
mod metadata;
mod observed;
mod producer;
mod signal;
mod transport;

pub use admin::{
    Admin, AdminConfig, ClusterDescription, ConfigChange, ConfigEntry, ConfigResource, ConfigSource,
    ConfigSynonym, ConfigType, CreatedTopic, GroupDescription, GroupEpochs, GroupListing, GroupType,
    LogDirDescription, MemberDescription, MemberProgress, NewTopic, OffsetSpec, Outcomes, PartitionProducer,
    ReplicaSize, TopicDescription,
};
pub use broker_connection::ApiVersions;
pub use cluster::{Cluster, ClusterConfig, Node, RequestOptions};
pub use consumer::{
    BatchFacts, Consumer, ConsumerConfig, ConsumerMetrics, ConsumerRecord, GroupMetadata, GroupProtocol,
    IsolationLevel, ListedOffset, OffsetAndMetadata, OffsetReset, PartitionStanding, RebalanceListener,
};
pub use error::{ClientError, ConsumeError, ProduceError};
pub use metadata::{BrokerNode, Leader, Metadata, PartitionMetadata, TopicMetadata};
pub use observed::{GroupAnswer, GroupCall, Observed, ObservedConnection, Observer};
pub use producer::{
    Acks, Delivery, Partitioner, Producer, ProducerConfig, ProducerMetrics, ProducerRecord, RecordMetadata,
    TrySendError,
};
pub use tablog_group::assignor::Assignor;
pub use transport::{Connection, Transport, TransportError};
