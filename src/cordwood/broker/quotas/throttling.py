"""What requests cost, who is told that it was too much, and whose connection is not read from for a while (KIP-219).

Lives here: when what is measured, on the road of a request. Must not live here: how (`client_quota`), and the pause
itself (`server.connection`).

| quota | measured | when | over it |
|---|---|---|---|
| producer_byte_rate | bytes of the request | as it arrives, before it is carried out | answered with its outcome |
| consumer_byte_rate | bytes of records | as the answer is made (`handlers.fetch`) | answered without records |
| request_percentage | time of the event loop | as the answer is made | answered with its outcome |
| controller_mutation_rate | partitions | by the handler (`mutation_quota`) | refused, or answered with its outcome |

Answers leave at once, with the time in them, and what follows on the connection waits. What a producer sends is measured
as it arrives because whatever else arrived with it must not be carried out in the meantime.

The percentage is one of the one event loop that serves all clients, where Kafka's is one of a thread: 100 is everything.
Counted is the time for reading a request, for its handler up to its first wait, and for writing the answer. What a handler
does later, and what threads do beside the loop (fsync, compaction), is nobody's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol, cast

from cordwood.model.settings.setting import INT_MAX
from cordwood.wire.apis import ApiKey

if TYPE_CHECKING:
    from cordwood.broker.context import Call
    from cordwood.broker.quotas.client_quota import Share
    from cordwood.broker.quotas.quotas import Quotas
    from cordwood.wire.schema import Message

PERCENT: Final = 100.0


class _Told(Protocol):
    """An answer that can say so."""

    throttle_time_ms: int


EXEMPT: Final = frozenset({ApiKey.WRITE_TXN_MARKERS})
"""What brokers ask each other is not held up for the time that it takes."""


def milliseconds(wait_s: float) -> int:
    """A wait as clients are told it."""
    return min(math.ceil(wait_s * 1000), INT_MAX)


class Throttling:
    """Measures the requests of all clients. To be asked only where quotas are active."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    def received(self, call: Call, key: int, size_bytes: int, now: float) -> None:
        """A request is here, whole."""
        call.busy_since = now
        if key != ApiKey.PRODUCE or not self._quotas.produce.active:
            return
        share = self._quotas.produce.of(call.session.principal.name, call.client_id or "", now)
        if share is not None and (wait_s := share.take(size_bytes, now)):
            call.throttle_ms = milliseconds(wait_s)
            call.session.mute(call.throttle_ms)

    def waits(self, call: Call, now: float) -> None:
        """The event loop does something else until the answer is there."""
        if call.busy_since is not None:
            call.spent_s += now - call.busy_since
            call.busy_since = None

    def goes_on(self, call: Call, now: float) -> None:
        """The event loop is busy with it again."""
        call.busy_since = now

    def answered(self, call: Call, key: int, answer: Message | None, now: float) -> None:
        """The answer is there, if there is to be one, and still to be written: it tells how long the client has to wait."""
        self.waits(call, now)
        share = self._share_of_time(call, key, now)
        if share is not None and (wait_s := share.take(call.spent_s * PERCENT, now)):
            call.hold(milliseconds(min(wait_s, self._quotas.request_wait_limit_s)))
        if call.throttle_ms and answer is not None and "throttle_time_ms" in answer.__struct_fields__:
            told = cast("_Told", answer)
            told.throttle_time_ms = max(told.throttle_time_ms, call.throttle_ms)
        if call.mute_ms:
            call.session.mute(call.mute_ms)
        call.busy_since = now

    def written(self, call: Call, key: int, now: float) -> None:
        """The answer is written. The time that it took counts for the next one."""
        share = self._share_of_time(call, key, now)
        if share is not None and call.busy_since is not None:
            share.add((now - call.busy_since) * PERCENT, now)

    def _share_of_time(self, call: Call, key: int, now: float) -> Share | None:
        if not self._quotas.request.active or key in EXEMPT or call.session.peer_id is not None:
            return None
        return self._quotas.request.of(call.session.principal.name, call.client_id or "", now)
