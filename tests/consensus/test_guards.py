"""Each guard of the shell is taken out, and the histories find a violation. The table is in docs/design/consensus.md."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from cordwood.consensus import snapshots
from cordwood.consensus.requests import Requests
from cordwood.consensus.snapshot_format import write_snapshot
from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.consensus.snapshotting import Snapshotting
from cordwood.consensus.storage import GroupStorage
from cordwood.consensus.writing import Writing
from cordwood.model.errors import CorruptLog
from cordwood.raft import HardState, ReadState, Snapshot
from tests.consensus.test_history import History


def report_before_the_sync(patch: pytest.MonkeyPatch) -> None:
    def settle(self: Writing) -> bool:
        if not self._jobs:
            return False
        self._storage.log.flush()
        self._report_oldest(len(self._jobs))
        return True

    patch.setattr(Writing, "settle", settle)


def forget_votes(patch: pytest.MonkeyPatch) -> None:
    keep = GroupStorage._keep

    def keep_commit(self: GroupStorage, hard_state: HardState) -> None:
        term, vote = self.log.log_state().vote or (hard_state.term, hard_state.vote)
        keep(self, msgspec.structs.replace(hard_state, term=term, vote=vote))

    patch.setattr(GroupStorage, "_keep", keep_commit)


def publish_before_the_sync(patch: pytest.MonkeyPatch) -> None:
    def write(self: SnapshotFiles, snapshot: Snapshot, parts: Iterable[bytes]) -> int:
        name = self.name_of(snapshot.position)
        file = self._disk.open(name + snapshots.NEW, create=True)
        size = write_snapshot(file, snapshot, parts)
        self._publish(name + snapshots.NEW, name)
        return size

    patch.setattr(SnapshotFiles, "write", write)


def cut_before_the_snapshot(patch: pytest.MonkeyPatch) -> None:
    make = Snapshotting.make

    def cut_and_make(self: Snapshotting) -> None:
        storage, index = self._storage, self._applier.applied
        before = storage.snapshot()
        if not self._is_making and index > before.index:
            storage.compact(Snapshot(index, storage.term(index), self._applier.configuration), 0)
            storage._snapshot = before
        make(self)

    patch.setattr(Snapshotting, "make", cut_and_make)


def answer_reads_at_once(patch: pytest.MonkeyPatch) -> None:
    confirmed = Requests.confirmed

    def answer(self: Requests, state: ReadState) -> None:
        confirmed(self, state)
        if self._confirmed:
            self.applied(self._confirmed[-1][0])

    patch.setattr(Requests, "confirmed", answer)


@pytest.mark.parametrize(
    ("take_out", "seed"),
    [
        (report_before_the_sync, 1),
        (forget_votes, 2),
        (publish_before_the_sync, 0),
        (cut_before_the_snapshot, 27),
        (answer_reads_at_once, 1),
    ],
)
def test_without_a_guard_a_promise_is_broken(monkeypatch, take_out, seed):
    take_out(monkeypatch)
    found = []
    for other in range(seed, seed + 20):
        try:
            History(other).run()
        except (AssertionError, CorruptLog) as violation:
            found.append(violation)
            break
    assert found, f"{take_out.__name__} broke nothing in the histories from {seed} on"
