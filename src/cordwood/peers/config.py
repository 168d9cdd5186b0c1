"""The bounds of what a broker says to its peers.

Lives here: `PeerConfig`, values only, checked once. Must not live here: components.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from cordwood.model.errors import InvalidConfig

ANSWER_SIZE_LIMIT_BYTES: Final = 16 << 20
"""No answer of a peer is larger, as no request but Produce is."""


@dataclass(frozen=True, slots=True)
class PeerConfig:
    """The values that all links and channels of a broker share. Raises InvalidConfig."""

    queue_messages: int = 4_096
    """So many messages to one peer wait to be sent; further ones are dropped."""
    queue_bytes: int = 32 << 20
    """The bytes in them."""
    requests_in_flight: int = 64
    """So many requests to one peer wait for their answers; further ones are refused."""
    timeout_ms: int = 2_000
    """A peer that cannot be reached, or does not answer a hello, for so long is taken for dead."""
    answer_timeout_ms: int = 2_000
    """So long an answer of a channel may take."""
    backoff_ms: int = 20
    """The pause after the first attempt to reach a peer; each one that follows is twice as long."""
    backoff_max_ms: int = 1_000
    """But not longer than this."""

    def __post_init__(self) -> None:
        mistakes = list(self._mistakes())
        if mistakes:
            raise InvalidConfig("; ".join(mistakes))

    def _mistakes(self) -> Iterator[str]:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                yield f"{field.name} is {getattr(self, field.name)}, but must be at least 1"
        if self.backoff_max_ms < self.backoff_ms:
            yield f"backoff_max_ms is {self.backoff_max_ms}, less than backoff_ms = {self.backoff_ms}"

    @property
    def heartbeat_ms(self) -> int:
        """How often a peer that says nothing by itself is asked whether it is alive."""
        return max(1, self.timeout_ms // 2)

    def pause_ms(self, attempt: int) -> int:
        """The longest pause after so many attempts in a row that failed (1, 2, ...)."""
        doublings = min(attempt - 1, self.backoff_max_ms.bit_length())
        return min(self.backoff_ms << doublings, self.backoff_max_ms)
