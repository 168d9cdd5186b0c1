"""How long clients wait for a change of the metadata.

Lives here: the bound. Must not live here: waiting.
"""

from __future__ import annotations

from cordwood.controller import TIMEOUT_S


def patience_s(timeout_ms: int) -> float:
    """How long a client waits for a quorum: as it asks for, but not so long that its connection gives up before it."""
    return min(timeout_ms / 1000, TIMEOUT_S) if timeout_ms > 0 else TIMEOUT_S
