"""kcat -G: a balanced consumer group whose members are kcat, as it comes from the system's packages."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.clients.tools.process import need, open_tools
from tests.clients.tools.topics import Admin, send

PARTITIONS = 4
PORTION = 200
WITHIN_S = 30.0
ASSIGNED = re.compile(r"% Group \S+ rebalanced \(memberid \S+\): (assigned|revoked): ?(.*)")
SETTINGS = {
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": "100",
    "session.timeout.ms": "2000",
    "heartbeat.interval.ms": "250",
}


class Group:
    """The members of one group, and what they were given."""

    def __init__(self, tools, bootstrap, topic):
        self.admin = Admin(bootstrap)
        self.topic = topic
        self.name = f"kcat-{topic}"
        self.tools = tools
        self.members = []
        self.sent = 0
        self.admin.create(topic, PARTITIONS)

    def join(self):
        command = ["kcat", "-b", self.admin.bootstrap, "-G", self.name, "-u", "-f", "%p %o %s\\n"]
        for name, value in SETTINGS.items():
            command += ["-X", f"{name}={value}"]
        member = self.tools.start("kcat", [*command, self.topic])
        self.members.append(member)
        return member

    def send(self):
        records = [(str(n), str(n)) for n in range(self.sent, self.sent + PORTION)]
        send(self.admin.bootstrap, self.topic, records)
        self.sent += PORTION

    def delivered(self):
        """How often each record was delivered to any member."""
        return Counter(int(line.split()[2]) for member in self.members for line in list(member.said))

    def wait_delivered(self):
        wanted = set(range(self.sent))
        self.tools.wait_until(
            lambda: set(self.delivered()) >= wanted, WITHIN_S, lambda: sorted(wanted - set(self.delivered()))
        )

    def wait_committed(self):
        self.tools.wait_until(lambda: self.admin.has_committed_all(self.name, self.topic), WITHIN_S)

    def wait_shared(self, *shares):
        """Wait until the members that run own so many partitions each, and all of them together."""
        self.tools.wait_until(
            lambda: sorted(len(owned(member)) for member in self.members if not member.has_ended) == sorted(shares),
            WITHIN_S,
            lambda: [owned(member) for member in self.members],
        )


def owned(member):
    """The partitions that a kcat says it was given last."""
    changes = [match for line in list(member.complained) if (match := ASSIGNED.match(line))]
    if not changes or changes[-1][1] == "revoked":
        return set()
    return set(re.findall(r"\[(\d+)\]", changes[-1][2]))


@pytest.fixture
def group(brisk_broker, topic):
    need("kcat", "kcat")
    with open_tools() as tools:
        yield Group(tools, brisk_broker.bootstrap, topic)


def test_two_share_a_topic_and_one_takes_over_when_the_other_is_killed(group):
    first = group.join()
    group.wait_shared(PARTITIONS)
    group.send()
    group.wait_delivered()
    group.wait_committed()

    second = group.join()
    group.wait_shared(PARTITIONS // 2, PARTITIONS // 2)
    assert owned(first).isdisjoint(owned(second))
    group.send()
    group.wait_delivered()
    assert set(group.delivered().values()) == {1}, "in quiet each record is delivered once"
    assert first.said
    assert second.said

    group.send()
    first.kill()
    group.wait_shared(PARTITIONS)
    group.send()
    group.wait_delivered()


def test_the_group_goes_on_where_it_left_off(group):
    first = group.join()
    group.send()
    group.wait_delivered()
    first.stop()
    assert group.admin.committed(group.name, group.topic) == group.admin.ends(group.topic)

    group.send()
    second = group.join()
    group.wait_delivered()
    assert len(second.said) == PORTION
    assert set(group.delivered().values()) == {1}
