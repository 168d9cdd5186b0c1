"""A simulated world: one loop, one network, and dice for everybody in it, all from one seed.

Lives here: what there is one of. Must not live here: machines (`machine`), clients (`clients`), what goes wrong
(`nemesis`).

The same seed gives the same world because nothing else comes in: automatic garbage collection is off while it lasts, so
that not even the moment at which memory is freed can differ.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

from cordwood.env.dice import SeededDice
from cordwood.sim.loop import Bounds, new_loop
from cordwood.sim.network import Conditions, Network
from cordwood.sim.trace import Event, Trace


class SimWorld:
    """Entered for as long as it is used."""

    def __init__(
        self,
        seed: int,
        *,
        conditions: Conditions | None = None,
        bounds: Bounds | None = None,
        observe: Callable[[Event], None] | None = None,
    ) -> None:
        self.seed = seed
        self.loop = new_loop(self.dice("loop"), bounds)
        self.trace = Trace(self.loop, observe)
        self.network = Network(self.loop, self.dice("network"), conditions, self.trace.note)
        self._collects = False

    def dice(self, name: str) -> SeededDice:
        """Dice of one's own: what one part of the world throws does not change what another gets."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return SeededDice(int.from_bytes(digest[:8], "big"))

    def __enter__(self) -> Self:
        self._collects = gc.isenabled()
        gc.collect()
        gc.disable()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.loop.close()
        if self._collects:
            gc.enable()
