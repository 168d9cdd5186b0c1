"""How many connections are let in a second: from one address (connection_creation_rate, KIP-612), and on the whole broker.

Lives here: who is let in when. Must not live here: a clock, sockets, names of hosts (`hosts`).

As in Kafka, a connection from an address over its quota is held, unread, and then closed, and it does not count: its
client would otherwise come again at once. One over the rate of the broker waits in line for its turn. The line has an
end: whoever would wait for longer than `LINE_LIMIT_S` is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from cordwood.broker.quotas.holders import Holders
from cordwood.broker.quotas.precedence import Holder
from cordwood.broker.quotas.usage import Usage, Windows
from cordwood.model.limits import QUOTA_HOLDERS_LIMIT
from cordwood.model.settings.setting import INT_MAX
from cordwood.observe.throttles import ThrottleCounts

LINE_LIMIT_S: Final = 30.0
"""Clients give up on a connection after so long."""


class Entry(NamedTuple):
    """What becomes of a new connection: it waits for so long, and then is let in or closed."""

    wait_s: float
    let_in: bool


AT_ONCE: Final = Entry(0.0, True)


class AddressRates(NamedTuple):
    """Connections a second: from some addresses, and from each of the others; None is no limit."""

    of: Mapping[str, float] = MappingProxyType({})
    others: float | None = None


class ConnectionRates:
    """The connections of all listeners of a broker."""

    def __init__(self, windows: Windows, broker_rate: int = INT_MAX) -> None:
        self._windows = windows
        self._rates = AddressRates()
        self._addresses = Holders(lambda now: Usage(windows, now), QUOTA_HOLDERS_LIMIT, windows.span_s + windows.size_s)
        self._line: Usage | None = None
        self._line_ends = 0.0
        self.broker_rate = broker_rate
        """max.connection.creation.rate; who is in line already keeps his turn when it changes."""
        self.counts = ThrottleCounts()

    def follow(self, rates: AddressRates) -> None:
        """From now on these quotas of addresses hold."""
        self._rates = rates

    def admit(self, address: str, now: float) -> Entry:
        """What becomes of a new connection from an address."""
        rate = self._rates.of.get(address, self._rates.others)
        if rate is not None and (wait_s := self._held_s(address, rate, now)):
            return Entry(wait_s, let_in=False)
        return self._in_line(now) if self.broker_rate < INT_MAX else AT_ONCE

    def _held_s(self, address: str, rate: float, now: float) -> float:
        """How long a connection of an address over its quota is held, one window at most (as Kafka); 0 for others."""
        usage = self._addresses.of(Holder("", address), now)
        if usage.left(rate, now) >= 1:
            usage.take(1, now)
            return 0.0
        # The time until one more is allowed: it is looked for as if that one had come.
        usage.take(1, now)
        wait_s = usage.wait_s(rate, now)
        usage.take(-1, now)
        self.counts.note(min(wait_s, self._windows.size_s))
        return min(wait_s, self._windows.size_s)

    def _in_line(self, now: float) -> Entry:
        """The line is kept as the time at which its last one is let in: that is when the next one's turn begins."""
        turn = max(now, self._line_ends)
        if turn - now > LINE_LIMIT_S:
            self.counts.note(0.0)
            return Entry(0.0, let_in=False)
        if self._line is None:
            self._line = Usage(self._windows, turn)
        self._line.take(1, turn)
        self._line_ends = turn + self._line.wait_s(self.broker_rate, turn)
        wait_s = self._line_ends - now
        if wait_s > 0:
            self.counts.note(wait_s)
        return Entry(wait_s, let_in=True)
