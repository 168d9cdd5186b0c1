"""Reads race with writes in threads, without harm: each read is of one moment."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from itertools import pairwise

from cordwood.model.errors import LogClosed
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog

CONFIG = RaftLogConfig(chunk_max_records=40, cache_max_items=10, unwritten_max_bytes=2000)
ROUNDS = 150


def payload(log_id):
    """Says which entry it is."""
    return b"%d-%d" % log_id


def check(found):
    """Indexes follow each other, terms never go back, and every payload is its entry's own."""
    for (log_id, data), (following, _) in pairwise(found):
        assert following[1] == log_id[1] + 1
        assert following[0] >= log_id[0]
        assert data == payload(log_id)


def in_threads(*works):
    """Runs them at once; raises what the first of them raised."""
    errors = []

    def carry_out(work):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    threads = [threading.Thread(target=carry_out, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_reads_race_with_appends_truncations_purges_and_syncs(tmp_path):
    log = RaftLog.open(str(tmp_path), PLAIN, CONFIG)
    writing = threading.Event()
    writing.set()
    reads = []

    def write():
        next_index = first = 0
        for term in range(1, ROUNDS):
            log.append([((term, index), payload((term, index))) for index in range(next_index, next_index + 12)])
            next_index += 12
            match term % 4:
                case 0:
                    next_index -= 5
                    log.truncate(next_index)
                case 1:
                    log.flush()
                case 2:
                    first = max(first, next_index - 60)
                    log.purge((log.log_id(first)[0], first))
                    log.sync()
                case _:
                    pass
        writing.clear()

    def read():
        count = 0
        while writing.is_set() or not count:
            found = list(log.read(0, 1 << 40))
            check(found)
            count += len(found)
            log.stat()
        reads.append(count)

    in_threads(write, read, read)
    assert all(reads)
    assert log.access_stat().misses > 0
    log.close()
    again = RaftLog.open(str(tmp_path), PLAIN, CONFIG)
    check(list(again.read(0, 1 << 40)))
    again.close()


def test_many_writers_share_syncs(tmp_path):
    log = RaftLog.open(str(tmp_path), PLAIN, CONFIG)
    order = threading.Lock()
    told = []

    def note(done, error):
        told.append(error)
        done.set()

    def write(writer):
        for number in range(20):
            with order:
                last = log.log_state().last
                index = 0 if last is None else last[1] + 1
                log.append([((1, index), payload((1, index)))])
                done = threading.Event()
                end = log.stat().open_chunk.end
                log.flush(callback=partial(note, done))
            if number % 2:
                log.sync()
            else:
                assert done.wait(30)
            assert log.stat().synced >= min(end, log.stat().open_chunk.start)

    in_threads(*(partial(write, writer) for writer in range(8)))
    assert set(told) == {None}
    assert len(list(log.read(0, 1000))) == 160
    assert log.flusher.unexpected is None
    log.close()


def test_callbacks_come_in_the_order_of_the_flushes(tmp_path):
    log = RaftLog.open(str(tmp_path), PLAIN, CONFIG)
    told = []
    done = threading.Event()

    def note(index, error):
        told.append((index, error))

    for index in range(100):
        log.append([((1, index), b"x")])
        log.flush(sync=index % 3 > 0, callback=partial(note, index))
    log.flush(callback=lambda error: done.set())
    assert done.wait(30)
    assert told == [(index, None) for index in range(100)]
    log.close()


def test_closing_races_with_flushes_and_nobody_is_forgotten(tmp_path):
    for number in range(20):
        log = RaftLog.open(str(tmp_path / str(number)), PLAIN, CONFIG)
        log.append([((1, 0), b"x")])
        asked, told = [], []

        def flush(log=log, asked=asked, told=told):
            with suppress(LogClosed):
                for _ in range(200):
                    log.flush(callback=told.append)
                    asked.append(None)

        def wait(log=log):
            with suppress(LogClosed):
                for _ in range(200):
                    log.sync()

        in_threads(flush, wait, log.close)
        assert told == asked
