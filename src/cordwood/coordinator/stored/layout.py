"""How a kind of record is kept: one key, a value while it is there, and no value once it is gone.

Lives here: that shape. Must not live here: any kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cordwood.model.decision import Record
from cordwood.wire.schema import Format


class Layout(NamedTuple):
    """A kind of record, between the words of the groups and those of Kafka's formats.

    `stores` and `removes` are the records; the functions turn a record into a key or a value with its version, and back.
    """

    stores: type[Record]
    removes: type[Record]
    key: type[Format]
    key_of: Callable[[Any], Format]
    value_of: Callable[[Any], tuple[Format, int]]
    stored: Callable[[Any, Any], Record]
    removed: Callable[[Any], Record]
