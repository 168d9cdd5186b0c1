"""A small client for the requests that no client library has: it finds the leader of the quorum by itself.

      bootstrap servers ──> any broker that answers: who is there, which cluster ──> the leader ──> the request
                                                          ^                             │ not I, but node 3
                                                          └─────────────────────────────┘

Lives here: who is asked next, how long. Must not live here: the connection (connection.py), what is asked, and words for
people.

Every wait has an end: `timeout_s` for finding out whom to ask, and what a change is given on top of that. A change is
sent to one node that might carry it out: if its answer gets lost, nobody says that it was not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, Final, NamedTuple, Protocol, cast

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.cluster.connection import Connection
from cordwood.env.clock import Clock, SystemClock
from cordwood.model.errors import CordwoodError, ProtocolError
from cordwood.node.addresses import HostPort
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse
from cordwood.wire.schema import Message

METADATA_VERSION: Final = 12
PAUSE_S: Final = 0.1
"""Before everybody is asked once more."""
PATIENCE_S: Final = 3.0
"""A broker that does not answer within this time is passed over, unless it may be at work on a change."""
TROUBLE_TOLD: Final = 8
"""So many of the last answers are told where nobody could be asked."""

_wait = Event().wait


class Answer(Protocol):
    """A response whose outcome is one code with words."""

    error_code: int
    error_message: str | None


class Unreachable(CordwoodError):
    """Nobody could be asked: what was tried, and what became of it."""

    retriable = True

    def __init__(self, wanted: str, trouble: Sequence[str]) -> None:
        super().__init__(f"{wanted} could not be reached: {'; '.join(trouble) or 'there was no time'}")
        self.wanted = wanted
        self.trouble = tuple(trouble)


class AnswerLost(CordwoodError):
    """The request was sent, and its answer never came: it may have been carried out."""

    def __init__(self, place: HostPort, reason: str) -> None:
        super().__init__(
            f"{place} was asked and has not answered: {reason}; look with `cordwood cluster status` whether it was done"
        )
        self.place = place
        self.reason = reason


class Refused(CordwoodError):
    """The cluster refuses."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(f"{message} ({code.name})")
        self.code = code
        self.message = message


class View(NamedTuple):
    """What a broker says of its cluster."""

    cluster_id: str
    controller: int
    brokers: dict[int, HostPort]


class ClusterClient:
    """Asks a cluster whose brokers are found by `bootstrap`, for so long."""

    def __init__(
        self,
        bootstrap: Sequence[HostPort],
        timeout_s: float,
        *,
        clock: Clock | None = None,
        pause: Callable[[float], object] = _wait,
    ) -> None:
        self._bootstrap = tuple(bootstrap)
        self._deadline = Deadline(timeout_s, clock or SystemClock())
        self._pause = pause
        self._view = View("", -1, {})
        self._leader = -1
        """Who is said to lead."""
        self._silent: set[HostPort] = set()
        """Who could not be asked: it comes last from then on."""
        self._is_starting = False
        """Whether somebody has hung up, as brokers do to clients before they are ready."""

    def view(self) -> View:
        """What the first broker that answers says of the cluster; one that is only starting is waited for.

        Raises Unreachable.
        """
        while True:
            trouble: list[str] = []
            self._is_starting = False
            for place in self._places():
                with self._noted(trouble, place):
                    self._view = _view_of(self._metadata(place))
                    return self._view
            if not self._is_starting or self._deadline.left_s <= PAUSE_S:
                raise Unreachable("the cluster", trouble)
            self._pause(PAUSE_S)

    def ask_leader(
        self, message: Message, version: int, outcome: Callable[[Any], Answer], change_s: float = 0.0
    ) -> Any:  # noqa: ANN401 - the response of the API
        """The answer of the node that leads the quorum; `outcome` is what tells in an answer that a node does not.

        `change_s` is how long a change may take; without it the request only asks, and may be asked of several nodes.
        Raises Unreachable, with what everybody said, and AnswerLost.
        """
        trouble: list[str] = []
        self._leader = (self._view if self._view.brokers else self.view()).controller
        while True:
            response = self._ask_around(lambda place: self._ask(place, message, version, change_s), outcome, trouble)
            if response is not None:
                return response
            if self._deadline.left_s <= PAUSE_S:
                raise Unreachable("the leader of the quorum", list(dict.fromkeys(trouble))[-TROUBLE_TOLD:])
            self._pause(PAUSE_S)

    def _ask_around(
        self, ask: Callable[[HostPort], Any], outcome: Callable[[Any], Answer], trouble: list[str]
    ) -> Any | None:  # noqa: ANN401 - the response of the API
        """The answer of who leads, or None if nobody does; what the others said is noted."""
        for place in self._in_turn():
            with self._noted(trouble, place):
                response = ask(place)
                told = outcome(response)
                if told.error_code != ErrorCode.NOT_LEADER_OR_FOLLOWER:
                    return response
                trouble.append(f"{place}: {told.error_message or 'it does not lead'}")
                self._leader = getattr(told, "leader_id", -1)
        return None

    def _ask(self, place: HostPort, message: Message, version: int, change_s: float) -> Any:  # noqa: ANN401
        """The answer of one broker. What goes wrong with a change once it is on its way is told at once."""
        soon = self._deadline.sooner(PATIENCE_S)
        with _connected(place, soon) as connection:
            if not change_s:
                return connection.ask(message, version, soon)
            try:
                return connection.ask(message, version, self._deadline.later(change_s))
            except (OSError, ProtocolError) as error:
                raise AnswerLost(place, str(error)) from error

    @contextmanager
    def _noted(self, trouble: list[str], place: HostPort) -> Iterator[None]:
        """A broker that cannot be asked is noted, and the next one asked."""
        try:
            yield
        except (OSError, ProtocolError) as error:
            self._silent.add(place)
            self._is_starting |= isinstance(error, ConnectionResetError)
            trouble.append(f"{place}: {error}")

    def _metadata(self, place: HostPort) -> MetadataResponse:
        soon = self._deadline.sooner(PATIENCE_S)
        with _connected(place, soon) as connection:
            response = connection.ask(MetadataRequest(topics=[]), METADATA_VERSION, soon)
            return cast(MetadataResponse, response)

    def _places(self) -> Iterator[HostPort]:
        """Everybody who is known, while there is time; who was silent comes last."""
        places = dict.fromkeys((*self._bootstrap, *self._view.brokers.values()))
        for place in sorted(places, key=self._silent.__contains__):
            if not self._deadline.is_over:
                yield place

    def _in_turn(self) -> Iterator[HostPort]:
        """Everybody who is known, once; whoever is said to lead by then comes next."""
        asked: set[HostPort] = set()
        while True:
            told = self._view.brokers.get(self._leader)
            first = () if told is None or told in self._silent else (told,)
            waiting = [place for place in (*first, *self._places()) if place not in asked]
            if not waiting:
                return
            asked.add(waiting[0])
            yield waiting[0]


def _view_of(response: MetadataResponse) -> View:
    brokers = {broker.node_id: HostPort(broker.host, broker.port) for broker in response.brokers}
    return View(response.cluster_id or "", response.controller_id, brokers)


@contextmanager
def _connected(place: HostPort, deadline: Deadline) -> Iterator[Connection]:
    connection = Connection(place, deadline)
    try:
        yield connection
    finally:
        connection.close()
