"""Things of a broker that hold a growing number: offsets of groups, settings, quotas, and what only grows by itself.

| register         | the number is                                     | written by              | read by              |
|------------------|---------------------------------------------------|-------------------------|----------------------|
| `GroupOffset`    | the offset of a group                             | OffsetCommit            | OffsetFetch          |
| `Setting`        | the value of a setting, above the first one       | IncrementalAlterConfigs | DescribeConfigs      |
| `ClientQuota`    | bytes a second, above a million of them           | AlterClientQuotas       | DescribeClientQuotas |
| `PartitionCount` | the number of partitions of a topic, less one     | CreatePartitions        | Metadata             |
| `LogStart`       | where a log begins, in which records are deleted  | DeleteRecords           | ListOffsets          |

Lives here: the requests of each, sent until they are answered. Must not live here: which numbers come (`keeper`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages import alter_client_quotas as altering_quotas
from cordwood.wire.messages import delete_records, describe_configs, incremental_alter_configs, list_offsets
from cordwood.wire.messages import describe_client_quotas as describing_quotas
from cordwood.wire.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from cordwood.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData

if TYPE_CHECKING:
    from cordwood.sim.clients.connection import BrokerConnection

TIMEOUT_MS: Final = 2_000
NOTHING: Final = -1
"""What a register holds before anything was written."""

MILLION: Final = 1_000_000
RECORD_BYTES: Final = 300
BEGINNING: Final = -2
"""The mark of ListOffsets for where a log begins."""


class Register(Protocol):
    """Holds a number from 0 on, or -1. Requests are sent until they are answered; both raise Refused."""

    @property
    def name(self) -> str:
        """Which one it is, in all of a run."""
        ...

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Returns when it was acknowledged that the register holds `number`."""
        ...

    async def read(self, connection: BrokerConnection) -> int:
        """What the register holds."""
        ...


@dataclass(frozen=True, slots=True)
class GroupOffset:
    """The offset of a group without members in partition 0 of a topic."""

    group: str
    topic: str

    @property
    def name(self) -> str:
        """The group's."""
        return self.group

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Commits it."""
        partitions = [OffsetCommitRequestPartition(0, number, committed_metadata="")]
        request = OffsetCommitRequest(self.group, topics=[OffsetCommitRequestTopic(self.topic, partitions=partitions)])
        await connection.ask_until(request, 7, OffsetCommitResponse, _commit_codes)

    async def read(self, connection: BrokerConnection) -> int:
        """Fetches it."""
        request = OffsetFetchRequest(self.group, [OffsetFetchRequestTopic(self.topic, [0])])
        response = await connection.ask_until(request, 5, OffsetFetchResponse, _fetch_codes)
        return response.topics[0].partitions[0].committed_offset


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a topic (2), of all brokers (4), of a subscription (16) or of a group (32)."""

    machine: str
    kind: int
    resource: str
    key: str
    first: int
    """The value that stands for 0; what it is without a value of its own is less."""

    @property
    def name(self) -> str:
        """The machine's, the resource and the setting."""
        return f"{self.key} of {self.resource or 'all brokers'} of {self.machine}"

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Alters it."""
        change = incremental_alter_configs.AlterableConfig(self.key, 0, str(self.first + number))
        resource = incremental_alter_configs.AlterConfigsResource(self.kind, self.resource, [change])
        await connection.ask_until(
            incremental_alter_configs.IncrementalAlterConfigsRequest([resource]),
            0,
            incremental_alter_configs.IncrementalAlterConfigsResponse,
            lambda response: [one.error_code for one in response.responses],
        )

    async def read(self, connection: BrokerConnection) -> int:
        """Describes it."""
        wanted = describe_configs.DescribeConfigsResource(self.kind, self.resource, [self.key])
        response = await connection.ask_until(
            describe_configs.DescribeConfigsRequest([wanted]),
            1,
            describe_configs.DescribeConfigsResponse,
            lambda response: [one.error_code for one in response.results],
        )
        values = [int(config.value or 0) - self.first for config in response.results[0].configs]
        return max([NOTHING, *values])


@dataclass(frozen=True, slots=True)
class ClientQuota:
    """The bytes that a client may produce in a second: more than any does."""

    client_id: str

    @property
    def name(self) -> str:
        """The client's."""
        return f"quota of {self.client_id}"

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Alters it."""
        entity = [altering_quotas.EntityData("client-id", self.client_id)]
        change = altering_quotas.OpData("producer_byte_rate", float(MILLION + number))
        await connection.ask_until(
            altering_quotas.AlterClientQuotasRequest([altering_quotas.EntryData(entity, [change])]),
            0,
            altering_quotas.AlterClientQuotasResponse,
            lambda response: [entry.error_code for entry in response.entries],
        )

    async def read(self, connection: BrokerConnection) -> int:
        """Describes it."""
        wanted = describing_quotas.ComponentData("client-id", 0, self.client_id)
        response = await connection.ask_until(
            describing_quotas.DescribeClientQuotasRequest([wanted], strict=True),
            0,
            describing_quotas.DescribeClientQuotasResponse,
            lambda response: [response.error_code],
        )
        values = [value.value for entry in response.entries or () for value in entry.values]
        return int(values[0]) - MILLION if values else NOTHING


@dataclass(frozen=True, slots=True)
class PartitionCount:
    """How many partitions a topic has that was created with one."""

    machine: str
    topic: str

    @property
    def name(self) -> str:
        """The machine's and the topic's."""
        return f"partitions of {self.topic} of {self.machine}"

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Adds what is missing. That it has so many already says that an earlier try was carried out."""
        wanted = CreatePartitionsTopic(self.topic, number + 1)
        request = CreatePartitionsRequest([wanted], TIMEOUT_MS)
        await connection.ask_until(request, 0, CreatePartitionsResponse, _growth_codes)

    async def read(self, connection: BrokerConnection) -> int:
        """Counts them."""
        request = MetadataRequest([MetadataRequestTopic(name=self.topic)], allow_auto_topic_creation=False)
        response = await connection.ask_until(
            request, 5, MetadataResponse, lambda response: [topic.error_code for topic in response.topics]
        )
        return len(response.topics[0].partitions) - 1


