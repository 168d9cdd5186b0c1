"""The state machine, and what of the log it has.

      entry data:  origin (8 bytes) | number (8 bytes) | command

Lives here: the `StateMachine` port, the tag by which a node knows its own proposals again, and applying in order. Must
not live here: what is committed, and who waits (driver.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import Any, Final, NamedTuple, Protocol

from cordwood.raft import Configuration, Entry, EntryKind, Index, Snapshot, decode_change
from cordwood.raft.errors import InvalidChange, LogDamaged

_TAG: Final = Struct(">8sQ")
TAG_BYTES: Final = _TAG.size


class Command(NamedTuple):
    """A committed entry as the state machine sees it."""

    entry_index: Index
    data: bytes


class StateMachine(Protocol):
    """What the group replicates. All methods are called in the loop's thread and must be quick."""

    def apply(self, commands: Sequence[Command]) -> Sequence[object]:
        """Takes committed commands in; returns a reply for each, which may be an error.

        The same commands in the same order lead to the same state on every node. What it raises ends the node.
        """
        ...

    def snapshot(self) -> Iterable[bytes]:
        """The state as it is now, in parts, which are asked for in a background thread while `apply` goes on."""
        ...

    def restore(self, parts: Iterable[bytes]) -> None:
        """Takes over a state, in place of its own; the parts are of other sizes than those of `snapshot`."""
        ...


class Outcome(NamedTuple):
    """What became of a proposal of this node."""

    number: int
    reply: Any


def tagged(origin: bytes, number: int, data: bytes) -> bytes:
    """A command with the mark of who proposed it; `origin` is different for each start of each node."""
    return _TAG.pack(origin, number) + data


class Applier:
    """Applies in order, each entry once."""

    def __init__(self, machine: StateMachine, origin: bytes, snapshot: Snapshot, parts: Iterable[bytes]) -> None:
        """Starts from a snapshot, if there is one."""
        self._machine = machine
        self._origin = origin
        self.applied: Index = 0
        self.configuration = snapshot.configuration
        self.bytes_since = 0
        """What was applied since the last snapshot."""
        self.entries_since = 0
        if snapshot.index:
            self.restore(snapshot, parts)

    def restore(self, snapshot: Snapshot, parts: Iterable[bytes]) -> None:
        """A snapshot takes the place of the state."""
        self._machine.restore(parts)
        self.applied = snapshot.index
        self.configuration = snapshot.configuration
        self.bytes_since = self.entries_since = 0

    def state(self) -> Iterable[bytes]:
        """The parts of a snapshot of the state as it is; counting begins again."""
        self.bytes_since = self.entries_since = 0
        return self._machine.snapshot()

    def apply(self, entries: Sequence[Entry], change: Callable[[Entry], Configuration]) -> list[Outcome]:
        """Applies entries but for those that a snapshot brought; returns what became of this node's proposals.

        `change` puts a change of the configuration into force. Raises LogDamaged for a gap, and what the machine raises.
        """
        outcomes: list[Outcome] = []
        commands: list[Entry] = []
        for entry in entries:
            if entry.index <= self.applied:
                continue
            if entry.index != self.applied + 1:
                raise LogDamaged(f"entry {entry.index} is to be applied after {self.applied}")
            self.applied = entry.index
            self.bytes_since += entry.size
            self.entries_since += 1
            if entry.kind is EntryKind.CONF_CHANGE:
                # The machine may look at the configuration: everything before it is applied first.
                outcomes += self._run(commands)
                commands = []
                outcomes += self._change(entry, change)
            elif entry.data:
                commands.append(entry)
        return outcomes + self._run(commands)

    def _run(self, entries: Sequence[Entry]) -> list[Outcome]:
        if not entries:
            return []
        replies = self._machine.apply([Command(entry.index, entry.data[TAG_BYTES:]) for entry in entries])
        found = []
        for entry, reply in zip(entries, replies, strict=True):
            origin, number = _TAG.unpack_from(entry.data)
            if origin == self._origin:
                found.append(Outcome(number, reply))
        return found

    def _change(self, entry: Entry, change: Callable[[Entry], Configuration]) -> list[Outcome]:
        reply: object
        try:
            self.configuration = reply = change(entry)
        except InvalidChange as error:
            reply = error  # On every node alike: nothing changed.
        context = decode_change(entry.data).context
        if len(context) < TAG_BYTES:
            return []
        origin, number = _TAG.unpack_from(context)
        return [Outcome(number, reply)] if origin == self._origin else []
