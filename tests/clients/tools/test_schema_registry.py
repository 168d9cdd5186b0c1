"""A schema registry of two instances: its compacted topic, its election by a group of the type "sr", the master killed.

Karapace is run where it is installed: as `karapace` on the PATH, or as the command that KARAPACE names. It comes from no
package registry, so elsewhere its test skips, and what it asks of the broker is asked by a stand-in.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack

import pytest

from tests.clients.tools.process import open_tools
from tests.clients.tools.topics import Admin

KARAPACE = shlex.split(os.environ.get("KARAPACE", "karapace"))
STAND_IN = [sys.executable, "-m", "tests.clients.tools.registry.stand_in"]
HOST = "127.0.0.1"
WITHIN_S = 60.0
ANSWER_WITHIN_S = 10.0
CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


def free_ports(count):
    """Ports that nothing listens on, in ascending order."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return sorted(server.getsockname()[1] for server in servers)


def schema_of(name):
    """An Avro schema of that name."""
    return json.dumps({"type": "record", "name": name, "fields": [{"name": "age", "type": "int"}]})


class Cluster:
    """Instances of a registry over one topic; the master is the one with the lowest address."""

    def __init__(self, tools, command, bootstrap, name):
        self.tools = tools
        self.admin = Admin(bootstrap)
        self.topic = f"_schemas-{name}"
        self.group = f"registry-{name}"
        self._command = command

    def start(self, port):
        """One instance, which answers when this returns."""
        settings = {
            "BOOTSTRAP_URI": self.admin.bootstrap,
            "HOST": HOST,
            "PORT": str(port),
            "ADVERTISED_HOSTNAME": HOST,
            "CLIENT_ID": f"registry-{port}",
            "GROUP_ID": self.group,
            "TOPIC_NAME": self.topic,
            "SESSION_TIMEOUT_MS": "6000",
            "WAITING_TIME_BEFORE_ACTING_AS_MASTER_MS": "100",
            # Named by what reads it: Karapace until 3, and from 4 on.
            "REGISTRY": "true",
            "KARAPACE_REGISTRY": "true",
            "LOG_LEVEL": "INFO",
        }
        env = {**os.environ, **{f"KARAPACE_{name}": value for name, value in settings.items()}}
        instance = self.tools.start(f"registry {port}", self._command, env)
        self.tools.wait_until(lambda: ask(port, "subjects") is not None, WITHIN_S)
        return instance

    def wait_members(self, count):
        self.tools.wait_until(
            lambda: self.admin.group(self.group) == ("Stable", "sr", "v0", count),
            WITHIN_S,
            lambda: self.admin.group(self.group),
        )

    def register(self, port, subject):
        """The id of the subject's schema, from whoever is master now."""
        answers = []

        def is_registered():
            answers.append(ask(port, f"subjects/{subject}/versions", {"schema": schema_of(subject)}))
            return answers[-1] is not None

        self.tools.wait_until(is_registered, WITHIN_S)
        return answers[-1]["id"]

    def wait_known(self, port, ids):
        """Wait until an instance answers for all these schemas."""
        self.tools.wait_until(
            lambda: all(name_of(ask(port, f"schemas/ids/{number}")) == subject for subject, number in ids.items()),
            WITHIN_S,
        )


def ask(port, path, content=None):
    """What an instance answers; None when it does not, or is not ready to."""
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"http://{HOST}:{port}/{path}", body, {"Content-Type": CONTENT_TYPE})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def name_of(answer):
    return None if answer is None else json.loads(answer["schema"])["name"]


@pytest.fixture(params=["karapace", "stand-in"])
def cluster(request, brisk_broker, topic):
    command = STAND_IN
    if request.param == "karapace":
        command = KARAPACE
        if shutil.which(command[0]) is None:
            pytest.skip("karapace is not installed: it comes from its own repository; KARAPACE names its command")
    with open_tools() as tools:
        yield Cluster(tools, command, brisk_broker.bootstrap, topic)


def test_one_instance_writes_and_the_other_takes_over_when_it_is_killed(cluster):
    low, high = free_ports(2)
    master = cluster.start(low)
    cluster.start(high)
    cluster.wait_members(2)
    assert cluster.admin.topics(cluster.topic) == {cluster.topic: 1}
    assert cluster.admin.configs(cluster.topic)["cleanup.policy"] == "compact"

    ids = {subject: cluster.register(port, subject) for subject, port in (("first", low), ("second", high))}
    assert cluster.register(high, "first") == ids["first"]
    cluster.wait_known(low, ids)
    cluster.wait_known(high, ids)

    master.kill()
    cluster.wait_members(1)
    ids["third"] = cluster.register(high, "third")
    assert len(set(ids.values())) == 3
    cluster.start(low)
    cluster.wait_members(2)
    cluster.wait_known(low, ids)
