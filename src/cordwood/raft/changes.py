"""How one configuration becomes another: one voter at a time, or many through a joint configuration.

Lives here: `ConfChange`, its encoding as the data of an entry, and the three steps simple, enter joint, leave joint as
pure functions. Must not live here: when a change may be proposed (proposals.py) and what follows from it
(membership.py).

Source: Raft thesis, chapter 4. A change takes effect when its entry is applied, not when it is appended, so there is
at most one change in the log that is not applied.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from cordwood.raft.configuration import NONE, Configuration, braced, check
from cordwood.raft.entries import NodeId
from cordwood.raft.errors import InvalidChange


class ChangeKind(enum.IntEnum):
    """What is to become of a node."""

    ADD_VOTER = 0
    """A new voter, or a learner made a voter."""
    ADD_LEARNER = 1
    """A new learner, or a voter made a learner."""
    REMOVE = 2


class Change(msgspec.Struct, frozen=True, array_like=True):
    """What is to become of one node."""

    kind: ChangeKind
    node: NodeId

    def __str__(self) -> str:
        return f"{self.kind.name.lower().replace('_', ' ')} {self.node}"


class Transition(enum.IntEnum):
    """Whether a change goes through a joint configuration, and how that is left."""

    AUTO = 0
    """Joint only if more than one node changes; then left without being asked."""
    JOINT_IMPLICIT = 1
    """Joint, and left without being asked."""
    JOINT_EXPLICIT = 2
    """Joint, until the application proposes LEAVE_JOINT."""


class ConfChange(msgspec.Struct, frozen=True, array_like=True):
    """A change of the configuration as it is proposed. Without changes it asks to leave a joint configuration."""

    changes: tuple[Change, ...] = ()
    transition: Transition = Transition.AUTO
    context: bytes = b""
    """The application's own: not looked at here."""

    @property
    def leaves_joint(self) -> bool:
        """Whether this asks to leave a joint configuration."""
        return not self.changes

    @property
    def enters_joint(self) -> bool:
        """Whether this asks to enter a joint configuration."""
        return bool(self.changes) and (self.transition != Transition.AUTO or len(self.changes) > 1)

    def __str__(self) -> str:
        return ", ".join(str(change) for change in self.changes) or "leave joint"


LEAVE_JOINT = ConfChange()

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ConfChange)


def encode_change(change: ConfChange) -> bytes:
    """The data of the entry for a change; leaving a joint configuration is no bytes, so that no limit can refuse it."""
    return b"" if change == LEAVE_JOINT else _encoder.encode(change)


def decode_change(data: bytes) -> ConfChange:
    """The change in the data of an entry. Raises InvalidChange when there is none."""
    if not data:
        return LEAVE_JOINT
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise InvalidChange(f"{len(data)} bytes are no configuration change: {error}") from error


def apply_change(configuration: Configuration, change: ConfChange) -> Configuration:
    """The configuration after a change. Raises InvalidChange when it does not fit."""
    if change.leaves_joint:
        return leave_joint(configuration)
    if change.enters_joint:
        auto_leave = change.transition != Transition.JOINT_EXPLICIT
        return enter_joint(configuration, change.changes, auto_leave=auto_leave)
    return simple(configuration, change.changes)


def simple(configuration: Configuration, changes: Sequence[Change]) -> Configuration:
    """A change of at most one voter: any majority before and any majority after have a voter in common.

    Raises InvalidChange.
    """
    if configuration.joint:
        raise InvalidChange(f"{configuration} is joint: leave it before the next change")
    changed = _applied(configuration, changes)
    difference = configuration.incoming ^ changed.incoming
    if len(difference) > 1:
        raise InvalidChange(f"{braced(difference)} would change at once: that takes a joint configuration")
    return check(changed)


def enter_joint(configuration: Configuration, changes: Sequence[Change], *, auto_leave: bool) -> Configuration:
    """The voters of now become the outgoing ones, and the changes are made to the incoming ones.

    Raises InvalidChange.
    """
    if configuration.joint:
        raise InvalidChange(f"{configuration} is joint already")
    if not configuration.incoming:
        raise InvalidChange("a configuration without voters cannot become joint")
    start = msgspec.structs.replace(configuration, outgoing=configuration.incoming)
    return check(msgspec.structs.replace(_applied(start, changes), auto_leave=auto_leave))


def leave_joint(configuration: Configuration) -> Configuration:
    """The incoming voters alone decide, and waiting learners become learners. Raises InvalidChange."""
    if not configuration.joint:
        raise InvalidChange(f"{configuration} is not joint: there is nothing to leave")
    learners = configuration.learners | configuration.learners_next
    return check(Configuration(incoming=configuration.incoming, learners=learners))


def _applied(configuration: Configuration, changes: Sequence[Change]) -> Configuration:
    incoming, learners = set(configuration.incoming), set(configuration.learners)
    waiting = set(configuration.learners_next)
    for change in changes:
        node = change.node
        if node <= 0:
            raise InvalidChange(f"{node} is no node id: ids are above 0")
        for ids in (incoming, learners, waiting):
            ids.discard(node)
        match change.kind:
            case ChangeKind.ADD_VOTER:
                incoming.add(node)
            case ChangeKind.ADD_LEARNER:
                # Who still votes in the outgoing set cannot be a learner at the same time: it waits.
                (waiting if node in configuration.outgoing else learners).add(node)
            case ChangeKind.REMOVE:
                pass
    if not incoming:
        raise InvalidChange("the last voter cannot be removed")
    return msgspec.structs.replace(
        configuration,
        incoming=frozenset(incoming),
        learners=frozenset(learners),
        learners_next=frozenset(waiting) if waiting else NONE,
    )
