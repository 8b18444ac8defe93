//! The error codes of Apache Kafka 4.1.
//!
//! Never knows: when a broker answers which.

use std::fmt;

/// Whether the same request may succeed when it is sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    Retriable,
    Final,
}

macro_rules! error_codes {
    ($($variant:ident = $code:literal, $name:literal, $retry:ident, $sentence:literal;)*) => {
        /// How a request or a part of it ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ErrorCode {
            $(#[doc = $sentence] $variant = $code,)*
        }

        impl ErrorCode {
            /// Every code, in the order of numbers.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant),*];

            /// As in Kafka's clients, a code that is not known is `UnknownServerError`.
            pub const fn from_code(code: i16) -> ErrorCode {
                match code {
                    $($code => ErrorCode::$variant,)*
                    _ => ErrorCode::UnknownServerError,
                }
            }

            /// Kafka's name, as in `UNKNOWN_TOPIC_OR_PARTITION`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ErrorCode::$variant => $name,)*
                }
            }

            /// What it means, in a sentence.
            pub const fn message(self) -> &'static str {
                match self {
                    $(ErrorCode::$variant => $sentence,)*
                }
            }

            const fn retry(self) -> Retry {
                match self {
                    $(ErrorCode::$variant => Retry::$retry,)*
                }
            }
        }
    };
}

