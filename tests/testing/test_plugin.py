"""The pytest fixture gives each test a broker of its own."""

from __future__ import annotations

from cordwood.testing import Server
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic


def test_the_fixture_is_a_broker(cordwood_broker: Server) -> None:
    with RawClient(cordwood_broker.port) as client:
        make_topic(client, "first")
    assert list(cordwood_broker.node.image.topics) == ["first"]


def test_each_test_has_its_own(cordwood_broker: Server) -> None:
    assert cordwood_broker.node.image.topics == {}
    assert cordwood_broker.bootstrap_servers == f"127.0.0.1:{cordwood_broker.port}"
