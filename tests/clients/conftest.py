"""Fixtures of the client tests: one broker process for all, drivers that stay open, and the broker's last words.

Under xdist the tests of one file share a worker, so that a broker, a driver or the matrix is started once for them all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS, Client
from tests.clients.harness.crew import Crew, Pace, open_crew
from tests.clients.harness.matrix import Matrix
from tests.clients.harness.session import Session

HERE = Path(__file__).parent
# The brokers that tests share, by the name of their fixture.
SHARED_BROKERS: pytest.StashKey[dict[str, Broker]] = pytest.StashKey()


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
    for name, broker in item.session.stash.get(SHARED_BROKERS, {}).items():
        if report.failed and name in getattr(item, "fixturenames", ()):
            state = "is running" if broker.is_running else "has died"
            report.sections.append((f"stderr of the {name}, which {state}", broker.stderr()))
    return report


def run_broker(request: pytest.FixtureRequest, broker: Broker) -> Iterator[Broker]:
    """A broker for the whole session, whose last words a failure shows."""
    assert request.fixturename is not None
    request.session.stash.setdefault(SHARED_BROKERS, {})[request.fixturename] = broker
    broker.start()
    yield broker
    if broker.is_running:
        broker.kill()


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker in a process of its own, with everything at its default."""
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("broker")))


@pytest.fixture(scope="session")
def brisk_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that gives up silent members of groups soon."""
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("brisk"), Pace().settings()))


@pytest.fixture
def crew(brisk_broker: Broker, topic: str) -> Iterator[Callable[[int, int], Crew]]:
    """Makes a group without members over a topic of so many partitions; a seed chooses the records."""
    with ExitStack() as stack:
        yield lambda partitions, seed: stack.enter_context(
            open_crew(brisk_broker, f"group-{topic}", topic, partitions, seed)
        )


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
