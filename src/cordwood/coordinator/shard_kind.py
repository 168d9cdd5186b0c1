"""What a shard runner asks of the kind of shards that it runs: shards of groups, or of transactions.

Lives here: those ports, and whose transaction records may belong to. Must not live here: any kind (`group_shards`,
`transaction_shards`), and what a runner does (`shard_runner`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from cordwood.model.decision import Record, Result, Ticket, TimerKey
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import NO_PRODUCER_ID, LeaderEpoch
from cordwood.records.batch import Codec
from cordwood.records.builder import NO_PRODUCER_EPOCH


class Producer(NamedTuple):
    """Whose transaction records belong to."""

    id: int = NO_PRODUCER_ID
    epoch: int = NO_PRODUCER_EPOCH


NOBODY: Final = Producer()


class Core(Protocol):
    """A shard: the state machine of one partition of an internal topic."""

    def replay(self, record: Record) -> None:
        """Takes up one record: the only way that state changes."""
        ...

    def decide(self, command: Any, turn: Any) -> Result:  # noqa: ANN401 - the kind knows its commands and turns.
        """What a command comes to."""
        ...

    def expired(self, key: TimerKey, turn: Any) -> Result:  # noqa: ANN401 - see `decide`.
        """What comes of a timer."""
        ...

    def loaded(self, turn: Any) -> Iterator[Result]:  # noqa: ANN401 - see `decide`.
        """What is to be done after the log was replayed, in pieces."""
        ...

    def ask(self, query: Any, turn: Any) -> Any:  # noqa: ANN401 - see `decide`.
        """What is so now."""
        ...


S = TypeVar("S", bound=Core)


class Running(Protocol[S]):
    """A shard at work, as its kind sees it."""

    shard: S
    leader_epoch: LeaderEpoch
    """In which this broker took up the shard."""

    @property
    def is_active(self) -> bool:
        """Whether it serves."""
        ...

    def written(self) -> asyncio.Future[CordwoodError | None]:
        """None when everything that was decided up to now is durable, or why it never will be."""
        ...

    def tell(self, command: Any) -> None:  # noqa: ANN401 - see `Core.decide`.
        """Carries out a command whose answer nobody waits for."""
        ...


class ShardKind(Protocol[S]):
    """What is the same for all shards of one kind. Only `decode` is called by other threads than the event loop's."""

    @property
    def codec(self) -> Codec:
        """How batches are compressed."""
        ...

    @property
    def load_buffer_bytes(self) -> int:
        """How much of a log is read in one piece."""
        ...

    def new_shard(self) -> S:
        """A shard with nothing in it."""
        ...

    def new_turn(self, ticket: Ticket) -> Any:  # noqa: ANN401 - what the kind's decisions are given.
        """The surroundings of one decision."""
        ...

    def name_of(self, question: Any) -> str:  # noqa: ANN401 - a command or a query.
        """What a command or query is about, for the words of errors; empty for what is about all."""
        ...

    def encode(self, record: Record) -> tuple[bytes, bytes | None]:
        """Key and value of a stored record."""
        ...

    def decode(self, key: bytes, value: bytes | None, producer: Producer) -> Record | None:
        """The record again; None for one of a kind that is not known here. Raises ProtocolError."""
        ...

    def producer_of(self, record: Record) -> Producer:
        """Whose transaction a record is part of."""
        ...

    def spare_bytes(self, record: Record) -> int:
        """How much larger a later record of the same key may be that nobody could refuse to write."""
        ...

    def complete(self, shard: S, producer_id: int, *, committed: bool) -> None:
        """A producer's transaction is over, by its marker in the log."""
        ...

    def took_effect(self, runner: Running[S], records: Sequence[Record]) -> None:
        """Told of the records of each decision, when they have changed the shard and are not durable yet."""
        ...

    def began(self, runner: Running[S]) -> None:
        """Told when a shard is loaded and serves."""
        ...
