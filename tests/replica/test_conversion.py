"""Appends that take work keep their order, are told once, and are bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from cordwood.log.log import Appended
from cordwood.model.errors import InvalidRecords
from cordwood.records.batch import Codec, check_batch
from cordwood.records.builder import build_batch
from cordwood.records.conform import Demands
from cordwood.records.record import Record
from cordwood.replica.conversion import QUEUE_LIMIT_BYTES, SMALL_BATCH_BYTES, Conversions
from cordwood.replica.verifications import Admitted, Verification


class HandBackground:
    """Work that is done when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, work))
        return future

    def start(self, name: str, work: Callable[[], None]) -> Any:
        raise AssertionError("no worker is wanted")

    def close(self) -> None:
        raise AssertionError("not closed here")

    def do(self, index: int) -> None:
        future, work = self.waiting.pop(index)
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - the future carries it, as an executor's would.
            future.set_exception(error)


class Log:
    """Takes batches as they come."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []
        self.codecs: list[Codec] = []
        self.admitted: list[Admitted | None] = []

    def append(self, batch: memoryview, admitted: Admitted | None) -> Appended:
        header = check_batch(batch)
        batch[0] = batch[0]  # It must be writable.
        self.codecs.append(header.codec)
        self.admitted.append(admitted)
        base = len(self.values)
        self.values.append(bytes(batch[-5:]))
        return Appended(base, base + 1)


def batch_of(tail: int, size: int = SMALL_BATCH_BYTES + 1, key: bytes | None = None) -> memoryview:
    value = bytes([tail]) * size
    return memoryview(bytearray(build_batch([Record(0, 1, key, value)])))


def conversions() -> tuple[Conversions, HandBackground, Log]:
    background, log = HandBackground(), Log()
    return Conversions(log.append, background, lambda call, *args: call(*args)), background, log


ZSTD = Demands(codec=Codec.ZSTD)


def test_small_batches_are_done_at_once() -> None:
    made, background, log = conversions()
    done = made.at_once(batch_of(1, size=100), ZSTD)
    assert done is not None
    assert (done.base_offset, log.codecs, background.waiting) == (0, [Codec.ZSTD], [])


def test_large_ones_keep_their_order_whatever_is_ready_first() -> None:
    made, background, log = conversions()
    told: list[Any] = []
    for number in range(3):
        assert made.at_once(batch_of(number), ZSTD) is None
        made.later(batch_of(number), ZSTD, told.append)
    assert made.at_once(batch_of(9, size=100), ZSTD) is None, "a small one waits its turn too"
    background.do(2)
    background.do(1)
    assert told == []
    background.do(0)
    assert [one.base_offset for one in told] == [0, 1, 2]
    assert log.codecs == [Codec.ZSTD] * 3
    assert len(made) == 0


def test_what_opens_a_transaction_is_still_known_for_that_when_it_is_appended() -> None:
    made, background, log = conversions()
    admitted = Admitted(Verification(7, 0, 0), 0)
    made.at_once(batch_of(1, size=100), ZSTD, admitted)
    made.later(batch_of(2), ZSTD, lambda _: None, admitted)
    background.do(0)
    assert log.admitted == [admitted, admitted]


def test_a_refused_batch_is_told_and_the_next_goes_on() -> None:
    made, background, _ = conversions()
    told: list[Any] = []
    keyed = Demands(keyed=True)
    made.later(batch_of(1), keyed, told.append)
    made.later(batch_of(2, key=b"k"), keyed, told.append)
    background.do(0)
    background.do(0)
    assert isinstance(told[0], InvalidRecords)
    assert told[1].base_offset == 0


def test_the_view_may_be_used_again_at_once() -> None:
    made, background, log = conversions()
    batch = batch_of(7)
    made.later(batch, Demands(codec=Codec.NONE), lambda _: None)
    batch[:] = bytes(len(batch))
    background.do(0)
    assert log.values == [b"\x07" * 4 + b"\x00"]


def test_what_waits_is_bounded() -> None:
    made, background, _ = conversions()
    size = QUEUE_LIMIT_BYTES // 2
    told: list[Any] = []
    for number in range(2):
        made.later(batch_of(number, size=size - 1000), ZSTD, told.append)
    helper = threading.Timer(0.01, lambda: background.do(0))
    helper.start()
    made.later(batch_of(2, size=size - 1000), ZSTD, told.append)
    helper.join()
    assert len(told) >= 1, "the oldest was waited for"
    assert len(made) == 2
    for _ in range(2):
        background.do(0)
    assert [one.base_offset for one in told] == [0, 1, 2]


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_every_codec(codec: Codec) -> None:
    made, _, log = conversions()
    made.at_once(batch_of(1, size=100), Demands(codec=codec))
    assert log.codecs == [codec]
