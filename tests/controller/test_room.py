"""Nothing is proposed for which there may be no room."""

from __future__ import annotations

import pytest

from cordwood.controller.room import KEPT_BYTES, Room
from cordwood.env.memory_disk import MemoryDisk
from cordwood.model.errors import DiskFull


def test_room_is_kept_beside_a_command(monkeypatch):
    room = Room(MemoryDisk(), "/data")
    monkeypatch.setattr(MemoryDisk, "free_bytes", lambda disk, path: KEPT_BYTES + 1000)
    room.check(1000)
    with pytest.raises(DiskFull, match="/data"):
        room.check(1001)
