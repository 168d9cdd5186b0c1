"""A survey: a driver makes every call that its admin client offers, and says what each came to.

    survey    in:  nothing
              options: --name NAME, whose things the broker has: see harness/scene.py
              out: {"offers": [name...]}  every call of the client's, by reflection; then, for each that was made, in any
                   order, {"call": name, "ok": result} or {"call": name, "error": what the client calls it, "message"}

A call is made with arguments that a broker can do something with, and its result is looked at: one that does not hold
what was asked for fails. What a survey finds is compared with admin/calls.toml.

Lives here: the frame for drivers in Python. Nothing in here knows a Kafka client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.clients.drivers.protocol import Answers


@dataclass(frozen=True, slots=True)
class Scene:
    """The names of what is on the broker for one client."""

    name: str

    @property
    def records(self) -> str:
        """A topic of two partitions; the first has ten records."""
        return f"{self.name}-records"

    @property
    def group(self) -> str:
        """A group without members, which has committed offset 5 of the first partition of `records`."""
        return f"{self.name}-group"

    @property
    def members(self) -> str:
        """A group of the classic protocol with one static member."""
        return f"{self.name}-members"

    @property
    def instance(self) -> str:
        """The member of `members`."""
        return f"{self.name}-instance"

    @property
    def modern(self) -> str:
        """A group of the consumer protocol (KIP-848) with one member."""
        return f"{self.name}-modern"

    @property
    def transaction(self) -> str:
        """A transactional id whose transaction is open, and of `open` alone."""
        return f"{self.name}-transaction"

    @property
    def open(self) -> str:
        """The topic to which the open transaction has written, one partition."""
        return f"{self.name}-open"

    def new(self, name: str) -> str:
        """The name of something that is not there yet."""
        return f"{self.name}-{name}"


class Unexpected(Exception):
    """A call was answered with something else than what was asked for."""


def check(holds: object, result: object) -> object:
    """Gives back the result of a call if what has to hold of it does. Raises Unexpected."""
    if not holds:
        raise Unexpected(f"this is not what was asked for: {result!r}")
    return result


def survey(
    offers: Iterable[str], calls: Mapping[str, Callable[[], object]], error_of: Callable[[Exception], str | None]
) -> None:
    """Makes the calls, in their order."""
    answers = Answers()
    answers.write({"offers": sorted(offers)})
    for name, call in calls.items():
        try:
            answers.write({"call": name, "ok": repr(call())[:200]})
        except Exception as error:  # noqa: BLE001 (whatever the client raises is the answer, and the test judges it)
            answers.write({"call": name, "error": error_of(error), "message": f"{type(error).__name__}: {error}"[:500]})
