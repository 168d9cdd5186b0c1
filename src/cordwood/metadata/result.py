"""What a decision comes to: the records to write and the answer to give.

Lives here: that pair. Must not live here: anything else. A decide function takes the image and a wish, and returns a
Result; it changes nothing. Its records take effect when they were written and replayed, all or none.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from cordwood.metadata.records import Record

T_co = TypeVar("T_co", covariant=True)


class Result(msgspec.Struct, Generic[T_co], frozen=True):
    """The records to write, in one batch, and the answer once they are written."""

    records: tuple[Record, ...]
    reply: T_co
