"""A real broker on a device that fails: EIO on read, write and fsync of one data directory of two.

The device is a library below the process (failing_device.c), so nothing of Cordwood is replaced; it needs a C compiler
and no rights. docs/FAILURE_MODES.md names these tests.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from cordwood.env.clock import SystemClock
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_log_dirs import DescribeLogDirsRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import fetch, produce, values_of
from tests.cli.broker_process import BrokerProcess
from tests.raw_client import RawClient

SOURCE = Path(__file__).with_name("failing_device.c")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The device, compiled."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    target = tmp_path_factory.mktemp("device") / "failing_device.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(target), str(SOURCE), "-ldl"]
    built = subprocess.run(command, capture_output=True, check=False, text=True)
    if built.returncode:
        pytest.skip(f"this machine does not build it: {built.stderr.strip()[:200]}")
    return target


class Device:
    """The second data directory's device, and the broker above."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.directory = folder / "two"
        self.trigger = folder / "trigger"
        self.record = folder / "record"
        self.data = Path(f"{folder}/one,{self.directory}")
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAILING_DIRECTORY": str(self.directory),
            "FAILING_TRIGGER": str(self.trigger),
            "FAILING_RECORD": str(self.record),
        }

    def broker(self) -> BrokerProcess:
        """A broker on both directories."""
        arguments = ("--listen", "127.0.0.1:0", "--set", "flush.policy=commit")
        return BrokerProcess(self.data, *arguments, environment=self.environment)

    def fails(self, kind: str) -> None:
        """From now on: read, write or sync."""
        self.trigger.write_text(kind)

    def is_sound_again(self) -> None:
        """No call fails from now on."""
        self.trigger.unlink()

    @property
    def failed_calls(self) -> list[str]:
        """The calls that failed so far."""
        return self.record.read_text().split() if self.record.exists() else []


@pytest.fixture
def device(tmp_path: Path, library: Path) -> Device:
    return Device(tmp_path, library)


def partition_on(client: RawClient, topic: str, directory: Path) -> int:
    """The partition of a topic of two that lies in the directory."""
    results = client.ask(DescribeLogDirsRequest(topics=None), 4).results
    found = {
        partition.partition_index: result.log_dir
        for result in results
        for described in result.topics
        if described.name == topic
        for partition in described.partitions
    }
    assert len(set(found.values())) == 2, found
    return {where: int(index) for index, where in found.items()}[str(directory)]


def leader_of(client: RawClient, topic: str, index: int) -> int:
    """As clients are told, -1 if there is none."""
    found = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 9).topics[0]
    return {p.partition_index: int(p.leader_id) for p in found.partitions}[index]


def expect_offline(client: RawClient, topic: str, index: int, directory: Path) -> None:
    """One partition is offline, the other is not, and the tools say which directory failed."""
    assert produce(client, topic, [b"x"], partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert fetch(client, topic, 0, partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert leader_of(client, topic, index) == -1
    results = client.ask(DescribeLogDirsRequest(topics=None), 4).results
    assert {r.log_dir for r in results if r.error_code} == {str(directory)}
    assert produce(client, topic, [b"alive"], partition=1 - index).error_code == 0
    assert leader_of(client, topic, 1 - index) == 1


@pytest.mark.parametrize(("kind", "call"), [("write", "pwrite"), ("sync", "fdatasync")])
def test_a_broker_on_a_device_that_fails(device: Device, kind: str, call: str) -> None:
    with device.broker() as broker, RawClient(broker.port()) as client:
        topic = new_topic(client, partitions=2)
        index = partition_on(client, topic, device.directory)
        for partition in (0, 1):
            assert produce(client, topic, [b"acknowledged"], partition=partition).error_code == 0
        device.fails(kind)
        assert produce(client, topic, [b"refused"], partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        device.is_sound_again()
        for _ in range(3):
            expect_offline(client, topic, index, device.directory)
        broker.signal(signal.SIGTERM)
        broker.wait()
    assert [name.removesuffix("64") for name in device.failed_calls] == [call], "what failed was tried again"
    with device.broker() as broker, RawClient(broker.port()) as client:
        found = values_of(fetch(client, topic, 0, partition=index).records)
        assert found in ([b"acknowledged"], [b"acknowledged", b"refused"]), "nothing acknowledged is lost"
        assert produce(client, topic, [b"after"], partition=index).base_offset == len(found)
        assert values_of(fetch(client, topic, 0, partition=1 - index).records) == [b"acknowledged"] + [b"alive"] * 3
        assert leader_of(client, topic, index) == 1


def test_a_device_whose_syncs_fail_is_synced_once(device: Device) -> None:
    """Not even while the device goes on failing, others are written to, and the broker stops."""
    with device.broker() as broker, RawClient(broker.port()) as client:
        topic = new_topic(client, partitions=2)
        index = partition_on(client, topic, device.directory)
        device.fails("sync")
        for _ in range(3):
            assert produce(client, topic, [b"x"], partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
            assert produce(client, topic, [b"x"], partition=1 - index).error_code == 0
        broker.signal(signal.SIGTERM)
        broker.wait()
    assert device.failed_calls == ["fdatasync"]


def test_a_broker_on_a_device_that_fails_to_read(device: Device) -> None:
    with device.broker() as broker, RawClient(broker.port()) as client:
        topic = new_topic(client, partitions=2)
        index = partition_on(client, topic, device.directory)
        for partition in (0, 1):
            assert produce(client, topic, [b"acknowledged"], partition=partition).error_code == 0
        device.fails("read")
        assert fetch(client, topic, 0, partition=index).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert "pread" in {name.removesuffix("64") for name in device.failed_calls}
        assert values_of(fetch(client, topic, 0, partition=1 - index).records) == [b"acknowledged"]
        device.is_sound_again()
        expect_offline(client, topic, index, device.directory)
        broker.signal(signal.SIGTERM)
        broker.wait()
    with device.broker() as broker, RawClient(broker.port()) as client:
        assert values_of(fetch(client, topic, 0, partition=index).records) == [b"acknowledged"]


def test_a_broker_whose_directory_vanished(device: Device) -> None:
    with device.broker() as broker, RawClient(broker.port()) as client:
        topic = new_topic(client, partitions=2)
        index = partition_on(client, topic, device.directory)
        for partition in (0, 1):
            assert produce(client, topic, [b"acknowledged"], partition=partition).error_code == 0
        elsewhere = device.directory.with_name("elsewhere")
        device.directory.rename(elsewhere)
        deadline = SystemClock().monotonic() + 10
        while leader_of(client, topic, index) != -1:
            assert SystemClock().monotonic() < deadline, "nobody noticed"
        expect_offline(client, topic, index, device.directory)
        broker.signal(signal.SIGTERM)
        broker.wait()
    elsewhere.rename(device.directory)
    with device.broker() as broker, RawClient(broker.port()) as client:
        assert values_of(fetch(client, topic, 0, partition=index).records) == [b"acknowledged"]
