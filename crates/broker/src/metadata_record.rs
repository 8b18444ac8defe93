//! The records of `__cluster_metadata-0` that this broker writes and reads, as one type.

use bytes::Bytes;
use tablog_wire::codec::MetadataRecord as MetadataKind;
use tablog_wire::records::{
    self, ConfigRecord, MetadataFrame, PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord,
    RemoveTopicRecord, TopicRecord,
};
use tablog_wire::{DecodeError, EncodeError, Message};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MetadataRecord {
    RegisterBroker(RegisterBrokerRecord),
    Topic(TopicRecord),
    Partition(PartitionRecord),
    Config(ConfigRecord),
    RemoveTopic(RemoveTopicRecord),
    ProducerIds(ProducerIdsRecord),
}

impl MetadataRecord {
    /// The value of a log's record, at the newest version of each kind.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        fn newest<R: MetadataKind>(record: &R) -> Result<Bytes, EncodeError> {
            records::encode_metadata(record, <R as Message>::VERSIONS.1)
        }
        match self {
            MetadataRecord::RegisterBroker(record) => newest(record),
            MetadataRecord::Topic(record) => newest(record),
            MetadataRecord::Partition(record) => newest(record),
            MetadataRecord::Config(record) => newest(record),
            MetadataRecord::RemoveTopic(record) => newest(record),
            MetadataRecord::ProducerIds(record) => newest(record),
        }
    }

    /// `None` for a kind that another writer knows and we do not: it is skipped, as Kafka skips it.
    pub fn decode(value: Bytes) -> Result<Option<MetadataRecord>, DecodeError> {
        let frame = MetadataFrame::decode(value)?;
        Ok(Some(match frame.api_key {
            key if key == RegisterBrokerRecord::API_KEY => MetadataRecord::RegisterBroker(frame.record()?),
            key if key == TopicRecord::API_KEY => MetadataRecord::Topic(frame.record()?),
            key if key == PartitionRecord::API_KEY => MetadataRecord::Partition(frame.record()?),
            key if key == ConfigRecord::API_KEY => MetadataRecord::Config(frame.record()?),
            key if key == RemoveTopicRecord::API_KEY => MetadataRecord::RemoveTopic(frame.record()?),
            key if key == ProducerIdsRecord::API_KEY => MetadataRecord::ProducerIds(frame.record()?),
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tablog_record::Uuid;

    #[test]
    fn round_trips_and_skips_what_it_does_not_know() {
        let record = MetadataRecord::Topic(TopicRecord { name: "flights".into(), topic_id: Uuid([7; 16]) });
        assert_eq!(MetadataRecord::decode(record.encode().unwrap()).unwrap(), Some(record));
        // Frame version 1, API key 99, version 0, no fields.
        assert_eq!(MetadataRecord::decode(Bytes::from_static(&[1, 99, 0, 0])).unwrap(), None);
        assert!(MetadataRecord::decode(Bytes::from_static(&[9, 2, 0])).is_err());
        assert!(MetadataRecord::decode(Bytes::new()).is_err());
    }
}
