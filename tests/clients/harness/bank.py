"""A bank: accounts are partitions, transfers are transactions that append to two of them, to the journal and the ledger.

A clerk is a producer of its own, in a process of its own that may be killed at any moment. It holds the locks of both
accounts, and at last of the ledger, until it knows that its transaction is over: at most one transaction at a time appends
to each of these, so that wherever a reader in read_committed may cut them, transfers are in them whole. To the journal
all append as they come.

Lives here: transfers, clerks, and what became of each transfer. Must not live here: kills; the test does them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count

from cordwood.sim.checkers.list_append.history import Append, Fate, History, Read, Transaction
from tests.clients.harness.clients import Client
from tests.clients.harness.session import DriverFailed
from tests.clients.harness.teller import Teller
from tests.clients.harness.transactor import Refused, Transactor

TOPIC = "bank"
ACCOUNTS = 10
JOURNAL = ACCOUNTS
LEDGER = ACCOUNTS + 1
PARTITIONS = ACCOUNTS + 2
LARGEST_AMOUNT = 100
MOST_PARTS = 4
ABORTED_OF_TEN = 2
LAST = "last"
REVIVED_WITHIN_S = 60.0
# Who takes longer is taken for dead: kafka-python 3.0.12, should the broker die at the wrong moment, has its records ready
# and sends none of them for ever.
STEP_WITHIN_S = 15.0
SHOWN_STDERR = 2_000
ENDED_WITHIN_S = 90.0


def key_of(partition: int) -> str:
    return {JOURNAL: "journal", LEDGER: "ledger"}.get(partition, f"account {partition}")


def amount_of(value: str) -> int:
    """What a record adds to an account; the last one of a partition adds nothing."""
    return 0 if value == LAST else int(value.split()[1])


def number_of(value: str) -> int:
    """Which append a record is."""
    return int(value.split(maxsplit=1)[0])


class Bank:
    """The accounts, and the book of all transfers."""

    def __init__(self, bootstrap: str, seed: int) -> None:
        self.bootstrap = bootstrap
        self.seed = seed
        self.teller = Teller(bootstrap, TOPIC, PARTITIONS, check_ledger)
        self.locks = {partition: threading.Lock() for partition in range(PARTITIONS) if partition != JOURNAL}
        self.numbers = count(1)
        self._changed = threading.Condition()
        self._transfers: list[Transaction] = []
        self._complaints: list[str] = []

    def enter(self, transfer: Transaction) -> None:
        """A transfer is over."""
        with self._changed:
            self._transfers.append(transfer)
            self._changed.notify_all()

    def complain(self, complaint: str) -> None:
        """Something that must not happen did; whoever waits hears of it."""
        with self._changed:
            self._complaints.append(complaint)
            self._changed.notify_all()

    def wait_transfers(self, more: int, within_s: float) -> None:
        """Wait until so many more transfers are over."""
        with self._changed:
            goal = len(self._transfers) + more
            self._changed.wait_for(lambda: len(self._transfers) >= goal or bool(self._complaints), within_s)
            assert not self._complaints, "\n".join(self._complaints)
            assert len(self._transfers) >= goal, f"{len(self._transfers)} transfers after {within_s} s, not {goal}"

    def transfers(self) -> list[Transaction]:
        with self._changed:
            assert not self._complaints, "\n".join(self._complaints)
            return list(self._transfers)

    def history(self, final: Sequence[Sequence[str]]) -> History:
        """All that happened, and how the partitions are in the end."""
        lists = {
            key_of(partition): tuple(number_of(value) for value in values if value != LAST)
            for partition, values in enumerate(final)
        }
        return History(tuple(self.transfers()), lists, frozenset({key_of(JOURNAL)}))


def check_ledger(partition: int, values: tuple[str, ...]) -> None:
    """Wherever the ledger may be cut, each transfer is in it with what it takes and what it gives."""
    if partition == LEDGER:
        total = sum(map(amount_of, values))
        assert total == 0, f"the total has changed by {total} after {len(values)} records of the ledger"


class Clerk:
    """One producer that transfers as long as the bank is open, and comes back under its name when it is killed."""

    def __init__(self, bank: Bank, client: Client, name: str) -> None:
        self.client = client
        self.name = name
        self.kills = 0
        self._bank = bank
        self._dice = random.Random(f"{bank.seed} {name}")
        self._closing = False
        self._transactor = Transactor(client, bank.bootstrap, STEP_WITHIN_S)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """Its process is gone; whatever it was doing stays as it is."""
        self.kills += 1
        self._transactor.abandon()

    def close(self) -> None:
        """No transfer begins any more."""
        self._closing = True

    def report(self) -> str:
        """What it is at, for a failure."""
        return f"{self.name}: {self._transactor.doing}\n{self._transactor.stderr()[-SHOWN_STDERR:]}"

    def wait_closed(self) -> None:
        self._thread.join(ENDED_WITHIN_S)
        assert not self._thread.is_alive(), f"does not come to an end: {self.report()}"

    def end(self) -> None:
        self._closing = True
        self._transactor.kill()

    def _run(self) -> None:
        try:
            self._revive(killed=False)
            while not self._closing:
                self._transfer()
        except Exception as error:  # noqa: BLE001 (a thread of its own: the test is told, whatever it is)
            if not self._closing:
                self._bank.complain(f"{error!r}\n{self.report()}")

    def _transfer(self) -> None:
        source, target = self._dice.sample(range(ACCOUNTS), 2)
        first, second = sorted((source, target))
        with ExitStack() as locks:
            for account in (first, second):
                locks.enter_context(self._bank.locks[account])
            transfer = _Transfer(self._bank, self._transactor, self._dice, source, target)
            try:
                transfer.begin()
                locks.enter_context(self._bank.locks[LEDGER])
                transfer.end()
            except (Refused, DriverFailed):
                # Before the locks are given back nothing of it may be open any more.
                self._revive(killed=True)
            self._bank.enter(transfer.entry(f"{self.name} {next(self._bank.numbers)}"))

    def _revive(self, *, killed: bool) -> None:
        """A new process for the old name, which ends what that has left open."""
        deadline = time.monotonic() + REVIVED_WITHIN_S
        while True:
            if killed:
                self._transactor.kill()
                self._transactor = Transactor(self.client, self._bank.bootstrap, STEP_WITHIN_S)
            try:
                self._transactor.init(self.name)
            except (Refused, DriverFailed):
                if time.monotonic() > deadline:
                    raise
                killed = True
            else:
                return


class _Transfer:
    """One transfer, and what is known of it at any moment."""

    def __init__(self, bank: Bank, transactor: Transactor, dice: random.Random, source: int, target: int) -> None:
        self._bank = bank
        self._transactor = transactor
        self._dice = dice
        self._places = (source, target)
        self._appends: list[Append] = []
        self._reads: list[Read] = []
        self._moved: list[int] = []
        self._fate = Fate.ABORTED

    def begin(self) -> None:
        """Writes to the accounts and the journal, in one request or more. Raises Refused, DriverFailed."""
        source, target = self._places
        records = []
        for _ in range(self._dice.randrange(1, MOST_PARTS)):
            amount = self._dice.randrange(1, LARGEST_AMOUNT)
            records += [(source, -amount), (JOURNAL, -amount), (target, amount), (JOURNAL, amount)]
        self._transactor.begin()
        self._look(source)
        at = self._dice.randrange(len(records))
        for part in (records[:at], records[at:]):
            if part:
                self._send(part)
        self._moved = [amount for partition, amount in records if partition == JOURNAL]

    def end(self) -> None:
        """Writes to the ledger, and commits or aborts. Raises Refused, DriverFailed."""
        self._send([(LEDGER, amount) for amount in self._moved])
        self._look(self._places[1])
        if self._dice.randrange(10) < ABORTED_OF_TEN:
            self._transactor.abort()
            return
        self._fate = Fate.UNKNOWN
        self._transactor.commit()
        self._fate = Fate.COMMITTED

    def entry(self, name: str) -> Transaction:
        return Transaction(name, self._fate, tuple(self._appends), tuple(self._reads))

    def _look(self, account: int) -> None:
        """What can be seen of an account now, before this transaction has committed."""
        values = self._bank.teller.whole(account)
        self._reads.append(Read(key_of(account), tuple(map(number_of, values))))

    def _send(self, records: list[tuple[int, int]]) -> None:
        numbered = [(partition, amount, next(self._bank.numbers)) for partition, amount in records]
        self._appends += [Append(key_of(partition), number) for partition, _, number in numbered]
        self._transactor.send(TOPIC, [(partition, f"{number} {amount}") for partition, amount, number in numbered])
