"""What Kafka's brokers were told before Kafka 4, and configurations still say.

Lives here: rows. Must not live here: a row that Cordwood acts on.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import Kind

DROPPED: Final = family(
    "Dropped by Kafka",
    "Kafka 4 has dropped it",
    row("broker.id.generation.enable", Kind.BOOLEAN, None, "whether ZooKeeper gave brokers their numbers"),
    row("inter.broker.protocol.version", Kind.STRING, None, "the version of the protocol between brokers"),
    row("log.message.format.version", Kind.STRING, None, "the version of the format of batches"),
    row("reserved.broker.max.id", Kind.INT, None, "the highest number that people gave to brokers themselves"),
    row("zookeeper.connect", Kind.STRING, None, "where ZooKeeper was"),
)
