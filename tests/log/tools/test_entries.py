"""Entries of index files, read in pieces."""

from __future__ import annotations

import pytest

from cordwood.log.tools import entries as module
from cordwood.log.tools.entries import Entry, entries
from tests.log.kit import World
from tests.log.tools.damage import entry


def opened(data):
    world = World()
    world.replace("index", data)
    return world.file("index")


@pytest.mark.parametrize("piece", [1, 2, 4096])
def test_every_entry_with_its_place(monkeypatch, piece):
    monkeypatch.setattr(module, "PIECE_ENTRIES", piece)
    data = b"".join(entry(number, number * 10) for number in range(5))
    found = list(entries(opened(data), len(data)))
    assert found == [Entry(number * 16, number, number * 10) for number in range(5)]


def test_an_incomplete_entry_is_left_out():
    data = entry(1, 2) + entry(3, 4)
    assert list(entries(opened(data[:31]), 31)) == [Entry(0, 1, 2)]
    assert list(entries(opened(data), 31)) == [Entry(0, 1, 2)]


def test_a_file_that_got_shorter_meanwhile():
    assert list(entries(opened(entry(1, 2)), 160)) == [Entry(0, 1, 2)]


def test_an_empty_file():
    assert not list(entries(opened(b""), 0))
