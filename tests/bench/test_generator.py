"""The Python face of the load generators, without a server."""

from __future__ import annotations

import sys

import pytest

from bench.generator import BenchError, Mode, Workload, read_outcome

LINE = '{"messages": 3, "failed": 0, "seconds": 1.5, "messages_per_s": 2.0, "mb_per_s": 0.1}'


def python(source):
    return [sys.executable, "-c", source]


def test_a_workload_is_a_command_line():
    words = Workload(mode=Mode.SYNC, topic="t", connections=16, seconds=2.0, overrides=("a=b",)).arguments("host:1")
    assert words[0] == "sync"
    assert words[words.index("--connections") + 1] == "16"
    assert words[-2:] == ["-X", "a=b"]


def test_the_last_line_is_the_outcome():
    outcome = read_outcome(python(f"print('a word before'); print('''{LINE}''')"), timeout_s=20)
    assert (outcome.messages, outcome.seconds, outcome.p50_us) == (3, 1.5, 0.0)


def test_a_failed_client_is_an_error_with_its_last_words():
    with pytest.raises(BenchError, match="broken pipe"):
        read_outcome(python("import sys; sys.exit('broken pipe')"), timeout_s=20)


def test_a_client_that_never_ends_is_an_error():
    with pytest.raises(BenchError, match="no answer"):
        read_outcome(python("import sys; sys.stdin.read() or __import__('signal').pause()"), timeout_s=0.2)
