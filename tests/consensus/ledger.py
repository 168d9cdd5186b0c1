"""What a group promised: each check has its own arithmetic, and none of it asks the code that is tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cordwood.consensus.applying import Command
from cordwood.raft import Message
from cordwood.raft.messages import AppendReply, Vote, VoteReply


class Ledger:
    """Of all nodes of a group, through all their lives."""

    def __init__(self) -> None:
        self.applied: dict[int, bytes] = {}
        """What stands at each place of the log, as whoever applied it first saw it."""
        self.acknowledged: dict[int, bytes] = {}
        self.terms: Counter[int] = Counter()
        """The latest term of which each node has told anybody something that it must not forget."""
        self.votes: dict[tuple[int, int], int] = {}
        self.leaders: dict[int, int] = {}
        self.seen: Counter[str] = Counter()

    def applies(self, commands: Iterable[Command]) -> None:
        """Equal places hold equal commands."""
        for index, data in commands:
            assert self.applied.setdefault(index, data) == data, f"entry {index} is {data!r} for one node only"

    def told(self, message: Message) -> None:
        """A node says something to another."""
        if isinstance(message, VoteReply | Vote | AppendReply):
            self.terms[message.sender] = max(self.terms[message.sender], message.term)
        if isinstance(message, VoteReply) and message.granted:
            self._votes(message.sender, message.term, message.to)
        if isinstance(message, Vote):
            self._votes(message.sender, message.term, message.sender)

    def _votes(self, node: int, term: int, candidate: int) -> None:
        first = self.votes.setdefault((node, term), candidate)
        assert first == candidate, f"{node} votes for {first} and {candidate} in term {term}"

    def starts(self, node: int, term: int) -> None:
        """A node was started with this term."""
        assert term >= self.terms[node], f"{node} told of term {self.terms[node]}, and starts with {term}"

    def leads(self, node: int, term: int) -> None:
        """One leader a term."""
        first = self.leaders.setdefault(term, node)
        assert first == node, f"{first} and {node} lead term {term}"

    def acknowledges(self, index: int, data: bytes) -> None:
        """Somebody was told that this is in the log for good."""
        assert self.applied[index] == data
        self.acknowledged[index] = data

    @property
    def newest(self) -> int:
        """The newest place that was acknowledged."""
        return max(self.acknowledged, default=0)


class Journal:
    """A state machine: it remembers every command and its place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.commands: list[tuple[int, bytes]] = []
        self.restored = 0

    def apply(self, commands: Sequence[Command]) -> list[Any]:
        self._ledger.applies(commands)
        for index, data in commands:
            assert not self.commands or index > self.commands[-1][0], f"{index} comes after {self.commands[-1][0]}"
            self.commands.append((index, data))
        return [index for index, _ in commands]

    def snapshot(self) -> list[bytes]:
        return [msgspec.msgpack.encode(command) for command in self.commands]

    def restore(self, parts: Iterable[bytes]) -> None:
        self.commands = [tuple(msgspec.msgpack.decode(part)) for part in parts]
        self.restored += 1
        self._ledger.applies(Command(*command) for command in self.commands)
