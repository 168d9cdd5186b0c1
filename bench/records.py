"""What it costs to check, build and read record batches: `python bench/records.py`.

Prints the best of several rounds, and millions a second where records are counted. Everything runs in one thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from timeit import Timer
from typing import Final, NamedTuple

from cordwood.records.batch import Codec, check_batch, check_stored_batch, find_batch, parse_header, stamp
from cordwood.records.builder import build_batch, build_one, build_values
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record, decode_records, encode_records
from cordwood.records.varint import VARINT

ROUNDS: Final = 9
RECORDS: Final = 1000
NOW_MS: Final = 1_700_000_000_000


class TupleRecord(NamedTuple):
    """A record as a named tuple, beside the msgspec struct that `Record` is."""

    offset: int
    timestamp_ms: int
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def seconds(call: Callable[[], object]) -> float:
    """The best time of one call among several rounds."""
    timer = Timer(call)
    calls = max(timer.autorange()[0] // 10, 1)
    return min(timer.repeat(ROUNDS, calls)) / calls


def one(title: str, call: Callable[[], object]) -> None:
    """Prints the cost of one call."""
    print(f"  {title:44} {seconds(call) * 1e9:9.0f} ns")


def many(title: str, call: Callable[[], object], records: int = RECORDS) -> None:
    """Prints the records a second of one call for many."""
    cost = seconds(call)
    print(f"  {title:44} {cost / records * 1e9:9.0f} ns a record {records / cost / 1e6:9.2f} M/s")


def values() -> None:
    """What the choice of msgspec structs and of remembered varints goes by."""
    print("values")
    one("Record (msgspec struct)", lambda: Record(1, 2, None, b"", ()))
    one("the same as a NamedTuple", lambda: TupleRecord(1, 2, None, b"", ()))
    one("VARINT[5000]", lambda: VARINT[5000])
    numbers = count(1 << 20)
    one("VARINT of a number that is not remembered", lambda: VARINT[next(numbers)])


def checks() -> None:
    """What a broker does for each batch."""
    print("a batch")
    small = memoryview(bytearray(build_one(bytes(100), None, (), NOW_MS, 0, -1)))
    large = memoryview(bytearray(build_values([bytes(100)] * 1000, NOW_MS, 0, -1)))
    one("parse_header", lambda: parse_header(small))
    one("check_batch, 1 record of 100 B", lambda: check_batch(small))
    one(f"check_batch, 1000 records, {len(large)} B", lambda: check_batch(large))
    one("check_stored_batch, 1 record", lambda: check_stored_batch(small))
    one("stamp", lambda: stamp(small, 0, 0, -1))
    rubbish = os.urandom(8 << 20)
    print(
        f"  {'find_batch in random bytes':44} {len(rubbish) / seconds(lambda: find_batch(rubbish, 0)) / 1e6:9.0f} MB/s"
    )


def builders(equal: Sequence[bytes], mixed: Sequence[bytes]) -> None:
    """What an embedded log does for each append."""
    print("builders")
    one("build_one, 100 B", lambda: build_one(equal[0], None, (), NOW_MS, 7, 0))
    one("build_one, 100 B with key", lambda: build_one(equal[0], b"key", (), NOW_MS, 7, 0))
    one("build_one, 100 B with key and header", lambda: build_one(equal[0], b"key", (("h", b"1"),), NOW_MS, 7, 0))
    many("build_values, 1000 x 100 B", lambda: build_values(equal, NOW_MS, 7, 0))
    many("build_values, 1000 x 50-149 B", lambda: build_values(mixed, NOW_MS, 7, 0))
    many("build_batch, 1000 x 100 B", lambda: build_batch([Record(0, NOW_MS, None, value) for value in equal]))


def codec_of_records(title: str, records: list[Record]) -> None:
    """Both directions for one kind of records."""
    payload = encode_records(records, NOW_MS)
    header = parse_header(build_batch(records))
    many(f"encode {title}", lambda: encode_records(records, NOW_MS))
    many(f"decode {title}", lambda: decode_records(header, payload))


def main() -> None:
    """Prints everything."""
    equal = [os.urandom(100) for _ in range(RECORDS)]
    mixed = [os.urandom(50 + n % 100) for n in range(RECORDS)]
    values()
    checks()
    builders(equal, mixed)
    print("records, 1000 in a batch")
    codec_of_records("100 B", [Record(n, NOW_MS + n % 7, None, value) for n, value in enumerate(equal)])
    codec_of_records("50-149 B", [Record(n, NOW_MS + n % 7, None, value) for n, value in enumerate(mixed)])
    keyed = [Record(n, NOW_MS + n % 7, b"key-%d" % n, value) for n, value in enumerate(mixed)]
    codec_of_records("50-149 B with key", keyed)
    codec_of_records("50-149 B with key and header", [Record(*_fields(record), (("h", b"1"),)) for record in keyed])
    text = [
        Record(n, NOW_MS, None, b'{"user": %d, "page": "/index", "millis": %d}' % (n, n * 7)) for n in range(RECORDS)
    ]
    for codec in Codec:
        batch = build_batch(text, codec=codec)
        many(f"decode_batch, {codec.name.lower()}, {len(batch)} B", partial(decode_batch, batch))


def _fields(record: Record) -> tuple[int, int, bytes | None, bytes | None]:
    return record.offset, record.timestamp_ms, record.key, record.value


if __name__ == "__main__":
    main()
