"""The context shows the metadata as it is at the moment of asking."""

from __future__ import annotations

from cordwood.model.settings import topic_value
from cordwood.testing import Server
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic


def test_the_image_is_the_newest() -> None:
    with Server() as server, RawClient(server.port) as client:
        context = server.node.context
        assert "t" not in context.image.topics
        make_topic(client, "t")
        assert "t" in context.image.topics


def test_layers_are_the_brokers_own_settings() -> None:
    with Server(settings={"message.max.bytes": "5000"}) as server:
        assert topic_value("max.message.bytes", {}, server.node.context.layers) == 5000
