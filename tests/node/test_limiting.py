"""A node's quotas follow the metadata and the settings that may change while it runs."""

from __future__ import annotations

import asyncio

from cordwood.metadata import EMPTY, EntityPart, Resource, replay_all
from cordwood.metadata.records import ConfigRecord, QuotaRecord
from cordwood.model.settings.setting import INT_MAX
from cordwood.node.configuration import load
from cordwood.node.limiting import Limiting


def test_quotas_and_rates_are_followed():
    async def story() -> None:
        limiting = Limiting(load().quotas)
        image = replay_all(
            EMPTY,
            [
                QuotaRecord((EntityPart("user", None),), "consumer_byte_rate", 5.0),
                QuotaRecord((EntityPart("ip", "10.0.0.1"),), "connection_creation_rate", 1.0),
                ConfigRecord(4, "", "max.connection.creation.rate", "7"),
            ],
        )
        limiting.follow(image, image.broker_layers(1, {"max.connection.creation.rate": "100"}))
        assert limiting.quotas.fetch.active
        assert limiting.connections.broker_rate == 7
        assert [limiting.connections.admit("10.0.0.1", 0.0).let_in for _ in range(2)] == [True, False]
        limiting.follow(EMPTY, EMPTY.broker_layers(1, {}))
        assert not limiting.quotas.active
        assert limiting.connections.broker_rate == INT_MAX
        assert limiting.connections.admit("10.0.0.1", 0.0).let_in
        assert image.config_of(Resource(4, "")), "the image of before is as it was"
        limiting.close()

    asyncio.run(story())


def test_what_was_held_back_is_counted_by_quota():
    limiting = Limiting(load().quotas)
    limiting.connections.counts.note(2.0)
    assert {name: counts.throttled for name, counts in limiting.counts().items()} == {
        "Produce": 0,
        "Fetch": 0,
        "Request": 0,
        "ControllerMutation": 0,
        "Connection": 1,
    }
