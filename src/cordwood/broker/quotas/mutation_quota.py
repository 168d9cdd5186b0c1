"""How many partitions clients may create and delete a second: controller_mutation_rate (KIP-599).

Lives here: what a request may still change, and what it is told if it may not. Must not live here: which requests change
how much; their handlers know.

A client that is not in debt may change as much as it likes in one go, and then waits until the debt is paid. Versions of
requests that know of the quota are refused with THROTTLING_QUOTA_EXCEEDED while there is a debt, and are not held up;
older ones are carried out, and their connection is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cordwood.broker.quotas.client_quota import NOTHING
from cordwood.broker.quotas.holders import Holders
from cordwood.broker.quotas.precedence import Limits
from cordwood.broker.quotas.throttling import milliseconds
from cordwood.broker.quotas.token_bucket import TokenBucket
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import QuotaEntity
from cordwood.metadata.quotas import CONTROLLER_MUTATION_RATE
from cordwood.model.errors import ThrottlingQuotaExceeded
from cordwood.model.limits import QUOTA_HOLDERS_LIMIT
from cordwood.observe.throttles import ThrottleCounts

if TYPE_CHECKING:
    from cordwood.broker.context import Call, Context


class Mutations:
    """What one request may change; without a bucket, anything."""

    __slots__ = ("_bucket", "_charged", "_counts", "_now", "_rate", "_strict", "refused", "wait_s")

    def __init__(
        self, bucket: TokenBucket | None, rate: float, counts: ThrottleCounts, now: float, *, strict: bool
    ) -> None:
        self._bucket = bucket
        self._rate = rate
        self._counts = counts
        self._now = now
        self._strict = strict
        self._charged: dict[str, ThrottlingQuotaExceeded | None] = {}
        self.wait_s = 0.0
        """How long the client has to wait."""
        self.refused = False
        """Whether anything was refused, so that the client knows."""

    @classmethod
    def of(cls, context: Context, call: Call, *, strict: bool) -> Mutations:
        """What a request may change; `strict` where its version knows of refusals."""
        user, now = call.session.principal.name, context.clock.monotonic()
        return context.quotas.mutation.of(user, call.client_id or "", now, strict=strict)

    def charge(self, topic: str, partitions: int) -> None:
        """Takes a change of a topic into account. Raises ThrottlingQuotaExceeded if it has to wait.

        A decision may be made several times: each topic is charged once.
        """
        if self._bucket is None:
            return
        if topic not in self._charged:
            self._charged[topic] = self._charge(self._bucket, partitions)
        error = self._charged[topic]
        if error is not None:
            raise error

    def _charge(self, bucket: TokenBucket, partitions: int) -> ThrottlingQuotaExceeded | None:
        wait_s = bucket.wait_s(self._rate, self._now)
        if self._strict and wait_s > 0:
            self._note(wait_s)
            self.refused = True
            return ThrottlingQuotaExceeded(milliseconds(wait_s))
        bucket.take(partitions, self._rate, self._now)
        if not self._strict:
            self._note(bucket.wait_s(self._rate, self._now))
        return None

    def _note(self, wait_s: float) -> None:
        """A request is counted once."""
        if wait_s > 0 and not self.wait_s:
            self._counts.note(wait_s)
        self.wait_s = wait_s

    def tell(self, call: Call) -> None:
        """The answer is made: it says how long to wait, and who was not refused is held up."""
        if self.refused:
            call.throttle_ms = max(call.throttle_ms, milliseconds(self.wait_s))
        elif self.wait_s:
            call.hold(milliseconds(self.wait_s))


class MutationQuota:
    """The quota of all clients."""

    def __init__(self, windows: Windows) -> None:
        self._limits = Limits(NOTHING, CONTROLLER_MUTATION_RATE)
        self._holders = Holders(
            lambda now: TokenBucket(windows, now), QUOTA_HOLDERS_LIMIT, windows.count * windows.size_s
        )
        self.counts = ThrottleCounts()
        self.active = False
        """Whether anybody has this quota."""

    def follow(self, quotas: Mapping[QuotaEntity, Mapping[str, float]]) -> None:
        """From now on these quotas hold."""
        self._limits = Limits(quotas, CONTROLLER_MUTATION_RATE)
        self.active = bool(self._limits)
        if not self.active:
            self._holders.clear()

    def of(self, user: str, client_id: str, now: float, *, strict: bool) -> Mutations:
        """What a request of a client may change."""
        limit = self._limits.of(user, client_id)
        if limit is None:
            return Mutations(None, 0.0, self.counts, now, strict=strict)
        return Mutations(self._holders.of(limit.holder, now), limit.rate, self.counts, now, strict=strict)
