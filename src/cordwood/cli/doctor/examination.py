"""A whole examination: the bootstrap servers, then every address that they tell of, side by side.

Lives here: which addresses are dialed, in how many threads, and when that ends. Must not live here: dialing one
(dialing.py), judging it (findings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.doctor.dialing import Manner, dial
from cordwood.cli.doctor.evidence import Dialing, Evidence, Outcome, Told, Visit
from cordwood.node.addresses import HostPort

THREADS: Final = 32
"""So many addresses are dialed at a time."""

Errand = tuple[HostPort, int | None]
"""An address, and the broker that it belongs to, if any."""


def examine(
    bootstrap: Sequence[HostPort],
    manner: Manner,
    deadline: Deadline,
    told_otherwise: Callable[[], Told | None] = lambda: None,
) -> Evidence:
    """Dials everything there is. `told_otherwise` asks about the cluster where strangers are told nothing."""
    first = _dial_all([(place, None) for place in bootstrap], manner, deadline)
    source = next((dialing for dialing in first if dialing.told is not None), None)
    told = source.told if source is not None else None
    if told is None and any(dialing.outcome is Outcome.ANSWERED for dialing in first):
        told = told_otherwise()
        source = next(dialing for dialing in first if dialing.outcome is Outcome.ANSWERED)
    if told is None:
        return Evidence(first)
    dialed = _dial_all([(broker.place, broker.node_id) for broker in told.brokers], manner, deadline)
    visits = tuple(Visit(broker, dialing) for broker, dialing in zip(told.brokers, dialed, strict=True))
    return Evidence(first, told, source, visits)


def _dial_all(errands: Sequence[Errand], manner: Manner, deadline: Deadline) -> tuple[Dialing, ...]:
    """Dials side by side, in threads that are left alone when the time is over: a resolver cannot be stopped."""
    waiting: SimpleQueue[int] = SimpleQueue()
    done: SimpleQueue[tuple[int, Dialing | Exception]] = SimpleQueue()
    for number in range(len(errands)):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            place, expected = errands[number]
            try:
                done.put((number, dial(place, manner, deadline, expected)))
            except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits raises it again
                done.put((number, error))

    for _ in range(min(THREADS, len(errands))):
        Thread(target=work, daemon=True, name="cordwood-doctor").start()
    found = [Dialing(place, Outcome.TIMED_OUT, "there was no time left") for place, _ in errands]
    for _ in errands:
        try:
            number, dialing = done.get(timeout=deadline.left_s)
        except Empty:
            break
        if isinstance(dialing, Exception):
            raise dialing
        found[number] = dialing
    return tuple(found)
