"""The partitions follow the metadata, also across restarts and topics that come again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordwood.model.errors import CorruptLog, InvalidTopicName, UnknownTopic
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from tests.broker.handlers.messages import fetch, produce, values_of
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic


def test_files_come_and_go_with_their_topic(tmp_path: Path) -> None:
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        make_topic(client, "t")
        assert not (tmp_path / "t-0").exists(), "nobody has touched it"
        produce(client, "t", [b"x"])
        assert (tmp_path / "t-0").is_dir()
        client.ask(DeleteTopicsRequest(topic_names=["t"]), 5)
        assert not (tmp_path / "t-0").exists()
        assert server.node.partitions.get(("t", 0)) is None


def test_why_a_partition_is_missing() -> None:
    with Server() as server:
        assert isinstance(server.node.partitions.why_missing("t", 0), UnknownTopic)
        with pytest.raises(InvalidTopicName):
            server.node.partitions.why_missing("bad/name", 0)


def test_a_damaged_log_costs_its_own_partition_only(tmp_path: Path) -> None:
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        for name in ("good", "bad"):
            make_topic(client, name)
            for number in range(3):
                produce(client, name, [b"%d" % number])
    (tmp_path / ".cordwood_clean").unlink()
    (tmp_path / "bad-0" / "partition.meta").unlink()
    store = tmp_path / "bad-0" / f"{0:020}.log"
    data = bytearray(store.read_bytes())
    data[65] ^= 0xFF
    store.write_bytes(data)
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        assert isinstance(server.node.partitions.why_missing("bad", 0), CorruptLog)
        assert fetch(client, "bad", 0).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert produce(client, "bad", [b"x"]).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert values_of(fetch(client, "good", 0).records) == [b"0", b"1", b"2"]
        assert produce(client, "good", [b"3"]).base_offset == 3
    assert store.read_bytes() == bytes(data), "nothing was cut"


def test_records_of_a_topic_that_is_no_more_never_come_back(tmp_path: Path) -> None:
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        make_topic(client, "t")
        produce(client, "t", [b"old"])
    # As if the process had died between the deletion's record and the removal of the files.
    kept = {path: path.read_bytes() for path in (tmp_path / "t-0").iterdir()}
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        client.ask(DeleteTopicsRequest(topic_names=["t"]), 5)
    (tmp_path / "t-0").mkdir()
    for path, data in kept.items():
        path.write_bytes(data)
    with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
        assert fetch(client, "t", 0).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        make_topic(client, "t")
        assert fetch(client, "t", 0).high_watermark == 0
        produce(client, "t", [b"new"])
        assert values_of(fetch(client, "t", 0).records) == [b"new"]
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("-stray")], "the old files are kept aside"


def test_an_unclean_start_begins_a_new_leader_epoch(tmp_path: Path) -> None:
    epochs = []
    for clean in (True, True, False):
        with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
            make_topic(client, "t")
            partition = server.node.partitions.get(("t", 0))
            assert partition is not None
            epochs.append(partition.leader_epoch)
        if clean and len(epochs) == 2:
            (tmp_path / ".cordwood_clean").unlink()
    assert epochs[1] == epochs[0]
    assert epochs[2] == epochs[1] + 1


def test_sizes_by_directory() -> None:
    with Server() as server, RawClient(server.port) as client:
        make_topic(client, "t")
        (directory,) = server.node.partitions.directories()
        assert [str(held.name) for held in server.node.partitions.in_directory(directory)] == ["t-0"]
        total, free = directory.space_bytes()
        assert total >= free > 0
