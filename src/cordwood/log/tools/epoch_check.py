"""Whether the leader epochs in the batches fit each other and `leader-epochs`.

The CRC does not cover a batch's epoch. Epochs never go back along a log, so one batch whose epoch does not lie between those
on both sides is wrong, and the epoch before it fits. The file has a CRC of its own, so where it and one batch
differ, the batch is wrong; where it and many batches differ, it is the file of another time or another log.

Lives here: leader epochs. Must not live here: the file's envelope (log/checkpoint.py), offsets (chain.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cordwood.log.tools.findings import Code

if TYPE_CHECKING:
    from cordwood.log.epochs import EpochCache
    from cordwood.log.tools.findings import Findings
    from cordwood.records.batch import BatchHeader


class _Seen(NamedTuple):
    """A batch with an epoch, and the epoch that `leader-epochs` has for it, or None where it has no say."""

    path: str
    segment: int
    position: int
    offset: int
    epoch: int
    wanted: int | None


class EpochCheck:
    """Follows the leader epochs of one log: every batch, then `end`."""

    def __init__(
        self, findings: Findings, cache: EpochCache | None, path: str, start_offset: int, trusted: int
    ) -> None:
        """`cache` is what the file at `path` holds; it has a say on [start_offset, trusted)."""
        self._findings = findings
        self._cache = cache
        self._path = path
        self._start_offset = start_offset
        self._trusted = trusted
        self._settled: int | None = None
        self._first: _Seen | None = None
        """The very first batch, while no other has its epoch."""
        self._told: tuple[str, int] | None = None
        self._odd: _Seen | None = None
        self._differing: list[_Seen] = []
        self._difference_is_told = False
        self.has_epochs = False
        """Whether any trusted batch carries an epoch."""

    def batch(self, path: str, segment: int, position: int, header: BatchHeader) -> None:
        """The next valid batch; one without an epoch says nothing."""
        if header.leader_epoch == -1:
            return
        seen = _Seen(path, segment, position, header.base_offset, header.leader_epoch, self._wanted(header))
        odd, self._odd = self._odd, None
        if odd is not None and not self._is_outlier(odd, seen.epoch):
            self._accept(odd)
        if self._settled is None:
            self._accept(seen)
            self._first = seen
        elif seen.epoch == self._settled:
            self._accept(seen)
        else:
            self._odd = seen

    def end(self) -> None:
        """There are no more batches."""
        odd, self._odd = self._odd, None
        if odd is not None and self._settled is not None:
            if odd.epoch < self._settled:
                self._tell(odd, self._settled)
            else:
                self._accept(odd)
        self._settle_differing()

    def _wanted(self, header: BatchHeader) -> int | None:
        if header.base_offset >= self._trusted or header.next_offset <= self._start_offset:
            return None
        self.has_epochs = True
        return None if self._cache is None else self._cache.epoch_at(max(header.base_offset, self._start_offset))

    def _is_outlier(self, odd: _Seen, following: int) -> bool:
        """Whether an odd batch does not lie between its neighbours, who agree with each other without it."""
        before = self._settled
        if before is None or following < before or before <= odd.epoch <= following:
            return False
        self._tell(odd, before if odd.wanted is None or odd.wanted < 0 else odd.wanted)
        return True

    def _accept(self, seen: _Seen) -> None:
        if self._settled is not None and seen.epoch < self._settled:
            if self._first is not None:
                self._tell(self._first, seen.epoch)
            else:
                self._tell(seen, None)
        self._first = None
        self._settled = seen.epoch
        differs = seen.wanted is not None and seen.wanted != seen.epoch
        if not differs:
            self._settle_differing()
        elif len(self._differing) < 2:
            self._differing.append(seen)

    def _settle_differing(self) -> None:
        differing, self._differing = self._differing, []
        if not differing or self._difference_is_told:
            return
        first = differing[0]
        if len(differing) == 1 and first.wanted is not None and first.wanted >= 0:
            self._tell(first, first.wanted)
            return
        self._difference_is_told = True
        message = f"it has epoch {first.wanted} for offset {first.offset}, the batch there says {first.epoch}"
        self._findings.add(Code.EPOCHS_DIFFER, self._path, None, message, offset=first.offset)

    def _tell(self, seen: _Seen, right: int | None) -> None:
        if self._told == (seen.path, seen.position):
            return
        self._told = seen.path, seen.position
        message = f"its leader epoch is {seen.epoch} where {right} fits"
        if right is None:
            message = f"its leader epoch {seen.epoch} comes after {self._settled}"
        self._findings.add(
            Code.EPOCH,
            seen.path,
            seen.position,
            message,
            segment=seen.segment,
            offset=seen.offset,
            right=right,
        )
