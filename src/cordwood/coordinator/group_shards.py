"""Shards of groups: partitions of `__consumer_offsets`.

Lives here: what is particular to them. Must not live here: decisions (groups), bytes (`stored`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.settings import CoordinatorSettings
from cordwood.coordinator.shard_kind import NOBODY, Producer, Running
from cordwood.coordinator.stored.codec import decode, encode
from cordwood.coordinator.topics import ClusterTopics
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.groups.offsets.records import OffsetCommitted
from cordwood.groups.shard import Shard
from cordwood.groups.turn import Turn
from cordwood.model.decision import Record, Ticket


class GroupShards:
    """The kind, as the runner asks for it."""

    def __init__(self, settings: CoordinatorSettings, clock: Clock, dice: Dice, topics: ClusterTopics) -> None:
        self.codec = settings.codec
        self.load_buffer_bytes = settings.load_buffer_bytes
        self.counts = GroupCounts()
        self.topics = topics
        self.settings = settings.groups
        """What decisions go by from now on."""
        self._clock = clock
        self._dice = dice

    def new_shard(self) -> Shard:
        """A shard without groups."""
        return Shard()

    def new_turn(self, ticket: Ticket) -> Turn:
        """The surroundings of one decision."""
        return Turn(self._clock.now_ms(), ticket, self.settings, self.topics, self.new_id)

    def new_id(self) -> str:
        """A random UUID as Kafka writes it: 22 characters of URL-safe Base64."""
        return urlsafe_b64encode(self._dice.token(16))[:22].decode("ascii")

    def name_of(self, question: Any) -> str:  # noqa: ANN401 - any command or query of groups.
        """The group."""
        return getattr(question, "group", "")

    def encode(self, record: Record) -> tuple[bytes, bytes | None]:
        """Key and value of a stored record."""
        return encode(record)

    def decode(self, key: bytes, value: bytes | None, producer: Producer) -> Record | None:
        """The record again; an offset that was committed in a transaction knows whose. Raises ProtocolError."""
        record = decode(key, value)
        if producer is not NOBODY and isinstance(record, OffsetCommitted):
            return msgspec.structs.replace(record, producer_id=producer.id, producer_epoch=producer.epoch)
        return record

    def producer_of(self, record: Record) -> Producer:
        """Whose transaction the offset was committed in; other records are part of none."""
        return Producer(record.producer_id, record.producer_epoch) if type(record) is OffsetCommitted else NOBODY

    def spare_bytes(self, record: Record) -> int:
        """None: a group's records grow because somebody asks for it, who can be refused."""
        return 0

    def complete(self, shard: Shard, producer_id: int, *, committed: bool) -> None:
        """Offsets that were pending count, or are forgotten."""
        shard.complete_transaction(producer_id, committed=committed)

    def took_effect(self, runner: Running[Shard], records: Sequence[Record]) -> None:
        """Counts them."""
        note = self.counts.note
        for record in records:
            note(record)

    def began(self, runner: Running[Shard]) -> None:
        """Nothing is left to do for groups."""
