"""The dice: the only place where chance comes in.

Lives here: the `Dice` Protocol, the machine's own randomness and a seeded one. Must not live here: what chance is for.
"""

from __future__ import annotations

import random
import secrets
from typing import Protocol


class Dice(Protocol):
    """A source of randomness."""

    def below(self, limit: int) -> int:
        """A whole number in [0, limit)."""
        ...

    def token(self, size: int) -> bytes:
        """`size` random bytes, for example 16 for a UUID."""
        ...


class SystemDice:
    """The machine's cryptographic randomness."""

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class SeededDice:
    """The same numbers for the same seed: for tests and simulations, never for secrets."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)
