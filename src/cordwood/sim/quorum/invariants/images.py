"""Every image is a prefix of the committed log: what a node shows is what the commands up to there lead to, in their order.

Lives here: the replay of the committed log, from the founding on and by one pass, and the comparison with it. Must not live
here: what a command does (`metadata`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cordwood.consensus.applying import TAG_BYTES
from cordwood.metadata import commands
from cordwood.metadata.replay import Draft
from cordwood.raft import EntryKind
from cordwood.sim.quorum.invariant import Broken, Invariant

if TYPE_CHECKING:
    from cordwood.metadata import Image
    from cordwood.raft import Entry, NodeId
    from cordwood.sim.quorum.sight import Sight


class Shown(NamedTuple):
    """The two images of a node that runs."""

    committed: Image
    shown: Image


class Images(Invariant):
    """Every image there ever was, by its revision; and what each node showed last."""

    def __init__(self, founded: Image) -> None:
        self._draft = Draft(founded)
        self.images: dict[int, Image] = {founded.revision: founded}
        self._last: dict[NodeId, Shown] = {}

    @property
    def newest(self) -> Image:
        """What all commands that are committed lead to."""
        return self.images[self._draft.revision]

    def commits(self, before: Sight | None, sight: Sight, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.kind is not EntryKind.NORMAL or not entry.data:
                continue
            command = commands.decode(entry.data[TAG_BYTES:])
            if commands.take_effect(self._draft, command, entry.index):
                image = self.images[entry.index] = self._draft.image()
                self._draft = Draft(image)

    def ends(self, node: NodeId) -> None:
        self._last.pop(node, None)

    def look(self, node: NodeId, now: Shown) -> None:
        """A node that runs has these images. Raises Broken."""
        last = self._last.get(node)
        if last is not None and last.committed is now.committed and last.shown is now.shown:
            return
        self._last[node] = now
        if now.shown.revision > now.committed.revision:
            raise Broken(f"images: {node} shows revision {now.shown.revision}, and knows of {now.committed.revision}")
        for image, before in zip(now, last or now, strict=True):
            if image.revision < before.revision:
                raise Broken(f"images: {node} went back from revision {before.revision} to {image.revision}")
            if image != self.images.get(image.revision):
                raise Broken(
                    f"images: revision {image.revision} of {node} is not what the committed log leads to: "
                    f"{image} instead of {self.images.get(image.revision)}"
                )