error_codes! {
    UnknownServerError = -1, "UNKNOWN_SERVER_ERROR", Final,
        "The broker failed in a way that it did not foresee.";
    None = 0, "NONE", Final,
        "No error.";
    OffsetOutOfRange = 1, "OFFSET_OUT_OF_RANGE", Final,
        "The offset lies outside of what the partition holds.";
    CorruptMessage = 2, "CORRUPT_MESSAGE", Retriable,
        "The batch's checksum is wrong, or the batch is otherwise damaged.";
    UnknownTopicOrPartition = 3, "UNKNOWN_TOPIC_OR_PARTITION", Retriable,
        "The broker has no such topic or partition.";
    InvalidFetchSize = 4, "INVALID_FETCH_SIZE", Final,
        "The fetch size is not allowed.";
    LeaderNotAvailable = 5, "LEADER_NOT_AVAILABLE", Retriable,
        "The partition has no leader at the moment.";
    NotLeaderOrFollower = 6, "NOT_LEADER_OR_FOLLOWER", Retriable,
        "This broker does not lead the partition, or holds no replica of it.";
    RequestTimedOut = 7, "REQUEST_TIMED_OUT", Retriable,
        "The request was not finished in its time.";
    BrokerNotAvailable = 8, "BROKER_NOT_AVAILABLE", Final,
        "The broker cannot be reached.";
    ReplicaNotAvailable = 9, "REPLICA_NOT_AVAILABLE", Retriable,
        "The replica is not available.";
    MessageTooLarge = 10, "MESSAGE_TOO_LARGE", Final,
        "The batch is larger than the topic allows.";
    StaleControllerEpoch = 11, "STALE_CONTROLLER_EPOCH", Final,
        "The controller's epoch is an old one.";
    OffsetMetadataTooLarge = 12, "OFFSET_METADATA_TOO_LARGE", Final,
        "The metadata of the committed offset is too long.";
    NetworkException = 13, "NETWORK_EXCEPTION", Retriable,
        "The connection was lost before the answer came.";
    CoordinatorLoadInProgress = 14, "COORDINATOR_LOAD_IN_PROGRESS", Retriable,
        "The coordinator is still loading its state.";
    CoordinatorNotAvailable = 15, "COORDINATOR_NOT_AVAILABLE", Retriable,
        "The coordinator is not available.";
    NotCoordinator = 16, "NOT_COORDINATOR", Retriable,
        "This broker is not the coordinator.";
    InvalidTopicException = 17, "INVALID_TOPIC_EXCEPTION", Final,
        "The topic may not be named or written like that.";
    RecordListTooLarge = 18, "RECORD_LIST_TOO_LARGE", Final,
        "The batch is larger than a segment may be.";
    NotEnoughReplicas = 19, "NOT_ENOUGH_REPLICAS", Retriable,
        "Fewer replicas are in sync than the topic demands.";
    NotEnoughReplicasAfterAppend = 20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", Retriable,
        "The batch was written, but fewer replicas were in sync than the topic demands.";
    InvalidRequiredAcks = 21, "INVALID_REQUIRED_ACKS", Final,
        "The acknowledgements asked for are neither -1, 0 nor 1.";
    IllegalGeneration = 22, "ILLEGAL_GENERATION", Final,
        "The generation of the group is another one.";
    InconsistentGroupProtocol = 23, "INCONSISTENT_GROUP_PROTOCOL", Final,
        "The member's protocols have nothing in common with those of the group.";
    InvalidGroupId = 24, "INVALID_GROUP_ID", Final,
        "The group id is not allowed.";
    UnknownMemberId = 25, "UNKNOWN_MEMBER_ID", Final,
        "The coordinator does not know the member.";
    InvalidSessionTimeout = 26, "INVALID_SESSION_TIMEOUT", Final,
        "The session timeout lies outside of what the broker allows.";
    RebalanceInProgress = 27, "REBALANCE_IN_PROGRESS", Final,
        "The group is rebalancing: join again.";
    InvalidCommitOffsetSize = 28, "INVALID_COMMIT_OFFSET_SIZE", Final,
        "The committed offsets do not fit into one batch.";
    TopicAuthorizationFailed = 29, "TOPIC_AUTHORIZATION_FAILED", Final,
        "The topic may not be accessed.";
    GroupAuthorizationFailed = 30, "GROUP_AUTHORIZATION_FAILED", Final,
        "The group may not be accessed.";
    ClusterAuthorizationFailed = 31, "CLUSTER_AUTHORIZATION_FAILED", Final,
        "The cluster may not be accessed.";
    InvalidTimestamp = 32, "INVALID_TIMESTAMP", Final,
        "A record's timestamp lies outside of what the topic allows.";
    UnsupportedSaslMechanism = 33, "UNSUPPORTED_SASL_MECHANISM", Final,
        "The broker does not speak the SASL mechanism.";
    IllegalSaslState = 34, "ILLEGAL_SASL_STATE", Final,
        "The request does not fit the state of the SASL handshake.";
    UnsupportedVersion = 35, "UNSUPPORTED_VERSION", Final,
        "The version of the request is not served.";
    TopicAlreadyExists = 36, "TOPIC_ALREADY_EXISTS", Final,
        "A topic of that name exists already.";
    InvalidPartitions = 37, "INVALID_PARTITIONS", Final,
        "The number of partitions is not allowed.";
    InvalidReplicationFactor = 38, "INVALID_REPLICATION_FACTOR", Final,
        "The replication factor is below 1 or above the number of brokers.";
    InvalidReplicaAssignment = 39, "INVALID_REPLICA_ASSIGNMENT", Final,
        "The assignment of replicas is not allowed.";
    InvalidConfig = 40, "INVALID_CONFIG", Final,
        "A setting is not allowed.";
    NotController = 41, "NOT_CONTROLLER", Retriable,
        "This broker is not the controller.";
    InvalidRequest = 42, "INVALID_REQUEST", Final,
        "The request contradicts itself or lacks something.";
    UnsupportedForMessageFormat = 43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", Final,
        "The partition's message format cannot do that.";
    PolicyViolation = 44, "POLICY_VIOLATION", Final,
        "The request breaks a policy of the broker.";
    OutOfOrderSequenceNumber = 45, "OUT_OF_ORDER_SEQUENCE_NUMBER", Final,
        "The producer's sequence number is not the next one.";
    DuplicateSequenceNumber = 46, "DUPLICATE_SEQUENCE_NUMBER", Final,
        "The producer's sequence number was seen before.";
    InvalidProducerEpoch = 47, "INVALID_PRODUCER_EPOCH", Final,
        "The producer's epoch is an old one.";
    InvalidTxnState = 48, "INVALID_TXN_STATE", Final,
        "The transaction is in a state that does not allow this.";
    InvalidProducerIdMapping = 49, "INVALID_PRODUCER_ID_MAPPING", Final,
        "The producer id does not belong to the transactional id.";
    InvalidTransactionTimeout = 50, "INVALID_TRANSACTION_TIMEOUT", Final,
        "The transaction timeout is longer than the broker allows.";
    ConcurrentTransactions = 51, "CONCURRENT_TRANSACTIONS", Retriable,
        "Another change of the same transaction is under way.";
    TransactionCoordinatorFenced = 52, "TRANSACTION_COORDINATOR_FENCED", Final,
        "The transaction coordinator that spoke is not the current one.";
    TransactionalIdAuthorizationFailed = 53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", Final,
        "The transactional id may not be used.";
    SecurityDisabled = 54, "SECURITY_DISABLED", Final,
        "Security is switched off.";
    OperationNotAttempted = 55, "OPERATION_NOT_ATTEMPTED", Final,
        "The operation was not tried, because another one of the request failed.";
    KafkaStorageError = 56, "KAFKA_STORAGE_ERROR", Retriable,
        "The storage failed.";
    LogDirNotFound = 57, "LOG_DIR_NOT_FOUND", Final,
        "The log directory does not exist.";
    SaslAuthenticationFailed = 58, "SASL_AUTHENTICATION_FAILED", Final,
        "The SASL login failed.";
    UnknownProducerId = 59, "UNKNOWN_PRODUCER_ID", Final,
        "The broker has forgotten the producer.";
    ReassignmentInProgress = 60, "REASSIGNMENT_IN_PROGRESS", Final,
        "The partition is being reassigned.";
    DelegationTokenAuthDisabled = 61, "DELEGATION_TOKEN_AUTH_DISABLED", Final,
        "Delegation tokens are switched off.";
    DelegationTokenNotFound = 62, "DELEGATION_TOKEN_NOT_FOUND", Final,
        "The delegation token does not exist.";
    DelegationTokenOwnerMismatch = 63, "DELEGATION_TOKEN_OWNER_MISMATCH", Final,
        "The delegation token has another owner.";
    DelegationTokenRequestNotAllowed = 64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", Final,
        "Delegation tokens cannot be asked for over this connection.";
    DelegationTokenAuthorizationFailed = 65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", Final,
        "The delegation token may not be accessed.";
    DelegationTokenExpired = 66, "DELEGATION_TOKEN_EXPIRED", Final,
        "The delegation token has expired.";
    InvalidPrincipalType = 67, "INVALID_PRINCIPAL_TYPE", Final,
        "The kind of principal is not supported.";
    NonEmptyGroup = 68, "NON_EMPTY_GROUP", Final,
        "The group has members.";
    GroupIdNotFound = 69, "GROUP_ID_NOT_FOUND", Final,
        "The group does not exist.";
    FetchSessionIdNotFound = 70, "FETCH_SESSION_ID_NOT_FOUND", Retriable,
        "The fetch session does not exist.";
    InvalidFetchSessionEpoch = 71, "INVALID_FETCH_SESSION_EPOCH", Retriable,
        "The fetch session's epoch is not the next one.";
    ListenerNotFound = 72, "LISTENER_NOT_FOUND", Retriable,
        "The leader has no listener of that name.";
    TopicDeletionDisabled = 73, "TOPIC_DELETION_DISABLED", Final,
        "Topics may not be deleted.";
    FencedLeaderEpoch = 74, "FENCED_LEADER_EPOCH", Retriable,
        "The leader epoch is older than the broker's.";
    UnknownLeaderEpoch = 75, "UNKNOWN_LEADER_EPOCH", Retriable,
        "The leader epoch is newer than the broker's.";
    UnsupportedCompressionType = 76, "UNSUPPORTED_COMPRESSION_TYPE", Final,
        "The compression is not supported by this version of the request.";
    StaleBrokerEpoch = 77, "STALE_BROKER_EPOCH", Final,
        "The broker's epoch is an old one.";
    OffsetNotAvailable = 78, "OFFSET_NOT_AVAILABLE", Retriable,
        "The leader's high watermark has not caught up yet.";
    MemberIdRequired = 79, "MEMBER_ID_REQUIRED", Final,
        "The member has to join again with the id that it was given.";
    PreferredLeaderNotAvailable = 80, "PREFERRED_LEADER_NOT_AVAILABLE", Retriable,
        "The preferred leader is not available.";
    GroupMaxSizeReached = 81, "GROUP_MAX_SIZE_REACHED", Final,
        "The group has as many members as it may have.";
    FencedInstanceId = 82, "FENCED_INSTANCE_ID", Final,
        "Another member has taken the group instance id.";
    EligibleLeadersNotAvailable = 83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", Retriable,
        "No replica may become the leader.";
    ElectionNotNeeded = 84, "ELECTION_NOT_NEEDED", Retriable,
        "The leader is already the one to be elected.";
    NoReassignmentInProgress = 85, "NO_REASSIGNMENT_IN_PROGRESS", Final,
        "No reassignment is under way.";
    GroupSubscribedToTopic = 86, "GROUP_SUBSCRIBED_TO_TOPIC", Final,
        "The group is subscribed to the topic.";
    InvalidRecord = 87, "INVALID_RECORD", Final,
        "A record is not valid.";
    UnstableOffsetCommit = 88, "UNSTABLE_OFFSET_COMMIT", Retriable,
        "An open transaction has offsets of the group that are not stable yet.";
    ThrottlingQuotaExceeded = 89, "THROTTLING_QUOTA_EXCEEDED", Retriable,
        "A quota was used up.";
    ProducerFenced = 90, "PRODUCER_FENCED", Final,
        "A newer producer has taken the transactional id.";
    ResourceNotFound = 91, "RESOURCE_NOT_FOUND", Final,
        "The resource does not exist.";
    DuplicateResource = 92, "DUPLICATE_RESOURCE", Final,
        "The resource exists already.";
    UnacceptableCredential = 93, "UNACCEPTABLE_CREDENTIAL", Final,
        "The credential is not acceptable.";
    InconsistentVoterSet = 94, "INCONSISTENT_VOTER_SET", Final,
        "The two sides have different sets of voters.";
    InvalidUpdateVersion = 95, "INVALID_UPDATE_VERSION", Final,
        "The feature's version is not allowed.";
    FeatureUpdateFailed = 96, "FEATURE_UPDATE_FAILED", Final,
        "The features could not be updated.";
    PrincipalDeserializationFailure = 97, "PRINCIPAL_DESERIALIZATION_FAILURE", Final,
        "The principal of the forwarded request cannot be read.";
    SnapshotNotFound = 98, "SNAPSHOT_NOT_FOUND", Final,
        "The snapshot does not exist.";
    PositionOutOfRange = 99, "POSITION_OUT_OF_RANGE", Final,
        "The position lies outside of the snapshot.";
    UnknownTopicId = 100, "UNKNOWN_TOPIC_ID", Retriable,
        "The broker has no topic of that id.";
    DuplicateBrokerRegistration = 101, "DUPLICATE_BROKER_REGISTRATION", Final,
        "Another broker has registered under that id.";
    BrokerIdNotRegistered = 102, "BROKER_ID_NOT_REGISTERED", Final,
        "No broker has registered under that id.";
    InconsistentTopicId = 103, "INCONSISTENT_TOPIC_ID", Retriable,
        "The log's topic id is another one.";
    InconsistentClusterId = 104, "INCONSISTENT_CLUSTER_ID", Final,
        "The cluster id is another one.";
    TransactionalIdNotFound = 105, "TRANSACTIONAL_ID_NOT_FOUND", Final,
        "The transactional id does not exist.";
    FetchSessionTopicIdError = 106, "FETCH_SESSION_TOPIC_ID_ERROR", Retriable,
        "The fetch session mixes topic names and topic ids.";
    IneligibleReplica = 107, "INELIGIBLE_REPLICA", Final,
        "The replica may not be in sync.";
    NewLeaderElected = 108, "NEW_LEADER_ELECTED", Final,
        "The partition has got a new leader.";
    OffsetMovedToTieredStorage = 109, "OFFSET_MOVED_TO_TIERED_STORAGE", Final,
        "The offset was moved to tiered storage.";
    FencedMemberEpoch = 110, "FENCED_MEMBER_EPOCH", Final,
        "The member's epoch was fenced: join again.";
    UnreleasedInstanceId = 111, "UNRELEASED_INSTANCE_ID", Final,
        "The group instance id is still held by another member.";
    UnsupportedAssignor = 112, "UNSUPPORTED_ASSIGNOR", Final,
        "The group has no such assignor.";
    StaleMemberEpoch = 113, "STALE_MEMBER_EPOCH", Final,
        "The member's epoch is an old one.";
    MismatchedEndpointType = 114, "MISMATCHED_ENDPOINT_TYPE", Final,
        "The request went to the wrong kind of endpoint.";
    UnsupportedEndpointType = 115, "UNSUPPORTED_ENDPOINT_TYPE", Final,
        "The kind of endpoint is unknown.";
    UnknownControllerId = 116, "UNKNOWN_CONTROLLER_ID", Final,
        "No controller has that id.";
    UnknownSubscriptionId = 117, "UNKNOWN_SUBSCRIPTION_ID", Final,
        "The telemetry subscription does not exist.";
    TelemetryTooLarge = 118, "TELEMETRY_TOO_LARGE", Final,
        "The telemetry data are too large.";
    InvalidRegistration = 119, "INVALID_REGISTRATION", Final,
        "The controller considers the registration invalid.";
    TransactionAbortable = 120, "TRANSACTION_ABORTABLE", Final,
        "The transaction can only be aborted.";
    InvalidRecordState = 121, "INVALID_RECORD_STATE", Final,
        "The record is in a state that does not allow this.";
    ShareSessionNotFound = 122, "SHARE_SESSION_NOT_FOUND", Retriable,
        "The share session does not exist.";
    InvalidShareSessionEpoch = 123, "INVALID_SHARE_SESSION_EPOCH", Retriable,
        "The share session's epoch is not the next one.";
    FencedStateEpoch = 124, "FENCED_STATE_EPOCH", Final,
        "The share coordinator's state epoch is another one.";
    InvalidVoterKey = 125, "INVALID_VOTER_KEY", Final,
        "The voter's key is not the one known.";
    DuplicateVoter = 126, "DUPLICATE_VOTER", Final,
        "The voter is in the set already.";
    VoterNotFound = 127, "VOTER_NOT_FOUND", Final,
        "The voter is not in the set.";
    InvalidRegularExpression = 128, "INVALID_REGULAR_EXPRESSION", Final,
        "The regular expression cannot be read.";
    RebootstrapRequired = 129, "REBOOTSTRAP_REQUIRED", Final,
        "The client has to start again from its bootstrap servers.";
    StreamsInvalidTopology = 130, "STREAMS_INVALID_TOPOLOGY", Final,
        "The topology of the streams group is not valid.";
    StreamsInvalidTopologyEpoch = 131, "STREAMS_INVALID_TOPOLOGY_EPOCH", Final,
        "The epoch of the streams topology is not valid.";
    StreamsTopologyFenced = 132, "STREAMS_TOPOLOGY_FENCED", Final,
        "The epoch of the streams topology is an old one.";
    ShareSessionLimitReached = 133, "SHARE_SESSION_LIMIT_REACHED", Retriable,
        "The broker has as many share sessions as it may have.";
}

