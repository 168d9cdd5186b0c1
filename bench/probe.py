"""The control probe: what the disk itself gives at this moment, in appends of 4 KiB with an fdatasync each.

Neighbours on the same disk can slow a sync many times over, so every measurement under a synced policy stands beside
the probe that ran just before it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_BLOCK = b"\0" * 4096


def fdatasyncs_per_s(directory: Path, seconds: float = 0.4) -> float:
    """Appends 4 KiB and syncs, over and over for about `seconds`, to a file in `directory` that is removed again."""
    path = directory / "fdatasync.probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        began = time.monotonic()
        count = 0
        while time.monotonic() - began < seconds:
            os.write(descriptor, _BLOCK)
            os.fdatasync(descriptor)
            count += 1
        return count / (time.monotonic() - began)
    finally:
        os.close(descriptor)
        path.unlink()
