"""Files of input."""

from __future__ import annotations

import io
import os

import pytest

from cordwood.cli.records.input.files import Patient, opened, total_bytes


def test_the_size_of_files_together(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"12345")
    assert total_bytes([str(tmp_path / "a"), str(tmp_path / "b")]) == 10


def test_nobody_knows_how_much_a_pipe_will_bring(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    keeper = os.open(path, os.O_RDWR)
    try:
        assert total_bytes([str(path)]) is None
    finally:
        os.close(keeper)


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError):
        total_bytes(["/nowhere/at/all"])


def test_a_file_is_closed_and_standard_input_is_not(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    with opened(str(tmp_path / "a")) as file:
        assert file.read() == b"1"
    assert file.closed


def test_something_else_is_done_while_nothing_comes():
    reading, writing = os.pipe()
    waits = []

    def idle():
        waits.append(1)
        if len(waits) == 2:
            os.write(writing, b"came")

    with os.fdopen(reading, "rb") as file:
        assert Patient(file, idle).read1(100) == b"came"
        os.close(writing)
        assert Patient(file, idle).read1(100) == b""
    assert len(waits) == 2


def test_waiting_ends_by_what_is_raised():
    reading, writing = os.pipe()

    def idle():
        raise KeyError

    with os.fdopen(reading, "rb") as file, pytest.raises(KeyError):
        Patient(file, idle).read1(100)
    os.close(writing)


def test_what_is_in_memory_is_read_at_once():
    assert Patient(io.BytesIO(b"abc"), pytest.fail).read1(2) == b"ab"
