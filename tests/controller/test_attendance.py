"""Who was heard of when, and when somebody last had everything."""

from __future__ import annotations

from cordwood.controller.attendance import NEVER, Attendance
from cordwood.sim.clock import SimClock


def test_times_of_members() -> None:
    clock = SimClock()
    attendance = Attendance(clock)
    assert attendance.last_heard(2) == NEVER
    assert attendance.last_caught_up(2, 5, 5) == NEVER, "nobody has heard of it"
    first = clock.now_ms()
    attendance.heard(2)
    assert attendance.last_heard(2) == first
    assert attendance.last_caught_up(2, 5, 5) == first
    clock.advance(3_000)
    attendance.heard(2)
    assert attendance.last_heard(2) == first + 3_000
    assert attendance.last_caught_up(2, 5, 6) == first, "it was behind when it was heard of last"
    assert attendance.last_caught_up(2, 6, 6) == first + 3_000


def test_who_is_no_member_is_forgotten() -> None:
    attendance = Attendance(SimClock())
    for member in (2, 3):
        attendance.heard(member)
        attendance.last_caught_up(member, 1, 1)
    attendance.keep([1, 3])
    assert attendance.last_heard(2) == attendance.last_caught_up(2, 0, 1) == NEVER
    assert attendance.last_heard(3) != NEVER
