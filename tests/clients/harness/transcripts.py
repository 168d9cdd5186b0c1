"""Every client writes in transactions, every client reads what every client wrote: done once, looked at by many tests.

Two producers of a client write to one topic at a time, in turns that a seed chooses, so that their records interleave,
and end their transactions one way or the other. At last a record of no transaction closes each partition: a reader that
has it has seen everything before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.clients.harness.clients import Client
from tests.clients.harness.life import SEED
from tests.clients.harness.transactor import Lists, Transactor, Written, lists, read, write

PARTITIONS = 3
STEPS = 60
LARGEST_SEND = 20
# As many clients at the same time as keep two cores busy while some of them wait.
AT_ONCE = 3
ISOLATIONS = ("read_committed", "read_uncommitted")
LAST = "the last one"


@dataclass
class Transcript:
    """What the two producers of a client were told of their records."""

    committed: list[Written] = field(default_factory=list)
    aborted: list[Written] = field(default_factory=list)

    def visible(self, isolation: str) -> list[Written]:
        return self.committed if isolation == "read_committed" else self.committed + self.aborted


class Turns:
    """One of the two producers, and what is open of it."""

    def __init__(self, transactor: Transactor, topic: str, name: str, dice: random.Random) -> None:
        self._transactor = transactor
        self._topic = topic
        self._name = name
        self._dice = dice
        self._is_open = False
        self._sent: list[Written] = []
        self._count = 0

    def turn(self, transcript: Transcript) -> None:
        """One step."""
        if not self._is_open:
            self._transactor.begin()
            self._is_open = True
            return
        chance = self._dice.random()
        if chance < 0.6:
            self._send()
        else:
            self.end(transcript, commit=chance < 0.8)

    def end(self, transcript: Transcript, *, commit: bool) -> None:
        """Commit or abort what is open; it may be a transaction without records."""
        if not self._is_open:
            return
        if commit:
            self._transactor.commit()
            transcript.committed += self._sent
        else:
            self._transactor.abort()
            transcript.aborted += self._sent
        self._is_open = False
        self._sent = []

    def _send(self) -> None:
        records = []
        for _ in range(self._dice.randrange(1, LARGEST_SEND)):
            records.append((self._dice.randrange(PARTITIONS), f"{self._name} {self._count}"))
            self._count += 1
        self._sent += self._transactor.send(self._topic, records)


def play(client: Client, bootstrap: str, topic: str) -> Transcript:
    """Lets two producers of a client write."""
    dice = random.Random(f"{SEED} {client.name}")
    transcript = Transcript()
    with Transactor(client, bootstrap) as one, Transactor(client, bootstrap) as two:
        players = []
        for name, transactor in (("one", one), ("two", two)):
            transactor.init(f"{topic}.{name}")
            players.append(Turns(transactor, topic, f"{client.name} {name}", dice))
        for _ in range(STEPS):
            dice.choice(players).turn(transcript)
        for player in players:
            player.end(transcript, commit=True)
    transcript.committed += write(bootstrap, topic, ((n, LAST) for n in range(PARTITIONS)))
    return transcript


class Transcripts:
    """What each client wrote and read."""

    def __init__(
        self,
        bootstrap: str,
        writers: Sequence[Client],
        readers: Sequence[Client],
        create: Callable[[str, int], object],
    ) -> None:
        self._bootstrap = bootstrap
        for writer in writers:
            create(topic_of(writer), PARTITIONS)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._written = {one.name: pool.submit(play, one, bootstrap, topic_of(one)) for one in writers}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._read: dict[tuple[str, str], Future[Lists]] = {
                (reader.name, isolation): pool.submit(self._read_all, reader, isolation)
                for reader in readers
                for isolation in ISOLATIONS
            }

    def written(self, writer: Client) -> Transcript:
        """What a client was told. Raises Refused, DriverFailed."""
        return self._written[writer.name].result()

    def expected(self, writer: Client, isolation: str) -> Lists:
        """What has to be there of a client."""
        return lists(topic_of(writer), self.written(writer).visible(isolation))

    def found(self, reader: Client, writer: Client, isolation: str) -> Lists:
        """What a client has read of another. Raises DriverFailed."""
        together = self._read[reader.name, isolation]
        expected = self.expected(writer, isolation)
        if together.exception() is not None:
            # Something cannot be read by this reader: show whether it is the work of this writer.
            return read(reader, self._bootstrap, expected, isolation)
        return {place: records for place, records in together.result().items() if place in expected}

    def _read_all(self, reader: Client, isolation: str) -> Lists:
        expected: Lists = {}
        for name, done in self._written.items():
            if done.exception() is None:
                expected |= lists(f"transacted.{name}", done.result().visible(isolation))
        return read(reader, self._bootstrap, expected, isolation)


def topic_of(writer: Client) -> str:
    return f"transacted.{writer.name}"
