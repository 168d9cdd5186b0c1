"""Decisions that are carried out together: one command for all who ask at the same time.

      asked:     create a   create b   create a   delete c        decided one after another, each on the image that
      records:   a          b          (refused)  -c              the ones before it lead to
      command:   base 57: a b -c

Lives here: who asks, and what was decided for them. Must not live here: the way of the command (proposals.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from cordwood.metadata import Image, Result, encode, replay_all

T = TypeVar("T")

ROUND_LIMIT: Final = 64
"""So many decisions share a command, at most: they are made without a pause."""
ROUND_BYTES: Final = 1 << 20
"""And so many bytes; one that is larger has its command to itself, and what becomes of that is nobody else's trouble."""


class Ask(Generic[T]):
    """A decision that somebody waits for."""

    def __init__(self, decide: Callable[[Image], Result[T]], answer: asyncio.Future[T]) -> None:
        self.decide = decide
        self.answer = answer
        self.stands = False
        """What was decided is in effect, or not stale: the answer comes, and only the showing is waited for."""

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more."""
        return self.answer.done()

    def reply(self, reply: T) -> None:
        """The decision stands."""
        if not self.is_over:
            self.answer.set_result(reply)

    def fail(self, error: Exception) -> None:
        """It came to nothing, or the decision is an error."""
        if not self.is_over:
            self.answer.set_exception(error)


class _Decided(NamedTuple):
    ask: Ask[Any]
    reply: Any
    error: Exception | None


class Round:
    """What was decided on one image."""

    def __init__(self, base: Image) -> None:
        self.base = base
        self.records: list[bytes] = []
        self.size_bytes = 0
        self._after = base
        self._decided: list[_Decided] = []

    def __len__(self) -> int:
        """Whom it has an answer for, and who is gone."""
        return len(self._decided)

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more."""
        return all(decided.ask.is_over for decided in self._decided)

    def decide(self, asks: Iterable[Ask[Any]]) -> None:
        """Decides for the first of them, in their order, as many as share a command."""
        for ask in asks:
            if len(self._decided) >= ROUND_LIMIT or not self._decide(ask):
                return

    def _decide(self, ask: Ask[Any]) -> bool:
        """Decides for one; False if it has to wait for the next command."""
        if ask.is_over:
            self._decided.append(_Decided(ask, None, None))
            return True
        try:
            result = ask.decide(self._after)
            after = replay_all(self._after, result.records) if result.records else self._after
        except Exception as error:  # noqa: BLE001 - whatever a decision raises belongs to whoever asked for it
            self._decided.append(_Decided(ask, None, error))
            return True
        records = [encode(record) for record in result.records]
        size = sum(map(len, records))
        if self._decided and self.size_bytes + size > ROUND_BYTES:
            return False
        self.records += records
        self.size_bytes += size
        self._after = after
        self._decided.append(_Decided(ask, result.reply, None))
        return True

    def stand(self) -> None:
        """What was decided is in effect, or not stale."""
        for decided in self._decided:
            decided.ask.stands = True

    def answer(self) -> None:
        """It is shown: everybody is told."""
        for ask, reply, error in self._decided:
            if error is None:
                ask.reply(reply)
            else:
                ask.fail(error)

    def fail(self, error: Exception) -> None:
        """Nobody gets what was decided."""
        for decided in self._decided:
            decided.ask.fail(error)
