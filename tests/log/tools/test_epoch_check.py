"""Leader epochs: of the batches among themselves, and against `leader-epochs`."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cordwood.log.epochs import EpochCache
from cordwood.log.tools.epoch_check import EpochCheck
from cordwood.log.tools.findings import Findings
from cordwood.records.batch import parse_header
from tests.log.kit import batch


def checked(epochs, cache=None, *, start=0, trusted=1000):
    """Batches of 2 records with these epochs."""
    findings = Findings()
    check = EpochCheck(findings, cache and EpochCache(cache), "/leader-epochs", start, trusted)
    for number, epoch in enumerate(epochs):
        header = replace(parse_header(batch(2)), base_offset=2 * number, leader_epoch=epoch)
        check.batch("/store", 0, number, header)
    check.end()
    return [(finding.code.value, finding.position, finding.right) for finding in findings.all()], check


def test_epochs_that_grow():
    assert checked([0, 0, 1, 1, 5])[0] == []
    assert checked([])[0] == []


def test_batches_without_an_epoch_say_nothing():
    assert checked([-1, -1, 0, -1, 0, -1])[0] == []


@pytest.mark.parametrize("wrong", [5, 1, 1 << 30, -(1 << 31), -2])
def test_one_odd_batch_is_wrong(wrong):
    assert checked([2, 2, wrong, 2, 2])[0] == [("epoch", 2, 2)]


@pytest.mark.parametrize("wrong", [1, 5])
def test_one_odd_batch_where_the_epoch_changes(wrong):
    assert checked([2, 2, wrong, 3, 3])[0] == [("epoch", 2, 2)]
    assert checked([2, 2, wrong, 3, 3], ((2, 0), (3, 4)))[0] == [("epoch", 2, 3)]


def test_the_last_batch_goes_back():
    assert checked([2, 2, 1])[0] == [("epoch", 2, 2)]


def test_the_first_batch_is_ahead():
    assert checked([7, 2, 2])[0] == [("epoch", 0, 2)]
    assert checked([7, 2, 2], ((2, 0),))[0] == [("epoch", 0, 2)]


def test_many_batches_go_back():
    assert checked([2, 2, 1, 1])[0] == [("epoch", 2, None)]


CACHE = ((0, 0), (3, 4), (4, 8))


def test_the_file_agrees():
    assert checked([0, 0, 3, 3, 4], CACHE)[0] == []
    assert checked([0, -1, 3, -1, 4], CACHE)[0] == []


def test_the_file_knows_the_right_epoch_of_one_batch():
    assert checked([0, 0, 3, 3, 9], CACHE)[0] == [("epoch", 4, 4)]
    assert checked([0, 1, 3, 3, 4], CACHE)[0] == [("epoch", 1, 0)]


def test_a_file_of_another_log_is_told_once():
    found, _ = checked([1, 1, 3, 3, 5, 5], CACHE)
    assert found == [("leader-epochs-differ", None, None)]


def test_a_file_that_knows_no_epoch_is_not_right():
    assert checked([0, 0, 3], ((3, 4),))[0] == [("leader-epochs-differ", None, None)]
    assert checked([0, 3, 3], ((3, 2),))[0] == [("leader-epochs-differ", None, None)]


def test_the_file_has_no_say_behind_the_recovery_point():
    assert checked([0, 0, 3, 3, 4, 5], ((0, 0), (3, 4)), trusted=8)[0] == []


def test_the_file_has_no_say_before_the_start():
    assert checked([0, 0, 3, 3, 4], ((3, 5), (4, 8)), start=5)[0] == []


def test_a_missing_file_is_missed_only_where_there_are_epochs():
    assert checked([0, 0])[1].has_epochs
    assert not checked([-1, -1])[1].has_epochs
    assert not checked([0, 0], trusted=0)[1].has_epochs
