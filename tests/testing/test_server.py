"""The in-process broker: synchronous, asynchronous, in memory and on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cordwood.model.errors import DirectoryLocked
from cordwood.node.configuration import ConfigurationError
from cordwood.testing import Server
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.handlers.messages import fetch, produce, values_of
from tests.raw_client import RawClient


def make_topic(client: RawClient, name: str) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=True)
    assert client.ask(request, 9).topics[0].error_code == 0


def test_two_servers_do_not_know_each_other() -> None:
    with Server() as one, Server() as two:
        assert one.port != two.port
        with RawClient(one.port) as client:
            make_topic(client, "mine")
        with RawClient(two.port) as client:
            assert client.ask(MetadataRequest(topics=None), 9).topics == []


def test_data_on_disk_is_there_again(tmp_path: Path) -> None:
    for round_number in range(3):
        with Server(data=str(tmp_path)) as server, RawClient(server.port) as client:
            if not round_number:
                make_topic(client, "kept")
            assert produce(client, "kept", [b"%d" % round_number]).base_offset == round_number
            records = b"".join(bytes(fetch(client, "kept", n).records) for n in range(1))
            assert values_of(records) == [b"%d" % n for n in range(round_number + 1)]


def test_data_in_memory_lives_as_long_as_the_server_object() -> None:
    server = Server()
    with server, RawClient(server.port) as client:
        make_topic(client, "t")
        produce(client, "t", [b"x"])
    with server, RawClient(server.port) as client:
        assert values_of(fetch(client, "t", 0).records) == [b"x"]


@pytest.mark.asyncio
async def test_in_the_running_loop() -> None:
    async with Server() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x05\xff\xff")
        async with asyncio.timeout(10):
            size = int.from_bytes(await reader.readexactly(4), "big")
            answer = await reader.readexactly(size)
        assert answer[:6] == b"\x00\x00\x00\x05\x00\x00"
        writer.close()


def test_settings_are_checked_when_the_server_is_made() -> None:
    with pytest.raises(ConfigurationError, match=r"num\.partitions"):
        Server(settings={"num.partitions": "many"})


def test_settings_act() -> None:
    with Server(settings={"num.partitions": "3"}) as server, RawClient(server.port) as client:
        request = MetadataRequest(topics=[MetadataRequestTopic(name="t")], allow_auto_topic_creation=True)
        assert len(client.ask(request, 9).topics[0].partitions) == 3


def test_a_directory_has_one_owner(tmp_path: Path) -> None:
    with Server(data=str(tmp_path)):
        with pytest.raises(DirectoryLocked):
            Server(data=str(tmp_path)).__enter__()


def test_outside_its_context_there_is_no_server() -> None:
    with pytest.raises(RuntimeError, match="context manager"):
        _ = Server().port
