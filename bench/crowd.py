"""The Python face of `groups_load`: thousands of members of consumer groups that do what they are told, phase after phase.

with Crowd(address, Groups("classic", 1000, 3, "topic", 12), name="run") as crowd:
    crowd.join()                      -> Outcome: how long until every group was stable
    crowd.heartbeats(2.0, window=64)  -> Outcome: how many, and how long each took
"""

from __future__ import annotations

import json
import selectors
import subprocess
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from bench.generator import GROUPS, BenchError, Outcome

INTERVAL_MS: Final = 500
"""Between the heartbeats of a member, unless told otherwise: how soon it learns of a rebalance."""

ANSWER_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Groups:
    """Which members there are."""

    protocol: str
    groups: int
    members: int
    topic: str
    partitions: int


class Crowd:
    """The generator, with a connection of each member, while the context lasts."""

    def __init__(self, address: str, groups: Groups, *, name: str) -> None:
        """Every group's name begins with `name`."""
        if reason := GROUPS.missing():
            raise BenchError(reason)
        self._command = [str(GROUPS.binary), "--broker", address, "--topic", groups.topic, "--name", name]
        self._command += ["--partitions", str(groups.partitions), "--groups", str(groups.groups)]
        self._command += ["--members", str(groups.members), "--protocol", groups.protocol]
        self._command += ["--interval-ms", str(INTERVAL_MS)]
        self._cpu_s = 0.0
        self._answers = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # It is piped.
        self._answers.register(self._process.stdout, selectors.EVENT_READ)
        self._line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answers.close()
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None  # It is piped.
        ready = self._answers.select(ANSWER_S)
        line = self._process.stdout.readline() if ready else ""
        if line:
            return line
        self._process.kill()
        said = self._process.communicate()[1].strip().splitlines() or ["no answer from groups_load"]
        raise BenchError(said[-1])

    def _order(self, words: str) -> Outcome:
        assert self._process.stdin is not None  # It is piped.
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        outcome = Outcome(**json.loads(self._line()))
        if outcome.failed:
            raise BenchError(f"{words}: {outcome.failed} answers that no member should get")
        before, self._cpu_s = self._cpu_s, outcome.client_cpu_s
        return replace(outcome, client_cpu_s=outcome.client_cpu_s - before)

    def join(self) -> Outcome:
        """Everybody who is out joins; ends when every group is stable."""
        return self._order("join")

    def leave(self, every: int) -> Outcome:
        """One member of so many leaves; ends when the groups of the others are stable."""
        return self._order(f"leave {every}")

    def heartbeats(self, seconds: float, *, window: int) -> Outcome:
        """Heartbeats of everybody in turn, so many under way at a time."""
        return self._order(f"heartbeats {seconds} {window}")

    def commits(self, seconds: float, *, window: int) -> Outcome:
        """Commits of one partition by everybody in turn, so many under way at a time."""
        return self._order(f"commits {seconds} {window}")
