"""THE table of APIs: what is served, in which versions, and by which messages.

ApiVersions is answered from it, and docs/protocol.md is made from it (see `page`). To serve another API or version:
declare it in `messages`, and change the row here. A row that is `_declared` has messages and no handler: nobody is told
of it, and a request for it closes the connection. Whoever writes the handler makes the row `_served`.

Lives here: the table. Must not live here: what a request means (`broker`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from cordwood.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from cordwood.wire.messages.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnResponse
from cordwood.wire.messages.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse
from cordwood.wire.messages.alter_client_quotas import AlterClientQuotasRequest, AlterClientQuotasResponse
from cordwood.wire.messages.alter_configs import AlterConfigsRequest, AlterConfigsResponse
from cordwood.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
)
from cordwood.wire.messages.alter_replica_log_dirs import AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse
from cordwood.wire.messages.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse
from cordwood.wire.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
)
from cordwood.wire.messages.create_acls import CreateAclsRequest, CreateAclsResponse
from cordwood.wire.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from cordwood.wire.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsResponse
from cordwood.wire.messages.create_topics import CreateTopicsRequest, CreateTopicsResponse
from cordwood.wire.messages.delete_acls import DeleteAclsRequest, DeleteAclsResponse
from cordwood.wire.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
from cordwood.wire.messages.delete_records import DeleteRecordsRequest, DeleteRecordsResponse
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from cordwood.wire.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from cordwood.wire.messages.describe_client_quotas import DescribeClientQuotasRequest, DescribeClientQuotasResponse
from cordwood.wire.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from cordwood.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResponse
from cordwood.wire.messages.describe_delegation_token import (
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from cordwood.wire.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from cordwood.wire.messages.describe_log_dirs import DescribeLogDirsRequest, DescribeLogDirsResponse
from cordwood.wire.messages.describe_producers import DescribeProducersRequest, DescribeProducersResponse
from cordwood.wire.messages.describe_quorum import DescribeQuorumRequest, DescribeQuorumResponse
from cordwood.wire.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
)
from cordwood.wire.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from cordwood.wire.messages.elect_leaders import ElectLeadersRequest, ElectLeadersResponse
from cordwood.wire.messages.end_txn import EndTxnRequest, EndTxnResponse
from cordwood.wire.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from cordwood.wire.messages.fetch import FetchRequest, FetchResponse
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from cordwood.wire.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from cordwood.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from cordwood.wire.messages.incremental_alter_configs import (
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from cordwood.wire.messages.join_group import JoinGroupRequest, JoinGroupResponse
from cordwood.wire.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse
from cordwood.wire.messages.list_config_resources import ListConfigResourcesRequest, ListConfigResourcesResponse
from cordwood.wire.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from cordwood.wire.messages.list_offsets import ListOffsetsRequest, ListOffsetsResponse
from cordwood.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from cordwood.wire.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse
from cordwood.wire.messages.offset_commit import OffsetCommitRequest, OffsetCommitResponse
from cordwood.wire.messages.offset_delete import OffsetDeleteRequest, OffsetDeleteResponse
from cordwood.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchResponse
from cordwood.wire.messages.offset_for_leader_epoch import OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse
from cordwood.wire.messages.peer_hello import PeerHelloRequest, PeerHelloResponse
from cordwood.wire.messages.peer_message import PeerMessageRequest, PeerMessageResponse
from cordwood.wire.messages.produce import ProduceRequest, ProduceResponse
from cordwood.wire.messages.push_telemetry import PushTelemetryRequest, PushTelemetryResponse
from cordwood.wire.messages.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from cordwood.wire.messages.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse
from cordwood.wire.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest, TransferLeadershipResponse
from cordwood.wire.messages.txn_offset_commit import TxnOffsetCommitRequest, TxnOffsetCommitResponse
from cordwood.wire.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from cordwood.wire.messages.update_features import UpdateFeaturesRequest, UpdateFeaturesResponse
from cordwood.wire.messages.write_txn_markers import WriteTxnMarkersRequest, WriteTxnMarkersResponse
from cordwood.wire.schema import Message, Versions


class ApiKey(IntEnum):
    """The numbers of the APIs that are declared."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    DESCRIBE_GROUPS = 15
    LIST_GROUPS = 16
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    DELETE_TOPICS = 20
    DELETE_RECORDS = 21
    INIT_PRODUCER_ID = 22
    OFFSET_FOR_LEADER_EPOCH = 23
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    WRITE_TXN_MARKERS = 27
    TXN_OFFSET_COMMIT = 28
    DESCRIBE_ACLS = 29
    CREATE_ACLS = 30
    DELETE_ACLS = 31
    DESCRIBE_CONFIGS = 32
    ALTER_CONFIGS = 33
    ALTER_REPLICA_LOG_DIRS = 34
    DESCRIBE_LOG_DIRS = 35
    CREATE_PARTITIONS = 37
    CREATE_DELEGATION_TOKEN = 38
    RENEW_DELEGATION_TOKEN = 39
    EXPIRE_DELEGATION_TOKEN = 40
    DESCRIBE_DELEGATION_TOKEN = 41
    DELETE_GROUPS = 42
    ELECT_LEADERS = 43
    INCREMENTAL_ALTER_CONFIGS = 44
    ALTER_PARTITION_REASSIGNMENTS = 45
    LIST_PARTITION_REASSIGNMENTS = 46
    OFFSET_DELETE = 47
    DESCRIBE_CLIENT_QUOTAS = 48
    ALTER_CLIENT_QUOTAS = 49
    DESCRIBE_QUORUM = 55
    UPDATE_FEATURES = 57
    DESCRIBE_CLUSTER = 60
    DESCRIBE_PRODUCERS = 61
    UNREGISTER_BROKER = 64
    DESCRIBE_TRANSACTIONS = 65
    LIST_TRANSACTIONS = 66
    CONSUMER_GROUP_HEARTBEAT = 68
    CONSUMER_GROUP_DESCRIBE = 69
    GET_TELEMETRY_SUBSCRIPTIONS = 71
    PUSH_TELEMETRY = 72
    LIST_CONFIG_RESOURCES = 74
    DESCRIBE_TOPIC_PARTITIONS = 75
    ADD_RAFT_VOTER = 80
    REMOVE_RAFT_VOTER = 81
    PEER_HELLO = 20_000
    PEER_MESSAGE = 20_001
    TRANSFER_LEADERSHIP = 20_002


