"""Kafka's error codes, and which of them says what went wrong with us.

Lives here: the codes and the map from the errors of `model`. Must not live here: deciding what to do about an error.
Codes, names and retriability are those of Apache Kafka 4.3 (org.apache.kafka.common.protocol.Errors).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Self

from cordwood.model import (
    admin_errors,
    consensus_errors,
    errors,
    group_errors,
    peer_errors,
    quorum_errors,
    raftlog_errors,
    telemetry_errors,
    transaction_errors,
)


class ErrorCode(IntEnum):
    """The numbers that answers carry; `retriable` and `message` say what a client makes of them."""

    retriable: bool
    message: str

    def __new__(cls, code: int, retriable: bool = False, message: str = "") -> Self:
        """One member of the enumeration; `ErrorCode(3)` finds the one of that number."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.retriable = retriable
        member.message = message
        return member

    UNKNOWN_SERVER_ERROR = -1, False, "The server experienced an unexpected error when processing the request."
    NONE = 0, False, "No error."
    OFFSET_OUT_OF_RANGE = 1, False, "The offset is not within the range of offsets that the server holds."
    CORRUPT_MESSAGE = 2, True, "The message failed its CRC, has a wrong size or a missing key, or is corrupt."
    UNKNOWN_TOPIC_OR_PARTITION = 3, True, "This server does not host this topic-partition."
    INVALID_FETCH_SIZE = 4, False, "The requested fetch size is invalid."
    LEADER_NOT_AVAILABLE = 5, True, "There is no leader for this topic-partition: an election is under way."
    NOT_LEADER_OR_FOLLOWER = 6, True, "The broker is not the leader, or not a replica, of the topic-partition."
    REQUEST_TIMED_OUT = 7, True, "The request timed out."
    BROKER_NOT_AVAILABLE = 8, False, "The broker is not available."
    REPLICA_NOT_AVAILABLE = 9, True, "The replica is not available for the requested topic-partition."
    MESSAGE_TOO_LARGE = 10, False, "The request included a message larger than the server will accept."
    STALE_CONTROLLER_EPOCH = 11, False, "The controller moved to another broker."
    OFFSET_METADATA_TOO_LARGE = 12, False, "The metadata field of the offset request was too large."
    NETWORK_EXCEPTION = 13, True, "The server disconnected before a response was received."
    COORDINATOR_LOAD_IN_PROGRESS = 14, True, "The coordinator is loading and hence can't process requests."
    COORDINATOR_NOT_AVAILABLE = 15, True, "The coordinator is not available."
    NOT_COORDINATOR = 16, True, "This is not the correct coordinator."
    INVALID_TOPIC_EXCEPTION = 17, False, "The request attempted to perform an operation on an invalid topic."
    RECORD_LIST_TOO_LARGE = 18, False, "The request included a batch larger than the server's segment size."
    NOT_ENOUGH_REPLICAS = 19, True, "Messages are rejected since there are fewer in-sync replicas than required."
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20, True, "Messages are written, but to fewer in-sync replicas than required."
    INVALID_REQUIRED_ACKS = 21, False, "Produce request specified an invalid value for required acks."
    ILLEGAL_GENERATION = 22, False, "Specified group generation id is not valid."
    INCONSISTENT_GROUP_PROTOCOL = 23, False, "The member's protocols do not fit those of the group, or are empty."
    INVALID_GROUP_ID = 24, False, "The group id is invalid."
    UNKNOWN_MEMBER_ID = 25, False, "The coordinator is not aware of this member."
    INVALID_SESSION_TIMEOUT = 26, False, "The session timeout is not within the range allowed by the broker."
    REBALANCE_IN_PROGRESS = 27, False, "The group is rebalancing, so a rejoin is needed."
    INVALID_COMMIT_OFFSET_SIZE = 28, False, "The committing offset data size is not valid."
    TOPIC_AUTHORIZATION_FAILED = 29, False, "Topic authorization failed."
    GROUP_AUTHORIZATION_FAILED = 30, False, "Group authorization failed."
    CLUSTER_AUTHORIZATION_FAILED = 31, False, "Cluster authorization failed."
    INVALID_TIMESTAMP = 32, False, "The timestamp of the message is out of acceptable range."
    UNSUPPORTED_SASL_MECHANISM = 33, False, "The broker does not support the requested SASL mechanism."
    ILLEGAL_SASL_STATE = 34, False, "Request is not valid given the current SASL state."
    UNSUPPORTED_VERSION = 35, False, "The version of API is not supported."
    TOPIC_ALREADY_EXISTS = 36, False, "Topic with this name already exists."
    INVALID_PARTITIONS = 37, False, "Number of partitions is below 1."
    INVALID_REPLICATION_FACTOR = 38, False, "Replication factor is below 1 or larger than the number of brokers."
    INVALID_REPLICA_ASSIGNMENT = 39, False, "Replica assignment is invalid."
    INVALID_CONFIG = 40, False, "Configuration is invalid."
    NOT_CONTROLLER = 41, True, "This is not the correct controller for this cluster."
    INVALID_REQUEST = 42, False, "The request is malformed, or was sent to an incompatible broker."
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43, False, "The message format version on the broker does not support the request."
    POLICY_VIOLATION = 44, False, "Request parameters do not satisfy the configured policy."
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45, False, "The broker received an out of order sequence number."
    DUPLICATE_SEQUENCE_NUMBER = 46, False, "The broker received a duplicate sequence number."
    INVALID_PRODUCER_EPOCH = 47, False, "Producer attempted to produce with an old epoch."
    INVALID_TXN_STATE = 48, False, "The producer attempted a transactional operation in an invalid state."
    INVALID_PRODUCER_ID_MAPPING = 49, False, "The producer id is not the one assigned to its transactional id."
    INVALID_TRANSACTION_TIMEOUT = 50, False, "The transaction timeout is larger than transaction.max.timeout.ms."
    CONCURRENT_TRANSACTIONS = 51, True, "Another operation on the same transaction is under way."
    TRANSACTION_COORDINATOR_FENCED = 52, False, "The sender of a marker is no longer the producer's coordinator."
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53, False, "Transactional Id authorization failed."
    SECURITY_DISABLED = 54, False, "Security features are disabled."
    OPERATION_NOT_ATTEMPTED = 55, False, "The operation was not attempted, because others of the request failed."
    KAFKA_STORAGE_ERROR = 56, True, "Disk error when trying to access log file on the disk."
    LOG_DIR_NOT_FOUND = 57, False, "The user-specified log directory is not found in the broker config."
    SASL_AUTHENTICATION_FAILED = 58, False, "SASL Authentication failed."
    UNKNOWN_PRODUCER_ID = 59, False, "The broker has no state of this producer id; its records may have been deleted."
    REASSIGNMENT_IN_PROGRESS = 60, False, "A partition reassignment is in progress."
    DELEGATION_TOKEN_AUTH_DISABLED = 61, False, "Delegation Token feature is not enabled."
    DELEGATION_TOKEN_NOT_FOUND = 62, False, "Delegation Token is not found on server."
    DELEGATION_TOKEN_OWNER_MISMATCH = 63, False, "Specified Principal is not valid Owner/Renewer."
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64, False, "Delegation tokens cannot be requested over this channel."
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65, False, "Delegation Token authorization failed."
    DELEGATION_TOKEN_EXPIRED = 66, False, "Delegation Token is expired."
    INVALID_PRINCIPAL_TYPE = 67, False, "Supplied principalType is not supported."
    NON_EMPTY_GROUP = 68, False, "The group is not empty."
    GROUP_ID_NOT_FOUND = 69, False, "The group id does not exist."
    FETCH_SESSION_ID_NOT_FOUND = 70, True, "The fetch session ID was not found."
    INVALID_FETCH_SESSION_EPOCH = 71, True, "The fetch session epoch is invalid."
    LISTENER_NOT_FOUND = 72, True, "The leader has no listener that matches the one on which metadata was asked."
    TOPIC_DELETION_DISABLED = 73, False, "Topic deletion is disabled."
    FENCED_LEADER_EPOCH = 74, True, "The leader epoch in the request is older than the epoch on the broker."
    UNKNOWN_LEADER_EPOCH = 75, True, "The leader epoch in the request is newer than the epoch on the broker."
    UNSUPPORTED_COMPRESSION_TYPE = 76, False, "The client does not support the compression type of the partition."
    STALE_BROKER_EPOCH = 77, False, "Broker epoch has changed."
    OFFSET_NOT_AVAILABLE = 78, True, "The high watermark has not caught up with a recent election yet."
    MEMBER_ID_REQUIRED = 79, False, "The group member needs a member id before it enters the group."
    PREFERRED_LEADER_NOT_AVAILABLE = 80, True, "The preferred leader was not available."
    GROUP_MAX_SIZE_REACHED = 81, False, "The group has reached its maximum size."
    FENCED_INSTANCE_ID = 82, False, "Another consumer with the same group.instance.id has registered."
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, True, "Eligible topic partition leaders are not available."
    ELECTION_NOT_NEEDED = 84, True, "Leader election not needed for topic partition."
    NO_REASSIGNMENT_IN_PROGRESS = 85, False, "No partition reassignment is in progress."
    GROUP_SUBSCRIBED_TO_TOPIC = 86, False, "Offsets of a topic to which the group is subscribed cannot be deleted."
    INVALID_RECORD = 87, False, "This record has failed the validation on broker and hence will be rejected."
    UNSTABLE_OFFSET_COMMIT = 88, True, "There are unstable offsets that need to be cleared."
    THROTTLING_QUOTA_EXCEEDED = 89, True, "The throttling quota has been exceeded."
    PRODUCER_FENCED = 90, False, "A newer producer with the same transactional id fences this one."
    RESOURCE_NOT_FOUND = 91, False, "A request illegally referred to a resource that does not exist."
    DUPLICATE_RESOURCE = 92, False, "A request illegally referred to the same resource twice."
    UNACCEPTABLE_CREDENTIAL = 93, False, "Requested credential would not meet criteria for acceptability."
    INCONSISTENT_VOTER_SET = 94, False, "The sender or recipient of a request among voters is not one of the voters."
    INVALID_UPDATE_VERSION = 95, False, "The given update version was invalid."
    FEATURE_UPDATE_FAILED = 96, False, "Unable to update finalized features due to an unexpected server error."
    PRINCIPAL_DESERIALIZATION_FAILURE = 97, False, "The principal of a forwarded request could not be read."
    SNAPSHOT_NOT_FOUND = 98, False, "Requested snapshot was not found."
    POSITION_OUT_OF_RANGE = 99, False, "The position is not inside the snapshot."
    UNKNOWN_TOPIC_ID = 100, True, "This server does not host this topic ID."
    DUPLICATE_BROKER_REGISTRATION = 101, False, "This broker ID is already in use."
    BROKER_ID_NOT_REGISTERED = 102, False, "The given broker ID was not registered."
    INCONSISTENT_TOPIC_ID = 103, True, "The log's topic ID did not match the topic ID in the request."
    INCONSISTENT_CLUSTER_ID = 104, False, "The clusterId in the request does not match that found on the server."
    TRANSACTIONAL_ID_NOT_FOUND = 105, False, "The transactionalId could not be found."
    FETCH_SESSION_TOPIC_ID_ERROR = 106, True, "The fetch session encountered inconsistent topic ID usage."
    INELIGIBLE_REPLICA = 107, False, "The new ISR contains at least one ineligible replica."
    NEW_LEADER_ELECTED = 108, False, "The partition was updated, but its leader has changed."
    OFFSET_MOVED_TO_TIERED_STORAGE = 109, False, "The requested offset is moved to tiered storage."
    FENCED_MEMBER_EPOCH = 110, False, "The member epoch is fenced; give up all partitions and join again."
    UNRELEASED_INSTANCE_ID = 111, False, "The instance id is still used by another member, which must leave first."
    UNSUPPORTED_ASSIGNOR = 112, False, "The assignor or its version range is not supported by the consumer group."
    STALE_MEMBER_EPOCH = 113, False, "The member epoch is stale; retry with the one of the next heartbeat."
    MISMATCHED_ENDPOINT_TYPE = 114, False, "The request was sent to an endpoint of the wrong type."
    UNSUPPORTED_ENDPOINT_TYPE = 115, False, "This endpoint type is not supported yet."
    UNKNOWN_CONTROLLER_ID = 116, False, "This controller ID is not known."
    UNKNOWN_SUBSCRIPTION_ID = 117, False, "A telemetry push has an invalid or outdated subscription id."
    TELEMETRY_TOO_LARGE = 118, False, "A telemetry push is larger than the broker accepts."
    INVALID_REGISTRATION = 119, False, "The controller has considered the broker registration to be invalid."
    TRANSACTION_ABORTABLE = 120, False, "The transaction failed; abort it to go on with this transactional id."
    INVALID_RECORD_STATE = 121, False, "The record's state does not allow the acknowledgement."
    SHARE_SESSION_NOT_FOUND = 122, True, "The share session was not found."
    INVALID_SHARE_SESSION_EPOCH = 123, True, "The share session epoch is invalid."
    FENCED_STATE_EPOCH = 124, False, "The epoch of the share group's state did not match."
    INVALID_VOTER_KEY = 125, False, "The voter key doesn't match the receiving replica's key."
    DUPLICATE_VOTER = 126, False, "The voter is already part of the set of voters."
    VOTER_NOT_FOUND = 127, False, "The voter is not part of the set of voters."
    INVALID_REGULAR_EXPRESSION = 128, False, "The regular expression is not valid."
    REBOOTSTRAP_REQUIRED = 129, False, "The client's metadata is stale; it should bootstrap again."
    STREAMS_INVALID_TOPOLOGY = 130, False, "The supplied topology is invalid."
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131, False, "The supplied topology epoch is invalid."
    STREAMS_TOPOLOGY_FENCED = 132, False, "The supplied topology epoch is outdated."
    SHARE_SESSION_LIMIT_REACHED = 133, True, "The limit of share sessions has been reached."


