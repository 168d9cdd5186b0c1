"""Creates, deletes and alters a few topics, through whichever broker, and notes what it was told.

Lives here: one admin client, one request at a time. It asks each thing once: what an answer leaves open stays open, and
asking again is another operation. Must not live here: whether the answers fit together (`sim.quorum.linearizable`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cordwood.sim.clients.connection import BrokerConnection, Unanswered
from cordwood.sim.quorum.history import History, Kind, Operation, Told
from cordwood.sim.quorum.linearizable import PLAIN
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from cordwood.wire.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from cordwood.wire.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)

if TYPE_CHECKING:
    from cordwood.sim.loop import SimLoop

CREATE_VERSION: Final = 4
DELETE_VERSION: Final = 5
ALTER_VERSION: Final = 0
DESCRIBE_VERSION: Final = 1

TIMEOUT_MS: Final = 2_000
THINK_MS: Final = 250
TOPIC_RESOURCE: Final = 2
OF_THE_TOPIC: Final = 1
"""The source of a setting that the topic itself has."""
SETTING: Final = "retention.ms"
"""It takes any number, and nothing follows from it in a short run."""

KINDS: Final = (Kind.CREATE, Kind.CREATE, Kind.DELETE, Kind.SET, Kind.SET, Kind.CHECK)

_REFUSALS: Final = {ErrorCode.TOPIC_ALREADY_EXISTS, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}


class Admin:
    """Works until it is told to finish."""

    def __init__(
        self,
        number: int,
        connections: Sequence[BrokerConnection],
        topics: Sequence[str],
        history: History,
        loop: SimLoop,
        think_ms: int = THINK_MS,
    ) -> None:
        """`connections` are all of one process."""
        self._number = number
        self.connections = connections
        """One to each broker."""
        self.process = connections[0].process
        self._topics = topics
        self._history = history
        self._loop = loop
        self._think_ms = think_ms
        self._dice = connections[0].dice
        self._count = 0
        self.unexpected: list[str] = []
        """Answers that a client can make nothing of."""
        self.finishing = False

    async def run(self) -> None:
        """Returns soon after `finishing` was set."""
        while not self.finishing:
            kind = KINDS[self._dice.below(len(KINDS))]
            await self.ask(kind, self._topics[self._dice.below(len(self._topics))])
            await asyncio.sleep(self._dice.below(self._think_ms) / 1000)
        self.close()

    def close(self) -> None:
        """Gives all connections up."""
        for connection in self.connections:
            connection.abort()

    async def ask(self, kind: Kind, topic: str) -> Operation:
        """One operation, through any broker."""
        connection = self.connections[self._dice.below(len(self.connections))]
        self._count += 1
        value = str(1_000_000 * self._number + self._count) if kind is Kind.SET else None
        operation = self._history.ask(Operation(connection.name, kind, topic, value, self._loop.now_us))
        try:
            code = ErrorCode(await self._request(connection, kind, topic, value or ""))
        except Unanswered:
            return operation
        if code is ErrorCode.NONE:
            operation.told = Told.DONE
        elif code in _REFUSALS:
            operation.told = Told.REFUSED
        else:
            if not code.retriable:
                self.unexpected.append(f"{operation} was answered {code.name}")
            return operation
        operation.answered_us = self._loop.now_us
        return operation

    async def _request(self, connection: BrokerConnection, kind: Kind, topic: str, value: str) -> int:
        """The error code of the answer. Raises Unanswered."""
        match kind:
            case Kind.DELETE:
                delete = DeleteTopicsRequest(topic_names=[topic], timeout_ms=TIMEOUT_MS)
                deleted = await connection.ask(delete, DELETE_VERSION, DeleteTopicsResponse)
                return deleted.responses[0].error_code
            case Kind.SET:
                change = AlterConfigsResource(TOPIC_RESOURCE, topic, [AlterableConfig(SETTING, 0, value)])
                alter = IncrementalAlterConfigsRequest([change])
                altered = await connection.ask(alter, ALTER_VERSION, IncrementalAlterConfigsResponse)
                return altered.responses[0].error_code
            case _:
                create = CreateTopicsRequest([CreatableTopic(topic, 1, 1)], TIMEOUT_MS, kind is Kind.CHECK)
                created = await connection.ask(create, CREATE_VERSION, CreateTopicsResponse)
                return created.topics[0].error_code

    async def look(self, topic: str, connection: BrokerConnection) -> Operation:
        """Whether a topic is there for one broker, and its value. Raises Unanswered."""
        operation = self._history.ask(Operation(connection.name, Kind.LOOK, topic, None, self._loop.now_us))
        wanted = DescribeConfigsResource(TOPIC_RESOURCE, topic, [SETTING])
        response = await connection.ask(DescribeConfigsRequest([wanted]), DESCRIBE_VERSION, DescribeConfigsResponse)
        result = response.results[0]
        if result.error_code not in {ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}:
            raise Unanswered(ErrorCode(result.error_code).name)
        for config in result.configs:
            operation.value = config.value if config.config_source == OF_THE_TOPIC else PLAIN
        operation.told, operation.answered_us = Told.DONE, self._loop.now_us
        return operation
