"""Where a partition begins and ends, and which record a time belongs to, as each client asks it."""

from __future__ import annotations

import pytest

from tests.clients.harness.clients import CLIENTS, each
from tests.clients.harness.records import armour

T = 1_700_000_000_000
# The third record is the youngest; the fourth came after it, with an older time.
TIMES = [T, T + 10, T + 30, T + 20]
# What a client makes of "there is no such record": most say -1, these say the end.
NOTHING = {"kafkajs": len(TIMES), "franz-go": len(TIMES)}


@pytest.fixture(scope="module")
def timed(broker, create):
    """A topic with a record at each of TIMES, each in a batch of its own."""
    create("timed")
    with CLIENTS[0].session("produce", broker.bootstrap) as producer:
        for n, time in enumerate(TIMES):
            line = {"n": n, "topic": "timed", "partition": 0, "key": None, "value": armour(b"x"), "timestamp_ms": time}
            assert producer.ask(line)["offset"] == n
    return "timed"


def offset(session, at, topic="timed", **more):
    answer = session.ask({"op": "offsets", "topic": topic, "partition": 0, "at": at, **more})
    assert "ok" in answer, answer
    return answer["ok"]


@each("offsets")
def test_the_ends(admin, client, timed):
    session = admin(client)
    assert offset(session, "earliest")["offset"] == 0
    assert offset(session, "latest")["offset"] == len(TIMES)


@each("offsets")
@pytest.mark.parametrize(
    ("at", "expected"), [(0, 0), (T, 0), (T + 1, 1), (T + 10, 1), (T + 11, 2), (T + 20, 2), (T + 30, 2)]
)
def test_the_first_record_at_a_time_or_after_it(admin, client, timed, at, expected):
    found = offset(admin(client), at)
    assert found["offset"] == expected
    assert found.get("timestamp_ms", TIMES[expected]) == TIMES[expected]


@each("offsets")
def test_a_time_after_the_last_record(admin, client, timed):
    assert offset(admin(client), T + 31)["offset"] == NOTHING.get(client.name, -1)


@each("max_timestamp")
def test_the_youngest_record(admin, client, timed):
    assert offset(admin(client), "max_timestamp") == {"offset": 2, "timestamp_ms": T + 30}


@each("offsets")
def test_an_empty_partition(admin, client, topic, create):
    create(topic)
    session = admin(client)
    assert offset(session, "earliest", topic)["offset"] == 0
    assert offset(session, "latest", topic)["offset"] == 0


@each("max_timestamp")
def test_an_empty_partition_has_no_youngest_record(admin, client, topic, create):
    create(topic)
    assert offset(admin(client), "max_timestamp", topic) == {"offset": -1, "timestamp_ms": -1}


@each("isolation")
def test_what_is_committed_ends_where_all_ends(admin, client, timed):
    assert offset(admin(client), "latest", read_committed=True)["offset"] == len(TIMES)
