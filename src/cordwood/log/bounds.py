"""Taking files of a log away, in an order that survives a crash.

Lives here: which files of segments and which snapshots go. Must not live here: who decides it, and the steps before
(see the tables in log.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.log.backend import SEGMENT_KINDS, FileKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cordwood.log.backend import Backend
    from cordwood.log.segment import Segment


def remove_segments(backend: Backend, doomed: Iterable[Segment]) -> None:
    """Takes the files of segments away, in the order given. Readers that have them open may go on."""
    for segment in doomed:
        segment.deleted = True
        for kind in SEGMENT_KINDS:
            backend.remove(segment.base_offset, kind)


def remove_snapshots(
    backend: Backend, *, above: int | None = None, below: int | None = None, keep: Collection[int] = ()
) -> None:
    """Takes away the snapshots above one offset, and those below another except the ones to keep."""
    for offset in backend.list(FileKind.SNAPSHOT):
        is_above = above is not None and offset > above
        is_below = below is not None and offset < below and offset not in keep
        if is_above or is_below:
            backend.remove(offset, FileKind.SNAPSHOT)


def remove_outdated_snapshots(backend: Backend, start_offset: int) -> None:
    """The log begins at `start_offset`: of the snapshots up to there the newest is enough."""
    outdated = [offset for offset in backend.list(FileKind.SNAPSHOT) if offset <= start_offset]
    if outdated:
        remove_snapshots(backend, below=outdated[-1])
