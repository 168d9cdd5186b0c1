"""Journals as an earlier release wrote them.

Lives here: writing one, decision by decision. Must not live here: tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cordwood.env.disk import Disk
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.metadata import EMPTY, Image, encode, replay_all
from cordwood.metadata.records import (
    ClusterRecord,
    ConfigRecord,
    PartitionRecord,
    ProducerIdsRecord,
    Record,
    TopicRecord,
)
from cordwood.records import record as batches
from cordwood.sim.flusher import SimFlusher
from tests.metadata.cluster_of import id_of

DECISIONS: Final[tuple[tuple[Record, ...], ...]] = (
    (ClusterRecord("an older cluster"),),
    (TopicRecord("orders", id_of(1)), PartitionRecord(id_of(1), 0, (1,)), PartitionRecord(id_of(1), 1, (1,))),
    (ConfigRecord(2, "orders", "retention.ms", "5"), ProducerIdsRecord(1, 1000)),
)

IMAGE: Final[Image] = replay_all(EMPTY, [record for decision in DECISIONS for record in decision])
"""What they lead to."""


def write_journal(disk: Disk, path: str, decisions: Sequence[Sequence[Record]] = DECISIONS) -> None:
    """One batch for each decision, as `flush.policy=commit` leaves them."""
    flusher = SimFlusher()
    log = Log.open(path, LogConfig(flush_policy="os"), disk=disk, clock=flusher.clock, flusher=flusher)
    for decision in decisions:
        log.append_records([batches.Record(0, 1_700_000_000_000, None, encode(record)) for record in decision])
    log.sync()
    log.close()