FIRST_PRIVATE_KEY: Final = 20_000
"""From here on keys are Cordwood's own: brokers and tools of Cordwood know them, and ApiVersions does not name them."""


@dataclass(frozen=True, slots=True)
class Api:
    """One row of the table."""

    key: ApiKey
    request: type[Message]
    response: type[Message]
    served: Versions
    """The versions whose requests are carried out."""
    advertised: Versions
    """The versions that ApiVersions names; those that are not served are answered with UNSUPPORTED_VERSION."""
    flexible_from: int
    """The first version with compact lengths and tagged fields."""
    has_handler: bool = True
    """Whether the broker carries it out; if not, its messages can be read and written, and nobody is told of it."""

    @property
    def name(self) -> str:
        """Kafka's name of the API."""
        return self.request.__name__.removesuffix("Request")

    @property
    def is_private(self) -> bool:
        """Whether it is Cordwood's own, and no client of Kafka's is told of it."""
        return self.key >= FIRST_PRIVATE_KEY

    def serves(self, version: int) -> bool:
        """Whether a request of this version is carried out."""
        return self.served.holds(version)

    def is_flexible(self, version: int) -> bool:
        """Whether a version has compact lengths and tagged fields, and its request the header that goes with them."""
        return version >= self.flexible_from

    def has_flexible_response_header(self, version: int) -> bool:
        """Whether tagged fields follow the correlation id: never for ApiVersions (KIP-511)."""
        return version >= self.flexible_from and self.key is not ApiKey.API_VERSIONS


def _served(
    request: type[Message], response: type[Message], served: Versions, advertised: Versions | None = None
) -> Api:
    key = ApiKey(request.api_key)
    assert response.api_key == key, f"{response.__name__} is not the response of {key.name}"
    assert request.flexible_from == response.flexible_from, f"{key.name} is flexible from two versions"
    return Api(key, request, response, served, advertised or served, request.flexible_from)


def _declared(request: type[Message], response: type[Message], versions: Versions) -> Api:
    return replace(_served(request, response, versions), has_handler=False)


