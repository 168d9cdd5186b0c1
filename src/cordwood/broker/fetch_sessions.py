"""Incremental fetch sessions (KIP-227): a consumer names its partitions once and then only what changed.

Lives here: the sessions, their epochs and their bounds. Must not live here: reading records, waiting.

| request's (id, epoch) | meaning                                            | answer                            |
|-----------------------|----------------------------------------------------|-----------------------------------|
| (0, -1)               | full fetch, no session wanted                      | all partitions, id 0              |
| (any, 0)              | full fetch, new session; an old one of that id ends | all partitions, new id (0 if full) |
| (id, -1)              | full fetch, end the session                        | all partitions, id 0              |
| (id, n)               | incremental; n must be the session's next epoch    | what changed, same id             |

The cache holds `limit` sessions. When it is full, a session that was idle for `EVICTION_IDLE_MS` makes room for a new
one, else the new fetch stays without a session, which every client accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest

EVICTION_IDLE_MS: Final = 120_000
"""Kafka's min.incremental.fetch.session.eviction.ms."""

FINAL_EPOCH: Final = -1
INITIAL_EPOCH: Final = 0
_EPOCH_LIMIT: Final = 0x7FFF_FFFF

Key: TypeAlias = tuple[str, bytes, int]
"""Topic name, topic id and partition, as the client named them: one of the first two is empty."""


class WantedPartition:
    """What a client wants from one partition, and what it was told last."""

    __slots__ = (
        "fetch_offset",
        "high_watermark_sent",
        "last_fetched_epoch",
        "leader_epoch",
        "log_start_sent",
        "max_bytes",
        "partition",
        "topic",
        "topic_id",
    )

    def __init__(self, topic: str, topic_id: bytes, asked: FetchPartition) -> None:
        self.topic = topic
        self.topic_id = topic_id
        self.partition = asked.partition
        self.ask(asked)
        self.high_watermark_sent = -2
        self.log_start_sent = -2

    def ask(self, asked: FetchPartition) -> None:
        """The client wants this from now on."""
        self.fetch_offset = asked.fetch_offset
        self.max_bytes = asked.partition_max_bytes
        self.leader_epoch = asked.current_leader_epoch
        self.last_fetched_epoch = asked.last_fetched_epoch


class FetchSession:
    """The partitions of one consumer, in the order of their turn."""

    __slots__ = ("epoch", "id", "last_used_ms", "uses_ids", "wanted")

    def __init__(self, session_id: int, wanted: dict[Key, WantedPartition], uses_ids: bool, now_ms: int) -> None:
        self.id = session_id
        self.epoch = 1
        self.wanted = wanted
        self.uses_ids = uses_ids
        self.last_used_ms = now_ms

    def served(self, wanted: WantedPartition) -> None:
        """This partition sent records: the others come first next time."""
        key = (wanted.topic if not self.uses_ids else "", wanted.topic_id if self.uses_ids else b"", wanted.partition)
        if (moved := self.wanted.pop(key, None)) is not None:
            self.wanted[key] = moved


class FetchPlan:
    """What one fetch request has to answer."""

    __slots__ = ("error", "full", "session", "wanted")

    def __init__(
        self,
        wanted: Iterable[WantedPartition] = (),
        *,
        session: FetchSession | None = None,
        full: bool = True,
        error: ErrorCode = ErrorCode.NONE,
    ) -> None:
        self.wanted = list(wanted)
        self.session = session
        self.full = full
        self.error = error

    @property
    def session_id(self) -> int:
        """The id that the answer carries."""
        return 0 if self.session is None else self.session.id


class FetchSessions:
    """The sessions of all consumers of this broker."""

    def __init__(self, limit: int, clock: Clock, dice: Dice) -> None:
        self._limit = limit
        self._clock = clock
        self._dice = dice
        self._sessions: dict[int, FetchSession] = {}
        self.evictions_total = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def plan(self, request: FetchRequest, uses_ids: bool) -> FetchPlan:
        """Finds, makes or ends the session that a request speaks of."""
        if request.session_epoch == FINAL_EPOCH:
            self._sessions.pop(request.session_id, None)
            return FetchPlan(_all_wanted(request).values())
        if request.session_epoch == INITIAL_EPOCH:
            self._sessions.pop(request.session_id, None)
            wanted = _all_wanted(request)
            return FetchPlan(wanted.values(), session=self._new_session(wanted, uses_ids))
        return self._continue(request, uses_ids)

    def forget(self, session_id: int) -> None:
        """The client is not to know of this session, if there is one."""
        self._sessions.pop(session_id, None)

    def _continue(self, request: FetchRequest, uses_ids: bool) -> FetchPlan:
        session = self._sessions.get(request.session_id)
        if session is None:
            return FetchPlan(error=ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
        if session.uses_ids is not uses_ids:
            return FetchPlan(error=ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
        if request.session_epoch != session.epoch:
            return FetchPlan(error=ErrorCode.INVALID_FETCH_SESSION_EPOCH)
        session.epoch = 1 if session.epoch == _EPOCH_LIMIT else session.epoch + 1
        self._touch(session)
        for topic in request.forgotten_topics_data:
            for partition in topic.partitions:
                session.wanted.pop((topic.topic, topic.topic_id if uses_ids else b"", partition), None)
        for key, asked in _named_partitions(request):
            if (known := session.wanted.get(key)) is not None:
                known.ask(asked)
            else:
                session.wanted[key] = WantedPartition(key[0], key[1], asked)
        return FetchPlan(session.wanted.values(), session=session, full=False)

    def _new_session(self, wanted: dict[Key, WantedPartition], uses_ids: bool) -> FetchSession | None:
        if not wanted or not self._make_room():
            return None
        session_id = self._dice.below(_EPOCH_LIMIT) + 1
        while session_id in self._sessions:
            session_id = self._dice.below(_EPOCH_LIMIT) + 1
        session = FetchSession(session_id, wanted, uses_ids, self._clock.now_ms())
        self._sessions[session_id] = session
        return session

    def _touch(self, session: FetchSession) -> None:
        """Keeps the dictionary in the order of last use."""
        session.last_used_ms = self._clock.now_ms()
        self._sessions[session.id] = self._sessions.pop(session.id)

    def _make_room(self) -> bool:
        if len(self._sessions) < self._limit:
            return True
        oldest = next(iter(self._sessions.values()), None)
        if oldest is None or self._clock.now_ms() - oldest.last_used_ms < EVICTION_IDLE_MS:
            return False
        del self._sessions[oldest.id]
        self.evictions_total += 1
        return True


def _named_partitions(request: FetchRequest) -> Iterator[tuple[Key, FetchPartition]]:
    """The partitions that the request itself names."""
    for topic in request.topics:
        topic_id = b"" if topic.topic else bytes(topic.topic_id)
        for asked in topic.partitions:
            yield (topic.topic, topic_id, asked.partition), asked


def _all_wanted(request: FetchRequest) -> dict[Key, WantedPartition]:
    """What a full fetch wants: nothing but what it names."""
    return {key: WantedPartition(key[0], key[1], asked) for key, asked in _named_partitions(request)}
