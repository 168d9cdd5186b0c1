"""What can be told of the transactions of a broker at one time.

Lives here: the snapshot as a value, and taking it. Must not live here: names of metrics (console).

Ids may be many: they are looked at piece by piece, and the event loop serves others in between.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from cordwood.coordinator.report import ShardHealth, health_of
from cordwood.coordinator.shard_runner import ShardRunner
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.env.clock import Clock
from cordwood.txns.records import TransactionStored
from cordwood.txns.shard import Shard
from cordwood.txns.transitions import State

LOOKED_AT_ONCE: Final = 2_000
"""So many ids take about a millisecond."""


class TransactionReport(NamedTuple):
    """Transactional ids by the name of their state, counts since the start, markers that are owed, and the shards."""

    states: Counter[str]
    oldest_open_ms: int
    """How long ago the oldest transaction began that is neither committed nor aborted; 0 if there is none."""
    counts: TransactionCounts
    ending: int
    """Transactions whose end is decided, and whose markers are not all durable."""
    waiting_markers: int
    """Markers that could not be written yet."""
    health: ShardHealth


async def report_of(
    shards: Sequence[ShardRunner[Shard]], counts: TransactionCounts, clock: Clock, *, ending: int, waiting_markers: int
) -> TransactionReport:
    """The report over the shards that are loaded."""
    states: Counter[str] = Counter()
    now: int = clock.now_ms()
    began = now
    for runner in shards:
        transactions = list(runner.shard.transactions.values()) if runner.is_active else []
        for start in range(0, len(transactions), LOOKED_AT_ONCE):
            piece = transactions[start : start + LOOKED_AT_ONCE]
            states.update(transaction.state.value for transaction in piece)
            began = min(began, _first_began(piece, now))
            await asyncio.sleep(0)
    return TransactionReport(states, now - began, counts, ending, waiting_markers, health_of(shards))


def _first_began(transactions: Sequence[TransactionStored], now_ms: int) -> int:
    open_since = (one.started_ms for one in transactions if one.state is State.ONGOING)
    return min(open_since, default=now_ms)
