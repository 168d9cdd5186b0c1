"""All properties at once."""

from __future__ import annotations

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.log import Log
from cordwood.records.record import Record
from cordwood.sim.checkers import violations
from cordwood.sim.found import look
from cordwood.sim.history import History, Outcome


def test_a_log_that_kept_everything_and_one_that_did_not():
    history = History()
    with Log.open("/mem/a", disk=MemoryDisk()) as log:
        for offset in range(3):
            history.append(offset, [Record(0, 5, None, b"%d" % offset)]).outcome = Outcome.SYNCED
            log.append(b"%d" % offset, timestamp_ms=5)
        assert violations(history, log, look(log), Outcome.SYNCED) == []
        log.truncate(2)
        log.append(b"other", timestamp_ms=5)
        assert [line.split(":")[0] for line in violations(history, log, look(log), Outcome.SYNCED)] == [
            "lost",
            "invented",
        ]
