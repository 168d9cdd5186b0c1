"""The simulation notices a log that does not keep its promises: each time one step of its care is left out."""

from __future__ import annotations

import pytest

from cordwood.log import checkpoint
from cordwood.log.backend import DirectoryBackend
from cordwood.log.producers import ProducerTable
from cordwood.log.store import Store
from cordwood.model.errors import CordwoodError
from tests.sim.log_examiner import examine_life


def nothing(*args: object, **kwargs: object) -> None:
    """Leaves the step out."""


def replace_in_place(disk, path, kind, payload, *, syncs_name=True) -> None:
    """Writes over the old file, which has its name."""
    file = disk.open(path, create=True)
    file.truncate(0)
    file.write([checkpoint.encode(kind, payload)], 0)
    file.close()


CARELESS = {
    "stores are not synced": (Store, "sync", nothing),
    "names are not synced": (DirectoryBackend, "sync", nothing),
    "checkpoints are written in place": (checkpoint, "replace", replace_in_place),
    "producers are not noted": (ProducerTable, "note", nothing),
}


@pytest.mark.parametrize("step", CARELESS)
def test_what_is_left_out_is_noticed(monkeypatch, step):
    monkeypatch.setattr(*CARELESS[step])
    with pytest.raises((AssertionError, CordwoodError)):
        live(20)


def live(seeds: int) -> None:
    """As many short lives, up to the first violation."""
    for seed in range(seeds):
        examine_life(seed, "commit", steps=8)
