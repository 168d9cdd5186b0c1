"""Epochs of producers: 16 bits, counted up until a new producer id has to be taken.

Lives here: their bounds. Must not live here: who gets which.
"""

from __future__ import annotations

from typing import Final

NO_EPOCH: Final = -1

HIGHEST: Final = (1 << 15) - 1
"""Never given to a client, so that there is always one epoch left to fence it with."""

HIGHEST_OF_CLIENTS: Final = HIGHEST - 1


def is_exhausted(epoch: int) -> bool:
    """Whether the next epoch could not be given to a client."""
    return epoch >= HIGHEST_OF_CLIENTS