impl ErrorCode {
    pub const NONE: ErrorCode = ErrorCode::None;

    pub const fn code(self) -> i16 {
        self as i16
    }

    pub const fn is_error(self) -> bool {
        self.code() != 0
    }

    /// Whether Kafka's clients send the request again.
    pub const fn is_retriable(self) -> bool {
        matches!(self.retry(), Retry::Retriable)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_whole_and_in_order() {
        let codes: Vec<i16> = ErrorCode::ALL.iter().map(|error| error.code()).collect();
        assert_eq!(codes, (-1..=133).collect::<Vec<i16>>());
        for &error in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_code(error.code()), error);
            let camel: String = error.name().split('_').map(capital).collect();
            assert_eq!(format!("{error:?}"), camel);
        }
        assert_eq!(ErrorCode::from_code(4000), ErrorCode::UnknownServerError);
    }

    fn capital(word: &str) -> String {
        format!("{}{}", &word[..1], word[1..].to_lowercase())
    }

    #[test]
    fn what_clients_try_again() {
        assert!(ErrorCode::NotLeaderOrFollower.is_retriable());
        assert!(ErrorCode::CorruptMessage.is_retriable());
        assert!(!ErrorCode::MessageTooLarge.is_retriable());
        assert!(!ErrorCode::NONE.is_retriable());
    }
}
