"""Fixtures of the client tests: one broker process for all, drivers that stay open, and the broker's last words.

Under xdist the tests of one file share a worker, so that a broker, a driver or the matrix is started once for them all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS, Client
from tests.clients.harness.matrix import Matrix
from tests.clients.harness.session import Session

HERE = Path(__file__).parent
SHARED_BROKER: pytest.StashKey[Broker] = pytest.StashKey()


# Before xdist, which looks at the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder is a client test, and those of one file share a worker."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker("clients")
        item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the broker wrote to standard error."""
    report = yield
    broker = item.session.stash.get(SHARED_BROKER, None)
    if report.failed and broker is not None and "broker" in getattr(item, "fixturenames", ()):
        state = "is running" if broker.is_running else "has died"
        report.sections.append((f"stderr of the broker, which {state}", broker.stderr()))
    return report


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker in a process of its own, with everything at its default."""
    broker = Broker(tmp_path_factory.mktemp("broker"))
    request.session.stash[SHARED_BROKER] = broker
    broker.start()
    yield broker
    if broker.is_running:
        broker.kill()


@pytest.fixture(scope="session")
def admin(broker: Broker) -> Iterator[Callable[[Client], Session]]:
    """The admin driver of a client, started once; skips the test when the client is not installed."""
    sessions: dict[str, Session] = {}

    def open_session(client: Client) -> Session:
        need(client)
        if client.name not in sessions:
            sessions[client.name] = client.session("admin", broker.bootstrap)
        return sessions[client.name]

    yield open_session
    for session in sessions.values():
        session.close()


@pytest.fixture(scope="session")
def create(admin: Callable[[Client], Session]) -> Callable[..., str]:
    """Creates a topic, through the first client of the table; returns its name."""

    def create_topic(name: str, partitions: int = 1, **configs: str) -> str:
        request = {"op": "create_topic", "topic": name, "partitions": partitions, "configs": configs}
        answer = admin(CLIENTS[0]).ask(request)
        assert "ok" in answer, answer
        return name

    return create_topic


@pytest.fixture(scope="session")
def matrix(broker: Broker, create: Callable[..., str]) -> Matrix:
    """What every client that is installed wrote, and read of the others."""
    present = [client for client in CLIENTS if client.absence() is None]
    return Matrix(broker.bootstrap, present, create)


_numbers = count()


@pytest.fixture
def topic() -> str:
    """A name that no other test uses."""
    return f"topic-{next(_numbers)}"


def need(*clients: Client) -> None:
    """Skips the test when one of the clients cannot be run here."""
    for client in clients:
        reason = client.absence()
        if reason is not None:
            pytest.skip(reason)