_CODES: Final[Mapping[type[BaseException], ErrorCode]] = MappingProxyType(
    {
        errors.OffsetOutOfRange: ErrorCode.OFFSET_OUT_OF_RANGE,
        errors.InvalidBatch: ErrorCode.INVALID_RECORD,
        errors.CorruptBatch: ErrorCode.CORRUPT_MESSAGE,
        errors.UnsupportedCompression: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        errors.RecordTooLarge: ErrorCode.MESSAGE_TOO_LARGE,
        errors.InvalidRecords: ErrorCode.INVALID_RECORD,
        errors.DecompressedTooLarge: ErrorCode.INVALID_RECORD,
        errors.CorruptLog: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.DirectoryLocked: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.StorageFailed: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.DiskFull: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.OutOfFiles: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.LogClosed: ErrorCode.NOT_LEADER_OR_FOLLOWER,
        errors.SegmentDeleted: ErrorCode.OFFSET_OUT_OF_RANGE,
        errors.OutOfOrderSequence: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        errors.InvalidProducerEpoch: ErrorCode.INVALID_PRODUCER_EPOCH,
        errors.OutsideOfTransaction: ErrorCode.INVALID_TXN_STATE,
        errors.TransactionCoordinatorFenced: ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        errors.UnknownTopic: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        errors.NotLeader: ErrorCode.NOT_LEADER_OR_FOLLOWER,
        errors.UnknownTopicId: ErrorCode.UNKNOWN_TOPIC_ID,
        errors.TopicExists: ErrorCode.TOPIC_ALREADY_EXISTS,
        errors.InvalidTopicName: ErrorCode.INVALID_TOPIC_EXCEPTION,
        errors.InvalidPartitions: ErrorCode.INVALID_PARTITIONS,
        errors.InvalidReplicationFactor: ErrorCode.INVALID_REPLICATION_FACTOR,
        errors.InvalidReplicaAssignment: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        errors.InvalidConfig: ErrorCode.INVALID_CONFIG,
        errors.InvalidRequest: ErrorCode.INVALID_REQUEST,
        errors.UnsupportedVersion: ErrorCode.UNSUPPORTED_VERSION,
        errors.PolicyViolation: ErrorCode.POLICY_VIOLATION,
        errors.ThrottlingQuotaExceeded: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
        errors.FencedLeaderEpoch: ErrorCode.FENCED_LEADER_EPOCH,
        errors.UnknownLeaderEpoch: ErrorCode.UNKNOWN_LEADER_EPOCH,
        errors.InvalidTimestamp: ErrorCode.INVALID_TIMESTAMP,
        errors.TopicDeletionDisabled: ErrorCode.TOPIC_DELETION_DISABLED,
        errors.InvalidMetadata: ErrorCode.KAFKA_STORAGE_ERROR,
        errors.WrongCluster: ErrorCode.INCONSISTENT_CLUSTER_ID,
        errors.InvalidTimestamp: ErrorCode.INVALID_TIMESTAMP,
        errors.TopicDeletionDisabled: ErrorCode.TOPIC_DELETION_DISABLED,
        errors.NotEnoughReplicas: ErrorCode.NOT_ENOUGH_REPLICAS,
        errors.ProtocolError: ErrorCode.INVALID_REQUEST,
        admin_errors.ElectionNotNeeded: ErrorCode.ELECTION_NOT_NEEDED,
        admin_errors.PreferredLeaderNotAvailable: ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
        admin_errors.EligibleLeadersNotAvailable: ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
        admin_errors.NoReassignmentInProgress: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
        admin_errors.LogDirectoryNotFound: ErrorCode.LOG_DIR_NOT_FOUND,
        admin_errors.InvalidFeatureLevel: ErrorCode.INVALID_UPDATE_VERSION,
        group_errors.CoordinatorNotAvailable: ErrorCode.COORDINATOR_NOT_AVAILABLE,
        group_errors.CoordinatorLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        group_errors.NotCoordinator: ErrorCode.NOT_COORDINATOR,
        group_errors.InvalidGroupId: ErrorCode.INVALID_GROUP_ID,
        group_errors.GroupNotFound: ErrorCode.GROUP_ID_NOT_FOUND,
        group_errors.NonEmptyGroup: ErrorCode.NON_EMPTY_GROUP,
        group_errors.GroupFull: ErrorCode.GROUP_MAX_SIZE_REACHED,
        group_errors.GroupSubscribedToTopic: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC,
        group_errors.InconsistentGroupProtocol: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
        group_errors.UnsupportedAssignor: ErrorCode.UNSUPPORTED_ASSIGNOR,
        group_errors.InvalidSessionTimeout: ErrorCode.INVALID_SESSION_TIMEOUT,
        group_errors.InvalidRegularExpression: ErrorCode.INVALID_REGULAR_EXPRESSION,
        group_errors.UnknownMember: ErrorCode.UNKNOWN_MEMBER_ID,
        group_errors.MemberIdRequired: ErrorCode.MEMBER_ID_REQUIRED,
        group_errors.IllegalGeneration: ErrorCode.ILLEGAL_GENERATION,
        group_errors.RebalanceInProgress: ErrorCode.REBALANCE_IN_PROGRESS,
        group_errors.FencedInstance: ErrorCode.FENCED_INSTANCE_ID,
        group_errors.UnreleasedInstance: ErrorCode.UNRELEASED_INSTANCE_ID,
        group_errors.FencedMemberEpoch: ErrorCode.FENCED_MEMBER_EPOCH,
        group_errors.StaleMemberEpoch: ErrorCode.STALE_MEMBER_EPOCH,
        group_errors.OffsetMetadataTooLarge: ErrorCode.OFFSET_METADATA_TOO_LARGE,
        group_errors.UnstableOffsetCommit: ErrorCode.UNSTABLE_OFFSET_COMMIT,
        transaction_errors.InvalidProducerIdMapping: ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        transaction_errors.ProducerFenced: ErrorCode.PRODUCER_FENCED,
        transaction_errors.InvalidTransactionTimeout: ErrorCode.INVALID_TRANSACTION_TIMEOUT,
        transaction_errors.ConcurrentTransactions: ErrorCode.CONCURRENT_TRANSACTIONS,
        transaction_errors.InvalidTransactionEnd: ErrorCode.INVALID_TXN_STATE,
        transaction_errors.NotInTransaction: ErrorCode.INVALID_TXN_STATE,
        # As Kafka: producers of every age try again, and do not look for another leader.
        transaction_errors.CannotVerify: ErrorCode.NOT_ENOUGH_REPLICAS,
        transaction_errors.TransactionAbortable: ErrorCode.TRANSACTION_ABORTABLE,
        transaction_errors.TransactionalIdNotFound: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
        # As Kafka: who may use no transactional id may not use the one that is not there either.
        transaction_errors.TransactionalIdMissing: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        transaction_errors.MarkerNotWritten: ErrorCode.COORDINATOR_NOT_AVAILABLE,
        consensus_errors.NotTaken: ErrorCode.NOT_CONTROLLER,
        consensus_errors.OutcomeUnknown: ErrorCode.REQUEST_TIMED_OUT,
        consensus_errors.NoQuorum: ErrorCode.REQUEST_TIMED_OUT,
        consensus_errors.GroupStopped: ErrorCode.BROKER_NOT_AVAILABLE,
        consensus_errors.InvalidPeerMessage: ErrorCode.INVALID_REQUEST,
        peer_errors.PeerUnavailable: ErrorCode.NETWORK_EXCEPTION,
        peer_errors.PeerBusy: ErrorCode.NETWORK_EXCEPTION,
        peer_errors.PeerRefused: ErrorCode.INCONSISTENT_VOTER_SET,
        peer_errors.WrongNode: ErrorCode.INCONSISTENT_VOTER_SET,
        quorum_errors.NotQuorumLeader: ErrorCode.NOT_LEADER_OR_FOLLOWER,
        quorum_errors.VoterExists: ErrorCode.DUPLICATE_VOTER,
        quorum_errors.VoterNotFound: ErrorCode.VOTER_NOT_FOUND,
        quorum_errors.LastVoter: ErrorCode.INVALID_REQUEST,
        quorum_errors.VoterStays: ErrorCode.INVALID_REQUEST,
        quorum_errors.OtherDirectory: ErrorCode.INVALID_VOTER_KEY,
        # As Kafka: who finds another change under way is told that it waited for it in vain.
        quorum_errors.ChangeUnderWay: ErrorCode.REQUEST_TIMED_OUT,
        quorum_errors.ChangeTimedOut: ErrorCode.REQUEST_TIMED_OUT,
        quorum_errors.InconsistentClusterId: ErrorCode.INCONSISTENT_CLUSTER_ID,
        quorum_errors.NotFounded: ErrorCode.INCONSISTENT_VOTER_SET,
        quorum_errors.BrokerNotRegistered: ErrorCode.BROKER_ID_NOT_REGISTERED,
        quorum_errors.TakenOut: ErrorCode.BROKER_ID_NOT_REGISTERED,
        raftlog_errors.RaftLogRefusal: ErrorCode.KAFKA_STORAGE_ERROR,
        raftlog_errors.InvalidRecord: ErrorCode.KAFKA_STORAGE_ERROR,
        telemetry_errors.TelemetryTooEarly: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
        telemetry_errors.TelemetryBusy: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
        telemetry_errors.UnknownSubscriptionId: ErrorCode.UNKNOWN_SUBSCRIPTION_ID,
        telemetry_errors.TelemetryTooLarge: ErrorCode.TELEMETRY_TOO_LARGE,
        telemetry_errors.UnknownTelemetryCompression: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        telemetry_errors.InvalidTelemetry: ErrorCode.INVALID_RECORD,
        TimeoutError: ErrorCode.REQUEST_TIMED_OUT,
    }
)


def code_of(error: BaseException) -> ErrorCode:
    """The code of an exception, or of the nearest class above it that has one; UNKNOWN_SERVER_ERROR for the others."""
    for cls in type(error).__mro__:
        code = _CODES.get(cls)
        if code is not None:
            return code
    return ErrorCode.UNKNOWN_SERVER_ERROR
