"""Disks that fill up, fail and vanish under a running broker: what its users see, and that nothing acknowledged is lost.

docs/FAILURE_MODES.md names these tests.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk, LocalFile, storage_error
from cordwood.replica.partition import Partition
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_log_dirs import DescribeLogDirsRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import fetch, produce, values_of
from tests.broker.handlers.test_offsets import delete
from tests.cli.broker_process import BrokerProcess
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic

FREE = ("--listen", "127.0.0.1:0")
SIZE_BYTES = 8 << 20
RESERVE_BYTES = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    where = tmp_path / "small"
    where.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(where)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts no tmpfs: {mounted.stderr.decode().strip()}")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def fill(client: RawClient, topic: str, *, partition: int = 0) -> tuple[list[bytes], int]:
    """Produces until it is refused: what was acknowledged, and the code of the refusal."""
    acknowledged: list[bytes] = []
    while True:
        value = b"%06d" % len(acknowledged) * 15_000
        answer = produce(client, topic, [value], partition=partition)
        if answer.error_code:
            return acknowledged, answer.error_code
        assert answer.base_offset == len(acknowledged)
        acknowledged.append(value)


def read_all(client: RawClient, topic: str, count: int, start: int = 0) -> list[bytes | None]:
    values: list[bytes | None] = []
    while len(values) < count:
        values += values_of(fetch(client, topic, start + len(values)).records)
    return values


def until_taken(client: RawClient, topic: str, value: bytes) -> None:
    """Removed files are freed in the background: a client tries again, as it does on a retriable error."""
    deadline = SystemClock().monotonic() + 10
    while (code := produce(client, topic, [value]).error_code) != 0:
        assert code == ErrorCode.KAFKA_STORAGE_ERROR
        assert SystemClock().monotonic() < deadline, "the room never came back"


def test_disk_full(small_disk: Path) -> None:
    settings = [f"disk.reserve.bytes={RESERVE_BYTES}", "log.segment.bytes=1048576", "log.segment.delete.delay.ms=0"]
    arguments = [*FREE, *(part for setting in settings for part in ("--set", setting))]
    with BrokerProcess(small_disk / "data", *arguments) as broker, RawClient(broker.port()) as client:
        make_topic(client, "t")
        acknowledged, code = fill(client, "t")
        assert code == ErrorCode.KAFKA_STORAGE_ERROR
        assert len(acknowledged) * 90_000 > SIZE_BYTES // 2
        assert read_all(client, "t", len(acknowledged)) == acknowledged, "reads go on"
        make_topic(client, "made-on-the-reserve")
        kept = len(acknowledged) // 2
        assert delete(client, "t", kept).error_code == 0
        until_taken(client, "t", b"again")
        broker.signal(signal.SIGKILL)
        broker.wait()
    with BrokerProcess(small_disk / "data", *arguments) as broker, RawClient(broker.port()) as client:
        expected = [*acknowledged[kept:], b"again"]
        assert read_all(client, "t", len(expected), kept) == expected


def test_disk_full_without_a_reserve(small_disk: Path) -> None:
    """The file system itself says no in the middle of a write: nothing of it is kept, and nothing before is lost."""
    arguments = (*FREE, "--set", "disk.reserve.bytes=0", "--set", "flush.policy=os")
    with BrokerProcess(small_disk / "data", *arguments) as broker, RawClient(broker.port()) as client:
        make_topic(client, "t")
        acknowledged, code = fill(client, "t")
        assert code == ErrorCode.KAFKA_STORAGE_ERROR
        broker.signal(signal.SIGKILL)
        broker.wait()
    with BrokerProcess(small_disk / "data", *arguments) as broker, RawClient(broker.port()) as client:
        assert read_all(client, "t", len(acknowledged)) == acknowledged


# Failures of one directory of two. They are injected at the border to the operating system.


class Pair:
    """A broker with two data directories and a topic with a partition in each."""

    def __init__(self, server: Server, client: RawClient) -> None:
        self.server = server
        self.client = client
        self.topic = new_topic(client, partitions=2)
        where = {self.held(index).directory.path: index for index in (0, 1)}
        assert len(where) == 2, "the partitions lie in different directories"
        self.first, self.second = (where[directory.path] for directory in server.node.partitions.directories())

    def held(self, index: int) -> Partition:
        partition = self.server.node.partitions.get((self.topic, index))
        assert partition is not None
        return partition

    def leaders(self) -> dict[int, tuple[int, list[int]]]:
        """Leader and offline replicas by partition, as clients are told."""
        found = self.client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=self.topic)]), 9).topics[0]
        return {p.partition_index: (p.leader_id, p.offline_replicas) for p in found.partitions}

    def expect_offline(self, index: int) -> None:
        """The partition is offline, the other one is not, and the tools say so."""
        assert produce(self.client, self.topic, [b"x"], partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert fetch(self.client, self.topic, 0, partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert self.leaders()[index] == (-1, [1])
        assert self.leaders()[1 - index] == (1, [])
        assert produce(self.client, self.topic, [b"alive"], partition=1 - index).error_code == 0
        results = self.client.ask(DescribeLogDirsRequest(topics=None), 4).results
        failed = {result.log_dir for result in results if result.error_code == ErrorCode.KAFKA_STORAGE_ERROR}
        assert failed == {self.held(index).directory.path}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    directories = f"{tmp_path}/one,{tmp_path}/two"
    with Server(data=directories, settings={"flush.policy": "commit"}) as server, RawClient(server.port) as client:
        yield Pair(server, client)


def failing(monkeypatch: pytest.MonkeyPatch, operation: str, directory: str, number: int) -> list[str]:
    """From now on the operation fails on all stores below the directory; the list grows with every failure."""
    original = getattr(LocalFile, operation)
    failed: list[str] = []

    def fails(file: LocalFile, *arguments: Any) -> Any:
        if file.path.startswith(directory) and file.path.endswith(".log"):
            failed.append(file.path)
            raise storage_error(file.path, operation, OSError(number, os.strerror(number)))
        return original(file, *arguments)

    monkeypatch.setattr(LocalFile, operation, fails)
    return failed


@pytest.mark.parametrize(
    ("operation", "number"), [("write", errno.EIO), ("write", errno.EROFS), ("datasync", errno.EIO)]
)
def test_a_directory_that_fails_takes_its_partitions_offline(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, operation: str, number: int
) -> None:
    for index in (0, 1):
        assert produce(pair.client, pair.topic, [b"before"], partition=index).error_code == 0
    failed = failing(monkeypatch, operation, pair.held(pair.second).directory.path, number)
    answer = produce(pair.client, pair.topic, [b"lost"], partition=pair.second)
    assert answer.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    monkeypatch.undo()
    pair.expect_offline(pair.second)
    assert len(failed) == 1, "what failed is never tried again"
    assert pair.server.node.failure is None


def test_nothing_new_goes_into_a_failed_directory(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = pair.held(pair.first).directory
    failing(monkeypatch, "write", pair.held(pair.second).directory.path, errno.EIO)
    produce(pair.client, pair.topic, [b"lost"], partition=pair.second)
    name = new_topic(pair.client, partitions=4)
    for index in range(4):
        partition = pair.server.node.partitions.get((name, index))
        assert partition is not None
        assert partition.directory is sound


def test_a_directory_that_vanished(pair: Pair) -> None:
    produce(pair.client, pair.topic, [b"before"], partition=pair.second)
    directory = pair.held(pair.second).directory
    os.rename(directory.path, f"{directory.path}-elsewhere")
    deadline = SystemClock().monotonic() + 10
    while pair.leaders()[pair.second] != (-1, [1]):
        assert SystemClock().monotonic() < deadline, "nobody noticed"
    pair.expect_offline(pair.second)
    os.rename(f"{directory.path}-elsewhere", directory.path)


def test_the_first_directory_has_the_metadata_and_ends_the_broker(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "datasync", pair.held(pair.first).directory.path, errno.EIO)
    produce(pair.client, pair.topic, [b"x"], partition=pair.first)
    assert pair.server.node.failure is not None


def test_out_of_file_descriptors_is_told_and_passes(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = new_topic(pair.client, segment_bytes="100")
    assert produce(pair.client, topic, [b"x" * 80]).error_code == 0
    original = LocalDisk.open

    def refused(disk: LocalDisk, path: str, *, create: bool = False) -> Any:
        if path.endswith(".log"):
            raise storage_error(path, "open", OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
        return original(disk, path, create=create)

    monkeypatch.setattr(LocalDisk, "open", refused)
    assert produce(pair.client, topic, [b"x" * 80]).error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert values_of(fetch(pair.client, topic, 0).records) == [b"x" * 80]
    monkeypatch.undo()
    assert produce(pair.client, topic, [b"x" * 80]).base_offset == 1


def test_a_directory_that_is_missing_at_the_start_keeps_its_partitions_offline(tmp_path: Path) -> None:
    directories = f"{tmp_path}/one,{tmp_path}/two"
    with Server(data=directories) as server, RawClient(server.port) as client:
        topic = new_topic(client, partitions=2)
        for index in (0, 1):
            produce(client, topic, [b"kept"], partition=index)
        partition = server.node.partitions.get((topic, 1))
        assert partition is not None
        lost = 1 if partition.directory.path.endswith("two") else 0
    shutil.move(tmp_path / "two", tmp_path / "elsewhere")
    (tmp_path / "two").write_text("a file where the directory was")
    with Server(data=directories) as server, RawClient(server.port) as client:
        assert fetch(client, topic, 0, partition=lost).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert produce(client, topic, [b"x"], partition=lost).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert values_of(fetch(client, topic, 0, partition=1 - lost).records) == [b"kept"]
    (tmp_path / "two").unlink()
    shutil.move(tmp_path / "elsewhere", tmp_path / "two")
    with Server(data=directories) as server, RawClient(server.port) as client:
        for index in (0, 1):
            assert values_of(fetch(client, topic, 0, partition=index).records) == [b"kept"]
