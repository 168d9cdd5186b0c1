"""What all shards of a broker share: the loop, the clock, names for members, tickets.

Lives here: where a decision's `Turn` comes from. Must not live here: anything of one shard.
"""

from __future__ import annotations

import asyncio
import itertools
from base64 import urlsafe_b64encode

from cordwood.coordinator.counts import GroupCounts
from cordwood.coordinator.settings import CoordinatorSettings
from cordwood.coordinator.topics import ClusterTopics
from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.groups.turn import Turn
from cordwood.model.decision import NO_TICKET, Ticket


class Surroundings:
    """The world of the shards."""

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        dice: Dice,
        background: Background,
        settings: CoordinatorSettings,
        topics: ClusterTopics,
    ) -> None:
        self.loop = loop
        self.clock = clock
        self.background = background
        self.settings = settings
        self.topics = topics
        self.counts = GroupCounts()
        self._dice = dice
        self._tickets = itertools.count(NO_TICKET + 1)

    def new_ticket(self) -> Ticket:
        """A ticket that nobody had before."""
        return Ticket(next(self._tickets))

    def turn(self, ticket: Ticket) -> Turn:
        """The surroundings of one decision."""
        return Turn(self.clock.now_ms(), ticket, self.settings.groups, self.topics, self.new_id)

    def new_id(self) -> str:
        """A random UUID as Kafka writes it: 22 characters of URL-safe Base64."""
        return urlsafe_b64encode(self._dice.token(16))[:22].decode("ascii")
