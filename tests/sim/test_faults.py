"""The plan of faults, by itself."""

from __future__ import annotations

import errno

import pytest

from cordwood.sim.faults import Crashed, Fault, Faults, Operation, Step


def test_operations_are_counted_but_for_those_that_change_nothing():
    faults = Faults()
    for operation in (Operation.CREATE, Operation.READ, Operation.OPEN, Operation.WRITE):
        assert faults.begin(operation, "a") is None
    assert faults.operations == 2


def test_the_machine_stops_before_an_operation_and_for_good():
    faults = Faults()
    faults.crash_at(1)
    faults.begin(Operation.CREATE, "a")
    with pytest.raises(Crashed, match="operation 1: write a"):
        faults.begin(Operation.WRITE, "a")
    for operation in (Operation.READ, Operation.WRITE):
        with pytest.raises(Crashed, match="use what crash"):
            faults.begin(operation, "a")
    with pytest.raises(Crashed):
        faults.check()


def test_the_machine_stops_in_the_middle_of_a_write():
    faults = Faults()
    faults.crash_at(0, in_the_middle=True)
    faults.begin(Operation.WRITE, "a")
    with pytest.raises(Crashed, match=r"operation 0 \(half done\): write a"):
        faults.halfway("a")


def test_no_ordinary_handler_catches_a_crash():
    assert not issubclass(Crashed, Exception)


def test_a_watch_sees_every_step():
    faults = Faults()
    steps: list[Step] = []
    faults.watch = steps.append
    faults.begin(Operation.WRITE, "a")
    faults.halfway("a")
    faults.begin(Operation.READ, "a")
    faults.begin(Operation.UNLINK, "b")
    assert steps == [
        Step(0, Operation.WRITE, "a"),
        Step(0, Operation.WRITE, "a", in_the_middle=True),
        Step(1, Operation.UNLINK, "b"),
    ]


def test_a_fault_hits_the_calls_that_were_chosen():
    faults = Faults()
    faults.fail(Fault(Operation.WRITE, errno.ENOSPC, skip=1, times=2, suffix=".log"))
    outcomes = [faults.begin(Operation.WRITE, path) for path in ("1.log", "2.idx", "3.log", "4.idx", "5.log", "6.log")]
    assert [error.errno if error else 0 for error in outcomes] == [0, 0, errno.ENOSPC, 0, errno.ENOSPC, 0]
    assert faults.begin(Operation.DATASYNC, "1.log") is None


def test_the_nth_operation_of_any_kind_can_fail():
    faults = Faults()
    faults.fail(Fault(None, skip=2))
    operations = (
        Operation.CREATE,
        Operation.READ,
        Operation.WRITE,
        Operation.OPEN,
        Operation.DATASYNC,
        Operation.UNLINK,
    )
    assert [faults.begin(operation, "a") is not None for operation in operations] == [False] * 4 + [True, False]
