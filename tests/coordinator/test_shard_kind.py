"""Both kinds of shards answer what a runner asks."""

from __future__ import annotations

import inspect

import pytest

from cordwood.coordinator.group_shards import GroupShards
from cordwood.coordinator.shard_kind import NOBODY, Core, Producer, ShardKind
from cordwood.coordinator.transaction_shards import TransactionShards
from cordwood.groups.shard import Shard as Groups
from cordwood.model.ids import NO_PRODUCER_ID
from cordwood.records.builder import NO_PRODUCER_EPOCH
from cordwood.txns.shard import Shard as Transactions


def asked(port: type) -> list[str]:
    return [name for name, value in vars(port).items() if not name.startswith("_") and inspect.isfunction(value)]


@pytest.mark.parametrize(
    ("port", "answers"),
    [(ShardKind, GroupShards), (ShardKind, TransactionShards), (Core, Groups), (Core, Transactions)],
)
def test_the_words_are_those_of_the_port(port, answers):
    for name in asked(port):
        wanted = inspect.signature(getattr(port, name)).parameters
        assert list(inspect.signature(getattr(answers, name)).parameters) == list(wanted), name


def test_nobody_is_no_producer():
    assert Producer() == NOBODY
    assert NOBODY == (NO_PRODUCER_ID, NO_PRODUCER_EPOCH)
