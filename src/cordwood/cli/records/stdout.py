"""Standard output for bytes, and whoever reads it going away.

Lives here: writing whole pieces, and the silence after a broken pipe. Must not live here: what is written.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def write(data: bytes) -> None:
    """Writes at once. Raises BrokenPipeError when nobody reads any more."""
    if data:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Ends quietly where the reader has seen enough, `head` for one: it is no error, neither now nor at exit."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
