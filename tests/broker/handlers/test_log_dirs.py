"""DescribeLogDirs and AlterReplicaLogDirs, on a broker with two data directories."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordwood.model.errors import StorageFailed
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from cordwood.wire.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import fetch, in_the_broker, produce, values_of
from tests.raw_client import RawClient

DEADLINE_SECONDS = 20.0


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("data")
    return str(root / "one"), str(root / "two")


@pytest.fixture(scope="module")
def server(directories: tuple[str, str]) -> Iterator[Server]:
    with Server(",".join(directories)) as running:
        yield running


def describe(client: RawClient, *asked: tuple[str, list[int]], version: int = 5) -> Any:
    topics = [DescribableLogDirTopic(topic, partitions) for topic, partitions in asked] if asked else None
    return client.ask(DescribeLogDirsRequest(topics=topics), version).results


def places(client: RawClient, topic: str, *partitions: int) -> dict[tuple[int, bool], str]:
    """In which directory each partition is, and each that is to come."""
    return {
        (one.partition_index, one.is_future_key): result.log_dir
        for result in describe(client, (topic, list(partitions)))
        for found in result.topics
        for one in found.partitions
    }


def move(client: RawClient, path: str, topic: str, *partitions: int, version: int = 2) -> list[tuple[int, int]]:
    wish = AlterReplicaLogDir(path, [AlterReplicaLogDirTopic(topic, list(partitions))])
    results = client.ask(AlterReplicaLogDirsRequest([wish]), version).results
    return [(one.partition_index, one.error_code) for found in results for one in found.partitions]


def other(directories: tuple[str, str], path: str) -> str:
    (found,) = (directory for directory in directories if directory != path)
    return found


def arrived(client: RawClient, topic: str, path: str) -> bool:
    """Asks until the partition is in the directory."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while places(client, topic, 0) != {(0, False): path}:
        if time.monotonic() > deadline:
            return False
    return True


@pytest.mark.parametrize("version", range(1, 6))
def test_sizes_of_partitions(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"x" * 1000])
    results = describe(client, version=version)
    sizes = {
        (found.name, one.partition_index): one
        for result in results
        for found in result.topics
        for one in found.partitions
    }
    assert sizes[topic, 0].partition_size > 1000
    assert (sizes[topic, 1].partition_size, sizes[topic, 1].offset_lag, sizes[topic, 1].is_future_key) == (0, 0, False)
    if version >= 4:
        assert all(result.total_bytes >= result.usable_bytes > 0 for result in results)


def test_what_is_asked_for_is_told(client: RawClient, directories: tuple[str, str], topic: str) -> None:
    assert places(client, topic, 1).keys() == {(1, False)}
    assert places(client, topic) == {}, "no partition of it was asked for"
    nothing = client.ask(DescribeLogDirsRequest(topics=[]), 5).results
    assert [(result.log_dir, result.topics) for result in nothing] == [(directory, []) for directory in directories]
    assert places(client, "nowhere", 0) == {}


def test_a_directory_that_failed_is_told_without_its_room(tmp_path: Path) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    with Server(f"{one},{two}") as server, RawClient(server.port) as client:
        name = new_topic(client, partitions=2)
        directory = server.node.partitions.directory_at(two)
        in_the_broker(server, lambda: directory.fail(StorageFailed(two, "write", OSError("it is gone"))))
        sound, failed = describe(client)
        assert (sound.error_code, sound.total_bytes > 0) == (0, True)
        assert (failed.log_dir, failed.error_code, failed.topics) == (two, ErrorCode.KAFKA_STORAGE_ERROR, [])
        assert (failed.total_bytes, failed.usable_bytes) == (-1, -1)
        (lost,) = {0, 1} - {index for index, _ in places(client, name, 0, 1)}
        kept = 1 - lost
        assert move(client, two, name, kept) == [(kept, ErrorCode.KAFKA_STORAGE_ERROR)]
        assert move(client, one, name, lost) == [(lost, ErrorCode.KAFKA_STORAGE_ERROR)]


@pytest.mark.parametrize("version", [1, 2])
def test_a_partition_that_is_there_stays(client: RawClient, topic: str, version: int) -> None:
    path = places(client, topic, 0)[0, False]
    assert move(client, path, topic, 0, version=version) == [(0, 0)]
    assert places(client, topic, 0) == {(0, False): path}


@pytest.mark.parametrize(
    ("path", "name", "partition", "code"),
    [
        ("/no/such/directory", None, 0, ErrorCode.LOG_DIR_NOT_FOUND),
        ("/no/such/directory", "nowhere", 0, ErrorCode.LOG_DIR_NOT_FOUND),
        ("", None, 0, ErrorCode.LOG_DIR_NOT_FOUND),
        ("one", None, 0, ErrorCode.LOG_DIR_NOT_FOUND),
        (None, None, 9, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, None, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, "nowhere", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, "a b", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_what_cannot_be_moved(
    client: RawClient,
    directories: tuple[str, str],
    topic: str,
    path: str | None,
    name: str | None,
    partition: int,
    code: ErrorCode,
) -> None:
    target = directories[0] if path is None else path
    assert move(client, target, topic if name is None else name, partition) == [(partition, code)]


def test_a_partition_goes_with_all_that_is_in_it(client: RawClient, directories: tuple[str, str], topic: str) -> None:
    produce(client, topic, [b"before"])
    there = other(directories, places(client, topic, 0)[0, False])
    assert move(client, there, topic, 0) == [(0, 0)]
    produce(client, topic, [b"meanwhile"])
    assert arrived(client, topic, there)
    produce(client, topic, [b"after"])
    assert values_of(fetch(client, topic, 0).records) == [b"before", b"meanwhile", b"after"]
    assert (Path(there) / f"{topic}-0").is_dir()
    assert not (Path(other(directories, there)) / f"{topic}-0").exists()


def test_a_deleted_topic_goes_nowhere(
    client: RawClient, server: Server, directories: tuple[str, str], topic: str
) -> None:
    produce(client, topic, [b"x"])
    there = other(directories, places(client, topic, 0)[0, False])
    move(client, there, topic, 0)
    assert client.ask(DeleteTopicsRequest(topic_names=[topic]), 5).responses[0].error_code == 0
    assert places(client, topic, 0) == {}
    assert not any((Path(directory) / f"{topic}-0").exists() for directory in directories)


def test_a_partition_is_there_after_a_restart(tmp_path: Path) -> None:
    data = f"{tmp_path}/one,{tmp_path}/two"
    with Server(data) as server, RawClient(server.port) as client:
        name = new_topic(client)
        produce(client, name, [b"x"])
        there = other((f"{tmp_path}/one", f"{tmp_path}/two"), places(client, name, 0)[0, False])
        move(client, there, name, 0)
        assert arrived(client, name, there)
    with Server(data) as server, RawClient(server.port) as client:
        assert places(client, name, 0) == {(0, False): there}
        assert values_of(fetch(client, name, 0).records) == [b"x"]
