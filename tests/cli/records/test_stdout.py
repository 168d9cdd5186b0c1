"""Bytes on standard output, as long as somebody reads them."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
from cordwood.cli.records.stdout import reader_may_leave, write
import sys
with reader_may_leave():
    for _ in range(1000):
        write(b"x" * 1000)
sys.stderr.write("went on")
"""


def test_bytes_are_written_as_they_are(capfdbinary):
    from cordwood.cli.records.stdout import write

    write(b"\xff\0")
    write(b"")
    assert capfdbinary.readouterr().out == b"\xff\0"


def test_a_reader_that_leaves_is_no_error():
    reading, writing = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert os.read(reading, 1) == b"x"
    os.close(reading)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"went on")
