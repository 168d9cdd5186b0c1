"""Who is in the cluster and in what part.

Lives here: `Configuration` and the rules that every configuration keeps. Must not live here: how one becomes another
(changes.py), and what is known about the members (tracker.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cordwood.raft.entries import NodeId
from cordwood.raft.errors import InvalidChange

NONE: frozenset[NodeId] = frozenset()


class Configuration(msgspec.Struct, frozen=True):
    """The members at one place of the log. A configuration without members exists only before the first.

    1. Learners and voters (of either set) have nobody in common.
    2. Who is in `learners_next` is in `outgoing`, and not in `incoming`.
    3. Out of a joint configuration, `learners_next` is empty and `auto_leave` is off.
    """

    incoming: frozenset[NodeId] = NONE
    """The voters; in a joint configuration, the voters to be."""
    outgoing: frozenset[NodeId] = NONE
    """The voters of before, while the configuration is joint; else empty."""
    learners: frozenset[NodeId] = NONE
    """They have the log, and no vote."""
    learners_next: frozenset[NodeId] = NONE
    """Voters of before who become learners when the joint configuration is left."""
    auto_leave: bool = False
    """The leader leaves the joint configuration as soon as it may."""

    @property
    def joint(self) -> bool:
        """Whether two majorities decide."""
        return bool(self.outgoing)

    @property
    def voters(self) -> frozenset[NodeId]:
        """Who has a vote in either set."""
        return self.incoming | self.outgoing

    @property
    def members(self) -> frozenset[NodeId]:
        """Everybody who gets the log."""
        return self.voters | self.learners

    def decided_by(self, node: NodeId) -> bool:
        """Whether this node decides alone."""
        return self.voters == {node}

    def __str__(self) -> str:
        parts = ["voters=" + braced(self.incoming) + ("&&" + braced(self.outgoing) if self.joint else "")]
        if self.learners:
            parts.append("learners=" + braced(self.learners))
        if self.learners_next:
            parts.append("learners_next=" + braced(self.learners_next))
        return " ".join([*parts, "autoleave"] if self.auto_leave else parts)


def braced(ids: frozenset[NodeId]) -> str:
    """Ids for the eye: (1 2 3)."""
    return "(" + " ".join(str(node) for node in sorted(ids)) + ")"


def problems(configuration: Configuration) -> Iterator[str]:
    """What is wrong with a configuration, by the rules on the type."""
    both = configuration.learners & configuration.voters
    if both:
        yield f"{braced(both)} are learners and voters at once"
    strangers = configuration.learners_next - configuration.outgoing
    if strangers:
        yield f"{braced(strangers)} are to become learners but are no outgoing voters"
    staying = configuration.learners_next & configuration.incoming
    if staying:
        yield f"{braced(staying)} are to become learners and to stay voters"
    if not configuration.joint and configuration.learners_next:
        yield "learners can only wait in a joint configuration"
    if not configuration.joint and configuration.auto_leave:
        yield "only a joint configuration can be left"
    if not configuration.incoming and configuration.members:
        yield "nobody has a vote"


def check(configuration: Configuration) -> Configuration:
    """The configuration itself. Raises InvalidChange with all that is wrong with it."""
    found = list(problems(configuration))
    if found:
        raise InvalidChange(f"{configuration} is no configuration: " + "; ".join(found))
    return configuration
