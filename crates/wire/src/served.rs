//! The one table of what the broker serves: it feeds ApiVersions, the dispatcher and the documents.
//!
//! The versions are those of Apache Kafka 4.1. Never knows: how an API is served.

use crate::api_key::ApiKey;
use std::fmt::Write as _;

/// Each API with the first and the last version that ApiVersions names, in the order of the keys.
pub const SERVED: &[(ApiKey, i16, i16)] = &[
    // Only 3 and above are accepted; 0 is named because librdkafka drops compression otherwise (KAFKA-18659).
    (ApiKey::Produce, 0, 13),
    (ApiKey::Fetch, 4, 18),
    (ApiKey::ListOffsets, 1, 10),
    (ApiKey::Metadata, 0, 13),
    (ApiKey::OffsetCommit, 2, 9),
    (ApiKey::OffsetFetch, 1, 9),
    (ApiKey::FindCoordinator, 0, 6),
    (ApiKey::JoinGroup, 0, 9),
    (ApiKey::Heartbeat, 0, 4),
    (ApiKey::LeaveGroup, 0, 5),
    (ApiKey::SyncGroup, 0, 5),
    (ApiKey::DescribeGroups, 0, 6),
    (ApiKey::ListGroups, 0, 5),
    (ApiKey::ApiVersions, 0, 4),
    (ApiKey::CreateTopics, 2, 7),
    (ApiKey::DeleteTopics, 1, 6),
    (ApiKey::DeleteRecords, 0, 2),
    (ApiKey::InitProducerId, 0, 5),
    (ApiKey::OffsetForLeaderEpoch, 2, 4),
    (ApiKey::DescribeConfigs, 1, 4),
    (ApiKey::AlterConfigs, 0, 2),
    (ApiKey::DescribeLogDirs, 1, 4),
    (ApiKey::CreatePartitions, 0, 3),
    (ApiKey::DeleteGroups, 0, 2),
    (ApiKey::IncrementalAlterConfigs, 0, 1),
    (ApiKey::OffsetDelete, 0, 0),
    (ApiKey::DescribeCluster, 0, 2),
    (ApiKey::DescribeProducers, 0, 0),
    (ApiKey::ConsumerGroupHeartbeat, 0, 1),
    (ApiKey::ConsumerGroupDescribe, 0, 1),
];

/// The first and the last version that ApiVersions names.
pub fn versions(api: ApiKey) -> Option<(i16, i16)> {
    SERVED.iter().find(|(served, _, _)| *served == api).map(|&(_, min, max)| (min, max))
}

/// The first version that is truly served: higher than the named one for Produce.
pub fn min_accepted(api: ApiKey) -> Option<i16> {
    versions(api).map(|(min, _)| min.max(api.known_versions().0))
}

/// Whether a request of this version is served.
pub fn accepts(api: ApiKey, version: i16) -> bool {
    versions(api).is_some_and(|(_, max)| version <= max)
        && min_accepted(api).is_some_and(|min| version >= min)
}

/// The table as the documents show it.
pub fn served_table_markdown() -> String {
    let mut out = String::from("| Key | API | Versions |\n|--:|---|---|\n");
    for &(api, _, max) in SERVED {
        let min = min_accepted(api).unwrap_or_default();
        let versions = if min == max { max.to_string() } else { format!("{min}–{max}") };
        let _ = writeln!(out, "| {} | {} | {versions} |", api.code(), api.name());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_what_kafka_4_1_serves() {
        for &(api, min, max) in SERVED {
            let (first, last) = api.known_versions();
            assert_eq!(max, last, "{api}: unstable versions are not named, all others are");
            if api == ApiKey::Produce {
                assert_eq!((min, first), (0, 3));
            } else {
                assert_eq!(min, first, "{api}");
            }
        }
        assert!(SERVED.is_sorted_by_key(|(api, _, _)| *api));
    }

    #[test]
    fn produce_is_named_from_0_and_accepted_from_3() {
        assert!(!accepts(ApiKey::Produce, 2));
        assert!(accepts(ApiKey::Produce, 3));
        assert!(!accepts(ApiKey::Produce, 14));
        assert!(!accepts(ApiKey::EndTxn, 0));
    }
}
