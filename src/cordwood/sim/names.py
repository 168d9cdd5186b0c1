"""The names of one simulated directory: those that programs see, and those that may be found after a power failure.

      synced          what the last `sync` left on the device
      changes         the creations, renames and removals since: the device has the first of them, any number
      entries         all of it: what programs see

Lives here: what of the changes is found, assumptions 7 and 8 of `sim.disk`. Must not live here: paths, bytes, faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cordwood.sim.content import Content

if TYPE_CHECKING:
    from cordwood.env.dice import Dice


class Link(NamedTuple):
    """A name was given."""

    name: str
    node: Node


class Unlink(NamedTuple):
    """A name was taken away."""

    name: str


class Rename(NamedTuple):
    """A name became another one, in the place of what had that name."""

    source: str
    target: str


class Directory:
    """A directory and, through its entries, all that is below it."""

    __slots__ = ("_changes", "_synced", "entries")

    def __init__(self, synced: dict[str, Node] | None = None) -> None:
        self._synced: dict[str, Node] = synced or {}
        self._changes: list[Link | Unlink | Rename] = []
        self.entries = self._synced.copy()

    def change(self, change: Link | Unlink | Rename) -> None:
        """Carries out a change that is known to be possible."""
        _apply(self.entries, change)
        self._changes.append(change)

    def sync(self) -> None:
        """Every change is on the device."""
        self._synced = self.entries.copy()
        self._changes.clear()

    def fork(self, twins: dict[int, Node] | None = None) -> Directory:
        """The same tree again, to be changed apart. `twins` holds by `id` what of the tree was forked before."""
        # A file may be known by an old name and by a new one; it stays one file.
        known: dict[int, Node] = {} if twins is None else twins

        def twin(node: Node) -> Node:
            if id(node) not in known:
                known[id(node)] = node.fork(known) if isinstance(node, Directory) else node.fork()
            return known[id(node)]

        copy = Directory({name: twin(node) for name, node in self._synced.items()})
        copy.entries = {name: twin(node) for name, node in self.entries.items()}
        for change in self._changes:
            copy._changes.append(Link(change.name, twin(change.node)) if isinstance(change, Link) else change)
        return copy

    def after_power_failure(self, dice: Dice) -> Directory:
        """What the device may hold."""
        found = self._synced.copy()
        for change in self._changes[: self._count_done(dice)]:
            _apply(found, change)
        return Directory({name: node.after_power_failure(dice) for name, node in found.items()})

    def _count_done(self, dice: Dice) -> int:
        # None and all are the commonest after a real power failure, and the easiest to get wrong.
        count = len(self._changes)
        return (0, count, dice.below(count + 1))[dice.below(3)] if count else 0


Node: TypeAlias = Directory | Content


def _apply(entries: dict[str, Node], change: Link | Unlink | Rename) -> None:
    match change:
        case Link():
            entries[change.name] = change.node
        case Unlink():
            del entries[change.name]
        case Rename():
            entries[change.target] = entries.pop(change.source)
