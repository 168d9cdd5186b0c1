"""The crowd of members follows orders, without a broker: a small program stands for the generator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import places
from bench.crowd import Crowd, Groups
from bench.generator import GROUPS, BenchError, Generator

GENERATOR = f"""#!{sys.executable}
import sys
print("ready", flush=True)
for number, line in enumerate(sys.stdin, 1):
    if line.startswith("leave"):
        sys.exit("the broker closed the connection")
    failed = int(line.startswith("commits"))
    print('{{"messages": 3, "failed": %d, "seconds": 1.5, "messages_per_s": 2.0, "mb_per_s": 0.0, "client_cpu_s": %d}}'
          % (failed, number * number), flush=True)
"""


@pytest.fixture
def members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    program = tmp_path / GROUPS.name
    program.write_text(GENERATOR)
    program.chmod(0o755)
    monkeypatch.setattr(places, "BINARIES", tmp_path)
    monkeypatch.setattr(Generator, "missing", lambda generator: None)
    return Crowd("host:1", Groups("classic", 2, 3, "topic", 12), name="n")


def test_each_order_has_its_outcome_and_its_own_time(members: Crowd) -> None:
    with members:
        assert members.join().client_cpu_s == 1
        assert members.heartbeats(1.0, window=2).client_cpu_s == 3


def test_an_answer_that_no_member_should_get_is_an_error(members: Crowd) -> None:
    with members, pytest.raises(BenchError, match=r"commits 1.0 2: 1 answers"):
        members.commits(1.0, window=2)


def test_the_last_words_of_the_generator_are_the_error(members: Crowd) -> None:
    with members, pytest.raises(BenchError, match="closed the connection"):
        members.leave(10)
