"""Records handed to librdkafka, and what becomes of them."""

from __future__ import annotations

import pytest

from cordwood.cli.client.options import Connection
from cordwood.cli.records import sending
from cordwood.cli.records.message import Outgoing
from cordwood.cli.records.sending import Refusal, Report, Sender, Sums
from cordwood.cli.terminal.exits import Exit
from tests.cli.records.broker_kit import contents, make_topic

FULL = Outgoing(b"k", b"v", (("h", None), ("h", b"\xff")), 1, 5)


def sender(server, topic, tell=None, **properties):
    """One without a producer id, unless it is told to have one."""
    own = {"enable.idempotence": False, **properties}
    return Sender(Connection({"bootstrap.servers": server.bootstrap_servers}), topic, own, tell)


def test_records_as_they_are(server):
    topic = make_topic(server, "as-they-are", 2)
    sent = sender(server, topic, **{"enable.idempotence": True})
    records = [FULL, Outgoing(b"", b"", (), 0, 7), Outgoing(None, None, (), 0, 8)]
    for record in records:
        sent.send(record)
    sent.flush()
    assert contents(server, topic, 2) == [records[1], records[2], records[0]]
    assert (sent.sums.sent, sent.sums.acknowledged, sent.sums.code) == (3, 3, Exit.OK)


def test_each_record_is_told(server):
    topic = make_topic(server, "told", 2)
    told = []
    sent = sender(server, topic, told.append)
    for record in (FULL, Outgoing(None, b"v", (), 9), Outgoing(None, b"v", (), 0, 0), Outgoing(None, b"v" * 2_000_000)):
        sent.send(record)
    sent.flush()
    assert sorted(told, key=lambda report: report.record) == [
        Report(1, topic, 1, 0),
        Report(2, topic, None, None, "Unknown partition"),
        Report(3, topic, None, None, "a timestamp of 0 cannot be sent: librdkafka takes it for now"),
        Report(4, topic, None, None, "Message size too large (MSG_SIZE_TOO_LARGE)"),
    ]
    assert sent.sums.code is Exit.PARTIAL


def test_a_full_queue_is_waited_for(server, monkeypatch):
    topic = make_topic(server, "full")
    sent = sender(server, topic, **{"queue.buffering.max.messages": 2, "linger.ms": 0})
    for number in range(20):
        sent.send(Outgoing(None, b"%d" % number))
    sent.flush()
    assert [record.value for record in contents(server, topic)] == [b"%d" % number for number in range(20)]


def test_what_is_given_up_has_failed(server, monkeypatch):
    monkeypatch.setattr(sending, "FLUSH_WAIT_S", 5.0)
    sent = sender(server, make_topic(server, "given-up"), **{"linger.ms": 9_000})
    sent.send(Outgoing(None, b"v"))
    sent.give_up()
    assert (sent.sums.sent, sent.sums.failed, sent.sums.code) == (1, 1, Exit.ERROR)


def test_without_acknowledgements_nobody_knows_the_offset(server):
    told = []
    topic = make_topic(server, "unacknowledged")
    sent = sender(server, topic, told.append, acks=0)
    sent.send(Outgoing(None, b"v"))
    sent.flush()
    assert told == [Report(1, topic, 0, None)]


@pytest.mark.parametrize(
    ("refused", "is_written", "code"),
    [
        ([], True, Exit.OK),
        ([("gone", Exit.NOT_FOUND)], True, Exit.PARTIAL),
        ([("gone", Exit.NOT_FOUND)], False, Exit.NOT_FOUND),
        ([("gone", Exit.NOT_FOUND), ("closed", Exit.AUTH)], False, Exit.ERROR),
    ],
)
def test_the_exit_code_of_it_all(refused, is_written, code):
    sums = Sums()
    for words, reason in refused:
        sums.refuse(words, reason)
    if is_written:
        sums.acknowledge(0, 5)
    assert sums.code is code


def test_reasons_are_counted():
    sums = Sums()
    for _ in range(3):
        sums.refuse("gone", Exit.NOT_FOUND)
    assert sums.refusals == [Refusal("gone", Exit.NOT_FOUND, 3)]