@dataclass(frozen=True, slots=True)
class LogStart:
    """Where partition 0 of a topic begins. Nobody else writes there."""

    machine: str
    topic: str

    @property
    def name(self) -> str:
        """The machine's and the topic's."""
        return f"start of {self.topic} of {self.machine}"

    async def write(self, connection: BrokerConnection, number: int) -> None:
        """Produces one more record, so that there are more than `number`, and deletes the first `number`."""
        records = memoryview(build_batch([Record(0, 1_700_000_000_000, None, b"." * RECORD_BYTES)]))
        produced = TopicProduceData(self.topic, partition_data=[PartitionProduceData(0, records)])
        await connection.ask_until(
            ProduceRequest(None, -1, 30_000, [produced]),
            9,
            ProduceResponse,
            lambda response: [one.error_code for topic in response.responses for one in topic.partition_responses],
        )
        doomed = delete_records.DeleteRecordsTopic(self.topic, [delete_records.DeleteRecordsPartition(0, number)])
        await connection.ask_until(
            delete_records.DeleteRecordsRequest([doomed], TIMEOUT_MS),
            0,
            delete_records.DeleteRecordsResponse,
            lambda response: [one.error_code for topic in response.topics for one in topic.partitions],
        )

    async def read(self, connection: BrokerConnection) -> int:
        """Asks for the first offset."""
        wanted = list_offsets.ListOffsetsTopic(self.topic, [list_offsets.ListOffsetsPartition(0, timestamp=BEGINNING)])
        response = await connection.ask_until(
            list_offsets.ListOffsetsRequest(-1, topics=[wanted]),
            1,
            list_offsets.ListOffsetsResponse,
            lambda response: [one.error_code for topic in response.topics for one in topic.partitions],
        )
        return response.topics[0].partitions[0].offset


def _commit_codes(response: OffsetCommitResponse) -> list[int]:
    return [partition.error_code for topic in response.topics for partition in topic.partitions]


def _fetch_codes(response: OffsetFetchResponse) -> list[int]:
    inner = [partition.error_code for topic in response.topics for partition in topic.partitions]
    return [response.error_code, *inner]


def _growth_codes(response: CreatePartitionsResponse) -> list[int]:
    codes = [result.error_code for result in response.results]
    return [code for code in codes if code != ErrorCode.INVALID_PARTITIONS]