# Produce is advertised from version 0, because librdkafka before 2.11.1 otherwise takes the broker to know no
# compression, and says nothing (KAFKA-18659). InitProducerId 6 is not stable in Kafka 4.3.
_ROWS: Final = (
    _served(ProduceRequest, ProduceResponse, Versions(3, 13), advertised=Versions(0, 13)),
    _served(FetchRequest, FetchResponse, Versions(4, 18)),
    _served(ListOffsetsRequest, ListOffsetsResponse, Versions(1, 11)),
    _served(MetadataRequest, MetadataResponse, Versions(0, 13)),
    _served(OffsetCommitRequest, OffsetCommitResponse, Versions(2, 10)),
    _served(OffsetFetchRequest, OffsetFetchResponse, Versions(1, 10)),
    _served(FindCoordinatorRequest, FindCoordinatorResponse, Versions(0, 6)),
    _served(JoinGroupRequest, JoinGroupResponse, Versions(0, 9)),
    _served(HeartbeatRequest, HeartbeatResponse, Versions(0, 4)),
    _served(LeaveGroupRequest, LeaveGroupResponse, Versions(0, 5)),
    _served(SyncGroupRequest, SyncGroupResponse, Versions(0, 5)),
    _served(DescribeGroupsRequest, DescribeGroupsResponse, Versions(0, 6)),
    _served(ListGroupsRequest, ListGroupsResponse, Versions(0, 5)),
    _served(ApiVersionsRequest, ApiVersionsResponse, Versions(0, 4)),
    _served(CreateTopicsRequest, CreateTopicsResponse, Versions(2, 7)),
    _served(DeleteTopicsRequest, DeleteTopicsResponse, Versions(1, 6)),
    _served(DeleteRecordsRequest, DeleteRecordsResponse, Versions(0, 2)),
    _served(InitProducerIdRequest, InitProducerIdResponse, Versions(0, 5)),
    _served(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, Versions(2, 4)),
    _served(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, Versions(0, 5)),
    _served(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, Versions(0, 4)),
    _served(EndTxnRequest, EndTxnResponse, Versions(0, 5)),
    _served(WriteTxnMarkersRequest, WriteTxnMarkersResponse, Versions(1, 2)),
    _served(TxnOffsetCommitRequest, TxnOffsetCommitResponse, Versions(0, 5)),
    _served(DescribeAclsRequest, DescribeAclsResponse, Versions(1, 3)),
    _served(CreateAclsRequest, CreateAclsResponse, Versions(1, 3)),
    _served(DeleteAclsRequest, DeleteAclsResponse, Versions(1, 3)),
    _served(DescribeConfigsRequest, DescribeConfigsResponse, Versions(1, 4)),
    _served(AlterConfigsRequest, AlterConfigsResponse, Versions(0, 2)),
    _served(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, Versions(1, 2)),
    _served(DescribeLogDirsRequest, DescribeLogDirsResponse, Versions(1, 5)),
    _served(CreatePartitionsRequest, CreatePartitionsResponse, Versions(0, 3)),
    _served(CreateDelegationTokenRequest, CreateDelegationTokenResponse, Versions(1, 3)),
    _served(RenewDelegationTokenRequest, RenewDelegationTokenResponse, Versions(1, 2)),
    _served(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, Versions(1, 2)),
    _served(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, Versions(1, 3)),
    _served(DeleteGroupsRequest, DeleteGroupsResponse, Versions(0, 2)),
    _served(ElectLeadersRequest, ElectLeadersResponse, Versions(0, 2)),
    _served(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, Versions(0, 1)),
    _served(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, Versions(0, 1)),
    _served(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, Versions(0, 0)),
    _served(OffsetDeleteRequest, OffsetDeleteResponse, Versions(0, 0)),
    _served(DescribeClientQuotasRequest, DescribeClientQuotasResponse, Versions(0, 1)),
    _served(AlterClientQuotasRequest, AlterClientQuotasResponse, Versions(0, 1)),
    _served(DescribeQuorumRequest, DescribeQuorumResponse, Versions(0, 2)),
    _served(UpdateFeaturesRequest, UpdateFeaturesResponse, Versions(0, 2)),
    _served(DescribeClusterRequest, DescribeClusterResponse, Versions(0, 2)),
    _served(DescribeProducersRequest, DescribeProducersResponse, Versions(0, 0)),
    _served(UnregisterBrokerRequest, UnregisterBrokerResponse, Versions(0, 0)),
    _served(DescribeTransactionsRequest, DescribeTransactionsResponse, Versions(0, 0)),
    _served(ListTransactionsRequest, ListTransactionsResponse, Versions(0, 2)),
    _served(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, Versions(0, 1)),
    _served(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, Versions(0, 1)),
    _served(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, Versions(0, 0)),
    _served(PushTelemetryRequest, PushTelemetryResponse, Versions(0, 0)),
    _served(ListConfigResourcesRequest, ListConfigResourcesResponse, Versions(0, 1)),
    _served(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, Versions(0, 0)),
    _served(AddRaftVoterRequest, AddRaftVoterResponse, Versions(0, 1)),
    _served(RemoveRaftVoterRequest, RemoveRaftVoterResponse, Versions(0, 0)),
    _served(PeerHelloRequest, PeerHelloResponse, Versions(0, 0)),
    _served(PeerMessageRequest, PeerMessageResponse, Versions(0, 0)),
    _served(TransferLeadershipRequest, TransferLeadershipResponse, Versions(0, 0)),
)

DECLARED: Final[Mapping[int, Api]] = MappingProxyType({int(api.key): api for api in _ROWS})
"""Every API whose messages there are, by its key."""

APIS: Final[Mapping[int, Api]] = MappingProxyType({key: api for key, api in DECLARED.items() if api.has_handler})
"""Every API that is served, by its key."""


def advertised_versions(keys: Collection[int] | None = None) -> list[ApiVersion]:
    """What ApiVersions answers: every API of Kafka's that is served, or those among `keys`, for a broker that has few."""
    return [
        ApiVersion(api_key=int(api.key), min_version=api.advertised.first, max_version=api.advertised.last)
        for api in APIS.values()
        if not api.is_private and (keys is None or api.key in keys)
    ]
