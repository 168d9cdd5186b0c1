"""Threads run what they are given, hand on what it returns or raises, and stop."""

from __future__ import annotations

import threading

import pytest

from cordwood.env.background import Background, Threads


@pytest.fixture
def background():
    """Real threads, closed at the end."""
    threads = Threads(pool_size=2)
    yield threads
    threads.close()


def test_work_is_done_beside_the_caller(background: Background):
    assert background.submit(threading.get_ident).result(5) != threading.get_ident()


def test_the_error_of_work_is_handed_on(background):
    def fail():
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        background.submit(fail).result(5)


def test_no_more_work_at_a_time_than_the_pool_has_threads(background):
    running, released = threading.Semaphore(0), threading.Event()

    def work():
        running.release()
        return released.wait(5)

    futures = [background.submit(work) for _ in range(3)]
    assert running.acquire(timeout=5)
    assert running.acquire(timeout=5)
    assert not running.acquire(blocking=False)
    released.set()
    assert all(future.result(5) for future in futures)


def test_closing_waits_for_work_and_takes_no_more():
    background, released = Threads(pool_size=1), threading.Event()
    future = background.submit(lambda: released.wait(5))
    released.set()
    background.close()
    background.close()
    assert future.done()
    with pytest.raises(RuntimeError):
        background.submit(lambda: None)


def test_a_worker_has_a_thread_of_its_own_with_a_name(background):
    names, go_on = [], threading.Event()

    def work():
        names.append(threading.current_thread().name)
        go_on.wait(5)

    worker = background.start("flusher", work)
    worker.join(0)
    go_on.set()
    worker.join(5)
    assert names == ["cordwood-flusher"]
