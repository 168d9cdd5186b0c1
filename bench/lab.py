"""The laboratory: which servers stand side by side, how long each run lasts, and how one run is taken.

Every measure gets a `Lab` and leaves its rows in `lab.results`. A server that fails is reported, and the others go on.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from bench import probe
from bench.generator import BenchError, Mode, Outcome, Workload
from bench.results import Results, Row, Setting, Values, medians
from bench.subjects.base import Subject

SYNCED_POLICIES = ("interval", "commit")
GB = 1e9

Contender = tuple[type[Subject], str]
"""A server and the policy it runs under."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How thorough a run is."""

    quick: bool
    rounds: int
    seconds: float
    warm_up_seconds: float


QUICK = Profile(quick=True, rounds=1, seconds=1.5, warm_up_seconds=2.0)
FULL = Profile(quick=False, rounds=3, seconds=4.0, warm_up_seconds=6.0)


def _busy_cpu_seconds() -> float:
    """CPU time that all of the machine has spent, stolen time included, idle and waiting time not."""
    with open("/proc/stat") as stat:
        user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Lab:
    """One run of the benchmark."""

    profile: Profile
    subjects: Sequence[Contender]
    """The servers that can run here, each with one policy."""

    directory: Path
    results: Results
    progress: Progress
    console: Console
    _task: TaskID | None = None

    def policies(self) -> list[str]:
        """The policies asked for, in the order in which they promise more."""
        asked = {policy for _, policy in self.subjects}
        return [policy for policy in ("os", "interval", "commit") if policy in asked]

    def fresh(self, kind: type[Subject], policy: str) -> Subject:
        """A server that was not started yet, with an empty directory of its own."""
        directory = self.directory / f"{kind.name}-{policy}"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return kind(policy, directory)

    def under(self, policy: str) -> list[Contender]:
        """The servers that were asked for under this policy."""
        return [(kind, its_policy) for kind, its_policy in self.subjects if its_policy == policy]

    def once(self) -> list[Contender]:
        """Every server once, under the first policy that was asked for it: for what the policy does not touch."""
        return list({kind: (kind, policy) for kind, policy in reversed(self.subjects)}.values())[::-1]

    @contextmanager
    def running(
        self, contenders: Sequence[Contender], settings: Mapping[str, str] | None = None
    ) -> Iterator[list[Subject]]:
        """Starts the servers side by side, with these settings beside the policy, and takes all of them away at the end."""
        with ExitStack() as stack:
            up: list[Subject] = []
            for kind, policy in contenders:
                subject = self.fresh(kind, policy)
                subject.settings.update(settings or {})
                stack.callback(subject.remove)
                self.say(f"starting {subject.label}")
                try:
                    subject.start()
                    up.append(subject)
                except BenchError as error:
                    self.failed("start", subject.label, error)
            yield up

    def warmed_up(self, subjects: Sequence[Subject], mode: Mode) -> list[Subject]:
        """Gives each server some work that is not counted: a JVM compiles what it runs often. Returns those that did it."""
        warm = []
        for subject in self.with_topic(subjects, "warm-up", 1):
            self.say(f"warming up {subject.label}: {mode}")
            with self.tolerating("warm-up", subject.label):
                subject.load(Workload(mode=mode, topic="warm-up", seconds=self.profile.warm_up_seconds))
                subject.delete_topic("warm-up")
                warm.append(subject)
        return warm

    def with_topic(self, subjects: Sequence[Subject], topic: str, partitions: int) -> list[Subject]:
        """Makes the topic on each server and returns those that have it now."""
        able = []
        for subject in subjects:
            with self.tolerating(topic, subject.label):
                subject.create_topic(topic, partitions)
                able.append(subject)
        return able

    def rounds(
        self,
        measure: str,
        subjects: Sequence[Subject],
        setting: Setting,
        take: Callable[[Subject], Values],
        *,
        rounds: int | None = None,
    ) -> None:
        """Takes one sample of each server in turn (A B A B ...) and records the medians."""
        samples: dict[Subject, list[Values]] = defaultdict(list)
        words = " ".join(f"{key}={value}" for key, value in setting.items())
        for turn in range(rounds or self.profile.rounds):
            for subject in subjects:
                self.say(f"{measure}: {subject.label} {words}, round {turn + 1}")
                with self.tolerating(measure, f"{subject.label} {words}"):
                    samples[subject].append(take(subject))
        for subject, taken in samples.items():
            self.results.rows.append(Row(measure, subject.name, subject.policy, setting, medians(taken), len(taken)))

    def load(self, workload: Workload, subject: Subject) -> dict[str, float]:
        """One run of a server's own generator, as values."""
        return self.observe(subject, lambda: subject.load(workload))

    def observe(self, subject: Subject, run: Callable[[], Outcome]) -> dict[str, float]:
        """One run of a client: its figures, the server's CPU, and what else the machine was busy with."""
        values: dict[str, float] = {}
        os.sync()  # What earlier runs left to be written back is not this run's burden.
        if subject.policy in SYNCED_POLICIES:
            values["fdatasync_per_s"] = probe.fdatasyncs_per_s(subject.directory)
        began, server_before, busy_before = time.monotonic(), subject.usage().cpu_s, _busy_cpu_seconds()
        outcome = run()
        server_cpu_s = subject.usage().cpu_s - server_before
        others_cpu_s = _busy_cpu_seconds() - busy_before - server_cpu_s - outcome.client_cpu_s
        available_cpu_s = (time.monotonic() - began) * (os.cpu_count() or 1)
        gigabytes = outcome.mb_per_s * outcome.seconds * 1e6 / GB
        values |= {
            "messages_per_s": outcome.messages_per_s,
            "mb_per_s": outcome.mb_per_s,
            "seconds": outcome.seconds,
            "server_cpu_s": server_cpu_s,
            "client_cpu_s": outcome.client_cpu_s,
            "others_cpu_percent": max(0.0, others_cpu_s / available_cpu_s * 100),
        }
        if gigabytes:
            values["cpu_s_per_gb"] = server_cpu_s / gigabytes
        if outcome.p50_us:
            values |= {"p50_us": outcome.p50_us, "p99_us": outcome.p99_us, "p999_us": outcome.p999_us}
        return values

    @contextmanager
    def tolerating(self, measure: str, what: str) -> Iterator[None]:
        """Turns a failure outside into a line of the report."""
        try:
            yield
        except BenchError as error:
            self.failed(measure, what, error)

    def failed(self, measure: str, what: str, error: Exception) -> None:
        """Notes what could not be measured."""
        line = f"{measure}: {what}: {error}"
        self.results.failures.append(line)
        self.console.print(f"[red]failed[/red] {line}")

    def say(self, what: str) -> None:
        """Shows what is going on now."""
        if self._task is None:
            self._task = self.progress.add_task(what, total=None)
        self.progress.update(self._task, description=what)
        if not self.console.is_terminal:
            self.console.print(what, style="dim", highlight=False)
