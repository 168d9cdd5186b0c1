"""A broker in memory and connections to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cordwood.testing import Server
from cordwood.wire.messages.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from tests.raw_client import RawClient


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(settings={"auto.create.topics.enable": "true"}) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[RawClient]:
    with RawClient(server.port) as connected:
        yield connected


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[[], RawClient]]:
    """Makes further connections."""
    made: list[RawClient] = []

    def new() -> RawClient:
        made.append(RawClient(server.port))
        return made[-1].__enter__()

    yield new
    for one in made:
        one.__exit__(None, None, None)


_numbers = iter(range(1_000_000))


@pytest.fixture
def topic(client: RawClient) -> str:
    """A new topic with two partitions."""
    return new_topic(client, partitions=2)


def new_topic(client: RawClient, partitions: int = 1, **configs: str) -> str:
    name = f"topic-{next(_numbers)}"
    wanted = CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=1,
        configs=[CreatableTopicConfig(name=key.replace("_", "."), value=value) for key, value in configs.items()],
    )
    response = client.ask(CreateTopicsRequest(topics=[wanted]), 7)
    assert response.topics[0].error_code == 0, response.topics[0].error_message
    return name


@pytest.fixture
def group(client: RawClient, request: pytest.FixtureRequest) -> str:
    """The name of a group of the test's own, whose coordinator is there."""
    name = f"group of {request.node.name}"
    found = client.ask(FindCoordinatorRequest(key=name), 3)
    assert found.error_code == 0, found.error_message
    return name
