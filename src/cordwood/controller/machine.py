"""The state machine: commands of the log make the committed image.

      log:   | 41: base 37 | 42: base 41 | 43: base 41 | 44: base 42 |
      image:   takes effect  takes effect  conflict      takes effect       revision 41, 42, 42, 44

Lives here: the committed image, and what became of this node's own commands. Must not live here: waiting, and who sees
the image (showing.py).

1. The same commands lead to the same image on every node, whoever proposed them.
2. What becomes of a command is settled by its first copy in the log: if that one takes effect no other can, and if it
   does not, its base is gone for good.
3. A snapshot does not tell which commands are in it. One that came over a command of this node leaves it lost: nobody
   can say whether it took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from cordwood.consensus.applying import Command as Entry
from cordwood.metadata import EMPTY, Image, commands, snapshot
from cordwood.metadata.replay import Draft


class Took(NamedTuple):
    """The command took effect."""

    revision: int


class Conflict(NamedTuple):
    """The image had moved on: the command has no effect, and never will."""


class Lost(NamedTuple):
    """Whether the command took effect cannot be found out any more."""


Fate: TypeAlias = Took | Conflict | Lost


class Machine:
    """Consensus' StateMachine, for the metadata of one node."""

    def __init__(self, token: bytes) -> None:
        """`token` marks this start of this node, among all starts of all nodes."""
        self.token = token
        self.image: Image = EMPTY
        """The newest committed image, as far as this node knows."""
        self.on_change: Callable[[Image], None] = _to_nobody
        """Is told of every next image, in the loop's thread."""
        self._own: dict[int, Fate | None] = {}

    # Commands of this node.

    def expect(self, number: int) -> None:
        """From now on the fate of a command of this node is noted."""
        self._own[number] = None

    def forget(self, number: int) -> None:
        """Nobody asks for it any more."""
        del self._own[number]

    def fate(self, number: int, base: int) -> Fate | None:
        """What became of an expected command; None while it may still take effect."""
        fate = self._own[number]
        if fate is None and self.image.revision != base:
            return Conflict()
        return fate

    # For consensus.

    def apply(self, entries: Sequence[Entry]) -> list[Fate]:
        """Takes committed commands in; the fate of each. Raises InvalidMetadata, which ends the node."""
        draft = Draft(self.image)
        fates = [self._take(draft, entry) for entry in entries]
        if draft.revision != self.image.revision:
            self.image = draft.image()
            self.on_change(self.image)
        return fates

    def _take(self, draft: Draft, entry: Entry) -> Fate:
        command = commands.decode(entry.data)
        takes = commands.take_effect(draft, command, entry.entry_index)
        fate: Fate = Took(entry.entry_index) if takes else Conflict()
        if command.token != self.token or command.number not in self._own:
            return fate
        known = self._own[command.number]
        if known is None:
            known = self._own[command.number] = fate
        return known

    def snapshot(self) -> Iterable[bytes]:
        """The committed image; it does not change, so the parts may be asked for in any thread."""
        return snapshot.parts(self.image)

    def restore(self, parts: Iterable[bytes]) -> None:
        """Takes over an image. Raises InvalidMetadata."""
        image = snapshot.restore(parts)
        if image.revision == self.image.revision and self.image.cluster_id:
            return
        for number, fate in self._own.items():
            if fate is None:
                self._own[number] = Lost()
        self.image = image
        self.on_change(image)


def _to_nobody(image: Image) -> None:
    """Nobody wants to know."""
