"""Many logs opened side by side: in order of what was found, each with its own end, by so many threads for a directory."""

from __future__ import annotations

import threading

import pytest

from cordwood.env.background import Threads
from cordwood.log.opening import Found, Opening
from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.ids import TopicPartition
from cordwood.sim.background import SimBackground
from tests.log.kit import OS

PATIENCE_SECONDS = 30


def found(count, directories=("/one",)):
    """So many logs in each of the directories."""
    return [
        Found(TopicPartition("t", number), f"{directory}/t-{number}", OS)
        for directory in directories
        for number in range(count)
    ]


class Opener:
    """Stands for the opening of a log; the log is its path."""

    def __init__(self, errors=None):
        self.errors = errors or {}
        self.opened = []

    def __call__(self, path, config):
        assert config is OS
        self.opened.append(path)
        if path in self.errors:
            raise self.errors[path]
        return path


@pytest.fixture
def threads():
    background = Threads()
    yield background
    background.close()


def test_nothing_to_open():
    assert Opening([], Opener()).run(SimBackground(), 2) == []


@pytest.mark.parametrize("threads_per_directory", [1, 3, 100])
@pytest.mark.parametrize("directories", [("/one",), ("/one", "/two")])
def test_without_threads_all_is_done_in_order(threads_per_directory, directories):
    wanted, opener, progress = found(5, directories), Opener(), []
    opening = Opening(wanted, opener, lambda done, total: progress.append((done, total)))
    paths = [one.path for one in wanted]
    assert opening.run(SimBackground(), threads_per_directory) == paths
    assert opener.opened == paths
    assert progress == [(done, len(paths)) for done in range(1, len(paths) + 1)]


@pytest.mark.parametrize("background", [SimBackground(), Threads()])
def test_a_log_that_fails_keeps_no_other_from_being_opened(background):
    errors = {
        "/one/t-1": CorruptLog("/one/t-1", 3, "rubbish"),
        "/one/t-3": StorageFailed("/one/t-3", "open", OSError(5)),
    }
    outcomes = Opening(found(5), Opener(errors)).run(background, 2)
    assert outcomes == ["/one/t-0", errors["/one/t-1"], "/one/t-2", errors["/one/t-3"], "/one/t-4"]


def test_what_nobody_expects_ends_the_opening(threads):
    broken = ZeroDivisionError()
    for background in (SimBackground(), threads):
        opener = Opener({"/one/t-2": broken})
        with pytest.raises(ZeroDivisionError) as caught:
            Opening(found(1000), opener).run(background, 2)
        assert caught.value is broken
    opener = Opener({"/one/t-2": broken})
    with pytest.raises(ZeroDivisionError):
        Opening(found(1000), opener).run(SimBackground(), 2)
    assert opener.opened == ["/one/t-0", "/one/t-1", "/one/t-2"]


def test_so_many_are_opened_side_by_side_in_each_directory(threads):
    meeting = threading.Barrier(4)

    def meet(path, config):
        meeting.wait(PATIENCE_SECONDS)  # Four at once, two of each directory; fewer would wait in vain.
        return path

    wanted = found(2, ("/one", "/two"))
    assert Opening(wanted, meet).run(threads, 2) == [one.path for one in wanted]


def test_never_more_at_once_than_allowed(threads):
    running, most, lock = set(), [], threading.Lock()

    def count(path, config):
        with lock:
            running.add(path)
            most.append(len(running))
        with lock:
            running.discard(path)
        return path

    Opening(found(200), count).run(threads, 3)
    assert len(most) == 200
    assert max(most) <= 3


def test_progress_is_told_by_one_thread_at_a_time(threads):
    progress = []
    Opening(found(300), Opener(), lambda done, total: progress.append((done, total))).run(threads, 4)
    assert progress == [(done, 300) for done in range(1, 301)]
