"""Settings that do not go together are found, with what to do."""

from __future__ import annotations

import pytest

from cordwood.model.settings import BROKER
from cordwood.node.contradictions import ORDERED, SAME, troubles
from cordwood.node.findings import Severity

ERROR, WARNING, NOTE = Severity


@pytest.mark.parametrize(
    ("static", "expected"),
    [
        ({}, []),
        (
            {"group.min.session.timeout.ms": "9000", "group.max.session.timeout.ms": "8000"},
            [(ERROR, "group.min.session.timeout.ms")],
        ),
        ({"group.max.session.timeout.ms": "5999"}, [(ERROR, "group.max.session.timeout.ms")]),
        ({"log.cleaner.min.compaction.lag.ms": "6", "log.cleaner.max.compaction.lag.ms": "6"}, []),
        (
            {"log.cleaner.min.compaction.lag.ms": "7", "log.cleaner.max.compaction.lag.ms": "6"},
            [(ERROR, "log.cleaner.min.compaction.lag.ms")],
        ),
        (
            {"group.consumer.heartbeat.interval.ms": "45000", "group.consumer.max.heartbeat.interval.ms": "50000"},
            [(ERROR, "group.consumer.heartbeat.interval.ms")],
        ),
        ({"group.consumer.session.timeout.ms": "44999"}, [(WARNING, "group.consumer.session.timeout.ms")]),
        ({"group.consumer.min.session.timeout.ms": "50000"}, [(WARNING, "group.consumer.min.session.timeout.ms")]),
        (
            {"group.share.max.session.timeout.ms": "44999"},
            [(ERROR, "group.share.max.session.timeout.ms"), (WARNING, "group.share.max.session.timeout.ms")],
        ),
        ({"log.dirs": "/a", "log.dir": "/b"}, [(NOTE, "log.dir")]),
        (
            {"log.retention.ms": "1", "log.retention.minutes": "1", "log.retention.hours": "1"},
            [(NOTE, "log.retention.minutes"), (NOTE, "log.retention.hours")],
        ),
        ({"log.flush.interval.ms": "5"}, [(NOTE, "log.flush.interval.ms")]),
        ({"log.flush.interval.ms": "5", "log.flush.policy": "interval"}, []),
        ({"log.cleaner.enable": "false"}, [(WARNING, "log.cleaner.enable")]),
        ({"default.replication.factor": "3"}, [(WARNING, "default.replication.factor")]),
        ({"message.max.bytes": "1000", "socket.request.max.bytes": "900"}, [(WARNING, "message.max.bytes")]),
        ({"socket.request.max.bytes": "900"}, [(WARNING, "socket.request.max.bytes")]),
    ],
)
def test_troubles(static, expected):
    found = troubles(static)
    assert [(trouble.severity, trouble.name) for trouble in found] == expected
    assert all(trouble.message and trouble.suggestion for trouble in found)


def test_what_is_said_of_an_order():
    (trouble,) = troubles({"group.max.session.timeout.ms": "5999"})
    assert trouble.message == "group.min.session.timeout.ms = 6000 is more than group.max.session.timeout.ms = 5999"
    assert trouble.suggestion == "leave group.max.session.timeout.ms at least at 6000"


def test_the_names_are_those_of_settings():
    for names in (*ORDERED, *SAME):
        assert set(names) <= BROKER.keys()
    assert ("log.roll.ms", "log.roll.hours") in SAME
