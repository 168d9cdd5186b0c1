"""CPU and memory read from /proc, of this very process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench import procfs


def test_this_process_uses_cpu_and_memory():
    used = procfs.usage(os.getpid())
    assert used.cpu_s > 0
    assert used.resident_mb > used.anonymous_mb > 1


def test_children_belong_to_the_family():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in procfs.family(os.getpid())
        child.communicate(b"\n")


def test_a_process_that_is_gone_uses_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert procfs.usage(child.pid) == procfs.Usage(0.0, 0.0, 0.0, 0.0)


def test_the_peak_is_at_least_what_was_there():
    with procfs.MemoryPeak(os.getpid()) as watched:
        pass
    assert watched.peak.anonymous_mb > 1


def test_a_thread_that_ends_meanwhile_takes_no_children_away(monkeypatch):
    threads = [Path("/proc/self/task/0"), *Path("/proc/self/task").iterdir()]
    monkeypatch.setattr(Path, "iterdir", lambda path: iter(threads))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in procfs._children(os.getpid())
        child.communicate(b"\n")
