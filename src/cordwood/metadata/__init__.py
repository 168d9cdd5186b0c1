"""The cluster's metadata: its state, the records that change it, and the decisions that make records.

A core in three parts. A decide function (by noun: `topics`, `configs`, `quotas`, `producers`, `brokers`, `cluster`, `quorum`)
takes an image and a wish and returns records and a reply. `replay` takes an image and a record and returns the next
image. `records` gives records their bytes. Must not live here: files, waiting, chance, clocks; the shell is `controller`.
"""

from __future__ import annotations

from cordwood.metadata import brokers, cluster, configs, producers, quorum, quotas, topics
from cordwood.metadata.delta import Delta, Held, delta
from cordwood.metadata.image import (
    ALL_BROKERS,
    EMPTY,
    INTERNAL_TOPICS,
    METADATA_TOPIC,
    Broker,
    Endpoint,
    EntityPart,
    Image,
    Partition,
    QuorumNode,
    QuotaEntity,
    Resource,
    ResourceKind,
    Topic,
)
from cordwood.metadata.names import check_name
from cordwood.metadata.records import Record, decode, encode
from cordwood.metadata.replay import replay, replay_all
from cordwood.metadata.result import Result

__all__ = [
    "ALL_BROKERS",
    "EMPTY",
    "INTERNAL_TOPICS",
    "METADATA_TOPIC",
    "Broker",
    "Delta",
    "Endpoint",
    "EntityPart",
    "Held",
    "Image",
    "Partition",
    "QuorumNode",
    "QuotaEntity",
    "Record",
    "Resource",
    "ResourceKind",
    "Result",
    "Topic",
    "brokers",
    "check_name",
    "cluster",
    "configs",
    "decode",
    "delta",
    "encode",
    "producers",
    "quorum",
    "quotas",
    "replay",
    "replay_all",
    "topics",
]
